import type { JsonObject } from './json.ts';
import type { State, User } from './state.ts';
import { timeText } from './time.ts';

/** A user as other objects embed it; custom fields lie beside the others, as in v1. */
export function userAnswer(user: User, online = false): JsonObject {
  return {
    id: user.id,
    ...(user.name === undefined ? {} : { name: user.name }),
    ...(user.image === undefined ? {} : { image: user.image }),
    language: user.language,
    role: user.role,
    teams: user.teams,
    ...(user.teams_role === undefined ? {} : { teams_role: user.teams_role }),
    created_at: timeText(user.created_at),
    updated_at: timeText(user.updated_at),
    banned: false,
    online,
    ...(user.last_active === undefined ? {} : { last_active: timeText(user.last_active) }),
    ...(user.deactivated_at === undefined ? {} : { deactivated_at: timeText(user.deactivated_at) }),
    ...(user.deleted_at === undefined ? {} : { deleted_at: timeText(user.deleted_at) }),
    ...(user.revoke_tokens_issued_before === undefined
      ? {}
      : { revoke_tokens_issued_before: user.revoke_tokens_issued_before }),
    blocked_user_ids: [],
    ...user.custom,
  };
}

/** A user as queries and writes of users answer it, with what the user's own device would show. */
export function fullUserAnswer(user: User, online = false): JsonObject {
  return {
    ...userAnswer(user, online),
    ...(user.privacy_settings === undefined ? {} : { privacy_settings: user.privacy_settings }),
    shadow_banned: false,
    invisible: user.invisible,
    devices: [],
    mutes: [],
    channel_mutes: [],
    unread_count: 0,
    total_unread_count: 0,
    unread_channels: 0,
    unread_threads: 0,
    ...user.custom,
  };
}

/** The embedded user of an id, or null when it is gone. */
export function userById(state: State, id: string): JsonObject | null {
  const user = state.users.get(id);
  return user === undefined ? null : userAnswer(user, state.live.online(id));
}
