import { inputError } from './errors.ts';
import { type Json, type JsonObject, isObject } from './json.ts';

/** What a partial update asks for: values by dotted key, and the dotted keys to remove. */
export interface PartialUpdate {
  readonly set: JsonObject;
  readonly unset: readonly string[];
}

/** Reads `set` and `unset`; throws 400/4 for keys that the real service cannot address. */
export function partialUpdate(body: JsonObject): PartialUpdate {
  const { set = {}, unset = [] } = body;
  if (set !== null && !isObject(set)) throw inputError('set must be an object');
  if (unset !== null && !(Array.isArray(unset) && unset.every((key) => typeof key === 'string'))) {
    throw inputError('unset must be a list of strings');
  }
  const update = { set: set ?? {}, unset: (unset ?? []) as readonly string[] };
  for (const key of [...Object.keys(update.set), ...update.unset]) {
    if (key === '' || key.includes('..') || key.startsWith('.') || key.endsWith('.') || /\s/.test(key)) {
      throw inputError(`key "${key}" is not a valid field path`);
    }
    if (key.split('.').includes('__proto__')) throw inputError(`key "${key}" is not a valid field path`);
  }
  return update;
}

/** The part before the first dot. */
export function firstPart(key: string): string {
  return key.split('.', 1)[0] ?? key;
}

/** A copy with the value at the dotted key; whatever is no object on the way there becomes one. */
export function withPath(object: JsonObject, key: string, value: Json): JsonObject {
  const [first = '', ...rest] = key.split('.');
  if (rest.length === 0) return { ...object, [first]: value };
  const inner = object[first];
  return { ...object, [first]: withPath(isObject(inner) ? inner : {}, rest.join('.'), value) };
}

/** A copy without the dotted key; a missing one is no error. */
export function withoutPath(object: JsonObject, key: string): JsonObject {
  const [first = '', ...rest] = key.split('.');
  const { [first]: inner, ...others } = object;
  if (inner === undefined) return object;
  if (rest.length === 0) return others;
  return isObject(inner) ? { ...object, [first]: withoutPath(inner, rest.join('.')) } : object;
}

/** The value at the dotted key, or undefined. */
export function atPath(object: JsonObject, key: string): Json | undefined {
  if (Object.hasOwn(object, key)) return object[key];
  let value: Json | undefined = object;
  for (const part of key.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}
