import type { Diagnostic } from '../model/diagnostic.ts';
import type { Resource } from '../model/resource.ts';
import { anything, map } from '../model/schema.ts';
import { defined, type Tree } from './values.ts';

/** The team's own data on an object: managed per top-level key, each value whole. */
export const customField = map(
  anything('Any value, or `!unset` to remove the key.'),
  'Your own data, at most 5 KB. A declared key has this value whole; keys that are not declared stay as they are.',
);

/** The keys of an answer that are not Stream's own: on the wire, custom data lies flat among its fields. */
export function customOf(raw: Tree, own: ReadonlySet<string>): Record<string, unknown> {
  return defined(Object.entries(raw).filter(([key]) => !own.has(key)));
}

/** Stream reads a dot in a key as a path and refuses spaces; its own field names cannot be custom. */
export function checkCustomKeys(
  resource: Resource,
  custom: Readonly<Record<string, unknown>> | undefined,
  own: ReadonlySet<string>,
  path: readonly string[] = ['custom'],
): readonly Diagnostic[] {
  return Object.keys(custom ?? {}).flatMap((key): readonly Diagnostic[] => {
    const at = resource.locate([...path, key], 'name');
    if (key === '' || /[.\s]/.test(key)) {
      return [
        {
          severity: 'error',
          code: 'bad-custom-key',
          message: `custom key "${key}" holds a dot or a space, or is empty`,
          help: 'Stream reads dots as paths and refuses spaces: use another name, such as one with _.',
          at,
          address: resource.address,
        },
      ];
    }
    if (own.has(key)) {
      return [
        {
          severity: 'error',
          code: 'bad-custom-key',
          message: `"${key}" is a field of Stream's own and cannot be custom data`,
          help: "On the wire custom data lies among Stream's fields: use another name.",
          at,
          address: resource.address,
        },
      ];
    }
    return [];
  });
}
