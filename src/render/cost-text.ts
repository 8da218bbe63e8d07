import type { PlanReport } from '../model/report.ts';
import { visible } from './escape.ts';
import { counted, grouped } from './words.ts';

/** What an apply costs, in words. */
export interface CostTexts {
  readonly lead: string;
  /** `2 × UpdateChannelType (60/min)`, one for each operation. */
  readonly operations: readonly string[];
}

/** The cost of what a report plans; none when nothing would be written. */
export function costTexts({ cost, changes }: PlanReport, name = visible): CostTexts | undefined {
  if (cost === undefined || cost.writes === 0 || changes.length === 0) return undefined;
  const time = cost.seconds < 120 ? `${cost.seconds} s` : `${Math.ceil(cost.seconds / 60)} min`;
  return {
    lead: `${counted(cost.writes, 'write')}, about ${time} under ${cost.limits === 'app' ? "this app's" : "Stream's default"} limits:`,
    operations: cost.operations.map(({ operation, requests, per_minute: limit }) => {
      const times = requests === 1 ? '' : `${grouped(requests)} × `;
      return `${times}${name(operation)} (${grouped(limit)}/min)`;
    }),
  };
}
