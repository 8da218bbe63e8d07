import { afterEach, describe, expect, it } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import type { Change } from '../../src/model/change.ts';
import type { Reach } from '../../src/model/danger.ts';
import { StreamFailure, type FailureReason, type Input, type ReadStream } from '../../src/model/stream.ts';
import { testApp, type TestApp } from '../support/world.ts';

/** How much of the end users' world a change touches: never more than was counted, and never said to be all if it is not. */

let app: TestApp | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function reachOf(live: string, wanted: string): Promise<Readonly<Record<string, Reach>>> {
  await app?.close();
  app = await testApp();
  await app.apply(live);
  app.emulator.clearRequests();
  return Object.fromEntries((await app.plan(wanted, { context: true })).reach);
}

const exactly = (count: number) => ({ count, more: false });
const atLeast = (count: number) => ({ count, more: true });

/** Requests that a plan makes to count: the reads of users and types are others. */
function queries(): number {
  return (app?.emulator.requests ?? []).filter(({ operation }) => operation === 'QueryChannels').length;
}

const room = `
users: { ada: {}, ben: {}, cleo: {} }
defaults: { channels: { gaming: { created_by: ada }, messaging: { created_by: ada } } }
channels:
  gaming: { one: { members: [ada, ben, cleo] }, two: { members: [ada] }, three: {} }
  messaging: { talk: { members: [ada, ben] } }
distinct_channels: { pair: { type: messaging, members: [ada, cleo], created_by: ada } }`;

describe('a channel that changes', () => {
  it('touches itself and those who are in it, and a new one nobody', async () => {
    const wanted = `
channels:
  gaming: { one: { frozen: true }, three: { name: Three }, four: { created_by: ada, members: [ada] } }
distinct_channels: { pair: { type: messaging, members: [ada, cleo], frozen: true } }
removed: [{ channel: messaging:talk, because: over }]`;
    expect(await reachOf(room, wanted)).toEqual({
      'channel/gaming:one': { channels: exactly(1), members: exactly(3) },
      'channel/gaming:three': { channels: exactly(1), members: exactly(0) },
      'channel/messaging:talk': { channels: exactly(1), members: exactly(2) },
      'distinct_channel/messaging:ada,cleo': { channels: exactly(1), members: exactly(2) },
    });
  });
});

describe('a channel type that changes', () => {
  it('touches its channels and all who are in them', async () => {
    const wanted = `
channel_types: { gaming: { reactions: false }, team: { reactions: false }, new: { grants: { user: [] } } }`;
    expect(await reachOf(room, wanted)).toEqual({
      'channel_type/gaming': { channels: exactly(3), members: exactly(4) },
      'channel_type/team': { channels: exactly(0), members: exactly(0) },
    });
    expect(queries()).toBe(2);
  });

  it('is counted for only where somebody reads the plan', async () => {
    await reachOf(room, 'channel_types: { gaming: {} }');
    app?.emulator.clearRequests();
    await app?.plan('channel_types: { gaming: { reactions: false } }');
    expect(queries()).toBe(0);
  });
});

describe('a user who changes', () => {
  it('touches the channels they are in when they go, close or get another role', async () => {
    const wanted = `
users: { ada: { role: moderator }, ben: { status: deactivated }, cleo: { name: Cleo }, dan: { role: admin } }`;
    expect(await reachOf(room, wanted)).toEqual({
      'user/ada': { channels: exactly(4) },
      'user/ben': { channels: exactly(2) },
    });
    const gone = 'removed: [{ user: cleo, because: left }]';
    expect(await reachOf(room, gone)).toEqual({ 'user/cleo': { channels: exactly(2) } });
  });

  it('is not counted for among more than twenty', async () => {
    const crowd = (size: number, body: string) =>
      `users:\n${Array.from({ length: size }, (_, index) => `  u-${index}: ${body}`).join('\n')}`;
    expect(Object.keys(await reachOf(crowd(21, '{}'), crowd(20, '{ role: moderator }')))).toHaveLength(20);
    expect(await reachOf(crowd(21, '{}'), crowd(21, '{ role: moderator }'))).toEqual({});
    expect(queries()).toBe(0);
  });
});

describe('a type with many channels', () => {
  let asked = 0;
  /** A server with so many channels, of two members each, that refuses what Stream refuses. */
  const withChannels = (channels: number): ReadStream => {
    asked = 0;
    return {
      async read(_operation, { body = {} }: Input = {}) {
        asked++;
        const limit = Number(body['limit']);
        const offset = Number(body['offset'] ?? 0);
        if (limit > 30 || offset > 1000) throw new StreamFailure('refused', 'QueryChannels', 'too far');
        const size = Math.max(0, Math.min(limit, channels - offset));
        return { channels: Array.from({ length: size }, () => ({ channel: { member_count: 2 } })) };
      },
    };
  };
  const typed = (key: string): Change => ({
    action: 'delete',
    address: `channel_type/${key}`,
    kind: 'channel_type',
    key,
    removal: {
      address: `channel_type/${key}`,
      kind: 'channel_type',
      key,
      mode: 'soft',
      because: 'over',
      at: { file: 'a.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 },
    },
    live: {},
    raw: {},
    fields: [],
    how: 'delete',
    uncompared: [],
  });
  const reachIn = async (stream: ReadStream, keys: readonly string[]) =>
    registry.kinds.find(({ name }) => name === 'channel_type')?.reach?.(stream, keys.map(typed));

  it.each([29, 30, 31, 500, 999, 1000])('counts %i of them in at most eleven requests', async (size) => {
    const reach = await reachIn(withChannels(size), ['support']);
    expect(reach?.get('channel_type/support')).toEqual({
      channels: exactly(size),
      members: size > 30 ? atLeast(60) : exactly(size * 2),
    });
    expect(asked).toBeLessThanOrEqual(11);
  });

  it('says that there are more where Stream tells no further', async () => {
    for (const size of [1001, 40_000]) {
      const reach = await reachIn(withChannels(size), ['support']);
      expect(reach?.get('channel_type/support')).toEqual({
        channels: atLeast(1000),
        members: atLeast(60),
      });
      expect(asked).toBeLessThanOrEqual(11);
    }
  });

  it('is one of at most twenty that are counted for', async () => {
    const keys = Array.from({ length: 25 }, (_, index) => `type-${index}`);
    expect([...((await reachIn(withChannels(1), keys)) ?? [])]).toHaveLength(20);
    expect(asked).toBe(20);
  });

  it('has at least the members that were told', async () => {
    const silent: ReadStream = {
      read: async () => ({ channels: [{ channel: {} }, { channel: { member_count: 4 } }] }),
    };
    expect((await reachIn(silent, ['support']))?.get('channel_type/support')).toEqual({
      channels: exactly(2),
      members: atLeast(4),
    });
  });

  const failing = (reason: FailureReason): ReadStream => ({
    async read(_operation, { body = {} }: Input = {}) {
      const { type } = body['filter_conditions'] as { readonly type: string };
      if (type === 'broken') throw new StreamFailure(reason, 'QueryChannels', 'no');
      return { channels: [] };
    },
  });

  it.each<FailureReason>(['refused', 'limited', 'unclear', 'unsent'])(
    'is left out, and no other, when it cannot be counted: %s',
    async (reason) => {
      const reach = await reachIn(failing(reason), ['broken', 'support']);
      expect([...(reach?.keys() ?? [])]).toEqual(['channel_type/support']);
    },
  );

  it('is left out when the answer says nothing', async () => {
    expect(await reachIn({ read: async () => ({}) }, ['support'])).toEqual(new Map());
  });

  it('stops with the run', async () => {
    await expect(reachIn(failing('aborted'), ['broken'])).rejects.toMatchObject({ reason: 'aborted' });
  });
});
