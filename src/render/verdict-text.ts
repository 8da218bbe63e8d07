import type { PlanReport } from '../model/report.ts';
import { countText } from './diagnostics.ts';
import { quoted, visible, visibleId } from './escape.ts';
import { counted, grouped } from './words.ts';

/** How a format writes a verdict: the foreign names in it, and what stands between its parts. */
export interface VerdictStyle {
  name(text: string): string;
  readonly separator: string;
}

const plainly: VerdictStyle = { name: visible, separator: ' · ' };

/** Which command, environment, app and files a report is about, on one line. */
export function headerText(report: PlanReport): string {
  const { command, app, files } = report;
  const id = app?.id === undefined ? '' : ` (${app.id})`;
  const parts = [
    `streambed ${command}`,
    ...targetTexts(report, visibleId),
    ...(app === undefined ? [] : [`app ${quoted(app.name ?? '')}${id}`]),
    counted(files.length, 'file'),
  ];
  return parts.join(' · ');
}

/** What the app is besides its name: the environment, and what stands in for it. */
export function targetTexts(
  { emulator, environment, stand_in: standIn }: PlanReport,
  name: (text: string) => string,
): readonly string[] {
  return [
    ...(environment === undefined ? [] : [environmentText(environment, name)]),
    ...(standIn === undefined ? [] : [standInText(standIn, name)]),
    ...(emulator && standIn === undefined ? ['emulator'] : []),
  ];
}

/** Says that nothing real was read: `base revision stands in for the live app (origin/main)`. */
export function standInText(revision: string, name: (text: string) => string): string {
  return `base revision stands in for the live app (${name(revision)})`;
}

function environmentText(
  { name, production }: NonNullable<PlanReport['environment']>,
  written: (text: string) => string,
): string {
  return production && name !== 'production' ? `${written(name)} (production)` : written(name);
}

/** What a report comes to, on one line: `2 to change · 1 to create · 0 to lose · 41 unchanged · ! 1 dangerous`. */
export function verdictText(report: PlanReport, style: VerdictStyle = plainly): string {
  const { outcome, summary, diagnostics, changes } = report;
  const problems = countText(diagnostics.filter(({ severity }) => severity !== 'note'));
  const dangerous = summary.dangerous === 0 ? '' : `! ${grouped(summary.dangerous)} dangerous`;
  const planned = changes.length + summary.unchanged > 0;
  if (outcome === 'no-changes') {
    const objects =
      summary.unchanged === 1 ? '1 object matches' : `${grouped(summary.unchanged)} objects match`;
    const words = calmWords(report.command, objects);
    const blind = summary.uncompared === 0 ? '' : ` ${counted(summary.uncompared, 'value')} not compared.`;
    const more = [dangerous, problems].filter((text) => text !== '').map((text) => ` ${text}.`);
    return `${words}${blind}${more.join('')}`;
  }
  const counts = planned ? countTexts(report, style.name) : [];
  const parts = [...verdictWords[outcome], ...counts, dangerous, problems];
  // A drift is told before its counts, as `No drift.` is.
  const drifts = report.command === 'drift' && outcome === 'changes';
  return (drifts ? 'Drift: ' : '') + parts.filter((text) => text !== '').join(style.separator);
}

function calmWords(command: PlanReport['command'], objects: string): string {
  if (command === 'validate') return 'Valid.';
  return `${command === 'drift' ? 'No drift.' : 'No changes.'} ${objects}.`;
}

const verdictWords = {
  blocked: ['Blocked'],
  changes: [],
  error: ['Stopped'],
  invalid: ['Invalid'],
} as const satisfies Record<Exclude<PlanReport['outcome'], 'no-changes'>, readonly string[]>;

function countTexts(report: PlanReport, name: VerdictStyle['name']): readonly string[] {
  const { summary } = report;
  return [
    ...(report.command === 'drift' ? driftCounts(summary) : planCounts(report)),
    ...(report.command === 'drift' && summary.lose === 0 ? [] : [loseText(report, name)]),
    `${grouped(summary.unchanged)} ${report.command === 'drift' ? matching(summary.unchanged) : 'unchanged'}`,
    ...(summary.uncompared === 0 ? [] : [`${counted(summary.uncompared, 'value')} not compared`]),
  ];
}

function planCounts({ summary, changes }: PlanReport): readonly string[] {
  const resets = changes.filter(({ how }) => how === 'reset').length;
  return [
    ...(summary.delete > resets ? [`${grouped(summary.delete - resets)} to delete`] : []),
    ...(resets > 0 ? [`${grouped(resets)} to reset`] : []),
    `${grouped(summary.update)} to change`,
    `${grouped(summary.create)} to create`,
  ];
}

/** What is different, not what is to be done about it. */
function driftCounts({ create, update, delete: gone }: PlanReport['summary']): readonly string[] {
  return [
    ...(update > 0 ? [`${grouped(update)} ${update === 1 ? 'differs' : 'differ'}`] : []),
    ...(create > 0 ? [`${grouped(create)} missing`] : []),
    ...(gone > 0 ? [`${grouped(gone)} still there`] : []),
  ];
}

function matching(count: number): string {
  return count === 1 ? 'matches' : 'match';
}

function loseText({ summary, losses }: PlanReport, name: VerdictStyle['name']): string {
  const counts = new Map<string, number>();
  for (const { what, names } of losses) counts.set(what, (counts.get(what) ?? 0) + names.length);
  const lost = [...counts.keys()].sort().map((what) => counted(counts.get(what) ?? 0, name(what)));
  return `${grouped(summary.lose)} to lose${lost.length === 0 ? '' : ` (${lost.join(', ')})`}`;
}
