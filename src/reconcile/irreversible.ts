import { partsOf, pathText, type Path } from '../model/address.ts';
import type { Change, FieldChange } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Kind } from '../model/kind.ts';
import { isUnset, schemaAt, type JsonSchema } from '../model/schema.ts';
import { someOf } from './losses.ts';

/**
 * What a rollback could not take back once these changes are applied, told before they are: objects that do not come
 * back, and values of which nobody can know or restore what was there before. Pure, and names no value.
 */
export function irreversibleIn(
  changes: readonly Change[],
  kinds: ReadonlyMap<string, Kind>,
): readonly Diagnostic[] {
  const lost = changes.flatMap((change) => lossesIn(change, kinds.get(change.kind)));
  if (lost.length === 0) return [];
  const message = `a rollback cannot take back: ${someOf(lost)}`;
  return [{ severity: 'note', code: 'cannot-be-undone', message }];
}

function lossesIn(change: Change, kind: Kind | undefined): readonly string[] {
  switch (change.action) {
    case 'delete':
      if (change.how === 'soft') return [`${change.address} (deleted)`];
      return change.how === 'hard' ? [`${change.address} (deleted for good)`] : [];
    case 'create':
      return kind?.can.delete === false ? [`${change.address} (nothing deletes it)`] : [];
    case 'update': {
      if (kind === undefined) return [];
      const unknown = change.fields.filter((field) => holdsSecret(field, kind.schema));
      const stuck = change.fields.filter((field) => !unknown.includes(field) && cannotBeCleared(field, kind));
      const pathsOf = (fields: readonly FieldChange[]): readonly Path[] => fields.map(({ path }) => path);
      return [
        ...named(change, [...pathsOf(unknown), ...change.uncompared], 'its value before is not known'),
        ...named(change, pathsOf(stuck), 'not set before, and Stream has no way to clear it'),
      ];
    }
    case 'keep':
      return [];
  }
}

function named({ address }: Change, paths: readonly Path[], why: string): readonly string[] {
  const { kind, key } = partsOf(address);
  const object = key === 'app' ? kind : address;
  return [...new Set(paths.map(pathText))].map((path) => `${object} ${path} (${why})`);
}

/** True for a value that was not set before and that Stream has no way to take away again. */
export function cannotBeCleared(field: FieldChange, { schema }: Kind): boolean {
  if (field.op !== 'add' || field.path.length > 1) return false;
  const here = schemaAt(schema, field.path);
  if (here === undefined || here['x-streambed-set'] === true) return false;
  return !isClearable(here);
}

function isClearable({ properties = {}, enum: words = [] }: JsonSchema): boolean {
  return Object.hasOwn(properties, '$unset') || words.some(isUnset);
}

/** A secret is in no journal, and neither is a URL with a password: what it was before is not known afterwards. */
function holdsSecret(field: FieldChange, schema: JsonSchema): boolean {
  if (/:\/\/[^\s/"]*@/.test(JSON.stringify(field))) return true;
  return field.path.some(
    (_, index) => schemaAt(schema, field.path.slice(0, index + 1))?.['x-streambed-sensitive'] === true,
  );
}
