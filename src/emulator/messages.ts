import { randomUUID } from 'node:crypto';
import { channelOf } from './channel-data.ts';
import { checkCustomSize } from './custom-data.ts';
import { firstPart, partialUpdate, withPath, withoutPath } from './dotted.ts';
import { StreamError, fieldError, inputError, notFound } from './errors.ts';
import { type Json, type JsonObject, isObject } from './json.ts';
import { messageAnswer } from './message-answers.ts';
import type { Call, Route } from './router.ts';
import type { Channel, Message, State } from './state.ts';
import { parseTime } from './time.ts';
import { ensureUser } from './user-data.ts';
import {
  listOf,
  object,
  oneOf,
  optionalFlag,
  optionalObject,
  optionalText,
  optionalTexts,
} from './validate.ts';

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

const mostAttachments = 30;

const known = new Set([
  'id',
  'text',
  'type',
  'user',
  'user_id',
  'attachments',
  'mentioned_users',
  'silent',
  'parent_id',
  'show_in_channel',
  'pinned',
  'pinned_at',
  'pinned_by',
  'pin_expires',
  'html',
  'mml',
]);

const reserved = ['created_at', 'updated_at', 'i18n'];

/** What reads of a message give beyond what can be written; a full update that echoes them is not refused. */
const computed = new Set([
  'cid',
  'member',
  'latest_reactions',
  'own_reactions',
  'reaction_counts',
  'reaction_scores',
  'reaction_groups',
  'reply_count',
  'deleted_reply_count',
  'deleted_at',
  'shadowed',
  'mentioned_channel',
  'mentioned_here',
  'restricted_visibility',
]);

function send(call: Call): object {
  const channel = channelOf(call.state, call.parameters);
  const sent = optionalObject(call.body, 'message');
  if (sent === undefined) throw fieldError('message', 'is a required field');
  return { message: messageAnswer(call.state, post(call, channel, sent)) };
}

/** Stores the message that goes with a channel update, and answers it; without one, nothing happens. */
export function postSystemMessage(
  call: Call,
  channel: Channel,
  sent: JsonObject | undefined,
): JsonObject | undefined {
  if (sent === undefined) return undefined;
  return messageAnswer(call.state, post(call, channel, { ...sent, type: 'system' }));
}

function post(call: Call, channel: Channel, sent: JsonObject): Message {
  const { state, time } = call;
  const refused = reserved.filter((key) => sent[key] !== undefined);
  if (refused.length > 0)
    throw inputError(refused.map((key) => `message.${key} is a reserved field`).join(', '));
  const id = optionalText(sent, 'id', 255) ?? randomUUID();
  if (state.messages.has(id)) throw inputError(`a message with ID ${id} already exists`);
  const fields = readFields(call, channel, sent);
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

type Written = Omit<Message, 'id' | 'cid' | 'user_id' | 'created_at' | 'updated_at' | 'deleted_at'>;

function readFields(call: Call, channel: Channel, sent: JsonObject): Written {
  const custom: Record<string, Json> = {};
  for (const [key, value] of Object.entries(sent)) {
    if (!known.has(key) && !computed.has(key) && !reserved.includes(key)) custom[key] = value;
  }
  checkCustomSize(custom, 'message');
  const text = optionalText(sent, 'text') ?? '';
  const longest =
    channel.config_overrides['max_message_length'] ??
    call.state.channelTypes.seen(channel.type)?.settings['max_message_length'];
  if (typeof longest === 'number' && text.length > longest) {
    throw new StreamError(400, 20, `message text is longer than ${longest} characters`);
  }
  const parent_id = optionalText(sent, 'parent_id');
  const pinned = optionalFlag(sent, 'pinned') ?? false;
  const given =
    sent['type'] === undefined || sent['type'] === null || sent['type'] === '' ? undefined : sent['type'];
  const type =
    given === undefined
      ? 'regular'
      : (oneOf(['regular', 'system', 'reply'])(given, 'message.type') as string);
  return {
    text,
    type: parent_id === undefined || type === 'system' ? type : 'reply',
    attachments: listOf(object, { max: mostAttachments })(
      sent['attachments'] ?? [],
      'message.attachments',
    ) as readonly Json[],
    mentioned_users: mentions(sent['mentioned_users']),
    silent: optionalFlag(sent, 'silent') ?? false,
    ...(parent_id === undefined ? {} : { parent_id }),
    ...pin(call, pinned, sent['pin_expires']),
    custom,
  };
}

/** The SDK sends ids, and echoes of reads carry users. */
function mentions(sent: Json | undefined): readonly string[] {
  const list = Array.isArray(sent)
    ? sent.map((one: Json) => (isObject(one) ? (one['id'] ?? '') : one))
    : (sent ?? []);
  return optionalTexts({ mentioned_users: list }, 'mentioned_users', { max: 100 }) ?? [];
}

function pin(
  call: Call,
  pinned: boolean,
  expires: Json | undefined,
): Pick<Message, 'pinned' | 'pinned_at' | 'pinned_by_id' | 'pin_expires'> {
  if (!pinned) return { pinned };
  const user = call.caller.kind === 'user' ? call.caller.id : speaker(call.body);
  const until = typeof expires === 'string' ? parseTime(expires) : undefined;
  if (typeof expires === 'string' && until === undefined)
    throw fieldError('pin_expires', 'must be a valid date');
  return {
    pinned,
    pinned_at: call.time,
    ...(user === undefined ? {} : { pinned_by_id: user }),
    ...(until === undefined ? {} : { pin_expires: until }),
  };
}

function speaker(body: JsonObject): string | undefined {
  const message = isObject(body['message']) ? body['message'] : body;
  const user = isObject(message['user']) ? message['user']['id'] : message['user_id'];
  return typeof user === 'string' ? user : undefined;
}

function get({ state, parameters }: Call): object {
  return { message: messageAnswer(state, existing(state, parameters['id'] ?? '')) };
}

function update(call: Call): object {
  const { state, time } = call;
  const before = existing(state, call.parameters['id'] ?? '');
  const sent = optionalObject(call.body, 'message');
  const channel = state.channels.get(before.cid);
  if (sent === undefined || channel === undefined) throw fieldError('message', 'is a required field');
  const { id, cid, user_id, created_at } = before;
  const message: Message = {
    ...readFields(call, channel, sent),
    id,
    cid,
    user_id,
    created_at,
    updated_at: time,
  };
  state.messages.set(id, message);
  return { message: messageAnswer(state, message) };
}

function patch(call: Call): object {
  const { state, time } = call;
  const before = existing(state, call.parameters['id'] ?? '');
  const channel = state.channels.get(before.cid);
  if (channel === undefined) throw notFound(`message with id ${before.id} not found`);
  const { set, unset } = partialUpdate(call.body);
  for (const key of [...Object.keys(set), ...unset]) {
    const first = firstPart(key);
    if (['id', 'cid', 'user', 'user_id', ...reserved].includes(first))
      throw inputError(`message.${first} is a reserved field`);
  }
  let fields: JsonObject = {
    ...before.custom,
    text: before.text,
    attachments: before.attachments,
    silent: before.silent,
  };
  fields = { ...fields, mentioned_users: before.mentioned_users, pinned: before.pinned, type: before.type };
  if (before.parent_id !== undefined) fields = { ...fields, parent_id: before.parent_id };
  for (const [key, value] of Object.entries(set)) fields = withPath(fields, key, value);
  for (const key of unset) fields = withoutPath(fields, key);
  const written = readFields(call, channel, fields);
  const { id, cid, user_id, created_at } = before;
  // A message that stays pinned keeps the time and the user of its pinning.
  const kept = before.pinned && written.pinned && set['pinned'] === undefined ? pinOf(before) : {};
  const message: Message = { ...written, ...kept, id, cid, user_id, created_at, updated_at: time };
  state.messages.set(id, message);
  return { message: messageAnswer(state, message) };
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
  const message = existing(state, call.parameters['id'] ?? '');
  const hard = query['hard'] === 'true';
  if (hard && call.caller.kind !== 'server') {
    throw inputError('hard delete messages is only allowed with server side auth');
  }
  const deleted: Message = { ...message, type: 'deleted', deleted_at: time };
  if (hard) {
    state.messages.delete(message.id);
    state.channels.get(message.cid)?.messages.delete(message.id);
  } else state.messages.set(message.id, deleted);
  return { message: messageAnswer(state, deleted) };
}

function existing(state: State, id: string): Message {
  const message = state.messages.get(id);
  if (message === undefined) throw notFound(`message with id ${id} not found`);
  return message;
}
