import { fieldError } from './errors.ts';
import { type Json, type JsonObject, isObject } from './json.ts';

/** Checks one value and gives it back, normalised; throws 400/4 in the wording of Stream's validator. */
export type Rule = (value: Json, field: string) => Json;

/** Accepts true and false. */
export const flag: Rule = (value, field) => {
  if (typeof value !== 'boolean') throw fieldError(field, 'must be a boolean');
  return value;
};

/** Accepts a text; `max` counts characters. */
export function text(options: { readonly max?: number } = {}): Rule {
  return (value, field) => {
    if (typeof value !== 'string') throw fieldError(field, 'must be a string');
    if (options.max !== undefined && value.length > options.max) {
      throw fieldError(field, `must be a maximum of ${options.max} characters in length`);
    }
    return value;
  };
}

/** Accepts one of the listed texts; the refusal lists them. */
export function oneOf(choices: readonly string[]): Rule {
  return (value, field) => {
    if (typeof value !== 'string' || !choices.includes(value)) {
      throw fieldError(field, `must be one of [${choices.join(' ')}]`);
    }
    return value;
  };
}

/** Accepts a whole number, both bounds inclusive. */
export function integer(options: { readonly min?: number; readonly max?: number } = {}): Rule {
  return (value, field) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) throw fieldError(field, 'must be an integer');
    if (options.min !== undefined && value < options.min) {
      throw fieldError(field, `must be ${options.min} or greater`);
    }
    if (options.max !== undefined && value > options.max)
      throw fieldError(field, `must be ${options.max} or less`);
    return value;
  };
}

/** Accepts a list whose items all satisfy the rule. */
export function listOf(rule: Rule, options: { readonly max?: number } = {}): Rule {
  return (value, field) => {
    if (!Array.isArray(value)) throw fieldError(field, 'must be a list');
    if (options.max !== undefined && value.length > options.max) {
      throw fieldError(field, `must contain at maximum ${options.max} items`);
    }
    return value.map((item: Json, index) => rule(item, `${field}[${index}]`));
  };
}

/** Accepts any JSON object. */
export const object: Rule = (value, field) => {
  if (!isObject(value)) throw fieldError(field, 'must be an object');
  return value;
};

/** Accepts an object; listed keys are checked, a null counts as absent, and unlisted keys are dropped. */
export function shape(rules: Readonly<Record<string, Rule>>, required: readonly string[] = []): Rule {
  return (value, field) => {
    if (!isObject(value)) throw fieldError(field, 'must be an object');
    for (const key of required) {
      if (value[key] === undefined || value[key] === null)
        throw fieldError(`${field}.${key}`, 'is a required field');
    }
    const checked: Record<string, Json> = {};
    for (const [key, rule] of Object.entries(rules)) {
      const part = value[key];
      if (part !== undefined && part !== null) checked[key] = rule(part, `${field}.${key}`);
    }
    return checked;
  };
}

/** Accepts an absolute http or https address and the empty text, which clears. */
export const webAddress: Rule = (value, field) => {
  if (typeof value !== 'string') throw fieldError(field, 'must be a string');
  if (value === '') return value;
  // Stream lets a placeholder stand in the address, which URL parsers refuse in a host only.
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw fieldError(field, 'must be a valid URL');
  }
  return value;
};

/** The text under `key`; absent, null and empty are refused as missing. */
export function requiredText(body: JsonObject, key: string, max?: number): string {
  const value = body[key];
  if (value === undefined || value === null || value === '') throw fieldError(key, 'is a required field');
  return text(max === undefined ? {} : { max })(value, key) as string;
}

/** The text under `key`, or undefined when absent or null. */
export function optionalText(body: JsonObject, key: string, max?: number): string | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  return text(max === undefined ? {} : { max })(value, key) as string;
}

/** The flag under `key`, or undefined when absent or null. */
export function optionalFlag(body: JsonObject, key: string): boolean | undefined {
  const value = body[key];
  return value === undefined || value === null ? undefined : (flag(value, key) as boolean);
}

/** The whole number under `key`, or undefined when absent or null. */
export function optionalInteger(
  body: JsonObject,
  key: string,
  options: { readonly min?: number; readonly max?: number } = {},
): number | undefined {
  const value = body[key];
  return value === undefined || value === null ? undefined : (integer(options)(value, key) as number);
}

/** The list of texts under `key`; absent and null give undefined. */
export function optionalTexts(
  body: JsonObject,
  key: string,
  options: { readonly max?: number; readonly length?: number } = {},
): readonly string[] | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  const rule = text(options.length === undefined ? {} : { max: options.length });
  return listOf(rule, options.max === undefined ? {} : { max: options.max })(value, key) as readonly string[];
}

/** The object under `key`, or undefined when absent or null. */
export function optionalObject(body: JsonObject, key: string): JsonObject | undefined {
  const value = body[key];
  return value === undefined || value === null ? undefined : (object(value, key) as JsonObject);
}
