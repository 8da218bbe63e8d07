import type { StreamFailure } from '../model/stream.ts';

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
 * repeated for everything, and the limits know when. What may have been done is repeated for reads alone: whether a
 * write was done is for the engine to find out. `failures` counts this one too.
 */
export function pauseBeforeRepeat(
  failure: StreamFailure,
  failures: Failures,
  effect: 'read' | 'write',
  random: () => number,
): number | undefined {
  switch (failure.reason) {
    case 'limited':
      return failures.limited >= 8 ? undefined : 0;
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

/** A redirect is set up by somebody, so asking again leads to the same place. */
function isRedirect(failure: StreamFailure): boolean {
  return failure.status !== undefined && failure.status >= 300 && failure.status < 400;
}
