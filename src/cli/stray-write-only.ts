import type { Diagnostic } from '../model/diagnostic.ts';
import type { Plan } from '../model/plan.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import type { Presenter } from './presenter.ts';

type Judge = (plan: Pick<Plan, 'changes' | 'diagnostics'>, more?: readonly Diagnostic[]) => string;

/**
 * Ends a run whose only mistake is a `--send-write-only` that means nothing: wrong usage, since the manifests are
 * right. Undefined for every other run, and for one with something worse to tell.
 */
export function strayWriteOnly(
  plan: Plan,
  refusals: readonly Diagnostic[],
  judge: Judge,
  presenter: Presenter,
): ExitCode | undefined {
  const { changes, diagnostics } = plan;
  const rest = diagnostics.filter(({ code }) => code !== 'nothing-to-send');
  if (rest.length === diagnostics.length) return undefined;
  if (!['changes', 'no-changes'].includes(judge({ changes, diagnostics: rest }, refusals))) return undefined;
  presenter.problems('error', diagnostics);
  return exitCodes.usage;
}
