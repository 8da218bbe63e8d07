import type { ApplyResult } from '../../index.ts';
import type { Address } from '../../model/address.ts';
import { nearest } from '../../model/nearest.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Plan } from '../../model/plan.ts';
import type { SavedPlan } from '../../model/saved-plan.ts';
import { quoted, visible } from '../../render/escape.ts';
import { scrubberFor } from '../../render/scrub.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { ApplyInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { planFor, prepare, type Prepared } from '../planning.ts';
import type { Known, Presenter } from '../presenter.ts';
import { createProgress } from '../progress.ts';
import { brokenSeal, savedPlanIn } from '../saved-plan-file.ts';
import { Stop, usageStop } from '../stop.ts';
import { strayWriteOnly } from '../stray-write-only.ts';
import { withTarget, type Target } from '../target.ts';
import { packageVersion } from '../version.ts';
import { planExitCode } from './plan.ts';

/** Plans, asks, writes, and reads again; a saved plan was asked about when it was reviewed. */
export async function applyCommand(
  invocation: ApplyInvocation,
  io: Io,
  presenter: Presenter,
  known: Known,
): Promise<ExitCode> {
  const [first, ...rest] = invocation.paths;
  const saved = first === undefined ? undefined : await savedPlanIn(first, io);
  if (first !== undefined && saved !== undefined) {
    requireSameEnvironment(invocation, saved, first);
    return withTarget(invocation, io, saved.app, async (target) => {
      await believe(saved, first, target);
      const asked = asReviewed(invocation, saved, rest);
      const prepared = await prepare(asked, io, presenter, known);
      return prepared === undefined ? exitCodes.invalid : work(asked, prepared, target, saved);
    });
  }
  if (!invocation.yes && !io.stdin.isTTY) {
    throw usageStop(
      'no-terminal',
      'nobody can be asked, since standard input is not a terminal',
      'Review the plan, then add --yes.',
    );
  }
  const prepared = await prepare(invocation, io, presenter, known);
  if (prepared === undefined) return exitCodes.invalid;
  return withTarget(invocation, io, prepared.guard, (target) => work(invocation, prepared, target));

  async function work(
    asked: ApplyInvocation,
    prepared: Prepared,
    target: Target,
    reviewed?: SavedPlan,
  ): Promise<ExitCode> {
    const { connection, emulator } = target;
    const { allowDestroy } = asked;
    const library = await import('../../index.ts');
    requireLossWords(allowDestroy, library.lossWords);
    const made = await planFor(prepared, target, io, presenter);

    const refusals = library.blockedBy(made, allowDestroy);
    const verdict = library.verdictOf(made, refusals);
    const stray = strayWriteOnly(made, refusals, library.verdictOf, presenter);
    if (stray !== undefined) return stray;
    const { fingerprint } = connection;
    const options = {
      command: 'apply',
      emulator,
      version: packageVersion(),
      fingerprint,
      allowDestroy,
      ...prepared.reporting,
    } as const;
    const planned = library.report(made, options);
    if (verdict !== 'changes' && verdict !== 'no-changes') {
      presenter.result(planned, [...made.diagnostics, ...refusals]);
      return planExitCode(verdict, false);
    }
    const stale = reviewed === undefined ? [] : library.differencesFrom(reviewed, made, connection);
    if (stale.length > 0) {
      presenter.problems('blocked', stale);
      return exitCodes.stale;
    }
    if (verdict === 'no-changes') {
      presenter.result(planned, made.diagnostics);
      await prepared.record?.(made.app, presenter);
      return exitCodes.done;
    }
    presenter.preview(planned);
    if (reviewed === undefined && !asked.yes && !(await confirmed(io))) return declined(asked, io, presenter);

    const result = await carryOut(made, target, asked, io, presenter);
    const { outcomes, remaining, verified } = result;
    presenter.result(library.report(made, { ...options, outcomes, verified }), made.diagnostics);
    if (remaining !== undefined) {
      presenter.say('These objects are not as they were sent:');
      presenter.preview(library.report(remaining, options));
    }
    const code = result.interrupted ? exitCodes.interrupted : applyExitCode(result);
    if (code === exitCodes.done) await prepared.record?.(made.app, presenter);
    return code;
  }
}

/** What was reviewed for one environment is not applied to another one; nothing is asked of any app before. */
function requireSameEnvironment(
  { environment: named }: ApplyInvocation,
  { environment: planned }: SavedPlan,
  path: string,
): void {
  if (named === undefined || named === planned) return;
  const whose =
    planned === undefined ? 'without an environment' : `for environment ${quoted(String(planned))}`;
  throw usageStop(
    'other-environment',
    `${quoted(path)} was planned ${whose}, and -e names ${quoted(named)}`,
    `Leave -e out, or plan again: streambed plan -e ${visible(named)} --out FILE`,
  );
}

/** Nothing of a saved plan is believed before its seal is checked; a key of another app is told as that. */
async function believe(saved: SavedPlan, path: string, { connection }: Target): Promise<void> {
  const library = await import('../../index.ts');
  if (library.isSealed(saved, connection)) return;
  const { app } = await connection.reader.read('GetApp');
  const live = (app ?? {}) as { readonly id?: unknown; readonly name?: unknown };
  if (saved.app.id !== undefined && live.id !== saved.app.id) {
    throw new Stop(exitCodes.blocked, {
      code: 'wrong-app',
      message: `this plan is for the app with id ${saved.app.id}, and the credentials open the one with id ${String(live.id)}`,
      help: 'Use the credentials of the app that was planned; nothing was read or changed but its name.',
    });
  }
  throw brokenSeal(path);
}

/** What was said when the plan was made; its reviewed losses are approved. */
function asReviewed(
  invocation: ApplyInvocation,
  saved: SavedPlan,
  paths: readonly string[],
): ApplyInvocation {
  const { environment = saved.environment, base = saved.base, app, allowDestroy } = invocation;
  const approved = new Map(Object.entries(saved.losses));
  for (const [what, count] of allowDestroy) approved.set(what, Math.max(count, approved.get(what) ?? 0));
  return {
    ...invocation,
    paths: paths.length > 0 ? paths : saved.manifests,
    environment,
    base,
    // A name may change; an id does not.
    app: app ?? (saved.app.id === undefined ? saved.app : { id: saved.app.id }),
    reopen: [...invocation.reopen, ...(saved.reopen as readonly Address[])],
    sendWriteOnly: [...invocation.sendWriteOnly, ...(saved.send_write_only as readonly Address[])],
    allowDestroy: approved,
  };
}

function requireLossWords(allowDestroy: ReadonlyMap<string, number>, words: readonly string[]): void {
  for (const word of allowDestroy.keys()) {
    if (words.includes(word)) continue;
    const meant = nearest(word, words);
    const help = meant === undefined ? `Use one of ${words.join(', ')}.` : `Did you mean ${meant}?`;
    throw usageStop('unknown-loss', `nothing called ${quoted(word)} can be lost`, help);
  }
}

/** What became of an apply, for the process; a second plan that could not be made proves nothing. */
export function applyExitCode({
  outcomes,
  verified,
  wrote,
}: {
  readonly outcomes: readonly Outcome[];
  readonly verified: 'converged' | 'differs' | 'unknown';
  readonly wrote: boolean;
}): ExitCode {
  if (outcomes.some((one) => one.status === 'failed' && one.diagnostic.code === 'moved-since-plan'))
    return exitCodes.stale;
  if (outcomes.some(({ status }) => status !== 'applied')) return wrote ? exitCodes.partly : exitCodes.failed;
  return verified === 'converged' ? exitCodes.done : exitCodes.notConverged;
}

async function carryOut(
  made: Plan,
  { connection, tellWaits }: Target,
  { allowDestroy }: ApplyInvocation,
  io: Io,
  presenter: Presenter,
): Promise<ApplyResult> {
  const { apply, registry } = await import('../../index.ts');
  const progress = createProgress(io, scrubberFor(made.manifest.resources, registry));
  tellWaits((seconds) => progress.show({ type: 'waiting', why: 'limit', seconds }));
  const stopping = (): void =>
    presenter.say(
      'Waiting for the answers that are under way, and sending nothing more; again stops at once.',
    );
  io.signal.addEventListener('abort', stopping);
  try {
    return await apply(made, connection, { allowDestroy, signal: io.signal, onEvent: progress.show });
  } finally {
    io.signal.removeEventListener('abort', stopping);
    progress.end();
  }
}

function declined({ format }: ApplyInvocation, io: Io, presenter: Presenter): ExitCode {
  io.signal.throwIfAborted();
  const message = 'nothing was changed, since the answer was not yes';
  if (format !== 'terminal') throw new Stop(exitCodes.failed, { code: 'declined', message });
  presenter.say(message);
  return exitCodes.failed;
}

async function confirmed(io: Io): Promise<boolean> {
  io.stderr.write('\nApply these changes? Only `yes` is accepted: ');
  return (await io.stdin.line(io.signal)) === 'yes';
}
