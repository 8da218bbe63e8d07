import type { Change } from '../model/change.ts';
import type { Registry } from '../model/kind.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { alternatives, below, maskFor } from './mask.ts';
import type { JsonSchema } from '../model/schema.ts';

/**
 * What somebody else needs to find out why an app is not as it was sent: for each object that differs, what was live
 * before, what was wished, and what is live now, in normal form. Nothing in it tells whose app it is: every text that is
 * not one of Stream's own words is replaced, the same text by the same name each time, so that what is equal stays equal.
 */
export function reproductionOf(
  remaining: Plan,
  outcomes: readonly Outcome[],
  registry: Registry,
  version: string,
): unknown {
  const names = new Names();
  const before = new Map(outcomes.map(({ change }) => [change.address, change]));
  const left = remaining.changes.filter(({ action }) => action !== 'keep');
  return {
    format: 'streambed-reproduction',
    format_version: '1.0',
    tool_version: version,
    objects: left.map((change) => {
      const schema = registry.kinds.find(({ name }) => name === change.kind)?.schema;
      const differing = new Set(change.action === 'update' ? change.fields.map(({ path }) => path[0]) : []);
      const shown = (form: unknown): unknown => namelessly(only(form, differing), schema, names);
      const first = before.get(change.address);
      return {
        kind: change.kind,
        object: names.of(change.key),
        planned: first?.action ?? 'keep',
        before: shown(formsOf(first).live),
        wished: shown(formsOf(first).desired ?? formsOf(change).desired),
        now: shown(formsOf(change).live),
        differs:
          change.action === 'keep' ? [] : change.fields.map(({ path }) => pathsOf(path, schema, names)),
      };
    }),
  };
}

/** What differs is enough, and easier to read; of an object that is not there at all, everything. */
function only(form: unknown, fields: ReadonlySet<string | undefined>): unknown {
  if (typeof form !== 'object' || form === null || fields.size === 0) return form;
  return Object.fromEntries(Object.entries(form).filter(([field]) => fields.has(field)));
}

function formsOf(change: Change | undefined): { readonly live?: unknown; readonly desired?: unknown } {
  switch (change?.action) {
    case 'create':
      return { desired: change.desired };
    case 'update':
      return { live: change.live, desired: change.desired };
    case 'delete':
      return { live: change.live };
    case 'keep':
    case undefined:
      return {};
  }
}

/** Gives every text a name of its own, in the order in which they appear. */
class Names {
  readonly #known = new Map<string, string>();

  of(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const name = `text-${this.#known.size + 1}`;
    this.#known.set(text, name);
    return name;
  }
}

function namelessly(value: unknown, schema: JsonSchema | undefined, names: Names): unknown {
  if (value === undefined) return undefined;
  // Secrets first: not even that two of them are the same is told.
  const masked = maskFor(schema, () => '').value([], value).value;
  return copy(masked, schema === undefined ? [] : alternatives(schema, schema), schema ?? {}, names);
}

function copy(value: unknown, schemas: readonly JsonSchema[], root: JsonSchema, names: Names): unknown {
  if (typeof value === 'string') return isWord(value, schemas) ? value : names.of(value);
  // A telephone number tells as much as a name; that it is a number may be what is wrong.
  if (typeof value === 'number' && !schemas.some(isNumeric)) return { $number: names.of(String(value)) };
  if (Array.isArray(value)) {
    const items = schemas.flatMap((schema) => below(root, schema, '0'));
    return value.map((item) => copy(item, items, root, names));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      const next = schemas.flatMap((schema) => below(root, schema, key));
      const known = schemas.some((schema) => Object.hasOwn(schema.properties ?? {}, key));
      return [known || key === '$fingerprint' ? key : names.of(key), copy(child, next, root, names)];
    }),
  );
}

function pathsOf(path: readonly string[], schema: JsonSchema | undefined, names: Names): string {
  let here: readonly JsonSchema[] = schema === undefined ? [] : alternatives(schema, schema);
  return path
    .map((step) => {
      const known = here.some((one) => Object.hasOwn(one.properties ?? {}, step));
      here = here.flatMap((one) => below(schema ?? {}, one, step));
      return known ? step : names.of(step);
    })
    .join('.');
}

function isNumeric({ type = [] }: JsonSchema): boolean {
  return [type].flat().some((one) => one === 'integer' || one === 'number');
}

/** One of Stream's own words: the schema lists it. */
function isWord(text: string, schemas: readonly JsonSchema[]): boolean {
  return schemas.some((schema) => schema.enum?.includes(text) === true || schema.const === text);
}
