import type { JsonSchema } from '../model/schema.ts';

/** True when a value of this schema, or a part of one, must not be shown. */
export function holdsSecret(schema: JsonSchema | undefined): boolean {
  if (schema === undefined) return false;
  const known = answers.get(schema);
  if (known !== undefined) return known;
  // A schema that contains itself is asked only once.
  answers.set(schema, false);
  const answer = schema['x-streambed-sensitive'] === true || partsOf(schema).some(holdsSecret);
  answers.set(schema, answer);
  return answer;
}

const answers = new WeakMap<JsonSchema, boolean>();

/** True for a text in which a URL may carry a user and a password, as generously as a careless reader would say. */
export function mayHoldPassword(text: string): boolean {
  const slashes = text.search(/[/\\]{2}/);
  return slashes !== -1 && text.lastIndexOf('@') > slashes;
}

/** The schemas of all parts of a value. */
export function partsOf(schema: JsonSchema): readonly JsonSchema[] {
  const { items, additionalProperties, oneOf = [] } = schema;
  return [
    ...Object.values(schema.properties ?? {}),
    ...Object.values(schema.patternProperties ?? {}),
    ...Object.values(schema.$defs ?? {}),
    ...oneOf,
    ...(items === undefined ? [] : [items]),
    ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
  ];
}
