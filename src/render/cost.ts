import type { ReportCost } from '../model/report.ts';
import type { Step } from '../model/step.ts';
import { operations, type OperationName } from '../model/stream.ts';

/**
 * What these steps cost under the app's own limits, or Stream's defaults where the app tells none. Requests of one operation wait for each other, as many a minute
 * as its limit and a thirtieth of it a second; different operations run side by side, so the slowest one counts.
 */
export function costOf(
  steps: readonly Step[],
  limits: ReadonlyMap<OperationName, number> = new Map(),
): ReportCost {
  const requests = new Map<OperationName, number>();
  for (const name of steps.flatMap((step) => step.requests))
    requests.set(name, (requests.get(name) ?? 0) + 1);
  const names = [...requests.keys()].sort();
  const counts = names.map((name) => ({
    operation: name,
    requests: requests.get(name) ?? 0,
    per_minute: limits.get(name) ?? operations[name].perMinute,
  }));
  const writes = counts.filter(({ operation }) => operations[operation].effect === 'write');
  const seconds = Math.max(0, ...counts.map((count) => secondsFor(count.requests, count.per_minute)));
  return {
    writes: writes.reduce((sum, count) => sum + count.requests, 0),
    seconds: counts.length === 0 ? 0 : Math.max(1, Math.ceil(seconds)),
    operations: counts,
    limits: names.some((name) => limits.has(name)) ? 'app' : 'defaults',
  };
}

function secondsFor(requests: number, perMinute: number): number {
  const earlier = requests - 1;
  return Math.floor(earlier / perMinute) * 60 + (earlier % perMinute) / (perMinute / 30);
}
