/** A snapshot of the local Stream by object: `channelTypes/support`, `channels/team:one/members/eva`. */
export type Objects = ReadonlyMap<string, Tree>;

type Tree = Readonly<Record<string, unknown>>;
type Trees = Readonly<Record<string, Tree>>;

const collections = [
  'channelTypes',
  'roles',
  'commands',
  'permissions',
  'blocklists',
  'users',
  'channels',
  'messages',
];

/** Every object of a snapshot that is there: what was deleted softly is gone. Members are objects of their own. */
export function objectsIn(snapshot: unknown): Objects {
  const sections = snapshot as Readonly<Record<string, Readonly<Record<string, Tree>>>>;
  const objects = new Map<string, Tree>([['app', sections['app'] ?? {}]]);
  for (const section of collections) {
    for (const [key, object] of Object.entries(sections[section] ?? {})) {
      if (object['deleted_at'] !== undefined) continue;
      const { members, ...own } = object;
      objects.set(`${section}/${key}`, own);
      for (const [id, member] of Object.entries((members ?? {}) as Readonly<Record<string, Tree>>))
        objects.set(`${section}/${key}/members/${id}`, member);
    }
  }
  return objects;
}

/** A snapshot as text lines without what every run makes anew: times, and the tasks that were reported. */
export function comparable(snapshot: unknown): readonly string[] {
  const { tasks: _, channels, ...rest } = snapshot as Tree;
  return linesIn(
    { ...rest, channels: inEffect((channels ?? {}) as Trees, (rest['channelTypes'] ?? {}) as Trees) },
    [],
  );
}

/**
 * Channels without overrides that say what their type says: Stream never tells them, so that no run can know of one
 * that an earlier run, cut off, has left behind. What is in effect is the same.
 */
function inEffect(channels: Trees, types: Trees): Trees {
  return Object.fromEntries(
    Object.entries(channels).map(([cid, channel]) => {
      const type = types[cid.slice(0, cid.indexOf(':'))] ?? {};
      const overrides = Object.entries((channel['config_overrides'] ?? {}) as Tree).filter(
        ([key, value]) => JSON.stringify(value) !== JSON.stringify(type[key]),
      );
      return [cid, { ...channel, config_overrides: Object.fromEntries(overrides) }];
    }),
  );
}

function linesIn(value: unknown, path: readonly string[]): readonly string[] {
  const name = path.at(-1) ?? '';
  if (/_at$|^last_read$/.test(name) && typeof value === 'number') return [`${path.join(' › ')}: some time`];
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0)
    return [`${path.join(' › ')}: ${JSON.stringify(value)}`];
  return Object.entries(value).flatMap(([key, below]) => linesIn(below, [...path, key]));
}
