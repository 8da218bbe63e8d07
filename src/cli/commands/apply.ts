import type { Address } from '../../model/address.ts';
import type { SavedPlan } from '../../model/saved-plan.ts';
import { quoted, visible } from '../../render/escape.ts';
import { applyTo, requireSomebody } from '../applying.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { ApplyInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { prepare } from '../planning.ts';
import type { Known, Presenter } from '../presenter.ts';
import { brokenSeal, savedPlanIn } from '../saved-plan-file.ts';
import { Stop, usageStop } from '../stop.ts';
import { withTarget, type Target } from '../target.ts';

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
      if (prepared === undefined) return exitCodes.invalid;
      return applyTo(target, asked, prepared, io, presenter, { reviewed: saved });
    });
  }
  requireSomebody(invocation, io);
  const prepared = await prepare(invocation, io, presenter, known);
  if (prepared === undefined) return exitCodes.invalid;
  return withTarget(invocation, io, prepared.guard, (target) =>
    applyTo(target, invocation, prepared, io, presenter),
  );
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
