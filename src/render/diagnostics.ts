import type { Diagnostic, Severity, SourceSpan } from '../model/diagnostic.ts';
import type { ReportDiagnostic } from '../model/report.ts';
import { visible } from './escape.ts';
import { printed, type Line, type Tone } from './line.ts';
import { blankedUserinfo, shownDiagnostic } from './mask.ts';
import { addressText, counted } from './words.ts';

/** How diagnostics are printed for people. */
export interface DiagnosticOptions {
  readonly color: boolean;
  readonly width: number;
  /** The lines of the manifest around a place, as they are in the file; they are escaped here. */
  frame?(at: SourceSpan): string | undefined;
}

/** Problems for people, in the given order: what is wrong and where, what to do, and how many there are. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: DiagnosticOptions): string {
  if (diagnostics.length === 0) return '';
  const lines = diagnostics.flatMap((diagnostic): readonly Line[] => {
    const { at } = diagnostic;
    const shown = diagnosticLines({ ...diagnostic, ...(at === undefined ? {} : { source: at }) }, '');
    const frame = at === undefined ? undefined : options.frame?.(at);
    return frame === undefined ? shown : [...shown, ...frameLines(frame)];
  });
  return printed(
    [...lines, { tone: 'plain', text: '' }, { tone: 'head', text: countText(diagnostics) }],
    options.color,
  );
}

/** One problem as lines: where it is, what is wrong, and below it what to do. */
export function diagnosticLines(diagnostic: ReportDiagnostic, indent: string): readonly Line[] {
  const { severity, code, message, help, source } = shownDiagnostic(diagnostic);
  const place = placeText(diagnostic);
  const column = source === undefined ? '' : `:${source.column}`;
  const first = `${indent}${severity}[${visible(code)}]${place === '' ? '' : ` ${place}${column}`}: ${visible(message)}`;
  const lines: readonly Line[] = [{ tone: tones[severity], text: first }];
  return help === undefined
    ? lines
    : [...lines, { tone: 'plain', text: `${indent}  help: ${visible(help)}` }];
}

/** How many of each severity: `2 errors, 1 warning`. */
export function countText(diagnostics: readonly { readonly severity: Severity }[]): string {
  return (['error', 'warning', 'note'] as const)
    .map((severity) => ({ severity, count: diagnostics.filter((one) => one.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => counted(count, severity))
    .join(', ');
}

const tones: Readonly<Record<Severity, Tone>> = { error: 'warn', warning: 'change', note: 'quiet' };

/** The line of a manifest, or the object when there is none. */
export function placeText({ source, address }: Pick<ReportDiagnostic, 'address' | 'source'>): string {
  if (source !== undefined) return `${visible(source.file)}:${source.line}`;
  return address === undefined ? '' : addressText(address);
}

function frameLines(frame: string): readonly Line[] {
  return frame
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((text) => ({ tone: 'quiet', text: `  ${visible(blankedUserinfo(text))}` }));
}
