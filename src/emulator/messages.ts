import { randomUUID } from 'node:crypto';
import { authorizeIn, authorizeReading, isFrozenFor, refuseDisabled } from './authorize.ts';
import { callingUser } from './callers.ts';
import { channelOf } from './channel-data.ts';
import { firstPart, partialUpdate, withPath, withoutPath } from './dotted.ts';
import { fieldError, inputError, notAllowed, notFound } from './errors.ts';
import { type JsonObject, isObject } from './json.ts';
import { messageAnswer } from './message-answers.ts';
import { type Written, readMessage, reservedMessageFields } from './message-data.ts';
import { tellOfChange, tellOfNew } from './message-events.ts';
import { authorizeMessage, frozenAnswer } from './message-rules.ts';
import type { Call, Route } from './router.ts';
import type { Channel, Message, State } from './state.ts';
import { ensureUser } from './user-data.ts';
import { optionalObject, optionalText } from './validate.ts';

/** Sending, reading, changing and deleting messages. */
export const messageRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels/:type/:id/message',
    operation: 'SendMessage',
    access: 'everyone',
    answer: send,
  },
  { method: 'GET', path: '/messages/:id', operation: 'GetMessage', access: 'everyone', answer: get },
  { method: 'POST', path: '/messages/:id', operation: 'UpdateMessage', access: 'everyone', answer: update },
  {
    method: 'PUT',
    path: '/messages/:id',
    operation: 'UpdateMessagePartial',
    access: 'everyone',
    answer: patch,
  },
  { method: 'DELETE', path: '/messages/:id', operation: 'DeleteMessage', access: 'everyone', answer: remove },
];

function send(call: Call): object {
  const channel = channelOf(call.state, call.parameters);
  const sent = optionalObject(call.body, 'message');
  if (sent === undefined) throw fieldError('message', 'is a required field');
  refuseDisabled(call, channel);
  if (isFrozenFor(call, channel)) return { message: frozenAnswer(call, channel, sent) };
  const message = post(call, channel, sent, (fields) => authorizeMessage(call, channel, fields));
  tellOfNew(call.state, channel, message, call.time);
  return { message: messageAnswer(call.state, message, callingUser(call)) };
}

/** Stores the message that goes with a channel update; without one, nothing happens. */
export function postSystemMessage(
  call: Call,
  channel: Channel,
  sent: JsonObject | undefined,
): Message | undefined {
  return sent === undefined ? undefined : post(call, channel, { ...sent, type: 'system' }, () => {});
}

function post(call: Call, channel: Channel, sent: JsonObject, check: (fields: Written) => void): Message {
  const { state, time } = call;
  const refused = reservedMessageFields.filter((key) => sent[key] !== undefined);
  if (refused.length > 0)
    throw inputError(refused.map((key) => `message.${key} is a reserved field`).join(', '));
  const id = optionalText(sent, 'id', 255) ?? randomUUID();
  if (state.messages.has(id)) throw inputError(`a message with ID ${id} already exists`);
  const fields = readMessage(call, channel, sent);
  check(fields);
  const user = author(call, sent);
  const message: Message = {
    ...fields,
    id,
    cid: channel.cid,
    user_id: ensureUser(state, user, time).id,
    created_at: time,
    updated_at: time,
  };
  state.messages.set(id, message);
  channel.messages.add(id);
  channel.last_message_at = time;
  const parent = message.parent_id === undefined ? undefined : state.messages.get(message.parent_id);
  if (parent !== undefined) {
    state.messages.set(parent.id, { ...parent, replies: [...(parent.replies ?? []), id] });
  }
  return message;
}

function author(call: Call, sent: JsonObject): JsonObject {
  if (call.caller.kind === 'user') return { id: call.caller.id };
  const { user, user_id } = sent;
  const named = optionalText(sent, 'user_id');
  if (isObject(user) && user_id !== undefined)
    throw inputError('cannot set both message.user and message.user_id.');
  if (isObject(user)) return user;
  if (named === undefined || named === '') {
    throw inputError('either message.user or message.user_id must be provided when using server side auth.');
  }
  return { id: named };
}

function get(call: Call): object {
  const { message, channel } = messageOf(call.state, call.parameters['id'] ?? '');
  authorizeReading(call, channel);
  return { message: messageAnswer(call.state, message, callingUser(call)) };
}

function update(call: Call): object {
  const { message, channel } = messageOf(call.state, call.parameters['id'] ?? '');
  const sent = optionalObject(call.body, 'message');
  if (sent === undefined) throw fieldError('message', 'is a required field');
  const written = readMessage(call, channel, sent);
  authorizeChange(call, channel, message, true);
  return { message: store(call, channel, message, written) };
}

/** A change that only pins needs only the permission to pin. */
function authorizeChange(call: Call, channel: Channel, before: Message, content: boolean): void {
  if (call.caller.kind === 'server') return;
  refuseDisabled(call, channel);
  if (isFrozenFor(call, channel)) throw notAllowed(`channel ${channel.cid} is frozen`);
  if (before.deleted_at !== undefined) throw inputError(`message with id ${before.id} was deleted`);
  if (content) authorizeIn(call, 'UpdateMessage', channel, before.user_id);
}

function store(call: Call, channel: Channel, before: Message, written: Written): JsonObject {
  const { state, time } = call;
  if (written.pinned !== before.pinned) authorizeIn(call, 'PinMessage', channel);
  const { id, cid, user_id, created_at, reactions, replies } = before;
  const message: Message = {
    ...written,
    id,
    cid,
    user_id,
    created_at,
    ...(reactions === undefined ? {} : { reactions }),
    ...(replies === undefined ? {} : { replies }),
    updated_at: time,
  };
  state.messages.set(id, message);
  tellOfChange(state, channel, 'message.updated', message, time);
  return messageAnswer(state, message, callingUser(call));
}

const pinning = new Set(['pinned', 'pinned_at', 'pin_expires', 'pinned_by']);

function patch(call: Call): object {
  const { message: before, channel } = messageOf(call.state, call.parameters['id'] ?? '');
  const { set, unset } = partialUpdate(call.body);
  const keys = [...Object.keys(set), ...unset];
  for (const key of keys) {
    const first = firstPart(key);
    if (['id', 'cid', 'user', 'user_id', ...reservedMessageFields].includes(first))
      throw inputError(`message.${first} is a reserved field`);
  }
  authorizeChange(
    call,
    channel,
    before,
    keys.some((key) => !pinning.has(key)),
  );
  let fields: JsonObject = {
    ...before.custom,
    text: before.text,
    attachments: before.attachments,
    silent: before.silent,
  };
  fields = { ...fields, mentioned_users: before.mentioned_users, pinned: before.pinned, type: before.type };
  if (before.parent_id !== undefined) fields = { ...fields, parent_id: before.parent_id };
  if (before.show_in_channel !== undefined) fields = { ...fields, show_in_channel: true };
  for (const [key, value] of Object.entries(set)) fields = withPath(fields, key, value);
  for (const key of unset) fields = withoutPath(fields, key);
  const written = readMessage(call, channel, fields);
  // A message that stays pinned keeps the time and the user of its pinning.
  const kept = before.pinned && written.pinned && set['pinned'] === undefined ? pinOf(before) : {};
  return { message: store(call, channel, before, { ...written, ...kept }) };
}

function pinOf(message: Message): Partial<Message> {
  const { pinned_at, pinned_by_id, pin_expires } = message;
  return {
    ...(pinned_at === undefined ? {} : { pinned_at }),
    ...(pinned_by_id === undefined ? {} : { pinned_by_id }),
    ...(pin_expires === undefined ? {} : { pin_expires }),
  };
}

function remove(call: Call): object {
  const { state, query, time } = call;
  const { message, channel } = messageOf(state, call.parameters['id'] ?? '');
  const hard = query['hard'] === 'true';
  if (hard && call.caller.kind !== 'server') {
    throw inputError('hard delete messages is only allowed with server side auth');
  }
  refuseDisabled(call, channel);
  authorizeIn(call, 'DeleteMessage', channel, message.user_id);
  const deleted: Message = { ...message, type: 'deleted', deleted_at: time };
  if (hard) {
    state.messages.delete(message.id);
    channel.messages.delete(message.id);
  } else state.messages.set(message.id, deleted);
  tellOfChange(state, channel, 'message.deleted', deleted, time, hard);
  return { message: messageAnswer(state, deleted, callingUser(call)) };
}

/** A message and its channel; an unknown one gives 404/16. */
export function messageOf(
  state: State,
  id: string,
): { readonly message: Message; readonly channel: Channel } {
  const message = state.messages.get(id);
  const channel = message === undefined ? undefined : state.channels.get(message.cid);
  if (message === undefined || channel === undefined) throw notFound(`message with id ${id} not found`);
  return { message, channel };
}
