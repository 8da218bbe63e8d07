import { checkCustomSize } from './custom-data.ts';
import { builtInChannelRoles, builtInRoles } from './default-roles.ts';
import { fieldError, inputError, notAllowed } from './errors.ts';
import { putMember } from './indexes.ts';
import { type Json, type JsonObject, isObject } from './json.ts';
import type { Channel, Member, State } from './state.ts';
import type { Micros } from './time.ts';

/** One entry of a member list, which may be a bare user id. */
export interface SentMember {
  readonly user_id: string;
  readonly channel_role?: string;
  readonly custom: JsonObject;
}

const mostMembers = 100;

/** What a read of a member gives and a write must not carry as custom data. */
const computed = new Set([
  'user_id',
  'user',
  'channel_role',
  'role',
  'is_moderator',
  'invited',
  'status',
  'banned',
  'shadow_banned',
  'notifications_muted',
  'created_at',
  'updated_at',
]);

/** Reads a list of members; throws 400/4 for more than 100, unknown roles and entries without a user. */
export function readMembers(state: State, sent: Json | undefined, field: string): readonly SentMember[] {
  if (sent === undefined || sent === null) return [];
  if (!Array.isArray(sent)) throw fieldError(field, 'must be a list');
  if (sent.length > mostMembers) throw fieldError(field, `must contain at maximum ${mostMembers} items`);
  const members = new Map<string, SentMember>();
  for (const entry of sent as readonly Json[]) {
    const member = readMember(state, entry, field);
    members.set(member.user_id, member);
  }
  return [...members.values()];
}

function readMember(state: State, entry: Json, field: string): SentMember {
  if (typeof entry === 'string' && entry !== '') return { user_id: entry, custom: {} };
  if (!isObject(entry)) throw fieldError(field, 'must hold user ids or objects with a user_id');
  const user = isObject(entry['user']) ? entry['user']['id'] : undefined;
  const id = entry['user_id'] ?? user;
  if (typeof id !== 'string' || id === '') throw fieldError(`${field}.user_id`, 'is a required field');
  const custom: Record<string, Json> = {};
  for (const [key, value] of Object.entries(entry)) if (!computed.has(key)) custom[key] = value;
  checkCustomSize(custom, 'member');
  const role = entry['channel_role'];
  return {
    user_id: id,
    custom,
    ...(role === undefined || role === null || role === ''
      ? {}
      : { channel_role: checkChannelRole(state, role) }),
  };
}

/** The role, if a member can have it: a custom one or one of the two built-in channel roles. */
export function checkChannelRole(state: State, role: Json): string {
  if (typeof role !== 'string' || state.roles.seen(role) === undefined) {
    throw inputError(`role "${String(role)}" does not exist`);
  }
  if ((builtInRoles as readonly string[]).includes(role) && !builtInChannelRoles.has(role)) {
    throw inputError(`role "${role}" cannot be used as a channel role`);
  }
  return role;
}

/** The ids that belong to no living user. */
export function missingUsers(state: State, ids: Iterable<string>): readonly string[] {
  return [...ids].filter((id) => {
    const user = state.users.get(id);
    return user === undefined || user.deleted_at !== undefined;
  });
}

/** Refuses users who were not among the members that made a distinct channel. */
export function refuseOutsiders(channel: Channel, ids: Iterable<string>, invited: boolean): void {
  if (channel.distinct === undefined) return;
  if (invited && [...ids].length > 0) {
    throw notAllowed('cannot invite members to the distinct channel, please create a new channel');
  }
  const belongs = new Set(channel.distinct);
  for (const id of ids) {
    if (!belongs.has(id)) {
      throw notAllowed(
        "cannot add members to the distinct channel they don't belong to, please create a new distinct channel",
      );
    }
  }
}

/** Adds members who are not there yet; one who is stays as he is, whatever the entry says. */
export function addMembers(
  state: State,
  channel: Channel,
  members: readonly SentMember[],
  time: Micros,
  invited = false,
): void {
  for (const sent of members) {
    if (channel.members.has(sent.user_id)) continue;
    putMember(state, channel, newMember(sent, time, invited));
  }
}

function newMember(sent: SentMember, time: Micros, invited: boolean): Member {
  return {
    user_id: sent.user_id,
    channel_role: sent.channel_role ?? 'channel_member',
    status: invited ? 'pending' : 'member',
    invited,
    notifications_muted: false,
    custom: sent.custom,
    created_at: time,
    updated_at: time,
  };
}
