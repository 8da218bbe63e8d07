/** How far the security-relevant objects of an app are open, by name. */
export type Openness = ReadonlyMap<string, Reach>;

/** How far one object is open, in each respect. */
export type Reach = Readonly<Record<string, Respect>>;

/** What is let through: these, all but these, or a number that grows as it opens. */
type Respect =
  | { readonly only: readonly string[] }
  | { readonly allBut: readonly string[] }
  | { readonly upTo: number };

/**
 * The objects that are open in a way in which they are open neither before nor after. Each is compared as a whole: a
 * mixture of before and after is no excuse. What was not there before is compared with after alone.
 */
export function widerThanBoth(now: Openness, before: Openness, after: Openness): readonly string[] {
  const names = new Set([...now.keys(), ...before.keys(), ...after.keys()]);
  return [...names].flatMap((name) => {
    // A user or a type that comes or goes is told by what it is itself.
    if (name.includes(rights) && !(before.has(name) && after.has(name))) return [];
    const reach = reachOf(now, name);
    const bounds = [reachOf(before, name), reachOf(after, name)];
    if (bounds.some((bound) => isWithin(reach, bound))) return [];
    const [was, becomes] = bounds.map((bound) => JSON.stringify(bound));
    return [`${name}: ${JSON.stringify(reach)}, before ${was}, after ${becomes}`];
  });
}

/** Reads off a snapshot of the local Stream how far everything is open. */
export function openness(snapshot: unknown): Openness {
  const { app, channels, channelTypes, users } = snapshot as Snapshot;
  return new Map<string, Reach>([
    ...grantsOf('.app', app.grants),
    ...switchesOf(app.settings),
    ...uploadConfigs.map((name) => [`app ${name}`, uploadsOf(treeAt(app.settings[name]))] as const),
    ...Object.values(channelTypes).flatMap((type) => [
      ...grantsOf(`type ${type.name}`, type.grants),
      [`type ${type.name}: features`, { on: { only: opened(type.settings) } }] as const,
    ]),
    ...Object.values(channels)
      .filter(({ deleted_at }) => deleted_at === undefined)
      .flatMap((channel) => channelReaches(channel, channelTypes[channel.type])),
    ...Object.values(users)
      .filter(({ deleted_at }) => deleted_at === undefined)
      .flatMap((user) => [
        ...userReaches(user),
        rightsOf(user, 'app', app.grants),
        ...Object.values(channelTypes).map(({ name, grants }) => rightsOf(user, `type ${name}`, grants)),
      ]),
  ]);
}

interface Snapshot {
  readonly app: { readonly settings: Tree; readonly grants: Grants };
  readonly channelTypes: Readonly<Record<string, Type>>;
  readonly channels: Readonly<Record<string, Channel>>;
  readonly users: Readonly<Record<string, User>>;
}

type Tree = Readonly<Record<string, unknown>>;
type Grants = Readonly<Record<string, readonly string[]>>;
type Named = readonly [string, Reach];

interface Type {
  readonly name: string;
  readonly settings: Tree;
  readonly grants: Grants;
}

interface Channel {
  readonly cid: string;
  readonly type: string;
  readonly frozen: boolean;
  readonly disabled: boolean;
  readonly deleted_at?: number;
  readonly config_overrides: Tree & { readonly grants?: Grants };
  readonly members: Readonly<Record<string, { readonly channel_role: string }>>;
}

interface User {
  readonly id: string;
  readonly role: string;
  readonly teams: readonly string[];
  readonly teams_role?: Readonly<Record<string, string>>;
  readonly deactivated_at?: number;
  readonly deleted_at?: number;
}

const uploadConfigs = ['file_upload_config', 'image_upload_config'] as const;

/** App switches, and whether they open the app when they are on. */
const switches: Readonly<Record<string, boolean>> = {
  disable_auth_checks: true,
  disable_permissions_checks: true,
  guest_user_creation_disabled: false,
  image_moderation_enabled: false,
  moderation_enabled: false,
  multi_tenant_enabled: false,
};

/** The one feature that closes when it is on: messages wait for the backend. */
const closing = 'mark_messages_pending';

const connecting = ', connecting';
const rights = ', rights in ';

function reachOf(openness: Openness, name: string): Reach {
  // Whoever is no user yet may connect and becomes one; everything else that is absent opens nothing.
  return openness.get(name) ?? (name.endsWith(connecting) ? connects(true) : {});
}

function isWithin(reach: Reach, bound: Reach): boolean {
  return Object.entries(reach).every(([respect, one]) => isWithinRespect(one, bound[respect]));
}

function isWithinRespect(one: Respect, bound: Respect = { only: [] }): boolean {
  if ('upTo' in one) return one.upTo === 0 || ('upTo' in bound && one.upTo <= bound.upTo);
  if ('only' in one) {
    if ('only' in bound) return one.only.every((name) => bound.only.includes(name));
    return 'allBut' in bound && !one.only.some((name) => bound.allBut.includes(name));
  }
  return 'allBut' in bound && bound.allBut.every((name) => one.allBut.includes(name));
}

function grantsOf(scope: string, grants: Grants): readonly Named[] {
  return Object.entries(grants).map(([role, permissions]) => [
    `${scope}: grants of ${role}`,
    { granted: { only: permissions } },
  ]);
}

function switchesOf(settings: Tree): readonly Named[] {
  const disallowed = settings['user_search_disallowed_roles'];
  return [
    ...Object.entries(switches).map(([name, opens]): Named => {
      const open = (settings[name] === true) === opens;
      return [`app ${name}`, { open: { only: open ? ['open'] : [] } }];
    }),
    [
      'app user_search_disallowed_roles',
      { searching: { allBut: Array.isArray(disallowed) ? disallowed : [] } },
    ],
  ];
}

function uploadsOf(config: Tree): Reach {
  return {
    file_extensions: accepted(config, 'file_extensions'),
    mime_types: accepted(config, 'mime_types'),
    // 0 is Stream's own limit, the largest there is.
    bytes: { upTo: Number(config['size_limit']) || Infinity },
  };
}

function accepted(config: Tree, what: string): Respect {
  const [allowed, blocked] = ['allowed', 'blocked'].map((list) => textsAt(config[`${list}_${what}`]));
  if (allowed === undefined || allowed.length === 0) return { allBut: blocked ?? [] };
  return { only: allowed.filter((name) => blocked?.includes(name) !== true) };
}

function channelReaches(channel: Channel, type: Type | undefined): readonly Named[] {
  const { cid, config_overrides, disabled, frozen, members } = channel;
  const { grants = {}, ...overrides } = config_overrides;
  return [
    [`channel ${cid}`, { users: { only: [...(frozen ? [] : ['write']), ...(disabled ? [] : ['open'])] } }],
    [`channel ${cid}: features`, { on: { only: opened({ ...type?.settings, ...overrides }) } }],
    ...[...new Set([...Object.keys(grants), ...Object.keys(type?.grants ?? {})])].map((role): Named => {
      const modifiers = grants[role] ?? [];
      const taken = new Set(modifiers.filter((one) => one.startsWith('!')).map((one) => one.slice(1)));
      const given = [...(type?.grants[role] ?? []), ...modifiers.filter((one) => !one.startsWith('!'))];
      return [
        `channel ${cid}: rights of ${role}`,
        { granted: { only: given.filter((one) => !taken.has(one)) } },
      ];
    }),
    ...Object.entries(members).map(([id, { channel_role }]): Named => [
      `channel ${cid}: member ${id}`,
      { as: { only: ['channel_member', channel_role] } },
    ]),
  ];
}

/** The features of these settings that are on, and `unseen` messages when they need not wait for the backend. */
function opened(settings: Tree): readonly string[] {
  return [
    ...Object.keys(settings).filter((name) => name !== closing && settings[name] === true),
    ...(settings[closing] === true ? [] : ['unseen']),
  ];
}

function userReaches({ id, role, teams, teams_role, deactivated_at }: User): readonly Named[] {
  return [
    [
      `user ${id}`,
      {
        role: { only: [role] },
        teams: { only: teams },
        teams_role: { only: Object.entries(teams_role ?? {}).map((entry) => entry.join(' ')) },
      },
    ],
    [`user ${id}${connecting}`, connects(deactivated_at === undefined)],
  ];
}

/** What a user may do is what the role may: neither the grants of a role nor who holds it tell that alone. */
function rightsOf({ id, role }: User, scope: string, grants: Grants): Named {
  return [`user ${id}${rights}${scope}`, { granted: { only: grants[role] ?? [] } }];
}

function connects(may: boolean): Reach {
  return { may: { only: may ? ['connect'] : [] } };
}

function treeAt(value: unknown): Tree {
  return typeof value === 'object' && value !== null ? (value as Tree) : {};
}

function textsAt(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
