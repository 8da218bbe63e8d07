import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  connect,
  type Connection,
  type ConnectOptions,
  type RequestEvent,
} from '../../src/stream/connect.ts';
import type { Clock } from '../../src/stream/clock.ts';
import { StreamFailure } from '../../src/model/stream.ts';

export const apiKey = 'key-of-the-tests';
export const apiSecret = 'canary-secret-7f3a9c';

/** What a server connection sends as its token: it never expires, so it is worth as much as the secret. */
export const token = serverToken(apiSecret);

export interface StandIn {
  readonly url: string;
  /** Method and path with its query, in order of arrival. */
  readonly requests: readonly string[];
  readonly bodies: readonly string[];
}

type Answerer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server in Stream's place that gives the odd answers which a real app gives too rarely to wait for. */
export async function standIn(answer: Answerer): Promise<StandIn> {
  const requests: string[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const count = requests.length;
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(body);
      answer(request, response, count);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, bodies };
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string | number> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Stream's error body. */
export function refusal(code: number, status: number, message: string): object {
  return {
    code,
    message,
    StatusCode: status,
    duration: '0.00ms',
    more_info: 'https://getstream.io',
    details: [],
  };
}

/** A clock that is always later by what was waited for, and yields so that the network gets its turn. */
export function quickClock(start = 1_700_000_000_000): Clock & { readonly slept: readonly number[] } {
  let now = start;
  const slept: number[] = [];
  return {
    now: () => now,
    slept,
    sleep: async (milliseconds, signal) => {
      if (signal?.aborted === true) return;
      slept.push(milliseconds);
      now += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export async function connectTo(
  url: string,
  more: Partial<ConnectOptions> = {},
): Promise<Connection & { readonly events: readonly RequestEvent[] }> {
  const events: RequestEvent[] = [];
  const connection = await connect({
    apiKey,
    apiSecret,
    baseUrl: url,
    clock: quickClock(),
    random: () => 0.5,
    onRequest: (event) => events.push(event),
    ...more,
  });
  onTestFinished(() => connection.close());
  return { ...connection, events };
}

/** The failure that this request ends with. */
export async function failureOf(request: Promise<unknown>): Promise<StreamFailure> {
  const error: unknown = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof StreamFailure) return error;
  throw new Error('expected a StreamFailure', { cause: error });
}

function serverToken(secret: string): string {
  const encoded = [{ alg: 'HS256', typ: 'JWT' }, { server: true }].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const signed = encoded.join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
