import type { Step } from '../model/step.ts';

/** Cuts items into groups of at most this size, in order. */
export function inGroups<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const groups: T[][] = [];
  for (let start = 0; start < items.length; start += size) groups.push(items.slice(start, start + size));
  return groups;
}

/** One step for each group of items; a group that Stream refuses is halved until the guilty item stands alone. */
export function batched<T>(items: readonly T[], size: number, step: (group: readonly T[]) => Step): readonly Step[] {
  const whole = (group: readonly T[]): Step => {
    const made = step(group);
    if (group.length === 1) return made;
    return { ...made, split: () => inGroups(group, Math.ceil(group.length / 2)).map(whole) };
  };
  return inGroups(items, size).map(whole);
}
