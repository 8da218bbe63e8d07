import { isUnset, type SetChange } from '../model/schema.ts';

/** A set in normal form: one key an element, so that order and repetition cannot differ. */
export type SetForm = Readonly<Record<string, true>>;

/** The normal form of a list of elements; what is not a text is left out. */
export function setForm(elements: unknown): SetForm {
  const set: Record<string, true> = emptyMap();
  if (Array.isArray(elements)) {
    for (const element of elements) if (typeof element === 'string') set[element] = true;
  }
  return set;
}

/** The elements as Stream wants them: a list, in code-unit order. */
export function listOf(set: Readonly<Record<string, unknown>> | undefined): string[] {
  return Object.keys(set ?? {}).toSorted();
}

/** True for `{add, remove}`. */
export function isSetChange(declared: unknown): declared is SetChange {
  return typeof declared === 'object' && declared !== null && !Array.isArray(declared) && !isUnset(declared);
}

/** What a declaration makes of a live set: the whole list, or the live elements with some added and removed. */
export function changedSet(declared: readonly string[] | SetChange, live: SetForm | undefined): SetForm {
  if (!isSetChange(declared)) return setForm(declared);
  const set: Record<string, true> = Object.assign(emptyMap<true>(), live);
  for (const element of declared.add ?? []) set[element] = true;
  for (const element of declared.remove ?? []) delete set[element];
  return set;
}

/** The elements that a declaration names as wanted. */
export function namedElements(declared: readonly string[] | SetChange): readonly string[] {
  return isSetChange(declared) ? (declared.add ?? []) : declared;
}

/** A map without a prototype, so that `__proto__` is a name like any other. */
export function emptyMap<V>(): Record<string, V> {
  return Object.create(null) as Record<string, V>;
}
