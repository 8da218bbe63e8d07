import type { Change } from '../model/change.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { Registry } from '../model/kind.ts';
import type { Journal } from '../model/journal.ts';
import type { ApplyEvent, Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { StreamFailure, type ReadStream, type Stream } from '../model/stream.ts';
import { execute, KeptBack, type Execution } from './execute.ts';
import { lockName, takeLock, type Holder, type Lock, type LockOptions } from './lock.ts';
import { unapproved } from './losses.ts';
import { Freshness, movedSince } from './moved.ts';
import { noteResets } from './resets.ts';
import { verify, type Verification } from './verify.ts';

/** What an apply may do, and whom it tells. */
export interface ApplyOptions {
  /** How many of each kind of loss are approved besides what `removed:` names. */
  readonly allowDestroy?: ReadonlyMap<string, number>;
  /** Stops before the next call; calls in flight are finished. */
  readonly signal?: AbortSignal;
  /**
   * Opened right before the first write, and with all that was there written down; it then gets every step before it is
   * sent, and what became of it.
   */
  readonly journal?: () => Promise<Journal>;
  /** Keeps other applies out; its stream must outlive the signal, so that the app can be let go. */
  readonly lock?: LockOptions & { readonly stream: Stream };
  readonly onEvent?: (event: ApplyEvent) => void;
}

/** Requests that were sent: the evidence of a run. */
export interface Receipt {
  /** Requests that changed something, or may have. */
  readonly writes: number;
  readonly reads: number;
}

/** What an apply did, and whether the app is now as the manifests say. */
export interface ApplyResult extends Verification {
  readonly outcomes: readonly Outcome[];
  readonly interrupted: boolean;
  /** True when at least one write reached Stream, or may have. */
  readonly wrote: boolean;
  readonly receipt: Receipt;
  /** Why nothing was begun at all. */
  readonly refusal?: Diagnostic;
}

/**
 * Works a plan off and reads everything again. Refuses, by throwing a plain Error, a plan with errors or with losses
 * that nobody approved: callers ask first.
 */
export async function applyPlan(
  plan: Plan,
  registry: Registry,
  connection: { readonly reader: ReadStream; readonly stream: Stream },
  options: ApplyOptions = {},
): Promise<ApplyResult> {
  if (hasErrors([...plan.diagnostics, ...unapproved(plan, options.allowDestroy ?? new Map())])) {
    throw new Error('a plan that is blocked or invalid cannot be applied');
  }
  const counted = counting(connection);
  const planned = plan.changes.filter(({ action }) => action !== 'keep');
  const { lock } = options;
  const { signal } = options;
  const taken =
    lock === undefined || planned.length === 0
      ? undefined
      : await takeLock(lock.stream, { ...lock, ...(signal === undefined ? {} : { signal }) });
  if (signal?.aborted === true) {
    if (taken?.state === 'held') await taken.lock.release();
    const because = 'the run was interrupted';
    const outcomes = planned.map((change): Outcome => ({ status: 'skipped', change, because }));
    return ended(counted, { ...nothingDone, outcomes, interrupted: true });
  }
  if (taken?.state === 'busy') return ended(counted, refused(planned, taken.holder));
  try {
    return ended(counted, await underLock(plan, planned, registry, counted, options, taken?.lock));
  } finally {
    await taken?.lock.release();
  }
}

const nothingDone = { verified: 'unknown', moved: [], interrupted: false, wrote: false } as const;

async function underLock(
  plan: Plan,
  planned: readonly Change[],
  registry: Registry,
  { reader, stream }: Counted,
  { journal: open, signal, onEvent = () => undefined }: ApplyOptions,
  lock: Lock | undefined,
): Promise<Omit<ApplyResult, 'receipt'>> {
  const freshness = new Freshness(plan, registry, reader, () => stream.now());
  // From here on no other apply comes in between, so what is true of all objects now stays true.
  const moved = await movedSince(plan, registry, reader, lock === undefined ? 'touched' : 'all');
  if (moved.length > 0) {
    // What the plan keeps has no outcome that could tell of it.
    const kept = moved.find(({ address }) => planned.every((change) => change.address !== address));
    const refusal = kept === undefined ? {} : { refusal: kept };
    return { outcomes: stopped(planned, moved), ...refusal, ...nothingDone };
  }
  const journal = await open?.();
  const execution = await execute(plan, {
    stream,
    freshness,
    onEvent,
    ...(signal === undefined ? {} : { signal }),
    ...(journal === undefined ? {} : { journal }),
    ...(lock === undefined ? {} : { obstacle: () => lock.lost() }),
  });
  const outcomes = planned.map((change) => outcomeOf(change, plan, execution));
  const { wrote } = execution;
  const interrupted = (): boolean => signal?.aborted === true;
  if (interrupted()) return { ...nothingDone, outcomes, wrote, interrupted: true };
  if (journal !== undefined) await noteResets(plan, outcomes, registry, reader, journal);
  const verification = await verify(plan, outcomes, registry, { reader, stream }, onEvent);
  if (interrupted()) return { ...nothingDone, outcomes, wrote, interrupted: true };
  return { ...verification, outcomes, wrote, interrupted: false };
}

interface Counted {
  readonly reader: ReadStream;
  readonly stream: Stream;
  receipt(): Receipt;
}

/** The same connection, which counts what is sent over it. */
function counting({ reader, stream }: { readonly reader: ReadStream; readonly stream: Stream }): Counted {
  let reads = 0;
  let writes = 0;
  const countingReads = (inner: ReadStream): ReadStream => ({
    read: (operation, input) => (reads++, inner.read(operation, input)),
  });
  const write: Stream['write'] = async (operation, input, before) => {
    try {
      const answer = await stream.write(operation, input, before);
      writes++;
      return answer;
    } catch (error) {
      if (error instanceof StreamFailure && error.reason === 'unclear') writes++;
      throw error;
    }
  };
  return {
    reader: countingReads(reader),
    stream: { ...stream, ...countingReads(stream), write },
    receipt: () => ({ writes, reads }),
  };
}

function ended({ receipt }: Counted, result: Omit<ApplyResult, 'receipt'>): ApplyResult {
  return { ...result, receipt: receipt() };
}

function refused(changes: readonly Change[], holder: Holder | undefined): Omit<ApplyResult, 'receipt'> {
  const who =
    holder === undefined ? '' : `: since ${holder.since}, on ${holder.host}, process ${holder.process}`;
  const message = `another apply holds this app${who}`;
  const refusal: Diagnostic = {
    severity: 'error',
    code: 'locked',
    message,
    help: `Nothing was written. Wait until it is done, and plan again. It holds the app by the block list ${lockName}.`,
  };
  const outcomes = changes.map((change): Outcome => ({ status: 'skipped', change, because: message }));
  return { outcomes, refusal, ...nothingDone };
}

/** Nothing is written when something moved: neither what moved nor what was planned beside it. */
function stopped(changes: readonly Change[], moved: readonly Diagnostic[]): readonly Outcome[] {
  const reasons = new Map(moved.map((diagnostic) => [diagnostic.address, diagnostic]));
  return changes.map((change): Outcome => {
    const diagnostic = reasons.get(change.address);
    if (diagnostic !== undefined) return { status: 'failed', change, diagnostic, done: [] };
    return { status: 'skipped', change, because: 'the plan is stale, so nothing was written' };
  });
}

function outcomeOf(change: Change, plan: Plan, execution: Execution): Outcome {
  const trouble = execution.failed.get(change.address);
  if (trouble === undefined || trouble.status === 'done') return { status: 'applied', change };
  const done = plan.steps
    .filter(
      ({ id, covers }) => covers.includes(change.address) && execution.results.get(id)?.status === 'done',
    )
    .map(({ id }) => id);
  const { because, error } = { because: '', error: undefined, ...trouble };
  if (trouble.status === 'skipped' && done.length === 0) return { status: 'skipped', change, because };
  // Whoever reads "skipped" believes that nothing was written.
  const why = trouble.status === 'skipped' ? new KeptBack(`only a part was done: ${because}`) : error;
  return { status: 'failed', change, diagnostic: diagnosticOf(change, why), done };
}

function diagnosticOf(change: Change, error: unknown): Diagnostic {
  const message = error instanceof Error ? error.message : String(error);
  const at = change.action === 'delete' ? change.removal.at : change.resource?.locate([], 'name');
  return {
    severity: 'error',
    code:
      error instanceof StreamFailure
        ? `stream-${error.reason}`
        : error instanceof KeptBack
          ? 'partly'
          : 'bug',
    message: `${change.address}: ${message}`,
    help:
      error instanceof StreamFailure && error.reason === 'refused'
        ? 'Mend what Stream names, and apply again: what is done stays done.'
        : 'Apply again: what is done stays done, and what is left is planned anew.',
    ...(at === undefined ? {} : { at }),
    address: change.address,
  };
}
