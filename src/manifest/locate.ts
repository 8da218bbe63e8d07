import type { Path } from '../model/address.ts';
import type { SourceSpan } from '../model/diagnostic.ts';
import { entryOf, placeOf, type ListNode, type MapNode, type Node, type ScalarNode } from './tree.ts';

/**
 * The place of a value inside an object, or of the key that names it. A step into a list is an index, a text in it, or
 * an item that names the text; a step into `{add, remove}` finds the element in either. Where a path leads on from
 * what is declared, its nearest declared parent answers.
 */
export function locate(
  name: ScalarNode,
  body: Node,
  path: Path,
  part: 'name' | 'value' = 'name',
): SourceSpan {
  let here: { readonly name: Node; readonly value: Node } = { name, value: body };
  for (const step of path) {
    const next = inside(here.value, step);
    if (next === undefined) break;
    here = next;
  }
  return placeOf(here[part]);
}

function inside(node: Node, step: string): { readonly name: Node; readonly value: Node } | undefined {
  if (node.type === 'scalar') return undefined;
  if (node.type === 'list') return element(node, step) ?? indexed(node, step);
  const entry = entryOf(node, step);
  return entry === undefined ? changed(node, step) : { name: entry.key, value: entry.value };
}

function changed(node: MapNode, step: string): { readonly name: Node; readonly value: Node } | undefined {
  for (const side of ['add', 'remove']) {
    const list = entryOf(node, side)?.value;
    const found = list?.type === 'list' ? element(list, step) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function element(list: ListNode, step: string): { readonly name: Node; readonly value: Node } | undefined {
  for (const item of list.items) {
    if (item.type === 'scalar' && item.text === step) return { name: item, value: item };
    if (item.type === 'map') {
      const naming = item.entries.find(({ value }) => value.type === 'scalar' && value.text === step);
      if (naming !== undefined) return { name: naming.value, value: item };
    }
    const nested = item.type === 'list' ? element(item, step) : undefined;
    if (nested !== undefined) return nested;
  }
  return undefined;
}

function indexed(list: ListNode, step: string): { readonly name: Node; readonly value: Node } | undefined {
  const item = /^\d+$/.test(step) ? list.items[Number(step)] : undefined;
  return item === undefined ? undefined : { name: item, value: item };
}
