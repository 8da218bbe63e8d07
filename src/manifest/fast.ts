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
  const { text } = source;
  if (unusual.test(text)) return undefined;
  const length = text.length;
  /** Where reading goes on. */
  let at = 0;
  /** The indentation of the line that `at` is in, set by `toContent`. */
  let indent = 0;
  /** True inside JSON over several lines. */
  let acrossLines = false;

  try {
    return documentNode();
  } catch (error) {
    if (error === beyond) return undefined;
    throw error;
  }

  function documentNode(): Node | undefined {
    if (!toContent()) return undefined;
    if (indent === 0 && text.startsWith('---', at)) {
      at += 3;
      toLineEnd();
      if (!toContent()) return undefined;
    }
    if (indent !== 0) return undefined;
    const first = text.charCodeAt(at);
    let root: Node;
    if (first === braceOpen || first === bracketOpen) {
      acrossLines = true;
      root = flow(1);
      toLineEnd();
    } else root = block(0, 1);
    return toContent() ? undefined : root;
  }

  /** The collection whose first line is here. */
  function block(column: number, depth: number): Node {
    if (depth > deepest) throw beyond;
    return isDash(at) ? blockList(column, depth) : blockMap(column, depth);
  }

  /** Stands at the first key; `column` is where all its keys begin. */
  function blockMap(column: number, depth: number): MapNode {
    const start = at;
    const entries: Entry[] = [];
    for (;;) {
      if (column === 0) refuseMarker();
      const key = blockKey();
      entries.push({ key, value: blockValue(column, depth) });
      if (!toContent() || indent < column) break;
      if (indent > column) throw beyond;
      // In a list of maps a dash ends the map only where it is less indented, and then it was seen above.
      if (isDash(at)) throw beyond;
    }
    distinct(entries);
    return { type: 'map', source, start, end: entries[entries.length - 1]!.value.end, entries };
  }

  function blockList(column: number, depth: number): ListNode {
    const start = at;
    const items: Node[] = [];
    for (;;) {
      if (column === 0) refuseMarker();
      const dash = at;
      at += 1;
      toValue();
      if (atLineEnd() || isDash(at)) throw beyond;
      items.push(listItem(column + at - dash, depth));
      if (!toContent() || indent < column) break;
      if (indent > column) throw beyond;
      // A list may stand under its key without indentation; then the next key ends it.
      if (!isDash(at)) break;
    }
    return { type: 'list', source, start, end: items[items.length - 1]!.end, items };
  }

  function listItem(column: number, depth: number): Node {
    if (depth >= deepest) throw beyond;
    if (keyFollows()) return blockMap(column, depth + 1);
    return lineValue(depth + 1);
  }

  function blockValue(column: number, depth: number): Node {
    toValue();
    if (!atLineEnd()) return lineValue(depth + 1);
    toLineEnd();
    if (!toContent() || indent < column) throw beyond;
    if (indent === column && !isDash(at)) throw beyond;
    return block(indent, depth + 1);
  }

  /** A value that ends on its line, and the rest of that line. */
  function lineValue(depth: number): Node {
    const first = text.charCodeAt(at);
    const value =
      first === braceOpen || first === bracketOpen
        ? flow(depth)
        : first === doubleQuote || first === singleQuote
          ? quoted(first)
          : plain(false);
    toLineEnd();
    return value;
  }

  function blockKey(): ScalarNode {
    const first = text.charCodeAt(at);
    const key = first === doubleQuote || first === singleQuote ? quoted(first) : plainKey();
    if (text.charCodeAt(at) !== colon || !isBlank(at + 1) || key.end - key.start > longestKey) throw beyond;
    at += 1;
    return key;
  }

  function plainKey(): ScalarNode {
    const start = at;
    refuseStart(start);
    let end = start;
    for (; ; end += 1) {
      const code = text.charCodeAt(end);
      if (code === colon && isBlank(end + 1)) break;
      if (code === newline || end >= length || (code === hash && text.charCodeAt(end - 1) === space)) throw beyond;
    }
    if (text.charCodeAt(end - 1) === space) throw beyond;
    at = end;
    return scalar(start, end, text.slice(start, end), true);
  }

  /** True when this line holds a key for a map that begins right after a dash. */
  function keyFollows(): boolean {
    const first = text.charCodeAt(at);
    if (first === braceOpen || first === bracketOpen) return false;
    let end = at;
    if (first === doubleQuote || first === singleQuote) {
      const before = at;
      quoted(first);
      end = at;
      at = before;
      return text.charCodeAt(end) === colon;
    }
    for (; end < length; end += 1) {
      const code = text.charCodeAt(end);
      if (code === newline) return false;
      if (code === colon && isBlank(end + 1)) return true;
      if (code === hash && text.charCodeAt(end - 1) === space) return false;
    }
    return false;
  }

  /** An unquoted scalar, up to a comment, the end of the line or, inside brackets, their punctuation. */
  function plain(inFlow: boolean): ScalarNode {
    const start = at;
    refuseStart(start);
    let end = start;
    for (; end < length; end += 1) {
      const code = text.charCodeAt(end);
      if (code > colon && code < bracketOpen) continue;
      if (code === newline) break;
      if (code === hash && text.charCodeAt(end - 1) === space) break;
      if (code === colon) {
        if (isBlank(end + 1)) {
          if (inFlow) break;
          throw beyond;
        }
        if (inFlow && isFlowMark(text.charCodeAt(end + 1))) throw beyond;
      } else if (inFlow && isFlowMark(code)) break;
    }
    at = end;
    while (text.charCodeAt(end - 1) === space) end -= 1;
    return scalar(start, end, text.slice(start, end), true);
  }

  function quoted(quote: number): ScalarNode {
    const start = at;
    let hasEscapes = false;
    for (let end = start + 1; end < length; end += 1) {
      const code = text.charCodeAt(end);
      if (code === newline) break;
      if (code === backslash && quote === doubleQuote) {
        hasEscapes = true;
        end += 1;
      } else if (code === quote) {
        if (quote === singleQuote && text.charCodeAt(end + 1) === singleQuote) {
          hasEscapes = true;
          end += 1;
          continue;
        }
        at = end + 1;
        const written = text.slice(start + 1, end);
        return scalar(start, at, hasEscapes ? unescaped(written, quote) : written, false);
      }
    }
    throw beyond;
  }

  function flow(depth: number): Node {
    if (depth > deepest) throw beyond;
    const start = at;
    const isMap = text.charCodeAt(start) === braceOpen;
    const close = isMap ? braceClose : bracketClose;
    const entries: Entry[] = [];
    const items: Node[] = [];
    at += 1;
    toFlowToken();
    while (text.charCodeAt(at) !== close) {
      if (isMap) {
        const key = flowKey();
        entries.push({ key, value: flowValue(depth) });
      } else items.push(flowValue(depth));
      toFlowToken();
      const code = text.charCodeAt(at);
      if (code === close) break;
      if (code !== comma) throw beyond;
      at += 1;
      toFlowToken();
      if (text.charCodeAt(at) === close) throw beyond;
    }
    at += 1;
    if (!isMap) return { type: 'list', source, start, end: at, items };
    distinct(entries);
    return { type: 'map', source, start, end: at, entries };
  }

  function flowKey(): ScalarNode {
    const first = text.charCodeAt(at);
    const isQuoted = first === doubleQuote || first === singleQuote;
    const key = isQuoted ? quoted(first) : plain(true);
    if (text.charCodeAt(at) !== colon || key.end !== at || key.end - key.start > longestKey) throw beyond;
    at += 1;
    // After a quoted key, as in JSON, a value may follow at once.
    if (text.charCodeAt(at) !== space && !isQuoted) throw beyond;
    toValue();
    return key;
  }

  function flowValue(depth: number): Node {
    const first = text.charCodeAt(at);
    if (first === braceOpen || first === bracketOpen) return flow(depth + 1);
    if (first === doubleQuote || first === singleQuote) return quoted(first);
    const value = plain(true);
    const next = text.charCodeAt(at);
    if (next === colon || next === hash) throw beyond;
    return value;
  }

  /** To the next token inside brackets: on this line, or in JSON on a later one. */
  function toFlowToken(): void {
    toValue();
    while (acrossLines && text.charCodeAt(at) === newline) {
      at += 1;
      toValue();
    }
    if (at >= length) throw beyond;
  }

  function toValue(): void {
    while (text.charCodeAt(at) === space) at += 1;
  }

  /** True at the end of a line, or at a comment that ends it. */
  function atLineEnd(): boolean {
    const code = text.charCodeAt(at);
    return at >= length || code === newline || (code === hash && text.charCodeAt(at - 1) === space);
  }

  /** Past a line that has nothing more in it than a comment. */
  function toLineEnd(): void {
    toValue();
    if (!atLineEnd()) throw beyond;
    const end = text.indexOf('\n', at);
    at = end === -1 ? length : end + 1;
  }

  /** From the start of a line to what is written in it or, if it is blank or a comment, in a later one. */
  function toContent(): boolean {
    // A collection that ended has done this for those around it.
    if (at > 0 && text.charCodeAt(at - 1) !== newline) return at < length;
    while (at < length) {
      const start = at;
      toValue();
      const code = text.charCodeAt(at);
      if (code !== newline && code !== hash) {
        indent = at - start;
        return at < length;
      }
      const end = text.indexOf('\n', at);
      at = end === -1 ? length : end + 1;
    }
    return false;
  }

  function isDash(offset: number): boolean {
    return text.charCodeAt(offset) === dash && isBlank(offset + 1);
  }

  function isBlank(offset: number): boolean {
    if (offset >= length) return true;
    const code = text.charCodeAt(offset);
    return code === space || code === newline;
  }

  /** `---`, `...` and `%` at the start of a line have a meaning of their own. */
  function refuseMarker(): void {
    if (text.startsWith('---', at) || text.startsWith('...', at)) throw beyond;
  }

  function refuseStart(offset: number): void {
    const code = text.charCodeAt(offset);
    if (code === dash ? !safeAfterDash.test(text.charAt(offset + 1)) : offset >= length || unsafeStart.has(code)) throw beyond;
  }

  function scalar(start: number, end: number, value: string, isPlain: boolean): ScalarNode {
    return { type: 'scalar', source, start, end, text: value, plain: isPlain };
  }
}

/** Thrown where the text is beyond what is known here. */
const beyond = Symbol('beyond');

/** Control characters, and those that some YAML versions take for line breaks or byte order marks. */
// oxlint-disable-next-line no-control-regex
const unusual = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028\u2029\uFEFF]/;
const deepest = 90;
const longestKey = 1000;

const newline = 0x0a;
const space = 0x20;
const doubleQuote = 0x22;
const hash = 0x23;
const singleQuote = 0x27;
const comma = 0x2c;
const dash = 0x2d;
const colon = 0x3a;
const bracketOpen = 0x5b;
const backslash = 0x5c;
const bracketClose = 0x5d;
const braceOpen = 0x7b;
const braceClose = 0x7d;

const unsafeStart: ReadonlySet<number> = new Set(Array.from('?:,[]{}#&*!|>\'"%@` \n', (character) => character.charCodeAt(0)));
const safeAfterDash = /^[\w.]$/;

function isFlowMark(code: number): boolean {
  return code === comma || code === bracketOpen || code === bracketClose || code === braceOpen || code === braceClose;
}

/** Leaves maps with repeated keys to the reference, which names both lines; and merge keys too. */
function distinct(entries: readonly Entry[]): void {
  if (entries.length <= 8) {
    for (let i = 0; i < entries.length; i += 1) {
      const key = entries[i]!.key.text;
      if (key === '<<') throw beyond;
      for (let j = 0; j < i; j += 1) if (entries[j]!.key.text === key) throw beyond;
    }
    return;
  }
  const keys = new Set<string>();
  for (const { key } of entries) keys.add(key.text);
  if (keys.size !== entries.length || keys.has('<<')) throw beyond;
}

const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function unescaped(written: string, quote: number): string {
  if (quote === singleQuote) return written.replaceAll("''", "'");
  return written.replace(/\\(?:u([\da-fA-F]{4})|(.?))/g, (_all, code: string | undefined, letter: string | undefined) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    const character = escapes[letter ?? ''];
    if (character === undefined) throw beyond;
    return character;
  });
}
