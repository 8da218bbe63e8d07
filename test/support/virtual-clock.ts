import type { Clock } from '../../src/stream/clock.ts';
import type { ConnectOptions } from '../../src/stream/connect.ts';

/** A clock for one connection and the local Stream behind it. */
export interface VirtualClock extends Clock {
  /** Must hear of every request: while one is under way, time stands still. */
  readonly onRequest: NonNullable<ConnectOptions['onRequest']>;
}

/**
 * Time that nobody waits for: it jumps to the next timer once nothing else is left to do. Requests take no time, so
 * what it shows is what waiting costs, and two runs show the same.
 */
export function virtualClock(start = Date.UTC(2026, 0, 1)): VirtualClock {
  let now = start;
  let underWay = 0;
  let isDue = false;
  const timers = new Set<{ readonly at: number; readonly wake: () => void }>();

  /** By the next turn of the event loop, everything that follows from an answer or a timer has happened. */
  function jumpSoon(): void {
    if (isDue || underWay > 0 || timers.size === 0) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      if (underWay > 0 || timers.size === 0) return;
      now = Math.max(now, Math.min(...[...timers].map(({ at }) => at)));
      for (const timer of timers) if (timer.at <= now) timer.wake();
      jumpSoon();
    });
  }

  return {
    now: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const wake = (): void => {
          timers.delete(timer);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = { at: now + milliseconds, wake };
        timers.add(timer);
        signal?.addEventListener('abort', wake);
        jumpSoon();
      }),
    onRequest: ({ type }) => {
      if (type === 'sent') underWay += 1;
      if (type === 'answered') underWay -= 1;
      jumpSoon();
    },
  };
}
