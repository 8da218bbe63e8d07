import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/emulator/index.ts';
import { phases } from '../../src/reconcile/order.ts';
import { bin, killed, requestsOf } from './killed.ts';
import { foreignObjects } from './meddle.ts';
import { scenarios } from './scenarios.ts';
import { faultKinds, pick, placesIn, randomFrom, scheduleFor } from './schedules.ts';
import { disturbed, staged, stepsOf, type Disturbance, type Stage } from './stage.ts';
import { isWrite } from './theatre.ts';
import { createTally, wrongWith } from './tally.ts';

/**
 * Faults at every place of every scenario: whatever goes wrong, running it again ends where an undisturbed run ends, and
 * at no moment was anything wider open, lost or made twice. CI sees a sample, the same at every run; `npm run torture`
 * sees all. `STREAMBED_TORTURE_SEED=116 npx vitest run test/torture -t random` repeats one random schedule.
 */
const long = process.env['STREAMBED_TORTURE'] === 'long';
const onlySeed = process.env['STREAMBED_TORTURE_SEED'];
const seeds =
  onlySeed === undefined
    ? Array.from({ length: long ? 1000 : 25 }, (_, index) => index + 1)
    : [Number(onlySeed)];
const sample = randomFrom(20261121);
const timeout = long ? 3_600_000 : 60_000;

const tally = createTally();
let stages: readonly Stage[];
beforeAll(async () => {
  stages = await inParallel(await scenarios(), 2, staged);
}, timeout);
afterAll(() => {
  // oxlint-disable-next-line no-console -- the long run is made for its table
  if (long) console.log(tally.table());
});

describe('the scenarios', () => {
  it('have a step of every kind and effect', async () => {
    const plans = await inParallel(stages, 2, stepsOf);
    const found = new Set(plans.flat().map(({ kind, effect }) => `${effect} of ${kind}`));
    const wanted = Object.entries(phases).flatMap(([kind, effects]) =>
      Object.keys(effects).map((effect) => `${effect} of ${kind}`),
    );
    expect(wanted.filter((one) => !found.has(one))).toEqual([]);
  });

  it('leave what no manifest knows as it is, to the byte', () => {
    for (const { reference, scenario } of stages.filter(({ stored }) => stored !== undefined)) {
      expect(reference.untouched, scenario.name).toEqual(expect.arrayContaining([...foreignObjects]));
    }
  });
});

describe('running it again ends where an undisturbed run ends', () => {
  it.each(Object.keys(faultKinds) as readonly Fault['kind'][])(
    'after %s, at every operation',
    async (kind) => {
      const hits = long ? everyHit() : oneHitAnOperation();
      const wrong = await inParallel(hits, 6, async ({ stage, ...place }) => {
        const fault: Fault = { kind, ...faultKinds[kind], ...place };
        return trialOf(`${kind} in`, stage, { faults: [fault] });
      });
      expect(told(wrong)).toBe('');
    },
    timeout,
  );

  it(
    'after a refusal of every write, when all that can goes on without it',
    async () => {
      const everything = stages.filter(({ scenario }) => scenario.name === 'everything at once');
      const hits = everything.flatMap((stage) => placesIn(stage).map((place) => ({ stage, ...place })));
      const writes = hits.filter(({ operation = '', skip }) => isWrite(operation) && (long || skip === 0));
      const wrong = await inParallel(writes, 6, async ({ stage, ...place }) => {
        const refusal = { kind: 'status', status: 400, code: 4, message: 'no', times: 4 } as const;
        return trialOf('refused in', stage, { faults: [{ ...refusal, ...place }] });
      });
      expect(told(wrong)).toBe('');
    },
    timeout,
  );

  it(
    'after random faults and lags',
    async () => {
      const wrong = await inParallel(seeds, 6, async (seed) => {
        const random = randomFrom(seed);
        const stage = pick(stages, random);
        return trialOf(`seed ${seed} in`, stage, scheduleFor(stage, random));
      });
      expect(told(wrong)).toBe('');
    },
    timeout,
  );

  it(
    'after kill -9 at a request, before and after its effect',
    async () => {
      expect(existsSync(bin), 'run `npm run build` first').toBe(true);
      const places = await inParallel(long ? stages : some(stages, 2), 2, async (stage) => {
        const requests = await requestsOf(stage);
        return Array.from({ length: 2 * requests }, (_, index) => ({
          stage,
          at: Math.floor(index / 2),
          moment: index % 2 === 0 ? ('before' as const) : ('after' as const),
        }));
      });
      const deaths = long ? places.flat() : places.flatMap((group) => some(group, 4));
      const wrong = await inParallel(deaths, 6, async ({ stage, ...death }) => {
        const trial = await killed(stage, death);
        tally.add([`kill -9 ${death.moment}`], trial);
        return wrongWith(`${stage.scenario.name}, killed ${death.moment} request ${death.at}:`, trial);
      });
      expect(told(wrong)).toBe('');
    },
    timeout,
  );
});

function told(wrong: readonly (string | undefined)[]): string {
  return wrong.filter((one) => one !== undefined).join('\n');
}

/** Runs a scenario under a disturbance, counts it, and tells what is wrong with it. */
async function trialOf(what: string, stage: Stage, disturbance: Disturbance): Promise<string | undefined> {
  const trial = await disturbed(stage, disturbance);
  tally.add(trial.met, trial);
  return wrongWith(`${what} ${stage.scenario.name}, ${JSON.stringify(disturbance)}:`, trial);
}

type Hit = Pick<Fault, 'operation' | 'skip' | 'times'> & { readonly stage: Stage };

/** So many hits in a row outlast the client's patience with several steps at the same time. */
const OUTLASTS = 12;

/** Every request of every scenario: once, and for longer than the client has patience. */
function everyHit(): readonly Hit[] {
  return stages.flatMap((stage) =>
    placesIn(stage).flatMap((place) => [1, OUTLASTS].map((times) => ({ stage, ...place, times }))),
  );
}

/** For each operation that any scenario sends, one request of one of these scenarios. */
function oneHitAnOperation(): readonly Hit[] {
  const hits = everyHit();
  const names = new Set(hits.map(({ operation }) => operation));
  return [...names].map((name) => {
    const those = hits.filter(({ operation }) => operation === name);
    const stage = pick([...new Set(those.map((hit) => hit.stage))], sample);
    return pick(
      those.filter((hit) => hit.stage === stage),
      sample,
    );
  });
}

function some<T>(items: readonly T[], count: number): readonly T[] {
  return Array.from({ length: count }, () => pick(items, sample));
}

/** Works the items off, so many at a time: most of a trial is waiting for an answer that does not come. */
async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
