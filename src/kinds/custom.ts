import { anything, map, type Schema } from '../model/schema.ts';
import { defined, type Tree } from './values.ts';

/**
 * The team's own data on an object: managed per top-level key, each value whole. Stream reads a dot in a key as a path
 * and refuses spaces, and on the wire the data lies flat among the object's `own` fields.
 */
export function customField(own: ReadonlySet<string>): Schema<Readonly<Record<string, unknown>>> {
  return map(
    anything('Any value, or `!unset` to remove the key.'),
    'Your own data, at most 5 KB. A declared key has this value whole; keys that are not declared stay as they are.',
    {
      'x-streambed-opaque': true,
      propertyNames: {
        description: "Keys have no dots and no spaces, and none is the name of a field of Stream's own.",
        pattern: '^[^.\\s]+$',
        not: { enum: [...own].toSorted() },
      },
    },
  );
}

/** The keys of an answer that are not Stream's own: on the wire, custom data lies flat among its fields. */
export function customOf(raw: Tree, own: ReadonlySet<string>): Record<string, unknown> {
  return defined(Object.entries(raw).filter(([key]) => !own.has(key)));
}
