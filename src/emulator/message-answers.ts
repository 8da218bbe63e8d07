import type { JsonObject } from './json.ts';
import type { Message, State } from './state.ts';
import { timeText } from './time.ts';
import { userById } from './user-answers.ts';

/** A message as every answer shows it; `html` is computed from the text. */
export function messageAnswer(state: State, message: Message): JsonObject {
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
    latest_reactions: [],
    own_reactions: [],
    reaction_counts: {},
    reaction_scores: {},
    reply_count: 0,
    deleted_reply_count: 0,
    cid: message.cid,
    created_at: timeText(message.created_at),
    updated_at: timeText(message.updated_at),
    ...(message.deleted_at === undefined ? {} : { deleted_at: timeText(message.deleted_at) }),
    ...(message.parent_id === undefined ? {} : { parent_id: message.parent_id }),
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
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
