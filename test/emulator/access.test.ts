import { expect, test } from 'vitest';
import { allows, heldPermissions, permissionId } from '../../src/emulator/access.ts';

const mine = { owns: true, sameTeam: true };
const others = { owns: false, sameTeam: true };
const elsewhere = { owns: false, sameTeam: false };

test.each([
  ['UpdateMessage', 'update-message'],
  ['ReadChannel', 'read-channel'],
  ['AddOwnChannelMembership', 'add-own-channel-membership'],
])('the permission for %s is called %s', (action, id) => {
  expect(permissionId(action)).toBe(id);
});

test.each([
  ['nothing', [], mine, false],
  ['the plain permission', ['update-message'], others, true],
  ['the plain permission in another team', ['update-message'], elsewhere, false],
  ['the permission for any team in another team', ['update-message-any-team'], elsewhere, true],
  ['the permission for any team', ['update-message-any-team'], others, true],
  ['the permission for owners on his own', ['update-message-owner'], mine, true],
  ["the permission for owners on another's", ['update-message-owner'], others, false],
  [
    'the permission for owners in another team',
    ['update-message-owner'],
    { owns: true, sameTeam: false },
    false,
  ],
  [
    'the permission for owners in any team',
    ['update-message-owner-any-team'],
    { owns: true, sameTeam: false },
    true,
  ],
  ['another permission', ['delete-message'], mine, false],
] as const)('who holds %s is allowed as expected', (_what, held, relation, expected) => {
  expect(allows(new Set(held), { action: 'UpdateMessage', ...relation })).toBe(expected);
});

test.each([
  ['whose condition holds', {}, others, true],
  ['whose condition does not hold', { holds: () => false }, others, false],
  ['for another action', { action: 'DeleteMessage' }, others, false],
  ["for owners, on another's", { owner: true }, others, false],
  ['for owners, on his own', { owner: true }, mine, true],
  ['for one team, in another', { same_team: true }, elsewhere, false],
])('a custom permission %s is judged as expected', (_what, rule, relation, expected) => {
  const base = { action: 'UpdateMessage', owner: false, same_team: false, holds: () => true };
  const customs = new Map([['mine', { ...base, ...rule }]]);
  const attempt = { action: 'UpdateMessage', ...relation };
  expect(allows(new Set(['mine']), attempt, customs)).toBe(expected);
  expect(allows(new Set(), attempt, customs)).toBe(false);
});

const grants = { user: ['read-channel'], channel_member: ['read-channel', 'create-message'], guest: [] };

test.each([
  ['one role', ['user'], {}, ['read-channel']],
  ['two roles', ['user', 'channel_member'], {}, ['create-message', 'read-channel']],
  ['an unknown role', ['nobody'], {}, []],
  ['a role named like a property of objects', ['constructor'], {}, []],
  ['an addition', ['guest'], { guest: ['add-links'] }, ['add-links']],
  ['a removal', ['channel_member'], { channel_member: ['!create-message'] }, ['read-channel']],
  ['a removal from another role', ['user'], { channel_member: ['!read-channel'] }, ['read-channel']],
  [
    'a removal that another role makes up for',
    ['user', 'channel_member'],
    { channel_member: ['!read-channel'] },
    ['create-message', 'read-channel'],
  ],
])('the permissions of %s', (_what, roles, modifiers, expected) => {
  expect([...heldPermissions(grants, roles, modifiers)].sort()).toEqual(expected);
});
