import type { PlanReport, ReportDiagnostic } from '../model/report.ts';
import { changeLines } from './change-text.ts';
import { costTexts } from './cost-text.ts';
import { dangerLine, dangersElsewhere, needsALook } from './danger-text.ts';
import { diagnosticLines } from './diagnostics.ts';
import { entriesOf } from './entries.ts';
import type { Page } from './field-text.ts';
import { leavingLines } from './leaving-text.ts';
import { plain, printed, type Line } from './line.ts';
import { comparedText } from './origin-text.ts';
import { outcomeLines } from './outcomes.ts';
import { repeatedLines, toldOnce } from './repeated.ts';
import { moreText, most, packed, wrapped } from './value-text.ts';
import { headerText, verdictText } from './verdict-text.ts';
import { addressText, pathLabel } from './words.ts';

/** How a report is printed for people. */
export interface TerminalOptions {
  readonly color: boolean;
  /** Columns of the terminal. Nothing that goes is cut to fit. */
  readonly width: number;
  /** Long additions are shown whole. */
  readonly verbose: boolean;
  /** Only the verdict, and the errors. */
  readonly quiet?: boolean;
}

/** A report for people: the verdict first, then losses and dangers, then the rest, the cost and what to type next. */
export function renderTerminal(report: PlanReport, options: TerminalOptions): string {
  const { verbose } = options;
  const page: Page = { width: Math.max(40, options.width), verbose, complete: verbose };
  if (report.outcomes !== undefined) return printed(outcomeLines(report, page), options.color);
  const errors = report.diagnostics.filter(({ severity }) => severity === 'error');
  const told = toldOnce(report.diagnostics);
  const applied = report.compared_with?.applied;
  const header: Line = { tone: 'head', text: headerText(report) };
  const sections: readonly (readonly Line[])[] =
    options.quiet === true
      ? [[header], [verdictLine(report)], diagnosticsOf(errors)]
      : [
          [header],
          [verdictLine(report), ...comparedLines(report)],
          dangersElsewhere(report).map((danger) => dangerLine(danger, needsALook(danger) ? '! ' : '  ')),
          ...entriesOf(report, told.single).map((entry) => changeLines(entry, page, applied)),
          leavingLines(report, page),
          uncomparedLines(report, page),
          [
            ...told.repeated.flatMap((one) => repeatedLines(one, page)),
            ...diagnosticsOf(elsewhere(report, told.single)),
          ],
          diagnosticsOf(errors),
          costLines(report, page),
          nextLines(report),
        ];
  return printed(joined(sections), options.color);
}

/** Sections with an empty line between them. */
function joined(sections: readonly (readonly Line[])[]): readonly Line[] {
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (index === 0 ? section : [plain(''), ...section]));
}

function verdictLine(report: PlanReport): Line {
  const calm = report.outcome === 'changes' || report.outcome === 'no-changes';
  return { tone: calm ? 'head' : 'warn', text: verdictText(report) };
}

function comparedLines(report: PlanReport): readonly Line[] {
  const text = comparedText(report);
  return text === '' ? [] : [plain(text)];
}

/** Warnings and notes about no object that changes. */
function elsewhere(
  { changes }: PlanReport,
  diagnostics: readonly ReportDiagnostic[],
): readonly ReportDiagnostic[] {
  const shown = new Set<string | undefined>(changes.map(({ address }) => address));
  return diagnostics.filter(({ address }) => !shown.has(address ?? ''));
}

/** Values of objects that are not touched otherwise, with the flag that sends them. */
function uncomparedLines(report: PlanReport, page: Page): readonly Line[] {
  const touched = new Set(report.changes.map(({ address }) => address));
  const rest = report.uncompared.filter(({ address }) => !touched.has(address));
  if (rest.length === 0) return [];
  const shown = rest.slice(0, page.verbose ? rest.length : most);
  const lines = shown.flatMap(({ address, paths }) => [
    ...wrapped(
      `  ${addressText(address)}: `,
      paths.map((path) => pathLabel(path.split('.'))),
      page.width,
    ),
    `    to send: --send-write-only ${addressText(address)}`,
  ]);
  const more = rest.length === shown.length ? [] : [plain(`  ${moreText(rest.length - shown.length)}`)];
  return [plain('not compared, since Stream never tells these values:'), ...lines.map(plain), ...more];
}

function diagnosticsOf(diagnostics: readonly ReportDiagnostic[]): readonly Line[] {
  return diagnostics.flatMap((diagnostic) => diagnosticLines(diagnostic, ''));
}

function costLines(report: PlanReport, page: Page): readonly Line[] {
  const cost = costTexts(report);
  if (cost === undefined) return [];
  const oneLine = `${cost.lead} ${cost.operations.join(', ')}`;
  if (oneLine.length <= page.width) return [plain(oneLine)];
  return [plain(cost.lead), ...packed(cost.operations, page.width - 2).map((line) => plain(`  ${line}`))];
}

function nextLines({ command, outcome, losses, stand_in: standIn }: PlanReport): readonly Line[] {
  if (command !== 'plan' && outcome === 'changes') return [];
  const approval = losses.every(({ approved }) => approved)
    ? ''
    : ' and the approval above, if the losses are meant';
  // Drift only tells: it is no step towards anything.
  const then = command === 'drift' ? '' : `, then streambed ${command}`;
  const next = {
    'no-changes': undefined,
    changes:
      standIn === undefined
        ? `streambed apply, with the same files and options${approval}`
        : 'streambed plan against the live app, since nothing of it was read here',
    blocked: `settle what is refused above${then}`,
    invalid: `${command === 'rollback' ? 'settle the errors above' : 'correct the manifests'}${then}`,
    error: undefined,
  }[outcome];
  return next === undefined ? [] : [plain(`Next: ${next}`)];
}
