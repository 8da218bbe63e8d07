import { operations, type Answer, type OperationName } from '../model/stream.ts';
import { shareOf } from '../model/quota.ts';

/**
 * Stream counts requests by operation and platform, in minutes that end when it says so, and of a minute's limit it
 * takes a thirtieth in any second. All servers of an app count as one platform, so what we take the live application
 * lacks. The rule: of a limit L we leave a reserve of L − L × quota. A request goes when more than the reserve would be
 * left of the minute, counting as used whatever is on its way, and not sooner after the one before than our share of
 * the second allows. What is left tells what others used as well, so a busy application makes us stop earlier: while
 * we run, the reserve is there for it in every minute. A new minute is taken to be untouched until an answer says
 * otherwise, so every minute lets at least one request go, and nobody starves.
 *
 * What is known comes from `GET /rate_limits`, from the headers of every answer, and for an operation that has not
 * been answered yet from Stream's documentation. An app whose answers tell no limits is not held back.
 */

/** What is left of an operation's minute. */
export interface Budget {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds since 1970. */
  readonly resetAt: number;
}

/** What one answer says of its operation's limit. */
export interface Told {
  readonly headers: Readonly<Record<string, string>>;
  /** True for HTTP 429. */
  readonly refused: boolean;
}

/** Knows when Stream takes the next request of each operation. */
export interface Limits {
  /** The moment from which it may be sent, for all that is known at this one. */
  opensAt(operation: OperationName, now: number): number;
  /** Counts a request that leaves; `done` must follow. */
  sent(operation: OperationName, now: number): void;
  /** Counts a request that ended, with its answer if there was one. */
  done(operation: OperationName, now: number, told: Told | undefined): void;
  /** Learns from an answer to GetRateLimits. */
  learn(answer: Answer, now: number): void;
  known(): ReadonlyMap<OperationName, Budget>;
}

const minute = 60_000;
const second = 1000;
/** Longer than a minute is asked for by budgets of other kinds, and nobody waits for ever. */
const longestWait = 2 * minute;
/** A timer that wakes late by no more than this is made up for, so that the pace is kept. */
const lateness = 20;
/** Where requests may be closer to each other than this, timers would only slow them down. */
const finestPace = 1;
/** Whoever waits for the same reset comes back a little after it, and not all at once. */
const longestStagger = 200;

interface State {
  budget: Budget | undefined;
  /** Whether any answer came; until then the documented limit holds. */
  answered: boolean;
  underWay: number;
  /** When the last one was due. */
  lastDue: number;
  /** Until when Stream refuses. */
  refusedUntil: number;
}

/** Limits of which nothing is known yet; of each, only this share is used. */
export function createLimits(quota: number, random: () => number): Limits {
  const states = new Map<OperationName, State>();
  const stagger = Math.floor(random() * longestStagger);

  function stateOf(operation: OperationName, now: number): State {
    const known = states.get(operation);
    const state = known ?? {
      budget: undefined,
      answered: false,
      underWay: 0,
      lastDue: -Infinity,
      refusedUntil: -Infinity,
    };
    state.budget = rolled(state.budget, now);
    states.set(operation, state);
    return state;
  }

  function dueNext(operation: OperationName, { answered, budget, lastDue }: State): number {
    if (budget === undefined && answered) return -Infinity;
    const { apartMs } = shareOf(budget?.limit ?? operations[operation].perMinute, quota);
    return apartMs < finestPace ? -Infinity : lastDue + apartMs;
  }

  return {
    opensAt: (operation, now) => {
      const state = stateOf(operation, now);
      const { budget, refusedUntil, underWay } = state;
      const refused = refusedUntil > now ? refusedUntil + stagger : now;
      const isUsedUp = budget !== undefined && budget.remaining - underWay <= reserveOf(budget, quota);
      const usedUp = isUsedUp ? budget.resetAt + stagger : now;
      return Math.max(refused, usedUp, dueNext(operation, state));
    },
    sent: (operation, now) => {
      const state = stateOf(operation, now);
      const due = dueNext(operation, state);
      state.underWay += 1;
      state.lastDue = now - due <= lateness ? due : now;
    },
    done: (operation, now, told) => {
      const state = stateOf(operation, now);
      state.underWay -= 1;
      if (told === undefined) return;
      const budget = budgetIn(told.headers, now);
      if (told.refused) {
        const until = opensAgain(told.headers, budget, state.budget, now);
        state.refusedUntil = Math.max(state.refusedUntil, until);
        // With something left of the minute it was the second that was used up, and the reset may be the second's.
        if (budget === undefined || budget.remaining > 0) return;
      }
      state.answered = true;
      state.budget = newer(budget, state.budget, now);
    },
    learn: (answer, now) => {
      for (const [operation, budget] of budgetsIn(answer, now)) {
        const state = stateOf(operation, now);
        state.answered = true;
        state.budget = newer(budget, state.budget, now);
      }
    },
    known: () =>
      new Map([...states].flatMap(([name, { budget }]) => (budget === undefined ? [] : [[name, budget]]))),
  };
}

function reserveOf({ limit }: Budget, quota: number): number {
  return limit - shareOf(limit, quota).perMinute;
}

/** As the answer says, else when the minute ends as far as that is known, else when it must have ended. */
function opensAgain(
  headers: Told['headers'],
  told: Budget | undefined,
  known: Budget | undefined,
  now: number,
): number {
  const after = retryAfter(headers['retry-after'], now);
  if (after !== undefined) return now + Math.min(Math.max(after, second), longestWait);
  const reset = told !== undefined && told.resetAt > now ? told.resetAt : undefined;
  if (told !== undefined && told.remaining > 0) return Math.min(reset ?? Infinity, now + second);
  return reset ?? known?.resetAt ?? now + minute;
}

/** Milliseconds, from either of the two forms that HTTP has: seconds, or a date. */
function retryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text) * second;
  const date = /^[A-Z][a-z]{2,8},? .+ GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : date - now;
}

/** A minute that is over is followed by another, which nobody has used yet for all that is known. */
function rolled(budget: Budget | undefined, now: number): Budget | undefined {
  if (budget === undefined || budget.resetAt > now) return budget;
  const { limit, resetAt } = budget;
  const minutes = Math.floor((now - resetAt) / minute) + 1;
  return { limit, remaining: limit, resetAt: resetAt + minutes * minute };
}

/** Answers overtake each other: of two about the same minute the one with less left is the later one. */
function newer(told: Budget | undefined, before: Budget | undefined, now: number): Budget | undefined {
  if (told === undefined) return before;
  if (told.resetAt <= now) return before ?? rolled(told, now);
  return told.resetAt === before?.resetAt && before.remaining < told.remaining ? before : told;
}

function budgetIn(headers: Told['headers'], now: number): Budget | undefined {
  return budgetOf(
    count(headers['x-ratelimit-limit']),
    count(headers['x-ratelimit-remaining']),
    count(headers['x-ratelimit-reset']),
    now,
  );
}

/** What GetRateLimits tells of the operations that are ours; what it calls server side is our platform. */
function budgetsIn(answer: Answer, now: number): readonly (readonly [OperationName, Budget])[] {
  const told = answer['server_side'];
  if (typeof told !== 'object' || told === null) return [];
  return Object.entries(told).flatMap(([name, value]) => {
    if (!isOurs(name) || typeof value !== 'object' || value === null) return [];
    const { limit, remaining, reset } = value as Readonly<Record<string, unknown>>;
    const budget = budgetOf(count(limit), count(remaining), count(reset), now);
    return budget === undefined ? [] : [[name, budget] as const];
  });
}

function isOurs(name: string): name is OperationName {
  return Object.hasOwn(operations, name);
}

function budgetOf(
  limit: number | undefined,
  remaining: number | undefined,
  reset: number | undefined,
  now: number,
): Budget | undefined {
  if (limit === undefined || limit === 0 || remaining === undefined || reset === undefined) return undefined;
  // A minute ends within a minute: what lies further away is a clock that differs.
  return { limit, remaining, resetAt: Math.min(reset * second, now + minute) };
}

function count(value: unknown): number | undefined {
  return /^\d{1,15}$/.test(String(value)) ? Number(value) : undefined;
}
