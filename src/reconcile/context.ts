import type { Address } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import type { Reach } from '../model/danger.ts';
import { grouped } from '../model/grouped.ts';
import type { Registry } from '../model/kind.ts';
import type { Plan } from '../model/plan.ts';
import type { ReadStream } from '../model/stream.ts';
import { appLimits } from './app-limits.ts';

/** What helps to read a plan, and decides nothing. */
export type Context = Pick<Plan, 'limits' | 'reach'>;

/** For a plan that changes nothing, or that nobody reads. */
export const noContext: Context = { limits: new Map(), reach: new Map() };

/** How much the changes touch, and the app's own limits; nothing is asked when nothing changes. */
export async function contextOf(
  changes: readonly Change[],
  registry: Registry,
  stream: ReadStream,
): Promise<Context> {
  const byKind = grouped(
    changes.filter(({ action }) => action !== 'keep'),
    ({ kind }) => kind,
  );
  if (byKind.size === 0) return noContext;
  const [limits, ...reaches] = await Promise.all([
    appLimits(stream),
    ...registry.kinds.map(async (kind): Promise<ReadonlyMap<Address, Reach>> => {
      const ours = byKind.get(kind.name);
      if (ours === undefined || kind.reach === undefined) return new Map();
      return kind.reach(stream, ours);
    }),
  ]);
  return { limits, reach: new Map(reaches.flatMap((reach) => [...reach])) };
}
