import type { StreamFailure } from '../model/stream.ts';
import { budgetIn } from './limits.ts';

/** How often one request failed so far, by what decides whether it is sent again. */
export interface Failures {
  readonly limited: number;
  readonly broken: number;
}

/** Where counting begins. */
export const noFailures: Failures = { limited: 0, broken: 0 };

/** Counts one more failure. */
export function countFailure(failures: Failures, failure: StreamFailure): Failures {
  return failure.reason === 'limited'
    ? { ...failures, limited: failures.limited + 1 }
    : { ...failures, broken: failures.broken + 1 };
}

/**
 * Milliseconds to wait before the same request is sent again, or undefined when it is not. A 429 did nothing, so it is
 * repeated for everything. What may have been done is repeated for reads alone: whether a write was done is for the
 * engine to find out. `failures` counts this one too.
 */
export function pauseBeforeRepeat(
  failure: StreamFailure,
  failures: Failures,
  effect: 'read' | 'write',
  headers: Readonly<Record<string, string>> | undefined,
  now: number,
  random: () => number,
): number | undefined {
  switch (failure.reason) {
    case 'limited':
      if (failures.limited >= 8) return undefined;
      return Math.ceil(limitedPause(failures.limited, headers ?? {}, now) * (1 + 0.1 * random()));
    case 'unsent':
    case 'unclear':
      if (effect === 'write' || failures.broken >= 4 || isRedirect(failure)) return undefined;
      return Math.ceil(200 * 2 ** (failures.broken - 1) * (0.75 + 0.5 * random()));
    case 'aborted':
    case 'missing':
    case 'refused':
    case 'unauthorized':
      return undefined;
  }
}

/** What the answer asks for; with something left of the minute it was the second's limit, and a short pause will do. */
function limitedPause(failures: number, headers: Readonly<Record<string, string>>, now: number): number {
  const backOff = Math.min(30_000, 1000 * 2 ** failures);
  const after = headers['retry-after'];
  if (after !== undefined && /^\d{1,6}$/.test(after)) return Math.min(Number(after) * 1000, 120_000);
  const budget = budgetIn(headers, now);
  if (budget?.resetAt === undefined || budget.resetAt <= now) return backOff;
  return budget.remaining > 0 ? Math.min(backOff, budget.resetAt - now) : budget.resetAt - now;
}

/** A redirect is set up by somebody, so asking again leads to the same place. */
function isRedirect(failure: StreamFailure): boolean {
  return failure.status !== undefined && failure.status >= 300 && failure.status < 400;
}
