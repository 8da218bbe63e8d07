import { describe, expect, onTestFinished, test } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import type { Expectation } from '../../src/model/policy.ts';
import {
  checkExpectations,
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
