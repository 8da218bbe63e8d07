import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import createRouter from 'find-my-way';
import { authenticate } from './auth.ts';
import { StreamError, inputError, notAllowed, tooBig } from './errors.ts';
import { deliver, faultReply, isLost } from './fault-replies.ts';
import type { Fault, FaultPlan } from './faults.ts';
import { type JsonObject, isObject } from './json.ts';
import { corsHeaders, refuseForeign } from './origins.ts';
import type { LastReads } from './last-reads.ts';
import { firstVersionPath } from './paths.ts';
import type { Allowance, RateLimiter } from './rate-limits.ts';
import { type Reply, errorReply, jsonReply, send } from './replies.ts';
import type { Route } from './router.ts';
import type { State } from './state.ts';
import type { Micros } from './time.ts';
import { refuseGone } from './user-data.ts';

/** One request as it arrived and how it was answered; the token is never part of it. */
export interface RecordedRequest {
  readonly method: string;
  /** The v1 path, decoded as sent. */
  readonly path: string;
  /** Stream's operation name, or an empty text for an unknown route. */
  readonly operation: string;
  readonly query: Record<string, string>;
  readonly body: unknown;
  /** The HTTP status the client saw; 0 when it got no complete answer. */
  readonly status: number;
  /** The fault that it met, if any. */
  readonly fault?: Fault['kind'];
}

/** One of the two moments of a request at which it can be watched. */
export interface RequestMoment {
  /** Stream's operation name, or an empty text for an unknown route. */
  readonly operation: string;
  /** `before`: it arrived and did nothing yet; `after`: its work is done and its answer has not left. */
  readonly moment: 'after' | 'before';
}

/** What the server needs to answer requests. */
export interface ServerParts {
  readonly state: State;
  readonly routes: readonly Route[];
  readonly limiter: RateLimiter;
  readonly faults: FaultPlan;
  readonly lastReads: LastReads;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly latencyMs: number;
  /** A later instant at every call. */
  readonly nextTime: () => Micros;
  readonly record: (request: RecordedRequest) => void;
  /** Called after every successful write. */
  readonly changed: () => void;
  readonly observe: (moment: RequestMoment) => void | Promise<void>;
}

/** A listening server. */
export interface RunningServer {
  readonly url: string;
  readonly server: Server;
  /** Ends every connection, also those that wait for an answer. */
  close(): Promise<void>;
}

interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

const largestBody = 5 * 1024 * 1024;
const largestHeaders = 64 * 1024;
/** Longer than any agent keeps an idle connection, so that a reused one is never closed under a request. */
const idleMs = 75_000;
const requestMs = 30_000;

/** Serves the routes on a loopback address. */
export async function listen(parts: ServerParts, port: number): Promise<RunningServer> {
  const find = routeFinder(parts.routes);
  const server = createServer(
    {
      maxHeaderSize: largestHeaders,
      keepAliveTimeout: idleMs,
      headersTimeout: requestMs,
      requestTimeout: requestMs,
    },
    (request, response) => {
      respond(request, response, parts, find).catch(() => response.destroy());
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Find = (
  method: string,
  path: string,
) => { route: Route; parameters: Record<string, string> } | undefined;

function routeFinder(routes: readonly Route[]): Find {
  const router = createRouter({ maxParamLength: 1000, ignoreTrailingSlash: true });
  for (const route of routes) router.on(route.method, route.path, () => {}, route);
  return (method, path) => {
    const known = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].find((one) => one === method);
    const found = known === undefined ? null : router.find(known as Route['method'], path);
    if (found === null) return undefined;
    const parameters: Record<string, string> = {};
    for (const [name, value] of Object.entries(found.params)) parameters[name] = value ?? '';
    return { route: found.store as Route, parameters };
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  parts: ServerParts,
  find: Find,
): Promise<void> {
  const refusal = refuseForeign(request);
  const cors = corsHeaders(request.headers.origin);
  if (refusal !== undefined) return send(response, refusal, cors);
  if (request.method === 'OPTIONS') {
    response.writeHead(204, { ...cors, 'Access-Control-Max-Age': 600 }).end();
    return undefined;
  }
  const text = await readBody(request);
  const incoming = parse(request, text ?? '');
  const fault = { met: undefined as Fault | undefined };
  const reply =
    text === undefined
      ? errorReply(tooBig(`request body is larger than ${largestBody} bytes`), '', {})
      : await answer(incoming, parts, find, fault);
  const waitMs = parts.latencyMs + (fault.met?.kind === 'delay' ? (fault.met.delayMs ?? 1000) : 0);
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  return deliver(response, reply, cors, fault.met);
}

/** The body's text, or undefined when it is too large; the rest of a large one is read and forgotten. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= largestBody) chunks.push(chunk);
  }
  return size > largestBody ? undefined : Buffer.concat(chunks).toString('utf8');
}

function parse(request: IncomingMessage, text: string): Incoming {
  const [path = '/', search = ''] = splitOnce(request.url ?? '/');
  return {
    method: request.method ?? 'GET',
    path: firstVersionPath(path),
    query: Object.fromEntries(new URLSearchParams(search)),
    headers: request.headers,
    text,
  };
}

function splitOnce(url: string): readonly string[] {
  const at = url.indexOf('?');
  return at === -1 ? [url] : [url.slice(0, at), url.slice(at + 1)];
}

async function answer(
  incoming: Incoming,
  parts: ServerParts,
  find: Find,
  fault: { met: Fault | undefined },
): Promise<Reply> {
  const found = find(incoming.method, incoming.path);
  const operation = found?.route.operation ?? '';
  await parts.observe({ operation, moment: 'before' });
  const started = performance.now();
  const body = readJson(incoming.text);
  let headers: Record<string, string | number> = {};
  let reply: Reply;
  try {
    if (found === undefined) throw new StreamError(404, 16, 'endpoint not found', { prefixed: false });
    const caller = authenticate({
      apiKey: parts.apiKey,
      apiSecret: parts.apiSecret,
      givenKey: incoming.query['api_key'],
      authType: incoming.headers['stream-auth-type']?.toString(),
      token: incoming.headers.authorization,
      now: parts.state.clock.now(),
      unchecked: parts.state.app.settings['disable_auth_checks'] === true,
    });
    const platform =
      caller.kind === 'server' ? 'server' : platformOf(incoming.headers['x-stream-client']?.toString());
    const allowance = parts.limiter.take(platform, operation);
    headers = limitHeaders(allowance);
    fault.met = parts.faults.next(operation);
    const reads = incoming.method === 'GET' || found.route.reads === true;
    const question = `${incoming.method} ${incoming.path} ${JSON.stringify(incoming.query)} ${incoming.text}`;
    const broken =
      fault.met === undefined
        ? undefined
        : fault.met.kind === 'stale' && reads
          ? parts.lastReads.answerTo(question, caller)
          : faultReply(fault.met, operation, headers, parts.state.clock.now());
    if (broken !== undefined) reply = broken;
    else {
      if (!allowance.allowed) throw new StreamError(429, 9, 'Too many requests');
      if (found.route.access === 'server' && caller.kind !== 'server') {
        throw notAllowed('this endpoint can only be called server side');
      }
      if (caller.kind === 'user') refuseGone(parts.state.users.get(caller.id));
      if (body === undefined) throw inputError('request body is not valid JSON');
      const answered = found.route.answer({
        operation,
        parameters: found.parameters,
        query: incoming.query,
        body: isObject(body) ? body : {},
        caller,
        state: parts.state,
        time: parts.nextTime(),
      });
      const status = incoming.method === 'POST' || incoming.method === 'PUT' ? 201 : 200;
      reply = jsonReply(status, { ...answered, duration: durationSince(started) }, headers);
      if (reads) parts.lastReads.remember(question, caller, reply);
      else parts.changed();
    }
  } catch (error) {
    // A mistake in the emulator looks like one of the service, with its cause in the text.
    const refused =
      error instanceof StreamError ? error : new StreamError(500, -1, `emulator: ${String(error)}`);
    reply = errorReply(refused, operation, headers);
  }
  parts.record({
    method: incoming.method,
    path: incoming.path,
    operation,
    query: { ...incoming.query },
    body: body ?? incoming.text,
    status: isLost(fault.met) ? 0 : reply.status,
    ...(fault.met === undefined ? {} : { fault: fault.met.kind }),
  });
  await parts.observe({ operation, moment: 'after' });
  return reply;
}

/** Null for no body, undefined for a body that is no JSON. */
function readJson(text: string): JsonObject | null | undefined {
  if (text === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : value === null ? null : undefined;
  } catch {
    return undefined;
  }
}

function platformOf(client: string | undefined): string {
  return ['android', 'ios'].find((name) => client?.includes(name)) ?? 'web';
}

function limitHeaders(allowance: Allowance): Record<string, string | number> {
  return {
    'X-RateLimit-Limit': allowance.limit,
    'X-RateLimit-Remaining': allowance.remaining,
    'X-RateLimit-Reset': allowance.reset,
  };
}

function durationSince(started: number): string {
  return `${(performance.now() - started).toFixed(2)}ms`;
}
