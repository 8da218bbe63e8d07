import { isUnset, type Unset } from '../model/schema.ts';
import { emptyMap } from './sets.ts';

/** A plain tree: what normal forms are made of. */
export type Tree = Readonly<Record<string, unknown>>;

/**
 * The value that a declaration gives a field whose live value is known. Stream leaves out what is zero or answers it
 * as `""`, `false`, `0` or an empty list, so a declared zero equals an absent live value and leaves it absent.
 */
export function laidOver(declared: unknown, live: unknown, exists: boolean): unknown {
  if (isUnset(declared)) return undefined;
  if (exists && live === undefined && isZero(declared)) return undefined;
  return declared;
}

/** True for the values that Stream uses for "nothing there". */
export function isZero(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** The object itself, when it is one; Stream's answers are checked where they are read. */
export function treeAt(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}

/** The text at a key; Stream's `""` and `null` for an unset text are undefined. */
export function textAt(tree: Tree, key: string): string | undefined {
  const value = tree[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A copy without the keys whose value is undefined; never with a prototype. */
export function defined(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const tree: Record<string, unknown> = emptyMap();
  for (const [key, value] of entries) if (value !== undefined) tree[key] = value;
  return tree;
}

/** Lays declared keys over live ones, each whole; `!unset` removes a key, and what is not declared stays. */
export function mergedKeys(
  declared: Readonly<Record<string, unknown | Unset>>,
  live: Tree | undefined,
): Record<string, unknown> {
  const merged: Record<string, unknown> = Object.assign(emptyMap(), live);
  for (const [key, value] of Object.entries(declared)) {
    if (isUnset(value)) delete merged[key];
    else merged[key] = value;
  }
  return merged;
}

/** Year-one times stand for "never" in Stream's answers; the rest is compared as an instant. */
export function instant(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.startsWith('0001-')) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? value : new Date(time).toISOString();
}

/** True for values that are the same but for the order of keys, which means nothing. */
export function same(one: unknown, two: unknown): boolean {
  return JSON.stringify(inOrder(one)) === JSON.stringify(inOrder(two));
}

/** Objects become lists of their entries by key, in a tree of their own so that no list is taken for one. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return { list: value.map(inOrder) };
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([key, below]) => [key, inOrder(below)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
