import type { PlanReport } from '../model/report.ts';
import { countText } from './diagnostics.ts';
import { quoted, visible } from './escape.ts';
import { counted, grouped } from './words.ts';

/** How a format writes a verdict: the foreign names in it, and what stands between its parts. */
export interface VerdictStyle {
  name(text: string): string;
  readonly separator: string;
}

/** Which command, app and files a report is about, on one line. */
export function headerText({ command, emulator, app, files }: PlanReport): string {
  const id = app?.id === undefined ? '' : ` (${app.id})`;
  const parts = [
    `streambed ${command}`,
    ...(emulator ? ['emulator'] : []),
    ...(app === undefined ? [] : [`app ${quoted(app.name ?? '')}${id}`]),
    counted(files.length, 'file'),
  ];
  return parts.join(' · ');
}

/** What a report comes to, on one line: `2 to change · 1 to create · 0 to lose · 41 unchanged`. */
export function verdictText(
  report: PlanReport,
  { name, separator }: VerdictStyle = { name: visible, separator: ' · ' },
): string {
  const { outcome, summary, diagnostics, changes } = report;
  const problems = countText(diagnostics.filter(({ severity }) => severity !== 'note'));
  const planned = changes.length + summary.unchanged > 0;
  if (outcome === 'no-changes') {
    const objects =
      summary.unchanged === 1 ? '1 object matches' : `${grouped(summary.unchanged)} objects match`;
    const words = report.command === 'validate' ? 'Valid.' : `No changes. ${objects}.`;
    const blind = summary.uncompared === 0 ? '' : ` ${counted(summary.uncompared, 'value')} not compared.`;
    return `${words}${blind}${problems === '' ? '' : ` ${problems}.`}`;
  }
  const counts = planned ? countTexts(report, name) : [];
  return [...verdictWords[outcome], ...counts, ...(problems === '' ? [] : [problems])].join(separator);
}

const verdictWords = {
  blocked: ['Blocked'],
  changes: [],
  error: ['Stopped'],
  invalid: ['Invalid'],
} as const satisfies Record<Exclude<PlanReport['outcome'], 'no-changes'>, readonly string[]>;

function countTexts({ summary, changes, losses }: PlanReport, name: VerdictStyle['name']): readonly string[] {
  const resets = changes.filter(({ how }) => how === 'reset').length;
  const counts = new Map<string, number>();
  for (const { what, names } of losses) counts.set(what, (counts.get(what) ?? 0) + names.length);
  const lost = [...counts.keys()].sort().map((what) => counted(counts.get(what) ?? 0, name(what)));
  return [
    ...(summary.delete > resets ? [`${grouped(summary.delete - resets)} to delete`] : []),
    ...(resets > 0 ? [`${grouped(resets)} to reset`] : []),
    `${grouped(summary.update)} to change`,
    `${grouped(summary.create)} to create`,
    `${grouped(summary.lose)} to lose${lost.length === 0 ? '' : ` (${lost.join(', ')})`}`,
    `${grouped(summary.unchanged)} unchanged`,
    ...(summary.uncompared === 0 ? [] : [`${counted(summary.uncompared, 'value')} not compared`]),
  ];
}
