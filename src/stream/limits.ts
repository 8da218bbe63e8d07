import { operations, type OperationName } from '../model/stream.ts';
import type { Clock } from './clock.ts';

/**
 * Stream counts requests by operation: so many in a minute, and of these a thirtieth in a second. Each answer tells
 * what is left of the minute. Requests are held back so that they are not refused, and not a moment longer.
 */

/** What is left of an operation's minute. */
export interface Budget {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds since 1970; undefined for a minute that began without an answer yet. */
  readonly resetAt: number | undefined;
}

/** Holds requests back until Stream would accept them. */
export interface Limits {
  /** Resolves with the milliseconds waited once this operation may be sent, or when the signal aborts. */
  admit(operation: OperationName, signal: AbortSignal | undefined): Promise<number>;
  /** Must follow each admission, with the headers of the answer if there was one. */
  done(operation: OperationName, headers: Readonly<Record<string, string>> | undefined): void;
  known(): ReadonlyMap<OperationName, Budget>;
}

/** A budget as the headers of one answer tell it. */
export function budgetIn(headers: Readonly<Record<string, string>>, now: number): Budget | undefined {
  const limit = count(headers['x-ratelimit-limit']);
  const remaining = count(headers['x-ratelimit-remaining']);
  const reset = count(headers['x-ratelimit-reset']);
  if (limit === undefined || remaining === undefined || reset === undefined) return undefined;
  // A minute ends within a minute: what lies further away is a clock that differs.
  return { limit, remaining, resetAt: Math.min(reset * 1000, now + minute) };
}

const minute = 60_000;

interface State {
  underWay: number;
  budget: Budget | undefined;
  /** Whether any answer came; until then nobody knows which limits hold. */
  answered: boolean;
  /** When the requests of the last second were let go. */
  recent: number[];
  waiting: (() => void)[];
}

/** Keeps requests below the app's limits; `onWait` hears of every wait. */
export function createLimits(
  clock: Clock,
  random: () => number,
  onWait: (operation: OperationName, milliseconds: number) => void,
): Limits {
  const states = new Map<OperationName, State>();

  function stateOf(operation: OperationName): State {
    const known = states.get(operation);
    if (known !== undefined) return known;
    const fresh: State = { underWay: 0, budget: undefined, answered: false, recent: [], waiting: [] };
    states.set(operation, fresh);
    return fresh;
  }

  return {
    admit: async (operation, signal) => {
      const state = stateOf(operation);
      const since = clock.now();
      for (;;) {
        const hold = signal?.aborted === true ? 0 : holdFor(operation, state, clock.now());
        if (hold === 0) break;
        if (hold === 'until an answer') {
          await nextAnswer(state, signal);
        } else {
          const milliseconds = Math.ceil(hold * (1 + 0.1 * random()));
          onWait(operation, milliseconds);
          await clock.sleep(milliseconds, signal);
        }
      }
      state.underWay += 1;
      state.recent.push(clock.now());
      return clock.now() - since;
    },
    done: (operation, headers) => {
      const state = stateOf(operation);
      state.underWay -= 1;
      if (headers !== undefined) {
        const told = budgetIn(headers, clock.now());
        state.answered = true;
        state.budget = lower(told, state.budget);
      }
      for (const wake of state.waiting.splice(0)) wake();
    },
    known: () => {
      const entries = [...states].map(([operation, { budget }]) => [operation, budget] as const);
      return new Map(
        entries.filter((entry): entry is readonly [OperationName, Budget] => entry[1] !== undefined),
      );
    },
  };
}

function holdFor(operation: OperationName, state: State, now: number): number | 'until an answer' {
  if (state.budget?.resetAt !== undefined && state.budget.resetAt <= now) {
    state.budget = { limit: state.budget.limit, remaining: state.budget.limit, resetAt: undefined };
  }
  state.recent = state.recent.filter((time) => time > now - 1000);
  const { budget, underWay } = state;
  if (budget === undefined) {
    // An app without limits is not slowed down; one that has not answered is sent what the documented limits allow.
    const first = perSecond(operations[operation].perMinute);
    return state.answered || underWay < first ? 0 : 'until an answer';
  }
  if (budget.remaining - underWay <= 0) {
    if (budget.resetAt !== undefined) return budget.resetAt - now;
    if (underWay > 0) return 'until an answer';
  }
  const oldest = state.recent[0];
  return oldest !== undefined && state.recent.length >= perSecond(budget.limit) ? oldest + 1000 - now : 0;
}

function perSecond(perMinute: number): number {
  return Math.max(1, Math.floor(perMinute / 30));
}

/** Answers overtake each other: of two about the same minute the one with less left is the later one. */
function lower(told: Budget | undefined, before: Budget | undefined): Budget | undefined {
  const sameMinute = told !== undefined && told.resetAt === before?.resetAt;
  return sameMinute && before !== undefined && before.remaining < told.remaining ? before : told;
}

function nextAnswer(state: State, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    state.waiting.push(wake);
    signal?.addEventListener('abort', wake);
  });
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
