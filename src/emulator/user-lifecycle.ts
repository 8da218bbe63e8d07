import { createHash } from 'node:crypto';
import { dropChannel, dropMember, dropUser, putUser } from './indexes.ts';
import { fieldError, inputError, notFound } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { Call, Route } from './router.ts';
import type { State, User } from './state.ts';
import { recordTask } from './tasks.ts';
import type { Micros } from './time.ts';
import { fullUserAnswer } from './user-answers.ts';
import { checkUniqueName, ensureUser, refuseGone } from './user-data.ts';
import { oneOf, optionalText, optionalTexts } from './validate.ts';

/** Deactivating, reactivating, deleting and restoring users. */
export const userLifecycleRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/users/deactivate',
    operation: 'DeactivateUsers',
    access: 'server',
    answer: deactivateMany,
  },
  {
    method: 'POST',
    path: '/users/reactivate',
    operation: 'ReactivateUsers',
    access: 'server',
    answer: reactivateMany,
  },
  { method: 'POST', path: '/users/delete', operation: 'DeleteUsers', access: 'server', answer: deleteMany },
  {
    method: 'POST',
    path: '/users/restore',
    operation: 'RestoreUsers',
    access: 'server',
    answer: restoreMany,
  },
  {
    method: 'POST',
    path: '/users/:id/deactivate',
    operation: 'DeactivateUser',
    access: 'server',
    answer: deactivateOne,
  },
  {
    method: 'POST',
    path: '/users/:id/reactivate',
    operation: 'ReactivateUser',
    access: 'server',
    answer: reactivateOne,
  },
  { method: 'DELETE', path: '/users/:id', operation: 'DeleteUser', access: 'server', answer: deleteOne },
];

const mostUsers = 100;

function deactivateOne({ state, parameters, time }: Call): object {
  const user = deactivated(existing(state, parameters['id'] ?? ''), time);
  putUser(state, user);
  disconnect(state, user.id);
  return { user: fullUserAnswer(user) };
}

function reactivateOne({ state, parameters, body, time }: Call): object {
  const user = reactivated(state, existing(state, parameters['id'] ?? ''), time, optionalText(body, 'name'));
  putUser(state, user);
  return { user: fullUserAnswer(user) };
}

function deactivateMany(call: Call): object {
  const users = userIds(call.body).map((id) => deactivated(existing(call.state, id), call.time));
  for (const user of users) {
    putUser(call.state, user);
    disconnect(call.state, user.id);
  }
  return { task_id: recordTask(call, { users: users.map((user) => fullUserAnswer(user)) }) };
}

function reactivateMany(call: Call): object {
  const users = userIds(call.body).map((id) =>
    reactivated(call.state, existing(call.state, id), call.time, undefined),
  );
  for (const user of users) putUser(call.state, user);
  return { task_id: recordTask(call, { users: users.map((user) => fullUserAnswer(user)) }) };
}

/** Whoever is gone is connected no more. */
function disconnect(state: State, id: string): void {
  for (const connection of state.live.of(id)) connection.close();
}

function deactivated(user: User, time: Micros): User {
  refuseGone(user);
  return { ...user, deactivated_at: time, updated_at: time };
}

function reactivated(state: State, user: User, time: Micros, name: string | undefined): User {
  if (user.deleted_at !== undefined) refuseGone(user);
  if (user.deactivated_at === undefined) throw inputError(`user "${user.id}" is not deactivated`);
  const { deactivated_at: _gone, ...rest } = user;
  const active = { ...rest, ...(name === undefined ? {} : { name }), updated_at: time };
  checkUniqueName(state, active);
  return active;
}

function deleteOne(call: Call): object {
  const { state, query } = call;
  const user = existing(state, call.parameters['id'] ?? '');
  const hard = query['hard_delete'] === 'true';
  if (!hard) refuseDeleted(user);
  const conversations = query['delete_conversation_channels'] === 'true';
  const task = removeUser(call, user.id, {
    hard,
    messages: hard ? 'hard' : query['mark_messages_deleted'] === 'true' ? 'soft' : undefined,
    conversations: conversations ? 'hard' : undefined,
    owner: undefined,
  });
  return {
    user: fullUserAnswer(task ?? user),
    ...(conversations ? { task_id: recordTask(call, okOf([user.id])) } : {}),
  };
}

function refuseDeleted(user: User): void {
  if (user.deleted_at !== undefined) throw notFound(`user with id "${user.id}" does not exist`);
}

function deleteMany(call: Call): object {
  const ids = userIds(call.body);
  const mode = choice(call.body, 'user', ['soft', 'pruning', 'hard']) ?? 'soft';
  const messages = choice(call.body, 'messages', ['soft', 'pruning', 'hard']);
  const conversations = choice(call.body, 'conversations', ['soft', 'hard']);
  if (mode === 'hard' && (messages !== 'hard' || conversations !== 'hard')) {
    throw inputError('hard deleting a user requires hard deleting messages and conversations');
  }
  const owner = optionalText(call.body, 'new_channel_owner_id');
  if (owner !== undefined) existing(call.state, owner);
  for (const id of ids) removeUser(call, id, { hard: mode === 'hard', messages, conversations, owner });
  return { task_id: recordTask(call, okOf(ids)) };
}

function okOf(ids: readonly string[]): JsonObject {
  return Object.fromEntries(ids.map((id) => [id, { status: 'ok' }]));
}

function choice(body: JsonObject, key: string, choices: readonly string[]): string | undefined {
  const value = body[key];
  return value === undefined || value === null ? undefined : (oneOf(choices)(value, key) as string);
}

interface Removal {
  readonly hard: boolean;
  readonly messages: string | undefined;
  readonly conversations: string | undefined;
  readonly owner: string | undefined;
}

/** Removes a user; one that never existed is no error, as on the real service. */
function removeUser(call: Call, id: string, how: Removal): User | undefined {
  const { state, time } = call;
  const user = state.users.get(id);
  if (user === undefined) return undefined;
  disconnect(state, id);
  if (how.conversations !== undefined) removeConversations(call, id, how.conversations === 'hard');
  if (how.messages !== undefined) removeMessages(call, id, how.messages === 'hard');
  const deleted: User = { ...user, deleted_at: user.deleted_at ?? time, updated_at: time };
  if (!how.hard) {
    putUser(state, deleted);
    return deleted;
  }
  for (const cid of new Set(state.index.byMember.get(id))) {
    const channel = state.channels.get(cid);
    if (channel !== undefined) dropMember(state, channel, id);
  }
  for (const channel of state.channels.values()) {
    if (channel.created_by_id === id) channel.created_by_id = how.owner ?? ownerInstead(call, id);
  }
  dropUser(state, user);
  return deleted;
}

/** A conversation is a channel of two members. */
function removeConversations({ state, time }: Call, id: string, hard: boolean): void {
  for (const cid of new Set(state.index.byMember.get(id))) {
    const channel = state.channels.get(cid);
    if (channel === undefined || channel.members.size !== 2) continue;
    if (hard) dropChannel(state, channel);
    else channel.deleted_at ??= time;
  }
}

function removeMessages({ state, time }: Call, id: string, hard: boolean): void {
  for (const message of state.messages.values()) {
    if (message.user_id !== id) continue;
    if (hard) {
      state.messages.delete(message.id);
      state.channels.get(message.cid)?.messages.delete(message.id);
    } else state.messages.set(message.id, { ...message, type: 'deleted', deleted_at: time });
  }
}

function ownerInstead({ state, time }: Call, id: string): string {
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 16);
  return ensureUser(state, { id: `deleted-user-${state.app.id}-${hash}` }, time).id;
}

function restoreMany({ state, body, time }: Call): object {
  const users = userIds(body).map((id) => {
    const user = existing(state, id);
    if (user.deleted_at === undefined) throw inputError(`user "${id}" is not deleted, it can't be restored`);
    const { deleted_at: _gone, ...rest } = user;
    return { ...rest, updated_at: time };
  });
  for (const user of users) putUser(state, user);
  return {};
}

function userIds(body: JsonObject): readonly string[] {
  const ids = optionalTexts(body, 'user_ids', { max: mostUsers });
  if (ids === undefined || ids.length === 0) throw fieldError('user_ids', 'is a required field');
  return [...new Set(ids)];
}

function existing(state: State, id: string): User {
  const user = state.users.get(id);
  if (user === undefined) throw notFound(`user with id "${id}" does not exist`);
  return user;
}
