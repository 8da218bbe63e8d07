import deepDiff from 'deep-diff';
import { pathKey, valueAt, type Path } from '../model/address.ts';
import type { Element, FieldChange } from '../model/change.ts';
import { schemaAt, type JsonSchema } from '../model/schema.ts';

type Tree = Readonly<Record<string, unknown>>;

/**
 * What is different between two normal forms of one kind, in code-unit order of the paths. Lists are one value, and
 * so is whatever lies below a key of an opaque map; sets tell their elements. Sets must be plain objects here, since
 * deep-diff calls any two Sets equal.
 */
export function diff(live: object, desired: object, schema: JsonSchema): readonly FieldChange[] {
  const before = live as Tree;
  const after = desired as Tree;
  const paths = new Map<string, Path>();
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    // What was not declared is the very same value in both, and needs no look inside.
    if (before[key] === after[key]) continue;
    for (const found of deepDiff.diff({ [key]: before[key] }, { [key]: after[key] }) ?? []) {
      for (const path of leaves((found.path ?? []).map(String), before, after, schema))
        paths.set(pathKey(path), path);
    }
  }
  return [...paths.values()].toSorted(byCodeUnits).map((path) => changeAt(path, before, after, schema));
}

/** True where order and repetition mean nothing. */
function isSet(schema: JsonSchema, path: Path): boolean {
  return schemaAt(schema, path)?.['x-streambed-set'] === true;
}

/** The paths to report for one difference: its set, its opaque value or its list, or every value below it. */
function leaves(path: Path, before: Tree, after: Tree, schema: JsonSchema): readonly Path[] {
  for (let length = 1; length < path.length; length++) {
    const here = schemaAt(schema, path.slice(0, length));
    if (here?.['x-streambed-opaque'] === true) return [path.slice(0, length + 1)];
    if (here?.['x-streambed-set'] !== true) continue;
    const element = path.slice(0, length + 1);
    const inBoth = valueAt(before, element) !== undefined && valueAt(after, element) !== undefined;
    if (!inBoth || path.length === length + 1) return [path.slice(0, length)];
  }
  const values = [valueAt(before, path), valueAt(after, path)];
  const isTree = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isSet(schema, path) || !values.every((value) => value === undefined || isTree(value))) return [path];
  const below = new Set(values.flatMap((value) => Object.keys(value ?? {})));
  return [...below].flatMap((key) => leaves([...path, key], before, after, schema));
}

function changeAt(path: Path, before: Tree, after: Tree, schema: JsonSchema): FieldChange {
  const one = valueAt(before, path);
  const two = valueAt(after, path);
  // A word such as `all` can stand in a set's place.
  const words = typeof one === 'string' || typeof two === 'string';
  if (isSet(schema, path) && !words) return elementsAt(path, one, two);
  if (isSet(schema, path)) return { op: 'set', path, before: wordOrList(one), after: wordOrList(two) };
  if (one === undefined) return { op: 'add', path, after: two };
  if (two === undefined) return { op: 'remove', path, before: one };
  return { op: 'set', path, before: one, after: two };
}

function elementsAt(path: Path, before: unknown, after: unknown): FieldChange {
  const one = (before ?? {}) as Tree;
  const two = (after ?? {}) as Tree;
  return {
    op: 'elements',
    path,
    added: elements(two, one),
    removed: elements(one, two),
    before: Object.keys(one).length,
    after: Object.keys(two).length,
  };
}

function wordOrList(value: unknown): unknown {
  return typeof value === 'string' ? value : Object.keys(value ?? {}).toSorted();
}

function elements(of: Tree, without: Tree): readonly Element[] {
  return Object.keys(of)
    .filter((name) => !Object.hasOwn(without, name))
    .toSorted()
    .map((name) => (of[name] === true ? { name } : { name, value: of[name] }));
}

function byCodeUnits(one: Path, two: Path): number {
  const [a, b] = [pathKey(one), pathKey(two)];
  return a < b ? -1 : a > b ? 1 : 0;
}
