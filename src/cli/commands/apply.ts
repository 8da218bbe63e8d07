import { hasErrors } from '../../model/diagnostic.ts';
import type { ApplyResult } from '../../index.ts';
import { nearest } from '../../model/nearest.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Plan } from '../../model/plan.ts';
import { quoted } from '../../render/escape.ts';
import { scrubberFor } from '../../render/scrub.ts';
import { abandonable } from '../abandonable.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { ApplyInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { loadManifests } from '../manifests.ts';
import type { Known, Presenter } from '../presenter.ts';
import { createProgress, limitText } from '../progress.ts';
import { Stop, usageStop } from '../stop.ts';
import { strayWriteOnly } from '../stray-write-only.ts';
import { withTarget, type Target } from '../target.ts';
import { packageVersion } from '../version.ts';
import { planExitCode } from './plan.ts';

/** Plans, asks, writes, and reads again. */
export async function applyCommand(
  invocation: ApplyInvocation,
  io: Io,
  presenter: Presenter,
  known: Known,
): Promise<ExitCode> {
  if (!invocation.yes && !io.stdin.isTTY) {
    throw usageStop(
      'no-terminal',
      'nobody can be asked, since standard input is not a terminal',
      'Review the plan, then add --yes.',
    );
  }
  const { manifest, diagnostics } = await loadManifests(invocation.paths, io, known);
  if (hasErrors(diagnostics)) {
    presenter.problems('invalid', diagnostics);
    return exitCodes.invalid;
  }
  return withTarget(invocation, io, manifest.guard, async (target) => {
    const { connection, emulator, tellWaits } = target;
    const { allowDestroy, app = {}, sendWriteOnly } = invocation;
    const library = await import('../../index.ts');
    for (const word of allowDestroy.keys()) {
      if (library.lossWords.includes(word)) continue;
      const meant = nearest(word, library.lossWords);
      const help =
        meant === undefined ? `Use one of ${library.lossWords.join(', ')}.` : `Did you mean ${meant}?`;
      throw usageStop('unknown-loss', `nothing called ${quoted(word)} can be lost`, help);
    }
    tellWaits((seconds) => presenter.say(limitText(seconds)));
    const planning = library.plan(manifest, connection, { app, sendWriteOnly, diagnostics });
    const made = await abandonable(planning, io.signal);

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
    } as const;
    const planned = library.report(made, options);
    if (verdict !== 'changes') {
      presenter.result(planned, [...made.diagnostics, ...refusals]);
      return planExitCode(verdict, false);
    }
    presenter.preview(planned);
    if (!invocation.yes && !(await confirmed(io))) return declined(invocation, io, presenter);

    const result = await carryOut(made, target, invocation, io, presenter);
    const { outcomes, remaining, verified } = result;
    presenter.result(library.report(made, { ...options, outcomes, verified }), made.diagnostics);
    if (remaining !== undefined) {
      presenter.say('These objects are not as they were sent:');
      presenter.preview(library.report(remaining, options));
    }
    return result.interrupted ? exitCodes.interrupted : applyExitCode(result);
  });
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
