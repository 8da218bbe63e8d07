import type { Path } from '../model/address.ts';
import type { Change } from '../model/change.ts';

/**
 * How many declared fields are as they should be already. A field is a top-level name; of `grants` each role is one,
 * and of `custom` each key. What cannot be compared is not counted.
 */
export function unchangedIn(change: Change): number {
  if (change.action !== 'update') return 0;
  const touched = [...change.fields.map((field) => field.path), ...change.uncompared];
  // Moderators are members with a role, so that is where their differences are.
  if (touched.some(([name]) => name === 'members')) touched.push(['moderators'], ['members_mode']);
  return declaredPaths(change.resource.declared).filter(
    (path) =>
      !touched.some((other) =>
        path.every((step, index) => other[index] === undefined || other[index] === step),
      ),
  ).length;
}

function declaredPaths(declared: unknown): readonly Path[] {
  return entriesOf(declared).flatMap(([name, value]): readonly Path[] =>
    name === 'grants' || name === 'custom' ? entriesOf(value).map(([key]) => [name, key]) : [[name]],
  );
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
