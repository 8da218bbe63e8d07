import { expect, it } from 'vitest';
import { channel } from '../../src/kinds/channel/index.ts';
import { channelType } from '../../src/kinds/channel-type/index.ts';
import { diff } from '../../src/reconcile/diff.ts';

it('tells the elements of sets and the sizes, in code-unit order', () => {
  const live = { commands: { ban: true, giphy: true }, grants: { user: { b: true } } };
  const desired = { commands: { giphy: true, mute: true }, grants: { user: { a: true, b: true } } };
  expect(diff(live, desired, channelType.schema)).toEqual([
    {
      op: 'elements',
      path: ['commands'],
      added: [{ name: 'mute' }],
      removed: [{ name: 'ban' }],
      before: 2,
      after: 2,
    },
    { op: 'elements', path: ['grants', 'user'], added: [{ name: 'a' }], removed: [], before: 1, after: 2 },
  ]);
});

it('sees sets because they are plain objects: deep-diff calls any two Sets equal', () => {
  expect(diff({ commands: new Set(['a']) }, { commands: new Set(['b']) }, {})).toEqual([]);
  expect(diff({ commands: { a: true } }, { commands: { b: true } }, channelType.schema)).toHaveLength(1);
});

it('tells a list, and a value of custom data, as one', () => {
  const live = { custom: { deep: { one: { two: 1 } }, list: [1, 2, 3] } };
  const desired = { custom: { deep: { one: { two: 2 } }, list: [1, 3] } };
  expect(diff(live, desired, channel.schema)).toEqual([
    { op: 'set', path: ['custom', 'deep'], before: { one: { two: 1 } }, after: { one: { two: 2 } } },
    { op: 'set', path: ['custom', 'list'], before: [1, 2, 3], after: [1, 3] },
  ]);
});

it('tells what changes inside an element, also of a member whose id is the name of a field', () => {
  const live = { members: { custom: { channel_role: 'channel_member', custom: { seat: { row: 1 } } } } };
  const desired = {
    members: { custom: { channel_role: 'channel_moderator', custom: { seat: { row: 2 } } } },
  };
  expect(diff(live, desired, channel.schema).map(({ op, path }) => [op, path.join('.')])).toEqual([
    ['set', 'members.custom.channel_role'],
    ['set', 'members.custom.custom.seat'],
  ]);
});

it('tells every value of a new object below its key', () => {
  expect(
    diff({}, { automod_thresholds: { toxic: { flag: 0.5 } }, reactions: false }, channelType.schema),
  ).toEqual([
    { op: 'add', path: ['automod_thresholds', 'toxic', 'flag'], after: 0.5 },
    { op: 'add', path: ['reactions'], after: false },
  ]);
});
