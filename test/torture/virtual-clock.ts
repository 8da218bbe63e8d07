import type { Clock } from '../../src/stream/clock.ts';

/**
 * A clock that jumps to the end of every wait, for the client and the local Stream alike, so that half a minute of
 * propagation or an exhausted limit takes no time and still comes in the same order.
 */
export function virtualClock(start: number): Clock {
  const begun = performance.now();
  let skipped = 0;
  const now = (): number => start + Math.floor(performance.now() - begun) + skipped;
  return {
    now,
    async sleep(milliseconds, signal) {
      if (signal?.aborted === true) return;
      const until = now() + milliseconds;
      // Whoever works meanwhile gets to it first, and waits at the same time pass together.
      await new Promise((resolve) => setTimeout(resolve, 1));
      skipped += Math.max(0, until - now());
    },
  };
}
