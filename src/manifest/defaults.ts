import type { Diagnostic } from '../model/diagnostic.ts';
import type { Kind, Registry } from '../model/kind.ts';
import { checked } from './checked.ts';
import { lifecycleOf } from './lifecycle.ts';
import { nearest } from '../model/nearest.ts';
import { append, problem } from './problem.ts';
import { givenTwice, mapHere } from './shapes.ts';
import {
  entryOf,
  isUnsetNode,
  placeOf,
  type Entry,
  type MapNode,
  type Node,
  type ScalarNode,
} from './tree.ts';
import { listed } from './wording.ts';

/** Fields for objects that do not declare them, by section, and by channel type where a section has types. */
export interface Defaults {
  /** The declared fields of an object, with the defaults that it does not have itself. */
  fill(kind: Kind, parent: string | undefined, name: ScalarNode, body: MapNode | undefined): MapNode;
}

/** Gathers the `defaults:` of all documents; each field may be given once. */
export function defaultsOf(
  blocks: readonly Entry[],
  registry: Registry,
  diagnostics: Diagnostic[],
): Defaults {
  const groups = new Map<string, Group>();
  const kinds = registry.kinds.filter((kind) => kind.layout !== 'one');
  for (const block of blocks) {
    const sections = mapHere(block.value, 'defaults', sectionsHelp(kinds), diagnostics);
    for (const { key, value } of sections?.entries ?? []) {
      const kind = kinds.find((one) => one.section === key.text);
      if (kind === undefined) {
        diagnostics.push(unknownSection(key, kinds));
        continue;
      }
      const help =
        kind.layout === 'typed'
          ? 'Write fields under a type: `TYPE: {field: value}`.'
          : 'Write `field: value` lines.';
      const map = mapHere(value, key.text, help, diagnostics);
      if (kind.layout === 'named') gather(groups, kind, undefined, key, map, diagnostics);
      else {
        for (const type of map?.entries ?? []) {
          gather(
            groups,
            kind,
            type.key.text,
            type.key,
            mapHere(type.value, type.key.text, help, diagnostics),
            diagnostics,
          );
        }
      }
    }
  }
  for (const group of groups.values()) checkGroup(group, registry, diagnostics);
  return { fill: (kind, parent, name, body) => filled(groups.get(groupKey(kind, parent)), name, body) };
}

interface Group {
  readonly kind: Kind;
  readonly name: ScalarNode;
  readonly fields: Map<string, Entry>;
}

function groupKey(kind: Kind, parent: string | undefined): string {
  return parent === undefined ? kind.name : `${kind.name}\n${parent}`;
}

function gather(
  groups: Map<string, Group>,
  kind: Kind,
  parent: string | undefined,
  name: ScalarNode,
  map: MapNode | undefined,
  diagnostics: Diagnostic[],
): void {
  const key = groupKey(kind, parent);
  const group = groups.get(key) ?? { kind, name, fields: new Map<string, Entry>() };
  groups.set(key, group);
  for (const entry of map?.entries ?? []) {
    const first = group.fields.get(entry.key.text);
    if (first === undefined) group.fields.set(entry.key.text, entry);
    else diagnostics.push(givenTwice(`the default \`${entry.key.text}\``, entry.key, first.key));
  }
}

/** A default is checked where it stands, also when no object uses it. */
function checkGroup(group: Group, registry: Registry, diagnostics: Diagnostic[]): void {
  const { kind, name, fields } = group;
  const lifecycle = fields.get('lifecycle');
  const body = mapOf(
    name,
    [...fields.values()].filter((entry) => entry !== lifecycle),
  );
  append(
    diagnostics,
    checked(body, name, { name: kind.name, schema: kind.schema, registry, partial: true }).diagnostics,
  );
  if (lifecycle !== undefined) append(diagnostics, lifecycleOf(lifecycle, kind, registry).diagnostics);
}

function filled(group: Group | undefined, name: ScalarNode, body: MapNode | undefined): MapNode {
  if (group === undefined || group.fields.size === 0) return body ?? mapOf(name, []);
  const own = body?.entries ?? [];
  const declared = new Set(own.map((entry) => entry.key.text));
  const entries = own.map((entry) => {
    const standard = entry.key.text === 'custom' ? group.fields.get('custom') : undefined;
    return standard === undefined
      ? entry
      : { key: entry.key, value: mergedKeys(entry.value, standard.value) };
  });
  for (const [field, entry] of group.fields) if (!declared.has(field)) entries.push(entry);
  return body === undefined ? mapOf(name, entries) : { ...body, entries };
}

/** The team's own data merges by key: what an object says wins. */
function mergedKeys(own: Node, standard: Node): Node {
  if (own.type !== 'map' || standard.type !== 'map' || isUnsetNode(own) || isUnsetNode(standard)) return own;
  return {
    ...own,
    entries: [
      ...own.entries,
      ...standard.entries.filter((entry) => entryOf(own, entry.key.text) === undefined),
    ],
  };
}

function mapOf(name: ScalarNode, entries: readonly Entry[]): MapNode {
  return { type: 'map', source: name.source, start: name.start, end: name.end, entries };
}

function unknownSection(key: ScalarNode, kinds: readonly Kind[]): Diagnostic {
  const meant = nearest(
    key.text,
    kinds.map((kind) => kind.section),
  );
  return problem(
    'unknown-section',
    placeOf(key),
    `there are no defaults for \`${key.text}\``,
    meant === undefined ? sectionsHelp(kinds) : `Did you mean \`${meant}\`?`,
  );
}

function sectionsHelp(kinds: readonly Kind[]): string {
  return `Defaults can be given for ${listed(kinds.map((kind) => kind.section))}.`;
}
