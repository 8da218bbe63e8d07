import { grouped as groupedBy } from '../model/grouped.ts';
import type { PlanReport, ReportChange, ReportDiagnostic } from '../model/report.ts';
import { signedText } from './change-text.ts';
import { blocks, needsALook, spokenDangers } from './danger-text.ts';
import { shortText } from './diff-text.ts';
import { quoted, visible } from './escape.ts';
import { losingOf, losingText, type Losing } from './losing.ts';
import { comparedText, originWord } from './origin-text.ts';
import { outcomeLines } from './outcomes.ts';
import { head } from './value-text.ts';
import { headerText, standInText, verdictText } from './verdict-text.ts';
import { counted, grouped, nameText, objectText } from './words.ts';

/**
 * A report as workflow commands of GitHub Actions: an annotation for each diagnostic, each danger and each object that
 * loses something, at the line that asks for it, a few notices for what else changes, and the verdict as plain lines.
 */
export function renderGithub(report: PlanReport): string {
  const annotations = [
    ...dangerAnnotations(report),
    ...losingAnnotations(report),
    ...diagnosticAnnotations(report),
  ];
  const notices = [
    ...standInAnnotation(report),
    ...changeAnnotations(report),
    ...annotations.filter(({ level }) => level === 'notice'),
  ];
  const ordered = [
    ...annotations.filter(({ level }) => level === 'error'),
    ...annotations.filter(({ level }) => level === 'warning'),
    ...notices,
  ];
  const lines = [
    ...ordered.map(commandOf),
    headerText(report),
    verdictText(report),
    ...[comparedText(report)].filter((text) => text !== ''),
    ...(report.outcomes === undefined ? [] : outcomeLines(report, page).map(({ text }) => text)),
    ...hiddenLines(ordered),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

interface Annotation {
  readonly level: 'error' | 'notice' | 'warning';
  readonly title: string;
  /** Each is a line of its own. */
  readonly message: readonly string[];
  readonly source?: ReportDiagnostic['source'];
}

const page = { width: 110, verbose: true };

/** How many annotations of each level GitHub shows for a step. */
const mostShown = 10;

/** Nobody should take a plan against a stand-in for one of the app. */
function standInAnnotation({ stand_in: revision }: PlanReport): readonly Annotation[] {
  if (revision === undefined) return [];
  const message = `${standInText(revision, visible)}: nothing of it was read`;
  return [{ level: 'notice', title: 'stand-in', message: [message] }];
}

/** What is allowed or accepted needs no attention here. */
function dangerAnnotations(report: PlanReport): readonly Annotation[] {
  const dangers = spokenDangers(report).filter(needsALook);
  return dangers.map((danger) => ({
    level: blocks(danger) ? 'error' : 'warning',
    title: danger.code,
    message: [danger.message],
    ...placeOf(danger),
  }));
}

function losingAnnotations(report: PlanReport): readonly Annotation[] {
  return [...groupedBy(losingOf(report), ({ address }) => address).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const title = objectText(first.kind, first.key);
    return [{ level: 'warning', title, message: group.map(losingMessage), ...placeOf(first) }] as const;
  });
}

function losingMessage(losing: Losing): string {
  const { kind, key, goes, loses } = losing;
  const because = goes === undefined || goes.because === '' ? '' : `; because: ${quoted(goes.because)}`;
  const names = loses === undefined ? '' : `: ${loses.names.map(nameText).join(', ')}`;
  return `${objectText(kind, key)} ${losingText(losing, visible)}${because}${names}`;
}

function diagnosticAnnotations({ diagnostics }: PlanReport): readonly Annotation[] {
  return diagnostics.map((diagnostic) => ({
    level: levels[diagnostic.severity],
    title: diagnostic.code,
    message: [diagnostic.message, ...(diagnostic.help === undefined ? [] : [`help: ${diagnostic.help}`])],
    ...placeOf(diagnostic),
  }));
}

const levels = { error: 'error', warning: 'warning', note: 'notice' } as const satisfies Record<
  ReportDiagnostic['severity'],
  Annotation['level']
>;

/** Objects that lose nothing: changes before creations, as many as GitHub shows, the last one counting the rest. */
function changeAnnotations({ changes, losses }: PlanReport): readonly Annotation[] {
  const losing = new Set(losses.map(({ address }) => address));
  const safe = changes.filter(({ action, address }) => action !== 'delete' && !losing.has(address));
  const ordered = (['update', 'create'] as const).flatMap((action) =>
    safe.filter((change) => change.action === action),
  );
  const shown = ordered.slice(0, ordered.length > mostShown ? mostShown - 1 : mostShown);
  const rest = ordered.length - shown.length;
  return [...shown.map(changeAnnotation), ...(rest === 0 ? [] : [restAnnotation(rest)])];
}

function changeAnnotation(change: ReportChange): Annotation {
  const words = { create: 'will be created', update: 'will change', delete: 'will be deleted' }[
    change.action
  ];
  const what = [shortText(change), originWord(change)].filter((text) => text !== '').join(' · ');
  const message = `${objectText(change.kind, change.key)} ${words}${what === '' ? '' : `: ${what}`}`;
  return { level: 'notice', title: signedText(change), message: [message], ...placeOf(change) };
}

function restAnnotation(count: number): Annotation {
  const message = `${counted(count, 'more object')} will change or be created: the plan tells which`;
  return { level: 'notice', title: 'streambed', message: [message] };
}

function hiddenLines(annotations: readonly Annotation[]): readonly string[] {
  return (['error', 'warning', 'notice'] as const).flatMap((level) => {
    const count = annotations.filter((annotation) => annotation.level === level).length;
    if (count <= mostShown) return [];
    const rest = grouped(count - mostShown);
    return [`GitHub shows ${mostShown} ${level}s of a step; ${rest} more are in this log only`];
  });
}

function placeOf({ source }: { readonly source?: ReportDiagnostic['source'] }): Pick<Annotation, 'source'> {
  return source === undefined ? {} : { source };
}

function commandOf({ level, title, message, source }: Annotation): string {
  // Standard input is no file; and GitHub knows files by their names without a leading dot.
  const place =
    source === undefined || source.file === '-'
      ? []
      : [
          `file=${property(source.file.replace(/^(?:\.\/)+/, ''))}`,
          `line=${source.line}`,
          `col=${source.column}`,
        ];
  const properties = [...place, `title=${property(head(title, longestTitle))}`];
  return `::${level} ${properties.join(',')}::${message.map(data).join('%0A')}`;
}

/** Longer titles are refused. */
const longestTitle = 120;

/** Percent-encoded as the runner decodes it: first the sign itself. */
function data(text: string): string {
  return visible(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
