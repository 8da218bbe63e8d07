import type { Registry } from '../model/kind.ts';
import { compile } from './compiler.ts';
import { schemasOf } from './parts.ts';
import { rawIssues, type RawIssue, type SchemaError } from './raw-issue.ts';

/**
 * What a decoded value breaks of its schema; `name` is a kind's or one of `partNames`. A build replaces this module by
 * code that was compiled before (see precompile.ts): the same export, without the compiler's start-up time.
 */
export function validate(name: string, value: unknown, registry: Registry): readonly RawIssue[] {
  let known = compiled.get(registry);
  if (known === undefined) {
    known = { schemas: schemasOf(registry), checks: new Map() };
    compiled.set(registry, known);
  }
  let check = known.checks.get(name);
  if (check === undefined) {
    check = compile(known.schemas[name] ?? {});
    known.checks.set(name, check);
  }
  return check(value) ? [] : rawIssues(check.errors);
}

interface Compiled {
  readonly schemas: ReturnType<typeof schemasOf>;
  readonly checks: Map<string, Check>;
}

type Check = ((value: unknown) => unknown) & { readonly errors?: readonly SchemaError[] | null };

const compiled = new WeakMap<Registry, Compiled>();
