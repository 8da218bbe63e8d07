import { hasErrors } from '../../model/diagnostic.ts';
import type { Outcome } from '../../model/outcome.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { ApplyInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { loadManifests } from '../manifests.ts';
import type { Known, Presenter } from '../presenter.ts';
import { createProgress } from '../progress.ts';
import { usageStop } from '../stop.ts';
import { withTarget } from '../target.ts';
import { planExitCode } from './plan.ts';

/** Plans, asks, writes, and reads again. */
export async function applyCommand(invocation: ApplyInvocation, io: Io, presenter: Presenter, known: Known): Promise<ExitCode> {
  if (!invocation.yes && !io.stdin.isTTY) {
    throw usageStop('no-terminal', 'nobody can be asked, since standard input is not a terminal', 'Review the plan, then add --yes.');
  }
  const { manifest, diagnostics } = await loadManifests(invocation.paths, io, known);
  if (hasErrors(diagnostics)) {
    presenter.problems('invalid', diagnostics);
    return exitCodes.invalid;
  }
  return withTarget(invocation, io, manifest.guard, async ({ connection, emulator }) => {
    const library = await import('../../index.ts');
    const { allowDestroy, app, sendWriteOnly } = invocation;
    const made = await library.plan(manifest, connection, { ...(app === undefined ? {} : { app }), sendWriteOnly, diagnostics });
    const planned = library.report(made, { command: 'apply', emulator, allowDestroy });
    presenter.remark(made.diagnostics);
    if (planned.outcome !== 'changes') {
      presenter.remark(library.blockedBy(made, allowDestroy));
      presenter.result(planned);
      return planExitCode(planned.outcome, false);
    }
    presenter.preview(planned);
    if (!invocation.yes && !(await confirmed(io))) {
      io.signal.throwIfAborted();
      presenter.say('Nothing was changed.');
      return exitCodes.failed;
    }

    const progress = createProgress(io);
    const result = await library
      .apply(made, connection, { allowDestroy, signal: io.signal, onEvent: (event) => progress.show(event) })
      .finally(() => progress.end());
    const { outcomes, verified } = result;
    presenter.result(library.report(made, { command: 'apply', emulator, allowDestroy, outcomes, verified }));
    if (io.signal.aborted) return exitCodes.interrupted;
    return applyExitCode(result);
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
  if (outcomes.some(({ status }) => status !== 'applied')) return wrote ? exitCodes.partly : exitCodes.failed;
  return verified === 'converged' ? exitCodes.done : exitCodes.notConverged;
}

async function confirmed(io: Io): Promise<boolean> {
  io.stderr.write('\nApply these changes? Only `yes` is accepted: ');
  return (await io.stdin.line(io.signal)) === 'yes';
}
