import type { Diagnostic, Result } from '../model/diagnostic.ts';
import { planReportSchema, type PlanReport } from '../model/report.ts';
import type { JsonSchema } from '../model/schema.ts';
import { rawIssues, type SchemaError } from './raw-issue.ts';

/** The largest report that is read, in bytes. */
export const mostReportBytes = 64 * 1024 * 1024;

/** Values inside a report nest a few levels; what nests deeper than this was made to harm. */
const deepest = 100;

/**
 * A report that `plan --format json` wrote, which may come from a run that nobody trusts: it is held against its
 * published schema, and fields of later minor versions are left out. The value is undefined when it is no report.
 */
export async function readReport(text: string): Promise<Result<PlanReport | undefined>> {
  if (text.length > mostReportBytes) return refused(`it is larger than ${mostReportBytes / 1024 / 1024} MiB`);
  const parsed = parse(text);
  if (parsed === undefined) return refused('it is not JSON');
  if (!isObject(parsed.value)) return refused('it is not an object');
  if (nestsTooDeep(parsed.value)) return refused(`it nests deeper than ${deepest} levels`);

  if (parsed.value['format'] === 'streambed-plan')
    return refused('it is a saved plan', 'Give it what `streambed plan --format json` printed.');
  const version = parsed.value['format_version'];
  if (typeof version !== 'string' || !/^\d{1,9}\.\d{1,9}$/.test(version))
    return refused('it does not say its format_version');
  const major = version.split('.')[0];
  if (major !== '1') {
    return refused(
      `its format is version ${version}, and this program knows version 1`,
      'Use the same version of Streambed for the plan and for the comment.',
    );
  }
  const value = knownParts(parsed.value, planReportSchema);
  // The compiler is loaded only here: hardly any command reads a report.
  const { compile } = await import('./compiler.ts');
  const check = compile(planReportSchema, 'first');
  if (check(value)) return { value: value as PlanReport, diagnostics: [] };
  const [issue] = rawIssues(check.errors as readonly SchemaError[] | null | undefined);
  const place = issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.');
  return refused(`${place} is not what its schema allows${issue === undefined ? '' : ` (${issue.keyword})`}`);
}

function refused(why: string, help?: string): Result<undefined> {
  const diagnostic: Diagnostic = {
    severity: 'error',
    code: 'invalid-report',
    message: `this is not a report of a plan: ${why}`,
    help: help ?? 'Give it what `streambed plan --format json` printed, whole.',
  };
  return { value: undefined, diagnostics: [diagnostic] };
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Level by level, since a walk that calls itself is what such a text wants to break. */
function nestsTooDeep(top: object): boolean {
  let level: readonly object[] = [top];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return true;
    const next: object[] = [];
    for (const value of level) {
      for (const below of Object.values(value) as readonly unknown[])
        if (typeof below === 'object' && below !== null) next.push(below);
    }
    level = next;
  }
  return false;
}

/** The fields that this version knows, by name, so that no other key of the text reaches anything. */
function knownParts(value: unknown, schema: JsonSchema): unknown {
  const { items, properties } = schema;
  if (items !== undefined && Array.isArray(value)) return value.map((item) => knownParts(item, items));
  if (properties === undefined || !isObject(value)) return value;
  const known: Record<string, unknown> = {};
  for (const [name, below] of Object.entries(properties)) {
    if (Object.hasOwn(value, name)) known[name] = knownParts(value[name], below);
  }
  return known;
}
