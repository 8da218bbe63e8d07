import type { PlanReport } from '../model/report.ts';
import { visibleId } from './escape.ts';
import { losingOf, weightOf, type Losing } from './losing.ts';
import * as sections from './markdown-sections.ts';
import { sizeOf } from './markdown-text.ts';
import { head } from './value-text.ts';
import { countText } from './diagnostics.ts';
import { counted, grouped } from './words.ts';

/** How large a Markdown plan may be, and where the rest of it is. */
export interface MarkdownOptions {
  /** UTF-16 units and UTF-8 bytes; what GitHub takes as a comment unless given. */
  readonly limit?: number;
  /** Markdown of the caller's own that says where the whole plan is, as the end of a sentence. */
  readonly whole?: string;
}

/**
 * A report as a comment on a pull request: nothing foreign in it acts, equal plans give equal text, and it is never
 * longer than the limit. What does not fit is left out in this order, and named: the differences inside objects that
 * lose nothing, all differences, warnings and notes, the table, errors, and only then losses, the least harmful first.
 */
export function renderMarkdown(report: PlanReport, options: MarkdownOptions = {}): string {
  const { limit = 65_536, whole = 'run `streambed plan` for the whole plan' } = options;
  for (const level of levels) {
    const text = pageOf(report, level, whole);
    if (sizeOf(text) <= limit) return text;
  }
  const last = [countsOf(report, limit, whole), joined([markerOf(report), `Too long to show: ${whole}`]), ''];
  return last.find((text) => sizeOf(text) <= limit) ?? '';
}

/** The first line of a comment, by which it is found again: the same for all plans of an app. */
export function markerOf({ app }: Pick<PlanReport, 'app'>): string {
  const id = app === undefined ? undefined : (app.id ?? head(visibleId(app.name ?? ''), 200));
  // Only letters and digits stay, so that no name can end the comment.
  const value = String(id).replace(
    /[^A-Za-z0-9]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return id === undefined ? '<!-- streambed:plan -->' : `<!-- streambed:plan app=${value} -->`;
}

interface Level {
  readonly details: 'all' | 'losing' | 'none';
  readonly diagnostics: boolean;
}

const levels: readonly Level[] = [
  { details: 'all', diagnostics: true },
  { details: 'losing', diagnostics: true },
  { details: 'none', diagnostics: true },
  { details: 'none', diagnostics: false },
];

function pageOf(report: PlanReport, { details, diagnostics }: Level, whole: string): string {
  const losing = new Set(report.losses.map(({ address }) => address));
  const safe = report.changes.filter((change) => !sections.isLosing(change, losing));
  const harmful = report.changes.filter((change) => sections.isLosing(change, losing));
  const shown = { all: report.changes, losing: harmful, none: [] }[details];
  const milder = report.diagnostics.filter(({ severity }) => severity !== 'error');
  const untold = sections.uncomparedSection(report);
  const left = [
    ...(details === 'losing' ? [`the differences of ${counted(safe.length, 'harmless change')}`] : []),
    ...(details === 'none' && report.changes.length > 0 ? ['the differences inside objects'] : []),
    ...(details === 'all' || untold === '' ? [] : ['the list of what cannot be compared']),
    ...(diagnostics || milder.length === 0 ? [] : [countText(milder)]),
  ];
  return joined([
    markerOf(report),
    sections.heading(report),
    leftOut(left, whole),
    sections.outcomeSection(report),
    report.outcomes === undefined ? '' : '**The plan was:**',
    sections.cautionSection([
      ...losingOf(report).map((one) => sections.losingLine(one)),
      ...errorLines(report),
    ]),
    sections.tableSection(report),
    sections.detailsSection(shown, losing),
    details === 'all' ? untold : '',
    diagnostics ? sections.diagnosticSection(report) : '',
    sections.costSection(report),
  ]);
}

/** The counts, every loss and every error; or as many of them as fit, losses before errors. */
function countsOf(report: PlanReport, limit: number, whole: string): string {
  const losing = losingOf(report);
  const losses = losing.map((one) => sections.losingLine(one));
  const errors = errorLines(report);
  const page = (lines: readonly string[]): string =>
    joined([
      markerOf(report),
      sections.heading(report),
      leftOut(['everything but counts, losses and errors'], whole),
      sections.cautionSection(lines),
      sections.countSection(report),
    ]);
  const fits = (lines: readonly string[]): boolean => sizeOf(page(lines)) <= limit;
  if (fits([...losses, ...errors])) return page([...losses, ...errors]);

  const rest = (count: number, one: string, many: string): readonly string[] =>
    count === 0 ? [] : [`and ${grouped(count)} more ${count === 1 ? one : many}: ${whole}`];
  const moreErrors = (count: number): readonly string[] => rest(count, 'error', 'errors');
  const moreLosses = (count: number): readonly string[] => rest(count, 'loss', 'losses');
  const roomWith = (lines: readonly string[]): number => limit - sizeOf(page(lines));

  const count = losing.reduce((sum, one) => sum + weightOf(one), 0);
  // The largest numbers are the longest: what is said in the end is never longer than what room is kept for.
  const noErrors = moreErrors(errors.length);
  const told = fits([...losses, ...noErrors])
    ? { lines: losses, count }
    : fittingLosses(losing, losses, roomWith([...moreLosses(count), ...noErrors]));
  const above = [...told.lines, ...moreLosses(count - told.count)];
  const shown = fitting(errors, roomWith([...above, ...noErrors]));
  return page([...above, ...shown, ...moreErrors(errors.length - shown.length)]);
}

/** The first losses that fit, and of the next one as many names as do. */
function fittingLosses(
  losing: readonly Losing[],
  losses: readonly string[],
  room: number,
): { readonly lines: readonly string[]; readonly count: number } {
  const lines = fitting(losses, room);
  const count = losing.slice(0, lines.length).reduce((sum, one) => sum + weightOf(one), 0);
  const next = losing[lines.length];
  const left = room - lines.reduce((sum, line) => sum + sizeInList(line), 0);
  if (next?.loses === undefined) return { lines, count };
  let some = 0;
  for (let step = 2 ** Math.ceil(Math.log2(weightOf(next) + 1)); step >= 1; step /= 2) {
    const more = some + step;
    if (more < weightOf(next) && sizeInList(sections.losingLine(next, more)) <= left) some = more;
  }
  return some === 0
    ? { lines, count }
    : { lines: [...lines, sections.losingLine(next, some)], count: count + some };
}

/** The first lines that fit together. */
function fitting(lines: readonly string[], room: number): readonly string[] {
  let left = room;
  const end = lines.findIndex((line) => (left -= sizeInList(line)) < 0);
  return end === -1 ? lines : lines.slice(0, end);
}

function sizeInList(line: string): number {
  return sizeOf(sections.cautionItem(line)) + 1;
}

function errorLines({ diagnostics }: PlanReport): readonly string[] {
  return diagnostics.filter(({ severity }) => severity === 'error').map(sections.diagnosticLine);
}

function leftOut(what: readonly string[], whole: string): string {
  return what.length === 0 ? '' : `**Shortened to fit.** Left out: ${what.join(', ')}; ${whole}.`;
}

function joined(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
