import type { Danger, PlannedDanger } from '../model/danger.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Environment } from '../model/kind.ts';
import type { Plan } from '../model/plan.ts';
import type { Rules } from '../model/policy.ts';

/** What the rules of a project make of a plan. */
export interface Judgement {
  readonly dangers: readonly PlannedDanger[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Holds what changes and what it means against the rules of a project and the acceptances in the manifests. */
export function judge(
  { changes }: Pick<Plan, 'changes' | 'losses' | 'manifest'>,
  dangers: readonly Danger[],
  _rules: Rules,
  _environment: Environment | undefined,
): Judgement {
  const byAddress = new Map(changes.map((change) => [change.address, change]));
  return {
    dangers: dangers.map((danger) => {
      const change = byAddress.get(danger.address);
      return { ...danger, action: 'warn', ...(change === undefined ? {} : { change }) };
    }),
    diagnostics: [],
  };
}
