import type { Severity } from '../model/diagnostic.ts';

/** What a JSON Schema validator found: the keyword, and the way to the value from the top of what was validated. */
export interface RawIssue {
  readonly path: readonly string[];
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The key that broke a rule for keys. */
  readonly propertyName?: string;
  readonly severity: Severity;
}

/** An error as ajv writes it, from its compiler or from code that it compiled before. */
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: object;
  readonly propertyName?: string;
}

/** The keyword of rules that were deduced: what breaks only these is a warning. */
export const inferred = 'x-streambed-inferred';

/** Turns ajv's errors into issues; keywords that only gather the errors of others are left out. */
export function rawIssues(errors: readonly SchemaError[] | null | undefined): readonly RawIssue[] {
  const issues: RawIssue[] = [];
  for (const error of errors ?? []) {
    if (error.keyword === inferred || error.keyword === 'propertyNames') continue;
    issues.push({
      path: steps(error.instancePath),
      keyword: error.keyword,
      params: error.params as Readonly<Record<string, unknown>>,
      ...(error.propertyName === undefined ? {} : { propertyName: error.propertyName }),
      severity: error.schemaPath.includes(`/${inferred}/`) ? 'warning' : 'error',
    });
  }
  return issues;
}

function steps(pointer: string): readonly string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
