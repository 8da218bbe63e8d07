import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appSettings } from '../../src/kinds/app-settings/index.ts';
import { channelType } from '../../src/kinds/channel-type/index.ts';
import type { ChannelType } from '../../src/kinds/channel-type/fields.ts';
import type { ChannelTypeForm } from '../../src/kinds/channel-type/form.ts';
import type { Change, FieldChange } from '../../src/model/change.ts';
import type { World } from '../../src/model/kind.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Resource } from '../../src/model/resource.ts';
import { manifestOf, testApp, type TestApp } from '../support/world.ts';

let app: TestApp;

beforeEach(async () => {
  app = await testApp();
});
afterEach(() => app.close());

/** What an app is before the change must be so, or the test proves nothing. */
async function made(text: string): Promise<void> {
  expect((await app.apply(text)).verified).toBe('converged');
}

const settings = (text: string): string => `app:\n  settings: ${text}\n`;
const type = (text: string): string => `channel_types:\n  room: ${text}\n`;
const closed = 'grants: { user: [], guest: [], anonymous: [], channel_member: [read-channel] }';

/** A change of a type; the emulator's apps have one block list only. */
function changed(live: object, desired: object): Change<ChannelType, ChannelTypeForm> {
  const [resource] = manifestOf(type('{}')).resources;
  if (resource === undefined) throw new Error('no type');
  const { address, kind, key } = resource;
  return {
    action: 'update',
    address,
    kind,
    key,
    resource: resource as Resource<ChannelType>,
    uncompared: [],
    live,
    desired,
    raw: {},
    fields: [],
  } as unknown as Change<ChannelType, ChannelTypeForm>;
}

function saidIn({ dangers }: Plan): readonly string[] {
  return dangers.map(({ code, path, message }) => `${code} ${path.join('.')}: ${message}`);
}

function codesIn({ dangers }: Plan): readonly string[] {
  return dangers.map(({ code }) => code);
}

function notesIn(plan: Plan): readonly string[] {
  return plan.diagnostics.map(({ code, message }) => `${code}: ${message}`);
}

describe('settings of an app', () => {
  it.each([
    ['disable_auth_checks', true, 'auth-checks-off'],
    ['disable_permissions_checks', true, 'permission-checks-off'],
    ['multi_tenant_enabled', false, 'multi-tenancy-off'],
    ['guest_user_creation_disabled', false, 'guests-let-in'],
    ['moderation_enabled', false, 'moderation-off'],
    ['image_moderation_enabled', false, 'moderation-off'],
  ])('%s: %s is a danger, and the way back is none', async (field, value, code) => {
    await made(settings(`{ ${field}: ${!value} }`));
    const there = settings(`{ ${field}: ${value} }`);
    expect((await app.plan(there)).dangers.map(({ code, path }) => ({ code, path }))).toEqual([
      { code, path: [field] },
    ]);
    await made(there);
    expect(codesIn(await app.plan(settings(`{ ${field}: ${!value} }`)))).toEqual([]);
    expect(codesIn(await app.plan(there))).toEqual([]);
  });

  it('revoke tokens when the time is set or later, not when it is earlier or gone', async () => {
    const at = (time: string) => app.plan(settings(`{ revoke_tokens_issued_before: ${time} }`));
    expect(saidIn(await at("'2026-03-01T00:00:00Z'"))).toEqual([
      'tokens-revoked revoke_tokens_issued_before: whoever has a token of before 2026-03-01T00:00:00.000Z must log in again',
    ]);
    await made(settings("{ revoke_tokens_issued_before: '2026-03-01T00:00:00Z' }"));
    expect(codesIn(await at("'2026-03-01T02:00:00+01:00'"))).toEqual(['tokens-revoked']);
    expect(codesIn(await at("'2026-03-01T01:00:00+01:00'"))).toEqual([]);
    expect(codesIn(await at("'2026-02-01T00:00:00Z'"))).toEqual([]);
    expect(codesIn(await at('!unset'))).toEqual([]);
  });

  it('let revoked tokens in again when the time is earlier or gone, not when it is later', () => {
    const path = ['revoke_tokens_issued_before'];
    const [early, late] = ['2026-01-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z'];
    expect(appSettings.reopens?.({ op: 'set', path, before: late, after: early })).toBe(true);
    expect(appSettings.reopens?.({ op: 'remove', path, before: late })).toBe(true);
    expect(appSettings.reopens?.({ op: 'set', path, before: early, after: late })).toBe(false);
    expect(appSettings.reopens?.({ op: 'add', path, after: late })).toBe(false);
  });

  it('migrate permissions when something is sent, and only when they say true', async () => {
    const asked = (value: string) =>
      app.plan(settings(`{ migrate_permissions_to_v2: ${value}, reminders_interval: 600 }`));
    expect(codesIn(await asked('true'))).toEqual(['permissions-migrated']);
    expect(codesIn(await asked('false'))).toEqual([]);
    expect(codesIn(await app.plan(settings('{ migrate_permissions_to_v2: true }')))).toEqual([]);
  });

  it('leave grants to the policies of old', async () => {
    expect(codesIn(await app.plan(settings('{ permission_version: v1 }')))).toEqual(['permissions-v1']);
    await made(settings('{ permission_version: v1 }'));
    expect(codesIn(await app.plan(settings('{ permission_version: v2 }')))).toEqual([]);
  });

  it('let roles search that may not', async () => {
    await made(settings('{ user_search_disallowed_roles: [user, guest] }'));
    expect(saidIn(await app.plan(settings('{ user_search_disallowed_roles: [anonymous] }')))).toEqual([
      'search-opened user_search_disallowed_roles: guest, user may search for users',
    ]);
    expect(
      codesIn(await app.plan(settings('{ user_search_disallowed_roles: { add: [anonymous] } }'))),
    ).toEqual([]);
  });

  it('never show what is in a URL besides its host', async () => {
    const plan = await app.plan(
      settings('{ custom_action_handler_url: "https://me:hush@x.ngrok.io/hush?k=hush&type={type}" }'),
    );
    expect(codesIn(plan)).toEqual(['handler-set', 'handler-elsewhere']);
    expect(saidIn(plan).join()).not.toContain('hush');
  });

  it('with a write-only callback are judged when something is sent', async () => {
    const callback = 'async_moderation_config: { callback: { server_url: "http://localhost:3000/" } }';
    expect(codesIn(await app.plan(settings(`{ ${callback}, reminders_interval: 600 }`)))).toEqual([
      'handler-elsewhere',
    ]);
    expect(codesIn(await app.plan(settings(`{ ${callback} }`)))).toEqual([]);
  });

  it('give and take in the scope of the app', async () => {
    const plan = await app.plan(
      'app:\n  grants: { user: { add: [read-flag-reports], remove: [search-user] }, guest: { add: [read-roles] } }\n',
    );
    expect(saidIn(plan)).toEqual([
      'open-without-login grants.guest: guest gains read-roles in the app: readable without login',
      'rights-gained grants.user: user can now read-flag-reports in the app',
      'rights-lost grants.user: user can no longer search-user in the app',
    ]);
  });
});

describe('uploads', () => {
  const images = (text: string, files = ''): string =>
    settings(`{ image_upload_config: { ${text} }${files} }`);

  it.each([
    ['allowed_file_extensions: [.png]', 'allowed_file_extensions: [.png, .gif]', '.gif'],
    [
      'allowed_file_extensions: [.png]',
      'allowed_file_extensions: all',
      'all extensions that are not blocked',
    ],
    ['blocked_mime_types: [image/gif]', 'blocked_mime_types: []', 'image/gif'],
    [
      'blocked_file_extensions: [.exe], size_limit: 100',
      'allowed_file_extensions: [.exe], blocked_file_extensions: []',
      '.exe',
    ],
    ['size_limit: 100', 'size_limit: 200', 'files of up to 200 bytes, instead of 100 bytes'],
    ['size_limit: 100', 'size_limit: 0', "files of up to Stream's own limit, instead of 100 bytes"],
  ])('from %s to %s are widened', async (before, after, what) => {
    await made(images(before));
    const said = (await app.plan(images(after))).dangers.filter(({ code }) => code === 'uploads-widened');
    expect(said.map(({ message }) => message)).toEqual([`image_upload_config lets through ${what}`]);
  });

  it.each([
    ['allowed_file_extensions: [.png, .gif]', 'allowed_file_extensions: [.png]'],
    // What was blocked is not listed, so it stays out.
    ['blocked_file_extensions: [.exe]', 'allowed_file_extensions: [.png], blocked_file_extensions: []'],
    ['size_limit: 0', 'size_limit: 200'],
    ['size_limit: 300', 'size_limit: 200'],
  ])('from %s to %s are not', async (before, after) => {
    await made(images(before));
    expect(codesIn(await app.plan(images(after)))).not.toContain('uploads-widened');
  });

  it('that images lose are named as far as files still take them', async () => {
    const files =
      ', file_upload_config: { allowed_file_extensions: [.jpg, .pdf], blocked_mime_types: [image/gif] }';
    await made(
      images(
        'allowed_file_extensions: [.jpg, .png, .gif], allowed_mime_types: [image/gif, image/bmp]',
        files,
      ),
    );
    const plan = await app.plan(images('allowed_file_extensions: [.png], allowed_mime_types: [image/webp]'));
    expect(saidIn(plan).filter((line) => line.startsWith('uploads-half'))).toEqual([
      'uploads-half-narrowed image_upload_config.allowed_file_extensions: image_upload_config no longer takes .jpg, image/bmp, and file_upload_config still does',
    ]);
  });

  it('of every image that become a list lose the others', async () => {
    const plan = await app.plan(images('allowed_file_extensions: [.png, .jpg, .jpeg, .webp, .svg]'));
    expect(saidIn(plan)).toEqual([
      'uploads-half-narrowed image_upload_config.allowed_file_extensions: image_upload_config no longer takes .bmp, .gif, .heic, .heif, and file_upload_config still does',
    ]);
  });

  it('are narrowed whole when files are narrowed in the same change', async () => {
    const files = ', file_upload_config: { blocked_file_extensions: [.gif] }';
    expect(codesIn(await app.plan(images('blocked_file_extensions: [.gif]', files)))).toEqual([]);
  });

  it('hold in the whole app, and a note says so for each config', async () => {
    const files = ', file_upload_config: { size_limit: 5 }';
    expect(notesIn(await app.plan(images('size_limit: 7', files)))).toEqual([
      'app-wide: image_upload_config holds in every channel of every type; files that are there stay',
      'app-wide: file_upload_config holds in every channel of every type; files that are there stay',
    ]);
  });
});

describe('a new channel type', () => {
  it('without grants starts with those of messaging, as they are in this app', async () => {
    expect(saidIn(await app.plan(type('{ replies: false }')))).toEqual([
      'type-without-grants : room declares no grants: user starts with 30 permissions, channel_member starts with 21 permissions, as in messaging',
    ]);
    expect(codesIn(await app.plan(type('{ grants: {} }')))).toEqual(['type-without-grants']);
  });

  it('that is closed to some names those to whom it is open', async () => {
    expect(saidIn(await app.plan(type('{ grants: { user: [] } }')))).toEqual([
      'lock-down-incomplete grants.user: room is closed to user, and channel_member starts with 21 permissions, as in messaging',
    ]);
    expect(codesIn(await app.plan(type(`{ ${closed} }`)))).toEqual([]);
    expect(codesIn(await app.plan(type('{ grants: { user: { remove: [create-channel] } } }')))).toEqual([]);
  });

  it('that lists some roles tells what the others start with, once', async () => {
    const said = async (grants: string) => notesIn(await app.plan(type(`{ grants: { ${grants} } }`)));
    expect(await said('guest: []')).toEqual([
      'starts-as-messaging: user, channel_member start with the grants of messaging (30, 21 permissions), since this type does not list them',
    ]);
    expect(await said('user: [read-channel]')).toEqual([
      'starts-as-messaging: channel_member starts with the grants of messaging (21 permissions), since this type does not list it',
    ]);
    // Both are told by dangers of their own.
    expect(await said('')).toEqual([]);
    expect(await said('user: []')).toEqual([]);
    expect(await said('user: [read-channel], channel_member: []')).toEqual([]);
    await made(type('{ grants: { user: [read-channel] } }'));
    expect(await said('user: [read-channel], guest: []')).toEqual([]);
  });

  it('is not held to what messaging gives when messaging is closed, too', async () => {
    await made('channel_types:\n  messaging: { grants: { user: [], channel_member: [] } }\n');
    expect(codesIn(await app.plan(type('{ grants: { guest: [] } }')))).toEqual([]);
  });

  it('may make everybody an admin', async () => {
    const plan = await app.plan(
      type('{ grants: { admin: [read-channel], user: [], channel_member: [read-channel] } }'),
    );
    expect(codesIn(plan)).toEqual(['everyone-admin']);
  });

  it('that lets in guests, or roles of other teams, beyond what messaging gives them is told', async () => {
    const said = async (grants: string) => saidIn(await app.plan(type(`{ grants: { ${grants} } }`)));
    expect(
      await said(
        'guest: [read-channel], user: { add: [pin-message, ban-user-any-team] }, channel_member: []',
      ),
    ).toEqual([
      'open-without-login grants.guest: guest gains read-channel in channels of type room: readable without login',
      'rights-across-teams grants.user: user gains ban-user-any-team in channels of type room: that reaches into other teams',
    ]);
    await made('channel_types: { messaging: { grants: { guest: [read-channel] } } }');
    expect(await said('guest: [read-channel]')).toEqual([]);
  });

  it('with declared expiry or without automod takes nothing away', async () => {
    const plan = await app.plan(
      type(`{ ${closed}, partition_ttl: 24h, message_retention: '7', automod: disabled }`),
    );
    expect(codesIn(plan)).toEqual([]);
  });
});

describe('a channel type', () => {
  it('that closes to a role names the roles it stays open to', async () => {
    await made(
      type('{ grants: { user: [read-channel], guest: [read-channel], channel_member: [read-channel] } }'),
    );
    expect(saidIn(await app.plan(type('{ grants: { user: [] } }')))).toEqual([
      'role-emptied grants.user: user loses the last of its rights in channels of type room: 1 permission',
      'lock-down-incomplete grants.user: room is closed to user, and guest keeps 1 permission, channel_member keeps 1 permission',
    ]);
    expect(
      codesIn(await app.plan(type('{ grants: { user: [], guest: [], channel_member: [read-channel] } }'))),
    ).toEqual(['role-emptied', 'role-emptied']);
    await made(type('{ grants: { user: [] } }'));
    expect(codesIn(await app.plan(type('{ replies: false, grants: { user: [] } }')))).toEqual([]);
  });

  it('deletes messages earlier, and not later', async () => {
    await made(type(`{ ${closed}, partition_ttl: 90m, message_retention: '30' }`));
    const codes = async (text: string) => codesIn(await app.plan(type(`{ ${text} }`)));
    expect(await codes('partition_ttl: 1h')).toEqual(['messages-expire']);
    expect(await codes('partition_ttl: 100m')).toEqual([]);
    expect(await codes('partition_ttl: 5400s')).toEqual([]);
    expect(await codes('partition_ttl: !unset')).toEqual([]);
    expect(saidIn(await app.plan(type("{ message_retention: '4' }")))).toEqual([
      'messages-expire message_retention: messages in channels of type room are kept for "4" as Stream counts it',
    ]);
    expect(await codes("message_retention: '200'")).toEqual([]);
    expect(await codes('message_retention: infinite')).toEqual([]);
    await made(type('{ partition_ttl: !unset, message_retention: infinite }'));
    expect(await codes("partition_ttl: 10000h, message_retention: '9999'")).toEqual([
      'messages-expire',
      'messages-expire',
    ]);
  });

  it('is moderated less when automod or a block list goes, and not when a list moves', async () => {
    const list = 'profanity_en_2020_v1';
    await made(type(`{ ${closed}, automod: simple, blocklist: ${list} }`));
    const said = async (text: string) => saidIn(await app.plan(type(`{ ${text} }`)));
    expect(await said('automod: disabled, blocklist: !unset')).toEqual([
      'automod-off automod: simple automod no longer looks at messages in channels of type room',
      `automod-off blocklist: messages are no longer checked against ${list} in channels of type room`,
    ]);
    expect(await said('automod: AI')).toEqual([]);
    const moved = `blocklist: !unset, blocklists: [{ blocklist: ${list}, behavior: flag }]`;
    expect(await said(moved)).toEqual([]);
    await made(type(`{ ${moved} }`));
    expect(await said('blocklists: []')).toEqual([
      `automod-off blocklists: messages are no longer checked against ${list} in channels of type room`,
    ]);
  });

  it('is moderated less when what looks at messages, or what is done to them, gets weaker', async () => {
    const list = 'profanity_en_2020_v1';
    const messagesOf = async (text: string) => saidIn(await app.plan(type(`{ ${text} }`)));
    const strict = `automod: AI, automod_behavior: block, blocklist: ${list}, blocklist_behavior: block`;
    await made(type(`{ ${closed}, ${strict} }`));
    expect(
      await messagesOf('automod: simple, automod_behavior: shadow_block, blocklist_behavior: flag'),
    ).toEqual([
      'automod-off automod: AI automod no longer looks at messages, only simple automod does, in channels of type room',
      'automod-off automod_behavior: what automod finds is shadow-blocked, no longer blocked, in channels of type room',
      `automod-off blocklist_behavior: what is in ${list} is flagged, no longer blocked, in channels of type room`,
    ]);
    expect(
      await messagesOf(`blocklist: !unset, blocklists: [{ blocklist: ${list}, behavior: shadow_block }]`),
    ).toEqual([
      `automod-off blocklists: what is in ${list} is shadow-blocked, no longer blocked, in channels of type room`,
    ]);
    expect(
      await messagesOf(`blocklist: !unset, blocklists: [{ blocklist: ${list}, behavior: block }]`),
    ).toEqual([]);
    // Nothing is found any more, so nothing is done to it either.
    expect(await messagesOf('automod: disabled, automod_behavior: flag')).toEqual([
      'automod-off automod: AI automod no longer looks at messages in channels of type room',
    ]);
    await made(type('{ automod: disabled, automod_behavior: block }'));
    expect(await messagesOf('automod_behavior: flag')).toEqual([]);
  });

  it('is moderated less when one of several block lists goes, and not when a single one is swapped', () => {
    const said = (before: object, after: object) =>
      channelType
        .dangers?.([changed(before, after)], { answer: () => undefined } as unknown as World)
        .map(({ path, message }) => `${path.join('.')}: ${message}`);
    const lists = (...names: readonly string[]) => ({
      blocklists: Object.fromEntries(names.map((name) => [name, { behavior: 'flag' }])),
    });
    expect(said(lists('a', 'b', 'c'), lists('b', 'd'))).toEqual([
      'blocklists: messages are no longer checked against a, c in channels of type room',
    ]);
    expect(said(lists('a'), lists('b'))).toEqual([]);
    expect(said({ ...lists('a'), blocklist: 'b' }, lists('a'))).toEqual([
      'blocklist: messages are no longer checked against b in channels of type room',
    ]);
    expect(said(lists('a'), lists('a', 'b'))).toEqual([]);
  });

  it('keeps its notes at the line of the role', async () => {
    await made(type('{ grants: { user: [pin-message, pin-message-owner], channel_member: [] } }'));
    const plan = await app.plan('channel_types:\n  room:\n    grants:\n      user: [pin-message-owner]\n');
    expect(plan.diagnostics.map(({ code, at }) => `${code} ${at?.line}`)).toEqual(['still-allowed 4']);
  });
});

describe('what was closed is opened again by', () => {
  const set = (name: string, before: unknown, after: unknown): FieldChange => ({
    op: 'set',
    path: name.split('.'),
    before,
    after,
  });
  const elements = (name: string, added: readonly string[], removed: readonly string[]): FieldChange => ({
    op: 'elements',
    path: name.split('.'),
    added: added.map((one) => ({ name: one })),
    removed: removed.map((one) => ({ name: one })),
    before: 2,
    after: 2,
  });
  const config = 'file_upload_config';

  it.each([
    elements('grants.user', ['search-user'], []),
    set('disable_auth_checks', false, true),
    { op: 'add', path: ['disable_permissions_checks'], after: true } as const,
    set('guest_user_creation_disabled', true, false),
    set('multi_tenant_enabled', true, false),
    elements('user_search_disallowed_roles', [], ['user']),
    elements(`${config}.allowed_mime_types`, ['text/html'], []),
    elements(`${config}.blocked_mime_types`, [], ['text/html']),
    set(`${config}.allowed_mime_types`, ['image/png'], 'all'),
    set(`${config}.size_limit`, 100, 0),
    set('moderation_enabled', true, false),
    set('image_moderation_enabled', true, false),
    set('enforce_unique_usernames', 'app', 'no'),
    set('enforce_unique_usernames', 'team', 'no'),
    set('enforce_unique_usernames', 'app', 'team'),
  ])('the app: $op $path', (field) => {
    expect(appSettings.reopens?.(field)).toBe(true);
  });

  it.each([
    elements('grants.user', [], ['search-user']),
    set('disable_auth_checks', true, false),
    set('guest_user_creation_disabled', false, true),
    set('multi_tenant_enabled', false, true),
    elements('user_search_disallowed_roles', ['user'], []),
    elements(`${config}.allowed_mime_types`, [], ['text/html']),
    elements(`${config}.blocked_mime_types`, ['text/html'], []),
    set(`${config}.allowed_mime_types`, 'all', ['image/png']),
    set(`${config}.size_limit`, 0, 100),
    set('reminders_interval', 300, 600),
    set('moderation_enabled', false, true),
    set('image_moderation_enabled', false, true),
    set('enforce_unique_usernames', 'no', 'team'),
    set('enforce_unique_usernames', 'team', 'app'),
  ])('not the app: $op $path', (field) => {
    expect(appSettings.reopens?.(field)).toBe(false);
  });

  it.each([
    elements('grants.user', ['create-message'], ['pin-message']),
    set('uploads', false, true),
    { op: 'add', path: ['polls'], after: true } as const,
    set('automod', 'simple', 'disabled'),
    set('automod', 'AI', 'simple'),
    set('automod_behavior', 'block', 'shadow_block'),
    set('blocklist_behavior', 'shadow_block', 'flag'),
    set('blocklists.words.behavior', 'block', 'flag'),
    set('blocklist', 'words', 'more-words'),
    set('mark_messages_pending', true, false),
    elements('commands', ['giphy'], []),
    { op: 'remove', path: ['blocklist'], before: 'words' } as const,
    set('blocklist', 'words', ''),
    elements('blocklists', [], ['words']),
    set('max_message_length', 100, 500),
  ])('the type: $op $path', (field) => {
    expect(channelType.reopens?.(field)).toBe(true);
  });

  it.each([
    elements('grants.user', [], ['pin-message']),
    set('uploads', true, false),
    set('read_events', false, true),
    set('connect_events', false, true),
    set('automod', 'disabled', 'simple'),
    set('automod', 'simple', 'AI'),
    set('automod_behavior', 'flag', 'shadow_block'),
    set('blocklists.words.behavior', 'shadow_block', 'block'),
    { op: 'add', path: ['blocklist'], after: 'words' } as const,
    set('mark_messages_pending', false, true),
    elements('commands', [], ['giphy']),
    elements('blocklists', ['words'], []),
    set('max_message_length', 500, 100),
  ])('not the type: $op $path', (field) => {
    expect(channelType.reopens?.(field)).toBe(false);
  });
});

describe('fields that protect', () => {
  const guarded = (properties: object): readonly string[] =>
    Object.entries(properties as Record<string, { 'x-streambed-guards'?: true }>)
      .filter(([, schema]) => schema['x-streambed-guards'] === true)
      .map(([name]) => name)
      .toSorted();

  it('are marked in the schemas', () => {
    expect(guarded(channelType.schema.properties ?? {})).toEqual([
      'automod',
      'automod_behavior',
      'automod_thresholds',
      'blocklist',
      'blocklist_behavior',
      'blocklists',
      'grants',
    ]);
    expect(guarded(appSettings.schema.properties ?? {})).toEqual([
      'async_moderation_config',
      'before_message_send_hook_url',
      'custom_action_handler_url',
      'disable_auth_checks',
      'disable_permissions_checks',
      'file_upload_config',
      'grants',
      'guest_user_creation_disabled',
      'image_moderation_enabled',
      'image_upload_config',
      'moderation_enabled',
      'moderation_webhook_url',
      'multi_tenant_enabled',
      'permission_version',
      'user_search_disallowed_roles',
    ]);
  });
});
