import { afterEach, describe, expect, it } from 'vitest';
import { applyExitCode } from '../../src/cli/applying.ts';
import { registry } from '../../src/kinds/registry.ts';
import { JournalFailure } from '../../src/model/journal.ts';
import type { Manifest } from '../../src/model/resource.ts';
import type { Stream } from '../../src/model/stream.ts';
import { applyPlan, type ApplyResult } from '../../src/reconcile/apply.ts';
import { execute, type Execute, type StepResult } from '../../src/reconcile/execute.ts';
import { Freshness } from '../../src/reconcile/moved.ts';
import { makePlan } from '../../src/reconcile/plan.ts';
import type { Clock } from '../../src/stream/clock.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { manifestOf, testApp, type TestApp } from '../support/world.ts';

let app: TestApp;
afterEach(() => app.close());

const minute = 60_000;

interface Run {
  /** The run's own clock goes on by this. */
  pass(milliseconds: number): void;
  /** Somebody else's way to the app. */
  readonly others: Stream;
}

interface Ended {
  readonly result: ApplyResult;
  readonly code: number;
  /** What the run read between its first and its last write. */
  readonly reads: readonly string[];
}

/**
 * Applies to an app that is as `before` says; something may happen between plan and apply, which is number 0, and after
 * each answer to one of the run's own writes.
 */
async function applied(
  before: string,
  wanted: string,
  happens: (run: Run, operation: string, number: number) => Promise<void> | void,
): Promise<Ended> {
  let passed = 0;
  const clock: Clock = {
    now: () => Date.UTC(2026, 0, 1) + passed,
    sleep: async (milliseconds) => {
      passed += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  app = await testApp();
  expect(await app.apply(before)).toMatchObject({ verified: 'converged' });
  const connection = await app.connect({ clock });
  try {
    const manifest: Manifest = manifestOf(wanted);
    const plan = await makePlan(manifest, registry, connection.reader);
    const run: Run = {
      pass: (milliseconds) => {
        passed += milliseconds;
      },
      others: app.connection.stream,
    };
    let number = 0;
    let reads: readonly string[] = [];
    const sent: string[] = [];
    const counted = {
      read: (...asked: Parameters<Stream['read']>) => (sent.push(asked[0]), connection.reader.read(...asked)),
    };
    const stream: Stream = {
      ...connection.stream,
      ...counted,
      write: async (operation, input, before) => {
        if (number === 0) sent.length = 0;
        const answer = await connection.stream.write(operation, input, before);
        number += 1;
        reads = [...sent];
        await happens(run, operation, number);
        return answer;
      },
    };
    await happens(run, 'nothing', number);
    const result = await applyPlan(plan, registry, { reader: counted, stream });
    return { result, code: applyExitCode(result), reads };
  } finally {
    connection.close();
  }
}

const told = ({ result: { outcomes } }: Ended): Readonly<Record<string, string>> =>
  Object.fromEntries(
    outcomes.map((outcome) => [
      outcome.change.address,
      outcome.status === 'skipped' ? outcome.because : outcome.status,
    ]),
  );

const before = `
channel_types: { room: { reactions: true, grants: { user: [read-channel, create-message] } } }
users: { lena: { name: Lena }, ben: { name: Ben } }
channels: { room: { one: { created_by: lena, name: One } } }
`;
const wanted = `
channel_types: { room: { reactions: false } }
users: { lena: { name: Lena K. }, ben: { name: Ben K. } }
channels: { room: { one: { name: Two } } }
`;

describe('a long run', () => {
  const rename = ({ others }: Run) =>
    others.write('UpdateUsersPartial', { body: { users: [{ id: 'lena', set: { name: 'Somebody' } }] } });

  it('leaves to others what they changed in the middle of it, says so, and goes on', async () => {
    const ended = await applied(before, wanted, async (run, _, number) => {
      if (number !== 1) return;
      run.pass(minute);
      await rename(run);
    });
    expect(told(ended)).toEqual({
      'channel_type/room': 'applied',
      'user/lena': 'somebody changed it since the plan, so it was left alone',
      'user/ben': 'applied',
      'channel/room:one': 'applied',
    });
    expect(ended.code).toBe(6);
  });

  it('leaves alone what somebody took away', async () => {
    const ended = await applied(before, wanted, async (run, _, number) => {
      if (number !== 1) return;
      run.pass(minute);
      await run.others.write('DeleteChannels', { body: { cids: ['room:one'], hard_delete: true } });
    });
    expect(told(ended)['channel/room:one']).toContain('somebody changed it');
    expect(ended.code).toBe(6);
  });

  it('takes what its own earlier step changed for its own', async () => {
    const ended = await applied(
      before,
      'channel_types: { room: { reactions: false, polls: true, grants: { user: [read-channel, pin-message] } } }',
      (run) => run.pass(minute),
    );
    expect(told(ended)).toEqual({ 'channel_type/room': 'applied' });
    expect(ended.code).toBe(0);
  });

  it('does not mind what others change beside what it writes', async () => {
    const ended = await applied(before, wanted, async (run, _, number) => {
      if (number !== 1) return;
      run.pass(minute);
      const set = { desk: 4 };
      await run.others.write('UpdateUsersPartial', { body: { users: [{ id: 'lena', set }] } });
    });
    expect(told(ended)['user/lena']).toBe('applied');
  });

  it('reads nothing twice that it looked at a moment ago', async () => {
    const { code, reads } = await applied(before, wanted, () => undefined);
    expect(code).toBe(0);
    expect(reads).toEqual([]);
  });

  it('reads a thousand objects again without reading many of them often', async () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `case-${String(index).padStart(4, '0')}`);
    const channels = (name: string): string =>
      JSON.stringify({
        users: { lena: {} },
        channels: { messaging: Object.fromEntries(ids.map((id) => [id, { created_by: 'lena', name }])) },
      });
    // As fast as three hundred a minute let it.
    const { code, reads } = await applied(channels('A'), channels('B'), (run) => run.pass(200));
    expect(code).toBe(0);
    // On average each is read less than three times, thirty in a request.
    const most = Math.ceil((3 * ids.length) / 30);
    expect(reads.filter((name) => name === 'QueryChannels').length).toBeLessThan(most);
  });

  it('leaves out what cannot be read again, and nothing else', async () => {
    const ended = await applied(before, wanted, (run, _, number) => {
      if (number !== 1) return;
      run.pass(minute);
      const [kind, status] = ['status', 400] as const;
      app.emulator.addFault({ operation: 'QueryUsers', kind, status, code: 4, message: 'not today' });
    });
    expect(told(ended)).toMatchObject({
      'user/lena': expect.stringContaining('could not be read again'),
      'channel/room:one': 'applied',
    });
    expect(ended.code).toBe(6);
  });
});

describe('a deletion', () => {
  const removal = 'removed: [{ channel: "room:one", mode: hard, because: empty }]';
  const grow = ({ others }: Run) =>
    others.write('UpdateChannel', {
      path: { type: 'room', id: 'one' },
      body: { add_members: [{ user_id: 'ben' }] },
    });

  it('of what is more than the plan says is refused before the first write', async () => {
    const ended = await applied(
      before,
      `${wanted.replace(/channels: .*/, '')}${removal}`,
      async (run, _, number) => {
        if (number === 0) await grow(run);
      },
    );
    expect(ended.code).toBe(5);
    expect(ended.result.receipt.writes).toBe(0);
    expect(told(ended)).toMatchObject({
      'channel/room:one': 'failed',
      'user/lena': 'the plan is stale, so nothing was written',
    });
  });

  it('of what grew in the middle of a run is left out, and nothing else', async () => {
    const ended = await applied(
      before,
      `${wanted.replace(/channels: .*/, '')}${removal}`,
      async (run, _, number) => {
        if (number !== 1) return;
        run.pass(minute);
        await grow(run);
      },
    );
    expect(told(ended)).toMatchObject({
      'user/lena': 'applied',
      'channel/room:one': 'somebody changed it since the plan, so it was left alone',
    });
    expect(ended.code).toBe(6);
  });

  it('of a namesake that was made since the plan is refused', async () => {
    const ended = await applied(before, removal, async ({ others }, _, number) => {
      if (number !== 0) return;
      await others.write('DeleteChannels', { body: { cids: ['room:one'], hard_delete: true } });
      await others.write('GetOrCreateChannel', {
        path: { type: 'room', id: 'one' },
        body: { data: { created_by_id: 'lena', name: 'One' } },
      });
    });
    expect(told(ended)).toEqual({ 'channel/room:one': 'failed' });
    expect(ended.code).toBe(5);
  });
});

describe('what waited for its limit', () => {
  const ids = Array.from({ length: 24 }, (_, index) => `case-${String(index).padStart(2, '0')}`);
  const channels = (name: string): string =>
    JSON.stringify({
      users: { lena: {} },
      channels: { messaging: Object.fromEntries(ids.map((id) => [id, { created_by: 'lena', name }])) },
    });
  const last = { type: 'messaging', id: ids.at(-1)! };

  /** Renames channels, of which one leaves about every second; `written` hears how many were. */
  async function queued(
    written: (number: number) => Promise<unknown> | void,
    options: Partial<Execute> = {},
  ): Promise<{ readonly writes: number; readonly results: readonly StepResult[] }> {
    const clock = virtualClock();
    const limits = { UpdateChannelPartial: 60 };
    app = await testApp({ rateLimits: limits, perSecond: true, now: () => clock.now() });
    expect(await app.apply(channels('A'))).toMatchObject({ verified: 'converged' });
    const { onRequest } = clock;
    const connection = await app.connect({ clock, random: () => 0.5, onRequest });
    try {
      const plan = await makePlan(manifestOf(channels('B')), registry, connection.reader);
      let writes = 0;
      const stream: Stream = {
        ...connection.stream,
        write: async (operation, input, before) => {
          const answer = await connection.stream.write(operation, input, before);
          await written(++writes);
          return answer;
        },
      };
      const freshness = new Freshness(plan, registry, connection.reader, clock.now);
      const { results } = await execute(plan, { stream, freshness, onEvent: () => undefined, ...options });
      return { writes, results: [...results.values()] };
    } finally {
      connection.close();
    }
  }

  const left = (because: string, { results }: { readonly results: readonly StepResult[] }): number =>
    results.filter((result) => result.status === 'skipped' && result.because === because).length;

  it('is left to whoever changed it while it waited', async () => {
    const ended = await queued(async (number) => {
      if (number === 10)
        await app.connection.stream.write('UpdateChannelPartial', {
          path: last,
          body: { set: { name: 'Somebody' } },
        });
    });
    expect(ended.writes).toBe(ids.length - 1);
    expect(left('somebody changed it since the plan, so it was left alone', ended)).toBe(1);
    const { channel } = await app.connection.reader.read('GetChannel', { path: last });
    expect(channel).toMatchObject({ name: 'Somebody' });
  });

  it('is not sent once another apply has the app', async () => {
    let reason: string | undefined;
    const because = 'another apply took the app over';
    const ended = await queued((number) => void (number === 5 && (reason = because)), {
      obstacle: () => reason,
    });
    expect(ended.writes).toBe(5);
    expect(left(because, ended)).toBe(ids.length - 5);
  });

  it('is not sent once the run is interrupted', async () => {
    const stop = new AbortController();
    const { signal } = stop;
    const ended = await queued((number) => void (number === 5 && stop.abort()), { signal });
    expect(ended.writes).toBe(5);
    expect(left('the run was interrupted', ended)).toBe(ids.length - 5);
  });

  it('is not sent once the journal cannot be written', async () => {
    let isFull = false;
    const journal = {
      append: async () => {
        if (isFull) throw new JournalFailure('the disk is full');
      },
    };
    const ended = await queued((number) => void (number === 5 && (isFull = true)), { journal });
    expect(ended.writes).toBe(5);
    expect(left('the disk is full', ended)).toBe(ids.length - 5);
  });
});

describe('what moves while an apply runs', () => {
  it('beside what is written is told, and left as it is', async () => {
    const { result, code } = await applied(before, wanted, async ({ others }, _, number) => {
      if (number !== 1) return;
      await others.write('UpdateUsersPartial', {
        body: { users: [{ id: 'lena', set: { desk: 4 } }] },
      });
    });
    expect(result.verified).toBe('converged');
    const message = expect.stringMatching(/^custom\.desk /) as unknown;
    expect(result.moved).toMatchObject([
      { code: 'moved-meanwhile', address: 'user/lena', severity: 'warning', message },
    ]);
    expect(code).toBe(0);
  });

  it('is told of an object that the manifests name and the plan had nothing to do with', async () => {
    const yaml = 'users: { lena: { name: Lena K. }, ben: { name: Ben } }';
    const { result, code } = await applied(before, yaml, async ({ others }, _, number) => {
      if (number !== 1) return;
      await others.write('UpdateUsersPartial', { body: { users: [{ id: 'ben', set: { name: 'Else' } }] } });
    });
    expect(result.verified).toBe('differs');
    expect(result.moved).toMatchObject([{ code: 'moved-meanwhile', address: 'user/ben' }]);
    expect(result.remaining?.changes.map(({ address }) => address)).toContain('user/ben');
    expect(code).toBe(7);
  });

  it('is nothing where only the run itself wrote', async () => {
    const { result, code } = await applied(before, wanted, () => undefined);
    expect(result.moved).toEqual([]);
    expect(code).toBe(0);
  });
});
