import type { Step } from '../model/step.ts';

/** Cuts items into groups of at most this size, in order; texts also into groups of at most that many characters. */
export function inGroups<T>(
  items: readonly T[],
  size: number,
  characters = Infinity,
): readonly (readonly T[])[] {
  const groups: T[][] = [];
  let room = 0;
  for (const item of items) {
    const length = typeof item === 'string' ? item.length : 0;
    const group = groups.at(-1);
    if (group === undefined || group.length >= size || length > room) {
      groups.push([item]);
      room = characters - length;
    } else {
      group.push(item);
      room -= length;
    }
  }
  return groups;
}

/** One step for each group of items; a group that Stream refuses is halved until the guilty item stands alone. */
export function batched<T>(
  items: readonly T[],
  size: number,
  step: (group: readonly T[]) => Step,
): readonly Step[] {
  const whole = (group: readonly T[]): Step => {
    const made = step(group);
    if (group.length === 1) return made;
    return { ...made, split: () => inGroups(group, Math.ceil(group.length / 2)).map(whole) };
  };
  return inGroups(items, size).map(whole);
}
