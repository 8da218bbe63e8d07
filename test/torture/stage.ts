import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator, type Emulator, type Fault } from '../../src/emulator/index.ts';
import { registry } from '../../src/kinds/registry.ts';
import { hasErrors } from '../../src/model/diagnostic.ts';
import type { Manifest } from '../../src/model/resource.ts';
import type { Step } from '../../src/model/step.ts';
import { applyPlan } from '../../src/reconcile/apply.ts';
import { makePlan } from '../../src/reconcile/plan.ts';
import { connect } from '../../src/stream/connect.ts';
import type { Clock } from '../../src/stream/clock.ts';
import { wordsOf } from '../support/world.ts';
import { judged, type Findings, type Reference, referenceOf } from './judge.ts';
import type { Scenario } from './scenarios.ts';
import { opened, type Theatre } from './theatre.ts';
import { virtualClock } from './virtual-clock.ts';

/** A scenario whose app is prepared and whose undisturbed run is known, so that it can be run again and again. */
export interface Stage {
  readonly scenario: Scenario;
  /** The operations of the undisturbed run, in order. */
  readonly operations: readonly string[];
  readonly reference: Reference;
  /** The prepared app, as the local Stream stores it; nothing for a fresh one. */
  readonly stored: string | undefined;
}

/** Something that happens to a run in this process. */
export interface Disturbance {
  readonly faults: readonly Fault[];
  readonly propagationMs?: number;
}

/** What came of a run, and of running it again until it was done. */
export interface Trial extends Findings {
  /** Whether an apply ended well in the end. */
  readonly done: boolean;
  /** How often it was run. */
  readonly runs: number;
  /** How each run ended that did not end well. */
  readonly ends: readonly string[];
  /** The faults that were met, by kind; one that hit several times is there as often. */
  readonly met: readonly Fault['kind'][];
}

/** Whoever runs it again takes a moment. */
const BETWEEN_RUNS_MS = 5000;
/** Long enough for every answer of the local Stream, short enough to be waited for often. */
const TIMEOUT_MS = 150;
const HOUR_MS = 3_600_000;
const START = Date.parse('2026-01-01T00:00:00Z');

/** Prepares a scenario's app, and finds out what happens when nothing goes wrong. */
export async function staged(scenario: Scenario): Promise<Stage> {
  const stored = await prepared(scenario);
  const theatre = await opened(stored, virtualClock(START + HOUR_MS));
  try {
    const ends = await untilDone(theatre, scenario, 1, 10_000);
    if (ends.length > 0) throw new Error(`${scenario.name} does not work undisturbed: ${ends.join('; ')}`);
    const operations = theatre.emulator.requests.map(({ operation }) => operation);
    return { scenario, operations, reference: referenceOf(theatre.snapshots), stored };
  } finally {
    await theatre.close();
  }
}

/** The steps of the undisturbed run. */
export async function stepsOf({ scenario, stored }: Stage): Promise<readonly Step[]> {
  const clock = virtualClock(START + HOUR_MS);
  const theatre = await opened(stored, clock);
  const { apiKey, apiSecret, url } = theatre.emulator;
  const connection = await connect({ apiKey, apiSecret, baseUrl: url, clock });
  try {
    return (await makePlan(scenario.manifest, registry, connection.reader)).steps;
  } finally {
    connection.close();
    await theatre.close();
  }
}

/** Runs a scenario under a disturbance until it is done, and judges every moment of it. */
export async function disturbed(stage: Stage, { faults, propagationMs }: Disturbance): Promise<Trial> {
  const options = propagationMs === undefined ? {} : { propagationMs };
  const theatre = await opened(stage.stored, virtualClock(START + HOUR_MS), options);
  try {
    for (const fault of faults) theatre.emulator.addFault(fault);
    // Every hit may cost a run; with more runs than that it will never be done.
    const most = faults.reduce((sum, { times = 1 }) => sum + times, 2);
    const ends = await untilDone(theatre, stage.scenario, most, TIMEOUT_MS);
    return {
      ...judged(theatre.snapshots, stage.reference),
      done: ends.length < most,
      runs: Math.min(ends.length + 1, most),
      ends,
      met: theatre.emulator.requests.flatMap(({ fault }) => fault ?? []),
    };
  } finally {
    await theatre.close();
  }
}

async function prepared({ prepare }: Scenario): Promise<string | undefined> {
  if (prepare === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'streambed-torture-'));
  const clock = virtualClock(START);
  const emulator = await startEmulator({
    rateLimits: 'none',
    app: { id: 1699146, name: 'Acme Chat' },
    now: () => clock.now(),
    folder,
  });
  try {
    await prepare(emulator, (manifest) => converge(emulator, clock, manifest));
    await emulator.close();
    return await readFile(join(folder, 'state.json'), 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function converge(emulator: Emulator, clock: Clock, manifest: Manifest): Promise<void> {
  const end = await applyOnce(emulator, clock, { manifest, allowDestroy: new Map() }, 10_000);
  if (end !== undefined) throw new Error(`the preparation does not work: ${end}`);
}

/** Runs until an apply ends well; how those ended that did not. */
async function untilDone(
  { emulator, clock }: Theatre,
  scenario: Scenario,
  most: number,
  timeoutMs: number,
): Promise<readonly string[]> {
  const ends: string[] = [];
  while (ends.length < most) {
    const end = await applyOnce(emulator, clock, scenario, timeoutMs);
    if (end === undefined) break;
    ends.push(end);
    await clock.sleep(BETWEEN_RUNS_MS);
  }
  return ends;
}

/** How an apply ended; undefined when all is as the manifests say. */
async function applyOnce(
  { apiKey, apiSecret, url }: Emulator,
  clock: Clock,
  { manifest, allowDestroy }: Pick<Scenario, 'allowDestroy' | 'manifest'>,
  timeoutMs: number,
): Promise<string | undefined> {
  const connection = await connect({ apiKey, apiSecret, baseUrl: url, clock, timeoutMs, random: () => 0.5 });
  try {
    const plan = await makePlan(manifest, registry, connection.reader);
    if (hasErrors(plan.diagnostics))
      return wordsOf(plan.diagnostics.filter(({ severity }) => severity === 'error'));
    const { outcomes, verified } = await applyPlan(plan, registry, connection, { allowDestroy });
    if (verified === 'converged') return undefined;
    const failed = outcomes.flatMap((outcome) =>
      outcome.status === 'failed' ? [outcome.diagnostic.message] : [],
    );
    return [verified, ...failed].join(', ');
  } catch (error) {
    return String(error);
  } finally {
    connection.close();
  }
}
