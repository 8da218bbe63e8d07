import { pathText, type Path } from '../model/address.ts';
import type { Change, Element, FieldChange } from '../model/change.ts';
import { hasErrors, type Diagnostic, type SourceSpan } from '../model/diagnostic.ts';
import type { Registry } from '../model/kind.ts';
import type { Outcome } from '../model/outcome.ts';
import type { AppIdentity, Plan, PlannedLoss } from '../model/plan.ts';
import type { PlanReport, ReportChange, ReportDiagnostic, ReportField, ReportOutcome } from '../model/report.ts';
import { costOf } from './cost.ts';
import { maskFor, withoutUserinfo, type Mask } from './mask.ts';

/** What a report says besides the plan. */
export interface ReportContext {
  readonly registry: Registry;
  readonly version: string;
  readonly command: 'plan' | 'apply';
  readonly emulator: boolean;
  /** Why an apply is refused for safety; none when it is not. */
  readonly blocked: readonly Diagnostic[];
  /** Stands for a secret: keyed for this plan, so that it means nothing outside it. */
  fingerprint(text: string): string;
  /** True when a flag or a reviewed plan approves this loss; `removed:` lines count without it. */
  approved?(loss: PlannedLoss): boolean;
  readonly outcomes?: readonly Outcome[];
  readonly verified?: 'converged' | 'differs' | 'unknown';
  /** What errors among the plan's diagnostics mean: the manifests unless it says otherwise. */
  readonly stopped?: 'invalid' | 'error';
}

/** What a report says of a run that never got to a plan, or only looked at the manifests. */
export interface ProblemContext {
  readonly command: 'plan' | 'apply' | 'validate';
  readonly version: string;
  readonly emulator: boolean;
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** `no-changes` is for a validation that found no error. */
  readonly outcome: 'no-changes' | 'invalid' | 'error' | 'blocked';
  readonly app?: AppIdentity;
}

/** The plan as everybody may see it. Secrets end here; escaping does not: each format does its own. */
export function reportOf(plan: Plan, more: ReportContext): PlanReport {
  const { outcomes, verified } = more;
  const order = readingOrder(plan, more.registry);
  const changes = plan.changes.toSorted(order).flatMap((change) => reportedChange(change, more));
  const declared = plan.changes.filter((change) => change.action !== 'delete' && change.uncompared.length > 0);
  const uncompared = declared.toSorted(order).map(({ address, uncompared: paths }) => ({
    address,
    paths: paths.map(pathText).sort(),
  }));
  const losses = plan.losses.toSorted((one, other) => order(one.change, other.change)).map((loss) => ({
    address: loss.change.address,
    what: loss.what,
    names: loss.names.map(withoutUserinfo),
    approved: loss.approved || (more.approved?.(loss) ?? false),
  }));
  const failures = (outcomes ?? []).flatMap((outcome) => 
    outcome.status === 'failed' ? [{ address: outcome.change.address, ...outcome.diagnostic }] : [],
  );
  const actions = (action: Change['action']): number =>
    plan.changes.filter((change) => change.action === action).length;
  return {
    ...headOf(more, outcomeOf(plan, more, changes.length + failures.length > 0, failures.length > 0)),
    app: appOf(plan.app),
    files: plan.manifest.files,
    summary: {
      create: actions('create'),
      update: actions('update'),
      delete: actions('delete'),
      unchanged: actions('keep'),
      lose: losses.reduce((sum, loss) => sum + loss.names.length, 0),
      uncompared: uncompared.reduce((sum, { paths }) => sum + paths.length, 0),
    },
    changes,
    uncompared,
    losses,
    cost: costOf(plan.steps),
    diagnostics: reportedDiagnostics([...new Set([...plan.diagnostics, ...more.blocked, ...failures])]),
    ...(outcomes === undefined ? {} : { outcomes: outcomes.map(reportedOutcome) }),
    ...(verified === undefined ? {} : { verified }),
  };
}

/** The report of a run that ended before there was a plan. */
export function reportOfProblems(more: ProblemContext): PlanReport {
  return {
    ...headOf(more, more.outcome),
    ...(more.app === undefined ? {} : { app: appOf(more.app) }),
    files: more.files,
    summary: { create: 0, update: 0, delete: 0, unchanged: 0, lose: 0, uncompared: 0 },
    changes: [],
    uncompared: [],
    losses: [],
    diagnostics: reportedDiagnostics(more.diagnostics),
  };
}

type Head = Pick<PlanReport, 'format_version' | 'tool' | 'command' | 'outcome' | 'emulator'>;

function headOf(
  { version, command, emulator }: Pick<ProblemContext, 'version' | 'command' | 'emulator'>,
  outcome: PlanReport['outcome'],
): Head {
  return { format_version: '1.0', tool: { name: 'streambed', version }, command, outcome, emulator };
}

function outcomeOf(plan: Plan, more: ReportContext, changes: boolean, failed: boolean): PlanReport['outcome'] {
  const refusals = new Set(more.blocked);
  if (hasErrors(plan.diagnostics.filter((diagnostic) => !refusals.has(diagnostic)))) return more.stopped ?? 'invalid';
  if (refusals.size > 0) return 'blocked';
  if (failed) return 'error';
  return changes ? 'changes' : 'no-changes';
}

function appOf({ id, name }: AppIdentity): { readonly id?: number; readonly name: string } {
  return id === undefined ? { name } : { id, name };
}

/** Losses first, then by kind as the registry lists them, then by key in code units. */
function readingOrder(plan: Plan, registry: Registry): (one: Change, other: Change) => number {
  const losing = new Set(plan.losses.map((loss) => loss.change.address));
  const kinds = new Map(registry.kinds.map((kind, index) => [kind.name, index]));
  const rank = (change: Change): number => (change.action === 'delete' || losing.has(change.address) ? 0 : 1);
  const kindRank = (change: Change): number => kinds.get(change.kind) ?? kinds.size;
  return (one, other) =>
    rank(one) - rank(other) || kindRank(one) - kindRank(other) || byCodeUnit(one.address, other.address);
}

function reportedChange(change: Change, more: ReportContext): readonly ReportChange[] {
  if (change.action === 'keep') return [];
  const kind = more.registry.kinds.find(({ name }) => name === change.kind);
  const mask = maskFor(kind?.schema, more.fingerprint);
  const at = change.action === 'delete' ? change.removal.at : change.resource.locate([], 'name');
  const removal =
    change.action === 'delete' ? { how: change.how, because: withoutUserinfo(change.removal.because) } : {};
  return [
    {
      address: change.address,
      kind: change.kind,
      key: change.key,
      action: change.action,
      ...removal,
      source: placeOf(at),
      fields: change.fields.map((field) => reportedField(field, mask, change)),
      unchanged: unchangedIn(change),
      uncompared: change.action === 'delete' ? [] : change.uncompared.map(pathText).sort(),
    },
  ];
}

function reportedField(field: FieldChange, mask: Mask, change: Change): ReportField {
  const at = change.action === 'delete' ? undefined : change.resource?.locate(field.path);
  const head = { path: field.path.map(withoutUserinfo), op: field.op };
  const source = at === undefined ? {} : { source: placeOf(at) };
  if (field.op === 'elements') {
    const hidden = mask.hidesNames(field.path);
    const added = field.added.map((element) => reportedElement(element, field.path, hidden, mask));
    const removed = field.removed.map((element) => reportedElement(element, field.path, hidden, mask));
    const secret = [...added, ...removed].some((element) => element.hidden);
    return {
      ...head,
      added: added.map(({ element }) => element),
      removed: removed.map(({ element }) => element),
      before_size: field.before,
      after_size: field.after,
      ...(secret ? { sensitive: true } : {}),
      ...source,
    };
  }
  const before = field.op === 'add' ? undefined : mask.value(field.path, field.before);
  const after = field.op === 'remove' ? undefined : mask.value(field.path, field.after);
  const fingerprints = before?.fingerprint !== undefined || after?.fingerprint !== undefined;
  return {
    ...head,
    ...(before === undefined || before.hidden === 'all' ? {} : { before: before.value }),
    ...(after === undefined || after.hidden === 'all' ? {} : { after: after.value }),
    ...(fingerprints ? { sensitive: true } : {}),
    ...(before?.fingerprint === undefined ? {} : { before_fingerprint: before.fingerprint }),
    ...(after?.fingerprint === undefined ? {} : { after_fingerprint: after.fingerprint }),
    ...source,
  };
}

/** A secret name is `***` with its fingerprint as the value, so that different elements stay different. */
function reportedElement(
  { name, value }: Element,
  path: Path,
  hidden: boolean,
  mask: Mask,
): { readonly element: Element; readonly hidden: boolean } {
  if (hidden) return { element: { name: '***', value: { $fingerprint: mask.fingerprint([name, value]) } }, hidden };
  const shown = withoutUserinfo(name);
  if (value === undefined) return { element: { name: shown }, hidden: shown !== name };
  const masked = mask.value([...path, name], value);
  const content = masked.hidden === 'all' ? { $fingerprint: masked.fingerprint } : masked.value;
  return { element: { name: shown, value: content }, hidden: shown !== name || masked.hidden !== 'open' };
}

/**
 * How many declared fields are as they should be already. A field is a top-level name; of `grants` each role is one,
 * and of `custom` each key. What cannot be compared is not counted.
 */
function unchangedIn(change: Change): number {
  if (change.action !== 'update') return 0;
  const touched = [...change.fields.map((field) => field.path), ...change.uncompared];
  // Moderators are members with a role, so that is where their differences are.
  if (touched.some(([name]) => name === 'members')) touched.push(['moderators'], ['members_mode']);
  return declaredPaths(change.resource.declared).filter(
    (path) => !touched.some((other) => path.every((step, index) => other[index] === undefined || other[index] === step)),
  ).length;
}

function declaredPaths(declared: unknown): readonly Path[] {
  return entriesOf(declared).flatMap(([name, value]): readonly Path[] =>
    name === 'grants' || name === 'custom' ? entriesOf(value).map(([key]) => [name, key]) : [[name]],
  );
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function reportedDiagnostics(diagnostics: readonly Diagnostic[]): readonly ReportDiagnostic[] {
  return diagnostics.toSorted(byPlace).map(({ severity, code, message, help, address, at }) => ({
    severity,
    code,
    message,
    ...(help === undefined ? {} : { help }),
    ...(address === undefined ? {} : { address }),
    ...(at === undefined ? {} : { source: placeOf(at) }),
  }));
}

/** What has no place comes last, in the order in which it was found. */
function byPlace({ at: one }: Diagnostic, { at: other }: Diagnostic): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
  return byCodeUnit(one.file, other.file) || one.line - other.line || one.column - other.column;
}

function reportedOutcome(outcome: Outcome): ReportOutcome {
  const { address } = outcome.change;
  if (outcome.status === 'applied') return { address, status: 'applied' };
  if (outcome.status === 'skipped') return { address, status: 'skipped', because: withoutUserinfo(outcome.because) };
  return { address, status: 'failed', because: outcome.diagnostic.message, done: outcome.done };
}

function placeOf({ file, line, column }: SourceSpan): { file: string; line: number; column: number } {
  return { file, line, column };
}

function byCodeUnit(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
