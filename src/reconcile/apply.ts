import type { Change } from '../model/change.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { Registry } from '../model/kind.ts';
import type { ApplyEvent, Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { StreamFailure, type ReadStream, type Stream } from '../model/stream.ts';
import { execute, type Execution } from './execute.ts';
import { unapproved } from './losses.ts';
import { movedSince } from './moved.ts';
import { makePlan } from './plan.ts';

/** What an apply may do, and whom it tells. */
export interface ApplyOptions {
  /** How many of each kind of loss are approved besides what `removed:` names. */
  readonly allowDestroy?: ReadonlyMap<string, number>;
  /** Stops before the next call; calls in flight are finished. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ApplyEvent) => void;
}

/** What an apply did, and whether the app is now as the manifests say. */
export interface ApplyResult {
  readonly outcomes: readonly Outcome[];
  /** `converged`: all was applied and a second plan of it is empty; `unknown`: not all was, or it could not be read. */
  readonly verified: 'converged' | 'differs' | 'unknown';
  /** The second plan, when it is not empty. */
  readonly remaining?: Plan;
  readonly interrupted: boolean;
  /** True when at least one write reached Stream, or may have. */
  readonly wrote: boolean;
}

/** Pauses before each look at what was written: Stream's nodes may disagree about a write for 30 seconds. */
const LOOKS_MS = [0, 250, 1000, 4000, 10_000, 15_000] as const;

/**
 * Works a plan off and reads back what it touched. Refuses, by throwing a plain Error, a plan with errors or with
 * losses that nobody approved: callers ask first.
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
  const onEvent = options.onEvent ?? (() => undefined);
  const planned = plan.changes.filter(({ action }) => action !== 'keep');
  const moved = await movedSince(plan, registry, connection.reader);
  if (moved.length > 0) {
    return { outcomes: stopped(planned, moved), verified: 'unknown', interrupted: false, wrote: false };
  }
  const execution = await execute(plan, connection.stream, options.signal, onEvent);
  const outcomes = planned.map((change) => outcomeOf(change, plan, execution));
  const { verified, remaining } =
    options.signal?.aborted === true
      ? { verified: 'unknown' as const }
      : await verify(plan, outcomes, registry, connection, onEvent);
  const interrupted = options.signal?.aborted === true;
  return {
    outcomes,
    verified: interrupted ? 'unknown' : verified,
    ...(remaining === undefined ? {} : { remaining }),
    interrupted,
    wrote: execution.wrote,
  };
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
  if (trouble.status === 'skipped') return { status: 'skipped', change, because: trouble.because };
  const done = plan.steps
    .filter(
      ({ id, covers }) => covers.includes(change.address) && execution.results.get(id)?.status === 'done',
    )
    .map(({ id }) => id);
  return { status: 'failed', change, diagnostic: diagnosticOf(change, trouble.error), done };
}

function diagnosticOf(change: Change, error: unknown): Diagnostic {
  const message = error instanceof Error ? error.message : String(error);
  const at = change.action === 'delete' ? change.removal.at : change.resource?.locate([], 'name');
  return {
    severity: 'error',
    code: error instanceof StreamFailure ? `stream-${error.reason}` : 'bug',
    message: `${change.address}: ${message}`,
    help:
      error instanceof StreamFailure && error.reason === 'refused'
        ? 'Mend what Stream names, and apply again: what is done stays done.'
        : 'Apply again: what is done stays done, and what is left is planned anew.',
    ...(at === undefined ? {} : { at }),
    address: change.address,
  };
}

async function verify(
  plan: Plan,
  outcomes: readonly Outcome[],
  registry: Registry,
  { reader, stream }: { readonly reader: ReadStream; readonly stream: Stream },
  onEvent: (event: ApplyEvent) => void,
): Promise<Pick<ApplyResult, 'remaining' | 'verified'>> {
  const complete = outcomes.every(({ status }) => status === 'applied');
  const touched = outcomes.filter(
    ({ status, change }) => status === 'applied' && !(change.action === 'delete' && change.how === 'reset'),
  );
  if (touched.length === 0) return { verified: complete ? 'converged' : 'unknown' };
  onEvent({ type: 'verifying' });
  const only = new Set(touched.map(({ change }) => change.address));
  let remaining: Plan | undefined;
  try {
    for (const pause of LOOKS_MS) {
      if (pause > 0) await stream.wait(pause);
      remaining = await makePlan(plan.manifest, registry, reader, { only });
      const left =
        remaining.changes.some(({ action }) => action !== 'keep') || hasErrors(remaining.diagnostics);
      // What failed or was skipped is not as the manifests say, whatever the rest is.
      if (!left) return { verified: complete ? 'converged' : 'unknown' };
    }
  } catch {
    // Whatever went wrong, the outcomes are known and must be told.
    return { verified: 'unknown' };
  }
  return { verified: 'differs', ...(remaining === undefined ? {} : { remaining }) };
}
