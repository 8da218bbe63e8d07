/**
 * Text from manifests, from the live app and from Stream is foreign: it may hold terminal sequences, characters that
 * nobody can see, or what a CI log takes for a command. Everything that is printed passes through here first. What a
 * reader could not see or could be fooled by is written as `\u{…}`, `\n` or `\t`; all other text stays as it is.
 */

/** Sequences that make one emoji, and need their joiners and selectors. */
const emoji =
  '\\p{Extended_Pictographic}\\uFE0F?\\p{EMod}?(?:\\u200D\\p{Extended_Pictographic}\\uFE0F?\\p{EMod}?)*|[0-9#*]\\uFE0F\\u20E3';

const invisible =
  '[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\u2800]|(?![ \\u3000])\\p{Zs}';

/** Marks that would land on the character before the text, or pile up across the lines above. */
const strayMarks = '^\\p{M}|(?<=\\p{M}{4})\\p{M}';

/** GitHub reads `::` at the start of a line, after spaces too; `##[` and `##vso[` are read anywhere in it. */
const logCommands = '(?<=^|\\s)::|##(?=[A-Za-z]*\\[)';

const unsafe = new RegExp(`(?<emoji>${emoji})|${invisible}|${strayMarks}|${logCommands}`, 'gu');

/** The scheme and the host of a URL, in any text. */
const host = /([a-z][a-z0-9+.-]{0,30}:[/\\]{2,})([^\s/?#\\]*)/giu;

/** Foreign text that can be printed anywhere within a line: nothing in it is invisible, and hosts are ASCII. */
export function visible(text: string): string {
  // Most text is like this, and a large plan has very much of it.
  if (/^[\x20-\x7e]*$/.test(text) && !/::|##/.test(text)) return text;
  return text
    .replace(host, (_whole, scheme: string, name: string) => scheme + ascii(name))
    .replace(unsafe, (found, ...rest) => {
      const groups = rest.at(-1) as { readonly emoji?: string };
      return groups.emoji ?? escaped(found);
    });
}

/** An id or a host as it really is: everything that is not ASCII is escaped, so that no letter passes for another. */
export function visibleId(text: string): string {
  return ascii(visible(text)).replace(/^ | $/g, '\\u{20}');
}

/** Text between double quotes; different texts never look the same. */
export function quoted(text: string): string {
  return `"${visible(text.replace(/[\\"]/g, '\\$&'))}"`;
}

function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (character) => codePoint(character));
}

function escaped(found: string): string {
  if (found === '\n') return '\\n';
  if (found === '\t') return '\\t';
  if (found === '::') return '\\u{3a}:';
  if (found === '##') return '#\\u{23}';
  return codePoint(found);
}

/** One character by its number: `\u{202e}`. */
export function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
