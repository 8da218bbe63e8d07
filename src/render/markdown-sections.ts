import { partsOf, type Address } from '../model/address.ts';
import { grouped as groupedBy } from '../model/grouped.ts';
import type { PlanReport, ReportDanger, ReportDiagnostic } from '../model/report.ts';
import { objectsText, signs } from './change-text.ts';
import { costTexts } from './cost-text.ts';
import { dangersElsewhere, dangerWord, needsALook } from './danger-text.ts';
import { countText, placeText } from './diagnostics.ts';
import { clipped, diffLines, shortText } from './diff-text.ts';
import { changesOf, isHarmful, type Entry } from './entries.ts';
import { quoted } from './escape.ts';
import type { Harm } from './harms.ts';
import { leavingLines } from './leaving-text.ts';
import { losingText, type Losing } from './losing.ts';
import { code, fence, folded, htmlCode, word } from './markdown-text.ts';
import { comparedText, originWord } from './origin-text.ts';
import { outcomeLines } from './outcomes.ts';
import { placesText } from './places.ts';
import { objectsOf, toldOnce, type Repeated } from './repeated.ts';
import { targetTexts, verdictText } from './verdict-text.ts';
import { addressText, counted, grouped, nameText, objectText, pathLabel } from './words.ts';

const page = { width: 110, verbose: true };

/** Environment, app and verdict; after an apply, what became of it. */
export function heading(report: PlanReport): string {
  const { app, command, outcomes } = report;
  const id = app?.id === undefined ? '' : ` (${app.id})`;
  const name = app === undefined ? [] : [code(`${clipped(app.name ?? '', 100)}${id}`)];
  const verdict =
    outcomes === undefined
      ? verdictText(report, { name: word, separator: ', ' })
      : (outcomeLines(report, page)[0]?.text ?? '');
  const parts = [
    ...targetTexts(report, (text) => word(clipped(text, 60))),
    ...name,
    ...(command === 'plan' ? [] : [command]),
    verdict,
  ];
  return `### ${parts.join(' · ')}`;
}

/** What tells whose the changes are. */
export function comparedSection(report: PlanReport): string {
  return comparedText(report, (text) => code(clipped(text, 60)));
}

/** What became of an apply, whole. */
export function outcomeSection(report: PlanReport): string {
  if (report.outcomes === undefined) return '';
  const lines = outcomeLines(report, page).slice(1);
  return lines.length === 0
    ? ''
    : fence(
        'text',
        lines.map(({ text }) => text),
      );
}

/** What nobody may overlook, one line each. */
export function cautionSection(lines: readonly string[]): string {
  return lines.length === 0 ? '' : ['> [!CAUTION]', ...lines.map(cautionItem)].join('\n');
}

/** One line of it, as it counts against a limit. */
export function cautionItem(line: string): string {
  return `> - ${line}`;
}

/** One thing that nobody may overlook; of the names that go, the first so many. */
export function harmLine({ losing, danger }: Harm, most?: number): string {
  return danger === undefined ? losingLine(losing, most) : dangerLine(danger);
}

/** A danger with its rule, the line that asks for it or else its object, and why it is accepted. */
export function dangerLine(danger: ReportDanger): string {
  const { accepted = '', address, source } = danger;
  const where = source === undefined ? objectOf(address) : placeText({ source });
  const because = accepted === '' ? '' : `; because: ${code(quoted(accepted))}`;
  return `${dangerWord(danger)} ${code(danger.code)} at ${code(where)}: ${code(danger.message)}${because}`;
}

function objectOf(address: string): string {
  const { kind, key } = partsOf(address as Address);
  return objectText(kind, key);
}

/** One thing that goes, with the first of its names, all of them unless fewer are asked for. */
export function losingLine(losing: Losing, most = Number.POSITIVE_INFINITY): string {
  const { kind, key, goes, loses, source } = losing;
  const names = loses?.names ?? [];
  const shown = names.slice(0, most).map(nameText).join(', ');
  const rest = names.length - Math.min(names.length, most);
  return [
    `${code(objectText(kind, key))} ${losingText(losing, word)}`,
    ...(goes === undefined || goes.because === '' ? [] : [`; because: ${code(quoted(goes.because))}`]),
    ...(names.length === 0 ? [] : [`: ${code(shown)}`]),
    ...(rest === 0 ? [] : [` and ${grouped(rest)} more`]),
    ...(source === undefined ? [] : [` – ${code(placeText({ source }))}`]),
  ].join('');
}

/** One diagnostic on one line. */
export function diagnosticLine(diagnostic: ReportDiagnostic): string {
  const { severity, message, help, source } = diagnostic;
  const place = placeText(diagnostic);
  const where = place === '' ? '' : ` at ${code(source === undefined ? place : `${place}:${source.column}`)}`;
  const advice = help === undefined ? '' : `; help: ${code(help)}`;
  return `${severity} ${code(diagnostic.code)}${where}: ${code(message)}${advice}`;
}

/** All entries: sign, object, what in a few words, and the lines that ask for it. */
export function tableSection(entries: readonly Entry[]): string {
  if (entries.length === 0) return '';
  const rows = entries.map((entry) => {
    const { first } = entry;
    const places = placesText(changesOf(entry).map(({ source }) => source));
    const what = shortText(first);
    const origin = originWord(first);
    const cells = [
      `\`${isHarmful(entry) ? '! ' : ''}${signs[first.action]}\``,
      code(objectsText(entry)),
      [
        ...(what === '' ? [] : [code(what)]),
        ...(first.adopts === true ? ['adopts'] : []),
        ...(origin === '' ? [] : [origin]),
      ].join(' · '),
      places === '' ? '' : code(places),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return ['|  | object | what | where |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** What each of these entries says, folded. */
export function detailsSection(entries: readonly Entry[], applied: string | undefined): string {
  return entries
    .map((entry) => ({ entry, lines: diffLines(entry, applied) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ entry, lines }) => {
      const harmful = isHarmful(entry) ? '! ' : '';
      return folded(
        harmful + htmlCode(`${signs[entry.first.action]} ${objectsText(entry)}`),
        fence('diff', lines),
      );
    })
    .join('\n\n');
}

/** Dangers that need no look, of objects that do not change. */
export function settledSection(report: PlanReport): string {
  return dangersElsewhere(report)
    .filter((danger) => !needsALook(danger))
    .map((danger) => `- ${dangerLine(danger)}`)
    .join('\n');
}

/** What the branch no longer declares. */
export function leavingSection(report: PlanReport): string {
  const lines = leavingLines(report, page).slice(1);
  if (lines.length === 0) return '';
  const summary = `leaves management (live values stay): ${counted(report.leaving.length, 'declaration')}`;
  return folded(
    summary,
    fence(
      'text',
      lines.map(({ text }) => text.slice(2)),
    ),
  );
}

/** Declared values that nobody can compare, of objects that are not touched otherwise. */
export function uncomparedSection({ changes, uncompared }: PlanReport): string {
  const touched = new Set(changes.map(({ address }) => address));
  const rest = uncompared.filter(({ address }) => !touched.has(address));
  if (rest.length === 0) return '';
  const lines = rest.map(({ address, paths }) => {
    const labels = paths.map((path) => pathLabel(path.split('.')));
    return `${addressText(address)}: ${labels.join(', ')}`;
  });
  const count = rest.reduce((sum, { paths }) => sum + paths.length, 0);
  return folded(`not compared, since Stream never tells: ${counted(count, 'value')}`, fence('text', lines));
}

/** Warnings and notes; errors are told where nobody overlooks them. */
export function diagnosticSection({ diagnostics }: PlanReport): string {
  const shown = diagnostics.filter(({ severity }) => severity !== 'error');
  if (shown.length === 0) return '';
  const { single, repeated } = toldOnce(shown);
  const lines = [...repeated.map(repeatedLine), ...single.map(diagnosticLine)];
  return [`**${countText(shown)}**`, '', ...lines.map((line) => `- ${line}`)].join('\n');
}

function repeatedLine({ said, ...about }: Repeated): string {
  const { lead, names } = objectsOf(about);
  const places = placesText(about.sources);
  const where = places === '' ? '' : ` at ${code(places)}`;
  return `${diagnosticLine(said)} – ${code(`${lead}: ${names.join(', ')}`)}${where}`;
}

/** What an apply costs. */
export function costSection(report: PlanReport): string {
  const cost = costTexts(report, code);
  return cost === undefined ? '' : `${cost.lead} ${cost.operations.join(', ')}`;
}

/** How many objects of each kind change, when their list is too long. */
export function countSection({ changes }: PlanReport): string {
  if (changes.length === 0) return '';
  const kinds = [...groupedBy(changes, ({ kind }) => kind)].slice(0, mostKinds);
  const rows = kinds.map(([kind, group]) => {
    const counts = (['delete', 'update', 'create'] as const).map((action) =>
      grouped(group.filter((change) => change.action === action).length),
    );
    return `| ${[code(clipped(kind, 60)), ...counts].join(' | ')} |`;
  });
  return ['| kind | delete or reset | change | create |', '| --- | --: | --: | --: |', ...rows].join('\n');
}

/** More kinds than there will ever be. */
const mostKinds = 40;
