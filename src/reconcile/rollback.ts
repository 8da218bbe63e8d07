import type { Address } from '../model/address.ts';
import { valueAfter, valueBefore, type FieldChange } from '../model/change.ts';
import type { Diagnostic, Result, SourceSpan } from '../model/diagnostic.ts';
import type { JournalLines, JournalObject } from '../model/journal.ts';
import type { Kind, Registry } from '../model/kind.ts';
import type { Manifest, Removal, Resource } from '../model/resource.ts';
import { schemaAt, type JsonSchema } from '../model/schema.ts';

/**
 * The manifest that asks for the way back: for every object that the apply may have touched, its earlier values, or its
 * removal when the apply made it. What cannot be taken back is told, line by line.
 */
export function rollbackManifest({ file, head, lines }: JournalLines, registry: Registry): Result<Manifest> {
  const touched = new Set<Address>(
    lines.flatMap(({ entry }) => (entry.type === 'sending' ? entry.covers : [])),
  );
  const begun = new Map<Address, string>();
  const ended = new Map<Address, string>();
  for (const { entry } of lines) {
    if (entry.type === 'sending')
      for (const address of entry.covers) if (!begun.has(address)) begun.set(address, entry.time);
    if (entry.type === 'done' || entry.type === 'failed' || entry.type === 'skipped')
      for (const address of entry.covers) if (ended.get(address) !== 'done') ended.set(address, entry.type);
  }
  const left = new Map(
    lines.flatMap(({ line, entry }) =>
      entry.type === 'left' ? [[entry.address, { ...entry, line }] as const] : [],
    ),
  );
  const resources: Resource[] = [];
  const removals: Removal[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { line, entry } of lines) {
    if (entry.type !== 'object' || !touched.has(entry.address)) continue;
    const at = placeAt(file, line);
    const after = left.get(entry.address);
    const kind = registry.kinds.find(({ name }) => name === entry.kind);
    const made = ended.get(entry.address) ?? 'unknown';
    // A skipped step was announced, and never sent.
    if (entry.action === 'create' && made === 'skipped') continue;
    const way =
      kind === undefined
        ? 'this version does not know its kind'
        : entry.action === 'create' && made === 'failed'
          ? 'making it failed, so if it is there, nobody knows who made it'
          : wayBack(entry, after?.fields, kind);
    if (kind !== undefined && !isOfKind(entry, kind)) diagnostics.push(impossible(entry, at));
    else if (kind !== undefined && after !== undefined && !isOfKind(after, kind))
      diagnostics.push(impossible(after, placeAt(file, after.line)));
    else if (typeof way === 'string') diagnostics.push(irreversible(entry, way, at));
    else {
      if (way.removes !== undefined)
        removals.push(removalOf(entry, way.removes, begun.get(entry.address), file, at));
      if (way.undo !== undefined) resources.push(resourceOf(entry, way.undo, kind!, at));
      if (entry.withheld.length > 0)
        diagnostics.push(irreversible(entry, `its earlier ${entry.withheld.join(', ')} is not known`, at));
    }
  }
  const { id, name } = head.app;
  const guard = { ...(id === undefined ? { name } : { id }), at: placeAt(file, 1) };
  return { value: { guard, resources, removals, accepted: [], files: [file] }, diagnostics };
}

/** Whoever edits a journal could ask for anything: what no object of the kind has is not asked of Stream. */
function isOfKind({ before, fields }: Pick<JournalObject, 'before' | 'fields'>, { schema }: Kind): boolean {
  const { properties = {} } = schema;
  const known = (field: string): boolean => field !== '$unset' && Object.hasOwn(properties, field);
  return (
    Object.keys(before ?? {}).every(known) &&
    fields.every((field) => known(field.path[0] ?? '') && hasFittingValues(field, schema))
  );
}

function hasFittingValues(field: FieldChange, schema: JsonSchema): boolean {
  const here = schemaAt(schema, field.path);
  if (field.op === 'elements') return here === undefined || here['x-streambed-set'] === true;
  return [valueBefore(field), valueAfter(field)].every((value) => value === undefined || fits(value, here));
}

function fits(value: unknown, schema: JsonSchema | undefined): boolean {
  if (schema?.type === undefined) return true;
  const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  // A value that can be cleared is an object only in a manifest: !unset.
  if (found === 'object' && !holdsFields(schema)) return false;
  return [schema.type].flat().some((type) => type === found || (type === 'integer' && found === 'number'));
}

function holdsFields({ additionalProperties, properties = {} }: JsonSchema): boolean {
  if (typeof additionalProperties === 'object') return true;
  return Object.keys(properties).some((property) => property !== '$unset');
}

type Way = string | { readonly removes?: readonly FieldChange[]; readonly undo?: Resource['undo'] };

/** How one object goes back, or why it does not. */
function wayBack(
  { action, before, fields, how }: JournalObject,
  left: readonly FieldChange[] | undefined,
  kind: Kind,
): Way {
  if (action === 'create')
    return kind.can.delete === false ? "Stream's API has nothing that deletes it" : { removes: fields };
  if (action === 'update') return { undo: { fields, before } };
  if (how === 'soft' || how === 'hard') return 'what was deleted does not come back';
  if (how === 'reset')
    return left === undefined ? 'nobody wrote down what the reset left' : { undo: { fields: left, before } };
  return before === undefined ? 'nobody wrote down what it was' : { undo: { fields: [], whole: before } };
}

function resourceOf(
  { address, kind: name, key, fields }: JournalObject,
  undo: NonNullable<Resource['undo']>,
  kind: Kind,
  at: SourceSpan,
): Resource {
  return {
    address,
    kind: name,
    key,
    declared: nothingOf([...fields, ...undo.fields], kind),
    lifecycle: { ignore_changes: [], prevent_destroy: false, create_only: false },
    undo,
    locate: () => at,
  };
}

/** Kinds read as much of an object as is declared of it, so each part that goes back is declared, and says nothing. */
function nothingOf(fields: readonly FieldChange[], { schema }: Kind): object {
  const { properties: all = {} } = schema;
  const parts = new Set(fields.map(({ path }) => path[0] ?? ''));
  return Object.fromEntries(
    [...parts].flatMap((part) => {
      if (!Object.hasOwn(all, part)) return [];
      const here = all[part] ?? {};
      if (here.items !== undefined) return [[part, []]];
      return holdsFields(here) ? [[part, {}]] : [];
    }),
  );
}

function removalOf(
  { address, kind, key }: JournalObject,
  undoes: readonly FieldChange[],
  madeSince: string | undefined,
  file: string,
  at: SourceSpan,
): Removal {
  const since = madeSince === undefined ? {} : { madeSince };
  return { address, kind, key, mode: 'soft', because: `rollback of ${file}`, undoes, ...since, at };
}

function irreversible({ address }: JournalObject, why: string, at: SourceSpan): Diagnostic {
  return {
    severity: 'warning',
    code: 'cannot-be-undone',
    message: `${address} does not go back: ${why}`,
    at,
    address,
  };
}

function impossible({ address }: Pick<JournalObject, 'address'>, at: SourceSpan): Diagnostic {
  return {
    severity: 'error',
    code: 'journal-format',
    message: `this is not what ${address} can be: the line was edited, or another version wrote it`,
    help: 'Name the journal as it was written.',
    at,
    address,
  };
}

function placeAt(file: string, line: number): SourceSpan {
  return { file, line, column: 1, endLine: line, endColumn: 1 };
}
