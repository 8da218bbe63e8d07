import { grouped as groupedBy } from '../model/grouped.ts';
import type {
  PlanReport,
  ReportChange,
  ReportDanger,
  ReportDiagnostic,
  ReportLoss,
} from '../model/report.ts';
import { dangerText, needsALook, spokenDangers } from './danger-text.ts';

/** One object of a plan, or several that change alike, with all that the report says about them. */
export interface Entry {
  readonly first: ReportChange;
  /** The others that differ in nothing but their names and places. */
  readonly others: readonly ReportChange[];
  /** Of the first one; the others lose the same. */
  readonly losses: readonly ReportLoss[];
  /** Of all of them, each sentence once, at the first of its places. */
  readonly dangers: readonly ReportDanger[];
  /** Warnings and notes of all of them; errors have a place of their own. */
  readonly diagnostics: readonly ReportDiagnostic[];
}

/** Fewer objects than this are told one by one. */
const fewest = 3;

/** The changes as people read them, in their order: what changes alike is one entry, what is deleted never is. */
export function entriesOf(report: PlanReport, diagnostics: readonly ReportDiagnostic[]): readonly Entry[] {
  const losses = groupedBy(report.losses, ({ address }) => address);
  const dangers = groupedBy(spokenDangers(report), ({ address }) => address);
  const told = groupedBy(diagnostics, ({ address }) => address);
  const codes = groupedBy(diagnostics, ({ code }) => code);
  // A note that is given once may speak of many objects, at the first of them.
  const ofItsOwn = ({ severity, code }: ReportDiagnostic): boolean =>
    severity !== 'note' || (codes.get(code)?.length ?? 0) > 1;
  const entryOf = (first: ReportChange, others: readonly ReportChange[]): Entry => ({
    first,
    others,
    losses: losses.get(first.address) ?? [],
    dangers: sentences([first, ...others].flatMap(({ address }) => dangers.get(address) ?? [])),
    diagnostics: [first, ...others]
      .flatMap(({ address }) => told.get(address) ?? [])
      .filter(({ severity }) => severity !== 'error'),
  });
  const groups = groupedBy(report.changes, (change) =>
    change.action === 'delete' || told.get(change.address)?.some(ofItsOwn) === true
      ? change
      : likeness(change, losses.get(change.address) ?? [], dangers.get(change.address) ?? []),
  );
  const order = new Map(report.changes.map((change, index) => [change, index]));
  return [...groups.values()]
    .flatMap((group) => {
      const [first, ...others] = group;
      if (first === undefined) return [];
      return group.length < fewest ? group.map((change) => entryOf(change, [])) : [entryOf(first, others)];
    })
    .toSorted((one, other) => (order.get(one.first) ?? 0) - (order.get(other.first) ?? 0));
}

/** All the objects of an entry. */
export function changesOf({ first, others }: Entry): readonly ReportChange[] {
  return [first, ...others];
}

/** True for what goes, loses something or means a danger: nothing of it may be overlooked. */
export function isHarmful({ first, losses, dangers }: Entry): boolean {
  return first.action === 'delete' || losses.length > 0 || dangers.some(needsALook);
}

/** Rules that speak of many objects of a plan at once, at the first of them. */
const aboutMany: ReadonlySet<string> = new Set(['everyone-admin', 'many-frozen']);

/** Equal for what differs in nothing but its name and places. */
function likeness(
  { kind, action, origin, adopts, fields, uncompared }: ReportChange,
  losses: readonly ReportLoss[],
  dangers: readonly ReportDanger[],
): string {
  return JSON.stringify([
    [kind, action, origin, adopts, uncompared],
    fields.map(({ source: _, ...field }) => field),
    losses.map(({ what, names, approved }) => [what, names, approved]),
    dangers
      .filter(({ code }) => !aboutMany.has(code))
      .map(({ code, path, accepted, action: judged }) => [code, path, accepted, judged]),
  ]);
}

function sentences(dangers: readonly ReportDanger[]): readonly ReportDanger[] {
  const said = groupedBy(dangers, ({ source: _, ...danger }) => dangerText(danger));
  return [...said.values()].flatMap(([first]) => first ?? []);
}
