import { authorizeReading } from './authorize.ts';
import { callingUser, existingUser, requiredUser } from './callers.ts';
import { channelOf } from './channel-data.ts';
import { StreamError, fieldError, plainNotFound } from './errors.ts';
import { tellUser, tellWatchers } from './events.ts';
import type { JsonObject } from './json.ts';
import { isMain } from './message-pages.ts';
import { keepsReads, totalsAnswer, unreadChannels, unreadIn, unreadTotals } from './reads.ts';
import type { Call, Route } from './router.ts';
import type { Channel, Message, State } from './state.ts';
import { timeText } from './time.ts';
import { userById } from './user-answers.ts';
import { optionalObject, optionalText, requiredText } from './validate.ts';

/** Saying what has been read, and asking what has not. */
export const readMarkRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels/:type/:id/read',
    operation: 'MarkRead',
    access: 'everyone',
    answer: (call) => markRead(call, channelOf(call.state, call.parameters)),
  },
  {
    method: 'POST',
    path: '/channels/:type/:id/unread',
    operation: 'MarkUnread',
    access: 'everyone',
    answer: markUnread,
  },
  {
    method: 'POST',
    path: '/channels/read',
    operation: 'MarkChannelsRead',
    access: 'everyone',
    answer: markMany,
  },
  // Clients report what has arrived on their own accord; nothing here depends on it.
  {
    method: 'POST',
    path: '/channels/delivered',
    operation: 'MarkDelivered',
    access: 'everyone',
    reads: true,
    answer: () => ({}),
  },
  { method: 'GET', path: '/unread', operation: 'UnreadCounts', access: 'everyone', answer: counts },
];

/** Marks a channel as read by the caller, and answers the event that tells of it. */
export function markRead(call: Call, channel: Channel): object {
  const { state, body } = call;
  const user = existingUser(call);
  authorizeReading(call, channel);
  requireReads(state, channel);
  // A thread keeps no read state here, and reading it says nothing about its channel.
  if (optionalText(body, 'thread_id') !== undefined) return { event: eventOf(call, channel, user) };
  const id = optionalText(body, 'message_id') ?? '';
  mark(call, channel, user, id === '' ? undefined : messageIn(state, channel, id));
  return { event: eventOf(call, channel, user) };
}

function requireReads(state: State, channel: Channel): void {
  if (keepsReads(state, channel)) return;
  throw new StreamError(400, 18, `Channel type ${channel.type} does not support read events`);
}

function messageIn(state: State, channel: Channel, id: string): Message {
  const message = channel.messages.has(id) ? state.messages.get(id) : undefined;
  if (message === undefined) throw plainNotFound(`message with id ${id} not found`);
  return message;
}

/** Reading never goes backwards: only marking as unread does. */
function mark(call: Call, channel: Channel, user: string, upTo: Message | undefined): void {
  const { state, time } = call;
  if (!channel.members.has(user)) return;
  const last = upTo ?? newest(state, channel);
  const at = upTo?.created_at ?? time;
  if (at < (channel.reads.get(user)?.last_read ?? 0)) return;
  channel.reads.set(user, {
    last_read: at,
    ...(last === undefined ? {} : { last_read_message_id: last.id }),
  });
  tellWatchers(state, channel, {
    type: 'message.read',
    time,
    fields: () => readFields(call, channel, user),
  });
  tellUser(state, user, channel, {
    type: 'notification.mark_read',
    time,
    fields: () => readFields(call, channel, user),
    counted: true,
  });
}

function newest(state: State, channel: Channel): Message | undefined {
  for (const id of [...channel.messages].toReversed()) {
    const message = state.messages.get(id);
    if (message !== undefined && isMain(message)) return message;
  }
  return undefined;
}

function readFields({ state }: Call, channel: Channel, user: string): JsonObject {
  const last = channel.reads.get(user)?.last_read_message_id;
  return { user: userById(state, user), ...(last === undefined ? {} : { last_read_message_id: last }) };
}

function eventOf(call: Call, channel: Channel, user: string): JsonObject {
  return {
    type: 'message.read',
    cid: channel.cid,
    channel_id: channel.id,
    channel_type: channel.type,
    ...readFields(call, channel, user),
    created_at: timeText(call.time),
  };
}

function markUnread(call: Call): object {
  const { state, body, time } = call;
  const channel = channelOf(state, call.parameters);
  const user = existingUser(call);
  authorizeReading(call, channel);
  requireReads(state, channel);
  if (optionalText(body, 'thread_id') !== undefined) return {};
  const first = messageIn(state, channel, requiredText(body, 'message_id'));
  const ids = [...channel.messages];
  const before = ids[ids.indexOf(first.id) - 1];
  const last_read = first.created_at - 1;
  channel.reads.set(user, {
    last_read,
    ...(before === undefined ? {} : { last_read_message_id: before }),
  });
  const fields = (): JsonObject => ({
    ...readFields(call, channel, user),
    first_unread_message_id: first.id,
    last_read_at: timeText(last_read),
    unread_messages: unreadIn(state, channel, user),
  });
  tellUser(state, user, channel, { type: 'notification.mark_unread', time, fields, counted: true });
  return {};
}

/** Without a list, everything the user has not read counts as read. */
function markMany(call: Call): object {
  const { state } = call;
  const user = existingUser(call);
  const listed = optionalObject(call.body, 'read_by_channel');
  if (listed === undefined || Object.keys(listed).length === 0) {
    for (const { channel } of unreadChannels(state, user)) mark(call, channel, user, undefined);
    return {};
  }
  const marks = Object.entries(listed).map(([cid, id]) => {
    const [type = '', ...rest] = cid.split(':');
    const channel = channelOf(state, { type, id: rest.join(':') });
    authorizeReading(call, channel);
    if (typeof id !== 'string') throw fieldError('read_by_channel', 'must hold message ids');
    return { channel, upTo: id === '' ? undefined : messageIn(state, channel, id) };
  });
  for (const { channel, upTo } of marks) mark(call, channel, user, upTo);
  return {};
}

function counts(call: Call): object {
  const { state } = call;
  const user = callingUser(call) ?? requiredUser(call);
  const channels = unreadChannels(state, user);
  const types = new Map<string, { channels: number; messages: number }>();
  for (const { channel, unread } of channels) {
    const sum = types.get(channel.type) ?? { channels: 0, messages: 0 };
    types.set(channel.type, { channels: sum.channels + 1, messages: sum.messages + unread.count });
  }
  return {
    total_unread_count: totalsAnswer(unreadTotals(state, user))['total_unread_count'],
    total_unread_threads_count: 0,
    channels: channels.map(({ channel, unread }) => ({
      channel_id: channel.cid,
      unread_count: unread.count,
      last_read: unread.last_read === undefined ? '0001-01-01T00:00:00Z' : timeText(unread.last_read),
    })),
    channel_type: [...types].map(([channel_type, sum]) => ({
      channel_type,
      channel_count: sum.channels,
      unread_count: sum.messages,
    })),
    threads: [],
  };
}
