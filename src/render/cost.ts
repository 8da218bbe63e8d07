import type { Plan } from '../model/plan.ts';
import type { ReportCost } from '../model/report.ts';
import { operations, type OperationName } from '../model/stream.ts';

/** What a plan's steps cost under the app's own limits, or Stream's defaults where the app tells none. */
export function costOf({ estimate, limits, steps }: Pick<Plan, 'estimate' | 'limits' | 'steps'>): ReportCost {
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
  return {
    writes: writes.reduce((sum, count) => sum + count.requests, 0),
    seconds: estimate.seconds,
    operations: counts,
    limits: names.some((name) => limits.has(name)) ? 'app' : 'defaults',
  };
}
