import { beyond, code, Scanner } from './scanner.ts';
import type { Source } from './source.ts';
import type { Entry, ListNode, MapNode, Node, ScalarNode } from './tree.ts';

/**
 * Reads the plain style in which large manifests are written, many times faster than the reference in yaml.ts, and
 * promises one thing: for every text it gives either exactly the tree of the reference, for a text in which the
 * reference finds nothing wrong, or undefined. It knows block maps and lists indented with spaces, values on one
 * line (plain, quoted, `[a, b]`, `{a: b}`), comments, and JSON over several lines. Whatever else it meets (anchors,
 * tags, block scalars, several documents, empty values, repeated keys) it leaves to the reference, as a whole file.
 */
export function parseFast(source: Source): Node | undefined {
  if (unusual.test(source.text)) return undefined;
  try {
    return documentNode(new Scanner(source));
  } catch (error) {
    if (error === beyond) return undefined;
    throw error;
  }
}

/** Control characters, and those that some YAML versions take for line breaks or byte order marks. */
const unusual = new RegExp(String.raw`[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028\u2029\uFEFF]`);
/** Less than the reference reads, so that it is the one to refuse. */
const deepest = 90;
const longestKey = 1000;

function documentNode(scanner: Scanner): Node | undefined {
  if (!scanner.toContent()) return undefined;
  if (scanner.indent === 0 && scanner.text.startsWith('---', scanner.at)) {
    scanner.at += 3;
    scanner.toLineEnd();
    if (!scanner.toContent()) return undefined;
  }
  if (scanner.indent !== 0) return undefined;
  let root: Node;
  if (atBracket(scanner)) {
    root = flow(scanner, 1, true);
    scanner.toLineEnd();
  } else root = block(scanner, 0, 1);
  return scanner.toContent() ? undefined : root;
}

/** The collection whose first line is here; `column` is where all its lines begin. */
function block(scanner: Scanner, column: number, depth: number): Node {
  if (depth > deepest) throw beyond;
  return scanner.atDash() ? blockList(scanner, column, depth) : blockMap(scanner, column, depth);
}

function blockMap(scanner: Scanner, column: number, depth: number): MapNode {
  const start = scanner.at;
  const entries: Entry[] = [];
  for (;;) {
    if (column === 0) refuseMarker(scanner);
    const key = blockKey(scanner);
    entries.push({ key, value: blockValue(scanner, column, depth) });
    if (!scanner.toContent() || scanner.indent < column) break;
    if (scanner.indent > column || scanner.atDash()) throw beyond;
  }
  refuseRepeated(entries);
  return { type: 'map', source: scanner.source, start, end: entries[entries.length - 1]!.value.end, entries };
}

function blockList(scanner: Scanner, column: number, depth: number): ListNode {
  const start = scanner.at;
  const items: Node[] = [];
  for (;;) {
    if (column === 0) refuseMarker(scanner);
    const dash = scanner.at;
    scanner.at += 1;
    scanner.toValue();
    if (scanner.atLineEnd() || scanner.atDash()) throw beyond;
    items.push(listItem(scanner, column + scanner.at - dash, depth));
    if (!scanner.toContent() || scanner.indent < column) break;
    if (scanner.indent > column) throw beyond;
    // A list may stand under its key without indentation; then the next key ends it.
    if (!scanner.atDash()) break;
  }
  return { type: 'list', source: scanner.source, start, end: items[items.length - 1]!.end, items };
}

function listItem(scanner: Scanner, column: number, depth: number): Node {
  if (depth >= deepest) throw beyond;
  return keyFollows(scanner) ? blockMap(scanner, column, depth + 1) : lineValue(scanner, depth + 1);
}

function blockKey(scanner: Scanner): ScalarNode {
  const key = scanner.atQuote() ? scanner.quoted() : scanner.plainKey();
  const { at } = scanner;
  if (scanner.here() !== code.colon || !scanner.isBlank(at + 1) || key.end - key.start > longestKey)
    throw beyond;
  scanner.at = at + 1;
  return key;
}

function blockValue(scanner: Scanner, column: number, depth: number): Node {
  scanner.toValue();
  if (!scanner.atLineEnd()) return lineValue(scanner, depth + 1);
  scanner.toLineEnd();
  if (!scanner.toContent() || scanner.indent < column) throw beyond;
  if (scanner.indent === column && !scanner.atDash()) throw beyond;
  return block(scanner, scanner.indent, depth + 1);
}

/** A value that ends on its line, and the rest of that line. */
function lineValue(scanner: Scanner, depth: number): Node {
  const value = atBracket(scanner)
    ? flow(scanner, depth, false)
    : scanner.atQuote()
      ? scanner.quoted()
      : scanner.plain(false);
  scanner.toLineEnd();
  return value;
}

/** True when this line holds a key for a map that begins right after a dash. */
function keyFollows(scanner: Scanner): boolean {
  if (atBracket(scanner)) return false;
  const { text, at } = scanner;
  if (scanner.atQuote()) {
    scanner.quoted();
    const follows = scanner.here() === code.colon;
    scanner.at = at;
    return follows;
  }
  for (let end = at; end < text.length; end += 1) {
    const there = text.charCodeAt(end);
    if (there === code.newline) return false;
    if (there === code.colon && scanner.isBlank(end + 1)) return true;
    if (there === code.hash && text.charCodeAt(end - 1) === code.space) return false;
  }
  return false;
}

/** A list or map in brackets: on one line, or in JSON over several. */
function flow(scanner: Scanner, depth: number, overLines: boolean): Node {
  if (depth > deepest) throw beyond;
  const start = scanner.at;
  const isMap = scanner.here() === code.braceOpen;
  const close = isMap ? code.braceClose : code.bracketClose;
  const entries: Entry[] = [];
  const items: Node[] = [];
  scanner.at += 1;
  toToken(scanner, overLines);
  while (scanner.here() !== close) {
    if (isMap) {
      const key = flowKey(scanner);
      entries.push({ key, value: flowValue(scanner, depth, overLines) });
    } else items.push(flowValue(scanner, depth, overLines));
    toToken(scanner, overLines);
    if (scanner.here() === close) break;
    if (scanner.here() !== code.comma) throw beyond;
    scanner.at += 1;
    toToken(scanner, overLines);
    if (scanner.here() === close) throw beyond;
  }
  scanner.at += 1;
  const { source, at: end } = scanner;
  if (!isMap) return { type: 'list', source, start, end, items };
  refuseRepeated(entries);
  return { type: 'map', source, start, end, entries };
}

function flowKey(scanner: Scanner): ScalarNode {
  const isQuoted = scanner.atQuote();
  const key = isQuoted ? scanner.quoted() : scanner.plain(true);
  if (scanner.here() !== code.colon || key.end !== scanner.at || key.end - key.start > longestKey)
    throw beyond;
  scanner.at += 1;
  // After a quoted key, as in JSON, a value may follow at once.
  if (scanner.here() !== code.space && !isQuoted) throw beyond;
  scanner.toValue();
  return key;
}

function flowValue(scanner: Scanner, depth: number, overLines: boolean): Node {
  if (atBracket(scanner)) return flow(scanner, depth + 1, overLines);
  if (scanner.atQuote()) return scanner.quoted();
  const value = scanner.plain(true);
  if (scanner.here() === code.colon || scanner.here() === code.hash) throw beyond;
  return value;
}

function toToken(scanner: Scanner, overLines: boolean): void {
  scanner.toValue();
  if (!overLines) return;
  while (scanner.here() === code.newline) {
    scanner.at += 1;
    scanner.toValue();
  }
}

function atBracket(scanner: Scanner): boolean {
  const here = scanner.here();
  return here === code.braceOpen || here === code.bracketOpen;
}

/** `---` and `...` at the start of a line have a meaning of their own. */
function refuseMarker({ text, at }: Scanner): void {
  if (text.startsWith('---', at) || text.startsWith('...', at)) throw beyond;
}

/** Leaves maps with repeated keys to the reference, which names both lines; and merge keys too. */
function refuseRepeated(entries: readonly Entry[]): void {
  if (entries.length > 8) {
    const keys = new Set<string>();
    for (const { key } of entries) keys.add(key.text);
    if (keys.size !== entries.length || keys.has('<<')) throw beyond;
    return;
  }
  for (let i = 0; i < entries.length; i += 1) {
    const key = entries[i]!.key.text;
    if (key === '<<') throw beyond;
    for (let j = 0; j < i; j += 1) if (entries[j]!.key.text === key) throw beyond;
  }
}
