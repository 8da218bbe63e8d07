const chatOnly: ReadonlySet<string> = new Set([
  'channeltypes',
  'channels',
  'commands',
  'members',
  'messages',
  'predefined_filters',
  'retention_policy',
  'search',
  'threads',
  'unread',
  'drafts',
  'reminders',
]);

/** The v1 path of a v2 one; v1 paths and the moderation paths, which exist in v2 only, come back unchanged. */
export function firstVersionPath(path: string): string {
  if (!path.startsWith('/api/v2/') || path.startsWith('/api/v2/moderation/')) return path;
  const rest = path.slice('/api/v2'.length);
  if (!rest.startsWith('/chat/')) return rest;
  const area = rest.split('/')[2] ?? '';
  return chatOnly.has(area) ? rest.slice('/chat'.length) : path;
}
