import { afterEach, describe, expect, it } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Step } from '../../src/model/step.ts';
import { operations, type OperationName } from '../../src/model/stream.ts';
import { applyPlan } from '../../src/reconcile/apply.ts';
import { estimateOf } from '../../src/reconcile/estimate.ts';
import { makePlan } from '../../src/reconcile/plan.ts';
import type { Connection } from '../../src/stream/connect.ts';
import { requestOf } from '../../src/stream/request.ts';
import { openTransport } from '../../src/stream/transport.ts';
import { manifestOf, testApp, type TestApp } from '../support/world.ts';
import { virtualClock, type VirtualClock } from '../support/virtual-clock.ts';

let app: TestApp;
let connection: Connection;
afterEach(async () => {
  connection.close();
  await app.close();
});

type Counts = Readonly<Partial<Record<OperationName, number>>>;

/** A local Stream with the documented limits, and with one where none is documented; and what was sent to it and refused. */
async function limited(clock: VirtualClock, quota: number) {
  app = await testApp({ rateLimits: { UpdateChannelPartial: 300 }, perSecond: true, now: () => clock.now() });
  const sent: OperationName[] = [];
  const refused: OperationName[] = [];
  connection = await app.connect({
    clock,
    quota,
    random: () => 0.5,
    onRequest: (event) => {
      if (event.type === 'sent') sent.push(event.operation);
      if (event.type === 'answered' && event.status === 429) refused.push(event.operation);
      clock.onRequest(event);
    },
  });
  return { sent, refused };
}

function planned(yaml: string, quota: number): Promise<Plan> {
  return makePlan(manifestOf(yaml), registry, connection.reader, { context: true, quota });
}

/** Applies under the clock, and tells the seconds that it took beside those that the plan expects. */
async function applied(plan: Plan, clock: VirtualClock) {
  const start = clock.now();
  const { verified } = await applyPlan(plan, registry, connection);
  return { verified, seconds: (clock.now() - start) / 1000, expected: plan.estimate.seconds };
}

function countsOf(names: readonly OperationName[]): Counts {
  const counts: Partial<Record<OperationName, number>> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function namesIn(counts: Counts): readonly OperationName[] {
  return Object.entries(counts).flatMap(([name, count]) =>
    Array.from({ length: count }, () => name as OperationName),
  );
}

const ids = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(4, '0')}`);

describe('a whole season under the documented limits', () => {
  const types = ids('type', 45);
  const users = ids('user', 5000);
  const channels = ids('case', 2000);
  const season = JSON.stringify({
    channel_types: Object.fromEntries(types.map((name) => [name, { max_message_length: 500 }])),
    users: Object.fromEntries(users.map((id) => [id, { name: id }])),
    channels: Object.fromEntries(
      types.map((type, index) => [
        type,
        Object.fromEntries(
          channels
            .map(
              (id, each) => [id, { created_by: users[each], members: users.slice(each, each + 3) }] as const,
            )
            .filter((_, each) => each % types.length === index),
        ),
      ]),
    ),
  });

  /** What is sent in each phase; the phases follow each other, and what is in one of them goes side by side. */
  const phases: readonly Counts[] = [
    { CreateChannelType: 45 },
    { QueryUsers: 50, UpdateUsers: 50 },
    { GetOrCreateChannel: 2000 },
    { GetApp: 1, ListChannelTypes: 1, QueryUsers: 50, QueryChannels: 67 },
  ];
  /** None of them fills its minute, so the thirtieth that a second takes decides; the first second waits for nobody. */
  const least = phases
    .map((counts) =>
      Object.entries(counts).map(
        ([name, count]) =>
          Math.ceil(count / Math.floor(operations[name as OperationName].perMinute / 30)) - 1,
      ),
    )
    .reduce((sum, seconds) => sum + Math.max(...seconds), 0);

  it(
    'takes hardly longer than the limits ask for, and as long as its plan says',
    { timeout: 60_000 },
    async () => {
      const clock = virtualClock();
      const { sent, refused } = await limited(clock, 1);
      const plan = await planned(season, 1);
      sent.splice(0);
      const { verified, seconds, expected } = await applied(plan, clock);
      console.log(
        `took ${seconds} s, at least ${least} s, expected ${expected} s, refused ${refused.length}`,
      );

      expect(verified).toBe('converged');
      const isCounted = (name: OperationName) => name !== 'ListChannelTypes';
      expect(countsOf(sent.filter(isCounted))).toEqual(countsOf(phases.flatMap(namesIn).filter(isCounted)));
      expect(refused).toEqual([...new Set(refused)]);
      expect(seconds / least).toBeLessThanOrEqual(1.1);
      expect(expected / seconds).toBeGreaterThan(0.85);
      expect(expected / seconds).toBeLessThan(1.15);
    },
  );
});

describe('the estimate of a plan', () => {
  const step = (effect: Step['effect'], requests: Counts, more: Partial<Step> = {}): Step => ({
    id: JSON.stringify([effect, requests]),
    kind: 'channel_type',
    effect,
    requests: namesIn(requests),
    covers: [],
    after: [],
    repeat: 'safe',
    send: () => Promise.resolve(),
    ...more,
  });
  const secondsOf = (steps: readonly Step[], quota?: number, limits: Counts = {}): number =>
    estimateOf(
      { changes: [], needs: new Map([['channel/a:b', ['channel_type/new']]]), steps },
      { limits: new Map(Object.entries(limits) as [OperationName, number][]), quota, reads: [] },
    ).seconds;

  it('is nothing for nothing, and a second for next to nothing', () => {
    expect(secondsOf([])).toBe(0);
    expect(secondsOf([step('widen', { UpdateChannelType: 1 })])).toBe(1);
  });

  it('lets operations go side by side with the reads that they need, and phases after each other', () => {
    const both = step('widen', { UpdateChannelType: 21, UpdateUsersPartial: 51 });
    expect(secondsOf([both], 0.5)).toBe(20);
    expect(secondsOf([both, step('narrow', { DeactivateUsers: 6 })], 0.5)).toBe(31);
  });

  it('waits for a new minute, also for what an earlier phase used up', () => {
    const narrow = step('narrow', { UpdateChannelType: 20 });
    const widen = step('widen', { UpdateChannelType: 11 });
    expect(secondsOf([narrow], 0.5)).toBe(19);
    expect(secondsOf([narrow, widen], 0.5)).toBe(60);
  });

  it("goes by the app's own limits and the share of them, of which the usual one is four fifths", () => {
    const steps = [step('widen', { UpdateChannelType: 17 })];
    expect(secondsOf(steps)).toBe(10);
    expect(secondsOf(steps, 0.4)).toBe(20);
    expect(secondsOf(steps, 0.4, { UpdateChannelType: 120 })).toBe(10);
  });

  it('waits until what is new and needed can be seen', () => {
    const seen = { covers: ['channel_type/new'], settled: () => Promise.resolve(true) } as const;
    const create = step('create', { CreateChannelType: 1 }, seen);
    expect(secondsOf([create])).toBe(2);
    expect(secondsOf([{ ...create, covers: ['channel_type/other'] }])).toBe(1);
  });
});

describe('a live application beside an apply', () => {
  const channels = ids('case', 320);
  /** No create takes a cooldown, so each of these channels needs a second write, of which a minute takes 300. */
  const slow = JSON.stringify({
    users: { lena: {} },
    channels: {
      messaging: Object.fromEntries(channels.map((id) => [id, { created_by: 'lena', cooldown: 30 }])),
    },
  });

  /** Another server of the same app, which writes as often as this a minute and knows nothing of limits. */
  function application(clock: VirtualClock, perMinute: number) {
    const { apiKey, apiSecret, url } = app.emulator;
    const transport = openTransport({ apiKey, apiSecret, origin: url, loopback: true, timeoutMs: 30_000 });
    const operation = 'UpdateChannelPartial';
    const request = requestOf(operation, {
      path: { type: 'messaging', id: 'lobby' },
      body: { set: { topic: 'today' } },
    });
    const statuses: number[] = [];
    const over = new AbortController();
    const running = (async () => {
      for (;;) {
        if (over.signal.aborted) return;
        clock.onRequest({ type: 'sent', operation });
        const { status } = await transport.send(request);
        statuses.push(status);
        clock.onRequest({ type: 'answered', operation, attempt: 1, waitedMs: 0, tookMs: 0, status });
        await clock.sleep(60_000 / perMinute, over.signal);
      }
    })();
    return {
      async stop() {
        over.abort();
        await running;
        transport.close();
        return statuses;
      },
    };
  }

  it.each([
    ['is idle, and half of every minute is used', 1, 0.85, 1.15],
    ['uses less than its half, and loses nothing', 120, 0.6, 1.15],
    ['uses more than its half, and loses nothing either', 200, 0.5, 1.15],
  ])('%s', { timeout: 60_000 }, async (_, perMinute, atLeast, atMost) => {
    const clock = virtualClock();
    const { refused } = await limited(clock, 0.5);
    await connection.stream.write('UpdateUsers', { body: { users: { max: { id: 'max' } } } });
    await connection.stream.write('GetOrCreateChannel', {
      path: { type: 'messaging', id: 'lobby' },
      body: { data: { created_by_id: 'max' } },
    });
    const live = application(clock, perMinute);
    const { verified, seconds, expected } = await applied(await planned(slow, 0.5), clock);
    const statuses = await live.stop();
    console.log(`took ${seconds} s, expected ${expected} s, ${statuses.length} beside it`);

    expect(verified).toBe('converged');
    expect(refused).toEqual([]);
    expect(statuses.filter((status) => status >= 400)).toEqual([]);
    expect(expected / seconds).toBeGreaterThan(atLeast);
    expect(expected / seconds).toBeLessThan(atMost);
  });
});
