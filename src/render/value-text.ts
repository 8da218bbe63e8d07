import { columns } from './line.ts';
import { quoted } from './escape.ts';
import { grouped, keyText, nameText } from './words.ts';

/** How much of a value may be left out: nothing of what goes, the tail of a long one that comes. */
export interface Room {
  /** Columns for one line of it. */
  readonly width: number;
  /** Nothing is left out, however long it is. */
  readonly whole: boolean;
}

/** A value on one line, whole: `true`, `agent-lena`, `"Case 1"`, `[a, b]`, `{ desk: 4 }`. */
export function flowText(value: unknown): string {
  if (typeof value === 'string') return isWord(value) ? value : quoted(value);
  if (Array.isArray(value)) return `[${value.map(flowText).join(', ')}]`;
  if (!isTree(value)) return String(value);
  const entries = Object.entries(value);
  const secret = entries.length === 1 && entries[0]?.[0] === '$fingerprint' ? entries[0][1] : undefined;
  if (typeof secret === 'string') return secretText(secret);
  if (entries.length === 0) return '{}';
  return `{ ${entries.map(entryText).join(', ')} }`;
}

/** What stands for a secret: it differs when the secret does, and tells nothing else. */
export function secretText(fingerprint: string | undefined): string {
  return `(sensitive, fingerprint ${nameText(fingerprint ?? 'unknown')})`;
}

/**
 * A value on as many lines as it needs: one if it fits, one for each entry of a list or an object otherwise. What is
 * left out is counted.
 */
export function valueLines(value: unknown, room: Room): readonly string[] {
  const flow = flowText(value);
  if (columns(flow) <= room.width) return [flow];
  const entries = Array.isArray(value)
    ? value.map(flowText)
    : isTree(value)
      ? Object.entries(value).map(entryText)
      : [];
  if (entries.length < 2) return [shortened(flow, typeof value === 'string' ? value : flow, room)];
  const shown = entries.slice(0, room.whole ? entries.length : most);
  const lines = shown.map((entry) => shortened(entry, entry, room));
  return shown.length === entries.length ? lines : [...lines, moreText(entries.length - shown.length)];
}

/** Elements as lines that a reader can scan: as many on each as fit, never one cut in two. */
export function packed(elements: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const element of elements) {
    const longer = line === '' ? element : `${line}, ${element}`;
    if (line !== '' && columns(longer) >= width) {
      lines.push(`${line},`);
      line = element;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, line];
}

/** The same after a few words, with all lines beginning in the column after them. */
export function wrapped(lead: string, elements: readonly string[], width: number): readonly string[] {
  const margin = ' '.repeat(columns(lead));
  return packed(elements, width - columns(lead)).map((line, index) => (index === 0 ? lead : margin) + line);
}

/** An element of a set, with its content: `agent-lena (channel_moderator)`. */
export function elementText(element: { readonly name: string; readonly value?: unknown }): string {
  const content = contentText(element.value);
  return nameText(element.name) + (content === '' ? '' : ` ${content}`);
}

/** How many of a long addition are shown before the rest is counted. */
export const most = 12;

/** Says what is left out, and how to see it. */
export function moreText(count: number): string {
  return `(${grouped(count)} more: -v)`;
}

/** A member who is nothing but a member needs no word about it. */
function contentText(value: unknown): string {
  if (value === undefined || value === true) return '';
  if (!isTree(value)) return `(${flowText(value)})`;
  const { channel_role: role, ...others } = value;
  if (typeof value['$fingerprint'] === 'string') return flowText(value);
  const custom = isTree(others['custom']) && Object.keys(others['custom']).length === 0;
  const rest = Object.entries(others).filter(([key]) => key !== 'custom' || !custom);
  const parts = role === undefined || role === 'channel_member' ? [] : [flowText(role)];
  parts.push(...rest.map(entryText));
  return parts.length === 0 ? '' : `(${parts.join(', ')})`;
}

function entryText([key, value]: readonly [string, unknown]): string {
  return `${keyText(key)}: ${flowText(value)}`;
}

function shortened(shown: string, counted: string, room: Room): string {
  if (room.whole || columns(shown) <= room.width) return shown;
  const note = `… (${grouped([...counted].length)} characters: -v)`;
  return head(shown, Math.max(16, room.width - columns(note))) + note;
}

/** As much of the beginning of a text as this many columns hold; no character is cut in two. */
export function head(text: string, width: number): string {
  let taken = '';
  let used = 0;
  for (const character of text) {
    used += columns(character);
    if (used > width) break;
    taken += character;
  }
  return taken;
}

/** Words need no quotes; what could be taken for another type, or for ours, gets them. */
function isWord(text: string): boolean {
  return /^[A-Za-z][\w.:/@+-]*$/.test(text) && !/^(true|false|null|none|yes|no|on|off)$/i.test(text);
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
