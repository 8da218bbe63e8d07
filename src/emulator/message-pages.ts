import { fieldError, inputError } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { Channel, Message, State } from './state.ts';
import { parseTime } from './time.ts';
import { optionalInteger, optionalText } from './validate.ts';

/** Which part of a list of messages is asked for. */
export interface MessagePage {
  readonly limit: number;
  /** Messages that come later than the asked part. */
  readonly before?: Edge;
  /** Messages that come earlier. */
  readonly after?: Edge;
  /** The message or the instant in the middle of the asked part. */
  readonly around?: Edge;
}

/** A message's id or an instant in microseconds, and whether the message there belongs to the part. */
interface Edge {
  readonly at: string | number;
  readonly included: boolean;
}

const mostMessages = 300;

const keys: readonly (readonly [string, 'before' | 'after' | 'around', boolean])[] = [
  ['id_lt', 'before', false],
  ['id_lte', 'before', true],
  ['id_gt', 'after', false],
  ['id_gte', 'after', true],
  ['id_around', 'around', true],
  ['created_at_before', 'before', false],
  ['created_at_before_or_equal', 'before', true],
  ['created_at_after', 'after', false],
  ['created_at_after_or_equal', 'after', true],
  ['created_at_around', 'around', true],
];

/** Reads `limit`, `id_lt`, `created_at_after` and so on; throws 400/4 for what is no number or no date. */
export function readPage(options: JsonObject, usual: number): MessagePage {
  const page: { before?: Edge; after?: Edge; around?: Edge } = {};
  for (const [key, side, included] of keys) {
    const given = optionalText(options, key);
    if (given === undefined || given === '') continue;
    const at = key.startsWith('id') ? given : parseTime(given);
    if (at === undefined) throw fieldError(key, 'must be a valid date');
    page[side] = { at, included };
  }
  return { limit: optionalInteger(options, 'limit', { min: 0, max: mostMessages }) ?? usual, ...page };
}

/** The asked part of a list that is sorted oldest first; without edges these are the newest ones. */
export function pageOf(messages: readonly Message[], page: MessagePage): readonly Message[] {
  const { limit, before, after, around } = page;
  if (limit === 0 || messages.length === 0) return [];
  if (around !== undefined) {
    const start = Math.max(0, position(messages, around.at) - Math.floor(limit / 2));
    return messages.slice(start, start + limit);
  }
  const start = after === undefined ? 0 : firstAfter(messages, after);
  const end = before === undefined ? messages.length : endBefore(messages, before);
  const part = messages.slice(start, end);
  return after !== undefined && before === undefined ? part.slice(0, limit) : part.slice(-limit);
}

function firstAfter(messages: readonly Message[], { at, included }: Edge): number {
  const found = position(messages, at);
  return included || !isAt(messages[found], at) ? found : found + 1;
}

function endBefore(messages: readonly Message[], { at, included }: Edge): number {
  const found = position(messages, at);
  return included && isAt(messages[found], at) ? found + 1 : found;
}

function isAt(message: Message | undefined, at: string | number): boolean {
  return message !== undefined && (message.id === at || message.created_at === at);
}

/** Where the message of an id is, or the first one that is not older than the instant. */
function position(messages: readonly Message[], at: string | number): number {
  const found = messages.findIndex((message) =>
    typeof at === 'string' ? message.id === at : message.created_at >= at,
  );
  if (found !== -1) return found;
  if (typeof at === 'string') throw inputError(`message with id ${at} not found`);
  return messages.length;
}

/** The asked part of what a channel shows outside its threads. */
export function channelPage(state: State, channel: Channel, page: MessagePage): readonly Message[] {
  if (page.limit === 0 || channel.messages.size === 0) return [];
  if (page.before ?? page.after ?? page.around) return pageOf(mainMessages(state, channel), page);
  const ids = [...channel.messages];
  const newest: Message[] = [];
  for (let index = ids.length - 1; index >= 0 && newest.length < page.limit; index -= 1) {
    const message = state.messages.get(ids[index] ?? '');
    if (message !== undefined && isMain(message)) newest.push(message);
  }
  return newest.toReversed();
}

/** What a channel shows outside its threads, oldest first. */
export function mainMessages(state: State, channel: Channel): readonly Message[] {
  const messages: Message[] = [];
  for (const id of channel.messages) {
    const message = state.messages.get(id);
    if (message !== undefined && isMain(message)) messages.push(message);
  }
  return messages;
}

/** True for a message that stands in the channel itself, also when it answers another. */
export function isMain(message: Message): boolean {
  return message.parent_id === undefined || message.show_in_channel === true;
}
