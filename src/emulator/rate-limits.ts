import { fieldError } from './errors.ts';
import type { Route } from './router.ts';

/** How many calls of an operation one platform may make in a minute. */
export type RateLimits = 'documented' | 'none' | Readonly<Record<string, number>>;

/** What one request was told about its operation's limit. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** Unix seconds at which the window ends. */
  readonly reset: number;
  readonly allowed: boolean;
}

/** Counts calls per operation and platform in windows of one minute, aligned to the clock. */
export interface RateLimiter {
  /** Counts one call. */
  take(platform: string, operation: string): Allowance;
  /** Tells without counting. */
  look(platform: string, operation: string): Allowance;
  /** Operations that have a number, and those that were called. */
  operations(): readonly string[];
}

const documented: Readonly<Record<string, number>> = {
  ...perMinute(
    10_000,
    'Connect GetOrCreateChannel GetOrCreateDistinctChannel GetApp QueryChannels MarkRead SendEvent',
  ),
  ...perMinute(
    1_000,
    'QueryUsers SendMessage GetMessage UpdateMessage DeleteMessage GetReplies CreateGuest StopWatching StopWatchingChannel',
  ),
  ...perMinute(
    300,
    'QueryMembers UpdateChannel UpdateUsers UpdateUsersPartial HideChannel ShowChannel Search',
  ),
  ...perMinute(
    60,
    'CreateChannelType GetChannelType ListChannelTypes UpdateChannelType DeleteChannelType UpdateApp DeleteChannel ' +
      'DeleteUser DeactivateUser ReactivateUser TruncateChannel CheckPush',
  ),
};
const undocumentedLimit = 60;
const noLimit = 1_000_000;
const windowSeconds = 60;
/** The real service allows a thirtieth of the minute's number in each second. */
const secondsPart = 30;

/** A limiter with the documented numbers, none, or the given ones over the documented ones. */
export function createRateLimiter(limits: RateLimits, perSecond: boolean, now: () => number): RateLimiter {
  const minutes = new Map<string, { start: number; used: number }>();
  const seconds = new Map<string, { start: number; used: number }>();
  const called = new Set<string>();

  const limitOf = (operation: string): number => {
    if (limits === 'none') return noLimit;
    const given =
      limits === 'documented' || !Object.hasOwn(limits, operation) ? undefined : limits[operation];
    return given ?? documented[operation] ?? undocumentedLimit;
  };

  const windowOf = (windows: typeof minutes, key: string, start: number): { start: number; used: number } => {
    let found = windows.get(key);
    if (found === undefined || found.start !== start) {
      found = { start, used: 0 };
      windows.set(key, found);
    }
    return found;
  };

  const ask = (platform: string, operation: string, count: number): Allowance => {
    const second = Math.floor(now() / 1000);
    const start = second - (second % windowSeconds);
    const key = `${platform} ${operation}`;
    const limit = limitOf(operation);
    const minute = windowOf(minutes, key, start);
    const current = windowOf(seconds, key, second);
    const inMinute = minute.used + count <= limit;
    const inSecond = !perSecond || current.used + count <= Math.max(1, Math.floor(limit / secondsPart));
    const allowed = inMinute && inSecond;
    if (allowed) {
      minute.used += count;
      current.used += count;
    }
    return {
      limit,
      remaining: limits === 'none' ? limit : Math.max(0, limit - minute.used),
      reset: inMinute && !inSecond ? second + 1 : start + windowSeconds,
      allowed,
    };
  };

  return {
    take(platform, operation) {
      called.add(operation);
      return ask(platform, operation, 1);
    },
    look: (platform, operation) => ask(platform, operation, 0),
    operations: () => [...new Set([...Object.keys(documented), ...called])].sort(),
  };
}

const platforms = { server_side: 'server', web: 'web', android: 'android', ios: 'ios' } as const;

/** `GET /rate_limits`: the numbers of the asked platforms, or of all when none is named. */
export function rateLimitRoutes(limiter: RateLimiter): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/rate_limits',
      operation: 'GetRateLimits',
      access: 'server',
      answer: ({ query }) => {
        const named = Object.keys(platforms).filter((key) => query[key] === 'true');
        const wanted = named.length === 0 ? Object.keys(platforms) : named;
        const listed = query['endpoints'] ?? '';
        const operations = listed === '' ? limiter.operations() : listed.split(',');
        if (operations.some((operation) => !/^\w+$/.test(operation)))
          throw fieldError('endpoints', 'is invalid');
        return Object.fromEntries(
          Object.entries(platforms)
            .filter(([key]) => wanted.includes(key))
            .map(([key, platform]) => [
              key,
              Object.fromEntries(operations.map((one) => [one, numbers(platform, one)])),
            ]),
        );
      },
    },
  ];

  function numbers(platform: string, operation: string): object {
    const { limit, remaining, reset } = limiter.look(platform, operation);
    return { limit, remaining, reset };
  }
}

function perMinute(limit: number, operations: string): Readonly<Record<string, number>> {
  return Object.fromEntries(operations.split(' ').map((operation) => [operation, limit]));
}
