import type { ServerResponse } from 'node:http';
import { type StreamError, errorBody } from './errors.ts';

/** Headers of an answer by name. */
export type Headers = Readonly<Record<string, string | number>>;

/** An answer before it is sent. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly type: 'application/json' | 'text/html' | 'text/plain';
  readonly headers: Headers;
}

/** An answer with a JSON body. */
export function jsonReply(status: number, body: object, headers: Headers): Reply {
  return { status, body: JSON.stringify(body), type: 'application/json', headers };
}

/** A refusal in the shape every SDK of Stream reads. */
export function errorReply(error: StreamError, operation: string, headers: Headers): Reply {
  return jsonReply(error.status, errorBody(error, operation, '0.00ms'), headers);
}

/** Sends the answer, with the headers that let a browser read it. */
export function send(response: ServerResponse, reply: Reply, cors: Headers): void {
  response.writeHead(reply.status, {
    'Content-Type': reply.type,
    'Content-Length': Buffer.byteLength(reply.body),
    ...reply.headers,
    ...cors,
  });
  response.end(reply.body);
}
