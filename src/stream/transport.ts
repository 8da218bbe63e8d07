import { Agent as PlainAgent } from 'node:http';
import { createRequire } from 'node:module';
import { Agent as TlsAgent } from 'node:https';
import type { Request } from './request.ts';

/** An answer as it came over the wire, good or bad; header names are lower case. */
export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The answer came unencrypted although Stream was asked with TLS: a proxy on the way refused to pass it on. */
  readonly proxied: boolean;
}

/** No answer came, or only a part of one. It is made of the two fields of the HTTP client's error that say why. */
export class NoAnswer extends Error {
  readonly code: string | undefined;
  readonly syscall: string | undefined;

  constructor(code: string | undefined, syscall: string | undefined) {
    super('no answer');
    this.code = code;
    this.syscall = syscall;
  }
}

/** What sends requests to one origin and knows nothing of what they mean. */
export interface Transport {
  /** Resolves with every answer whatever its status, and rejects with NoAnswer when there was none. */
  send(request: Request): Promise<Received>;
  /** The secret, and the token that requests carry with its parts, to keep them out of messages. */
  readonly secrets: readonly string[];
  close(): void;
}

/** The credentials of one app, and where it answers. */
export interface TransportOptions {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly origin: string;
  readonly loopback: boolean;
  readonly timeoutMs: number;
}

/**
 * A stream-chat client used as nothing but a signing HTTP client. Its interceptors turn every answer into a value and
 * every error into a bare one before the client sees them: its own errors hold the token, and it trips over half answers.
 */
export function openTransport(options: TransportOptions): Transport {
  // Loaded when it is needed, and with require: importing so large a CommonJS file costs nearly twice the time.
  const { StreamChat } = createRequire(import.meta.url)('stream-chat') as typeof import('stream-chat');
  // Certificates are checked whatever the environment says.
  const agents = {
    http: new PlainAgent({ keepAlive: true }),
    https: new TlsAgent({ keepAlive: true, rejectUnauthorized: true }),
  };
  const client = new StreamChat(options.apiKey, options.apiSecret, {
    baseURL: options.origin,
    timeout: options.timeoutMs,
    disableCache: true,
    browser: false,
    httpAgent: agents.http,
    httpsAgent: agents.https,
    maxRedirects: 0,
    headers: { 'Content-Type': 'application/json' },
    transformRequest: (text: unknown) => text,
    responseType: 'text',
    transformResponse: (text: unknown) => text,
    validateStatus: () => true,
    ...(options.loopback ? { proxy: false as const } : {}),
  });
  // Two environment variables make the client prefer another host to the one it was given.
  client.setBaseURL(options.origin);
  if (client.baseURL !== options.origin)
    throw new Error('the client does not talk to the configured base URL');

  const { interceptors } = client.axiosInstance;
  interceptors.request.use((config) => {
    if (!(config.url ?? '').startsWith(`${options.origin}/`))
      throw new Error('a request would leave the configured base URL');
    return config;
  });
  interceptors.response.use((response) => {
    const received: Received = {
      status: response.status,
      headers: textHeaders(response.headers),
      text: typeof response.data === 'string' ? response.data : '',
      proxied: options.origin.startsWith('https:') && !overTls(response.request),
    };
    return { ...response, status: 200, data: received };
  }, rejectBare);

  return {
    send: ({ method, path, body }) => {
      const url = options.origin + path;
      switch (method) {
        case 'GET':
          return client.get<Received>(url);
        case 'POST':
          return client.post<Received>(url, body);
        case 'PUT':
          return client.put<Received>(url, body);
        case 'PATCH':
          return client.patch<Received>(url, body);
        case 'DELETE':
          return client.delete<Received>(url);
      }
    },
    secrets: [options.apiSecret, ...withParts(client.tokenManager.getToken() ?? '')],
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** The signature makes a token of what everybody knows. */
function withParts(token: string): readonly string[] {
  return [token, ...token.split('.')];
}

/** Several addresses of one host fail together, as one error that holds the others. */
function rejectBare(error: unknown): never {
  if (field(error, 'isAxiosError') !== true) throw error;
  const cause = field(error, 'cause');
  const errors = [error, cause, firstOf(field(error, 'errors')), firstOf(field(cause, 'errors'))];
  const syscall = errors.map((one) => textField(one, 'syscall')).find((name) => name !== undefined);
  throw new NoAnswer(textField(error, 'code'), syscall);
}

/** The HTTP client hands on what a proxy answers to CONNECT as if the server had said it. */
function overTls(request: unknown): boolean {
  return field(field(request, 'socket'), 'encrypted') === true;
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

function textField(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === 'string' ? found : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textHeaders(headers: object): Readonly<Record<string, string>> {
  const texts = Object.entries(headers).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts.map(([name, value]) => [name.toLowerCase(), value]));
}
