/**
 * Stream's API as the kinds and the engine see it: named operations, and two interfaces, one of which cannot write.
 * Operation names are Stream's own, so its documentation, its error texts and its rate limits speak of the same things.
 */

type Method = 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT';

/** How one operation is sent, and how often a minute Stream allows it to a server unless the app has other limits. */
export interface Operation {
  readonly method: Method;
  /** A v1 path; `{name}` is filled from the input, URL-encoded. */
  readonly path: string;
  readonly effect: 'read' | 'write';
  readonly perMinute: number;
  /** The query parameter that carries the query as JSON, where Stream wants it so. */
  readonly payload?: true;
}

/**
 * Every operation this tool may send. What is not here cannot be sent, and only those marked `read` are open to a
 * plan: by operation, because querying channels is a POST. Limits are Stream's documented defaults; where it
 * documents none, 60 is assumed.
 */
export const operations = {
  GetApp: { method: 'GET', path: '/app', effect: 'read', perMinute: 10_000 },
  UpdateApp: { method: 'PATCH', path: '/app', effect: 'write', perMinute: 60 },
  ListChannelTypes: { method: 'GET', path: '/channeltypes', effect: 'read', perMinute: 60 },
  GetChannelType: { method: 'GET', path: '/channeltypes/{name}', effect: 'read', perMinute: 60 },
  CreateChannelType: { method: 'POST', path: '/channeltypes', effect: 'write', perMinute: 60 },
  UpdateChannelType: { method: 'PUT', path: '/channeltypes/{name}', effect: 'write', perMinute: 60 },
  DeleteChannelType: { method: 'DELETE', path: '/channeltypes/{name}', effect: 'write', perMinute: 60 },
  ListRoles: { method: 'GET', path: '/roles', effect: 'read', perMinute: 60 },
  CreateRole: { method: 'POST', path: '/roles', effect: 'write', perMinute: 60 },
  DeleteRole: { method: 'DELETE', path: '/roles/{name}', effect: 'write', perMinute: 60 },
  ListPermissions: { method: 'GET', path: '/permissions', effect: 'read', perMinute: 60 },
  CreatePermission: { method: 'POST', path: '/permissions', effect: 'write', perMinute: 60 },
  ListCommands: { method: 'GET', path: '/commands', effect: 'read', perMinute: 60 },
  CreateCommand: { method: 'POST', path: '/commands', effect: 'write', perMinute: 60 },
  ListBlockLists: { method: 'GET', path: '/blocklists', effect: 'read', perMinute: 60 },
  CreateBlockList: { method: 'POST', path: '/blocklists', effect: 'write', perMinute: 60 },
  GetBlockList: { method: 'GET', path: '/blocklists/{name}', effect: 'read', perMinute: 60 },
  UpdateBlockList: { method: 'PUT', path: '/blocklists/{name}', effect: 'write', perMinute: 60 },
  DeleteBlockList: { method: 'DELETE', path: '/blocklists/{name}', effect: 'write', perMinute: 60 },
  QueryUsers: { method: 'GET', path: '/users', effect: 'read', perMinute: 1000, payload: true },
  UpdateUsers: { method: 'POST', path: '/users', effect: 'write', perMinute: 300 },
  UpdateUsersPartial: { method: 'PATCH', path: '/users', effect: 'write', perMinute: 300 },
  DeactivateUsers: { method: 'POST', path: '/users/deactivate', effect: 'write', perMinute: 60 },
  ReactivateUsers: { method: 'POST', path: '/users/reactivate', effect: 'write', perMinute: 60 },
  RestoreUsers: { method: 'POST', path: '/users/restore', effect: 'write', perMinute: 60 },
  DeleteUsers: { method: 'POST', path: '/users/delete', effect: 'write', perMinute: 60 },
  QueryChannels: { method: 'POST', path: '/channels', effect: 'read', perMinute: 10_000 },
  GetChannel: { method: 'GET', path: '/channels/{type}/{id}', effect: 'read', perMinute: 10_000 },
  QueryMembers: { method: 'GET', path: '/members', effect: 'read', perMinute: 300, payload: true },
  GetOrCreateChannel: {
    method: 'POST',
    path: '/channels/{type}/{id}/query',
    effect: 'write',
    perMinute: 10_000,
  },
  GetOrCreateDistinctChannel: {
    method: 'POST',
    path: '/channels/{type}/query',
    effect: 'write',
    perMinute: 10_000,
  },
  UpdateChannel: { method: 'POST', path: '/channels/{type}/{id}', effect: 'write', perMinute: 300 },
  UpdateChannelPartial: { method: 'PATCH', path: '/channels/{type}/{id}', effect: 'write', perMinute: 60 },
  UpdateMemberPartial: {
    method: 'PATCH',
    path: '/channels/{type}/{id}/member',
    effect: 'write',
    perMinute: 60,
  },
  DeleteChannels: { method: 'POST', path: '/channels/delete', effect: 'write', perMinute: 60 },
  GetRateLimits: { method: 'GET', path: '/rate_limits', effect: 'read', perMinute: 60 },
  GetTask: { method: 'GET', path: '/tasks/{id}', effect: 'read', perMinute: 60 },
} as const satisfies Readonly<Record<string, Operation>>;

/** Stream's own name of an operation. */
export type OperationName = keyof typeof operations;

type WithEffect<E> = {
  [N in OperationName]: (typeof operations)[N]['effect'] extends E ? N : never;
}[OperationName];
/** Operations that change nothing: all that a plan may send. */
export type ReadOperation = WithEffect<'read'>;
/** Operations that change the app: only an apply sends them. */
export type WriteOperation = WithEffect<'write'>;

/** What one request carries besides its operation. */
export interface Input {
  /** Values for the `{name}` parts of the path. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** An answer of Stream's, unchecked: kinds read from it what they know and keep the rest untouched. */
export type Answer = Readonly<Record<string, unknown>>;

/** Stream for planning: no method of it can change anything. Rejects with StreamFailure. */
export interface ReadStream {
  read(operation: ReadOperation, input?: Input): Promise<Answer>;
}

/** Stream for applying. Rejects with StreamFailure; a write is sent once and repeated only on 429, which did nothing. */
export interface Stream extends ReadStream {
  /** `before` runs when Stream's limits let the request go, each time that they do; what it throws keeps it back. */
  write(operation: WriteOperation, input?: Input, before?: () => Promise<void>): Promise<Answer>;
  /** Milliseconds since 1970 by the run's own clock. */
  now(): number;
  /** Resolves after this many milliseconds of the run's own clock, or rejects when the run is aborted. */
  wait(milliseconds: number): Promise<void>;
}

/**
 * Why a request failed. `refused`: Stream understood and said no. `missing`: the object does not exist (HTTP 404 with
 * code 16), the only failure that proves absence. `unauthorized`: key, secret or signature. `limited`: 429 beyond the
 * waits. `unsent`: nothing reached Stream. `unclear`: it may or may not have been done: a timeout, a reset, an HTTP
 * 5xx, an answer that is not Stream's. `aborted`: the run was stopped.
 */
export type FailureReason =
  | 'aborted'
  | 'limited'
  | 'missing'
  | 'refused'
  | 'unauthorized'
  | 'unclear'
  | 'unsent';

/** A request that did not succeed, rebuilt from allow-listed fields: it never holds a token, a header or a body. */
export class StreamFailure extends Error {
  override readonly name = 'StreamFailure';
  readonly reason: FailureReason;
  readonly operation: OperationName;
  /** Stream's error code (16: does not exist, 4: input, 17: not allowed), when it gave one. */
  readonly code: number | undefined;
  readonly status: number | undefined;

  constructor(
    reason: FailureReason,
    operation: OperationName,
    message: string,
    more: { readonly code?: number | undefined; readonly status?: number | undefined } = {},
  ) {
    super(message);
    this.reason = reason;
    this.operation = operation;
    this.code = more.code;
    this.status = more.status;
  }
}
