import { authorizeReading, judgeOf } from './authorize.ts';
import { channelOf } from './channel-data.ts';
import { StreamError, inputError } from './errors.ts';
import { tellOfUser, tellWatchers } from './events.ts';
import type { Json, JsonObject } from './json.ts';
import type { Connection } from './live.ts';
import type { Call, Caller, Route } from './router.ts';
import type { Channel, State } from './state.ts';
import type { Micros } from './time.ts';
import { userById } from './user-answers.ts';

/** Watching a channel no more; watching begins with a query. */
export const watchingRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels/:type/:id/stop-watching',
    operation: 'StopWatchingChannel',
    access: 'everyone',
    reads: true,
    answer: stop,
  },
];

/** What a query asks to be told of from then on. */
export interface Interest {
  readonly watch: boolean;
  readonly presence: boolean;
}

/** Reads `watch` and `presence`, which need a connection; a server has none. */
export function interestOf(call: Call): Interest {
  const interest = { watch: call.body['watch'] === true, presence: call.body['presence'] === true };
  if (!interest.watch && !interest.presence) return interest;
  if (call.caller.kind === 'server') throw inputError('watch and presence need a connected user');
  connectionOf(call);
  return interest;
}

/** Registers what a query asked for, on the connection that it named. */
export function follow(call: Call, channel: Channel, interest: Interest): void {
  if (!interest.watch && !interest.presence) return;
  const connection = connectionOf(call);
  if (interest.presence) for (const id of channel.members.keys()) connection.presence.add(id);
  if (!interest.watch || connection.watched.has(channel.cid)) return;
  const known = watchesAlready(call.state, channel.cid, connection);
  call.state.live.watch(channel.cid, connection);
  if (!known) tellOfWatcher(call.state, channel, connection, 'start', call.time);
}

/** The connection that a request names and that belongs to its caller. */
function connectionOf(call: Call): Connection {
  const id = call.query['connection_id'] ?? '';
  if (id === '') throw inputError('watch and presence need the connection_id of an open WebSocket');
  const connection = call.state.live.find(id);
  const owner = call.caller.kind === 'user' ? call.caller.id : undefined;
  const fits =
    owner === undefined
      ? connection?.visitor !== undefined
      : connection !== undefined && connection.userId === owner;
  if (connection === undefined || !fits) throw new StreamError(400, 46, `connection ${id} not found`);
  return connection;
}

function stop(call: Call): object {
  const channel = channelOf(call.state, call.parameters);
  authorizeReading(call, channel);
  leave(call.state, channel, connectionOf(call), call.time);
  return {};
}

/** Ends one connection's watching of a channel. */
function leave(state: State, channel: Channel, connection: Connection, time: Micros): void {
  if (!connection.watched.has(channel.cid)) return;
  state.live.unwatch(channel.cid, connection);
  if (!watchesAlready(state, channel.cid, connection))
    tellOfWatcher(state, channel, connection, 'stop', time);
}

/** Ends a connection, and tells those who watched the same channels and those who follow the user's presence. */
export function endConnection(state: State, connection: Connection, time: Micros): void {
  const watched = [...connection.watched];
  const wasOnline = state.live.online(connection.userId);
  state.live.end(connection);
  for (const cid of watched) {
    const channel = state.channels.get(cid);
    if (channel !== undefined && !watchesAlready(state, cid, connection)) {
      tellOfWatcher(state, channel, connection, 'stop', time);
    }
  }
  if (wasOnline && !state.live.online(connection.userId)) tellOfPresence(state, connection.userId, time);
}

/** Opens a connection, and tells those who follow the user's presence. */
export function beginConnection(state: State, connection: Connection, time: Micros): void {
  const wasOnline = state.live.online(connection.userId);
  state.live.open(connection);
  if (!wasOnline && connection.visible) tellOfPresence(state, connection.userId, time);
}

function tellOfPresence(state: State, userId: string, time: Micros): void {
  const receivers = [...state.live.all()].filter((connection) => connection.presence.has(userId));
  if (receivers.length > 0) {
    tellOfUser(receivers, 'user.presence.changed', userById(state, userId), time);
  }
}

/** Nobody watches a channel that is gone. */
export function dropWatchers(state: State, cid: string): void {
  for (const connection of state.live.watchers(cid)) state.live.unwatch(cid, connection);
}

/** Whoever may no longer read a channel stops watching it. */
export function dropStrangers(state: State, channel: Channel): void {
  for (const connection of state.live.watchers(channel.cid)) {
    const caller: Caller =
      connection.visitor === undefined ? { kind: 'user', id: connection.userId } : { kind: 'anonymous' };
    if (!judgeOf(state, caller, { type: channel.type, channel })('ReadChannel')) {
      state.live.unwatch(channel.cid, connection);
    }
  }
}

function watchesAlready(state: State, cid: string, connection: Connection): boolean {
  return [...state.live.of(connection.userId)].some((one) => one.watched.has(cid));
}

function tellOfWatcher(
  state: State,
  channel: Channel,
  connection: Connection,
  change: 'start' | 'stop',
  time: Micros,
): void {
  const type = state.channelTypes.seen(channel.type);
  if (type?.settings['connect_events'] !== true) return;
  const user: Json = connection.visitor ?? userById(state, connection.userId);
  const fields = (): JsonObject => ({ user, watcher_count: state.live.watchingUsers(channel.cid).size });
  tellWatchers(state, channel, { type: `user.watching.${change}`, time, fields });
}
