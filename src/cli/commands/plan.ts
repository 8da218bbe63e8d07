import type { Diagnostic } from '../../model/diagnostic.ts';
import type { PlanReport } from '../../model/report.ts';
import { visible } from '../../render/escape.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { PlanInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { withStandIn } from '../live-base.ts';
import { planFor, prepare, type Prepared } from '../planning.ts';
import type { Known, Presenter } from '../presenter.ts';
import { writeSavedPlan } from '../saved-plan-file.ts';
import { strayWriteOnly } from '../stray-write-only.ts';
import { withTarget, type Target } from '../target.ts';
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
  if (invocation.live === 'base') return againstBase(prepared);
  return withTarget(invocation, io, prepared.guard, (target) => show(prepared, target, target.emulator));

  /** The base revision stands in for the app: what nobody could ask the app is not said. */
  async function againstBase({ base, ...rest }: Prepared): Promise<ExitCode> {
    if (base === undefined) return endWithoutBase(rest.options.diagnostics ?? []);
    const { manifest: head, guard: app } = rest;
    return withStandIn({ base: base.manifest, head, app }, io, (target) => {
      const diagnostics = [...(rest.options.diagnostics ?? []), ...target.diagnostics];
      const { revisionsOf: _, ...options } = rest.options;
      const standingIn = {
        ...rest,
        options: { ...options, diagnostics, revisions: { base }, context: false },
        reporting: { ...rest.reporting, standIn: base.ref },
      };
      return show(standingIn, target, false);
    });
  }

  /** Elsewhere a base that cannot be read is a warning; here nothing else is there to compare with. */
  function endWithoutBase(diagnostics: readonly Diagnostic[]): ExitCode {
    const help = 'Nothing stands in for the live app: mend the base, name another, or plan with a key.';
    const told = diagnostics.map((one) =>
      one.code === 'base-unreadable' ? { ...one, severity: 'error' as const, help } : one,
    );
    presenter.problems('error', told);
    return exitCodes.failed;
  }

  async function show(ready: Prepared, target: Omit<Target, 'apart'>, emulator: boolean): Promise<ExitCode> {
    const { connection } = target;
    const made = await planFor(ready, target, io, presenter);
    const library = await import('../../index.ts');
    const stray = strayWriteOnly(made, [], library.verdictOf, presenter);
    if (stray !== undefined) return stray;
    const { fingerprint } = connection;
    const version = packageVersion();
    const report = library.report(made, {
      command: 'plan',
      emulator,
      version,
      fingerprint,
      ...ready.reporting,
    });
    const verdict = library.verdictOf(made);
    const { detailedExitCode, out } = invocation;
    if (out !== undefined && (verdict === 'changes' || verdict === 'no-changes')) {
      const { environment } = ready.reporting;
      const saved = library.savedPlanOf(made, connection, {
        tool_version: version,
        emulator,
        manifests: ready.paths,
        send_write_only: invocation.sendWriteOnly,
        reopen: invocation.reopen,
        report,
        ...(ready.base === undefined ? {} : { base: ready.base.commit }),
        ...(environment === undefined ? {} : { environment: environment.name }),
      });
      await writeSavedPlan(out, saved, io);
      presenter.say(`saved to ${visible(out)}: streambed apply ${visible(out)}`);
    } else if (out !== undefined) presenter.say(`not saved to ${visible(out)}: the plan is ${verdict}`);
    presenter.result(report, made.diagnostics);
    return planExitCode(verdict, detailedExitCode);
  }
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
