import { codePoint, visible } from './escape.ts';

/**
 * Foreign text in a GitHub comment stands in code and nowhere else: GitHub looks for mentions, references, commits,
 * links and markup everywhere but there. Entities and backslashes would not do: it looks after they are resolved.
 */

/** What ends a table cell, what could pass for a fence, and what makes a colour sample of a span that is nothing else. */
const unsafeInSpan = /\||`{2,}|^#|^[rh](?=(?:gb|sl)a?\()/gi;

/** Foreign text as a code span, also within a table or a quote. */
export function code(text: string): string {
  const shown = visible(text).replace(unsafeInSpan, escapedRun);
  if (shown.trim() === '') return `\`"${shown}"\``;
  const mark = shown.includes('`') ? '``' : '`';
  const pad = /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  return mark + pad + shown + pad + mark;
}

/** One of our own words as it is; whatever else stands in its place is code. */
export function word(text: string): string {
  // Seven letters from a to f could be a commit.
  return /^[a-z]{1,30}(?:_[a-z]{1,30}){0,5}$/.test(text) && !/[a-f]{7}/.test(text) ? text : code(text);
}

/** Foreign text within HTML, where Markdown is not read. */
export function htmlCode(text: string): string {
  const shown = visible(text).replace(/[!-+/;-@[-^`{-~]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<code>${shown === '' ? '&#32;' : shown}</code>`;
}

/** Lines as a block of code; none of them can end it. */
export function fence(language: 'diff' | 'text', lines: readonly string[]): string {
  const shown = lines.map((line) => visible(line.trimEnd()).replace(/`{3,}/g, escapedRun));
  return ['```' + language, ...shown, '```'].join('\n');
}

/** What stays folded until somebody wants to see it; the summary is HTML, the content Markdown. */
export function folded(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

function escapedRun(found: string): string {
  return [...found].map(codePoint).join('');
}

/** The size that GitHub's limits mean: UTF-8 bytes, of which a text never has fewer than UTF-16 units. */
export function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
