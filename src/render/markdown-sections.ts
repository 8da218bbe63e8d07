import { grouped as groupedBy } from '../model/grouped.ts';
import type { PlanReport, ReportChange, ReportDiagnostic } from '../model/report.ts';
import { costTexts } from './cost-text.ts';
import { countText, placeText } from './diagnostics.ts';
import { clipped, diffLines, shortText } from './diff-text.ts';
import { quoted } from './escape.ts';
import { losingText, type Losing } from './losing.ts';
import { code, fence, folded, htmlCode, word } from './markdown-text.ts';
import { outcomeLines } from './outcomes.ts';
import { verdictText } from './verdict-text.ts';
import { addressText, counted, grouped, nameText, objectText, pathLabel } from './words.ts';

const page = { width: 110, verbose: true };

/** The app and the verdict; after an apply, what became of it. */
export function heading(report: PlanReport): string {
  const { app, command, emulator, outcomes } = report;
  const id = app?.id === undefined ? '' : ` (${app.id})`;
  const name = app === undefined ? [] : [code(`${clipped(app.name ?? '', 100)}${id}`)];
  const verdict =
    outcomes === undefined
      ? verdictText(report, { name: word, separator: ', ' })
      : (outcomeLines(report, page)[0]?.text ?? '');
  const parts = [
    ...(emulator ? ['emulator'] : []),
    ...name,
    ...(command === 'plan' ? [] : [command]),
    verdict,
  ];
  return `### ${parts.join(' · ')}`;
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

/** All objects that change: sign, object, what in a few words, and the line that asks for it. */
export function tableSection({ changes, losses }: PlanReport): string {
  if (changes.length === 0) return '';
  const losing = new Set(losses.map(({ address }) => address));
  const rows = changes.map((change) => {
    const where = change.source === undefined ? '' : code(placeText({ source: change.source }));
    const what = shortText(change);
    const cells = [signOf(change, losing), objectCode(change), what === '' ? '' : code(what), where];
    return `| ${cells.join(' | ')} |`;
  });
  return ['|  | object | what | where |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The differences inside each of these objects. */
export function detailsSection(changes: readonly ReportChange[], losing: ReadonlySet<string>): string {
  return changes
    .map((change) => ({ change, lines: diffLines(change) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ change, lines }) => {
      const lossy = isLosing(change, losing) ? '! ' : '';
      return folded(
        lossy + htmlCode(signs[change.action] + ' ' + objectText(change.kind, change.key)),
        fence('diff', lines),
      );
    })
    .join('\n\n');
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
  return [`**${countText(shown)}**`, '', ...shown.map((one) => `- ${diagnosticLine(one)}`)].join('\n');
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

/** True for what loses something or goes. */
export function isLosing({ action, address }: ReportChange, losing: ReadonlySet<string>): boolean {
  return action === 'delete' || losing.has(address);
}

const signs = { create: '+', update: '~', delete: '-' } as const;

function signOf(change: ReportChange, losing: ReadonlySet<string>): string {
  return `\`${isLosing(change, losing) ? '! ' : ''}${signs[change.action]}\``;
}

function objectCode({ kind, key }: ReportChange): string {
  return code(objectText(kind, key));
}
