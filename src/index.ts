/**
 * Streambed as a library: what the CLI does, without a terminal. Nothing here touches the process or the console, and
 * whatever takes time can be aborted.
 *
 * @example
 * const { value: manifest, diagnostics } = await load(['chat/']);
 * const connection = await connect({ apiKey, apiSecret });
 * const planned = await plan(manifest, connection);
 * if (verdictOf(planned) === 'changes') await apply(planned, connection);
 */
import { standingOf, type Question } from './kinds/can.ts';
import { registry } from './kinds/registry.ts';
import type { FileTree } from './manifest/file-tree.ts';
import { readSources } from './manifest/files.ts';
import { manifestSchema, projectFileSchema } from './manifest/json-schema.ts';
import { loadManifest } from './manifest/load.ts';
import { loadProject } from './manifest/project.ts';
import { lossWordsOf } from './manifest/project-schema.ts';
import { shownTexts, type ShownTexts } from './manifest/shown-text.ts';
import type { Diagnostic, Result } from './model/diagnostic.ts';
import type { Journal, JournalEntry, JournalLines } from './model/journal.ts';
import type { JsonSchema } from './model/schema.ts';
import type { Outcome } from './model/outcome.ts';
import type { Plan } from './model/plan.ts';
import type { Expectation } from './model/policy.ts';
import { projectFile, type Project } from './model/project.ts';
import { planReportSchema, type PlanReport } from './model/report.ts';
import type { Manifest } from './model/resource.ts';
import type { Standing } from './model/standing.ts';
import type { SavedPlan } from './model/saved-plan.ts';
import { applyPlan, type ApplyOptions, type ApplyResult } from './reconcile/apply.ts';
import { makePlan, type PlanOptions } from './reconcile/plan.ts';
import { expectationsAfter, expectationsLive, expectationsOffline } from './reconcile/expectations.ts';
import { checkOffline } from './reconcile/references.ts';
import { unapproved } from './reconcile/losses.ts';
import {
  differencesFrom as differences,
  isSealed as hasSeal,
  savedPlanOf as savedPlan,
  type SavedPlanContext,
} from './reconcile/saved-plan.ts';
import { rollbackManifest } from './reconcile/rollback.ts';
import { blocking, verdictOf } from './reconcile/verdict.ts';
import { journalOf, shownEntry, type JournalContext } from './render/journal.ts';
import { reportOf, type ReportContext } from './render/report.ts';
import { reproductionOf as nameless } from './render/reproduction.ts';
import type { Connection } from './stream/connect.ts';

export { registry };
export { mostReportBytes, readReport } from './manifest/report-file.ts';
export { ConnectionUsageError } from './stream/base-url.ts';
export { connect, type ConnectOptions, type Connection, type RequestEvent } from './stream/connect.ts';
export { unapproved as blockedBy } from './reconcile/losses.ts';
export { rulesChanged } from './reconcile/rules-changed.ts';
export { journalState } from './reconcile/journal-state.ts';
export { clearLock, type Holder, type LockOptions } from './reconcile/lock.ts';
export { verdictOf, type Verdict } from './reconcile/verdict.ts';
export { readSources } from './manifest/files.ts';
export type { FileTree } from './manifest/file-tree.ts';
export type { Revisions } from './reconcile/origins.ts';
export type { ApplyOptions, ApplyResult } from './reconcile/apply.ts';
export type { PlanOptions } from './reconcile/plan.ts';
export type { Address } from './model/address.ts';
export type { Change, FieldChange } from './model/change.ts';
export type { Diagnostic, Result, SourceSpan } from './model/diagnostic.ts';
export type { Question } from './kinds/can.ts';
export type { Kind, Registry } from './model/kind.ts';
export { JournalFailure, type Journal, type JournalEntry, type JournalLines } from './model/journal.ts';
export type { ApplyEvent, Outcome } from './model/outcome.ts';
export type { Plan, PlannedLoss } from './model/plan.ts';
export type { Expectation, Rules } from './model/policy.ts';
export type { Project } from './model/project.ts';
export type { Standing } from './model/standing.ts';
export type { PlanReport } from './model/report.ts';
export type { AppGuard, Manifest, Removal, Resource } from './model/resource.ts';
export type { SavedPlan } from './model/saved-plan.ts';
export { StreamFailure } from './model/stream.ts';

/** Where manifests come from besides the paths. */
export interface LoadOptions {
  /** Where relative paths begin; `.` unless given. */
  readonly cwd?: string;
  /** What `-` stands for. */
  readonly readStdin?: () => Promise<string>;
  /** Where the files are; the disk unless given. */
  readonly tree?: FileTree;
  /** A folder that no link below it may lead out of. */
  readonly within?: string;
}

/** What a report needs besides the plan; `fingerprint` is the connection's. */
export interface ReportOptions extends Pick<
  ReportContext,
  | 'command'
  | 'emulator'
  | 'environment'
  | 'fingerprint'
  | 'found'
  | 'outcomes'
  | 'receipt'
  | 'standIn'
  | 'verified'
  | 'version'
> {
  /** How many of each kind of loss are approved besides what `removed:` names. */
  readonly allowDestroy?: ReadonlyMap<string, number>;
}

/** A manifest with everything that was wrong, and the texts it came from, by file name, for code frames. */
export interface Loaded extends Result<Manifest> {
  /** Lines and columns are those of the files; secrets and passwords in URLs are blanked. */
  readonly sources: ShownTexts;
}

/**
 * Reads and composes manifests: files, folders and `-`. Everything wrong is among the diagnostics, each at its place;
 * names that only the live app can confirm are warnings here and errors of a plan. Never rejects for bad input.
 */
export async function load(paths: readonly string[], options: LoadOptions = {}): Promise<Loaded> {
  const readStdin = options.readStdin ?? (() => Promise.resolve(''));
  const { cwd = '.', tree, within } = options;
  const sources = await readSources(paths, {
    cwd,
    readStdin,
    ...(tree === undefined ? {} : { tree }),
    ...(within === undefined ? {} : { within }),
  });
  const { value, diagnostics } = loadManifest(sources.value, registry);
  return {
    value,
    diagnostics: [...sources.diagnostics, ...diagnostics],
    sources: shownTexts(sources.value, registry),
  };
}

/** A project file with everything that was wrong; no project when anything was. */
export interface LoadedProject extends Result<Project | undefined> {
  /** Its text, for code frames. */
  readonly sources: ShownTexts;
}

/** Reads `streambed.yaml` in a folder; undefined where there is none. Never rejects for bad input. */
export async function readProject(
  cwd = '.',
  options: Pick<LoadOptions, 'within'> = {},
): Promise<LoadedProject | undefined> {
  const readStdin = (): Promise<string> => Promise.resolve('');
  const read = await readSources([projectFile], { cwd, readStdin, ...options });
  if (read.diagnostics.some(({ code }) => code === 'file-not-found')) return undefined;
  const [source] = read.value;
  if (source === undefined)
    return { value: undefined, diagnostics: read.diagnostics, sources: shownTexts([], registry) };
  const { value, diagnostics } = loadProject(source, registry);
  return {
    value,
    diagnostics: [...read.diagnostics, ...diagnostics],
    sources: shownTexts([source], registry),
  };
}

/** What the text of a project file says; no project when anything is wrong. */
export function projectOf(text: string, file: string = projectFile): Result<Project | undefined> {
  return loadProject({ file, text }, registry);
}

/** What can be said of references without the live app: names that only it can confirm, as warnings. */
export function checkReferences(manifest: Manifest): readonly Diagnostic[] {
  return checkOffline(manifest, registry);
}

/** Whether a user may do something in the live app, and by which grant. Sends reads only; rejects when one fails. */
export function can(
  question: Question,
  { reader }: Pick<Connection, 'reader'>,
): Promise<Result<Standing | undefined>> {
  return standingOf(reader, question);
}

/** Tests expectations on what the manifests say alone: what they do not say is not claimed, and counted in a note. */
export function checkExpectationsOffline(
  manifest: Manifest,
  expectations: readonly Expectation[],
): readonly Diagnostic[] {
  return expectationsOffline(manifest, registry, expectations);
}

/** Tests expectations on what will be once a plan is applied; what it does not touch is read. */
export function checkExpectationsAfter(
  plan: Plan,
  { reader }: Pick<Connection, 'reader'>,
  expectations: readonly Expectation[],
): Promise<readonly Diagnostic[]> {
  return expectationsAfter(plan, registry, reader, expectations);
}

/** Tests expectations on the live app as it is. */
export function checkExpectationsLive(
  { reader }: Pick<Connection, 'reader'>,
  expectations: readonly Expectation[],
): Promise<readonly Diagnostic[]> {
  return expectationsLive(registry, reader, expectations);
}

/** Compares a manifest with the live app. Sends nothing but reads; rejects with StreamFailure when one fails. */
export function plan(
  manifest: Manifest,
  connection: Pick<Connection, 'reader'>,
  options: PlanOptions = {},
): Promise<Plan> {
  return makePlan(manifest, registry, connection.reader, options);
}

/**
 * Makes the app what a plan says, and plans again to see that it is. Refuses a plan that is blocked or invalid. What goes
 * to the journal holds no secret of the manifests.
 */
export function apply(plan: Plan, connection: Connection, options: ApplyOptions = {}): Promise<ApplyResult> {
  const { journal } = options;
  if (journal === undefined) return applyPlan(plan, registry, connection, options);
  const shown = shownEntry(plan, registry, connection.fingerprint);
  const open = async (): Promise<Journal> => {
    const file = await journal();
    return { append: (entry) => file.append(shown(entry)) };
  };
  return applyPlan(plan, registry, connection, { ...options, journal: open });
}

/** What a journal of this plan begins with: which run it is, what was there before, and what will be sent. */
export function journalEntries(
  plan: Plan,
  { fingerprint }: Pick<Connection, 'fingerprint'>,
  context: Omit<JournalContext, 'fingerprint'>,
): readonly JournalEntry[] {
  return journalOf(plan, registry, { ...context, fingerprint });
}

/** What a bug report needs when an app is not as it was sent; nothing in it tells whose app it is. */
export function reproductionOf(remaining: Plan, outcomes: readonly Outcome[], version: string): unknown {
  return nameless(remaining, outcomes, registry, version);
}

/** The manifest that asks for the way back from what a journal tells; what cannot go back is among the diagnostics. */
export function rollbackOf(journal: JournalLines): Result<Manifest> {
  return rollbackManifest(journal, registry);
}

/** The plan as everybody may see it: masked, complete, and the JSON format itself. */
export function report(plan: Plan, options: ReportOptions): PlanReport {
  const { allowDestroy = new Map<string, number>(), ...rest } = options;
  const refused = unapproved(plan, allowDestroy);
  // A plan may show any loss: it says what an apply will ask for. Only the apply is refused.
  const applies = options.command === 'apply' || options.command === 'rollback';
  const asked = applies ? [] : refused.map(asWarning);
  const { diagnostics } = plan;
  return reportOf(
    { ...plan, diagnostics: [...diagnostics, ...asked] },
    {
      ...rest,
      registry,
      blocked: [...diagnostics.filter(({ code }) => blocking.has(code)), ...(applies ? refused : [])],
      approved: ({ what }) => !refused.some((refusal) => refusal.what === what),
      stopped: verdictOf(plan) === 'error' ? 'error' : 'invalid',
    },
  );
}

function asWarning(refusal: Diagnostic): Diagnostic {
  return { ...refusal, severity: 'warning' };
}

/** A plan as a file to review: sealed, without any secret, and only ever held against a later plan. */
export function savedPlanOf(
  plan: Plan,
  { sign }: Pick<Connection, 'sign'>,
  context: SavedPlanContext,
): SavedPlan {
  return savedPlan(plan, registry, sign, context);
}

/** True when a saved plan was made with the secret of this app, and not edited since. */
export function isSealed(saved: SavedPlan, { sign }: Pick<Connection, 'sign'>): boolean {
  return hasSeal(saved, sign);
}

/** Everything in which a plan is not the one that was saved: none, and it may be applied as reviewed. */
export function differencesFrom(
  saved: SavedPlan,
  plan: Plan,
  { sign }: Pick<Connection, 'sign'>,
): readonly Diagnostic[] {
  return differences(saved, plan, registry, sign);
}

/** What `allowDestroy` can name: kinds that can be deleted, and what goes with their changes. */
export const lossWords: readonly string[] = lossWordsOf(registry);

/** The published schemas, by name. */
export const schemas: Readonly<Record<'manifest' | 'plan' | 'project', () => JsonSchema>> = {
  manifest: () => manifestSchema(registry),
  plan: () => planReportSchema,
  project: () => projectFileSchema(registry),
};
