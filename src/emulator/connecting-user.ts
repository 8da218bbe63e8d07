import { deviceAnswers } from './devices.ts';
import { inputError, tooBig } from './errors.ts';
import { type Json, type JsonObject, sameJson, without } from './json.ts';
import { totalsAnswer, unreadTotals } from './reads.ts';
import type { State, User } from './state.ts';
import type { Micros } from './time.ts';
import { fullUserAnswer } from './user-answers.ts';
import { refuseGone, upsertedUser } from './user-data.ts';

const largestDetails = 5 * 1024;

/** Fields that a connecting user must not carry. */
const reserved = ['created_at', 'updated_at', 'deleted_at', 'deactivated_at', 'last_active', 'online'];

/** Fields of a user's own answer that come back from clients and say nothing. */
const ignored: ReadonlySet<string> = new Set([
  'id',
  'role',
  'teams',
  'teams_role',
  'anon',
  'banned',
  'shadow_banned',
  'ban_expires',
  'devices',
  'mutes',
  'channel_mutes',
  'blocked_user_ids',
  'unread_count',
  'total_unread_count',
  'unread_channels',
  'unread_threads',
  'push_preferences',
  'revoke_tokens_issued_before',
]);

/**
 * The user after connecting: what he says of himself is laid over what is known, a role is ignored, and nothing but
 * his last activity changes when he says nothing new.
 */
export function connectingUser(state: State, id: string, details: JsonObject, time: Micros): User {
  const before = state.users.get(id);
  refuseGone(before);
  const size = Buffer.byteLength(JSON.stringify(details));
  if (size > largestDetails) {
    throw tooBig(`user details of ${size} bytes exceed the maximum of ${largestDetails} bytes`);
  }
  const refused = reserved.filter((key) => details[key] !== undefined);
  if (refused.length > 0)
    throw inputError(refused.map((key) => `user.${key} is a reserved field`).join(', '));
  refuseOtherTeams(before, details['teams']);
  const known: JsonObject = {
    ...before?.custom,
    ...(before?.name === undefined ? {} : { name: before.name }),
    ...(before?.image === undefined ? {} : { image: before.image }),
  };
  const merged = upsertedUser(state, { ...known, ...without(details, ignored), id }, time);
  const revoked = before?.revoke_tokens_issued_before;
  const user = { ...merged, ...(revoked === undefined ? {} : { revoke_tokens_issued_before: revoked }) };
  const unchanged = before !== undefined && sameJson(content(before), content(user));
  return { ...user, updated_at: unchanged ? before.updated_at : time, last_active: time };
}

/** Absent, null and no teams at all mean no change; the order says nothing. */
function refuseOtherTeams(before: User | undefined, sent: Json | undefined): void {
  if (!Array.isArray(sent) || sent.length === 0) return;
  const known = [...(before?.teams ?? [])].sort();
  if (!sameJson([...new Set(sent.map(String))].sort(), known)) {
    throw inputError('user teams cannot be changed at connection time');
  }
}

function content(user: User): JsonObject {
  const { updated_at: _updated, last_active: _active, ...rest } = user;
  return rest;
}

/** A visitor without a token, whom the state never holds. */
export function visitorOf(id: string, time: Micros): User {
  return {
    id,
    role: 'anonymous',
    teams: [],
    language: '',
    invisible: false,
    custom: {},
    created_at: time,
    updated_at: time,
    last_active: time,
  };
}

const enabled = { enabled: true };

/** The connected user as the first frame shows him. */
export function meAnswer(state: State, user: User): JsonObject {
  return {
    ...fullUserAnswer(user, !user.invisible),
    push_preferences: { chat_level: 'all', call_level: 'all', feeds_level: 'all' },
    privacy_settings: {
      typing_indicators: enabled,
      read_receipts: enabled,
      delivery_receipts: enabled,
      ...user.privacy_settings,
    },
    ...totalsAnswer(unreadTotals(state, user.id)),
    devices: deviceAnswers(state, user.id),
    unread_threads: 0,
  };
}
