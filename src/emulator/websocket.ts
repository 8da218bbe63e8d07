import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { authenticate } from './auth.ts';
import { connectingUser, meAnswer, visitorOf } from './connecting-user.ts';
import { StreamError, errorBody, inputError, unauthenticated } from './errors.ts';
import { putUser } from './indexes.ts';
import { type JsonObject, isObject } from './json.ts';
import type { Connection } from './live.ts';
import { refuseForeign } from './origins.ts';
import { firstVersionPath } from './paths.ts';
import type { ServerParts } from './server.ts';
import type { User } from './state.ts';
import { type Micros, timeText } from './time.ts';
import { userAnswer } from './user-answers.ts';
import { checkUniqueName } from './user-data.ts';
import { beginConnection, endConnection } from './watching.ts';

/** What connections need of the running emulator: all that requests need but their routes. */
export type ConnectParts = Omit<ServerParts, 'routes'>;

/** The open connections of a server. */
export interface WebSockets {
  /** Ends them all; clients take it for a server that went away, and try again. */
  close(): Promise<void>;
}

const operation = 'Connect';
const largestFrame = 64 * 1024;
const goodbyeMs = 200;

/** The code with which the real service ends a connection for good. */
const refusedCode = 1000;
const goingAwayCode = 1001;

/** Serves `GET /connect` on a server that answers everything else itself. */
export function serveWebSockets(server: Server, parts: ConnectParts): WebSockets {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: largestFrame,
    perMessageDeflate: false,
    clientTracking: true,
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      serveWithoutUpgrade(server, request, socket, head);
      return;
    }
    const refused = refusedUpgrade(request);
    if (refused !== undefined) {
      refuseUpgrade(socket, refused);
      return;
    }
    const fault = parts.faults.next(operation);
    if (fault?.kind.startsWith('reset-') === true) {
      socket.destroy();
      return;
    }
    const waitMs = parts.latencyMs + (fault?.kind === 'delay' ? (fault.delayMs ?? 1000) : 0);
    const limited = fault?.kind === 'rate-limit' || !parts.limiter.take('web', operation).allowed;
    const broken =
      fault?.kind === 'status'
        ? new StreamError(fault.status ?? 500, fault.code ?? -1, fault.message ?? 'internal error')
        : limited
          ? new StreamError(429, 9, 'Too many requests')
          : undefined;
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      // Whatever goes wrong on the line ends in a close event.
      webSocket.on('error', () => {});
      if (waitMs === 0) begin(webSocket, request, parts, broken);
      else setTimeout(() => begin(webSocket, request, parts, broken), waitMs);
    });
  });
  return {
    async close() {
      const open = [...sockets.clients];
      const closed = open.map((one) => new Promise((resolve) => one.once('close', resolve)));
      for (const one of open) one.close(goingAwayCode, 'the emulator is closing');
      const timer = setTimeout(() => open.forEach((one) => one.terminate()), goodbyeMs);
      await Promise.all(closed);
      clearTimeout(timer);
      sockets.close();
    },
  };
}

/** The status line with which a request that is no connection of ours is turned away. */
function refusedUpgrade(request: IncomingMessage): string | undefined {
  if (refuseForeign(request) !== undefined) return '403 Forbidden';
  return pathOf(request) === '/connect' ? undefined : '404 Not Found';
}

/**
 * Some HTTP clients offer to go on with HTTP/2 on every request, which a server may ignore. Once it listens for
 * upgrades Node leaves such requests to the listener, so they are given back as if they had not offered anything.
 */
function serveWithoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/1.1`];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    if (!/^(connection|upgrade|http2-settings)$/i.test(name)) {
      lines.push(`${name}: ${request.rawHeaders[index + 1] ?? ''}`);
    }
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function pathOf(request: IncomingMessage): string {
  return firstVersionPath((request.url ?? '/').split('?', 1)[0] ?? '/').replace(/\/$/, '');
}

function begin(
  webSocket: WebSocket,
  request: IncomingMessage,
  parts: ConnectParts,
  broken: StreamError | undefined,
): void {
  const url = request.url ?? '/';
  const query = Object.fromEntries(new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : ''));
  // Whoever did not wait for a slow answer gets none.
  if (webSocket.readyState !== webSocket.OPEN) return;
  let status = 101;
  try {
    if (broken !== undefined) throw broken;
    connect(webSocket, query, parts);
  } catch (error) {
    const refused =
      error instanceof StreamError ? error : new StreamError(500, -1, `emulator: ${String(error)}`);
    status = refused.status;
    send(webSocket, {
      type: 'connection.error',
      created_at: timeText(parts.nextTime()),
      connection_id: '',
      error: errorBody(refused, operation, '') as JsonObject,
    });
    webSocket.close(refusedCode, refused.message.slice(0, 100));
  }
  const { authorization: _token, ...shown } = query;
  parts.record({ method: 'GET', path: '/connect', operation, query: shown, body: null, status });
}

function connect(webSocket: WebSocket, query: Readonly<Record<string, string>>, parts: ConnectParts): void {
  const { state } = parts;
  const { user, anonymous } = connected(query, parts);
  const connection: Connection = {
    id: randomUUID(),
    userId: user.id,
    ...(anonymous ? { visitor: userAnswer(user, true) } : {}),
    visible: !anonymous && !user.invisible,
    watched: new Set(),
    presence: new Set(),
    send: (text) => webSocket.send(text, () => {}),
    close: () => webSocket.close(refusedCode, 'the user was deactivated or deleted'),
  };
  beginConnection(state, connection, parts.nextTime());
  webSocket.on('close', () => endConnection(state, connection, parts.nextTime()));
  webSocket.on('message', (data, binary) => {
    if (!binary && isPing(data as Buffer)) send(webSocket, healthCheck(connection.id, parts.nextTime()));
  });
  send(webSocket, { ...healthCheck(connection.id, parts.nextTime()), me: meAnswer(state, user) });
}

function connected(
  query: Readonly<Record<string, string>>,
  parts: ConnectParts,
): { readonly user: User; readonly anonymous: boolean } {
  const { state } = parts;
  const caller = authenticate({
    apiKey: parts.apiKey,
    apiSecret: parts.apiSecret,
    givenKey: query['api_key'],
    authType: query['stream-auth-type'],
    token: query['authorization'],
    now: state.clock.now(),
    unchecked: state.app.settings['disable_auth_checks'] === true,
  });
  const payload = readPayload(query['json']);
  const details = isObject(payload['user_details']) ? payload['user_details'] : {};
  const time = parts.nextTime();
  if (caller.kind === 'anonymous') {
    return { user: visitorOf(`!anon-${randomUUID()}`, time), anonymous: true };
  }
  if (caller.kind === 'server') throw unauthenticated(5, 'a server token cannot open a connection');
  const named = payload['user_id'] ?? details['id'];
  if (named !== caller.id || (details['id'] ?? named) !== caller.id) {
    throw unauthenticated(5, 'the token belongs to another user');
  }
  const user = connectingUser(state, caller.id, details, time);
  checkUniqueName(state, user);
  putUser(state, user);
  parts.changed();
  return { user, anonymous: false };
}

function readPayload(text: string | undefined): JsonObject {
  try {
    const payload: unknown = JSON.parse(text ?? '');
    if (isObject(payload)) return payload;
  } catch {
    // Refused below, like any payload that is no object.
  }
  throw inputError('json is not a valid JSON object');
}

function healthCheck(connection_id: string, time: Micros): JsonObject {
  return { type: 'health.check', connection_id, cid: '*', created_at: timeText(time) };
}

/** Clients send a list with one health check; a single object is as good. */
function isPing(data: Buffer): boolean {
  try {
    const sent: unknown = JSON.parse(data.toString());
    const first: unknown = Array.isArray(sent) ? sent[0] : sent;
    return isObject(first) && first['type'] === 'health.check';
  } catch {
    return false;
  }
}

function send(webSocket: WebSocket, event: JsonObject): void {
  webSocket.send(JSON.stringify(event), () => {});
}
