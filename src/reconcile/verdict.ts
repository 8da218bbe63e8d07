import type { Diagnostic } from '../model/diagnostic.ts';
import type { Plan } from '../model/plan.ts';

/** What a plan comes to, in one word. */
export type Verdict = 'blocked' | 'changes' | 'error' | 'invalid' | 'no-changes';

/** Codes of errors that refuse a run for safety. */
export const blocking: ReadonlySet<string> = new Set([
  'expectation-failed',
  'policy-blocked',
  'prevent-destroy',
  'protected',
  'unapproved-loss',
  'wrong-app',
]);
const failing: ReadonlySet<string> = new Set(['incomplete-read']);

/** Judges a plan, or any diagnostics beside it: safety first, then the reading, then the manifests. */
export function verdictOf(
  plan: Pick<Plan, 'changes' | 'diagnostics'>,
  more: readonly Diagnostic[] = [],
): Verdict {
  const errors = [...plan.diagnostics, ...more].filter(({ severity }) => severity === 'error');
  if (errors.some(({ code }) => failing.has(code))) return 'error';
  if (errors.some(({ code }) => !blocking.has(code))) return 'invalid';
  if (errors.length > 0) return 'blocked';
  return plan.changes.some(({ action }) => action !== 'keep') ? 'changes' : 'no-changes';
}
