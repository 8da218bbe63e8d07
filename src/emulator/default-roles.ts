/** The roles every app has and nobody can delete. */
export const builtInRoles = [
  'user',
  'guest',
  'anonymous',
  'admin',
  'moderator',
  'channel_member',
  'channel_moderator',
  'global_admin',
  'global_moderator',
  'global_read_only',
] as const;

/** The built-in roles that a channel member, and only a channel member, can have. */
export const builtInChannelRoles: ReadonlySet<string> = new Set(['channel_member', 'channel_moderator']);
