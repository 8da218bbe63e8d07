import type { Declared, GeneratedManifest } from './arbitraries.ts';

/** The parts of a local Stream's snapshot that the properties look at. */
export interface Snapshot {
  readonly app: { readonly settings: Declared; readonly grants: Declared };
  readonly roles: Readonly<Record<string, unknown>>;
  readonly channelTypes: Readonly<Record<string, TypeState>>;
  readonly users: Readonly<Record<string, UserState>>;
  readonly channels: Readonly<Record<string, ChannelState>>;
}

interface TypeState {
  readonly [field: string]: unknown;
  readonly settings: Declared;
  readonly commands: readonly string[];
  readonly grants: Declared;
}

interface UserState {
  readonly [field: string]: unknown;
  readonly custom: Declared;
  readonly teams_role?: Declared;
}

interface ChannelState {
  readonly [field: string]: unknown;
  readonly type: string;
  readonly id: string;
  readonly custom: Declared;
  readonly config_overrides: Declared;
  readonly members: Readonly<Record<string, Declared & { readonly custom: Declared }>>;
  readonly deleted_at?: number;
  readonly distinct?: readonly string[];
}

interface DeclaredChannel {
  readonly key: string;
  readonly declared: Declared;
  readonly members: readonly string[] | undefined;
}

/** The declared channels by the CID they have in this state, with the key that plans know them by. */
export function channelsOf(
  wanted: GeneratedManifest,
  snapshot: Snapshot,
): ReadonlyMap<string, DeclaredChannel> {
  const found = new Map<string, DeclaredChannel>();
  for (const [type, some] of Object.entries(wanted.channels ?? {})) {
    for (const [id, declared] of Object.entries(some)) {
      const items = declared['members'] as readonly (string | Declared)[] | undefined;
      const members = items?.map((item) => (typeof item === 'string' ? item : String(item['user_id'])));
      found.set(`${type}:${id}`, { key: `${type}:${id}`, declared, members });
    }
  }
  for (const { members, ...declared } of Object.values(wanted.distinct_channels ?? {})) {
    const ids = [...new Set(members as readonly string[])].toSorted();
    const key = `${String(declared['type'])}:${ids.join(',')}`;
    for (const [cid, channel] of Object.entries(snapshot.channels)) {
      const same = channel.type === declared['type'] && channel.distinct?.join() === ids.join();
      if (same) found.set(cid, { key, declared, members: ids });
    }
  }
  return found;
}

/**
 * Everything of a state that these manifests do not manage, times of objects that they may touch aside. `before` tells
 * what is there to be kept: objects that are new since are left out.
 */
export function untouchedParts(
  state: Snapshot,
  wanted: GeneratedManifest,
  removed: readonly Declared[],
  before: Snapshot,
): unknown {
  const gone = new Set(removed.map((line) => line['channel'] ?? line['channel_type']));
  // A role that goes takes its grants along, wherever they are.
  const roleNames = removed.flatMap((line) => (typeof line['role'] === 'string' ? [line['role']] : []));
  const {
    app,
    roles,
    channelTypes,
    users,
    channels,
    tasks: _tasks,
    ...rest
  } = state as Snapshot & { readonly tasks: unknown };
  const declaredChannels = channelsOf(wanted, before);
  return {
    ...rest,
    app: {
      settings: without(app.settings, Object.keys(wanted.app?.settings ?? {})),
      grants: without(app.grants, [...roleNames, ...Object.keys(wanted.app?.grants ?? {})]),
    },
    roles: kept(roles, before.roles, new Set(roleNames), (role) => role),
    channelTypes: kept(channelTypes, before.channelTypes, gone, (type, name) => {
      const declared = own(wanted.channel_types, name);
      if (declared === undefined)
        return {
          ...without(type, roleNames.length > 0 ? ['updated_at'] : []),
          grants: without(type.grants, roleNames),
        };
      return {
        settings: without(type.settings, Object.keys(declared)),
        commands: declared['commands'] === undefined ? type.commands : 'managed',
        grants: without(type.grants, [...roleNames, ...Object.keys(declared['grants'] ?? {})]),
      };
    }),
    users: kept(users, before.users, new Set(), (user, id) => {
      const declared = own(wanted.users, id);
      if (declared === undefined) return user;
      const { custom, teams_role, updated_at: _, ...fields } = user;
      const status = declared['status'] === undefined ? [] : ['deactivated_at'];
      return {
        ...without(fields, [...Object.keys(declared), ...status]),
        custom: without(custom, Object.keys(declared['custom'] ?? {})),
        teams_role: without(teams_role ?? {}, Object.keys(declared['teams_role'] ?? {})),
      };
    }),
    channels: kept(channels, before.channels, gone, (channel, cid) => {
      const declared = declaredChannels.get(cid)?.declared;
      if (declared === undefined || own(before.channels, cid)?.deleted_at !== undefined)
        return declared === undefined ? channel : 'revived';
      const { custom, config_overrides, members, updated_at: _, ...fields } = channel;
      const overrides = declared['config_overrides'];
      const names = ['name', 'image'].filter((name) => declared[name] !== undefined);
      return {
        ...without(
          fields,
          Object.keys(declared).filter((field) => field !== 'created_by' && field !== 'type'),
        ),
        custom: without(custom, [...names, ...Object.keys(declared['custom'] ?? {})]),
        config_overrides: without(
          config_overrides,
          overrides === undefined ? [] : overridesNamed(overrides, config_overrides),
        ),
        members: membersKept(members, declared, own(before.channels, cid)?.members ?? {}),
      };
    }),
  };
}

function overridesNamed(overrides: unknown, live: Declared): readonly string[] {
  const named = Object.keys(overrides as Declared);
  return named.includes('$unset') ? Object.keys(live) : named;
}

/** Of members who stay: who they are, and what is said about none of them. */
function membersKept(
  members: ChannelState['members'],
  declared: Declared,
  before: ChannelState['members'],
): unknown {
  const items = declared['members'] as readonly (string | Declared)[] | undefined;
  if (items === undefined && declared['moderators'] === undefined) return members;
  const entries = new Map(
    (items ?? []).map((item) => (typeof item === 'string' ? [item, {}] : [String(item['user_id']), item])),
  );
  const exact = items !== undefined && declared['members_mode'] !== 'additive';
  const staying = Object.entries(members).filter(([id]) => Object.hasOwn(before, id));
  return Object.fromEntries(
    staying
      .filter(([id]) => !exact || entries.has(id))
      .map(([id, { custom, channel_role, updated_at: _, ...fields }]) => {
        const entry = entries.get(id) ?? {};
        const role =
          declared['moderators'] === undefined && !Object.hasOwn(entry, 'channel_role')
            ? { channel_role }
            : {};
        const ours = Object.keys(entry['custom'] ?? {});
        return [id, { ...fields, ...role, custom: without(custom, ours) }];
      }),
  );
}

function kept<T>(
  objects: Readonly<Record<string, T>>,
  before: Readonly<Record<string, T>>,
  gone: ReadonlySet<unknown>,
  part: (object: T, name: string) => unknown,
): unknown {
  return Object.fromEntries(
    Object.entries(objects)
      .filter(([name]) => Object.hasOwn(before, name) && !gone.has(name))
      .map(([name, object]) => [name, part(object, name)]),
  );
}

/** Names may be those of an object's own methods. */
export function own<T>(objects: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return objects !== undefined && Object.hasOwn(objects, name) ? objects[name] : undefined;
}

function without(tree: Declared, keys: readonly string[]): Declared {
  return Object.fromEntries(Object.entries(tree).filter(([key]) => !keys.includes(key)));
}
