import { afterEach, describe, expect, it } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import type { FieldChange } from '../../src/model/change.ts';
import type { Origin } from '../../src/model/origin.ts';
import type { Plan } from '../../src/model/plan.ts';
import { testApp, type TestApp } from '../support/world.ts';

/** What changes of users and channels mean: from what is live and what is wanted to the dangers of the plan. */

let app: TestApp | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function planned(live: string, wanted: string): Promise<Plan> {
  await app?.close();
  app = await testApp();
  if (live !== '') await app.apply(live);
  return app.plan(wanted);
}

async function dangersOf(live: string, wanted: string): Promise<readonly string[]> {
  const { dangers } = await planned(live, wanted);
  return dangers
    .filter(({ code }) => code !== 'loss')
    .map(({ code, address, path, message }) => `${code} ${address} ${path.join('.')}: ${message}`);
}

async function remarksOf(live: string, wanted: string): Promise<readonly string[]> {
  const { diagnostics } = await planned(live, wanted);
  return diagnostics
    .filter(({ severity }) => severity === 'note')
    .map(({ code, address, message, at }) => `${code} ${address} at line ${at?.line}: ${message}`);
}

function reopens(kind: string, field: FieldChange, origin?: Origin): boolean | undefined {
  return registry.kinds.find(({ name }) => name === kind)?.reopens?.(field, origin);
}

const users = (ids: readonly string[], body = '{}') => ids.map((id) => `  ${id}: ${body}`).join('\n');
const seven = ['ada', 'ben', 'cleo', 'dan', 'eva', 'finn', 'gus'];

describe('a user', () => {
  it('who becomes an admin or a moderator is told with what they were', async () => {
    const live = `
users:
  lena: { role: user }
  ben: { role: moderator }
  theo: { teams: [red], teams_role: { red: user } }`;
    const wanted = `
users:
  lena: { role: admin }
  ben: { role: global_moderator }
  theo: { teams_role: { red: moderator } }`;
    expect(await dangersOf(live, wanted)).toEqual([
      'role-raised user/ben role: ben becomes global_moderator, moderator now',
      'role-raised user/lena role: lena becomes admin, user now',
      'role-raised user/theo teams_role.red: theo becomes moderator in team red, user now',
    ]);
  });

  it('who is new and an admin is told as well', async () => {
    expect(await dangersOf('', 'users: { bot: { role: admin }, lena: { role: user } }')).toEqual([
      'role-raised user/bot role: bot becomes admin, a new user',
    ]);
  });

  it('who keeps or loses rights is no danger', async () => {
    const live = 'users: { lena: { role: admin }, ben: { role: global_admin }, theo: { role: moderator } }';
    const wanted =
      'users: { lena: { role: moderator }, ben: { role: admin }, theo: { role: guest, name: T } }';
    expect(await dangersOf(live, wanted)).toEqual([]);
  });

  it('who gets another team is told, unless the user is new', async () => {
    const live = 'users: { lena: { teams: [red] }, ben: { teams: [red, blue] } }';
    const wanted =
      'users: { lena: { teams: { add: [blue, green] } }, ben: { teams: [red] }, eva: { teams: [red] } }';
    expect(await dangersOf(live, wanted)).toEqual([
      'team-joined user/lena teams: lena joins teams blue, green',
    ]);
  });

  it('who is deactivated can no longer connect; who was so before, or is new, loses nothing', async () => {
    const live = 'users: { lena: {}, ben: { status: active }, eva: { status: deactivated } }';
    const wanted =
      'users: { lena: { status: deactivated }, ben: { status: active }, eva: { status: deactivated }, zoe: { status: deactivated } }';
    expect(await dangersOf(live, wanted)).toEqual([
      'user-locked-out user/lena status: lena is deactivated and can no longer connect',
    ]);
    expect(await dangersOf(live, 'users: { eva: { status: active } }')).toEqual([]);
  });

  it('is one of nearly all who become admins when more than half of four or more do', async () => {
    const everyone = async (text: string) =>
      (await dangersOf('', text)).filter((line) => line.startsWith('everyone-admin'));
    const admins = users(['ada', 'ben', 'cleo'], '{ role: admin }');
    expect(await everyone(`users:\n${admins}\n  dan: {}`)).toEqual([
      'everyone-admin user/ada role: 3 of the 4 users that are created or changed become admins',
    ]);
    expect(await everyone(`users:\n${admins}`)).toEqual([]);
    expect(await everyone(`users:\n${admins}\n${users(['dan', 'eva', 'finn'])}`)).toEqual([]);
  });

  it('who was deactivated and comes back is opened again', () => {
    const status = (before: string, after: string): FieldChange => ({
      op: 'set',
      path: ['status'],
      before,
      after,
    });
    expect(reopens('user', status('deactivated', 'active'))).toBe(true);
    expect(reopens('user', status('active', 'deactivated'))).toBe(false);
    expect(reopens('user', { op: 'set', path: ['name'], before: 'a', after: 'active' })).toBe(false);
  });
});

describe('a user whom the live app has lowered', () => {
  const set = (path: string, before: string, after: string): FieldChange => ({
    op: 'set',
    path: path.split('.'),
    before,
    after,
  });
  const teams = (added: readonly string[], removed: readonly string[]): FieldChange => ({
    op: 'elements',
    path: ['teams'],
    added: added.map((name) => ({ name })),
    removed: removed.map((name) => ({ name })),
    before: 1,
    after: 1,
  });

  it.each<[boolean, string, FieldChange]>([
    [true, 'a role that is raised', set('role', 'user', 'admin')],
    [true, 'a higher role of staff', set('role', 'moderator', 'global_moderator')],
    [true, 'a role in a team that is raised', set('teams_role.red', 'user', 'moderator')],
    [true, 'a new role in a team', { op: 'add', path: ['teams_role', 'red'], after: 'admin' }],
    [true, 'a team', teams(['red'], [])],
    [false, 'a role that is lowered', set('role', 'admin', 'moderator')],
    [false, 'a role that is nobody’s of staff', set('role', 'guest', 'user')],
    [false, 'a team that goes', teams([], ['red'])],
  ])('is raised again: %s for %s', (opens, _name, field) => {
    expect(reopens('user', field)).toBe(opens);
  });
});

describe('the members of a channel', () => {
  const live = `
users:
${users(seven)}
channels: { messaging: { talk: { created_by: ada, members: [ada, ben], moderators: [ada] } } }`;
  const talk = (body: string) => `channels: { messaging: { talk: ${body} } }`;

  it('who are added can read its history; five are named and the rest is counted', async () => {
    const two = talk('{ members: [ada, ben, cleo, { user_id: dan, channel_role: channel_member }] }');
    expect(await dangersOf(live, two)).toEqual([
      'member-added channel/messaging:talk members: cleo, dan can read the history of messaging:talk',
    ]);
    const more = live
      .replace('[ada, ben]', `[${seven.join(', ')}, hans]`)
      .replace('gus: {}', 'gus: {}\n  hans: {}');
    expect(await dangersOf(live, more)).toEqual([
      'member-added channel/messaging:talk members: cleo, dan, eva, finn, gus and 1 more can read the history of messaging:talk',
    ]);
  });

  it('who moderate from now on are told so, whether they are new or were members', async () => {
    const wanted = talk('{ members: [ada, ben, cleo, dan], moderators: [ada, ben, cleo] }');
    expect(await dangersOf(live, wanted)).toEqual([
      'moderator-added channel/messaging:talk moderators: cleo, ben may moderate messaging:talk, and cleo can read its history',
      'member-added channel/messaging:talk members.dan: dan can read the history of messaging:talk',
    ]);
    expect(await dangersOf(live, talk('{ moderators: [ada, cleo] }'))).toEqual([
      'moderator-added channel/messaging:talk moderators.cleo: cleo may moderate messaging:talk and can read its history',
    ]);
    expect(await dangersOf(live, talk('{ moderators: [ada, ben] }'))).toEqual([
      'moderator-added channel/messaging:talk moderators.ben: ben may moderate messaging:talk',
    ]);
  });

  it('who become staff are told with their role', async () => {
    const member = (id: string, role: string) => `{ user_id: ${id}, channel_role: ${role} }`;
    const staff = talk(`{ members: [ada, ${member('ben', 'admin')}, ${member('cleo', 'moderator')}] }`);
    expect(await dangersOf(live, staff)).toEqual([
      'moderator-added channel/messaging:talk members.cleo: cleo may moderate messaging:talk as moderator and can read its history',
      'moderator-added channel/messaging:talk members.ben: ben may moderate messaging:talk as admin',
    ]);
  });

  it('have no place to read in a channel that is new, and none that gets others', async () => {
    expect(await dangersOf('', live)).toEqual([]);
    const demoted = talk('{ members: [ada, { user_id: ben, custom: { seat: 4 } }], moderators: [] }');
    expect(await dangersOf(live, demoted)).toEqual([]);
  });

  it('who may moderate again are given back what was taken', () => {
    const added = (value: unknown): FieldChange => ({
      op: 'elements',
      path: ['members'],
      added: [{ name: 'ben', value }],
      removed: [],
      before: 1,
      after: 2,
    });
    const role = (before: string, after: string): FieldChange => ({
      op: 'set',
      path: ['members', 'ben', 'channel_role'],
      before,
      after,
    });
    expect(reopens('channel', added({ channel_role: 'channel_moderator' }))).toBe(true);
    expect(reopens('channel', added({ channel_role: 'channel_member' }))).toBe(false);
    expect(reopens('channel', added({}))).toBe(false);
    expect(reopens('channel', role('channel_member', 'channel_moderator'))).toBe(true);
    expect(reopens('channel', role('channel_member', 'admin'))).toBe(true);
    expect(reopens('channel', role('admin', 'channel_moderator'))).toBe(false);
    expect(reopens('channel', role('channel_moderator', 'channel_member'))).toBe(false);
    // That somebody was removed is known only where an apply had put them there.
    expect(reopens('channel', added({}), 'drift')).toBe(true);
    expect(reopens('channel', added({}), 'before')).toBe(false);
  });
});

describe('overrides of a channel', () => {
  const type = `
users: { ada: {} }
channel_types: { room: { grants: { user: [read-channel, create-message], guest: [], anonymous: [], channel_member: [] } } }`;
  const channel = (grants: string) =>
    `${type}\nchannels: { room: { a: { created_by: ada, config_overrides: { grants: { ${grants} } } } } }`;
  const at = 'channel/room:a config_overrides:';

  it('give and take rights on top of those of the type, by role', async () => {
    const plain = `${type}\nchannels: { room: { a: { created_by: ada } } }`;
    const given = channel('guest: [read-channel], user: [delete-message, "!create-message"]');
    expect(await dangersOf(plain, given)).toEqual([
      `open-without-login ${at} guest gains read-channel in channel room:a: readable without login`,
      `rights-gained ${at} user can now delete-message in channel room:a`,
      `rights-lost ${at} user can no longer create-message in channel room:a`,
    ]);
    expect(await dangersOf(given, channel('guest: [], user: []'))).toEqual([
      `rights-gained ${at} user can now create-message in channel room:a`,
      `rights-lost ${at} user can no longer delete-message in channel room:a`,
      `role-emptied ${at} guest loses the last of its rights in channel room:a: 1 permission`,
    ]);
    expect(await dangersOf(plain, channel('user: [read-channel, "!pin-message"]'))).toEqual([]);
  });

  it('of a new channel may give more than its type, and take from nobody', async () => {
    expect(await dangersOf(type, channel('user: [delete-message, "!create-message"]'))).toEqual([
      `rights-gained ${at} user can now delete-message in channel room:a`,
    ]);
  });

  it('of distinct channels mean the same', async () => {
    const distinct = `${type.replace('ada: {}', 'ada: {}, ben: {}')}
distinct_channels: { pair: { type: room, created_by: ada, members: [ada, ben], config_overrides: { grants: { user: [delete-message] } } } }`;
    expect((await dangersOf(type, distinct)).map((line) => line.split(' ')[0])).toEqual(['rights-gained']);
  });
});

describe('channels that freeze', () => {
  const channels = (ids: readonly string[], body: string) =>
    `users: { ada: {} }
defaults: { channels: { gaming: { created_by: ada } } }
channels:
  gaming:
${ids.map((id) => `    ${id}: ${body}`).join('\n')}`;
  const ten = Array.from({ length: 10 }, (_, index) => `guild-${index}`);
  const cids = ten.map((id) => `gaming:${id}`).join(', ');

  it('are many from ten on, and every one of them is named', async () => {
    expect(await dangersOf(channels(ten, '{}'), channels(ten, '{ frozen: true }'))).toEqual([
      `many-frozen channel/gaming:guild-0 frozen: 10 channels become read-only: ${cids}`,
    ]);
    const mixed = channels(ten, '{ frozen: true }').replace('guild-9: { frozen', 'guild-9: { disabled');
    expect(await dangersOf(channels(ten, '{}'), mixed)).toEqual([
      `many-frozen channel/gaming:guild-0 frozen: 10 channels become read-only or disabled: ${cids}`,
    ]);
  });

  it('are not many when one of ten is new or was frozen before', async () => {
    expect(await dangersOf(channels(ten.slice(1), '{}'), channels(ten, '{ frozen: true }'))).toEqual([]);
    const live = channels(ten, '{}').replace('guild-4: {}', 'guild-4: { frozen: true }');
    expect(await dangersOf(live, channels(ten, '{ frozen: true }'))).toEqual([]);
  });

  it('say once what frozen means', async () => {
    const wanted = channels(ten.slice(0, 2), '{ frozen: true }');
    expect(await remarksOf(channels(ten.slice(0, 2), '{}'), wanted)).toEqual([
      'frozen-means channel/gaming:guild-0 at line 5: nobody can post or react in a frozen channel from a client, except roles that hold use-frozen-channel; calls of your server still can',
    ]);
    expect(await remarksOf(wanted, wanted.replaceAll('true', 'false'))).toEqual([]);
  });

  it('name once a type who may post all the same, where the types were read', async () => {
    const channelsOf = (body: string) => `users: { ada: {} }
defaults: { channels: { gaming: { created_by: ada }, livestream: { created_by: ada } } }
channels: { gaming: { a: ${body}, b: ${body} }, livestream: { c: ${body} } }`;
    const types = `
channel_types:
  gaming: {}
  livestream: { grants: { user: { add: [use-frozen-channel] } } }`;
    const remarks = await remarksOf(channelsOf('{}'), channelsOf('{ frozen: true }') + types);
    expect(remarks.filter((line) => line.startsWith('frozen-means'))).toEqual([
      'frozen-means channel/gaming:a at line 3: nobody can post or react in a frozen channel from a client: no role holds use-frozen-channel in channels of type gaming; calls of your server still can',
      'frozen-means channel/livestream:c at line 3: nobody can post or react in a frozen channel from a client, except user: they hold use-frozen-channel in channels of type livestream; calls of your server still can',
    ]);
  });
});

describe('a cooldown', () => {
  const live = `
users: { ada: {} }
defaults: { channels: { livestream: { created_by: ada }, messaging: { created_by: ada } } }
channels:
  livestream: { launch: {}, replay: {} }
  messaging: { talk: {} }`;
  const slow = live
    .replace('launch: {}, replay: {}', 'launch: { cooldown: 30 }, replay: { cooldown: 5 }')
    .replace('talk: {}', 'talk: { cooldown: 10 }');
  const types = '\nchannel_types: { livestream: {} }';

  it('tells once a type who is not slowed down, as far as the types were read', async () => {
    expect(await remarksOf(live, slow + types)).toEqual([
      'skips-cooldown channel/livestream:launch at line 5: the cooldown does not hold for admin, channel_moderator, moderator: they have skip-channel-cooldown in channels of type livestream',
      'skips-cooldown channel/messaging:talk at line 6: the cooldown does not hold for admin, channel_moderator, moderator: they have skip-channel-cooldown in channels of type messaging',
    ]);
    expect((await app?.plan(slow))?.diagnostics.map(({ message }) => message)).toEqual([
      'the cooldown does not hold for roles with skip-channel-cooldown in channels of type livestream',
      'the cooldown does not hold for roles with skip-channel-cooldown in channels of type messaging',
    ]);
  });

  it('tells what will hold once the same plan is applied', async () => {
    const skips = async (text: string) =>
      (await remarksOf(live, slow + text)).filter((line) => line.includes('livestream:launch'));
    const grants = 'grants: { moderator: { remove: [skip-channel-cooldown] } }';
    const rest = 'they have skip-channel-cooldown in channels of type livestream';
    const line = 'skips-cooldown channel/livestream:launch at line 5: the cooldown does not hold for';
    expect(await skips(`\nchannel_types: { livestream: { ${grants} } }`)).toEqual([
      `${line} admin, channel_moderator: ${rest}`,
    ]);
    const ignored = `lifecycle: { ignore_changes: [grants] }, ${grants}`;
    expect(await skips(`\nchannel_types: { livestream: { ${ignored} } }`)).toEqual([
      `${line} admin, channel_moderator, moderator: ${rest}`,
    ]);
  });

  it('tells what a type that is new will have, with what messaging gives it', async () => {
    const wanted = `
users: { ada: {} }
channel_types: { quiet: { grants: { user: { add: [skip-channel-cooldown] }, admin: [], channel_member: [], guest: [] } } }
channels: { quiet: { room: { created_by: ada, cooldown: 60 } } }`;
    expect((await remarksOf('', wanted)).filter((line) => line.startsWith('skips'))).toEqual([
      'skips-cooldown channel/quiet:room at line 4: the cooldown does not hold for channel_moderator, moderator, user: they have skip-channel-cooldown in channels of type quiet',
    ]);
  });

  it('is told to hold for everybody where no role is spared, and not told when it ends', async () => {
    const strict = `
users: { ada: {} }
channel_types: { quiet: { grants: { channel_member: [create-message], user: [], guest: [], anonymous: [], admin: [],
  moderator: [], global_admin: [], global_moderator: [], channel_moderator: [] } } }
channels: { quiet: { room: { created_by: ada } } }`;
    const slowed = strict.replace('created_by: ada', 'created_by: ada, cooldown: 60');
    expect(await remarksOf(strict, slowed)).toEqual([
      'skips-cooldown channel/quiet:room at line 5: the cooldown holds for everybody: no role has skip-channel-cooldown in channels of type quiet',
    ]);
    await app?.apply(slowed);
    expect((await app?.plan(slowed.replace('60', '0')))?.diagnostics).toEqual([]);
  });
});

describe('what the live app has closed in a channel', () => {
  const set = (path: string, before: unknown, after: unknown): FieldChange => ({
    op: 'set',
    path: path.split('.'),
    before,
    after,
  });
  const modifiers = (added: readonly string[], removed: readonly string[]): FieldChange => ({
    op: 'elements',
    path: ['config_overrides', 'grants', 'user'],
    added: added.map((name) => ({ name })),
    removed: removed.map((name) => ({ name })),
    before: removed.length,
    after: added.length,
  });
  const removed = (path: string, before: unknown): FieldChange => ({
    op: 'remove',
    path: path.split('.'),
    before,
  });

  it.each<[string, FieldChange]>([
    ['a frozen channel that thaws', set('frozen', true, false)],
    ['a frozen channel that is no longer said to be', removed('frozen', true)],
    ['a disabled channel that opens', set('disabled', true, false)],
    ['a shorter cooldown', set('cooldown', 60, 30)],
    ['no cooldown', removed('cooldown', 60)],
    ['a feature that comes back', set('config_overrides.uploads', false, true)],
    ['a feature that is as in the type again', removed('config_overrides.uploads', false)],
    ['a right that is no longer taken', modifiers([], ['!create-message'])],
    ['a right that is given', modifiers(['create-message'], [])],
    ['a longer limit', set('config_overrides.max_message_length', 100, 500)],
    ['a limit that goes', removed('config_overrides.max_message_length', 100)],
    ['a block list that goes', removed('config_overrides.blocklist', 'words')],
    ['another block list', set('config_overrides.blocklist', 'words', 'more')],
    ['no block list', { op: 'add', path: ['config_overrides', 'blocklist'], after: '' }],
    ['a block list that only flags', set('config_overrides.blocklist_behavior', 'block', 'flag')],
  ])('is opened by %s', (_name, field) => {
    expect(reopens('channel', field)).toBe(true);
    expect(reopens('distinct_channel', field)).toBe(true);
  });

  it.each<[string, FieldChange]>([
    ['a channel that freezes', set('frozen', false, true)],
    ['a channel that is disabled', set('disabled', false, true)],
    ['a longer cooldown', set('cooldown', 30, 60)],
    ['a new cooldown', { op: 'add', path: ['cooldown'], after: 30 }],
    ['a feature that goes', set('config_overrides.uploads', true, false)],
    ['an override to true that goes', removed('config_overrides.uploads', true)],
    ['a right that is taken', modifiers(['!create-message'], [])],
    ['a right that is no longer given', modifiers([], ['create-message'])],
    ['custom data', set('custom.frozen', true, false)],
    ['a shorter limit', set('config_overrides.max_message_length', 500, 100)],
    ['a block list of its own', { op: 'add', path: ['config_overrides', 'blocklist'], after: 'words' }],
    ['the block list of the type again', removed('config_overrides.blocklist', '')],
    ['a block list that blocks', set('config_overrides.blocklist_behavior', 'flag', 'block')],
  ])('is not opened by %s', (_name, field) => {
    expect(reopens('channel', field)).toBe(false);
  });
});
