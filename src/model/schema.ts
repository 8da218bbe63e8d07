/**
 * The words in which a kind describes its manifest: a JSON Schema, built by functions that also give the TypeScript
 * type of what the schema accepts. One description serves the editor, the validator, the decoder and the plan.
 */
declare const type: unique symbol;

/** A JSON Schema (draft 2020-12) whose accepted values have the type T. */
export type Schema<T> = JsonSchema & { readonly [type]?: T };

/** The type of the values that a schema accepts. */
export type Infer<S> = S extends { readonly [type]?: infer T } ? Exclude<T, undefined> : never;

type TypeName = 'array' | 'boolean' | 'integer' | 'number' | 'object' | 'string';

/** The part of JSON Schema that manifests need, and what Streambed adds to it. */
export interface JsonSchema {
  readonly $id?: string;
  readonly $ref?: string;
  readonly $schema?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly title?: string;
  readonly description?: string;
  /** What Stream uses when nothing is set: documentation, never filled in. */
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly type?: TypeName | readonly TypeName[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly oneOf?: readonly JsonSchema[];
  readonly not?: JsonSchema;
  /** Order and repetition mean nothing, and nested lists are flattened. */
  readonly 'x-streambed-set'?: true;
  /** Each value of this map is one value to a reader, whatever is inside. */
  readonly 'x-streambed-opaque'?: true;
  /** Stream accepts the value and never tells it again. */
  readonly 'x-streambed-write-only'?: true;
  /** The value never leaves the process except to Stream. */
  readonly 'x-streambed-sensitive'?: true;
  /** The value protects the app: when the manifests stop declaring it, nobody watches it any more. */
  readonly 'x-streambed-guards'?: true;
  /** Stricter rules that were deduced, not documented: what breaks only these is a warning. */
  readonly 'x-streambed-inferred'?: JsonSchema;
}

/** Written in place of a value, it clears the live field: `!unset` in YAML, `{"$unset": true}` in JSON. */
export interface Unset {
  readonly $unset: true;
}

/** True for the value that clears a field. */
export function isUnset(value: unknown): value is Unset {
  return typeof value === 'object' && value !== null && (value as Partial<Unset>).$unset === true;
}

/** Changes some elements of a set and leaves the others as they are live. */
export interface SetChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

const unsetProperty = { $unset: { const: true, description: 'Clears the live value.' } } as const;

/** True or false. */
export function flag(description: string, more: JsonSchema = {}): Schema<boolean> {
  return { type: 'boolean', description, ...more };
}

/** A whole number within limits. */
export function integer(description: string, more: JsonSchema = {}): Schema<number> {
  return { type: 'integer', description, ...more };
}

/** Any number within limits. */
export function number(description: string, more: JsonSchema = {}): Schema<number> {
  return { type: 'number', description, ...more };
}

/** A text: an id, a name, a URL; taken from the manifest as it is written, whatever it looks like. */
export function text(description: string, more: JsonSchema = {}): Schema<string> {
  return { type: 'string', description, ...more };
}

/** One of a few words. */
export function word<const W extends string>(
  words: readonly W[],
  description: string,
  more: JsonSchema = {},
): Schema<W> {
  return { type: 'string', enum: words, description, ...more };
}

/** A list of texts in which order and repetition mean nothing. */
export function setOf(
  element: Schema<string>,
  description: string,
  more: JsonSchema = {},
): Schema<readonly string[]> {
  return { type: 'array', items: element, description, 'x-streambed-set': true, ...more };
}

/** A whole set as a list, or `{add, remove}` to change some of its elements. */
export function changeableSet(
  element: Schema<string>,
  description: string,
  more: JsonSchema = {},
): Schema<readonly string[] | SetChange> {
  const part = (what: string): JsonSchema => ({
    type: 'array',
    items: element,
    minItems: 1,
    description: what,
    'x-streambed-set': true,
  });
  return {
    type: ['array', 'object'],
    description,
    items: element,
    properties: {
      add: part('Elements that must be in the set.'),
      remove: part('Elements that must not be in the set.'),
    },
    additionalProperties: false,
    minProperties: 1,
    'x-streambed-set': true,
    ...more,
  };
}

/** An ordered list. */
export function list<T>(item: Schema<T>, description: string, more: JsonSchema = {}): Schema<readonly T[]> {
  return { type: 'array', items: item, description, ...more };
}

/** A map from names of the user's choice to values of one shape. */
export function map<T>(
  value: Schema<T>,
  description: string,
  more: JsonSchema = {},
): Schema<Readonly<Record<string, T>>> {
  return { type: 'object', additionalProperties: value, description, ...more };
}

/** An object with these optional fields and no others. */
export function object<P extends Readonly<Record<string, JsonSchema>>>(
  properties: P,
  description: string,
  more: JsonSchema = {},
): Schema<{ readonly [K in keyof P]?: Infer<P[K]> }> {
  return { type: 'object', properties, additionalProperties: false, description, ...more };
}

/** Any JSON value, typed as YAML 1.2's core schema reads it. */
export function anything(description: string, more: JsonSchema = {}): Schema<unknown> {
  return { description, ...more };
}

/** The same value, or `!unset` to clear it. */
export function clearable<T>(schema: Schema<T>): Schema<T | Unset> {
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length === 0 || types.includes('object')) {
    return { ...schema, properties: { ...schema.properties, ...unsetProperty } };
  }
  const { enum: words, ...rest } = schema;
  return {
    ...rest,
    type: [...types, 'object'] as readonly TypeName[],
    ...(words === undefined ? {} : { enum: [...words, { $unset: true }] }),
    properties: unsetProperty,
    required: ['$unset'],
    additionalProperties: false,
  };
}

/** The same value, labelled as one that Stream accepts and never tells again. */
export function writeOnly<T>(schema: Schema<T>): Schema<T> {
  return { ...schema, 'x-streambed-write-only': true };
}

/** The same value, labelled as one that must not be shown. */
export function sensitive<T>(schema: Schema<T>): Schema<T> {
  return { ...schema, 'x-streambed-sensitive': true };
}

/** The same value, labelled as one that protects the app. */
export function guards<T>(schema: Schema<T>): Schema<T> {
  return { ...schema, 'x-streambed-guards': true };
}

/**
 * The schema of the value at a path of a normal form, or undefined where the schema says nothing. A set is a map from
 * its elements there, so a step into one leads to what describes an element.
 */
export function schemaAt(schema: JsonSchema, path: readonly string[]): JsonSchema | undefined {
  let here: JsonSchema | undefined = schema;
  for (const step of path) {
    if (here === undefined) return undefined;
    const found: JsonSchema = here;
    const { properties, additionalProperties, items } = found;
    if (here['x-streambed-set'] === true) here = items;
    else if (properties !== undefined && Object.hasOwn(properties, step)) here = properties[step];
    else here = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  }
  return here;
}
