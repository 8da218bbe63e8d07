import type { Path } from '../model/address.ts';
import type { FieldChange } from '../model/change.ts';
import type { Kind } from '../model/kind.ts';
import { schemaAt } from '../model/schema.ts';

/**
 * What Stream takes only whole: a key of a map is written alone, any other field with all that is in it. A difference
 * therefore also overwrites what lies beside it in its unit.
 */
export function unitOf({ path }: Pick<FieldChange, 'path'>, kind: Kind): Path {
  const top = schemaAt(kind.schema, path.slice(0, 1));
  const isMap = typeof top?.additionalProperties === 'object';
  return path.slice(0, isMap ? 2 : 1);
}

/** True for a set of objects, such as members, which are written one by one. */
export function isWrittenOneByOne({ path }: Pick<FieldChange, 'path'>, kind: Kind): boolean {
  return schemaAt(kind.schema, path.slice(0, 1))?.items?.properties !== undefined;
}
