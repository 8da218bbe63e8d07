import { pathText, type Path } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import type { ReportValue } from '../model/report.ts';
import { schemaAt, type JsonSchema } from '../model/schema.ts';
import type { Mask } from './mask.ts';

/**
 * The declared fields that are as they should be already. A field is a top-level name; of `grants` each role is one,
 * and of `custom` each key. What cannot be compared is not among them.
 */
export function unchangedPaths(change: Change): readonly Path[] {
  if (change.action !== 'update') return [];
  const touched = [...change.fields.map((field) => field.path), ...change.uncompared];
  // Moderators are members with a role, so that is where their differences are.
  if (touched.some(([name]) => name === 'members')) touched.push(['moderators'], ['members_mode']);
  return declaredPaths(change.resource.declared).filter(
    (path) =>
      !touched.some((other) =>
        path.every((step, index) => other[index] === undefined || other[index] === step),
      ),
  );
}

/** What stays, with its values as everybody may see them; a set is told by its elements. */
export function staysIn(change: Change, schema: JsonSchema, mask: Mask): readonly ReportValue[] {
  if (change.action !== 'update') return [];
  const paths = unchangedPaths(change).toSorted((one, other) => (pathText(one) < pathText(other) ? -1 : 1));
  return paths.map((path) => {
    const live = valueAt(change.live, path) ?? valueAt(change.resource.declared, path);
    const isSet = schemaAt(schema, path)?.['x-streambed-set'] === true;
    if (isSet && mask.hidesNames(path)) return { path, value: { $fingerprint: mask.fingerprint(live) } };
    const { value, fingerprint } = mask.value(path, isSet && isTree(live) ? Object.keys(live).sort() : live);
    return { path, value: value ?? { $fingerprint: fingerprint } };
  });
}

/** What Stream uses for the fields that a new object does not declare, as its documentation says. */
export function defaultsOf(change: Change, { properties = {} }: JsonSchema): readonly ReportValue[] {
  if (change.action !== 'create') return [];
  const declared = new Set(entriesOf(change.resource.declared).map(([name]) => name));
  return Object.entries(properties)
    .filter(([name, { default: value }]) => value !== undefined && !declared.has(name))
    .map(([name, { default: value }]): ReportValue => ({ path: [name], value }))
    .sort((one, other) => ((one.path[0] ?? '') < (other.path[0] ?? '') ? -1 : 1));
}

function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (here, step) => (isTree(here) && Object.hasOwn(here, step) ? here[step] : undefined),
    tree,
  );
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function declaredPaths(declared: unknown): readonly Path[] {
  return entriesOf(declared).flatMap(([name, value]): readonly Path[] =>
    name === 'grants' || name === 'custom' ? entriesOf(value).map(([key]) => [name, key]) : [[name]],
  );
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
