import type { IncomingMessage } from 'node:http';
import { StreamError } from './errors.ts';
import { type Reply, errorReply } from './replies.ts';

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const allowedHeaders = 'authorization, stream-auth-type, x-stream-client, x-client-request-id, content-type';
const exposedHeaders = 'X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After';

/** A web page elsewhere must not reach the emulator through the browser of its user, whatever name it resolves. */
export function refuseForeign(request: IncomingMessage): Reply | undefined {
  if (!loopback.test(request.headers.host ?? '')) {
    return errorReply(
      new StreamError(403, 17, 'the Host header must name a loopback address', { prefixed: false }),
      '',
      {},
    );
  }
  const origin = request.headers.origin;
  if (origin !== undefined && !isLoopbackOrigin(origin)) {
    return errorReply(
      new StreamError(403, 17, 'the Origin header must name a loopback address', { prefixed: false }),
      '',
      {},
    );
  }
  return undefined;
}

function isLoopbackOrigin(origin: string): boolean {
  return loopback.test(origin.replace(/^https?:\/\//, '')) && /^https?:\/\//.test(origin);
}

/** What lets a page of a loopback origin read the answer; nothing for others. */
export function corsHeaders(origin: string | undefined): Record<string, string> {
  if (origin === undefined || !isLoopbackOrigin(origin)) return {};
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
    'Access-Control-Allow-Headers': allowedHeaders,
    'Access-Control-Expose-Headers': exposedHeaders,
    Vary: 'Origin',
  };
}
