import type { ServerResponse } from 'node:http';
import { StreamError } from './errors.ts';
import type { Fault } from './faults.ts';
import { type Headers, type Reply, errorReply, send } from './replies.ts';

/** True when the client gets no complete answer. */
export function isLost(fault: Fault | undefined): boolean {
  return fault !== undefined && /^(reset|timeout)-|^truncate$/.test(fault.kind);
}

/** The answer of a fault that replaces the work; undefined for faults that let it happen. */
export function faultReply(
  fault: Fault,
  operation: string,
  headers: Headers,
  now: number,
): Reply | undefined {
  const limited = {
    ...headers,
    'X-RateLimit-Remaining': 0,
    'X-RateLimit-Reset': Math.ceil((now + (fault.resetAfterMs ?? 1000)) / 1000),
  };
  switch (fault.kind) {
    case 'status':
      return errorReply(
        new StreamError(fault.status ?? 500, fault.code ?? -1, fault.message ?? 'internal error'),
        operation,
        headers,
      );
    case 'rate-limit':
      return errorReply(new StreamError(429, 9, fault.message ?? 'Too many requests'), operation, limited);
    case 'not-json-429':
      return {
        status: 429,
        body: fault.message ?? 'Too Many Requests',
        type: 'text/plain',
        headers: limited,
      };
    case 'html':
      return {
        status: fault.status ?? 502,
        body: fault.message ?? '<html><body><h1>502 Bad Gateway</h1></body></html>',
        type: 'text/html',
        headers: {},
      };
    case 'reset-before':
    case 'timeout-before':
      return { status: 0, body: '', type: 'text/plain', headers: {} };
    case 'reset-after':
    case 'timeout-after':
    case 'truncate':
    case 'delay':
    case 'stale':
      return undefined;
  }
}

/** Sends the answer as far as the fault lets it through. */
export function deliver(
  response: ServerResponse,
  reply: Reply,
  cors: Headers,
  fault: Fault | undefined,
): void {
  if (fault?.kind === 'reset-before' || fault?.kind === 'reset-after') {
    response.socket?.resetAndDestroy();
  } else if (fault?.kind === 'truncate') {
    const bytes = Buffer.from(reply.body);
    response.writeHead(reply.status, { 'Content-Type': reply.type, 'Content-Length': bytes.length, ...cors });
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
  } else if (fault?.kind !== 'timeout-before' && fault?.kind !== 'timeout-after') {
    send(response, reply, cors);
  }
}
