import type { Delete, Use } from '../model/change.ts';

/** Ids that a message names. */
const SHOWN = 5;

/** What still uses an object once the plan is applied: those that no change of it clears. */
export function leftOf(
  { inUse }: Pick<Delete<unknown, unknown>, 'inUse'>,
  cleared: ReadonlySet<string>,
): Use {
  return { ids: (inUse?.ids ?? []).filter((id) => !cleared.has(id)), more: inUse?.more ?? false };
}

/** True when something is left, or may be. */
export function isLeft({ ids, more }: Use): boolean {
  return ids.length > 0 || more;
}

/** `2 users`, `at least 300 channels`; where only what was not asked for is left, it is `other users`. */
export function countOf({ ids, more }: Use, noun: string): string {
  if (ids.length === 0) return `other ${noun}s`;
  return `${more ? 'at least ' : ''}${ids.length} ${noun}${ids.length === 1 ? '' : 's'}`;
}

/** A few of them by name, after a colon, and how many others there are. */
export function namesOf({ ids, more }: Use): string {
  if (ids.length === 0) return '';
  const rest = ids.length - SHOWN;
  const others = rest > 0 ? [`${rest}${more ? ' or more' : ' more'}`] : more ? ['more'] : [];
  return `: ${[...ids.slice(0, SHOWN), ...others].join(', ')}`;
}
