import type { SourceSpan } from '../model/diagnostic.ts';
import { spanOf, type Source } from './source.ts';

/**
 * A manifest as a tree that remembers where each part was written, so that whatever reads it can point at a line.
 * Offsets count UTF-16 units from the start of the text; the end is exclusive. A block ends where its last value ends.
 */
interface Written {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** One value without parts. Its type is not decided here: that takes a schema. */
export interface ScalarNode extends Written {
  readonly type: 'scalar';
  /** What was written, without quotes, escapes and folds. */
  readonly text: string;
  /** False when it was quoted or a block, so that it can only be text. */
  readonly plain: boolean;
  /** True when the parser has already said what is wrong with it. */
  readonly broken?: true;
}

/** One key with its value. */
export interface Entry {
  readonly key: ScalarNode;
  readonly value: Node;
}

/** A map with unique keys; merge keys and aliases are already resolved. */
export interface MapNode extends Written {
  readonly type: 'map';
  readonly entries: readonly Entry[];
}

/** A list. */
export interface ListNode extends Written {
  readonly type: 'list';
  readonly items: readonly Node[];
}

/** Any part of a manifest. */
export type Node = ScalarNode | MapNode | ListNode;

/** The place of a part. */
export function placeOf(node: Node): SourceSpan {
  return spanOf(node.source, node.start, node.end);
}

/** The entry with this key, or undefined. */
export function entryOf(map: MapNode, key: string): Entry | undefined {
  if (map.entries.length <= fewEntries) return map.entries.find((entry) => entry.key.text === key);
  let index = entryIndexes.get(map);
  if (index === undefined) {
    index = new Map(map.entries.map((entry) => [entry.key.text, entry]));
    entryIndexes.set(map, index);
  }
  return index.get(key);
}

/** Up to here looking at every key is faster than an index. */
const fewEntries = 16;
const entryIndexes = new WeakMap<MapNode, ReadonlyMap<string, Entry>>();

/** True for what `!unset` and `{"$unset": true}` become. */
export function isUnsetNode(node: Node): boolean {
  if (node.type !== 'map' || node.entries.length !== 1) return false;
  const { key, value } = node.entries[0]!;
  return key.text === '$unset' && value.type === 'scalar' && value.plain && value.text === 'true';
}

/**
 * The elements of a set: nested lists (a list of ids behind an alias) are opened, and a text that comes again is
 * handed to `repeated` and left out.
 */
export function elementsOf(list: ListNode, repeated?: (again: Node, first: Node) => void): readonly Node[] {
  const elements: Node[] = [];
  const seen = new Map<string, Node>();
  const visit = (items: readonly Node[]): void => {
    for (const item of items) {
      if (item.type === 'list') {
        visit(item.items);
        continue;
      }
      if (item.type === 'scalar' && item.broken === undefined) {
        const first = seen.get(item.text);
        if (first !== undefined) {
          repeated?.(item, first);
          continue;
        }
        seen.set(item.text, item);
      }
      elements.push(item);
    }
  };
  visit(list.items);
  return elements;
}
