import type { Kind } from '../../src/model/kind.ts';
import type { JsonSchema } from '../../src/model/schema.ts';

/** One value that a declaration of a kind may hold, and what its schema says of it. */
export interface Place {
  readonly kind: Kind;
  /** Names of fields, `anything` for a key of the user's choice, `0` for an element. */
  readonly path: readonly string[];
  readonly schema: JsonSchema;
  /** The schemas that call it secret: its own, and those of what it lies in. */
  readonly secret: readonly JsonSchema[];
}

/** Every value that declarations of this kind may hold, containers included. */
export function placesOf(kind: Kind): readonly Place[] {
  const below = (
    schema: JsonSchema,
    path: readonly string[],
    within: readonly JsonSchema[],
    seen: readonly JsonSchema[],
  ): readonly Place[] => {
    if (seen.includes(schema)) return [];
    const secret = schema['x-streambed-sensitive'] === true ? [...within, schema] : within;
    const on = (part: JsonSchema, ...step: readonly string[]): readonly Place[] =>
      below(part, [...path, ...step], secret, [...seen, schema]);
    const { additionalProperties: any, items, oneOf = [], properties = {} } = schema;
    return [
      { kind, path, schema, secret },
      ...Object.entries(properties).flatMap(([name, part]) => (name === '$unset' ? [] : on(part, name))),
      ...(typeof any === 'object' ? on(any, 'anything') : []),
      ...(items === undefined ? [] : on(items, '0')),
      ...oneOf.flatMap((part) => on(part)),
    ];
  };
  return below(kind.schema, [], [], []);
}

/** True for a place where a text of this length may stand, as far as its type, its words and its length tell. */
export function takesText({ schema, path }: Place, length: number): boolean {
  const types = schema.type === undefined ? ['string'] : [schema.type].flat();
  const plain = schema.enum === undefined && schema.const === undefined && schema.oneOf === undefined;
  return path.length > 0 && types.includes('string') && plain && (schema.maxLength ?? length) >= length;
}

type Json = Record<string, unknown>;

/** A manifest in which this value stands at this place, in the kind's first sample unless another one is given. */
export function manifestWith(place: Place, value: unknown, manifest = sampleOf(place.kind)): Json {
  const copy = structuredClone(manifest);
  put(declarationIn(copy, place), place.kind.schema, place.path, value);
  return copy;
}

function sampleOf(kind: Kind): Json {
  const users = { 'sample-owner': { name: 'Owner' }, 'sample-guest': { name: 'Guest' } };
  const [sample] = structuredClone(kind.samples) as readonly [Json];
  if (kind.layout === 'typed') return { users, [kind.section]: { messaging: { 'sample-one': sample } } };
  if (kind.layout === 'named' && kind.section === 'users')
    return { users: { ...users, 'sample-one': sample } };
  if (kind.layout === 'named') return { users, [kind.section]: { 'sample-one': sample } };
  const { grants, ...settings } = sample;
  return { users, [kind.section]: { settings, ...(grants === undefined ? {} : { grants }) } };
}

function declarationIn(manifest: Json, { kind, path }: Place): Json {
  const section = manifest[kind.section] as Record<string, Json>;
  const steps = {
    one: path[0] === 'grants' ? [] : ['settings'],
    named: ['sample-one'],
    typed: ['messaging', 'sample-one'],
  };
  return steps[kind.layout].reduce<Json>((here, step) => here[step] as Json, section);
}

function put(
  container: Json,
  schema: JsonSchema,
  [step = '', ...rest]: readonly string[],
  value: unknown,
): void {
  const part = partOf(schema, step);
  if (rest.length === 0) {
    container[step] = value;
    return;
  }
  const there = container[step];
  const list = rest[0] === '0';
  const fits = list ? Array.isArray(there) : isJson(there);
  const next = (fits ? there : list ? [] : required(part)) as Json;
  container[step] = next;
  put(next, part, rest, value);
}

function partOf({ properties = {}, items, additionalProperties: any }: JsonSchema, step: string): JsonSchema {
  if (Object.hasOwn(properties, step)) return properties[step] ?? {};
  return step === '0' && items !== undefined ? items : typeof any === 'object' ? any : {};
}

/** An object with what it cannot be without. */
function required({ properties = {}, required: names = [] }: JsonSchema): Json {
  return Object.fromEntries(
    names.flatMap((name) => (name === '$unset' ? [] : [[name, exampleOf(properties[name] ?? {})]])),
  );
}

function exampleOf(schema: JsonSchema): unknown {
  const [type] = [schema.type ?? 'string'].flat();
  if (schema.const !== undefined) return schema.const;
  const given = [...(schema.examples ?? []), ...(schema.enum ?? [])];
  if (given.length > 0) return given[0];
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1;
  if (type === 'array') return [];
  if (type === 'object') return required(schema);
  const texts = ['sample-owner', 'https://example.com/a', 'a/b', '.a', '24h', '2026-01-31T00:00:00Z'];
  return texts.find((text) => new RegExp(schema.pattern ?? '', 'u').test(text)) ?? '';
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
