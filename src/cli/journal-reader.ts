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
  const named = new Set<string>();
  for (const [index, text] of texts.entries()) {
    if (text === '') continue;
    const value = parsed(text);
    if (value === undefined && index === last && index > 0) continue;
    if (isAddition(value, lines[0]?.entry)) continue;
    const entry = entryIn(value);
    const isMisplaced = (entry?.type === 'apply') !== (lines.length === 0);
    const object = entry?.type === 'object' ? entry.address : undefined;
    if (entry === undefined || isMisplaced || (object !== undefined && named.has(object)))
      throw notAJournal(path, index + 1);
    if (object !== undefined) named.add(object);
    lines.push({ line: index + 1, entry });
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

/** What a line says; undefined for one that is not JSON, as one that was cut off. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** An entry of a type that a later minor version added: nothing that this one needs. */
function isAddition(value: unknown, head: JournalEntry | undefined): boolean {
  const isLater = head?.type === 'apply' && /^1\.[1-9]\d*$/.test(head.format_version);
  return isLater && isTree(value) && isString(value['type']) && !types.has(String(value['type']));
}

/** The entry, when it has the form that its type must have. */
function entryIn(value: unknown): JournalEntry | undefined {
  return isTree(value) && isShallow(value) && isEntry(value) ? (value as unknown as JournalEntry) : undefined;
}

type Tree = Readonly<Record<string, unknown>>;

const types = new Set('apply done end failed left object planned ready sending skipped'.split(' '));
const effects = ['create', 'delete', 'exchange', 'narrow', 'prepare', 'update', 'widen'];
const results = ['converged', 'differs', 'interrupted', 'partly', 'nothing-written', 'unverified'];

function isEntry(entry: Tree): boolean {
  const isText = (...names: readonly string[]): boolean => names.every((name) => isString(entry[name]));
  const isTextOrNothing = (name: string): boolean => entry[name] === undefined || isString(entry[name]);
  switch (entry['type']) {
    case 'apply':
      return (
        isText('format', 'format_version', 'time', 'tool_version') &&
        isApp(entry['app']) &&
        typeof entry['emulator'] === 'boolean' &&
        isListOf(isString, entry['manifests']) &&
        isTextOrNothing('environment') &&
        isTextOrNothing('rolls_back')
      );
    case 'object':
      return isObject(entry);
    case 'planned':
      return isText('step') && isOneOf(effects, entry['effect']) && isListOf(isString, entry['covers']);
    case 'sending':
    case 'done':
    case 'failed':
    case 'skipped':
      return isText('step', 'time') && isListOf(isString, entry['covers']) && isTextOrNothing('because');
    case 'left':
      return isText('address') && isListOf(isField, entry['fields']);
    case 'end':
      return (
        isText('time') &&
        isOneOf(results, entry['result']) &&
        isCount(entry['writes']) &&
        isCount(entry['reads'])
      );
    case 'ready':
      return true;
    default:
      return false;
  }
}

function isObject({ action, address, before, fields, how, key, kind, withheld }: Tree): boolean {
  return (
    [key, kind].every(isString) &&
    address === `${String(kind)}/${String(key)}` &&
    isOneOf(['create', 'update', 'delete'], action) &&
    (action === 'create' ? before === undefined : isTree(before)) &&
    (action === 'delete' ? isOneOf(['delete', 'hard', 'reset', 'soft'], how) : how === undefined) &&
    isListOf(isField, fields) &&
    isListOf(isString, withheld)
  );
}

function isApp(value: unknown): boolean {
  if (!isTree(value)) return false;
  const { id, name } = value;
  return isString(name) && (id === undefined || isCount(id));
}

function isField(value: unknown): boolean {
  if (!isTree(value)) return false;
  const { added, after, before, op, path, removed } = value;
  if (!isListOf(isString, path) || (path as readonly unknown[]).length === 0) return false;
  switch (op) {
    case 'elements':
      return [added, removed].every((list) => isListOf(isElement, list)) && [before, after].every(isCount);
    case 'add':
      return after !== undefined;
    case 'remove':
      return before !== undefined;
    default:
      return op === 'set' && after !== undefined && before !== undefined;
  }
}

function isElement(value: unknown): boolean {
  return isTree(value) && isString(value['name']);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf(isItem: (value: unknown) => boolean, value: unknown): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isOneOf(words: readonly string[], value: unknown): boolean {
  return isString(value) && words.includes(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Nobody nests configuration that deep, and whoever reads it level by level has only so much room. */
function isShallow(value: unknown, levels = 100): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((below) => isShallow(below, levels - 1));
}

function isString(value: unknown): value is string {
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
