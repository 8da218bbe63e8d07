import { object, type Schema } from '../../model/schema.ts';

/** What a manifest declares of a role, and its normal form: it has nothing but its name. */
export type Role = Readonly<Record<string, never>>;

/** What a manifest may declare of a role. */
export const roleSchema: Schema<Role> = object(
  {},
  'A role of the app: it has nothing but its name, and grants say what it may do.',
);

/** Roles that every app has, and that nobody can delete. */
export const builtInRoles: ReadonlySet<string> = new Set([
  'admin',
  'anonymous',
  'channel_member',
  'channel_moderator',
  'global_admin',
  'global_moderator',
  'global_read_only',
  'guest',
  'moderator',
  'user',
]);
