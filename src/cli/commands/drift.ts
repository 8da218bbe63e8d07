import type { Plan } from '../../model/plan.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { DriftInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { planFor, prepare } from '../planning.ts';
import type { Known, Presenter } from '../presenter.ts';
import { withTarget } from '../target.ts';
import { packageVersion } from '../version.ts';
import { planExitCode } from './plan.ts';

/** Tells whether the app is what the manifests say; sends no write. */
export async function driftCommand(
  invocation: DriftInvocation,
  io: Io,
  presenter: Presenter,
  known: Known,
): Promise<ExitCode> {
  const read = await prepare(invocation, io, presenter, known);
  if (read === undefined) return exitCodes.invalid;
  // Policies judge what is about to be done, and nothing is.
  const { rules: _, ...options } = read.options;
  const prepared = { ...read, options };
  return withTarget(invocation, io, prepared.guard, async (target) => {
    const made = asDrift(await planFor(prepared, target, io, presenter, 'live'));
    const library = await import('../../index.ts');
    const report = library.report(made, {
      command: 'drift',
      emulator: target.emulator,
      version: packageVersion(),
      fingerprint: target.connection.fingerprint,
      ...prepared.reporting,
    });
    presenter.result(report, made.diagnostics);
    return planExitCode(library.verdictOf(made), true);
  });
}

/** What only an apply could do, or be refused for. */
const aboutApplies: ReadonlySet<string> = new Set([
  'policy-blocked',
  'prevent-destroy',
  'protected',
  'unused-acceptance',
]);

/** A difference is no danger by itself: what an apply would open or take would read here as if it had happened. */
function asDrift(plan: Plan): Plan {
  const diagnostics = plan.diagnostics.filter(({ code }) => !aboutApplies.has(code));
  return { ...plan, dangers: [], diagnostics };
}
