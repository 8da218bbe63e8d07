import type { PlanReport, ReportDanger } from '../model/report.ts';
import { needsALook, spokenDangers, urgencyOf } from './danger-text.ts';
import { losingOf, rankOf, weightOf, type Losing } from './losing.ts';
import { counted, grouped } from './words.ts';

/** One thing that nobody may overlook: something of value that goes, or a danger that nobody accepted. */
export type Harm =
  | { readonly losing: Losing; readonly danger?: never }
  | { readonly danger: ReportDanger; readonly losing?: never };

/** The most harmful first: changed rules, dangers that block, what cannot be restored, other dangers, and what can be. */
export function harmsOf(report: PlanReport): readonly Harm[] {
  const dangers = spokenDangers(report)
    .filter(needsALook)
    .map((danger) => ({ danger, rank: urgencyOf(danger) < 2 ? urgencyOf(danger) - 1 : 5 }));
  const losing = losingOf(report).map((one) => ({ losing: one, rank: rankOf(one) }));
  return [...dangers, ...losing].toSorted((one, other) => one.rank - other.rank);
}

/** How many things of value go, and how many dangers there are. */
export interface HarmCount {
  readonly losses: number;
  readonly dangers: number;
}

/** How many of each these are. */
export function harmCount(harms: readonly Harm[]): HarmCount {
  const losses = harms.reduce((sum, { losing }) => sum + (losing === undefined ? 0 : weightOf(losing)), 0);
  return { losses, dangers: harms.filter(({ danger }) => danger !== undefined).length };
}

/** `2 more losses and 1 more danger`; empty for none. */
export function moreHarms({ losses, dangers }: HarmCount): string {
  return [
    ...(losses === 0 ? [] : [`${grouped(losses)} more ${losses === 1 ? 'loss' : 'losses'}`]),
    ...(dangers === 0 ? [] : [counted(dangers, 'more danger')]),
  ].join(' and ');
}
