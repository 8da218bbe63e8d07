import type { PlanReport } from '../model/report.ts';
import { countText } from './diagnostics.ts';
import { visibleId } from './escape.ts';
import { changesOf, entriesOf, isHarmful, type Entry } from './entries.ts';
import { harmCount, harmsOf, moreHarms, type Harm, type HarmCount } from './harms.ts';
import { weightOf } from './losing.ts';
import * as sections from './markdown-sections.ts';
import { sizeOf } from './markdown-text.ts';
import { toldOnce } from './repeated.ts';
import { head } from './value-text.ts';
import { counted } from './words.ts';

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
 * lose nothing and mean no danger, all differences, warnings and notes, the table, errors, and only then losses and
 * dangers, the least harmful first.
 */
export function renderMarkdown(report: PlanReport, options: MarkdownOptions = {}): string {
  const { limit = 65_536, whole = 'run `streambed plan` for the whole plan' } = options;
  const content = contentOf(report);
  for (const level of levels) {
    const text = pageOf(content, level, whole, limit);
    if (text !== undefined) return text;
  }
  const last = [
    countsOf(report, content.harms, limit, whole),
    joined([markerOf(report), `Too long to show: ${whole}`]),
    '',
  ];
  return last.find((text) => sizeOf(text) <= limit) ?? '';
}

/** The first line of a comment, by which it is found again: the same for all plans of an app and an environment. */
export function markerOf({ app, environment }: Pick<PlanReport, 'app' | 'environment'>): string {
  const id = app === undefined ? undefined : String(app.id ?? head(visibleId(app.name ?? ''), 200));
  const parts = [
    ...(id === undefined ? [] : [` app=${encoded(id)}`]),
    ...(environment === undefined ? [] : [` env=${encoded(head(visibleId(environment.name), 200))}`]),
  ];
  return `<!-- streambed:plan${parts.join('')} -->`;
}

/** Only letters and digits stay, so that no name can end the comment. */
function encoded(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
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

/** What the levels are made of, worked out once. */
interface Content {
  readonly report: PlanReport;
  readonly entries: readonly Entry[];
  readonly harms: readonly Harm[];
  readonly outcomes: string;
  readonly caution: string;
  readonly table: string;
  readonly leaving: string;
  readonly uncompared: string;
  readonly diagnostics: string;
}

function contentOf(report: PlanReport): Content {
  const entries = entriesOf(report, toldOnce(report.diagnostics).single);
  const harms = harmsOf(report);
  return {
    report,
    entries,
    harms,
    outcomes: sections.outcomeSection(report),
    caution: sections.cautionSection([
      ...harms.map((harm) => sections.harmLine(harm)),
      ...errorLines(report),
    ]),
    table: sections.tableSection(entries),
    leaving: sections.leavingSection(report),
    uncompared: sections.uncomparedSection(report),
    diagnostics: sections.diagnosticSection(report),
  };
}

/** The page with this much on it; undefined when that does not fit. */
function pageOf(
  content: Content,
  { details, diagnostics }: Level,
  whole: string,
  limit: number,
): string | undefined {
  const { report, entries, caution, table, leaving, uncompared } = content;
  const shown = { all: entries, losing: entries.filter(isHarmful), none: [] }[details];
  const milder = report.diagnostics.filter(({ severity }) => severity !== 'error');
  const safe = entries.filter((entry) => !isHarmful(entry)).flatMap(changesOf);
  const left = [
    ...(details === 'losing' ? [`the differences of ${counted(safe.length, 'harmless change')}`] : []),
    ...(details === 'none' && entries.length > 0 ? ['the differences inside objects'] : []),
    ...(details === 'none' && entries.some(({ others }) => others.length > 0)
      ? ['the names of those that change alike']
      : []),
    ...(details === 'all' || leaving === '' ? [] : ['the list of what leaves management']),
    ...(details === 'all' || uncompared === '' ? [] : ['the list of what cannot be compared']),
    ...(diagnostics || milder.length === 0 ? [] : [countText(milder)]),
  ];
  const page = (differences: string): string =>
    joined([
      markerOf(report),
      sections.heading(report),
      sections.comparedSection(report),
      leftOut(left, whole),
      content.outcomes,
      report.outcomes === undefined ? '' : '**The plan was:**',
      caution,
      table,
      differences,
      ...(details === 'all' ? [leaving, uncompared] : []),
      ...(diagnostics ? [sections.settledSection(report), content.diagnostics] : []),
      sections.costSection(report),
    ]);
  // The differences of a large plan take long, and most often there is no room for them.
  if (sizeOf(page('')) > limit) return undefined;
  const text = page(sections.detailsSection(shown, report.compared_with?.applied));
  return sizeOf(text) > limit ? undefined : text;
}

/** The counts, every loss, danger and error; or as many of them as fit, errors last. */
function countsOf(report: PlanReport, harms: readonly Harm[], limit: number, whole: string): string {
  const lines = harms.map((harm) => sections.harmLine(harm));
  const errors = errorLines(report);
  const page = (shown: readonly string[]): string =>
    joined([
      markerOf(report),
      sections.heading(report),
      sections.comparedSection(report),
      leftOut(['everything but counts, losses, dangers and errors'], whole),
      sections.cautionSection(shown),
      sections.countSection(report),
    ]);
  const fits = (shown: readonly string[]): boolean => sizeOf(page(shown)) <= limit;
  if (fits([...lines, ...errors])) return page([...lines, ...errors]);

  const rest = (words: string): readonly string[] => (words === '' ? [] : [`and ${words}: ${whole}`]);
  const moreErrors = (count: number): readonly string[] =>
    rest(count === 0 ? '' : counted(count, 'more error'));
  const roomWith = (shown: readonly string[]): number => limit - sizeOf(page(shown));

  const all = harmCount(harms);
  // The largest numbers are the longest: what is said in the end is never longer than what room is kept for.
  const noErrors = moreErrors(errors.length);
  const told = fits([...lines, ...noErrors])
    ? { lines, count: all }
    : fittingHarms(harms, lines, roomWith([...rest(moreHarms(all)), ...noErrors]));
  const untold = { losses: all.losses - told.count.losses, dangers: all.dangers - told.count.dangers };
  const above = [...told.lines, ...rest(moreHarms(untold))];
  const shown = fitting(errors, roomWith([...above, ...noErrors]));
  return page([...above, ...shown, ...moreErrors(errors.length - shown.length)]);
}

/** The first harms that fit, and of the next one as many names as do. */
function fittingHarms(
  harms: readonly Harm[],
  all: readonly string[],
  room: number,
): { readonly lines: readonly string[]; readonly count: HarmCount } {
  const lines = fitting(all, room);
  const count = harmCount(harms.slice(0, lines.length));
  const next = harms[lines.length];
  const left = room - lines.reduce((sum, line) => sum + sizeInList(line), 0);
  if (next?.losing?.loses === undefined) return { lines, count };
  const names = weightOf(next.losing);
  let some = 0;
  for (let step = 2 ** Math.ceil(Math.log2(names + 1)); step >= 1; step /= 2) {
    const more = some + step;
    if (more < names && sizeInList(sections.harmLine(next, more)) <= left) some = more;
  }
  return some === 0
    ? { lines, count }
    : {
        lines: [...lines, sections.harmLine(next, some)],
        count: { ...count, losses: count.losses + some },
      };
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
