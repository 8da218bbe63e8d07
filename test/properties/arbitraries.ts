import fc from 'fast-check';

/**
 * Manifests of all kinds as plain objects (JSON is YAML), over a small world of names, so that two of them often
 * speak of the same things. Whatever they refer to exists: `worldManifest` makes the users that channels need.
 */

export type Declared = Readonly<Record<string, unknown>>;

export interface GeneratedManifest {
  readonly app?: { readonly settings?: Declared; readonly grants?: Declared; readonly lifecycle?: Declared };
  readonly roles?: readonly string[];
  readonly channel_types?: Readonly<Record<string, Declared>>;
  readonly users?: Readonly<Record<string, Declared>>;
  readonly channels?: Readonly<Record<string, Readonly<Record<string, Declared>>>>;
  readonly distinct_channels?: Readonly<Record<string, Declared>>;
  readonly removed?: readonly Declared[];
}

export const unset = { $unset: true } as const;

/** Users that channels may name; nothing declares these, and nothing may change them. */
export const bystanders = ['by0', 'by1', 'by2', 'by3'] as const;
/** Users that manifests may declare. */
export const declarable = ['lena', 'ben', '042', 'valueOf', 'no'] as const;
const everyone = [...bystanders, ...declarable] as const;
const typeNames = ['messaging', 'livestream', 'support', 'toString'] as const;
/** The type that no channel is of, so that it can be removed. */
export const spareType = 'spare';

/** The role that users hold and grants name: every manifest declares it. */
const heldRole = 'clerk';
/** Roles that manifests may leave out, and that only edits give any rights. */
const spareRoles = ['valueOf', '042'] as const;

const hostile = fc.constantFrom(
  'plain',
  'no',
  '042',
  '1e3',
  'null',
  '~',
  'true',
  ' leading: colon #hash',
  '\u001b[31mred',
  '::set-output name=x::y',
  '<script>alert(1)</script> @everyone',
  '🎈 naïve ﷽ \u202eright to left',
  '__proto__',
  'line one\nline two',
  '"quoted" \'twice\' \\',
);

const customValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    hostile,
    fc.integer({ min: -1000, max: 1000 }),
    fc.constantFrom(0.5, -1.25, 9_007_199_254_740_991, 0),
    fc.boolean(),
    fc.constant(''),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom('valueOf', 'a.b', 'with space', '$set', 'é', '7'), tie('value')), {
        maxLength: 3,
      })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

const customKey = fc.oneof(
  // Some come often, so that manifests and edits meet.
  { weight: 2, arbitrary: fc.constantFrom('state', '042', 'valueOf') },
  { weight: 1, arbitrary: oddKeys() },
);

function oddKeys(): fc.Arbitrary<string> {
  return fc.constantFrom(
    'valueOf',
    'toString',
    'constructor',
    'prototype',
    'hasOwnProperty',
    '7',
    '042',
    'schlüssel',
    '鍵',
    'tag-with-dash',
    '$set',
    'set',
    'tags',
    'true',
  );
}

const custom = fc.dictionary(
  customKey,
  fc.oneof({ weight: 3, arbitrary: customValue }, { weight: 1, arbitrary: fc.constant(unset) }),
  {
    maxKeys: 4,
    noNullPrototype: true,
  },
);

function setOf(elements: readonly string[]): fc.Arbitrary<string[]> {
  return fc.array(fc.constantFrom(...elements), { maxLength: 5 });
}

function uniqueOf(elements: readonly string[], minLength = 0): fc.Arbitrary<string[]> {
  return fc.uniqueArray(fc.constantFrom(...elements), { minLength, maxLength: 5 });
}

/** A whole set, or a change of one; what is added is never removed as well. */
function changeable(elements: readonly string[]): fc.Arbitrary<unknown> {
  const change = uniqueOf(elements, 2).chain((some) =>
    fc.integer({ min: 0, max: some.length }).map((cut) => {
      const [add, remove] = [some.slice(0, cut), some.slice(cut)];
      return { ...(add.length > 0 ? { add } : {}), ...(remove.length > 0 ? { remove } : {}) };
    }),
  );
  return fc.oneof(setOf(elements), change);
}

function clearable<T>(value: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constant(unset) });
}

function some(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Declared> {
  return fc.record(fields, { requiredKeys: [], noNullPrototype: true });
}

/** The fields of several declarations; the last one wins. */
function together(...parts: readonly fc.Arbitrary<Declared>[]): fc.Arbitrary<Declared> {
  return fc.tuple(...parts).map((all): Declared => Object.assign({}, ...all));
}

/** A few of many fields, so that declarations stay small. */
function few(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>, most = 5): fc.Arbitrary<Declared> {
  return fc
    .uniqueArray(fc.constantFrom(...Object.keys(fields)), { maxLength: most })
    .chain((names) =>
      fc.record(Object.fromEntries(names.map((name) => [name, fields[name]!])), { noNullPrototype: true }),
    );
}

const permissions = [
  'create-channel',
  'create-message',
  'read-channel',
  'pin-message',
  'delete-message-owner',
  'upload-attachment',
];
const grants = fc.dictionary(
  fc.constantFrom('user', 'guest', 'channel_member', 'anonymous', heldRole),
  changeable(permissions),
  {
    maxKeys: 3,
    noNullPrototype: true,
  },
);

const preferences = some({
  channel_mentions: fc.constantFrom('all', 'none'),
  default_preference: fc.constantFrom('all', 'none'),
  thread_replies: fc.constantFrom('all', 'none'),
});
const behaviour = fc.constantFrom('flag', 'block', 'shadow_block');
const score = fc.constantFrom(0, 0.25, 0.5, 1);
const thresholds = some({
  explicit: some({ flag: score, block: score }),
  spam: some({ flag: score, block: score }),
  toxic: some({ flag: score, block: score }),
});
const commandNames = ['giphy', 'ban', 'unban', 'mute', 'unmute'];
const flags = (names: string): Record<string, fc.Arbitrary<unknown>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, fc.boolean()]));

const overridable = {
  ...flags(
    'count_messages quotes reactions replies shared_locations typing_events uploads url_enrichment user_message_reminders',
  ),
  max_message_length: fc.constantFrom(1, 280, 5000, 20_000),
  push_level: fc.constantFrom('all', 'mentions', 'none'),
};

/** What types and overrides say most often, so that they meet. */
const contested = { ...flags('reactions uploads'), max_message_length: fc.constantFrom(280, 5000) };
const typeCommands = fc.oneof(
  fc.constant('all'),
  changeable(commandNames),
  fc.constantFrom(
    ['fun_set'],
    ['moderation_set', 'giphy'],
    { add: ['moderation_set'] },
    { remove: ['moderation_set'] },
  ),
);

const otherTypeFields = few(
  {
    ...overridable,
    ...flags(
      'connect_events custom_events mark_messages_pending mutes polls push_notifications read_events reminders search',
    ),
    allowed_flag_reasons: changeable(['spam', 'abuse', 'other']),
    automod: fc.constantFrom('disabled', 'simple', 'AI'),
    automod_behavior: behaviour,
    automod_thresholds: clearable(thresholds),
    blocklist: clearable(fc.constant('profanity_en_2020_v1')),
    blocklist_behavior: behaviour,
    blocklists: fc.oneof(
      fc.constant([]),
      behaviour.map((behavior) => [{ blocklist: 'profanity_en_2020_v1', behavior }]),
    ),
    chat_preferences: preferences,
    grants,
    message_retention: fc.constantFrom('infinite', '30'),
    partition_size: fc.constantFrom(0, 5, 10, 200),
    partition_ttl: clearable(fc.constantFrom('24h', '1.1h', '90m', '24h0m0s', '1500ms', '0.5ms')),
  },
  5,
);

export const channelType: fc.Arbitrary<Declared> = together(
  otherTypeFields,
  some({ ...contested, commands: typeCommands }),
);

const url = fc.constantFrom('https://example.com/a', 'https://example.com/{type}');
const extensions = ['.png', '.jpg', '.pdf', '.exe'];
const mimeTypes = ['image/png', 'image/jpeg', 'image/gif'];

/** Either kind of list is filled, never both: Stream refuses that. */
function uploadRule(what: string, elements: readonly string[]): fc.Arbitrary<Declared> {
  return fc.oneof(
    fc.constant({}),
    fc.constant({ [`allowed_${what}`]: 'all', [`blocked_${what}`]: [] }),
    uniqueOf(elements, 1).map((list) => ({ [`allowed_${what}`]: list, [`blocked_${what}`]: [] })),
    changeable(elements).map((list) => ({ [`allowed_${what}`]: 'all', [`blocked_${what}`]: list })),
  );
}

const uploadConfig = fc
  .tuple(
    uploadRule('file_extensions', extensions),
    uploadRule('mime_types', mimeTypes),
    some({ size_limit: fc.constantFrom(0, 1024) }),
  )
  .map((parts): Declared => Object.assign({}, ...parts));

export const appSettings: fc.Arbitrary<Declared> = few(
  {
    ...flags(
      `async_url_enrich_enabled auto_translation_enabled disable_auth_checks disable_permissions_checks guest_user_creation_disabled
      image_moderation_enabled moderation_enabled moderation_onboarding_complete multi_tenant_enabled
      channel_hide_members_only`.replace(/\s+/g, ' '),
    ),
    allowed_flag_reasons: changeable(['spam', 'abuse', 'other']),
    image_moderation_labels: changeable(['nudity', 'violence']),
    user_search_disallowed_roles: changeable(['guest', 'anonymous', 'user']),
    before_message_send_hook_attempt_timeout_ms: fc.constantFrom(0, 500),
    before_message_send_hook_url: clearable(url),
    custom_action_handler_url: clearable(fc.oneof(url, fc.constant(''))),
    moderation_webhook_url: clearable(url),
    moderation_s3_image_access_role_arn: clearable(fc.constant('arn:aws:iam::1:role/x')),
    cdn_expiration_seconds: fc.constantFrom(14_400, 1_209_600),
    chat_primary_use_case: fc.constantFrom('messaging', 'gaming'),
    enforce_unique_usernames: fc.constantFrom('no', 'app', 'team'),
    max_aggregated_activities_length: fc.constantFrom(0, 15),
    moderation_dashboard_preferences: fc.dictionary(
      fc.constantFrom('a', 'valueOf', 'c'),
      fc.oneof(fc.boolean(), hostile),
      {
        maxKeys: 2,
        noNullPrototype: true,
      },
    ),
    activity_metrics_config: fc.dictionary(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 3 }), {
      noNullPrototype: true,
    }),
    datadog_info: some({
      api_key: fc.constant('key'),
      enabled: fc.boolean(),
      site: fc.constantFrom('eu', 'us'),
    }),
    permission_version: fc.constantFrom('v1', 'v2'),
    reminders_interval: fc.constantFrom(60, 300),
    reminders_max_members: fc.constantFrom(2, 10),
    file_upload_config: uploadConfig,
    image_upload_config: uploadConfig.map(({ blocked_file_extensions: _, ...config }) => config),
    push_config: some({ version: fc.constantFrom('v2', 'v3'), offline_only: fc.boolean() }),
    revoke_tokens_issued_before: clearable(
      fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T02:00:00.123456+02:00'),
    ),
  },
  6,
);

export const appBlock = some({
  settings: appSettings,
  grants: grants.filter((roles) => Object.keys(roles).length > 0),
});

/** Names end in the id, so that they are unique whatever the app asks for. */
export const user = (id: string): fc.Arbitrary<Declared> =>
  some({
    role: fc.constantFrom('user', 'admin', 'moderator', 'guest', heldRole),
    name: clearable(hostile.map((text) => `${text} ${id}`)),
    image: clearable(fc.oneof(url, fc.constant(''))),
    teams: changeable(['red', 'blue', '042']),
    teams_role: fc.dictionary(fc.constantFrom('red', 'blue', 'valueOf'), fc.constantFrom('user', 'admin'), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
    status: fc.constantFrom('active', 'deactivated'),
    custom,
  });

const modifiers = fc.dictionary(
  fc.constantFrom('user', 'channel_member'),
  setOf(['!create-message', 'pin-message', '!read-channel']),
  {
    maxKeys: 2,
    noNullPrototype: true,
  },
);

const otherOverrides = few(
  {
    ...overridable,
    blocklist: fc.constant('profanity_en_2020_v1'),
    blocklist_behavior: fc.constantFrom('flag', 'block'),
    chat_preferences: preferences,
    grants: modifiers,
  },
  3,
);

const overrides = clearable(
  together(
    otherOverrides,
    some({ ...contested, commands: fc.oneof(setOf(commandNames), fc.constant(['fun_set'])) }),
  ),
);

const common = {
  name: clearable(hostile),
  image: clearable(url),
  // Users are in other teams: who leaves a team leaves its channels.
  team: clearable(fc.constantFrom('north', 'south')),
  frozen: fc.boolean(),
  disabled: fc.boolean(),
  cooldown: fc.constantFrom(0, 5, 120),
  filter_tags: changeable(['vip', 'eu', '042']),
};
const channelFields = together(few(common, 4), some({ custom, config_overrides: overrides }));
const owner = fc.constantFrom(...everyone);

function member(id: string, moderators: readonly string[] | undefined): fc.Arbitrary<unknown> {
  const role =
    moderators === undefined
      ? some({ channel_role: fc.constantFrom('channel_member', 'channel_moderator') })
      : fc.constant(moderators.includes(id) ? {} : {});
  const entry = fc.tuple(role, some({ custom })).map(([one, two]) => ({ user_id: id, ...one, ...two }));
  return fc.oneof({ weight: 2, arbitrary: fc.constant<unknown>(id) }, { weight: 1, arbitrary: entry });
}

const membership: fc.Arbitrary<Declared> = fc
  .tuple(fc.option(uniqueOf(everyone), { nil: undefined }), fc.option(uniqueOf(everyone), { nil: undefined }))
  .chain(([ids, moderators]) =>
    fc.record({
      ...(ids === undefined ? {} : { members: fc.tuple(...ids.map((id) => member(id, moderators))) }),
      ...(moderators === undefined ? {} : { moderators: fc.constant(moderators) }),
      ...(ids === undefined ? {} : { members_mode: fc.constantFrom('additive', 'exact') }),
    }),
  );

export const channel: fc.Arbitrary<Declared> = fc
  .tuple(channelFields, membership, owner)
  .map(([fields, members, created_by]) => ({ ...fields, ...members, created_by }));

const distinctChannel: fc.Arbitrary<Declared> = fc
  .tuple(channelFields, uniqueOf(bystanders, 2), fc.constantFrom('messaging', 'livestream'), owner)
  .map(([fields, members, type, created_by]) => ({ ...fields, members, type, created_by }));

function sectionOf(names: readonly string[], one: (name: string) => fc.Arbitrary<Declared>, minLength = 0) {
  return fc
    .uniqueArray(fc.constantFrom(...names), { minLength, maxLength: names.length })
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map((name) => [name, one(name)])), { noNullPrototype: true }),
    );
}

/** A manifest that makes every type it uses; two distinct channels of it are never the same one. */
export const manifest: fc.Arbitrary<GeneratedManifest> = fc
  .record({
    app: appBlock,
    roles: uniqueOf(spareRoles).map((names) => [heldRole, ...names]),
    channel_types: sectionOf(['messaging', 'livestream', spareType], () => channelType),
    // Other types are always declared, so that their channels may be.
    own_types: fc.record({ support: channelType, toString: channelType }, { noNullPrototype: true }),
    users: sectionOf(declarable, user),
    channels: sectionOf(
      typeNames,
      () => sectionOf(['one', 'two-2'], () => channel, 1) as fc.Arbitrary<Declared>,
      2,
    ),
    distinct_channels: sectionOf(['pair', 'trio'], () => distinctChannel),
  })
  .map(({ own_types, ...sections }) => ({
    ...sections,
    channel_types: { ...sections.channel_types, ...own_types },
    channels: sections.channels as Readonly<Record<string, Readonly<Record<string, Declared>>>>,
    distinct_channels: differentOnes(sections.distinct_channels as Readonly<Record<string, Declared>>),
  }));

function differentOnes(channels: Readonly<Record<string, Declared>>): Readonly<Record<string, Declared>> {
  const seen = new Set<string>();
  return Object.fromEntries(
    Object.entries(channels).filter(([, { type, members }]) => {
      const key = JSON.stringify([type, (members as string[]).toSorted()]);
      return !seen.has(key) && seen.add(key);
    }),
  );
}

/** The users that channels may name. */
export const surroundings: GeneratedManifest = {
  users: Object.fromEntries(everyone.map((id) => [id, { name: `Born ${id}` }])),
};

/** One edit behind our back: an operation of Stream's and its input. */
export interface Edit {
  readonly operation: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body: Declared;
}

const someChannel = fc
  .tuple(fc.constantFrom(...typeNames), fc.constantFrom('one', 'two-2', 'stray'))
  .map(([type, id]) => ({ type, id }));

/** What somebody did in the dashboard; what does not apply (a channel that is not there) is refused and means nothing. */
export const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(fc.constantFrom(...everyone), customKey, customValue).map(([id, key, value]) => ({
    operation: 'UpdateUsersPartial',
    body: { users: [{ id, set: { [key]: value } }] },
  })),
  fc.tuple(someChannel, customKey, customValue).map(([path, key, value]) => ({
    operation: 'UpdateChannelPartial',
    path,
    body: { set: { [key]: value } },
  })),
  fc
    .tuple(
      someChannel,
      some({ frozen: fc.boolean(), disabled: fc.boolean(), cooldown: fc.constantFrom(0, 30), name: hostile }),
    )
    .map(([path, set]) => ({ operation: 'UpdateChannelPartial', path, body: { set } })),
  fc.tuple(someChannel, together(few(overridable, 1), some(contested))).map(([path, config_overrides]) => ({
    operation: 'UpdateChannelPartial',
    path,
    body: { set: { config_overrides } },
  })),
  fc
    .tuple(someChannel, uniqueOf(everyone, 1))
    .map(([path, add_members]) => ({ operation: 'UpdateChannel', path, body: { add_members } })),
  fc.tuple(someChannel, fc.constantFrom(...everyone)).map(([path, id]) => ({
    operation: 'UpdateChannel',
    path,
    body: { add_moderators: [id] },
  })),
  fc
    .tuple(someChannel, fc.constantFrom(...everyone), customKey, customValue)
    .map(([path, user_id, key, value]) => ({
      operation: 'UpdateMemberPartial',
      path,
      query: { user_id },
      body: { set: { [key]: value } },
    })),
  fc
    .tuple(fc.constantFrom(...typeNames, spareType), grants, few(overridable, 3))
    .map(([name, roles, fields]) => ({
      operation: 'UpdateChannelType',
      path: { name },
      body: {
        ...fields,
        grants: Object.fromEntries(Object.entries(roles).filter(([, list]) => Array.isArray(list))),
        commands: ['mute'],
      },
    })),
  fc.tuple(grants, fc.boolean()).map(([roles, moderation_enabled]) => ({
    operation: 'UpdateApp',
    body: {
      moderation_enabled,
      grants: Object.fromEntries(Object.entries(roles).filter(([, list]) => Array.isArray(list))),
    },
  })),
  fc
    .tuple(fc.constantFrom(...typeNames, spareType), fc.constantFrom(...spareRoles), setOf(permissions))
    .map(([name, role, list]) => ({
      operation: 'UpdateChannelType',
      path: { name },
      body: { grants: { [role]: list } },
    })),
  fc.constantFrom(...spareRoles).map((role) => ({
    operation: 'UpdateApp',
    body: { grants: { [role]: ['search-user'] } },
  })),
  someChannel.map(({ type }) => ({
    operation: 'GetOrCreateChannel',
    path: { type, id: 'stray' },
    body: { data: { created_by_id: 'by0', members: ['by1'], note: 'not ours' } },
  })),
  fc.constant({ operation: 'CreateChannelType', body: { name: 'stray-type', commands: [] } }),
  fc.constant({ operation: 'UpdateUsers', body: { users: { stray: { id: 'stray', name: 'Stray' } } } }),
);

export const edits = fc.array(edit, { maxLength: 8 });

/**
 * The second manifest, made possible for what the first one left: Stream changes nothing about a deactivated user, so
 * who is deactivated either comes back or is left as is.
 */
export function possibleAfter(first: GeneratedManifest, second: GeneratedManifest): GeneratedManifest {
  const users = Object.fromEntries(
    Object.entries(second.users ?? {}).map(([id, declared]) => {
      if (first.users?.[id]?.['status'] !== 'deactivated') return [id, declared];
      return [
        id,
        declared['status'] === 'deactivated' ? { status: 'deactivated' } : { ...declared, status: 'active' },
      ];
    }),
  );
  return { ...second, users };
}

/** What the first manifest made and the second does not name any more, as deletions asked for by name. */
export function removalsAfter(first: GeneratedManifest, second: GeneratedManifest): readonly Declared[] {
  const channels = Object.entries(first.channels ?? {}).flatMap(([type, some]) =>
    Object.keys(some)
      .filter((id) => second.channels?.[type]?.[id] === undefined)
      .map((id) => ({ channel: `${type}:${id}`, because: 'over' })),
  );
  const spare =
    first.channel_types?.[spareType] !== undefined && second.channel_types?.[spareType] === undefined;
  const roles = (first.roles ?? [])
    .filter((name) => second.roles?.includes(name) !== true)
    .map((role) => ({ role, because: 'over' }));
  return [...channels, ...roles, ...(spare ? [{ channel_type: spareType, because: 'over' }] : [])];
}
