import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allows, heldPermissions, type CustomRule } from '../../src/emulator/access.ts';
import { decide, type Circumstances, type CustomPermission } from '../../src/kinds/access.ts';
import { covers, permissionParts } from '../../src/model/permission-id.ts';
import type { Rights } from '../../src/model/danger.ts';

type Lists = Readonly<Record<string, readonly string[]>>;

function rightsOf(grants: Lists): Rights {
  return Object.fromEntries(
    Object.entries(grants).map(([role, ids]) => [
      role,
      Object.fromEntries(ids.map((id) => [id, true] as const)),
    ]),
  );
}

function asked(permission: string, grants: Lists, more: Partial<Circumstances> = {}) {
  return decide(permission, {
    scope: 'type',
    rights: rightsOf(grants),
    roles: ['user', 'channel_member'],
    owns: undefined,
    sameTeam: true,
    ...more,
  });
}

/** The verdict and the grants it rests on: `yes delete-message of user (type)`. */
function words(...question: Parameters<typeof asked>): string {
  const { verdict, because } = asked(...question);
  return [verdict, ...because.map(({ permission, role, from }) => `${permission} of ${role} (${from})`)].join(
    ' ',
  );
}

describe('whether roles may use a permission', () => {
  test.each([
    ['nothing at all', 'delete-message', {}, {}, 'no'],
    [
      'the permission',
      'delete-message',
      { user: ['delete-message'] },
      {},
      'yes delete-message of user (type)',
    ],
    [
      'the permission twice',
      'delete-message',
      { user: ['delete-message'], channel_member: ['delete-message-any-team'] },
      {},
      'yes delete-message of user (type) delete-message-any-team of channel_member (type)',
    ],
    [
      'it for their own messages',
      'delete-message',
      { user: ['delete-message-owner'] },
      {},
      'only-own delete-message-owner of user (type)',
    ],
    [
      'it for their own, when that is the question',
      'delete-message-owner',
      { user: ['delete-message-owner'] },
      {},
      'yes delete-message-owner of user (type)',
    ],
    [
      'it for everybody, asked about their own',
      'delete-message-owner',
      { user: ['delete-message'] },
      {},
      'yes delete-message of user (type)',
    ],
    [
      'it for their own channel, in their own',
      'create-message',
      { user: ['create-message-owner'] },
      { owns: true },
      'yes create-message-owner of user (type)',
    ],
    [
      "it for their own channel, in another's",
      'create-message',
      { user: ['create-message-owner'] },
      { owns: false },
      'no',
    ],
    ['it in one team, elsewhere', 'create-message', { user: ['create-message'] }, { sameTeam: false }, 'no'],
    [
      'it in any team, elsewhere',
      'create-message',
      { user: ['create-message-any-team'] },
      { sameTeam: false },
      'yes create-message-any-team of user (type)',
    ],
    ['it in one team, asked about any', 'create-message-any-team', { user: ['create-message'] }, {}, 'no'],
    [
      'it for their own in any team, elsewhere',
      'delete-message',
      { user: ['delete-message-owner-any-team'] },
      { sameTeam: false },
      'only-own delete-message-owner-any-team of user (type)',
    ],
    ['a role that is not theirs', 'delete-message', { admin: ['delete-message'] }, {}, 'no'],
    ['a role named like a property of objects', 'delete-message', {}, { roles: ['constructor'] }, 'no'],
    ['everything, without checks', 'delete-message', {}, { checksOff: true }, 'yes'],
    [
      'it in this channel only',
      'create-message',
      {},
      { modifiers: { user: ['create-message'] } },
      'yes create-message of user (channel)',
    ],
    [
      'it everywhere but here',
      'create-message',
      { user: ['create-message'] },
      { modifiers: { user: ['!create-message'] } },
      'no',
    ],
    [
      'it through another role that keeps it',
      'create-message',
      { user: ['create-message'], channel_member: ['create-message'] },
      { modifiers: { channel_member: ['!create-message'] } },
      'yes create-message of user (type)',
    ],
    [
      'it taken away and given back',
      'create-message',
      { user: ['create-message'] },
      { modifiers: { user: ['!create-message', 'create-message'] } },
      'yes create-message of user (type)',
    ],
    [
      'it in the app',
      'search-user',
      { user: ['search-user'] },
      { scope: 'app' as const },
      'yes search-user of user (app)',
    ],
  ])('who holds %s', (_what, permission, grants, more, expected) => {
    expect(words(permission, grants as Lists, more)).toBe(expected);
  });

  test('what is held and of no use, and what was taken away, is told', () => {
    const decision = asked(
      'create-message',
      { user: ['create-message-owner'], channel_member: ['create-message'] },
      { owns: false, modifiers: { channel_member: ['!create-message'] } },
    );
    expect(decision).toEqual({
      verdict: 'no',
      because: [],
      useless: [{ role: 'user', permission: 'create-message-owner', from: 'type', why: 'not-own' }],
      taken: [{ role: 'channel_member', permission: 'create-message' }],
    });
    expect(asked('read-channel', { user: ['read-channel'] }, { sameTeam: false }).useless).toMatchObject([
      { why: 'other-team' },
    ]);
  });

  test('a permission of the app allows what its action says, and a condition leaves it open', () => {
    const custom: CustomPermission = {
      action: 'update-message',
      owner: false,
      anyTeam: false,
      conditional: false,
    };
    const holding = (more: Partial<CustomPermission>): string =>
      words(
        'update-message',
        { user: ['fix-typos'] },
        { customs: new Map([['fix-typos', { ...custom, ...more }]]) },
      );
    expect(holding({})).toBe('yes fix-typos of user (type)');
    expect(holding({ owner: true })).toBe('only-own fix-typos of user (type)');
    expect(holding({ conditional: true })).toBe('unknown fix-typos of user (type)');
    expect(holding({ action: 'delete-message' })).toBe('no');
    const beside = { customs: new Map([['fix-typos', { ...custom, conditional: true }]]) };
    expect(words('update-message', { user: ['fix-typos', 'update-message'] }, beside)).toBe(
      'yes update-message of user (type)',
    );
    expect(words('fix-typos', { user: ['update-message'] }, beside)).toBe(
      'yes update-message of user (type)',
    );
  });
});

const actions = ['UpdateMessage', 'DeleteMessage', 'ReadChannel'];
const kebab = (action: string): string => action.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
const ids = actions.flatMap((action) =>
  ['', '-owner', '-any-team', '-owner-any-team'].map((end) => kebab(action) + end),
);
const roles = ['user', 'channel_member', 'admin', 'constructor'];
const customIds = ['fix-typos', 'peek'];

const lists = (members: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...roles), fc.uniqueArray(fc.constantFrom(...members), { maxLength: 6 }));

const world = fc.record({
  grants: lists([...ids, ...customIds]),
  modifiers: lists([...ids, ...customIds].flatMap((id) => [id, `!${id}`])),
  roles: fc.subarray(roles, { minLength: 1 }),
  sameTeam: fc.boolean(),
  action: fc.constantFrom(...actions),
  customs: fc.dictionary(
    fc.constantFrom(...customIds),
    fc.record({ action: fc.constantFrom(...actions), owner: fc.boolean(), same_team: fc.boolean() }),
  ),
});

test('the decision is that of a Stream, whatever is granted, taken away, owned and shared', () => {
  let seen = '';
  fc.assert(
    fc.property(world, ({ grants, modifiers, roles, sameTeam, action, customs }) => {
      const held = heldPermissions(grants, roles, modifiers);
      const rules = new Map<string, CustomRule>(
        Object.entries(customs).map(([id, rule]) => [id, { ...rule, holds: () => true }]),
      );
      const own = new Map<string, CustomPermission>(
        Object.entries(customs).map(([id, rule]) => [
          id,
          { action: kebab(rule.action), owner: rule.owner, anyTeam: !rule.same_team, conditional: false },
        ]),
      );
      const there = (owns: boolean): boolean => allows(held, { action, owns, sameTeam }, rules);
      const here = (owns: boolean | undefined, permission = kebab(action)): string =>
        asked(permission, grants, { modifiers, roles, owns, sameTeam, customs: own }).verdict;
      expect([here(true), here(false)]).toEqual(
        [there(true), there(false)].map((yes) => (yes ? 'yes' : 'no')),
      );
      expect(here(undefined)).toBe(there(false) ? 'yes' : there(true) ? 'only-own' : 'no');
      expect(here(undefined, `${kebab(action)}-owner`)).toBe(there(true) ? 'yes' : 'no');
      seen += here(undefined);
    }),
    { numRuns: 2000 },
  );
  for (const verdict of ['yes', 'only-own', 'no']) expect(seen).toContain(verdict);
});

test('one permission covers another when nobody who holds it lacks what the other one allows', () => {
  const situations = [true, false].flatMap((owns) => [true, false].map((sameTeam) => ({ owns, sameTeam })));
  for (const held of ids) {
    for (const wanted of ids) {
      const implied = situations.every(
        (situation) =>
          !actions.some((action) => allows(new Set([wanted]), { action, ...situation })) ||
          allows(new Set([held]), {
            action: actions.find((one) => kebab(one) === permissionParts(wanted).action)!,
            ...situation,
          }),
      );
      expect(covers(held, wanted), `${held} covers ${wanted}`).toBe(implied);
    }
  }
});
