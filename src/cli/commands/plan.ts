import type { Plan } from '../../model/plan.ts';
import type { PlanReport } from '../../model/report.ts';
import { visible } from '../../render/escape.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { PlanInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { planFor, prepare } from '../planning.ts';
import type { Known, Presenter } from '../presenter.ts';
import { writeSavedPlan } from '../saved-plan-file.ts';
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
  const prepared = await prepare(invocation, io, presenter, known);
  if (prepared === undefined) return exitCodes.invalid;
  return withTarget(invocation, io, prepared.guard, async (target) => {
    const { connection, emulator } = target;
    const made = await planFor(prepared, target, io, presenter);
    const library = await import('../../index.ts');
    const stray = strayWriteOnly(made, [], library.verdictOf, presenter);
    if (stray !== undefined) return stray;
    const { fingerprint } = connection;
    const report = library.report(made, {
      command: 'plan',
      emulator,
      version: packageVersion(),
      fingerprint,
      ...prepared.reporting,
    });
    const verdict = library.verdictOf(made);
    if (invocation.out !== undefined && (verdict === 'changes' || verdict === 'no-changes'))
      await save(invocation.out, made, report);
    presenter.result(report, made.diagnostics);
    return planExitCode(verdict, invocation.detailedExitCode);

    async function save(path: string, plan: Plan, masked: PlanReport): Promise<void> {
      const { base } = plan.origins ?? {};
      const { environment } = prepared?.reporting ?? {};
      const saved = library.savedPlanOf(plan, connection, {
        tool_version: packageVersion(),
        emulator,
        manifests: prepared?.paths ?? [],
        send_write_only: invocation.sendWriteOnly,
        reopen: invocation.reopen,
        report: masked,
        ...(base === undefined ? {} : { base: base.commit }),
        ...(environment === undefined ? {} : { environment: environment.name }),
      });
      await writeSavedPlan(path, saved, io);
      presenter.say(`saved to ${visible(path)}: streambed apply ${visible(path)}`);
    }
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
