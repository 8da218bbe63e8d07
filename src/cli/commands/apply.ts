import { hasErrors } from '../../model/diagnostic.ts';
import type { Outcome } from '../../model/outcome.ts';
import { abandonable } from '../abandonable.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { ApplyInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { loadManifests } from '../manifests.ts';
import type { Known, Presenter } from '../presenter.ts';
import { createProgress } from '../progress.ts';
import { Stop, usageStop } from '../stop.ts';
import { withTarget } from '../target.ts';
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
  return withTarget(invocation, io, manifest.guard, async ({ connection, emulator }) => {
    const library = await import('../../index.ts');
    const { allowDestroy, app = {}, sendWriteOnly } = invocation;
    const made = await abandonable(
      library.plan(manifest, connection, { app, sendWriteOnly, diagnostics }),
      io.signal,
    );
    const { fingerprint } = connection;
    const options = {
      command: 'apply',
      emulator,
      version: packageVersion(),
      fingerprint,
      allowDestroy,
    } as const;
    const refusals = library.blockedBy(made, allowDestroy);
    const verdict = library.verdictOf(made, refusals);
    const planned = library.report(made, options);
    if (verdict !== 'changes') {
      presenter.result(planned, [...made.diagnostics, ...refusals]);
      return planExitCode(verdict, false);
    }
    presenter.preview(planned);
    if (!invocation.yes && !(await confirmed(io))) {
      io.signal.throwIfAborted();
      throw new Stop(exitCodes.failed, {
        code: 'declined',
        message: 'nothing was changed, since the answer was not yes',
      });
    }

    const progress = createProgress(io);
    io.signal.addEventListener('abort', () => {
      presenter.say(
        'Stopping once the requests are answered that are under way; interrupt again to stop at once.',
      );
    });
    const result = await library
      .apply(made, connection, { allowDestroy, signal: io.signal, onEvent: (event) => progress.show(event) })
      .finally(() => progress.end());
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
  if (outcomes.some(({ status }) => status !== 'applied')) return wrote ? exitCodes.partly : exitCodes.failed;
  return verified === 'converged' ? exitCodes.done : exitCodes.notConverged;
}

async function confirmed(io: Io): Promise<boolean> {
  io.stderr.write('\nApply these changes? Only `yes` is accepted: ');
  return (await io.stdin.line(io.signal)) === 'yes';
}
