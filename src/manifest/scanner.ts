import type { Source } from './source.ts';
import type { ScalarNode } from './tree.ts';

/** Thrown where a text is beyond what the fast path knows; nothing is wrong with it because of that. */
export const beyond = Symbol('beyond the fast path');

/** Characters that mean something, by code. */
export const code = {
  newline: 0x0a,
  space: 0x20,
  doubleQuote: 0x22,
  hash: 0x23,
  singleQuote: 0x27,
  comma: 0x2c,
  dash: 0x2d,
  colon: 0x3a,
  bracketOpen: 0x5b,
  backslash: 0x5c,
  bracketClose: 0x5d,
  braceOpen: 0x7b,
  braceClose: 0x7d,
} as const;

/** Reads lines and scalars of one text from front to back, for the fast path. */
export class Scanner {
  readonly source: Source;
  readonly text: string;
  /** Where reading goes on. */
  at = 0;
  /** The indentation of the line that `at` is in; set by `toContent`. */
  indent = 0;

  constructor(source: Source) {
    this.source = source;
    this.text = source.text;
  }

  /** The character here, as a code; NaN at the end. */
  here(): number {
    return this.text.charCodeAt(this.at);
  }

  /** Over spaces. */
  toValue(): void {
    while (this.text.charCodeAt(this.at) === code.space) this.at += 1;
  }

  /** Past a line that has nothing more in it than a comment. */
  toLineEnd(): void {
    this.toValue();
    if (!this.atLineEnd()) throw beyond;
    this.toNextLine();
  }

  /** True at the end of a line, or at a comment that ends it. */
  atLineEnd(): boolean {
    const { text, at } = this;
    const here = text.charCodeAt(at);
    return (
      at >= text.length ||
      here === code.newline ||
      (here === code.hash && text.charCodeAt(at - 1) === code.space)
    );
  }

  /** From the start of a line to what is written in it or, if it is blank or a comment, in a later one. */
  toContent(): boolean {
    const { text } = this;
    // A collection that ended has done this for those around it.
    if (this.at > 0 && text.charCodeAt(this.at - 1) !== code.newline) return this.at < text.length;
    while (this.at < text.length) {
      const start = this.at;
      this.toValue();
      const here = this.here();
      if (here !== code.newline && here !== code.hash) {
        this.indent = this.at - start;
        return this.at < text.length;
      }
      this.toNextLine();
    }
    return false;
  }

  /** True at a dash that begins an item of a list. */
  atDash(): boolean {
    return this.here() === code.dash && this.isBlank(this.at + 1);
  }

  isBlank(offset: number): boolean {
    const there = this.text.charCodeAt(offset);
    return offset >= this.text.length || there === code.space || there === code.newline;
  }

  /** A key before `: `, unquoted; stands at the colon afterwards. */
  plainKey(): ScalarNode {
    const { text, at: start } = this;
    this.refuseStart();
    let end = start;
    for (; ; end += 1) {
      const there = text.charCodeAt(end);
      if (there === code.colon && this.isBlank(end + 1)) break;
      if (there === code.newline || end >= text.length) throw beyond;
      if (there === code.hash && text.charCodeAt(end - 1) === code.space) throw beyond;
    }
    if (text.charCodeAt(end - 1) === code.space) throw beyond;
    this.at = end;
    return this.scalar(start, end, text.slice(start, end), true);
  }

  /** An unquoted scalar, up to a comment, the end of the line or, inside brackets, their punctuation. */
  plain(inFlow: boolean): ScalarNode {
    const { text, at: start } = this;
    this.refuseStart();
    let end = start;
    for (; end < text.length; end += 1) {
      const there = text.charCodeAt(end);
      // Letters, mostly.
      if (there > code.colon && there < code.bracketOpen) continue;
      if (there === code.newline) break;
      if (there === code.hash && text.charCodeAt(end - 1) === code.space) break;
      if (there === code.colon) {
        if (this.isBlank(end + 1)) {
          if (inFlow) break;
          throw beyond;
        }
        if (inFlow && isFlowMark(text.charCodeAt(end + 1))) throw beyond;
      } else if (inFlow && isFlowMark(there)) break;
    }
    this.at = end;
    while (text.charCodeAt(end - 1) === code.space) end -= 1;
    return this.scalar(start, end, text.slice(start, end), true);
  }

  /** True at a quote. */
  atQuote(): boolean {
    const here = this.here();
    return here === code.doubleQuote || here === code.singleQuote;
  }

  /** A quoted scalar on one line. */
  quoted(): ScalarNode {
    const { text, at: start } = this;
    const quote = this.here();
    let hasEscapes = false;
    for (let end = start + 1; end < text.length; end += 1) {
      const there = text.charCodeAt(end);
      if (there === code.newline) break;
      if (there === code.backslash && quote === code.doubleQuote) {
        hasEscapes = true;
        end += 1;
      } else if (there === quote) {
        if (quote === code.singleQuote && text.charCodeAt(end + 1) === quote) {
          hasEscapes = true;
          end += 1;
          continue;
        }
        this.at = end + 1;
        const written = text.slice(start + 1, end);
        return this.scalar(start, end + 1, hasEscapes ? unescaped(written, quote) : written, false);
      }
    }
    throw beyond;
  }

  private toNextLine(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end === -1 ? this.text.length : end + 1;
  }

  private refuseStart(): void {
    const { text, at } = this;
    const here = text.charCodeAt(at);
    const safe =
      here === code.dash
        ? safeAfterDash.test(text.charAt(at + 1))
        : at < text.length && !unsafeStart.has(here);
    if (!safe) throw beyond;
  }

  private scalar(start: number, end: number, text: string, plain: boolean): ScalarNode {
    return { type: 'scalar', source: this.source, start, end, text, plain };
  }
}

const unsafeStart: ReadonlySet<number> = new Set(
  Array.from('?:,[]{}#&*!|>\'"%@` \n', (character) => character.charCodeAt(0)),
);
const safeAfterDash = /^[\w.]$/;

function isFlowMark(there: number): boolean {
  return (
    there === code.comma ||
    there === code.bracketOpen ||
    there === code.bracketClose ||
    there === code.braceOpen ||
    there === code.braceClose
  );
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function unescaped(written: string, quote: number): string {
  if (quote === code.singleQuote) return written.replaceAll("''", "'");
  return written.replace(
    /\\(?:u([\da-fA-F]{4})|(.?))/g,
    (_all, hex: string | undefined, letter: string | undefined) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      const character = Object.hasOwn(escapes, letter ?? '') ? escapes[letter ?? ''] : undefined;
      if (character === undefined) throw beyond;
      return character;
    },
  );
}
