import { partialUpdate } from './dotted.ts';
import { fieldError, inputError, notAllowed, notFound } from './errors.ts';
import { tellOfUser } from './events.ts';
import { dropMember, dropUser, putUser } from './indexes.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { watchMembers } from './member-events.ts';
import type { Call, Route } from './router.ts';
import type { User } from './state.ts';
import { recordTask } from './tasks.ts';
import { fullUserAnswer, userById } from './user-answers.ts';
import { checkUniqueName, patchedUser, upsertedUser } from './user-data.ts';

/** Writing users: whole, and in parts. */
export const userRoutes: readonly Route[] = [
  { method: 'POST', path: '/users', operation: 'UpdateUsers', access: 'everyone', answer: upsert },
  { method: 'PATCH', path: '/users', operation: 'UpdateUsersPartial', access: 'everyone', answer: patch },
];

const mostUsers = 100;

function upsert(call: Call): object {
  const sent = call.body['users'];
  if (!isObject(sent) || Object.keys(sent).length === 0) throw fieldError('users', 'is a required field');
  const entries = Object.entries(sent);
  if (entries.length > mostUsers) throw fieldError('users', `must contain at maximum ${mostUsers} items`);
  return store(
    call,
    entries.map(([key, value]) => {
      if (!isObject(value)) throw inputError(`users.${key} must be an object`);
      if (value['id'] !== undefined && value['id'] !== key) throw inputError(`users.${key} has another id`);
      return upsertedUser(call.state, { ...value, id: key }, call.time);
    }),
  );
}

function patch(call: Call): object {
  const sent = call.body['users'];
  if (!Array.isArray(sent) || sent.length === 0) throw fieldError('users', 'is a required field');
  if (sent.length > mostUsers) throw fieldError('users', `must contain at maximum ${mostUsers} items`);
  // Several entries for one user build on each other.
  const changed = new Map<string, User>();
  for (const entry of sent as readonly Json[]) {
    if (!isObject(entry) || typeof entry['id'] !== 'string') throw inputError('users.id is a required field');
    const before = changed.get(entry['id']) ?? call.state.users.get(entry['id']);
    if (before === undefined) throw notFound(`user with id "${entry['id']}" does not exist`);
    changed.set(before.id, patchedUser(call.state, before, partialUpdate(entry), call.time));
  }
  return store(call, [...changed.values()]);
}

/** Stores all or nothing: the first bad user fails the batch, as on the real service. */
function store(call: Call, users: readonly User[]): object {
  const { state, caller } = call;
  if (caller.kind !== 'server') {
    for (const user of users) refuseOthers(call, user);
  }
  const previous = users.map((user) => state.users.get(user.id));
  const stored: User[] = [];
  try {
    for (const user of users) {
      checkUniqueName(state, user);
      putUser(state, user);
      stored.push(user);
    }
  } catch (error) {
    for (const user of stored) {
      const before = previous[users.indexOf(user)];
      if (before === undefined) dropUser(state, user);
      else putUser(state, before);
    }
    throw error;
  }
  for (const user of users) tellOfUpdate(call, user.id);
  const removed = users.flatMap((user, index) => leftTeams(call, previous[index], user));
  const answered: Record<string, JsonObject> = {};
  for (const user of users) answered[user.id] = fullUserAnswer(user, state.live.online(user.id));
  return { users: answered, membership_deletion_task_id: removed.length > 0 ? recordTask(call, {}) : '' };
}

function refuseOthers(call: Call, user: User): void {
  const before = call.state.users.get(user.id);
  if (call.caller.kind !== 'user' || call.caller.id !== user.id || (before?.role ?? 'user') !== user.role) {
    const id = call.caller.kind === 'user' ? call.caller.id : '';
    const role = call.state.users.get(id)?.role ?? 'anonymous';
    throw notAllowed(`User '${id}' with role '${role}' is not allowed to perform action UpdateUser`);
  }
}

/** Tells the user himself and everybody who watches one of his channels. */
function tellOfUpdate({ state, time }: Call, id: string): void {
  if (state.live.quiet) return;
  const cids = state.index.byMember.get(id) ?? [];
  const receivers = new Set([
    ...state.live.of(id),
    ...[...cids].flatMap((cid) => [...state.live.watchers(cid)]),
  ]);
  tellOfUser(receivers, 'user.updated', userById(state, id), time);
}

/** Leaving a team ends the memberships in its channels; the CIDs that were left. */
function leftTeams({ state, time }: Call, before: User | undefined, after: User): readonly string[] {
  const left = (before?.teams ?? []).filter((team) => !after.teams.includes(team));
  if (left.length === 0) return [];
  const channels = [...(state.index.byMember.get(after.id) ?? [])].filter((cid) =>
    left.includes(state.channels.get(cid)?.team ?? ''),
  );
  for (const cid of channels) {
    const channel = state.channels.get(cid);
    if (channel === undefined) continue;
    const tell = watchMembers(state, channel);
    dropMember(state, channel, after.id);
    tell(time);
  }
  return channels;
}
