import { pathText, valueAt, type Path } from '../model/address.ts';
import { valueAfter, valueBefore, type FieldChange } from '../model/change.ts';
import type { Diagnostic, Result } from '../model/diagnostic.ts';
import type { Kind, World } from '../model/kind.ts';
import type { Removal, Resource, Undo } from '../model/resource.ts';
import { schemaAt } from '../model/schema.ts';
import { cannotBeCleared } from './irreversible.ts';
import { sameValue } from './same-value.ts';

type Tree = Readonly<Record<string, unknown>>;
type Elements = Extract<FieldChange, { readonly op: 'elements' }>;

/**
 * The way back, value by value: what an apply changed gets its earlier value again, only where live still is what the
 * apply left. Where somebody changed it since, it stays and is told as a conflict; nothing else is touched.
 */
export function wishOf(resource: Resource, live: unknown, kind: Kind, world: World): Result<unknown> {
  const { undo } = resource;
  if (undo === undefined) return kind.desired(resource, live, world);
  if (live === undefined) return { value: undo.whole, diagnostics: [] };
  return takenBack({ resource, live: live as object, kind, world }, undo);
}

/** Why nothing of this object can be taken back: it is gone, or there again, without our doing. */
export function whyNotUndone(resource: Resource, live: unknown): Diagnostic | undefined {
  const { undo } = resource;
  if (undo === undefined || (live === undefined) === (undo.whole !== undefined)) return undefined;
  return conflict(resource, live === undefined ? 'the existence' : 'the absence');
}

/** Stream's clock and ours may differ by this much. */
const CLOCKS_MS = 60_000;

/** What keeps an object from being taken away that was there before the apply could make it. */
export function notOurs(
  { address, at, madeSince }: Removal,
  createdAt: string | undefined,
): Diagnostic | undefined {
  const isOurs =
    madeSince === undefined ||
    createdAt === undefined ||
    Date.parse(createdAt) >= Date.parse(madeSince) - CLOCKS_MS;
  if (isOurs) return undefined;
  return {
    severity: 'warning',
    code: 'rollback-conflict',
    message: `${address} was created at ${createdAt}, before the apply, so somebody else made it and it stays`,
    help: 'Delete it by a line of its own if that is meant.',
    at,
    address,
  };
}

/** What keeps an object that an apply made from being taken away: it is not what the apply left any more. */
export function grownSince(
  removal: Removal,
  fields: readonly FieldChange[],
  live: unknown,
  kind: Kind,
): Diagnostic | undefined {
  const changed = fields.filter((field) => {
    const now = valueAt(live, field.path);
    // What is not there any more, or cannot be seen, is nothing that would be lost.
    if (now === undefined) return false;
    if (field.op !== 'elements') return !sameValue(now, formOf(valueAfter(field), field.path, kind));
    if (!isTree(now)) return true;
    const given = new Map(field.added.map(({ name, value }) => [name, value]));
    return Object.entries(now).some(
      ([name, value]) => !given.has(name) || !isAsGiven(value, given.get(name), field.path, kind),
    );
  });
  if (changed.length === 0) return undefined;
  return conflict(removal, changed.map(({ path }) => pathText(path)).join(', '));
}

/** An object that goes back, and what there is to know about it. */
interface Case {
  readonly resource: Resource;
  readonly live: object;
  readonly kind: Kind;
  readonly world: World;
}

function takenBack(one: Case, { before, fields }: Undo): Result<object> {
  const { resource, kind } = one;
  let form = one.live as Tree;
  const diagnostics: Diagnostic[] = [];
  for (const field of fields) {
    const { path } = field;
    const now = valueAt(form, path);
    if (field.op === 'elements') {
      const back = elementsBack(one, field, now, before);
      if (back.value !== now) form = put(form, path, back.value);
      if (back.conflicts.length > 0)
        diagnostics.push(conflict(resource, `${pathText(path)} ${back.conflicts.join(', ')}`.trim()));
      continue;
    }
    const [earlier, left] = [valueBefore(field), valueAfter(field)].map((value) => formOf(value, path, kind));
    if (sameValue(now, earlier)) continue;
    if (!leadsIntoTrees(form, path) || !(sameValue(now, left) || isUnseen(one, path, left, now)))
      diagnostics.push(conflict(resource, pathText(path)));
    else if (cannotBeCleared(field, kind)) diagnostics.push(stays(resource, path));
    else form = put(form, path, earlier);
  }
  return { value: form, diagnostics };
}

interface ElementsBack {
  readonly value: unknown;
  /** Elements that stay; an empty name stands for the whole set. */
  readonly conflicts: readonly string[];
}

function elementsBack(one: Case, field: Elements, now: unknown, before: unknown): ElementsBack {
  const { kind } = one;
  const { added, path, removed } = field;
  const earlier = (valueAt(before, path) ?? {}) as Tree;
  const names = new Set([...Object.keys(earlier), ...added.map(({ name }) => name)]);
  for (const { name } of removed) names.delete(name);
  if (now === undefined && field.after > 0 && isUnseen(one, path, [...names], now))
    return { value: earlier, conflicts: [] };
  if (now !== undefined && !isTree(now)) return { value: now, conflicts: [''] };

  const value = copyOf(now);
  const conflicts: string[] = [];
  for (const { name, value: ours } of added) {
    if (!Object.hasOwn(value, name)) continue;
    if (isAsGiven(value[name], ours, path, kind)) delete value[name];
    else conflicts.push(name);
  }
  for (const { name, value: gone } of removed) {
    if (!Object.hasOwn(value, name)) value[name] = gone ?? true;
  }
  if (Object.keys(value).length > 0) return { value, conflicts };
  if (now === undefined) return { value: now, conflicts };
  // No set and an empty one can be two things: an override of none, and no override.
  if (valueAt(before, path) === undefined) return { value: undefined, conflicts };
  // Where an empty list means everything, taking away the last element would open what was closed.
  if (field.before > 0 && takesAWord(path, kind)) return { value: now, conflicts: [''] };
  return { value, conflicts };
}

/** True for an element that still is what it was given; what was not given then is what Stream puts there. */
function isAsGiven(now: unknown, given: unknown, path: Path, kind: Kind): boolean {
  if (given === undefined || sameValue(now, given)) return true;
  const properties = schemaAt(kind.schema, path)?.items?.properties;
  // Where only names can be declared, nothing else was given.
  if (properties === undefined) return true;
  if (!isTree(now) || !isTree(given)) return false;
  const usual = (key: string): unknown => (Object.hasOwn(properties, key) ? properties[key]?.default : {});
  return [...new Set([...Object.keys(now), ...Object.keys(given)])].every((key) => {
    const isGiven = Object.hasOwn(given, key);
    return sameValue(now[key] ?? {}, (isGiven ? given[key] : usual(key)) ?? {});
  });
}

/**
 * True for a value that is as it was left and cannot be seen, as an override that says what its type says: who asks
 * for it again asks for no difference.
 */
function isUnseen({ resource, live, kind, world }: Case, path: Path, left: unknown, now: unknown): boolean {
  if (now !== undefined || left === undefined) return false;
  const [field = ''] = path;
  const { properties = {} } = kind.schema;
  if (!Object.hasOwn(properties, field) || properties[field]?.items !== undefined) return false;
  const declared = path.toReversed().reduce<unknown>((below, step) => ({ [step]: below }), left);
  const { value } = kind.desired({ ...resource, declared }, live, world);
  return valueAt(value, path) === undefined;
}

/** Differences tell a set whose place a word can take as a list; a form holds it as an object. */
function formOf(value: unknown, path: Path, kind: Kind): unknown {
  const isSet = schemaAt(kind.schema, path)?.['x-streambed-set'] === true;
  return isSet && Array.isArray(value)
    ? Object.fromEntries(value.map((name) => [String(name), true]))
    : value;
}

function takesAWord(path: Path, kind: Kind): boolean {
  return [schemaAt(kind.schema, path)?.type ?? []].flat().includes('string');
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function copyOf(tree: unknown): Record<string, unknown> {
  return Object.assign(Object.create(null) as Record<string, unknown>, tree);
}

/** False where a text or a list stands in the way of a path. */
function leadsIntoTrees(tree: unknown, path: Path): boolean {
  return path.slice(0, -1).every((_, index) => {
    const here = valueAt(tree, path.slice(0, index + 1));
    return here === undefined || isTree(here);
  });
}

function put(tree: unknown, [step, ...below]: Path, value: unknown): Tree {
  if (step === undefined) return value as Tree;
  const copy = copyOf(tree);
  const next = below.length === 0 ? value : put(copy[step], below, value);
  if (next === undefined) delete copy[step];
  else copy[step] = next;
  return copy;
}

function conflict(one: Removal | Resource, what: string): Diagnostic {
  return {
    severity: 'warning',
    code: 'rollback-conflict',
    message: `${what} of ${one.address} is not what the apply left: somebody changed it since, so it stays as it is`,
    help: 'Take it back by hand if that is meant.',
    at: 'declared' in one ? one.locate([], 'name') : one.at,
    address: one.address,
  };
}

function stays(resource: Resource, path: Path): Diagnostic {
  return {
    severity: 'warning',
    code: 'cannot-be-undone',
    message: `${pathText(path)} of ${resource.address} stays as it is: nothing was set before, and Stream cannot clear it`,
    help: 'Set the value that you want in a manifest.',
    at: resource.locate([], 'name'),
    address: resource.address,
  };
}
