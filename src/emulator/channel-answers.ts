import { judgeOf } from './authorize.ts';
import { callingUser } from './callers.ts';
import { ownCapabilities } from './capabilities.ts';
import { effectiveConfig } from './channel-config.ts';
import type { Json, JsonObject } from './json.ts';
import { messageAnswer } from './message-answers.ts';
import { type MessagePage, channelPage, mainMessages } from './message-pages.ts';
import { readAnswers } from './reads.ts';
import type { Call, Caller } from './router.ts';
import type { Channel, Member, State } from './state.ts';
import { timeText } from './time.ts';
import { userById } from './user-answers.ts';

/** The zero time of the real service's language, which leaks out of emptied channels. */
const zeroTime = '0001-01-01T00:00:00Z';

/** How much of a channel's state an answer carries. */
export interface RowLimits {
  readonly members: number;
  readonly memberOffset?: number;
  readonly messages: MessagePage;
  /** How many of the users who watch are listed; absent: there is no list. */
  readonly watchers?: number;
}

const mostPinned = 10;

/** A channel's row in `POST /channels` and, with `duration`, the answer of get-or-create. */
export function channelRow(call: Call, channel: Channel, limits: RowLimits): JsonObject {
  const { state, caller } = call;
  const userId = callingUser(call);
  const shown = [...channel.members.keys()].slice(
    limits.memberOffset ?? 0,
    (limits.memberOffset ?? 0) + limits.members,
  );
  const watching = state.live.watchingUsers(channel.cid);
  const membership = userId === undefined ? undefined : channel.members.get(userId);
  const start = limits.memberOffset ?? 0;
  return {
    channel: {
      ...channelAnswer(state, channel, caller),
      hidden: userId !== undefined && channel.hidden_for.has(userId),
    },
    messages: channelPage(state, channel, limits.messages).map((message) =>
      messageAnswer(state, message, userId),
    ),
    // Set-up tools ask for many channels for nobody in particular, and have no use for what people do there.
    pinned_messages: userId === undefined ? [] : pinnedMessages(state, channel, userId),
    watcher_count: watching.size,
    ...(limits.watchers === undefined
      ? {}
      : { watchers: [...watching].slice(0, limits.watchers).map((id) => watcherAnswer(state, id)) }),
    read: userId === undefined ? [] : readAnswers(state, channel, shown),
    members: memberAnswers(state, channel, start, start + limits.members),
    ...(membership === undefined ? {} : { membership: memberAnswer(state, channel, membership) }),
    threads: [],
  };
}

function pinnedMessages(state: State, channel: Channel, userId: string): readonly Json[] {
  if (channel.messages.size === 0) return [];
  return mainMessages(state, channel)
    .filter((message) => message.pinned && message.deleted_at === undefined)
    .slice(-mostPinned)
    .map((message) => messageAnswer(state, message, userId));
}

/** A channel as every answer embeds it. */
export function channelAnswer(state: State, channel: Channel, caller: Caller): JsonObject {
  const config = effectiveConfig(state, channel);
  return {
    id: channel.id,
    type: channel.type,
    cid: channel.cid,
    ...lastMessageAt(channel),
    created_at: timeText(channel.created_at),
    updated_at: timeText(channel.updated_at),
    created_by: userById(state, channel.created_by_id),
    frozen: channel.frozen,
    disabled: channel.disabled,
    member_count: channel.members.size,
    config,
    ...(channel.truncated_at === undefined ? {} : { truncated_at: timeText(channel.truncated_at) }),
    ...(channel.truncated_by_id === undefined
      ? {}
      : { truncated_by: userById(state, channel.truncated_by_id) }),
    own_capabilities: capabilities(state, channel, caller, config),
    hidden: false,
    ...(channel.team === undefined ? {} : { team: channel.team }),
    ...(channel.cooldown > 0 ? { cooldown: channel.cooldown } : {}),
    ...(channel.filter_tags.length > 0 ? { filter_tags: channel.filter_tags } : {}),
    ...(channel.auto_translation_enabled === undefined
      ? {}
      : { auto_translation_enabled: channel.auto_translation_enabled }),
    ...(channel.auto_translation_language === undefined
      ? {}
      : { auto_translation_language: channel.auto_translation_language }),
    ...(config['count_messages'] === true && channel.messages.size > 0
      ? { message_count: channel.messages.size }
      : {}),
    ...channel.custom,
  };
}

function capabilities(state: State, channel: Channel, caller: Caller, config: JsonObject): readonly string[] {
  if (caller.kind === 'server') return [];
  return ownCapabilities({
    may: judgeOf(state, caller, { type: channel.type, channel }),
    config,
    slow: channel.cooldown > 0,
    userId: caller.kind === 'user' ? caller.id : '',
  });
}

function watcherAnswer(state: State, id: string): Json {
  const [connection] = state.live.of(id);
  return connection?.visitor ?? userById(state, id);
}

/** A channel as events carry it: without what differs from reader to reader. */
export function eventChannel(state: State, channel: Channel): JsonObject {
  const {
    own_capabilities: _own,
    hidden: _hidden,
    ...rest
  } = channelAnswer(state, channel, { kind: 'server' });
  return rest;
}

/** A channel in the answer that deletes it: without custom data, creator and capabilities. */
export function deletedChannelAnswer(state: State, channel: Channel, deletedAt: string): JsonObject {
  return {
    id: channel.id,
    type: channel.type,
    cid: channel.cid,
    created_at: timeText(channel.created_at),
    updated_at: timeText(channel.updated_at),
    deleted_at: deletedAt,
    truncated_at: deletedAt,
    created_by: null,
    frozen: channel.frozen,
    disabled: channel.disabled,
    members: memberAnswers(state, channel, 0, 100),
    config: effectiveConfig(state, channel),
  };
}

function lastMessageAt(channel: Channel): JsonObject {
  if (channel.last_message_at !== undefined) return { last_message_at: timeText(channel.last_message_at) };
  return channel.truncated_at === undefined ? {} : { last_message_at: zeroTime };
}

/** The members from one position to another, in the order of joining. */
export function memberAnswers(state: State, channel: Channel, start: number, end: number): readonly Json[] {
  const answers: JsonObject[] = [];
  let position = 0;
  for (const member of channel.members.values()) {
    if (position >= end) break;
    if (position >= start) answers.push(memberAnswer(state, channel, member));
    position += 1;
  }
  return answers;
}

/** A member as every answer shows it; custom fields lie beside the others, as in v1. */
export function memberAnswer(state: State, channel: Channel, member: Member): JsonObject {
  return {
    user_id: member.user_id,
    user: userById(state, member.user_id),
    ...(member.invited ? { invited: true } : {}),
    ...(member.invite_accepted_at === undefined
      ? {}
      : { invite_accepted_at: timeText(member.invite_accepted_at) }),
    ...(member.invite_rejected_at === undefined
      ? {}
      : { invite_rejected_at: timeText(member.invite_rejected_at) }),
    status: member.status,
    created_at: timeText(member.created_at),
    updated_at: timeText(member.updated_at),
    banned: false,
    shadow_banned: false,
    role: legacyRole(state, channel, member),
    channel_role: member.channel_role,
    notifications_muted: member.notifications_muted,
    ...(member.channel_role === 'channel_moderator' ? { is_moderator: true } : {}),
    ...(member.pinned_at === undefined ? {} : { pinned_at: timeText(member.pinned_at) }),
    ...(member.archived_at === undefined ? {} : { archived_at: timeText(member.archived_at) }),
    ...member.custom,
  };
}

function legacyRole(state: State, channel: Channel, member: Member): string {
  if (channel.created_by_id === member.user_id) return 'owner';
  if (state.users.get(member.user_id)?.role === 'admin') return 'admin';
  return member.channel_role === 'channel_moderator' ? 'moderator' : 'member';
}
