import { Ajv, type Options, type ValidateFunction } from 'ajv';
import type { Registry } from '../model/kind.ts';
import type { JsonSchema } from '../model/schema.ts';
import { schemasOf } from './parts.ts';
import { inferred, rawIssues, type RawIssue } from './raw-issue.ts';

/**
 * What a decoded value breaks of its schema; `name` is a kind's or one of `partNames`. A build replaces this module by
 * code that ajv compiled before (see precompile.ts): the same export, without the compiler's start-up time.
 */
export function validate(name: string, value: unknown, registry: Registry): readonly RawIssue[] {
  let compiled = validators.get(registry);
  if (compiled === undefined) {
    compiled = { schemas: schemasOf(registry), compiler: createCompiler({}), functions: new Map() };
    validators.set(registry, compiled);
  }
  let check = compiled.functions.get(name);
  if (check === undefined) {
    check = compiled.compiler.compile(compiled.schemas[name] ?? {});
    compiled.functions.set(name, check);
  }
  return check(value) ? [] : rawIssues(check.errors);
}

/** An ajv for our subset of JSON Schema: all errors at once, annotations ignored, inferred rules told apart. */
export function createCompiler(options: Options): Ajv {
  const compiler = new Ajv({
    allErrors: true,
    allowUnionTypes: true,
    strict: false,
    validateSchema: false,
    addUsedSchema: false,
    ...options,
  });
  compiler.addKeyword({ keyword: inferred, macro: (schema: JsonSchema) => schema });
  return compiler;
}

interface Compiled {
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  readonly compiler: Ajv;
  readonly functions: Map<string, ValidateFunction>;
}

const validators = new WeakMap<Registry, Compiled>();
