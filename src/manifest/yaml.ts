import { createRequire } from 'node:module';
import type { Alias, ParsedNode, YAMLMap, YAMLSeq } from 'yaml';
import type { Diagnostic } from '../model/diagnostic.ts';
import { problem } from './problem.ts';
import { spanOf, type Source } from './source.ts';
import { placeOf, type Entry, type ListNode, type MapNode, type Node, type ScalarNode } from './tree.ts';
import {
  repeatedKey,
  syntaxProblem,
  tooDeep,
  unknownAlias,
  unreadable,
  unsetWithValue,
} from './yaml-wording.ts';

/**
 * The documents of a YAML or JSON text. A document that is not YAML is left out; one with a smaller problem stays, its
 * bad parts marked as broken. Types are not guessed: every scalar keeps what was written.
 */
export interface Documents {
  readonly documents: readonly Node[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Most manifests never come here, so the package is loaded for the first that does. */
const require = createRequire(import.meta.url);
const yamlPackage = (): typeof import('yaml') => require('yaml') as typeof import('yaml');

/** Reads a text with the `yaml` package, the reference for what YAML means. */
export function parseYaml(source: Source): Documents {
  const documents: Node[] = [];
  const diagnostics: Diagnostic[] = [];
  const budget: Budget = { aliased: 0 };
  const parsed = packageDocuments(source, diagnostics);
  if ('empty' in parsed) {
    const first = parsed.errors[0] ?? parsed.warnings[0];
    if (first !== undefined) diagnostics.push(syntaxProblem(source, first));
    return { documents, diagnostics };
  }
  for (const document of parsed) {
    // What follows the first mistake in a document is mostly its echo.
    const first = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])[0];
    if (first !== undefined) {
      diagnostics.push(syntaxProblem(source, first));
      continue;
    }
    for (const warning of document.warnings) {
      if (source.text.slice(...warning.pos) !== unsetTag) diagnostics.push(syntaxProblem(source, warning));
    }
    if (document.contents === null) continue;
    const node = treeOf(source, document.contents as ParsedNode, budget, diagnostics);
    if (node !== undefined && !isEmpty(node)) documents.push(node);
  }
  return { documents, diagnostics };
}

function packageDocuments(
  source: Source,
  diagnostics: Diagnostic[],
): ReturnType<typeof import('yaml').parseAllDocuments> {
  const { parseAllDocuments } = yamlPackage();
  try {
    return parseAllDocuments(source.text, {
      schema: 'failsafe',
      // The package compares every key with every other; a set does it below.
      uniqueKeys: false,
      prettyErrors: false,
      resolveKnownTags: false,
      logLevel: 'silent',
    });
  } catch (error) {
    // The package recurses, and text decides how deep; everything else is a mistake in the package.
    const deep = error instanceof RangeError;
    diagnostics.push(deep ? tooDeep(source, 0, deepest) : unreadable(source, error));
    return [];
  }
}

const unsetTag = '!unset';
/** What `!`, `!!str`, `!!map` and `!!seq` become: they say only what the value is anyway. */
const ownTags: ReadonlySet<string> = new Set([
  '!',
  ...['str', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`),
]);
const deepest = 100;
/** Aliases may stand for this many values in all: far beyond honest use, far below exhaustion. */
const mostAliased = 1_000_000;

/** Shared by the documents of a text. */
interface Budget {
  aliased: number;
}

interface Anchor {
  readonly node: Node;
  readonly size: number;
  readonly height: number;
}

/** Turns one document into our tree, or undefined when reading it all would be dangerous. */
function treeOf(
  source: Source,
  contents: ParsedNode,
  budget: Budget,
  diagnostics: Diagnostic[],
): Node | undefined {
  const { isAlias, isMap, isSeq } = yamlPackage();
  const anchors = new Map<string, Anchor | 'open'>();
  let size = 0;
  let reached = 0;
  let stopped = false;

  const root = visit(contents, 1);
  return stopped ? undefined : root;

  function visit(node: ParsedNode, depth: number): Node {
    if (isAlias(node)) return follow(node, depth);
    size += 1;
    reached = Math.max(reached, depth);
    if (depth > deepest) {
      stop(tooDeep(source, node.range[0], deepest));
      return broken(node.range[0], node.range[0]);
    }
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor === undefined) return convert(node, depth);
    const before = { size, reached };
    anchors.set(anchor, 'open');
    reached = depth;
    const result = convert(node, depth);
    anchors.set(anchor, { node: result, size: size - before.size + 1, height: reached - depth });
    reached = Math.max(before.reached, reached);
    return result;
  }

  function convert(node: Exclude<ParsedNode, Alias.Parsed>, depth: number): Node {
    const [start, end] = node.range;
    const { tag } = node;
    const isScalar = !isMap(node) && !isSeq(node);
    if (tag === unsetTag) {
      if (isScalar && node.value === '') return unsetOf(start);
      diagnostics.push(unsetWithValue(spanOf(source, start, end)));
      return broken(start, end);
    }
    // The package has warned of the tag.
    if (tag !== undefined && !ownTags.has(tag)) return broken(start, end);
    if (isMap(node)) return mapOf(node, depth);
    if (isSeq(node)) return listOf(node, depth);
    const text = String(node.value);
    return { type: 'scalar', source, start, end, text, plain: node.type === 'PLAIN' && tag === undefined };
  }

  function unsetOf(after: number): Node {
    const start = Math.max(0, source.text.lastIndexOf(unsetTag, after));
    const end = start + unsetTag.length;
    const part = (text: string): ScalarNode => ({ type: 'scalar', source, start, end, text, plain: true });
    return { type: 'map', source, start, end, entries: [{ key: part('$unset'), value: part('true') }] };
  }

  function listOf(list: YAMLSeq.Parsed, depth: number): ListNode {
    const items = list.items.map((item) => visit(item, depth + 1));
    return { type: 'list', source, start: list.range[0], end: endOf(list, items.at(-1)), items };
  }

  function mapOf(map: YAMLMap.Parsed, depth: number): MapNode {
    const entries: Entry[] = [];
    const merged: Node[] = [];
    const seen = new Map<string, ScalarNode>();
    let last: Node | undefined;
    for (const pair of map.items) {
      const key = keyOf(pair.key, depth);
      const value = pair.value === null ? empty(key?.end ?? map.range[0]) : visit(pair.value, depth + 1);
      last = value.end > (key?.end ?? 0) || pair.value !== null ? value : key;
      if (key === undefined) continue;
      const first = seen.get(key.text);
      if (first !== undefined) {
        diagnostics.push(repeatedKey(first, key));
        continue;
      }
      seen.set(key.text, key);
      if (key.text === '<<' && key.plain) merged.push(value);
      else entries.push({ key, value });
    }
    for (const node of merged) merge(node, entries, seen);
    return { type: 'map', source, start: map.range[0], end: endOf(map, last), entries };
  }

  /** What is written in the map itself wins, then the earlier of several merged maps. */
  function merge(node: Node, entries: Entry[], seen: Map<string, ScalarNode>): void {
    const maps = node.type === 'list' ? node.items : [node];
    for (const map of maps) {
      if (map.type !== 'map') {
        if (map.type === 'scalar' && map.broken) continue;
        diagnostics.push(
          problem(
            'wrong-type',
            placeOf(map),
            '`<<` takes a map, or a list of maps, to merge into this one',
            "Write `<<: *name` for a map that has the anchor `&name`, or quote the key: '<<'.",
          ),
        );
        continue;
      }
      for (const entry of map.entries) {
        if (seen.has(entry.key.text)) continue;
        seen.set(entry.key.text, entry.key);
        entries.push(entry);
      }
    }
  }

  function keyOf(node: ParsedNode | null, depth: number): ScalarNode | undefined {
    const key = node === null ? undefined : visit(node, depth + 1);
    if (key?.type === 'scalar' && (key.text !== '' || !key.plain)) return key.broken ? undefined : key;
    if (stopped || (key?.type === 'scalar' && key.broken)) return undefined;
    const at = key ?? empty(0);
    diagnostics.push(
      problem(
        'bad-key',
        placeOf(at),
        key === undefined || key.type === 'scalar'
          ? 'a key is missing before `:`'
          : `a ${key.type} cannot be a key`,
        'Write a name before the `:`, or quote the text if it is one value.',
      ),
    );
    return undefined;
  }

  function follow(alias: Alias.Parsed, depth: number): Node {
    const [start, end] = alias.range;
    const anchor = anchors.get(alias.source);
    if (anchor === undefined || anchor === 'open') {
      diagnostics.push(unknownAlias(spanOf(source, start, end), alias.source, anchor === 'open'));
      return broken(start, end);
    }
    size += anchor.size;
    budget.aliased += anchor.size;
    reached = Math.max(reached, depth + anchor.height);
    if (budget.aliased > mostAliased) {
      stop(
        problem(
          'alias-bomb',
          spanOf(source, start, end),
          `aliases repeat more than ${mostAliased.toLocaleString('en')} values`,
          'Repeat less: nested aliases multiply. Split the file, or write out what differs.',
        ),
      );
      return broken(start, end);
    }
    if (depth + anchor.height > deepest) {
      stop(tooDeep(source, start, deepest));
      return broken(start, end);
    }
    return { ...anchor.node, start, end };
  }

  function stop(diagnostic: Diagnostic): void {
    if (!stopped) diagnostics.push(diagnostic);
    stopped = true;
  }

  function empty(at: number): ScalarNode {
    return { type: 'scalar', source, start: at, end: at, text: '', plain: true };
  }

  function broken(start: number, end: number): ScalarNode {
    return { type: 'scalar', source, start, end, text: '', plain: true, broken: true };
  }
}

/** A flow collection ends with its bracket; a block has none, and the package counts blank lines to it. */
function endOf(collection: YAMLMap.Parsed | YAMLSeq.Parsed, last: Node | undefined): number {
  if (collection.flow === true || last === undefined) return collection.range[1];
  return last.end;
}

function isEmpty(node: Node): boolean {
  return node.type === 'scalar' && node.plain && node.text === '' && node.broken === undefined;
}
