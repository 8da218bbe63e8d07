import type { JsonObject } from './json.ts';
import { isMain } from './message-pages.ts';
import type { Channel, Message, State } from './state.ts';
import { type Micros, timeText } from './time.ts';
import { userById } from './user-answers.ts';

/** What a member has not read of a channel yet. */
export interface Unread {
  readonly count: number;
  /** Absent: he never read anything. */
  readonly last_read?: Micros;
  readonly last_read_message_id?: string;
}

/** How often somebody is told of unread messages, over all his channels. */
export interface UnreadTotals {
  readonly messages: number;
  readonly channels: number;
}

/** The zero time of the real service's language, which stands for never. */
const never = '0001-01-01T00:00:00Z';

/** True when channels of this type keep what has been read; no channel can override it. */
export function keepsReads(state: State, channel: Channel): boolean {
  return state.channelTypes.seen(channel.type)?.settings['read_events'] === true;
}

/** The messages of a channel that may count as unread for those who did not write them, oldest first. */
function countable(state: State, channel: Channel): readonly Message[] {
  const messages: Message[] = [];
  for (const id of channel.messages) {
    const message = state.messages.get(id);
    if (message === undefined || message.silent || message.type === 'system' || !isMain(message)) continue;
    messages.push(message);
  }
  return messages;
}

/** What each of the users has not read; nothing for those who are no members. */
function unreadOf(state: State, channel: Channel, users: Iterable<string>): ReadonlyMap<string, Unread> {
  const found = new Map<string, Unread>();
  const messages = channel.messages.size === 0 ? [] : countable(state, channel);
  for (const user of users) {
    const member = channel.members.get(user);
    if (member === undefined) continue;
    const read = channel.reads.get(user);
    const since = read?.last_read ?? member.created_at;
    let count = 0;
    let own: Message | undefined;
    for (let index = messages.length - 1; index >= 0; index -= 1) {
      const message = messages[index];
      if (message === undefined || message.created_at <= since) break;
      // Whoever writes has seen what was there before.
      if (message.user_id === user) {
        own = message;
        break;
      }
      if (message.deleted_at === undefined) count += 1;
    }
    if (own !== undefined)
      found.set(user, { count, last_read: own.created_at, last_read_message_id: own.id });
    else found.set(user, { count, ...read });
  }
  return found;
}

/** What one user has not read in one channel; zero where nothing is kept. */
export function unreadIn(state: State, channel: Channel, user: string): number {
  if (!keepsReads(state, channel)) return 0;
  return unreadOf(state, channel, [user]).get(user)?.count ?? 0;
}

/** The `read` list of a channel's row: what the users have read, and how much they have not. */
export function readAnswers(state: State, channel: Channel, users: readonly string[]): readonly JsonObject[] {
  if (!keepsReads(state, channel)) return [];
  return [...unreadOf(state, channel, users)].map(([user, unread]) => ({
    user: userById(state, user),
    last_read: unread.last_read === undefined ? never : timeText(unread.last_read),
    ...(unread.last_read_message_id === undefined
      ? {}
      : { last_read_message_id: unread.last_read_message_id }),
    unread_messages: unread.count,
  }));
}

/** The channels in which a user has something to read, with how much and since when. */
export function unreadChannels(
  state: State,
  user: string,
): readonly { readonly channel: Channel; readonly unread: Unread }[] {
  return [...(state.index.byMember.get(user) ?? [])].flatMap((cid) => {
    const channel = state.channels.get(cid);
    if (channel === undefined || channel.deleted_at !== undefined || !keepsReads(state, channel)) return [];
    const unread = unreadOf(state, channel, [user]).get(user);
    return unread === undefined || unread.count === 0 ? [] : [{ channel, unread }];
  });
}

/** How much a user has to read in all his channels. */
export function unreadTotals(state: State, user: string): UnreadTotals {
  const channels = unreadChannels(state, user);
  return {
    messages: channels.reduce((sum, { unread }) => sum + unread.count, 0),
    channels: channels.length,
  };
}

/** The totals as connections and events carry them. */
export function totalsAnswer(totals: UnreadTotals): JsonObject {
  return {
    unread_count: totals.messages,
    total_unread_count: totals.messages,
    unread_channels: totals.channels,
  };
}
