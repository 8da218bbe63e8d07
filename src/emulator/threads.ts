import { authorizeReading } from './authorize.ts';
import { callingUser } from './callers.ts';
import { channelOf } from './channel-data.ts';
import { fieldError, inputError } from './errors.ts';
import type { Json } from './json.ts';
import { messageAnswer } from './message-answers.ts';
import { pageOf, readPage } from './message-pages.ts';
import { messageOf } from './messages.ts';
import type { Call, Route } from './router.ts';
import type { Message } from './state.ts';

/** Reading replies, and messages by their ids. */
export const threadRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/messages/:id/replies',
    operation: 'GetReplies',
    access: 'everyone',
    answer: replies,
  },
  {
    method: 'GET',
    path: '/channels/:type/:id/messages',
    operation: 'GetManyMessages',
    access: 'everyone',
    answer: byIds,
  },
];

const usualReplies = 25;
const mostIds = 50;

function replies(call: Call): object {
  const { state, query } = call;
  const { message, channel } = messageOf(state, call.parameters['id'] ?? '');
  authorizeReading(call, channel);
  const limit = query['limit'] === undefined ? {} : { limit: Number(query['limit']) };
  const all = (message.replies ?? []).flatMap((id) => state.messages.get(id) ?? []);
  const page = pageOf(all, readPage({ ...query, ...limit }, usualReplies));
  const shown = newestFirst(query['sort']) ? page.toReversed() : page;
  return { messages: answers(call, shown) };
}

function newestFirst(sort: string | undefined): boolean {
  if (sort === undefined) return false;
  try {
    const parsed = JSON.parse(sort) as Json;
    return JSON.stringify(parsed).includes('"direction":-1');
  } catch {
    throw inputError('sort is not valid JSON');
  }
}

function byIds(call: Call): object {
  const { state } = call;
  const channel = channelOf(state, call.parameters);
  authorizeReading(call, channel);
  const ids = (call.query['ids'] ?? '').split(',').filter((id) => id !== '');
  if (ids.length === 0) throw fieldError('ids', 'is a required field');
  if (ids.length > mostIds) throw fieldError('ids', `must contain at maximum ${mostIds} items`);
  const messages = ids.flatMap((id) => (channel.messages.has(id) ? (state.messages.get(id) ?? []) : []));
  return { messages: answers(call, messages) };
}

function answers(call: Call, messages: readonly Message[]): readonly object[] {
  return messages.map((message) => messageAnswer(call.state, message, callingUser(call)));
}
