import type { JsonSchema } from '../model/schema.ts';
import type { Node } from './tree.ts';

/** The types that a schema can ask for. */
export type TypeName = 'array' | 'boolean' | 'integer' | 'number' | 'object' | 'string';

/** The types that a schema allows, or undefined where anything may stand. Of alternatives those that fit the shape. */
export function typesOf(
  schema: JsonSchema | undefined,
  shape?: Node['type'],
): readonly TypeName[] | undefined {
  if (schema === undefined) return undefined;
  if (typeof schema.type === 'string') return [schema.type];
  if (schema.type !== undefined) return schema.type;
  if (schema.oneOf === undefined) return undefined;
  const all = schema.oneOf.flatMap((branch) => typesOf(branch) ?? []);
  const fitting = all.filter((type) => shape === undefined || shapeOf(type) === shape);
  return fitting.length > 0 ? fitting : all;
}

/** The schema of a map's value at this key; `false` where the key is not allowed, undefined where anything may stand. */
export function memberSchema(schema: JsonSchema | undefined, key: string): JsonSchema | false | undefined {
  const here = branchFor(schema, 'object');
  if (here === undefined) return undefined;
  if (here.properties !== undefined && Object.hasOwn(here.properties, key)) return here.properties[key];
  for (const [pattern, inner] of Object.entries(here.patternProperties ?? {})) {
    if (new RegExp(pattern, 'u').test(key)) return inner;
  }
  if (here.additionalProperties === false) return false;
  return typeof here.additionalProperties === 'object' ? here.additionalProperties : undefined;
}

/** The schema of a list's items. */
export function itemSchema(schema: JsonSchema | undefined): JsonSchema | undefined {
  return branchFor(schema, 'array')?.items;
}

/** The alternative of a schema that is about lists, or about maps. */
function branchFor(schema: JsonSchema | undefined, type: TypeName): JsonSchema | undefined {
  if (schema?.oneOf === undefined) return schema;
  return schema.oneOf.find((branch) => typesOf(branch)?.includes(type)) ?? schema;
}

function shapeOf(type: TypeName): Node['type'] {
  return type === 'array' ? 'list' : type === 'object' ? 'map' : 'scalar';
}
