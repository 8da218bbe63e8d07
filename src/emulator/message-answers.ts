import type { JsonObject } from './json.ts';
import type { Message, Reaction, State } from './state.ts';
import { timeText } from './time.ts';
import { userById } from './user-answers.ts';

/** A message as every answer shows it; `html` is computed from the text, own reactions are the reader's. */
export function messageAnswer(state: State, message: Message, readerId?: string): JsonObject {
  const replies = (message.replies ?? []).flatMap((id) => state.messages.get(id) ?? []);
  const kept = replies.filter((reply) => reply.deleted_at === undefined);
  const quoted = message.custom['quoted_message_id'];
  const original = typeof quoted === 'string' ? state.messages.get(quoted) : undefined;
  const member = state.channels.get(message.cid)?.members.get(message.user_id);
  return {
    id: message.id,
    text: message.text,
    html: message.text === '' ? '' : `<p>${escaped(message.text)}</p>\n`,
    type: message.type,
    user: userById(state, message.user_id),
    ...(member === undefined
      ? {}
      : { member: { channel_role: member.channel_role, notifications_muted: member.notifications_muted } }),
    attachments: message.attachments,
    ...reactionSummary(state, message, readerId),
    reply_count: kept.length,
    deleted_reply_count: replies.length - kept.length,
    ...(kept.length === 0
      ? {}
      : {
          thread_participants: [...new Set(kept.map((reply) => reply.user_id))].map((id) =>
            userById(state, id),
          ),
        }),
    cid: message.cid,
    created_at: timeText(message.created_at),
    updated_at: timeText(message.updated_at),
    ...(message.deleted_at === undefined ? {} : { deleted_at: timeText(message.deleted_at) }),
    ...(message.parent_id === undefined ? {} : { parent_id: message.parent_id }),
    ...(message.show_in_channel === undefined ? {} : { show_in_channel: message.show_in_channel }),
    shadowed: false,
    mentioned_users: message.mentioned_users.flatMap((id) => userById(state, id) ?? []),
    mentioned_channel: false,
    mentioned_here: false,
    silent: message.silent,
    pinned: message.pinned,
    pinned_at: message.pinned_at === undefined ? null : timeText(message.pinned_at),
    pinned_by: message.pinned_by_id === undefined ? null : userById(state, message.pinned_by_id),
    pin_expires: message.pin_expires === undefined ? null : timeText(message.pin_expires),
    restricted_visibility: [],
    ...message.custom,
    ...(original === undefined || original.custom['quoted_message_id'] === message.id
      ? {}
      : { quoted_message: messageAnswer(state, withoutQuote(original)) }),
  };
}

/** A quoted message is shown without what it quotes itself. */
function withoutQuote(message: Message): Message {
  const { quoted_message_id: _quoted, ...custom } = message.custom;
  return { ...message, custom };
}

const shownReactions = 10;

function reactionSummary(state: State, message: Message, readerId: string | undefined): JsonObject {
  const reactions = message.reactions ?? [];
  const counts: Record<string, number> = {};
  const scores: Record<string, number> = {};
  const groups: Record<string, JsonObject> = {};
  for (const reaction of reactions) {
    counts[reaction.type] = (counts[reaction.type] ?? 0) + 1;
    scores[reaction.type] = (scores[reaction.type] ?? 0) + reaction.score;
    groups[reaction.type] = {
      first_reaction_at: timeText(reaction.created_at),
      ...groups[reaction.type],
      count: counts[reaction.type] ?? 0,
      sum_scores: scores[reaction.type] ?? 0,
      last_reaction_at: timeText(reaction.created_at),
    };
  }
  const own = reactions.filter((reaction) => reaction.user_id === readerId);
  return {
    latest_reactions: reactions
      .slice(-shownReactions)
      .toReversed()
      .map((reaction) => reactionAnswer(state, message, reaction)),
    own_reactions: own.map((reaction) => reactionAnswer(state, message, reaction)),
    reaction_counts: counts,
    reaction_scores: scores,
    ...(reactions.length === 0 ? {} : { reaction_groups: groups }),
  };
}

/** A reaction as every answer shows it; custom fields lie beside the others, as in v1. */
export function reactionAnswer(state: State, message: Message, reaction: Reaction): JsonObject {
  return {
    message_id: message.id,
    user_id: reaction.user_id,
    user: userById(state, reaction.user_id),
    type: reaction.type,
    score: reaction.score,
    created_at: timeText(reaction.created_at),
    updated_at: timeText(reaction.updated_at),
    ...reaction.custom,
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
