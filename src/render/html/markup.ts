import { visible } from '../escape.ts';

/** A piece of the page. Only `html` makes one, so that no text becomes markup by being forgotten. */
export interface Markup {
  readonly markup: string;
}

/** What may stand in a template: a text is escaped, a piece of the page stays as it is. */
type Content = Markup | number | string | readonly Markup[] | undefined;

/** A piece of the page; every text in it, foreign or ours, is made visible and then inert, in attributes too. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const [first = '', ...rest] = outdented(parts);
  let markup = first;
  for (const [index, content] of contents.entries()) markup += written(content) + (rest[index] ?? '');
  return { markup };
}

const seen = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The template without the indentation of the source; a page of ten thousand cards is half as long for it. */
function outdented(parts: TemplateStringsArray): readonly string[] {
  const known = seen.get(parts);
  if (known !== undefined) return known;
  const made = parts.map((part) => part.replace(/\s*\n\s*/g, '\n'));
  seen.set(parts, made);
  return made;
}

/** Nothing. */
export const nothing: Markup = html``;

/** Pieces one after another, with a line break of the page between them. */
export function lines(pieces: readonly Markup[]): Markup {
  return { markup: pieces.map(({ markup }) => markup).join('\n') };
}

/** Markup of ours that must stay as it is to the letter: the style and the script, of which there are hashes. */
export function verbatim(text: string): Markup {
  return { markup: text };
}

function written(content: Content): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return inert(visible(content));
  if (typeof content === 'number') return String(content);
  return 'markup' in content ? content.markup : content.map(({ markup }) => markup).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function inert(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => entities[character] ?? '');
}
