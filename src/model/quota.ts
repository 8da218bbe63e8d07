/** The share of Stream's limits that a run takes unless it is told otherwise: the rest is the live application's. */
export const usualQuota = 0.8;

/** What a share of one operation's limit comes to. */
export interface Share {
  readonly perMinute: number;
  /** Milliseconds from one request to the next. */
  readonly apartMs: number;
}

/** Timers and networks are not exact, so the last hundredth of a second's limit is never aimed at. */
const mostOfSecond = 0.99;

/**
 * The share of a limit, which Stream gives by the minute: in any second it takes a thirtieth of it, in whole requests.
 * A share of that thirtieth may be less than one, so requests are spread evenly instead of counted by the second.
 */
export function shareOf(limit: number, quota: number): Share {
  const perSecond = limit < 30 ? limit / 30 : Math.floor(limit / 30);
  return {
    perMinute: Math.max(1, Math.floor(limit * quota)),
    apartMs: 1000 / (perSecond * Math.min(quota, mostOfSecond)),
  };
}
