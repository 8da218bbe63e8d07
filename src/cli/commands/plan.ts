import { hasErrors } from '../../model/diagnostic.ts';
import type { PlanReport } from '../../model/report.ts';
import { abandonable } from '../abandonable.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { PlanInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { loadManifests } from '../manifests.ts';
import type { Known, Presenter } from '../presenter.ts';
import { limitText } from '../progress.ts';
import { strayWriteOnly } from '../stray-write-only.ts';
import { withTarget } from '../target.ts';
import { packageVersion } from '../version.ts';

/** Shows what an apply would change; sends no write. */
export async function planCommand(
  invocation: PlanInvocation,
  io: Io,
  presenter: Presenter,
  known: Known,
): Promise<ExitCode> {
  const { manifest, diagnostics } = await loadManifests(invocation.paths, io, known);
  if (hasErrors(diagnostics)) {
    presenter.problems('invalid', diagnostics);
    return exitCodes.invalid;
  }
  return withTarget(invocation, io, manifest.guard, async ({ connection, emulator, tellWaits }) => {
    tellWaits((seconds) => presenter.say(limitText(seconds)));
    const library = await import('../../index.ts');
    const { app = {}, sendWriteOnly } = invocation;
    const made = await abandonable(
      library.plan(manifest, connection, { app, sendWriteOnly, diagnostics }),
      io.signal,
    );
    const stray = strayWriteOnly(made, [], library.verdictOf, presenter);
    if (stray !== undefined) return stray;
    const { fingerprint } = connection;
    const report = library.report(made, {
      command: 'plan',
      emulator,
      version: packageVersion(),
      fingerprint,
    });
    presenter.result(report, made.diagnostics);
    return planExitCode(library.verdictOf(made), invocation.detailedExitCode);
  });
}

/** What a plan's verdict means for the process; an empty and a full plan differ only when that was asked for. */
export function planExitCode(verdict: PlanReport['outcome'], detailed: boolean): ExitCode {
  switch (verdict) {
    case 'no-changes':
      return exitCodes.done;
    case 'changes':
      return detailed ? exitCodes.changes : exitCodes.done;
    case 'invalid':
      return exitCodes.invalid;
    case 'blocked':
      return exitCodes.blocked;
    case 'error':
      return exitCodes.failed;
  }
}
