import { randomBytes } from 'node:crypto';
import { appRoutes } from './app.ts';
import { blocklistRoutes } from './blocklists.ts';
import { channelBatchRoutes } from './channel-batches.ts';
import { channelQueryRoutes } from './channel-queries.ts';
import { channelRemovalRoutes } from './channel-removals.ts';
import { channelTypeRoutes } from './channel-types.ts';
import { channelUpdateRoutes } from './channel-updates.ts';
import { channelVisibilityRoutes } from './channel-visibility.ts';
import { channelRoutes } from './channels.ts';
import { commandRoutes } from './commands.ts';
import { createState } from './create-state.ts';
import { deviceRoutes } from './devices.ts';
import { type Fault, createFaultPlan } from './faults.ts';
import { guestRoutes } from './guests.ts';
import { sortedCopy } from './json.ts';
import { createLastReads } from './last-reads.ts';
import { memberRoutes } from './members.ts';
import { messageRoutes } from './messages.ts';
import { permissionRoutes } from './permissions.ts';
import { type RateLimits, createRateLimiter, rateLimitRoutes } from './rate-limits.ts';
import { reactionRoutes } from './reactions.ts';
import { readMarkRoutes } from './read-marks.ts';
import { roleRoutes } from './roles.ts';
import { sentEventRoutes } from './sent-events.ts';
import { type RecordedRequest, type RequestMoment, listen } from './server.ts';
import { openStore, plainState, restore } from './store.ts';
import { syncRoutes } from './sync.ts';
import { taskRoutes } from './tasks.ts';
import { threadRoutes } from './threads.ts';
import { userLifecycleRoutes } from './user-lifecycle.ts';
import { userQueryRoutes } from './user-queries.ts';
import { userRoutes } from './users.ts';
import { watchingRoutes } from './watching.ts';
import { serveWebSockets } from './websocket.ts';

export type { Fault } from './faults.ts';
export type { RecordedRequest, RequestMoment } from './server.ts';
export { type Guess, guesses } from './guesses.ts';

/** How an emulator starts; everything has a default. */
export interface EmulatorOptions {
  /** TCP port on 127.0.0.1; default 0: a free one. */
  readonly port?: number;
  /** Default: a fresh random one. */
  readonly apiKey?: string;
  /** Default: a fresh random one. */
  readonly apiSecret?: string;
  /** How `GET /app` identifies a fresh app, not one restored from a folder; default: a random id, and `emulator`. */
  readonly app?: { readonly id?: number; readonly name?: string };
  /** Keeps the state in this folder, from which a later emulator goes on; default: memory only. */
  readonly folder?: string;
  /** Calls per minute by operation: the documented ones (default), none, or given ones over the documented. */
  readonly rateLimits?: RateLimits;
  /** Also enforces the real service's cap of a thirtieth of the minute's number in any second. */
  readonly perSecond?: boolean;
  /** How long every answer takes, in milliseconds; the work itself is done on arrival. */
  readonly latencyMs?: number;
  /** How long a written channel type, role or command stays invisible to other operations, in milliseconds. */
  readonly propagationMs?: number;
  /** What goes wrong, from the start. */
  readonly faults?: readonly Fault[];
  /**
   * Called for every request before it does anything and after its work is done, and waited for; when it rejects, the
   * connection breaks at this point.
   */
  readonly observe?: (moment: RequestMoment) => void | Promise<void>;
  /** The clock, in milliseconds since 1970. */
  readonly now?: () => number;
}

/** A running local Stream app. */
export interface Emulator {
  /** `http://127.0.0.1:PORT`, the base URL for every SDK. */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** What arrived since the start or the last clear, in order of arrival; never holds a token. */
  readonly requests: readonly RecordedRequest[];
  clearRequests(): void;
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** A deep copy of the whole state with sorted keys, equal before and after anything that changed nothing. */
  snapshot(): unknown;
  /** Ends every connection, stores what is unwritten and frees the port. */
  close(): Promise<void>;
}

/** An emulator may serve for days: beyond this, the older half of what it recorded is forgotten. */
const mostRecorded = 100_000;

/** Starts a local Stream app that the official SDKs can talk to; rejects when the port or the folder cannot be used. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const now = options.now ?? Date.now;
  const state = createState({ now, propagationMs: options.propagationMs ?? 0 }, options.app);
  if (options.folder !== undefined) await restore(options.folder, state);
  const store = options.folder === undefined ? undefined : await openStore(options.folder, state);
  const limiter = createRateLimiter(options.rateLimits ?? 'documented', options.perSecond ?? false, now);
  const faults = createFaultPlan(options.faults);
  const apiKey = options.apiKey ?? randomBytes(8).toString('hex');
  const apiSecret = options.apiSecret ?? randomBytes(32).toString('hex');
  const requests: RecordedRequest[] = [];
  let lastTime = 0;

  const parts = {
    state,
    routes: [
      ...appRoutes,
      ...channelTypeRoutes,
      ...roleRoutes,
      ...permissionRoutes,
      ...commandRoutes,
      ...blocklistRoutes,
      ...userRoutes,
      ...userQueryRoutes,
      ...userLifecycleRoutes,
      ...channelRoutes,
      ...channelRemovalRoutes,
      ...channelVisibilityRoutes,
      ...channelUpdateRoutes,
      ...channelQueryRoutes,
      ...channelBatchRoutes,
      ...memberRoutes,
      ...messageRoutes,
      ...threadRoutes,
      ...reactionRoutes,
      ...readMarkRoutes,
      ...sentEventRoutes,
      ...watchingRoutes,
      ...guestRoutes(apiSecret),
      ...deviceRoutes,
      ...syncRoutes,
      ...taskRoutes,
      ...rateLimitRoutes(limiter),
    ],
    limiter,
    faults,
    lastReads: createLastReads(),
    apiKey,
    apiSecret,
    latencyMs: options.latencyMs ?? 0,
    nextTime() {
      lastTime = Math.max(lastTime + 1, Math.floor(now() * 1000));
      return lastTime;
    },
    record: (request: RecordedRequest) => {
      requests.push(request);
      if (requests.length > mostRecorded) requests.splice(0, mostRecorded / 2);
    },
    changed: () => store?.changed(),
    observe: options.observe ?? (() => undefined),
  };
  const running = await listen(parts, options.port ?? 0);
  const webSockets = serveWebSockets(running.server, parts);

  return {
    url: running.url,
    apiKey,
    apiSecret,
    requests,
    clearRequests() {
      requests.length = 0;
    },
    addFault: faults.add,
    clearFaults: faults.clear,
    snapshot: () => sortedCopy(plainState(state)),
    async close() {
      await webSockets.close();
      await running.close();
      await store?.close();
    },
  };
}
