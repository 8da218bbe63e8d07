import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import type { Revisions } from '../../src/reconcile/origins.ts';
import { linesOf, manifestOf, testApp, type TestApp } from '../support/world.ts';

let app: TestApp;
beforeEach(async () => {
  app = await testApp();
});
afterEach(() => app.close());

interface Story {
  /** What the live app is made to be, in this order, behind the manifests' back. */
  readonly live: readonly string[];
  readonly base?: string;
  readonly applied?: string;
  readonly branch: string;
}

function revisionsOf({ base, applied }: Pick<Story, 'applied' | 'base'>): Revisions {
  return {
    ...(base === undefined
      ? {}
      : { base: { ref: 'main', commit: 'b'.repeat(40), manifest: manifestOf(base, 'base.yaml') } }),
    ...(applied === undefined
      ? {}
      : { applied: { commit: 'a'.repeat(40), manifest: manifestOf(applied, 'applied.yaml') } }),
  };
}

async function planOf({ live, branch, ...revisions }: Story): Promise<Plan> {
  for (const yaml of live) await app.apply(yaml);
  return app.plan(branch, { revisions: revisionsOf(revisions) });
}

/** A line a change, then its fields and elements: `channel_type/x branch`, `channel_type/x reactions branch`. */
function whoseIn({ origins }: Plan): readonly string[] {
  return [...(origins?.changes ?? [])].flatMap(([address, { origin, adopts, fields }]) => [
    `${address} ${origin}${adopts ? ', adopted' : ''}`,
    ...[...fields].flatMap(([path, whose]) => [
      `${address} ${path} ${whose.origin}`,
      ...[...(whose.elements ?? [])].map(([name, one]) => `${address} ${path} ${name} ${one}`),
    ]),
  ]);
}

function leavingIn({ origins }: Plan): readonly string[] {
  return (origins?.leaving ?? []).map(
    ({ address, path, guards, at }) =>
      `${address} ${path.join('.')} ${guards ? 'guards' : '-'} ${at.file}:${at.line}:${at.column}`,
  );
}

function dangersIn({ dangers }: Plan, code: string): readonly string[] {
  return dangers
    .filter((danger) => danger.code === code)
    .map(({ address, path, message }) => `${address} ${path.join('.')}: ${message}`);
}

const type = (fields: string): string => `channel_types: { support: { ${fields} } }`;

describe('held against a base revision', () => {
  it('what the branch asks for is its own, and what main asks for too is not', async () => {
    const plan = await planOf({
      live: [type('reactions: true, replies: true, uploads: true')],
      base: type('replies: false, uploads: true'),
      branch: type('reactions: false, replies: false, uploads: true'),
    });
    expect(whoseIn(plan)).toEqual([
      'channel_type/support mixed',
      'channel_type/support reactions branch',
      'channel_type/support replies before',
    ]);
    expect(plan.origins?.base).toEqual({ ref: 'main', commit: 'b'.repeat(40) });
  });

  it('another value for what main changes too is the branch’s', async () => {
    const plan = await planOf({
      live: [type('max_message_length: 100, push_level: all')],
      base: type('max_message_length: 200, push_level: none'),
      branch: type('max_message_length: 300, push_level: none'),
    });
    expect(whoseIn(plan)).toEqual([
      'channel_type/support mixed',
      'channel_type/support max_message_length branch',
      'channel_type/support push_level before',
    ]);
  });

  it('the elements of a set are told apart', async () => {
    const plan = await planOf({
      live: [type('grants: { user: [create-channel, read-channel] }')],
      base: type('grants: { user: [create-message, read-channel] }'),
      branch: type('grants: { user: [create-message, create-reaction] }'),
    });
    expect(whoseIn(plan)).toEqual([
      'channel_type/support mixed',
      'channel_type/support grants.user mixed',
      'channel_type/support grants.user create-message before',
      'channel_type/support grants.user create-reaction branch',
      'channel_type/support grants.user create-channel before',
      'channel_type/support grants.user read-channel branch',
    ]);
  });

  it('it makes no difference whether a set is declared whole or by its changes', async () => {
    const plan = await planOf({
      live: [type('grants: { user: [read-channel] }')],
      base: type('grants: { user: [create-message, read-channel] }'),
      branch: type('grants: { user: { add: [create-message] } }'),
    });
    expect(whoseIn(plan)).toContain('channel_type/support grants.user create-message before');
  });

  it('a member of another role than on main is the branch’s', async () => {
    const members = (list: string): string =>
      `users: { lena: {}, ben: {} }\nchannels: { messaging: { a: { created_by: lena, members: ${list} } } }`;
    const plan = await planOf({
      live: [members('[]')],
      base: members('[lena, ben]'),
      branch: members('[{ user_id: lena, channel_role: channel_moderator }, ben]'),
    });
    expect(whoseIn(plan)).toEqual([
      'channel/messaging:a mixed',
      'channel/messaging:a members mixed',
      'channel/messaging:a members ben before',
      'channel/messaging:a members lena branch',
    ]);
  });

  it('an object that main does not declare is the branch’s, and adopted where it exists', async () => {
    const plan = await planOf({
      live: [type('reactions: true')],
      base: 'users: {}',
      branch: `${type('reactions: false')}\nusers: { lena: { name: Lena } }`,
    });
    expect(whoseIn(plan)).toEqual([
      'channel_type/support branch, adopted',
      'channel_type/support reactions branch',
      'user/lena branch',
      'user/lena name branch',
    ]);
  });

  it('a new object is not the branch’s when main declares it alike, and partly when it does not', async () => {
    const plan = await planOf({
      live: [],
      base: 'users: { lena: { name: Lena }, ben: { name: Ben } }',
      branch: 'users: { lena: { name: Lena }, ben: { name: Benjamin }, anna: {} }',
    });
    expect(whoseIn(plan)).toEqual([
      'user/anna branch',
      'user/ben mixed',
      'user/ben name branch',
      'user/lena before',
      'user/lena name before',
    ]);
  });

  it('a set that begins empty is the branch’s unless main declares it empty, too', async () => {
    const grants = (user: string): string => type(`grants: { user: ${user}, guest: [] }`);
    const origins = async (base: string) => whoseIn(await planOf({ live: [], base, branch: grants('[]') }));
    expect(await origins('users: {}')).toEqual([
      'channel_type/support branch',
      'channel_type/support grants.guest branch',
      'channel_type/support grants.user branch',
    ]);
    expect(await origins(grants('[read-channel]'))).toEqual([
      'channel_type/support mixed',
      'channel_type/support grants.guest before',
      'channel_type/support grants.user branch',
    ]);
    expect(await origins(grants('[]'))).toEqual([
      'channel_type/support before',
      'channel_type/support grants.guest before',
      'channel_type/support grants.user before',
    ]);
  });

  it('a removal is not the branch’s when main has the same one', async () => {
    const gone = (...lines: string[]): string => `removed:\n${lines.map((line) => `  - ${line}`).join('\n')}`;
    const ben = '{ user: ben, because: left }';
    const plan = await planOf({
      live: ['users: { lena: {}, ben: {}, anna: {} }'],
      base: gone(ben, '{ user: anna, because: left }'),
      branch: gone(ben, '{ user: lena, because: left }', '{ user: anna, mode: hard, because: left }'),
    });
    expect(whoseIn(plan).filter((line) => line.split(' ').length === 2)).toEqual([
      'user/anna branch',
      'user/ben before',
      'user/lena branch',
    ]);
  });

  it('a removal that main spares by its date is the branch’s', async () => {
    const plan = await planOf({
      live: ['users: { ben: {} }'],
      base: 'removed: [{ user: ben, because: left, created_before: 2020-01-01T00:00:00Z }]',
      branch: 'removed: [{ user: ben, because: left }]',
    });
    expect(whoseIn(plan)[0]).toBe('user/ben branch');
  });

  it('a field that main ignores is the branch’s', async () => {
    const plan = await planOf({
      live: [type('reactions: true')],
      base: type('reactions: false, lifecycle: { ignore_changes: [reactions] }'),
      branch: type('reactions: false'),
    });
    expect(whoseIn(plan)).toContain('channel_type/support reactions branch');
  });

  it('write-only values that are sent again are the branch’s only when it declares others', async () => {
    const settings = (value: boolean): string => `app: { settings: { channel_hide_members_only: ${value} } }`;
    const address = 'app_settings/app' as const;
    for (const [base, origin] of [
      [true, 'before'],
      [false, 'branch'],
    ] as const) {
      const plan = await app.plan(settings(true), {
        sendWriteOnly: [address],
        revisions: revisionsOf({ base: settings(base) }),
      });
      expect(whoseIn(plan)).toEqual([`${address} ${origin}`]);
    }
  });

  it('what does not change has no origin, and nothing is held against nothing', async () => {
    const yaml = type('reactions: false');
    await app.apply(yaml);
    expect(whoseIn(await app.plan(yaml, { revisions: revisionsOf({ base: yaml }) }))).toEqual([]);
    const plan = await app.plan(type('reactions: true'), { revisions: {} });
    expect(whoseIn(plan)).toEqual([]);
    expect(plan.dangers.filter(({ code }) => code === 'reopens-restriction')).toEqual([]);
  });

  it('it costs no request', async () => {
    const branch = `${type('reactions: false')}\nusers: { lena: {} }`;
    const alone = await app.plan(branch);
    const held = await app.plan(branch, {
      revisions: revisionsOf({ base: 'users: { ben: {} }', applied: 'users: { anna: {} }' }),
    });
    expect(held.reads).toBe(alone.reads);
    expect(linesOf(held)).toEqual(linesOf(alone));
  });
});

describe('held against what was applied last', () => {
  it('what the last apply had settled is drift, and what was merged since is pending', async () => {
    const plan = await planOf({
      live: [type('reactions: true, replies: true')],
      base: type('reactions: false, replies: false'),
      applied: type('reactions: false, replies: true'),
      branch: type('reactions: false, replies: false, uploads: false'),
    });
    expect(whoseIn(plan)).toEqual([
      'channel_type/support mixed',
      'channel_type/support reactions drift',
      'channel_type/support replies pending',
      'channel_type/support uploads branch',
    ]);
    expect(plan.origins?.applied).toBe('a'.repeat(40));
  });

  it('a live value that is neither what was applied nor what is merged is drift', async () => {
    const plan = await planOf({
      live: [type('max_message_length: 300')],
      base: type('max_message_length: 200'),
      applied: type('max_message_length: 100'),
      branch: type('max_message_length: 200'),
    });
    expect(whoseIn(plan)).toContain('channel_type/support max_message_length drift');
  });

  it('the elements of a set are told apart', async () => {
    const plan = await planOf({
      live: [type('grants: { user: [create-channel] }')],
      applied: type('grants: { user: [read-channel] }'),
      branch: type('grants: { user: [create-message, read-channel] }'),
    });
    expect(whoseIn(plan)).toEqual([
      'channel_type/support mixed',
      'channel_type/support grants.user mixed',
      'channel_type/support grants.user create-message pending',
      'channel_type/support grants.user read-channel drift',
      'channel_type/support grants.user create-channel drift',
    ]);
  });

  it('without a base nothing is the branch’s, and nothing leaves', async () => {
    const plan = await planOf({
      live: [type('reactions: true')],
      applied: `${type('reactions: false')}\nusers: { ben: { role: admin } }`,
      branch: `${type('reactions: false')}\nusers: { lena: {} }`,
    });
    expect(whoseIn(plan)).toEqual([
      'channel_type/support drift',
      'channel_type/support reactions drift',
      'user/lena pending',
    ]);
    expect(leavingIn(plan)).toEqual([]);
  });

  it('a set that begins empty is pending until an apply had it', async () => {
    const closed = type('grants: { guest: [] }');
    const origins = async (applied: string) => whoseIn(await planOf({ live: [], applied, branch: closed }));
    expect(await origins('users: {}')).toEqual([
      'channel_type/support pending',
      'channel_type/support grants.guest pending',
    ]);
    expect(await origins(closed)).toEqual([
      'channel_type/support drift',
      'channel_type/support grants.guest drift',
    ]);
  });

  it('an object that is gone although it was applied is drift', async () => {
    const yaml = 'users: { lena: {} }';
    expect(whoseIn(await planOf({ live: [], applied: yaml, base: yaml, branch: yaml }))).toEqual([
      'user/lena drift',
    ]);
  });

  it('an object that is back although its removal was applied is drift', async () => {
    const yaml = 'removed: [{ user: ben, because: left }]';
    const live = ['users: { ben: {} }'];
    expect(whoseIn(await planOf({ live, applied: yaml, branch: yaml }))[0]).toBe('user/ben drift');
    expect(whoseIn(await planOf({ live: [], applied: 'users: { ben: {} }', branch: yaml }))[0]).toBe(
      'user/ben pending',
    );
  });
});

describe('what the branch no longer declares leaves management', () => {
  const base = [
    'channel_types:',
    '  support:',
    '    reactions: false',
    '    grants:',
    '      user: [read-channel]',
    '      guest: []',
    'users:',
    '  lena: { name: Lena, custom: { desk: 4, floor: 1 } }',
    '  ben: { role: admin }',
  ].join('\n');

  it('as a field, as a key of a map, or whole; what guards the app is a danger', async () => {
    const branch = [
      'channel_types: { support: { grants: { guest: [] } } }',
      'users: { lena: { custom: { floor: 1 } } }',
    ].join('\n');
    const plan = await planOf({ live: [], base, branch });
    expect(leavingIn(plan)).toEqual([
      'channel_type/support reactions - base.yaml:3:5',
      'channel_type/support grants.user guards base.yaml:5:7',
      'user/ben  guards base.yaml:9:3',
      'user/lena name - base.yaml:8:11',
      'user/lena custom.desk - base.yaml:8:33',
    ]);
    expect(dangersIn(plan, 'leaves-management')).toEqual([
      'channel_type/support grants.user: grants.user of channel_type/support is no longer managed; its live value stays',
      'user/ben : user/ben is no longer managed; it stays in the live app as it is',
    ]);
  });

  it('told once, at the highest step under which nothing is left', async () => {
    const plan = await planOf({ live: [], base: type('grants: { user: [], guest: [] }'), branch: type('') });
    expect(leavingIn(plan)).toEqual(['channel_type/support grants guards base.yaml:1:29']);
  });

  it('unless it is removed, or only declared in another way', async () => {
    const plan = await planOf({
      live: [],
      base: 'users: { lena: { role: admin }, ben: { teams: [red], name: Ben } }',
      branch: [
        'users: { ben: { teams: { add: [blue] }, name: !unset } }',
        'removed: [{ user: lena, because: left }]',
      ].join('\n'),
    });
    expect(leavingIn(plan)).toEqual([]);
    expect(dangersIn(plan, 'leaves-management')).toEqual([]);
  });

  it('also when a lifecycle begins to ignore it', async () => {
    const users = (lena: string, ben: string): string =>
      `users:\n  lena: { role: admin, name: Lena${lena} }\n  ben: { role: admin${ben} }`;
    const plan = await planOf({
      live: [],
      base: users('', ''),
      branch: users(', lifecycle: { ignore_changes: [role] }', ', lifecycle: { create_only: true }'),
    });
    expect(leavingIn(plan)).toEqual([
      'user/ben  guards base.yaml:3:3',
      'user/lena role guards base.yaml:2:11',
    ]);
  });
});

describe('a restriction of the live app that nobody asked to lift', () => {
  const open = type('grants: { user: [delete-message-owner, read-channel] }, reactions: true');
  const closed = type('grants: { user: [read-channel] }, reactions: true');

  it('is a danger when the last apply had left it open', async () => {
    const plan = await planOf({ live: [open, closed], base: open, applied: open, branch: open });
    expect(dangersIn(plan, 'reopens-restriction')).toEqual([
      'channel_type/support grants.user: the live app has taken delete-message-owner from user, and this branch did not ask for it back',
    ]);
  });

  it('is one without a recorded apply too, which claims no more than it knows', async () => {
    const plan = await planOf({ live: [closed], base: open, branch: open });
    expect(dangersIn(plan, 'reopens-restriction')).toEqual([
      'channel_type/support grants.user: user does not have delete-message-owner in the live app, and this branch did not ask for it',
    ]);
  });

  it('is none when the branch asks for it', async () => {
    const plan = await planOf({ live: [closed], base: closed, branch: open });
    expect(dangersIn(plan, 'reopens-restriction')).toEqual([]);
  });

  it('is none when it was merged and never applied', async () => {
    const plan = await planOf({ live: [closed], applied: closed, branch: open });
    expect(whoseIn(plan)[0]).toBe('channel_type/support pending');
    expect(dangersIn(plan, 'reopens-restriction')).toEqual([]);
  });

  it('names only what the branch did not ask for', async () => {
    const branch = type('grants: { user: [create-message, delete-message-owner, read-channel] }');
    const plan = await planOf({ live: [closed], base: open, applied: open, branch });
    const [danger] = dangersIn(plan, 'reopens-restriction');
    expect(danger).toContain('delete-message-owner');
    expect(danger).not.toContain('create-message');
  });

  it('is none where the live app was opened and is closed again', async () => {
    const plan = await planOf({ live: [open], base: closed, applied: closed, branch: closed });
    expect(whoseIn(plan)[0]).toBe('channel_type/support drift');
    expect(dangersIn(plan, 'reopens-restriction')).toEqual([]);
  });

  it('may be a channel that somebody froze', async () => {
    const channel = (frozen: boolean): string =>
      `users: { lena: {} }\nchannels: { messaging: { a: { created_by: lena, frozen: ${frozen} } } }`;
    const [thawed, frozen] = [channel(false), channel(true)];
    const plan = await planOf({ live: [thawed, frozen], base: thawed, applied: thawed, branch: thawed });
    expect(dangersIn(plan, 'reopens-restriction')).toEqual([
      'channel/messaging:a frozen: the live app has changed frozen, and this branch did not ask for it back',
    ]);
  });

  it('may be an object that somebody deleted, also when the branch changes what it shall be', async () => {
    const applied = `${type('reactions: true')}\nusers: { lena: { name: Lena } }`;
    const branch = `${type('reactions: false')}\nusers: { lena: { name: Lena } }`;
    const plan = await planOf({ live: [], base: applied, applied, branch });
    expect(dangersIn(plan, 'reopens-restriction')).toEqual([
      'channel_type/support : somebody deleted channel_type/support in the live app, and it would be made again',
      'user/lena : somebody deleted user/lena in the live app, and it would be made again',
    ]);
  });

  it('is no object that was never applied, or of which no apply is recorded', async () => {
    const branch = 'users: { lena: {} }';
    const pending = await planOf({ live: [], base: branch, applied: 'users: {}', branch });
    expect(dangersIn(pending, 'reopens-restriction')).toEqual([]);
    const before = await planOf({ live: [], base: branch, branch });
    expect(dangersIn(before, 'reopens-restriction')).toEqual([]);
    const own = await planOf({ live: [], base: 'users: {}', applied: branch, branch });
    expect(dangersIn(own, 'reopens-restriction')).toEqual([]);
  });

  it('may be a member whom somebody removed, when an apply had put them there', async () => {
    const channel = (members: string): string =>
      `users: { lena: {}, ben: {} }\nchannels: { messaging: { a: { created_by: lena, members: ${members} } } }`;
    const [both, one] = [channel('[lena, ben]'), channel('[lena]')];
    const drifted = await planOf({ live: [one], base: both, applied: both, branch: both });
    expect(dangersIn(drifted, 'reopens-restriction')).toEqual([
      'channel/messaging:a members: the live app has taken ben from members, and this branch did not ask for it back',
    ]);
    const unknown = await planOf({ live: [], base: both, branch: both });
    expect(dangersIn(unknown, 'reopens-restriction')).toEqual([]);
  });
});

describe('a role that goes', () => {
  const live = ['roles: [agent]', type('grants: { agent: [read-channel] }')];
  const removal = 'removed: [{ role: agent, because: over }]';

  it('empties its grants by the same right by which it goes, and adopts nothing', async () => {
    expect(whoseIn(await planOf({ live, base: 'users: {}', branch: removal }))).toEqual([
      'role/agent branch',
      'channel_type/support branch',
      'channel_type/support grants.agent branch',
      'channel_type/support grants.agent read-channel branch',
    ]);
  });

  it('is not the branch’s when main removes it too', async () => {
    expect(whoseIn(await planOf({ live, base: removal, branch: removal }))).toEqual([
      'role/agent before',
      'channel_type/support before',
      'channel_type/support grants.agent before',
      'channel_type/support grants.agent read-channel before',
    ]);
  });
});
