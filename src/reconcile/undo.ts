import { pathText, valueAt, type Path } from '../model/address.ts';
import { valueAfter, valueBefore, type FieldChange } from '../model/change.ts';
import type { Diagnostic, Result } from '../model/diagnostic.ts';
import type { Kind, World } from '../model/kind.ts';
import type { Removal, Resource } from '../model/resource.ts';
import { schemaAt } from '../model/schema.ts';
import { sameValue } from './same-value.ts';

type Tree = Readonly<Record<string, unknown>>;

/**
 * The way back, value by value: what an apply changed gets its earlier value again, only where live still is what the
 * apply left. Where somebody changed it since, it stays and is told as a conflict; nothing else is touched.
 */
export function wishOf(resource: Resource, live: unknown, kind: Kind, world: World): Result<unknown> {
  const { undo } = resource;
  if (undo === undefined) return kind.desired(resource, live, world);
  if (live === undefined) return { value: undo.whole, diagnostics: [] };
  return takenBack(resource, undo.fields, live as object, kind);
}

/** Why nothing of this object can be taken back: it is gone, or there again, without our doing. */
export function whyNotUndone(resource: Resource, live: unknown): Diagnostic | undefined {
  const { undo } = resource;
  if (undo === undefined || (live === undefined) === (undo.whole !== undefined)) return undefined;
  return conflict(resource, live === undefined ? 'the existence' : 'the absence');
}

function takenBack(
  resource: Resource,
  fields: readonly FieldChange[],
  live: object,
  kind: Kind,
): Result<object> {
  let form = live as Tree;
  const diagnostics: Diagnostic[] = [];
  for (const field of fields) {
    const { path } = field;
    if (field.op === 'elements') {
      const { value, conflicts } = withoutElements(field, valueAt(live, path));
      form = put(form, path, value);
      if (conflicts.length > 0)
        diagnostics.push(conflict(resource, `${pathText(path)} ${conflicts.join(', ')}`));
      continue;
    }
    const asForm = (value: unknown): unknown => formOf(value, path, kind);
    const [now, before, after] = [valueAt(live, path), asForm(valueBefore(field)), asForm(valueAfter(field))];
    if (sameValue(now, after)) form = put(form, path, before);
    else if (!sameValue(now, before)) diagnostics.push(conflict(resource, pathText(path)));
  }
  return { value: form, diagnostics };
}

/** What keeps an object that an apply made from being taken away: it is not what the apply left any more. */
export function grownSince(
  removal: Removal,
  fields: readonly FieldChange[],
  live: unknown,
  kind: Kind,
): Diagnostic | undefined {
  const changed = fields.filter((field) =>
    field.op === 'elements'
      ? !field.added.every(({ name }) => valueAt(live, [...field.path, name]) !== undefined) ||
        Object.keys((valueAt(live, field.path) ?? {}) as object).length !== field.after
      : !sameValue(valueAt(live, field.path), formOf(valueAfter(field), field.path, kind)),
  );
  if (changed.length === 0) return undefined;
  return conflict(removal, changed.map(({ path }) => pathText(path)).join(', '));
}

function withoutElements(
  { added, removed }: Extract<FieldChange, { readonly op: 'elements' }>,
  now: unknown,
): { readonly value: Tree; readonly conflicts: readonly string[] } {
  const value: Record<string, unknown> = Object.assign(
    Object.create(null) as Record<string, unknown>,
    now ?? {},
  );
  const conflicts: string[] = [];
  for (const { name, value: ours } of added) {
    if (!Object.hasOwn(value, name)) continue;
    if (ours === undefined || sameValue(value[name], ours)) delete value[name];
    else conflicts.push(name);
  }
  for (const { name, value: before } of removed) {
    if (!Object.hasOwn(value, name)) value[name] = before ?? true;
  }
  return { value, conflicts };
}

/** Differences tell a set whose place a word can take as a list; a form holds it as an object. */
function formOf(value: unknown, path: Path, kind: Kind): unknown {
  const isSet = schemaAt(kind.schema, path)?.['x-streambed-set'] === true;
  return isSet && Array.isArray(value)
    ? Object.fromEntries(value.map((name) => [String(name), true]))
    : value;
}

function put(tree: Tree, [step, ...below]: Path, value: unknown): Tree {
  if (step === undefined) return value as Tree;
  const copy: Record<string, unknown> = Object.assign(Object.create(null) as Record<string, unknown>, tree);
  const next = below.length === 0 ? value : put((copy[step] ?? {}) as Tree, below, value);
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
