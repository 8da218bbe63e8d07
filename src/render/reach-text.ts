import type { ReportChange } from '../model/report.ts';
import { grouped } from './words.ts';

type Reach = NonNullable<ReportChange['reach']>;

/** How much of the end users' world these changes touch: `touches 1,000+ channels, 340 members`; empty if unknown. */
export function reachText(changes: readonly Pick<ReportChange, 'reach'>[]): string {
  const parts = (['channels', 'members'] as const).flatMap((what) => boundedText(changes, what));
  return parts.length === 0 ? '' : `touches ${parts.join(', ')}`;
}

function boundedText(
  changes: readonly Pick<ReportChange, 'reach'>[],
  what: 'channels' | 'members',
): readonly string[] {
  const known: readonly NonNullable<Reach[typeof what]>[] = changes.flatMap(
    ({ reach }) => reach?.[what] ?? [],
  );
  if (known.length === 0) return [];
  const count = known.reduce((sum, one) => sum + one.count, 0);
  // Where nobody counted there may be more as well.
  const more = known.length < changes.length || known.some((one) => one.more);
  return [`${grouped(count)}${more ? '+' : ''} ${count === 1 && !more ? what.slice(0, -1) : what}`];
}
