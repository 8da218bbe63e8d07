import type { JsonSchema } from '../model/schema.ts';

/** A value as everybody may see it. */
export interface Masked {
  /** `open`: nothing was secret. `parts`: some of it was. `all`: there is nothing to show. */
  readonly hidden: 'open' | 'parts' | 'all';
  /** A copy with sorted keys, in which `{"$fingerprint": …}` and `***` stand for secrets; undefined when all is. */
  readonly value: unknown;
  /** Stands for the whole value, when anything of it is hidden. */
  readonly fingerprint?: string;
}

/** Masks the values of one kind: what its schema calls sensitive, and what URLs carry before their host. */
export interface Mask {
  value(path: readonly string[], value: unknown): Masked;
  /** True when the names of a set's elements are themselves secret. */
  hidesNames(path: readonly string[]): boolean;
  fingerprint(value: unknown): string;
}

/** The mask for one schema; a kind that nobody knows is secret as a whole. */
export function maskFor(schema: JsonSchema | undefined, fingerprint: (text: string) => string): Mask {
  const root: JsonSchema = schema ?? { 'x-streambed-sensitive': true };
  const fingerprintOf = (value: unknown): string => fingerprint(JSON.stringify(plainCopy(value)) ?? '');

  /** The schemas that may apply at a path, or `secret` as soon as one on the way is. */
  const at = (path: readonly string[]): readonly JsonSchema[] | 'secret' => {
    let here = alternatives(root, root);
    for (const step of path) {
      if (here.some(isSensitive)) return 'secret';
      here = here.flatMap((schema) => below(root, schema, step));
    }
    return here.some(isSensitive) ? 'secret' : here;
  };

  return {
    fingerprint: fingerprintOf,
    hidesNames(path) {
      const here = at(path);
      return (
        here === 'secret' || here.some((schema) => schema.items !== undefined && isSensitive(schema.items))
      );
    },
    value(path, value) {
      const here = at(path);
      if (here === 'secret') return { hidden: 'all', value: undefined, fingerprint: fingerprintOf(value) };
      let found = false;
      const copy = (part: unknown, schemas: readonly JsonSchema[]): unknown => {
        if (schemas.some(isSensitive)) {
          found = true;
          return { $fingerprint: fingerprintOf(part) };
        }
        if (typeof part === 'string') {
          const shown = withoutUserinfo(part);
          found ||= shown !== part;
          return shown;
        }
        return mapped(part, (child, step) =>
          copy(
            child,
            schemas.flatMap((schema) => below(root, schema, step)),
          ),
        );
      };
      const shown = copy(value, here);
      return found
        ? { hidden: 'parts', value: shown, fingerprint: fingerprintOf(value) }
        : { hidden: 'open', value: shown };
    },
  };
}

/**
 * The text with `***` for the user and password of every URL in it. A text that begins as a URL is read as programs
 * read one, in which a password may hold spaces, and so is what stands between quotes; in the middle of prose a space
 * ends the URL.
 */
export function withoutUserinfo(text: string): string {
  return text.replace(wholeUrl, '$1***@').replace(quotedUrl, '$1***@').replace(urlInProse, '$1***@');
}

/** The same with as many characters as before, where columns matter. */
export function blankedUserinfo(line: string): string {
  const blank = (found: string, head: string): string =>
    `${head}${'*'.repeat(found.length - head.length - 1)}@`;
  return line.replace(wholeUrl, blank).replace(urlInWords, blank);
}

const wholeUrl = /^(\s*(?:[a-z][a-z0-9+.-]{0,30}:)?[/\\]{2,})[^/?#\\]*@/i;
const urlInProse = /([a-z][a-z0-9+.-]{0,30}:[/\\]+)[^\s/?#\\]*@/gi;
/** Behind a quote, up to the same one where something other than a word follows it. */
const quotedUrl =
  /((?<quote>["'`])\s*(?:[a-z][a-z0-9+.-]{0,30}:)?[/\\]{2,})(?:(?!\k<quote>(?!\w))[^/?#\\])*@/gi;
/** Where a name may stand in a sentence without a sign of where it ends: too much is hidden rather than too little. */
const urlInWords = /([a-z][a-z0-9+.-]{0,30}:[/\\]+)[^/?#\\]*@/gi;

interface Worded {
  readonly address?: string;
  readonly help?: string;
  readonly message: string;
}

/** A diagnostic as everybody may see it, whoever worded it. */
export function shownDiagnostic<D extends Worded>(diagnostic: D): D {
  const { address, help, message } = diagnostic;
  return {
    ...diagnostic,
    message: shownWords(message),
    ...(help === undefined ? {} : { help: shownWords(help) }),
    ...(address === undefined ? {} : { address: shownWords(address) }),
  };
}

function shownWords(text: string): string {
  return withoutUserinfo(text).replace(urlInWords, '$1***@');
}

function plainCopy(value: unknown): unknown {
  return mapped(value, plainCopy);
}

/** A copy of JSON data with its keys in code-unit order; what JSON cannot hold becomes text. */
function mapped(value: unknown, child: (value: unknown, step: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item, index) => child(item, String(index)));
  if (typeof value === 'object' && value !== null) {
    const copy = Object.create(null) as Record<string, unknown>;
    const source = value as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(source).sort()) {
      if (source[key] !== undefined) copy[withoutUserinfo(key)] = child(source[key], key);
    }
    return copy;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol'
    ? String(value)
    : value;
}

/** Every schema that may apply to one step further down: too many rather than too few. */
export function below(root: JsonSchema, schema: JsonSchema, step: string): readonly JsonSchema[] {
  const next: JsonSchema[] = [];
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, step)) {
    const property = schema.properties[step];
    if (property !== undefined) next.push(property);
  } else if (typeof schema.additionalProperties === 'object') next.push(schema.additionalProperties);
  for (const [pattern, property] of Object.entries(schema.patternProperties ?? {})) {
    if (new RegExp(pattern, 'u').test(step)) next.push(property);
  }
  if (schema.items !== undefined) next.push(schema.items);
  return next.flatMap((found) => alternatives(root, found));
}

/** The schema itself, and those that it refers to or offers instead. */
export function alternatives(
  root: JsonSchema,
  schema: JsonSchema,
  seen: readonly JsonSchema[] = [],
): readonly JsonSchema[] {
  if (seen.includes(schema)) return [];
  const referred = root.$defs?.[schema.$ref?.replace('#/$defs/', '') ?? ''];
  const others = [...(schema.oneOf ?? []), ...(referred === undefined ? [] : [referred])];
  return [schema, ...others.flatMap((other) => alternatives(root, other, [...seen, schema]))];
}

/** True for a value that must not be shown. */
export function isSensitive(schema: JsonSchema): boolean {
  return schema['x-streambed-sensitive'] === true;
}
