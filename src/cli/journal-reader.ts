import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { JournalLines } from '../index.ts';
import type { JournalEntry } from '../model/journal.ts';
import { quoted } from '../render/escape.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { Stop } from './stop.ts';

const largest = 512 * 1024 * 1024;

/**
 * A journal as it is on the disk. A run that was killed leaves a last line that is cut off, or empty lines: they are
 * passed over. Anything else that is not a journal's is named with its line.
 */
export async function readJournal(path: string, { cwd }: Pick<Io, 'cwd'>): Promise<JournalLines> {
  const texts = (await textOf(path, cwd)).split('\n');
  const last = texts.findLastIndex((text) => text !== '');
  const lines: { readonly line: number; readonly entry: JournalEntry }[] = [];
  for (const [index, text] of texts.entries()) {
    if (text === '') continue;
    const entry = entryIn(text);
    if (entry !== undefined) lines.push({ line: index + 1, entry });
    else if (index !== last || index === 0) throw notAJournal(path, index + 1);
  }
  const head = lines[0]?.entry;
  if (head?.type !== 'apply' || head.format !== 'streambed-journal') throw notAJournal(path, 1);
  if (!/^1\.\d+$/.test(head.format_version)) {
    throw new Stop(exitCodes.invalid, {
      code: 'journal-format',
      message: `${quoted(path)} was written by a version of Streambed that this one does not understand`,
      help: 'Use the version that wrote it.',
    });
  }
  return { file: path, head, lines };
}

async function textOf(path: string, cwd: string): Promise<string> {
  try {
    const absolute = resolve(cwd, path);
    const found = await stat(absolute);
    if (!found.isFile() || found.size > largest) throw new Error('not a file of a size to read');
    return await readFile(absolute, 'utf8');
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error ? String(error.code) : 'not a file of a size to read';
    throw new Stop(exitCodes.invalid, {
      code: 'journal-format',
      message: `${quoted(path)} cannot be read: ${why}`,
      help: 'Name a file of .streambed/applies, or of the folder that --journal named.',
    });
  }
}

/** The entry of a line, when it has the form that its type must have. */
function entryIn(text: string): JournalEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const entry = value as Record<string, unknown>;
  const isText = (...names: readonly string[]): boolean =>
    names.every((name) => typeof entry[name] === 'string');
  const isList = (name: string, item: (value: unknown) => boolean): boolean =>
    Array.isArray(entry[name]) && entry[name].every(item);
  const whole = (): boolean => {
    switch (entry['type']) {
      case 'apply':
        return isText('format', 'format_version', 'time') && isApp(entry['app']);
      case 'object':
        return (
          isText('address', 'kind', 'key', 'action') &&
          ['create', 'update', 'delete'].includes(String(entry['action'])) &&
          isList('fields', isField) &&
          isList('withheld', isString)
        );
      case 'planned':
        return isText('step', 'effect') && isList('covers', isString);
      case 'sending':
      case 'done':
      case 'failed':
      case 'skipped':
        return isText('step', 'time') && isList('covers', isString);
      case 'left':
        return isText('address') && isList('fields', isField);
      case 'end':
        return isText('result', 'time') && typeof entry['writes'] === 'number';
      case 'ready':
        return true;
      default:
        return false;
    }
  };
  return whole() ? (value as JournalEntry) : undefined;
}

function isApp(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name } = value as Record<string, unknown>;
  return typeof name === 'string' && (id === undefined || typeof id === 'number');
}

function isField(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { op, path, added, removed } = value as Record<string, unknown>;
  if (!Array.isArray(path) || path.length === 0 || !path.every(isString)) return false;
  if (op === 'elements')
    return [added, removed].every((list) => Array.isArray(list) && list.every(isElement));
  return op === 'add' || op === 'remove' || op === 'set';
}

function isElement(value: unknown): boolean {
  return typeof value === 'object' && value !== null && isString((value as Record<string, unknown>)['name']);
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

function notAJournal(path: string, line: number): Stop {
  return new Stop(exitCodes.invalid, {
    code: 'journal-format',
    message: 'this is not a line of a journal',
    help: 'Name a file of .streambed/applies, or of the folder that --journal named, as it was written.',
    at: { file: path, line, column: 1, endLine: line, endColumn: 1 },
  });
}
