import type { SourceSpan } from '../model/diagnostic.ts';

/** How a frame may look. */
export interface FrameStyle {
  readonly color: boolean;
}

/**
 * The line of a place with its neighbours, and a mark under what it is about. What a terminal could take for a
 * command is made visible; long lines show the part around the place. The text is the file that the place is in.
 */
export function codeFrame(text: string, at: SourceSpan, style: FrameStyle): string {
  const lines = text.split('\n');
  const first = Math.max(1, at.line - 1);
  const last = Math.min(lines.length, at.line + 1);
  const digits = String(last).length;
  const marked = (lines[at.line - 1] ?? '').replace(/\r$/, '');
  const end = at.endLine > at.line ? marked.trimEnd().length + 1 : at.endColumn;
  const window = windowAround(at.column, marked.length);
  const rows: string[] = [];
  for (let number = first; number <= last; number += 1) {
    const line = (lines[number - 1] ?? '').replace(/\r$/, '');
    const isMarked = number === at.line;
    const shown = visible(line.slice(window.start, window.end));
    const gutter = `${isMarked ? '>' : ' '} ${String(number).padStart(digits)} |`;
    const cut =
      (window.start > 0 && line.length > 0 ? '…' : '') + shown + (line.length > window.end ? '…' : '');
    rows.push(painted(gutter, isMarked ? red : dim, style) + (cut === '' ? '' : ` ${cut}`));
    if (!isMarked) continue;
    const before = visible(line.slice(window.start, at.column - 1));
    const under = visible(line.slice(at.column - 1, Math.min(Math.max(end, at.column + 1) - 1, window.end)));
    const indent = ' '.repeat(width(before) + (window.start > 0 ? 1 : 0));
    const mark = painted('^'.repeat(Math.max(1, width(under))), red, style);
    rows.push(`${painted(`  ${' '.repeat(digits)} |`, dim, style)} ${indent}${mark}`);
  }
  return rows.join('\n');
}

const red = 31;
const dim = 2;
const widest = 100;

function windowAround(column: number, length: number): { readonly start: number; readonly end: number } {
  if (length <= widest || column <= widest - 20) return { start: 0, end: widest };
  const start = Math.max(0, column - 40);
  return { start, end: start + widest };
}

/** Control characters, and those that turn or hide text, as their code points; tabs as two spaces. */
function visible(text: string): string {
  return text
    .replaceAll('\t', '  ')
    .replace(
      unseen,
      (character) => `<U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}>`,
    );
}

const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Columns on a terminal: combining marks take none, and East Asian characters and emoji two. */
function width(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    columns +=
      /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Extended_Pictographic}\uFF01-\uFF60]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return columns;
}

function painted(text: string, color: number, style: FrameStyle): string {
  return style.color ? `\u001B[${color}m${text}\u001B[0m` : text;
}
