import { pathText } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import { dangerRules } from '../model/danger.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { Environment, Registry } from '../model/kind.ts';
import type { Outcome } from '../model/outcome.ts';
import type { AppIdentity, Plan, PlannedDanger, PlannedLoss } from '../model/plan.ts';
import type {
  PlanReport,
  ReportChange,
  ReportDanger,
  ReportDiagnostic,
  ReportOutcome,
} from '../model/report.ts';
import { costOf } from './cost.ts';
import { isCounted, needsALook, urgencyOf } from './danger-text.ts';
import { maskFor, shownDiagnostic, withoutUserinfo } from './mask.ts';
import { placeOf, reportedField } from './reported-field.ts';
import { scrubberFor } from './scrub.ts';
import { rightsOf } from './rights.ts';
import { defaultsOf, staysIn, unchangedPaths } from './unchanged.ts';

/** What a report says besides the plan. */
export interface ReportContext {
  readonly registry: Registry;
  readonly version: string;
  readonly command: 'plan' | 'apply' | 'drift' | 'rollback';
  /** The environment that was asked for. */
  readonly environment?: Environment;
  /** The revision that stands in for the live app, when nothing real was read. */
  readonly standIn?: string;
  readonly emulator: boolean;
  /** Why an apply is refused for safety; none when it is not. */
  readonly blocked: readonly Diagnostic[];
  /** Stands for a secret: keyed for this plan, so that it means nothing outside it. */
  fingerprint(text: string): string;
  /** True when a flag or a reviewed plan approves this loss; `removed:` lines count without it. */
  approved?(loss: PlannedLoss): boolean;
  readonly outcomes?: readonly Outcome[];
  readonly verified?: 'converged' | 'differs' | 'unknown';
  /** What was sent, and where it is written down. */
  readonly receipt?: PlanReport['receipt'];
  /** What an apply found besides its outcomes. */
  readonly found?: readonly Diagnostic[];
  /** What errors among the plan's diagnostics mean: the manifests unless it says otherwise. */
  readonly stopped?: 'invalid' | 'error';
}

/** What a report says of a run that never got to a plan, or only looked at the manifests. */
export interface ProblemContext {
  readonly command: 'plan' | 'apply' | 'validate' | 'drift' | 'rollback';
  readonly environment?: Environment;
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
  const { found = [], outcomes, receipt, verified } = more;
  const order = readingOrder(plan, more.registry);
  const scrubbed =
    outcomes === undefined ? withoutUserinfo : scrubberFor(plan.manifest.resources, more.registry);
  const changes = plan.changes.toSorted(order).flatMap((change) => reportedChange(change, plan, more));
  const declared = plan.changes.filter(
    (change) => change.action !== 'delete' && change.uncompared.length > 0,
  );
  const uncompared = declared.toSorted(order).map(({ address, uncompared: paths }) => ({
    address,
    paths: paths.map(pathText).sort(),
  }));
  const losses = plan.losses
    .toSorted((one, other) => order(one.change, other.change))
    .map((loss) => ({
      address: loss.change.address,
      what: loss.what,
      names: loss.names.map(withoutUserinfo),
      approved: loss.approved || (more.approved?.(loss) ?? false),
    }));
  const failures = (outcomes ?? []).flatMap((outcome) =>
    outcome.status === 'failed'
      ? [
          {
            address: outcome.change.address,
            ...outcome.diagnostic,
            message: scrubbed(outcome.diagnostic.message),
          },
        ]
      : [],
  );
  const dangers = plan.dangers
    .map((danger) => reportedDanger(danger, scrubbed))
    .toSorted((one, other) => urgencyOf(one) - urgencyOf(other));
  const actions = (action: Change['action']): number =>
    plan.changes.filter((change) => change.action === action).length;
  return {
    ...headOf(more, outcomeOf(plan, more, changes.length + failures.length > 0, failures.length > 0)),
    ...(more.standIn === undefined ? {} : { stand_in: more.standIn }),
    ...comparedWith(plan),
    app: appOf(plan.app),
    files: plan.manifest.files,
    summary: {
      create: actions('create'),
      update: actions('update'),
      delete: actions('delete'),
      unchanged: actions('keep'),
      lose: losses.reduce((sum, loss) => sum + loss.names.length, 0),
      uncompared: uncompared.reduce((sum, { paths }) => sum + paths.length, 0),
      dangerous: dangers.filter(isCounted).length,
    },
    changes,
    uncompared,
    losses,
    dangers,
    leaving: (plan.origins?.leaving ?? []).map(({ address, path, guards }) => ({
      address: withoutUserinfo(address),
      path: path.map(withoutUserinfo),
      guards,
    })),
    cost: costOf(plan),
    diagnostics: reportedDiagnostics([
      ...new Set([...plan.diagnostics, ...more.blocked, ...failures, ...found]),
    ]),
    ...(outcomes === undefined
      ? {}
      : { outcomes: outcomes.map((outcome) => reportedOutcome(outcome, scrubbed)) }),
    ...(verified === undefined ? {} : { verified }),
    ...(receipt === undefined ? {} : { receipt }),
  };
}

/** The report of a run that ended before there was a plan. */
export function reportOfProblems(more: ProblemContext): PlanReport {
  return {
    ...headOf(more, more.outcome),
    ...(more.app === undefined ? {} : { app: appOf(more.app) }),
    files: more.files,
    summary: { create: 0, update: 0, delete: 0, unchanged: 0, lose: 0, uncompared: 0, dangerous: 0 },
    changes: [],
    uncompared: [],
    losses: [],
    dangers: [],
    leaving: [],
    diagnostics: reportedDiagnostics(more.diagnostics),
  };
}

type Head = Pick<PlanReport, 'format_version' | 'tool' | 'command' | 'outcome' | 'emulator' | 'environment'>;

function headOf(
  {
    version,
    command,
    emulator,
    environment,
  }: Pick<ProblemContext, 'version' | 'command' | 'emulator' | 'environment'>,
  outcome: PlanReport['outcome'],
): Head {
  return {
    format_version: '1.2',
    tool: { name: 'streambed', version },
    command,
    outcome,
    emulator,
    ...(environment === undefined
      ? {}
      : { environment: { name: environment.name, production: environment.production } }),
  };
}

function comparedWith({ origins }: Plan): Pick<PlanReport, 'compared_with'> {
  if (origins === undefined) return {};
  const { base, applied } = origins;
  return {
    compared_with: {
      ...(base === undefined ? {} : { base: base.ref, commit: base.commit }),
      ...(applied === undefined ? {} : { applied }),
    },
  };
}

function reportedDanger(danger: PlannedDanger, scrubbed: (text: string) => string): ReportDanger {
  const { code, address, path, message, action, accepted, change } = danger;
  const at = change?.action === 'delete' ? change.removal.at : change?.resource?.locate(path);
  return {
    code,
    title: dangerRules[code],
    address: withoutUserinfo(address),
    path: path.map(withoutUserinfo),
    message: scrubbed(message),
    action,
    ...(accepted === undefined ? {} : { accepted: withoutUserinfo(accepted) }),
    ...(at === undefined ? {} : { source: placeOf(at) }),
  };
}

function outcomeOf(
  plan: Plan,
  more: ReportContext,
  changes: boolean,
  failed: boolean,
): PlanReport['outcome'] {
  const refusals = new Set(more.blocked);
  if (hasErrors(plan.diagnostics.filter((diagnostic) => !refusals.has(diagnostic))))
    return more.stopped ?? 'invalid';
  if (refusals.size > 0) return 'blocked';
  if (failed) return 'error';
  return changes ? 'changes' : 'no-changes';
}

function appOf({ id, name }: AppIdentity): { readonly id?: number; readonly name: string } {
  return id === undefined ? { name } : { id, name };
}

/** Losses and dangers first, then by kind as the registry lists them, then by key in code units. */
function readingOrder(plan: Plan, registry: Registry): (one: Change, other: Change) => number {
  const losing = new Set(plan.losses.map((loss) => loss.change.address));
  const dangerous = new Set(plan.dangers.filter(needsALook).map(({ address }) => address));
  const kinds = new Map(registry.kinds.map((kind, index) => [kind.name, index]));
  const rank = ({ action, address }: Change): number =>
    action === 'delete' || losing.has(address) ? 0 : dangerous.has(address) ? 1 : 2;
  const kindRank = (change: Change): number => kinds.get(change.kind) ?? kinds.size;
  return (one, other) =>
    rank(one) - rank(other) || kindRank(one) - kindRank(other) || byCodeUnit(one.address, other.address);
}

function reportedChange(change: Change, plan: Plan, more: ReportContext): readonly ReportChange[] {
  if (change.action === 'keep') return [];
  const kind = more.registry.kinds.find(({ name }) => name === change.kind);
  const mask = maskFor(kind?.schema, more.fingerprint);
  const at = change.action === 'delete' ? change.removal.at : change.resource.locate([], 'name');
  const removal =
    change.action === 'delete' ? { how: change.how, because: withoutUserinfo(change.removal.because) } : {};
  const whose = plan.origins?.changes.get(change.address);
  const reach = plan.reach.get(change.address);
  const rights = kind === undefined ? undefined : rightsOf(change, kind);
  const stays = kind === undefined ? [] : staysIn(change, kind.schema, mask);
  const defaults = kind === undefined ? [] : defaultsOf(change, kind.schema);
  return [
    {
      address: change.address,
      kind: change.kind,
      key: change.key,
      action: change.action,
      ...removal,
      source: placeOf(at),
      ...(whose === undefined ? {} : { origin: whose.origin }),
      ...(whose?.adopts === true ? { adopts: true } : {}),
      ...(reach === undefined ? {} : { reach }),
      ...(rights === undefined ? {} : { rights }),
      fields: change.fields.map((field) =>
        reportedField(field, mask, change, whose?.fields.get(pathText(field.path))),
      ),
      ...(stays.length === 0 ? {} : { stays }),
      ...(defaults.length === 0 ? {} : { defaults }),
      unchanged: unchangedPaths(change).length,
      uncompared: change.action === 'delete' ? [] : change.uncompared.map(pathText).sort(),
    },
  ];
}

function reportedDiagnostics(diagnostics: readonly Diagnostic[]): readonly ReportDiagnostic[] {
  return diagnostics
    .toSorted(byPlace)
    .map(shownDiagnostic)
    .map(({ severity, code, message, help, address, at }) => ({
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
  if (one === undefined || other === undefined)
    return Number(one === undefined) - Number(other === undefined);
  return byCodeUnit(one.file, other.file) || one.line - other.line || one.column - other.column;
}

function reportedOutcome(outcome: Outcome, scrubbed: (text: string) => string): ReportOutcome {
  const { address } = outcome.change;
  if (outcome.status === 'applied') return { address, status: 'applied' };
  if (outcome.status === 'skipped') return { address, status: 'skipped', because: scrubbed(outcome.because) };
  return { address, status: 'failed', because: scrubbed(outcome.diagnostic.message), done: outcome.done };
}

function byCodeUnit(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
