import type { SourceSpan } from '../model/diagnostic.ts';

/** The text of one manifest, under the name that the user gave it: `-` for standard input. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/** The lines and columns of a stretch of text; offsets outside the text are moved to its nearest end. */
export function spanOf(source: Source, start: number, end: number): SourceSpan {
  const starts = lineStarts(source);
  const first = clamp(start, source.text);
  const last = Math.max(first, clamp(end, source.text));
  const line = lineAt(starts, first);
  const endLine = lineAt(starts, last);
  return {
    file: source.file,
    line: line + 1,
    column: first - starts[line]! + 1,
    endLine: endLine + 1,
    endColumn: last - starts[endLine]! + 1,
  };
}

const indexes = new WeakMap<Source, readonly number[]>();

/** Offsets at which lines begin: made at the first question only, because most texts never need them. */
function lineStarts(source: Source): readonly number[] {
  const known = indexes.get(source);
  if (known !== undefined) return known;
  const starts = [0];
  for (let at = source.text.indexOf('\n'); at !== -1; at = source.text.indexOf('\n', at + 1))
    starts.push(at + 1);
  indexes.set(source, starts);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function clamp(offset: number, text: string): number {
  return Math.max(0, Math.min(offset, text.length));
}
