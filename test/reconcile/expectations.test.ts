import { describe, expect, onTestFinished, test } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import type { Expectation } from '../../src/model/policy.ts';
import { checkExpectations } from '../../src/reconcile/check-expectations.ts';
import {
  expectationsAfter,
  expectationsLive,
  expectationsOffline,
} from '../../src/reconcile/expectations.ts';
import { verdictOf } from '../../src/reconcile/verdict.ts';
import { manifestOf, testApp } from '../support/world.ts';

function expecting(expected: Partial<Omit<Expectation, 'at'>>, line = 1): Expectation {
  const at = { file: 'streambed.yaml', line, column: 5, endLine: line, endColumn: 9 };
  return { role: 'user', can: [], cannot: [], ...expected, at };
}

const inSupport = (expected: Partial<Omit<Expectation, 'at'>>): Expectation =>
  expecting({ channelType: 'support', channelRole: 'channel_member', ...expected });

/** Codes and messages; nothing for what holds. */
const told = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(({ code, message }) => `${code}: ${message}`);

const held = (lists: Readonly<Record<string, readonly string[]>>) => () => (role: string) => {
  const list = lists[role];
  return list === undefined ? undefined : Object.fromEntries(list.map((id) => [id, true] as const));
};

describe('what two roles hold together', () => {
  const fails = (
    expected: Partial<Expectation>,
    user: readonly string[],
    member: readonly string[],
  ): boolean => checkExpectations([inSupport(expected)], held({ user, channel_member: member })).length > 0;

  test.each([
    ['delete-message', [], ['delete-message'], true],
    ['delete-message', ['delete-message'], [], true],
    ['delete-message', ['delete-message-any-team'], [], true],
    ['delete-message', ['delete-message-owner'], [], false],
    ['delete-message-owner', ['delete-message'], [], true],
    ['delete-message-owner', ['delete-message-owner-any-team'], [], true],
    ['delete-message-any-team', ['delete-message'], [], false],
    ['delete-message', [], ['delete-channel'], false],
  ] as const)('%s of %j and %j', (permission, user, member, may) => {
    expect(fails({ can: [permission] }, user, member)).toBe(!may);
    expect(fails({ cannot: [permission] }, user, member)).toBe(may);
  });

  test('a failure stands at its line, names the grant, and blocks', () => {
    const expectation = inSupport({ cannot: ['delete-message'], can: ['create-message'] });
    const found = checkExpectations(
      [expectation],
      held({ user: ['delete-message-any-team'], channel_member: ['delete-message'] }),
    );
    expect(found).toMatchObject([
      {
        severity: 'error',
        code: 'expectation-failed',
        message: 'user with channel_member cannot create-message in channels of type support',
      },
      {
        message:
          'user with channel_member can delete-message in channels of type support, through delete-message of channel_member',
        help: 'Take delete-message from channel_member, or change the expectation.',
        at: expectation.at,
        address: 'channel_type/support',
      },
    ]);
    expect(verdictOf({ changes: [], diagnostics: found })).toBe('blocked');
  });

  test('nothing is claimed of a role that is not known, unless the other one decides', () => {
    const about = (expected: Partial<Expectation>, member: readonly string[]) =>
      told(checkExpectations([inSupport(expected)], held({ channel_member: member })));
    expect(about({ can: ['create-message'] }, ['create-message'])).toEqual([]);
    expect(about({ cannot: ['create-message'] }, ['create-message'])).toHaveLength(1);
    const unknown =
      'expectation-unknown: 2 of 2 expected rights could not be tested: it is not known here what the roles hold';
    expect(about({ can: ['create-message'], cannot: ['delete-message'] }, [])).toEqual([unknown]);
  });
});

const manifest = `
channel_types:
  support:
    grants:
      user: []
      channel_member: [create-message, read-channel]
      guest: { add: [read-channel] }
app:
  grants: { user: [search-user] }
`;

test('offline, whole lists are known and changes to lists are not', () => {
  const offline = (text: string, ...expectations: Expectation[]) =>
    told(expectationsOffline(manifestOf(text), registry, expectations));
  expect(offline(manifest, inSupport({ can: ['create-message'], cannot: ['delete-message'] }))).toEqual([]);
  expect(offline(manifest, inSupport({ cannot: ['create-message'] }))).toHaveLength(1);
  expect(offline(manifest, expecting({ can: ['search-user'], cannot: ['ban-user'] }))).toEqual([]);
  expect(offline(manifest, expecting({ cannot: ['search-user'] }))).toEqual([
    'expectation-failed: user can search-user in the app, through search-user of user',
  ]);
  const unknown = [
    inSupport({ role: 'guest', channelRole: 'user', cannot: ['read-channel'] }),
    expecting({ role: 'admin', channelType: 'support', can: ['read-channel'] }),
    expecting({ channelType: 'other', can: ['read-channel'] }),
  ];
  expect(offline(manifest, ...unknown)).toEqual([expect.stringContaining('expectation-unknown: 3 of 3')]);
  const ignored = manifest.replace(
    '    grants:\n',
    '    lifecycle: { ignore_changes: [grants.user] }\n    grants:\n',
  );
  expect(offline(ignored, inSupport({ can: ['ban-user'] }))).toEqual([
    expect.stringContaining('expectation-unknown'),
  ]);
});

test('a plan is tested by what it leaves, undeclared roles and types included', async () => {
  const app = await testApp();
  onTestFinished(() => app.close());
  await app.apply(manifest);
  const reader = app.connection.reader;
  const after = async (text: string, ...expectations: Expectation[]) =>
    told(await expectationsAfter(await app.plan(text), registry, reader, expectations));
  const live = async (...expectations: Expectation[]) =>
    told(await expectationsLive(registry, reader, expectations));

  const wider = `channel_types: { support: { grants: { channel_member: { add: [delete-message] } } } }`;
  const members = inSupport({ can: ['create-message'], cannot: ['delete-message'] });
  expect(await live(members)).toEqual([]);
  expect(await after(manifest, members)).toEqual([]);
  expect(await after(wider, members)).toEqual([
    'expectation-failed: user with channel_member can delete-message in channels of type support, through delete-message of channel_member',
  ]);
  // Of what is not declared the live app decides: a role, a type, the settings.
  expect(
    await after(wider, expecting({ role: 'admin', channelType: 'support', cannot: ['delete-message'] })),
  ).toHaveLength(1);
  expect(await after(wider, expecting({ channelType: 'livestream', can: ['create-message'] }))).toEqual([]);
  expect(await after(wider, expecting({ cannot: ['search-user'] }))).toHaveLength(1);
  // A role that is listed nowhere holds nothing.
  expect(
    await after(wider, expecting({ role: 'nobody', channelType: 'support', can: ['create-message'] })),
  ).toHaveLength(1);
  expect(await after(wider, expecting({ channelType: 'other', cannot: ['read-channel'] }))).toEqual([
    'expectation-failed: there is no channel type other',
  ]);
});

test('of a new type only the declared roles are known, and of a removed one nothing is left', async () => {
  const app = await testApp();
  onTestFinished(() => app.close());
  const after = async (text: string, ...expectations: Expectation[]) =>
    told(await expectationsAfter(await app.plan(text), registry, app.connection.reader, expectations));
  expect(await after(manifest, inSupport({ can: ['create-message'], cannot: ['ban-user'] }))).toEqual([]);
  expect(
    await after(manifest, expecting({ role: 'admin', channelType: 'support', can: ['ban-user'] })),
  ).toEqual([expect.stringContaining('expectation-unknown: 1 of 1')]);
  await app.apply(manifest);
  const removal = 'removed: [{ channel_type: support, because: over }]';
  expect(await after(removal, inSupport({ cannot: ['ban-user'] }))).toEqual([
    'expectation-failed: there is no channel type support',
  ]);
  const reset = 'removed: [{ channel_type: gaming, because: over }]';
  expect(await after(reset, expecting({ channelType: 'gaming', cannot: ['ban-user'] }))).toEqual([
    expect.stringContaining('expectation-unknown'),
  ]);
});

describe('an app that does not judge by grants', () => {
  const members = inSupport({ can: ['create-message'], cannot: ['delete-message', 'ban-user'] });
  const settings = (text: string): string => `${manifest}  settings: { ${text} }\n`;
  const open = settings('disable_permissions_checks: true');
  const everything = ['delete-message', 'ban-user'].map(
    (permission) =>
      `expectation-failed: user with channel_member can ${permission} in channels of type support: the app checks no permissions, so everybody may do everything`,
  );
  const old = (count: string): string =>
    `warning expectation-unknown: ${count} could not be tested: the app is on permissions v1, where policies of old decide, and no grants`;
  const withSeverity = (diagnostics: readonly Diagnostic[]): readonly string[] =>
    diagnostics.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);

  test('forbids nobody anything, as it is declared, planned and live', async () => {
    const app = await testApp();
    onTestFinished(() => app.close());
    const reader = app.connection.reader;
    const after = async (text: string) =>
      told(await expectationsAfter(await app.plan(text), registry, reader, [members]));
    expect(told(expectationsOffline(manifestOf(open), registry, [members]))).toEqual(everything);
    expect(await after(open)).toEqual(everything);
    await app.apply(open);
    expect(await after(open), 'nothing to do').toEqual(everything);
    expect(await after(manifest), 'not declared, and live').toEqual(everything);
    expect(await after('users: { lena: {} }'), 'no settings declared').toEqual(everything);
    expect(told(await expectationsLive(registry, reader, [members]))).toEqual(everything);
    const closed = open.replace('checks: true', 'checks: false');
    expect(await after(closed)).toEqual([]);
    expect(told(expectationsOffline(manifestOf(closed), registry, [members]))).toEqual([]);
    const ignored = `${open}  lifecycle: { ignore_changes: [disable_permissions_checks] }\n`;
    expect(told(expectationsOffline(manifestOf(ignored), registry, [members]))).toEqual([]);
  });

  test('by policies of old is not tested at all, and says so once', async () => {
    const app = await testApp();
    onTestFinished(() => app.close());
    const reader = app.connection.reader;
    await app.apply('app: { settings: { permission_version: v1 } }');
    const both = [members, expecting({ channelType: 'other', cannot: ['read-channel'] })];
    const after = async (text: string, ...expectations: Expectation[]) =>
      withSeverity(await expectationsAfter(await app.plan(text), registry, reader, expectations));
    expect(await after(manifest, ...both)).toEqual([old('2 expectations')]);
    expect(await after(manifest, members)).toEqual([old('1 expectation')]);
    expect(withSeverity(await expectationsLive(registry, reader, both))).toEqual([old('2 expectations')]);
    const declared = manifestOf(settings('permission_version: v1'));
    expect(withSeverity(expectationsOffline(declared, registry, both))).toEqual([old('2 expectations')]);
    expect(await after(settings('permission_version: v2'), members)).toEqual([]);
    expect(await after(open, members), 'not even the policies').toHaveLength(2);
  });
});

test('what a declared channel gives its roles is held against the expectations of its type', async () => {
  const app = await testApp();
  onTestFinished(() => app.close());
  const overriding = (grants: string): string => `${manifest}
users: { lena: {}, ben: {} }
channels:
  support:
    vip: { created_by: lena, config_overrides: { grants: ${grants} } }
    plain: { created_by: lena }
`;
  const given = (address: string, id = 'delete-message'): string =>
    `expectation-failed: user with channel_member can delete-message in ${address}, which gives ${id} to channel_member`;
  const members = inSupport({ cannot: ['delete-message'] });
  const others = [
    inSupport({ channelRole: 'channel_moderator', role: 'admin', can: ['delete-message'] }),
    expecting({ role: 'guest', channelType: 'messaging', cannot: ['delete-message'] }),
  ];
  const after = async (text: string, ...expectations: Expectation[]) =>
    expectationsAfter(await app.plan(text), registry, app.connection.reader, expectations);
  const offline = (text: string) => told(expectationsOffline(manifestOf(text), registry, [members]));

  const giving = overriding('{ channel_member: [delete-message-any-team] }');
  const expected = [given('channel/support:vip', 'delete-message-any-team')];
  expect(offline(giving)).toEqual(expected);
  expect(await after(giving, members)).toMatchObject([
    {
      severity: 'error',
      message: expected[0]?.replace('expectation-failed: ', ''),
      help: 'Take delete-message-any-team from channel_member there, or change the expectation.',
      at: members.at,
      address: 'channel/support:vip',
    },
  ]);
  for (const harmless of [
    '{ channel_member: ["!delete-message"] }',
    '{ guest: [delete-message] }',
    '{ channel_member: [delete-message-owner] }',
  ]) {
    expect(told(await after(overriding(harmless), members)), harmless).toEqual([]);
    expect(offline(overriding(harmless)), harmless).toEqual([]);
  }
  await app.apply(giving);
  expect(told(await after(giving, members)), 'nothing to do').toEqual(expected);
  expect(told(await after(giving, ...others)).join()).not.toContain('which gives');
  const guests = overriding('{ guest: [delete-message] }');
  expect(told(await after(guests, members)), 'a role that is not named keeps what it is given').toEqual(
    expected,
  );

  const left = giving.replace('vip: { ', 'vip: { lifecycle: { ignore_changes: [config_overrides.grants] }, ');
  expect(offline(left), 'the live app decides').toEqual([]);

  const two = `${manifest}
users: { lena: {}, ben: {} }
distinct_channels:
  two: { type: support, members: [lena, ben], created_by: lena, config_overrides: { grants: { channel_member: [delete-message] } } }
`;
  expect(told(await after(two, members))).toEqual([given('distinct_channel/support:ben,lena')]);
});

test("a permission of the app's own may allow what nobody is expected to do", async () => {
  const app = await testApp();
  onTestFinished(() => app.close());
  const own = manifest.replace('[create-message, read-channel]', '[create-message, clean-up]');
  const about = (expected: Partial<Expectation>) => [inSupport(expected)];
  const note = (count: string): string =>
    `note expectation-unknown ${count} expected rights could not be proven: the roles hold permissions that are the app's own, such as clean-up`;
  const offline = (expected: Partial<Expectation>, text = own) =>
    expectationsOffline(manifestOf(text), registry, about(expected)).map(
      ({ severity, code, message }) => `${severity} ${code} ${message}`,
    );
  expect(offline({ can: ['create-message'], cannot: ['delete-message'] })).toEqual([note('1 of 2')]);
  expect(offline({ can: ['create-message', 'clean-up'] })).toEqual([]);
  expect(offline({ cannot: ['delete-message'] }, manifest)).toEqual([]);
  expect(offline({ cannot: ['create-message'] }), 'held plainly').toEqual([
    expect.stringContaining('error expectation-failed'),
  ]);
  expect(offline({ cannot: ['clean-up'] })).toEqual([expect.stringContaining('error expectation-failed')]);
  const found = await expectationsAfter(
    await app.plan(own),
    registry,
    app.connection.reader,
    about({ cannot: ['delete-message'] }),
  );
  expect(found.map(({ severity, message }) => `${severity} expectation-unknown ${message}`)).toEqual([
    note('1 of 1'),
  ]);
  // What Stream itself grants is all built in.
  const stock = [
    expecting({ role: 'admin', channelType: 'messaging', cannot: ['no-such-thing'] }),
    expecting({ role: 'admin', cannot: ['no-such-thing'] }),
  ];
  expect(await expectationsLive(registry, app.connection.reader, stock)).toEqual([]);
});
