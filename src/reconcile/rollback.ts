import type { Address } from '../model/address.ts';
import type { FieldChange } from '../model/change.ts';
import type { Diagnostic, Result, SourceSpan } from '../model/diagnostic.ts';
import type { JournalLines, JournalObject } from '../model/journal.ts';
import type { Kind, Registry } from '../model/kind.ts';
import type { Manifest, Removal, Resource } from '../model/resource.ts';

/**
 * The manifest that asks for the way back: for every object that the apply may have touched, its earlier values, or its
 * removal when the apply made it. What cannot be taken back is told, line by line.
 */
export function rollbackManifest({ file, head, lines }: JournalLines, registry: Registry): Result<Manifest> {
  const touched = new Set<Address>(
    lines.flatMap(({ entry }) => (entry.type === 'sending' ? entry.covers : [])),
  );
  const left = new Map(
    lines.flatMap(({ entry }) => (entry.type === 'left' ? [[entry.address, entry.fields] as const] : [])),
  );
  const resources: Resource[] = [];
  const removals: Removal[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { line, entry } of lines) {
    if (entry.type !== 'object' || !touched.has(entry.address)) continue;
    const at = placeAt(file, line);
    const kind = registry.kinds.find(({ name }) => name === entry.kind);
    const way = kind === undefined ? 'this version does not know its kind' : wayBack(entry, left, kind);
    if (typeof way === 'string') diagnostics.push(irreversible(entry, way, at));
    else {
      if (way.removes !== undefined) removals.push(removalOf(entry, way.removes, file, at));
      if (way.undo !== undefined) resources.push(resourceOf(entry, way.undo, kind!, at));
      if (entry.withheld.length > 0)
        diagnostics.push(irreversible(entry, `its earlier ${entry.withheld.join(', ')} is not known`, at));
    }
  }
  const { id, name } = head.app;
  const guard = { ...(id === undefined ? { name } : { id }), at: placeAt(file, 1) };
  return { value: { guard, resources, removals, accepted: [], files: [file] }, diagnostics };
}

type Way = string | { readonly removes?: readonly FieldChange[]; readonly undo?: Resource['undo'] };

/** How one object goes back, or why it does not. */
function wayBack(
  { action, address, before, fields, how }: JournalObject,
  left: ReadonlyMap<Address, readonly FieldChange[]>,
  kind: Kind,
): Way {
  if (action === 'create')
    return kind.can.delete === false ? "Stream's API has nothing that deletes it" : { removes: fields };
  if (action === 'update') return { undo: { fields, before } };
  if (how === 'soft' || how === 'hard') return 'what was deleted does not come back';
  if (how === 'reset') {
    const changed = left.get(address);
    return changed === undefined ? 'nobody wrote down what the reset left' : { undo: { fields: changed, before } };
  }
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
      const { items, properties = {}, additionalProperties } = all[part]!;
      if (items !== undefined) return [[part, []]];
      // A text that can be cleared has a property too.
      const isTree =
        typeof additionalProperties === 'object' ||
        Object.keys(properties).some((property) => property !== '$unset');
      return isTree ? [[part, {}]] : [];
    }),
  );
}

function removalOf(
  { address, kind, key }: JournalObject,
  undoes: readonly FieldChange[],
  file: string,
  at: SourceSpan,
): Removal {
  return { address, kind, key, mode: 'soft', because: `rollback of ${file}`, undoes, at };
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

function placeAt(file: string, line: number): SourceSpan {
  return { file, line, column: 1, endLine: line, endColumn: 1 };
}
