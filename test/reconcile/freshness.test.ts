import { afterEach, describe, expect, it } from 'vitest';
import { applyExitCode } from '../../src/cli/applying.ts';
import { registry } from '../../src/kinds/registry.ts';
import type { Manifest } from '../../src/model/resource.ts';
import type { Stream } from '../../src/model/stream.ts';
import { applyPlan, type ApplyResult } from '../../src/reconcile/apply.ts';
import { makePlan } from '../../src/reconcile/plan.ts';
import type { Clock } from '../../src/stream/clock.ts';
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

/** Applies to an app that is as `before` says; after each answer to one of the run's own writes, something may happen. */
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
      write: async (operation, input) => {
        if (number === 0) sent.length = 0;
        const answer = await connection.stream.write(operation, input);
        number += 1;
        reads = [...sent];
        await happens(run, operation, number);
        return answer;
      },
    };
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
