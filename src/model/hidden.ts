/**
 * Puts `instead` in place of every secret in a text, also where it is written as JSON, URLs, HTML or base64 write it,
 * and of what is left of one where the text was cut (`…`). What is too short to be a secret stays, or it
 * would be taken out of ordinary words.
 */
export function hiderOf(secrets: Iterable<string>, instead: string): (text: string) => string {
  const { plain, odd } = startsOf(spellingsOf(secrets));
  return (text) => {
    let shown = '';
    for (let start = 0; start < text.length;) {
      const here = plain.get(text.slice(start, start + startLength)) ?? [];
      const ends = [...here, ...odd].map((spelling) => endOf(spelling, text, start));
      const end = Math.max(start, ...ends);
      shown += end > start ? instead : text[start];
      start = Math.max(end, start + 1);
    }
    return shown;
  };
}

const shortestSecret = 4;
/** The lines of a secret are looked for as well, and some of them are words that stand anywhere. */
const shortestLine = 8;
const startLength = 3;

/** The characters of a secret, and the ways to write each. */
interface Spelling {
  readonly text: string;
  readonly characters: readonly (readonly RegExp[])[];
}

function spellingsOf(secrets: Iterable<string>): readonly Spelling[] {
  const texts = new Set<string>();
  for (const secret of secrets) {
    const trimmed = secret.trim();
    if (trimmed.length < shortestSecret) continue;
    const lines = trimmed.split(/[\r\n]+/).map((line) => line.trim());
    const longEnough = lines.filter((line) => line.length >= shortestLine);
    for (const text of [trimmed, ...longEnough, ...base64Of(secret), ...base64Of(trimmed)]) texts.add(text);
  }
  const ways = new Map<string, readonly RegExp[]>();
  const waysOf = (part: string): readonly RegExp[] => {
    const known = ways.get(part) ?? waysToWrite(part);
    ways.set(part, known);
    return known;
  };
  return Array.from(texts, (text) => ({ text, characters: (text.match(parts) ?? []).map(waysOf) }));
}

/** White space and backslashes are taken together: how many there are depends on how they are written. */
const parts = /[\s\p{Cc}]+|\\+|./gsu;

/** What begins with letters and digits, which are written in one way only, is found by them. */
function startsOf(spellings: readonly Spelling[]): {
  readonly plain: ReadonlyMap<string, readonly Spelling[]>;
  readonly odd: readonly Spelling[];
} {
  const plain = new Map<string, Spelling[]>();
  const odd: Spelling[] = [];
  for (const spelling of spellings) {
    const start = spelling.text.slice(0, startLength);
    if (!/^[0-9A-Za-z]+$/.test(start)) odd.push(spelling);
    else plain.set(start, [...(plain.get(start) ?? []), spelling]);
  }
  return { plain, odd };
}

/** Where the secret that begins here ends, and the start itself where none does. */
function endOf({ characters }: Spelling, text: string, start: number): number {
  let ends: readonly number[] = [start];
  for (const [index, ways] of characters.entries()) {
    const cut = ends.find((end) => text[end] === '…');
    if (index >= shortestSecret && cut !== undefined) return cut;
    ends = endsAfter(ways, text, ends);
    if (ends.length === 0) return start;
  }
  return Math.max(...ends);
}

function endsAfter(ways: readonly RegExp[], text: string, starts: readonly number[]): readonly number[] {
  const ends = new Set<number>();
  for (const start of starts) {
    for (const way of ways) {
      way.lastIndex = start;
      if (way.test(text)) ends.add(way.lastIndex);
    }
  }
  return [...ends];
}

function waysToWrite(part: string): readonly RegExp[] {
  const literal = part.replace(/[^0-9A-Za-z]/gu, (character) =>
    character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&'),
  );
  if (/^[0-9A-Za-z]$/.test(part)) return [new RegExp(literal, 'y')];
  if (/^[\s\p{Cc}]/u.test(part)) return [new RegExp(literal, 'y'), anySpace];
  const character = part.startsWith('\\') ? '\\' : part;
  const number = character.codePointAt(0) ?? 0;
  const units = Array.from({ length: character.length }, (_, unit) => character.charCodeAt(unit));
  const bytes = Array.from(new TextEncoder().encode(character), (byte) => `%(?:25)*${hex(byte, 2)}`);
  const ways = [
    bytes.join(''),
    units.map((unit) => `\\\\+u${hex(unit, 4)}`).join(''),
    `&(?:amp;)?(?:#0*${number}|#x0*${number.toString(16)}${named[character] ?? ''});`,
  ];
  const many = part.length > character.length ? `{${part.length}}` : '';
  return [
    new RegExp(literal, 'y'),
    new RegExp(character === '\\' ? '\\\\+' : `\\\\+${literal}`, 'y'),
    ...ways.map((way) => new RegExp(`(?:${way})${many}`, 'iy')),
  ];
}

const named: Readonly<Record<string, string>> = {
  '&': '|amp',
  '<': '|lt',
  '>': '|gt',
  '"': '|quot',
  "'": '|apos',
};

/** White space and control characters, which become one space on the way, however they are written. */
const anySpace =
  /(?:[\s\p{Cc}]|\\+(?:[bfnrtv]|u00(?:[01][0-9a-f]|20))|%(?:25)*(?:[01][0-9a-f]|20)|&#(?:0*(?:[12]?\d|3[0-2])|x0*(?:1?[0-9a-f]|20));)+/iuy;

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}

function base64Of(secret: string): readonly string[] {
  const bytes = Array.from(new TextEncoder().encode(secret), (byte) => String.fromCharCode(byte));
  const standard = btoa(bytes.join('')).replace(/=+$/, '');
  return [standard, standard.replaceAll('+', '-').replaceAll('/', '_')];
}
