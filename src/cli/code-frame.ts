import type { SourceSpan } from '../model/diagnostic.ts';

const tabs = /\t/g;
const widest = 160;

/** Output goes to logs that many can read, so a line that may hold a secret is not repeated. */
const secretive = /secret|password|token|key|credential|certificate|auth/i;

/** The line of a manifest that a problem is about, with its place underlined; undefined when it cannot be shown. */
export function codeFrame(text: string | undefined, at: SourceSpan): string | undefined {
  const line = text?.split(/\r\n|[\r\n]/)[at.line - 1];
  if (line === undefined || line.length > widest || secretive.test(line)) return undefined;
  const number = String(at.line);
  const end = at.endLine === at.line ? at.endColumn : line.length + 1;
  const marks = '^'.repeat(Math.max(1, Math.min(end, line.length + 1) - at.column));
  // A tab is one column to the parser and many to a terminal.
  return `${number} | ${line.replace(tabs, ' ')}\n${' '.repeat(number.length)} | ${' '.repeat(at.column - 1)}${marks}`;
}
