/** True for values that are the same but for the order of keys, which means nothing. */
export function sameValue(one: unknown, two: unknown): boolean {
  if (one === two) return true;
  if (typeof one !== 'object' || typeof two !== 'object' || one === null || two === null) return false;
  if (Array.isArray(one) || Array.isArray(two)) {
    if (!Array.isArray(one) || !Array.isArray(two) || one.length !== two.length) return false;
    return one.every((item, index) => sameValue(item, two[index]));
  }
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(two).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(two, key) &&
      sameValue((one as Record<string, unknown>)[key], (two as Record<string, unknown>)[key]),
  );
}
