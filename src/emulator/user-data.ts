import { checkCustomSize } from './custom-data.ts';
import { builtInChannelRoles } from './default-roles.ts';
import { type PartialUpdate, firstPart, withPath, withoutPath } from './dotted.ts';
import { StreamError, inputError } from './errors.ts';
import { plainName, putUser } from './indexes.ts';
import { type Json, type JsonObject, isObject } from './json.ts';
import type { State, User } from './state.ts';
import type { Micros } from './time.ts';
import { flag, listOf, object, shape, text } from './validate.ts';

const mostTeams = 250;
const longestTeam = 100;

/** Fields that have a meaning of their own; everything else is custom. */
const writable = new Set([
  'id',
  'role',
  'teams',
  'teams_role',
  'name',
  'image',
  'language',
  'invisible',
  'privacy_settings',
  'revoke_tokens_issued_before',
]);

const reserved = new Set([
  'created_at',
  'updated_at',
  'deleted_at',
  'deactivated_at',
  'last_active',
  'online',
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
]);

const settings = shape({
  typing_indicators: shape({ enabled: flag }),
  read_receipts: shape({ enabled: flag }),
  delivery_receipts: shape({ enabled: flag }),
});

/** Throws unless the text can be a user's id. */
export function checkUserId(id: Json | undefined): string {
  if (typeof id !== 'string' || id === '') throw inputError('id is a required field');
  if (!/^[\w@!.-]{1,255}$/.test(id))
    throw inputError(`user id "${id}" may only hold letters, digits, @, _ and -`);
  return id;
}

/**
 * The user after an upsert, which replaces everything custom, as well as name and image; role, teams and language of
 * an existing user stay when they are not sent.
 */
export function upsertedUser(state: State, sent: JsonObject, time: Micros): User {
  const id = checkUserId(sent['id']);
  const before = state.users.get(id);
  refuseGone(before);
  const custom: Record<string, Json> = {};
  for (const [key, value] of Object.entries(sent)) {
    if (reserved.has(key)) throw inputError(`user.${key} is a reserved field`);
    if (!writable.has(key)) custom[key] = value;
  }
  let user: User = {
    id,
    role: before?.role ?? 'user',
    teams: before?.teams ?? [],
    ...(before?.teams_role === undefined ? {} : { teams_role: before.teams_role }),
    language: before?.language ?? '',
    invisible: before?.invisible ?? false,
    ...(before?.privacy_settings === undefined ? {} : { privacy_settings: before.privacy_settings }),
    custom,
    created_at: before?.created_at ?? time,
    updated_at: time,
    ...(before?.last_active === undefined ? {} : { last_active: before.last_active }),
  };
  for (const key of writable) {
    const value = sent[key];
    if (key !== 'id' && value !== undefined && value !== null) user = withField(state, user, key, value);
  }
  checkCustomSize(custom, 'user');
  return user;
}

/** The user after a partial update; nested values are reached with dots. */
export function patchedUser(state: State, before: User, update: PartialUpdate, time: Micros): User {
  refuseGone(before);
  let user = before;
  for (const [key, value] of Object.entries(update.set)) user = withKey(state, user, key, value);
  for (const key of update.unset) user = withoutKey(state, user, key);
  checkCustomSize(user.custom, 'user');
  return { ...user, updated_at: time };
}

function withKey(state: State, user: User, key: string, value: Json): User {
  const first = firstPart(key);
  if (first === 'id' || reserved.has(first)) throw inputError(`user.${first} is a reserved field`);
  if (!writable.has(first)) return { ...user, custom: withPath(user.custom, key, value) };
  if (key !== first) return withField(state, user, first, withPath(nested(user, first), rest(key), value));
  return value === null ? withoutField(user, key) : withField(state, user, key, value);
}

function withoutKey(state: State, user: User, key: string): User {
  const first = firstPart(key);
  if (first === 'id' || first === 'role' || reserved.has(first)) {
    throw inputError(`user.${first} is a reserved field`);
  }
  if (!writable.has(first)) return { ...user, custom: withoutPath(user.custom, key) };
  if (key !== first) return withField(state, user, first, withoutPath(nested(user, first), rest(key)));
  return withoutField(user, key);
}

/** Throws when a user of this name is not allowed beside the others. */
export function checkUniqueName(state: State, user: User): void {
  const rule = state.app.settings['enforce_unique_usernames'];
  if (user.name === undefined || user.name === '' || (rule !== 'app' && rule !== 'team')) return;
  if (state.users.get(user.id)?.name === user.name) return;
  for (const id of state.index.usersByName.get(plainName(user.name)) ?? []) {
    const other = state.users.get(id);
    if (other === undefined || other.id === user.id || other.deleted_at !== undefined) continue;
    if (rule === 'app') throw new StreamError(400, 6, `username '${user.name}' already exists`);
    const team = user.teams.find((one) => other.teams.includes(one));
    if (team !== undefined)
      throw new StreamError(400, 6, `username '${user.name}' already exists in team '${team}'`);
  }
}

/** Makes sure that a user exists, for the endpoints of the real service that create one in passing. */
export function ensureUser(state: State, sent: JsonObject, time: Micros): User {
  const id = checkUserId(sent['id']);
  const known = state.users.get(id);
  if (known !== undefined && known.deleted_at === undefined) return known;
  const user = upsertedUser(state, sent, time);
  putUser(state, user);
  return user;
}

/** Throws when the user was deactivated or deleted. */
export function refuseGone(user: User | undefined): void {
  if (user?.deleted_at !== undefined) throw inputError(`User with id "${user.id}" was deleted`);
  if (user?.deactivated_at !== undefined) throw inputError(`User with id "${user.id}" was deactivated`);
}

function nested(user: User, key: string): JsonObject {
  const value = (user as unknown as JsonObject)[key];
  return isObject(value) ? value : {};
}

function rest(key: string): string {
  return key.slice(key.indexOf('.') + 1);
}

function withField(state: State, user: User, key: string, value: Json): User {
  switch (key) {
    case 'role':
      return { ...user, role: userRole(state, value) };
    case 'teams':
      return { ...user, teams: teamList(value) };
    case 'teams_role':
      return { ...user, teams_role: object(value, key) as JsonObject };
    case 'name':
      return { ...user, name: text()(value, key) as string };
    case 'image':
      return { ...user, image: text()(value, key) as string };
    case 'language':
      return { ...user, language: text()(value, key) as string };
    case 'invisible':
      return { ...user, invisible: flag(value, key) as boolean };
    case 'privacy_settings': {
      const merged = { ...user.privacy_settings, ...(settings(value, key) as JsonObject) };
      return { ...user, privacy_settings: merged };
    }
    default:
      return { ...user, revoke_tokens_issued_before: value };
  }
}

function withoutField(user: User, key: string): User {
  if (key === 'teams') return { ...user, teams: [] };
  if (key === 'language') return { ...user, language: '' };
  if (key === 'invisible') return { ...user, invisible: false };
  if (key === 'role') return user;
  const copy: Record<string, unknown> = { ...user };
  delete copy[key];
  return copy as unknown as User;
}

function userRole(state: State, value: Json): string {
  const role = text({ max: 64 })(value, 'role') as string;
  if (state.roles.seen(role) === undefined) throw inputError(`role "${role}" does not exist`);
  if (builtInChannelRoles.has(role)) throw inputError(`role "${role}" cannot be used as a user role`);
  return role;
}

function teamList(value: Json): readonly string[] {
  const teams = listOf(text(), { max: mostTeams })(value, 'teams') as readonly string[];
  for (const [index, team] of teams.entries()) {
    if (team === '') throw inputError('team name must not be empty');
    if (Buffer.byteLength(team) > longestTeam) {
      throw inputError(`teams[${index}] must be a maximum of ${longestTeam} characters in length`);
    }
  }
  return [...new Set(teams)];
}
