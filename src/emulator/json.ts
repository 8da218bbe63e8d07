/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object as it came over the wire; keys are whatever the sender chose. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for a JSON object, false for an array and for null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Structural equality of two JSON values; the order of keys does not count, the order of items does. */
export function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item: Json, index) => sameJson(item, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]))
  );
}

/** A copy without the named keys. */
export function without(object: JsonObject, keys: ReadonlySet<string>): Record<string, Json> {
  const copy: Record<string, Json> = {};
  for (const [key, value] of Object.entries(object)) if (!keys.has(key)) copy[key] = value;
  return copy;
}

/** A deep copy with the keys of every object in alphabetical order; Maps become objects and Sets sorted lists. */
export function sortedCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedCopy);
  if (value instanceof Map) return sortedCopy(Object.fromEntries(value));
  if (value instanceof Set) return [...value].sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, item]) => [key, sortedCopy(item)]),
  );
}
