import type { PlanOptions, ReportOptions } from '../index.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { AppIdentity, Plan } from '../model/plan.ts';
import type { AppGuard, Manifest } from '../model/resource.ts';
import { abandonable } from './abandonable.ts';
import type { ApplyInvocation, DriftInvocation, PlanInvocation } from './invocation.ts';
import type { Io } from './io.ts';
import { loadManifests } from './manifests.ts';
import type { Known, Presenter } from './presenter.ts';
import { limitText } from './progress.ts';
import type { Target } from './target.ts';

/** What the manifests and the project say, before any app is asked. */
export interface Prepared {
  /** What the manifests were named as. */
  readonly paths: readonly string[];
  readonly manifest: Manifest;
  readonly guard: AppGuard;
  readonly diagnostics: readonly Diagnostic[];
  readonly options: PlanOptions;
  /** What reports say besides the plan. */
  readonly reporting: Pick<ReportOptions, 'environment' | 'standIn'>;
  /** Records in git that the app is now what these manifests say. */
  readonly record?: (app: AppIdentity, presenter: Presenter) => Promise<void>;
}

/** Reads everything that a plan needs besides the app; undefined when it is wrong, which is told already. */
export async function prepare(
  invocation: ApplyInvocation | DriftInvocation | PlanInvocation,
  io: Io,
  presenter: Presenter,
  known: Known,
): Promise<Prepared | undefined> {
  const { manifest, diagnostics } = await loadManifests(invocation.paths, io, known);
  if (hasErrors(diagnostics)) {
    presenter.problems('invalid', diagnostics);
    return undefined;
  }
  const { app = {}, sendWriteOnly } = invocation;
  return {
    paths: invocation.paths,
    manifest,
    guard: manifest.guard,
    diagnostics,
    options: { app, sendWriteOnly, diagnostics, context: true },
    reporting: {},
  };
}

/** Plans against a target; gives up, without harm, when the user interrupts. */
export async function planFor(
  { manifest, options }: Prepared,
  { connection, tellWaits }: Pick<Target, 'connection' | 'tellWaits'>,
  io: Io,
  presenter: Presenter,
): Promise<Plan> {
  const { plan } = await import('../index.ts');
  tellWaits((seconds) => presenter.say(limitText(seconds)));
  return abandonable(plan(manifest, connection, options), io.signal);
}
