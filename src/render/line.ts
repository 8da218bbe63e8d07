/** What a line is about; its colour follows from it, and nothing else does. */
export type Tone = 'add' | 'change' | 'head' | 'plain' | 'quiet' | 'remove' | 'warn';

/** One line of output, its foreign parts escaped already. */
export interface Line {
  readonly tone: Tone;
  readonly text: string;
}

const codes: Readonly<Record<Exclude<Tone, 'plain'>, string>> = {
  add: '32',
  change: '33',
  head: '1',
  quiet: '2',
  remove: '31',
  warn: '1;31',
};

/** The lines as one text that ends with a line break; without colour it says the same. */
export function printed(lines: readonly Line[], color: boolean): string {
  return lines
    .map(({ tone, text }) => {
      const trimmed = text.trimEnd();
      const painted = color && tone !== 'plain' && trimmed !== '';
      return painted ? `\u001b[${codes[tone]}m${trimmed}\u001b[0m\n` : `${trimmed}\n`;
    })
    .join('');
}

/** A line without meaning for colour. */
export function plain(text: string): Line {
  return { tone: 'plain', text };
}

const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uFF01-\uFF60\u3000-\u303E]/u;

/** How many columns a terminal needs for a text. */
export function columns(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text)
    width += /[\p{M}\uFE0F\u200D]/u.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
}

/** The text, filled with spaces to a number of columns. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)));
}
