import deepDiff from 'deep-diff';
import type { Path } from '../model/address.ts';
import type { Element, FieldChange } from '../model/change.ts';
import { schemaAt, type JsonSchema } from '../model/schema.ts';

type Tree = Readonly<Record<string, unknown>>;

/**
 * What is different between two normal forms of one kind, in code-unit order of the paths. Lists are one value, and
 * so is whatever lies below a key of custom data; sets tell their elements. Sets must be plain objects here, since
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
        paths.set(path.join('\u0000'), path);
    }
  }
  return [...paths.values()].toSorted(byCodeUnits).map((path) => changeAt(path, before, after, schema));
}

/** True where order and repetition mean nothing. */
function isSet(schema: JsonSchema, path: Path): boolean {
  return schemaAt(schema, path)?.['x-streambed-set'] === true;
}

/** The paths to report for one difference: its set, its custom key or its list, or every value below it. */
function leaves(path: Path, before: Tree, after: Tree, schema: JsonSchema): readonly Path[] {
  const whole = path.findIndex((step, index) => index > 0 && path[index - 1] === 'custom');
  const shown = whole === -1 ? path : path.slice(0, whole + 1);
  const set = shown.findIndex((_, index) => isSet(schema, shown.slice(0, index + 1)));
  if (set !== -1) {
    const element = shown.slice(0, set + 2);
    const inBoth =
      shown.length > set + 2 && at(before, element) !== undefined && at(after, element) !== undefined;
    return [inBoth ? shown : shown.slice(0, set + 1)];
  }
  const values = [at(before, shown), at(after, shown)];
  const isTree = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (whole !== -1 || !values.every((value) => value === undefined || isTree(value))) return [shown];
  const below = new Set(values.flatMap((value) => Object.keys(value ?? {})));
  return [...below].flatMap((key) => leaves([...shown, key], before, after, schema));
}

function changeAt(path: Path, before: Tree, after: Tree, schema: JsonSchema): FieldChange {
  const one = at(before, path);
  const two = at(after, path);
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

function at(tree: Tree, path: Path): unknown {
  let here: unknown = tree;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Tree)[step];
  }
  return here;
}

function byCodeUnits(one: Path, two: Path): number {
  const [a, b] = [one.join('\u0000'), two.join('\u0000')];
  return a < b ? -1 : a > b ? 1 : 0;
}
