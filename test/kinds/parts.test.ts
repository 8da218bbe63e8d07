import { describe, expect, it } from 'vitest';
import { inGroups } from '../../src/kinds/batches.ts';
import { desiredOverrides, overridesForm, overridesToSend } from '../../src/kinds/channel-data/overrides.ts';
import { checkChannel } from '../../src/kinds/channel-data/check.ts';
import { memberWork, patchOf, wireMember } from '../../src/kinds/channel-data/write.ts';
import { distinctChannel } from '../../src/kinds/distinct-channel/index.ts';
import { goDuration } from '../../src/kinds/durations.ts';
import { changedSet, setForm } from '../../src/kinds/sets.ts';
import { isZero, laidOver, mergedKeys } from '../../src/kinds/values.ts';
import type { World } from '../../src/model/kind.ts';
import type { Resource } from '../../src/model/resource.ts';
import { manifestOf, testApp, wordsOf } from '../support/world.ts';

const world: World = {
  app: { id: 1, name: 'a' },
  answer: () => undefined,
  read: () => undefined,
  declared: () => undefined,
};

function resourceOf<D>(declared: D, ignore_changes: readonly string[] = []): Resource<D> {
  return {
    address: 'channel/messaging:a',
    kind: 'channel',
    key: 'messaging:a',
    declared,
    lifecycle: { ignore_changes, prevent_destroy: false, create_only: false },
    locate: () => ({ file: 'a.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 }),
  };
}

describe('a duration', () => {
  it.each([
    ['24h', '24h0m0s'],
    ['24h0m0s', '24h0m0s'],
    ['90m', '1h30m0s'],
    ['1.1h', '1h6m0s'],
    ['1h6m0.5s', '1h6m0.5s'],
    ['1500ms', '1.5s'],
    ['90s', '1m30s'],
    ['500ms', '500ms'],
    ['0.5ms', '500µs'],
    ['250us', '250µs'],
    ['0.1s0.2s', '300ms'],
    ['0h', '0s'],
    ['10000h', '10000h0m0s'],
    ['soon', 'soon'],
    ['-1h', '-1h'],
    ['', ''],
  ])('%s is printed by Go as %s', (text, printed) => {
    expect(goDuration(text)).toBe(printed);
    expect(goDuration(printed)).toBe(printed);
  });
});

describe('groups', () => {
  it('hold at most so many items, and texts at most so many characters', () => {
    expect(inGroups([], 2)).toEqual([]);
    expect(inGroups([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(inGroups(['aaa', 'bb', 'c', 'dddddd', 'e'], 3, 5)).toEqual([
      ['aaa', 'bb'],
      ['c'],
      ['dddddd'],
      ['e'],
    ]);
  });

  it('keep a query of many long user ids within what a URL may hold', async () => {
    const app = await testApp();
    const ids = Array.from({ length: 150 }, (_, index) => `${'x'.repeat(200)}${index}`);
    await app.plan(JSON.stringify({ users: Object.fromEntries(ids.map((id) => [id, {}])) }));
    const queries = app.emulator.requests.filter(({ operation }) => operation === 'QueryUsers');
    expect(queries.map(({ status }) => status)).toEqual(queries.map(() => 200));
    for (const { query } of queries) expect(query['payload']?.length).toBeLessThan(5_000);
    await app.close();
  });
});

describe('sets and zeros', () => {
  it('a whole list replaces, and a change leaves the others', () => {
    expect(changedSet(['b', 'b', 'a'], setForm(['x']))).toEqual({ a: true, b: true });
    expect(changedSet({ add: ['b'], remove: ['x', 'y'] }, setForm(['x', 'a']))).toEqual({ a: true, b: true });
    expect(Object.keys(setForm(['__proto__', 'constructor']))).toEqual(['__proto__', 'constructor']);
  });

  it('a declared zero is as good as what Stream leaves out, but only of an object that exists', () => {
    for (const zero of ['', 0, false, [], {}]) {
      expect(isZero(zero)).toBe(true);
      expect(laidOver(zero, undefined, true)).toBeUndefined();
      expect(laidOver(zero, undefined, false)).toEqual(zero);
      expect(laidOver(zero, 'live', true)).toEqual(zero);
    }
    expect(laidOver({ $unset: true }, 'live', true)).toBeUndefined();
  });

  it('keys merge whole, odd ones too', () => {
    const declared = JSON.parse('{"__proto__": 1, "b": {"$unset": true}, "c": {"x": 1}}') as Record<
      string,
      unknown
    >;
    const merged = mergedKeys(declared, { a: 1, b: 2, c: { y: 2 } });
    expect(Object.entries(merged)).toEqual([
      ['a', 1],
      ['c', { x: 1 }],
      ['__proto__', 1],
    ]);
  });
});

describe('members', () => {
  it('the work is read off the differences: who comes, who goes, who changes role, who changes data', () => {
    const work = memberWork([
      {
        op: 'elements',
        path: ['members'],
        added: [{ name: 'a' }],
        removed: [{ name: 'b' }],
        before: 3,
        after: 3,
      },
      { op: 'set', path: ['members', 'd', 'channel_role'], before: 'x', after: 'y' },
      { op: 'set', path: ['members', 'c', 'channel_role'], before: 'x', after: 'y' },
      { op: 'add', path: ['members', 'c', 'custom', 'seat'], after: 1 },
      { op: 'remove', path: ['members', 'c', 'custom', 'row'], before: 1 },
      { op: 'set', path: ['name'], before: 'x', after: 'y' },
    ]);
    expect(work).toEqual({ add: ['a'], remove: ['b'], assign: ['c', 'd'], custom: ['c'] });
  });

  it('go over the wire with their data beside the role', () => {
    expect(wireMember('a', undefined)).toEqual({ user_id: 'a' });
    expect(wireMember('a', { channel_role: 'vip', custom: { seat: 4 } })).toEqual({
      user_id: 'a',
      channel_role: 'vip',
      seat: 4,
    });
  });

  it('listed twice are an error when one entry says more than the id, whichever comes first', () => {
    const entry = { user_id: 'a', channel_role: 'vip' };
    for (const members of [
      ['a', entry],
      [entry, 'a'],
      [entry, entry],
    ]) {
      expect(wordsOf(checkChannel(resourceOf({ members })))).toContain('listed twice');
    }
    expect(checkChannel(resourceOf({ members: ['a', 'a', 'b'] }))).toEqual([]);
  });
});

describe('a patch', () => {
  it('names changed keys only, and any key as it is', () => {
    const custom = JSON.parse('{"__proto__": 1, "kept": 2}') as Record<string, unknown>;
    const patch = patchOf(
      [
        { op: 'add', path: ['custom', '__proto__'], after: 1 },
        { op: 'remove', path: ['custom', 'gone'], before: 1 },
        { op: 'remove', path: ['name'], before: 'x' },
        { op: 'set', path: ['frozen'], before: false, after: true },
      ],
      { custom, frozen: true },
      {},
    );
    expect(JSON.stringify(patch)).toBe('{"set":{"__proto__":1,"frozen":true},"unset":["gone","name"]}');
  });
});

describe('overrides', () => {
  const type = {
    reactions: true,
    uploads: true,
    count_messages: false,
    commands: ['giphy'],
    blocklist: 'words',
  };
  const now = { reactions: true, uploads: true, blocklist: '', commands: setForm(['giphy']) };
  const unchanged = { now, later: now };

  it('are seen where the channel differs from its type', () => {
    expect(overridesForm({ ...type, commands: [{ name: 'giphy' }] }, type)).toEqual({});
    expect(overridesForm({ ...type, reactions: false, blocklist: undefined, commands: [] }, type)).toEqual({
      reactions: false,
      blocklist: '',
      commands: {},
    });
    expect(overridesForm({ ...type, grants: { user: ['!create-message'] } }, type)).toEqual({
      grants: { user: { '!create-message': true } },
    });
  });

  it('that say what the type says count as being there', () => {
    expect(desiredOverrides({ reactions: true, commands: ['giphy'] }, {}, unchanged, world)).toEqual({});
    expect(desiredOverrides({ reactions: false }, { uploads: false }, unchanged, world)).toEqual({
      reactions: false,
      uploads: false,
    });
    expect(desiredOverrides({ reactions: true }, { reactions: false }, unchanged, world)).toEqual({
      reactions: true,
    });
  });

  it('are wanted in so many words when the type is about to change, to another value or to the same', () => {
    const changing = { now, later: { ...now, reactions: false } };
    expect(desiredOverrides({ reactions: true }, {}, changing, world)).toEqual({ reactions: true });
    expect(desiredOverrides({ reactions: false }, {}, changing, world)).toEqual({ reactions: false });
    expect(desiredOverrides({ uploads: true }, {}, changing, world)).toEqual({});
  });

  it('of a new channel are all that is declared', () => {
    expect(desiredOverrides({ reactions: true }, undefined, unchanged, world)).toEqual({ reactions: true });
  });

  it('are sent whole: what is seen, and what is declared and not ignored', () => {
    const declared = { config_overrides: { reactions: true, uploads: true, quotes: false } };
    const resource = resourceOf(declared, ['config_overrides.uploads']);
    expect(
      overridesToSend(resource, { quotes: false, replies: false }, { replies: false }, unchanged, world),
    ).toEqual({
      quotes: false,
      reactions: true,
      replies: false,
    });
    expect(
      overridesToSend(resourceOf({ config_overrides: { $unset: true } }), {}, {}, unchanged, world),
    ).toEqual({});
  });
});

describe('a distinct channel', () => {
  it('has one key for a type and a set of members, whatever the order and the repetitions', () => {
    const key = (members: readonly string[]) => distinctChannel.key('x', { type: 'messaging', members });
    expect(key(['b', 'a', 'b'])).toBe('messaging:a,b');
    expect(key(['a', 'b'])).toBe(key(['b', 'a']));
    expect(key(['B', 'a'])).toBe('messaging:B,a');
  });
});

describe('an upload list', () => {
  const problems = async (live: object, declared: object) => {
    const app = await testApp();
    await app.connection.stream.write('UpdateApp', { body: { image_upload_config: live } });
    const plan = await app.plan(JSON.stringify({ app: { settings: { image_upload_config: declared } } }));
    await app.close();
    return plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  };
  const png = { allowed_mime_types: ['image/png'] };

  it('of what is allowed may not lose its last element by a removal: that would allow everything', async () => {
    expect(await problems(png, { allowed_mime_types: { remove: ['image/png'] } })).toEqual([
      'set-would-flip',
    ]);
    expect(await problems(png, { allowed_mime_types: { remove: ['image/gif'] } })).toEqual([]);
    expect(await problems(png, { allowed_mime_types: 'all' })).toEqual([]);
  });

  it('of what is allowed may not get its first element by an addition: that would forbid the rest', async () => {
    expect(await problems({}, { allowed_mime_types: { add: ['image/png'] } })).toEqual(['set-would-flip']);
    expect(await problems({}, { allowed_mime_types: ['image/png'] })).toEqual([]);
    expect(await problems(png, { allowed_mime_types: { add: ['image/gif'] } })).toEqual([]);
  });

  it('of what is blocked may be emptied and filled', async () => {
    expect(await problems({ blocked_mime_types: ['image/png'] }, { blocked_mime_types: [] })).toEqual([]);
    expect(await problems({}, { blocked_mime_types: { add: ['image/png'] } })).toEqual([]);
  });

  it('of what is allowed is never written as []', () => {
    const empty = JSON.stringify({ app: { settings: { image_upload_config: { allowed_mime_types: [] } } } });
    expect(() => manifestOf(empty)).toThrow(/at least 1 item/);
  });
});
