import type { OperationName } from '../model/stream.ts';
import type { Clock } from './clock.ts';
import { createInFlight } from './in-flight.ts';
import type { Limits } from './limits.ts';

/** Lets each request leave as soon as Stream would take it, in the order in which they were asked for. */
export interface Admission {
  /**
   * Resolves when the request may leave, or when the signal aborts; only in the first case `leave` must follow. Rejects
   * with what `before` throws, which runs once the limits are open.
   */
  enter(
    operation: OperationName,
    signal: AbortSignal | undefined,
    before?: () => Promise<void>,
  ): Promise<'aborted' | 'entered'>;
  /** What became of the request is known by now: whoever waits for the same operation looks again. */
  leave(operation: OperationName): void;
}

/** A wait that a person would not notice is not told. */
const noticed = 100;

/**
 * Requests of one operation wait behind each other, so that one of them watches its limits at a time, and none of them
 * holds up another operation. `onWait` hears of every wait for a limit.
 */
export function createAdmission(
  limits: Limits,
  clock: Clock,
  concurrency: number,
  onWait: (operation: OperationName, milliseconds: number) => void,
): Admission {
  const places = createInFlight(concurrency);
  const turns = new Map<OperationName, ReturnType<typeof createInFlight>>();
  const wakes = new Map<OperationName, () => void>();

  function turnOf(operation: OperationName): ReturnType<typeof createInFlight> {
    const turn = turns.get(operation) ?? createInFlight(1);
    turns.set(operation, turn);
    return turn;
  }

  async function opened(operation: OperationName, signal: AbortSignal | undefined): Promise<void> {
    let told = -Infinity;
    for (;;) {
      if (signal?.aborted === true) return;
      const now = clock.now();
      const opens = limits.opensAt(operation, now);
      if (opens <= now) return;
      const hold = Math.ceil(opens - now);
      if (opens > told && hold >= noticed) onWait(operation, hold);
      told = Math.max(told, opens);
      await watched(operation, (watch) => clock.sleep(hold, watch), signal);
    }
  }

  /** A wait that ends early when the run is stopped or something new is known of the operation. */
  async function watched(
    operation: OperationName,
    wait: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const watch = new AbortController();
    const wake = (): void => watch.abort();
    wakes.set(operation, wake);
    signal?.addEventListener('abort', wake);
    await wait(watch.signal);
    signal?.removeEventListener('abort', wake);
    wakes.delete(operation);
  }

  async function admitted(
    operation: OperationName,
    signal: AbortSignal | undefined,
    before: (() => Promise<void>) | undefined,
  ): Promise<'aborted' | 'entered'> {
    for (;;) {
      await opened(operation, signal);
      await before?.();
      if ((await places.enter(signal)) === 'aborted') return 'aborted';
      if (signal?.aborted !== true && limits.opensAt(operation, clock.now()) <= clock.now()) return 'entered';
      // While it waited for a place the operation was closed again.
      places.leave();
      if (signal?.aborted === true) return 'aborted';
    }
  }

  return {
    enter: async (operation, signal, before) => {
      const turn = turnOf(operation);
      if ((await turn.enter(signal)) === 'aborted') return 'aborted';
      try {
        const outcome = await admitted(operation, signal, before);
        if (outcome === 'entered') limits.sent(operation, clock.now());
        return outcome;
      } finally {
        turn.leave();
      }
    },
    leave: (operation) => {
      places.leave();
      wakes.get(operation)?.();
    },
  };
}
