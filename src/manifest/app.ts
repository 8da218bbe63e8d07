import type { Diagnostic } from '../model/diagnostic.ts';
import type { Kind } from '../model/kind.ts';
import type { AppGuard } from '../model/resource.ts';
import { coreValue } from './core-schema.ts';
import { holdsSecret } from './secret.ts';
import { nearest } from '../model/nearest.ts';
import { problem } from './problem.ts';
import { givenTwice, mapHere, nameHere } from './shapes.ts';
import { placeOf, type Entry, type MapNode, type ScalarNode } from './tree.ts';
import { described, listed } from './wording.ts';

/** The one object whose fields may come from many files, and the app that the manifests are for. */
export interface App {
  readonly guard: AppGuard;
  /** The key that names it where something is declared first; absent when nothing is. */
  readonly name?: ScalarNode;
  /** Settings and grants in one map, as the kind knows them. */
  readonly body?: MapNode;
  readonly lifecycle?: Entry;
}

/** Gathers the `app:` of all documents: each setting, each role's grants and each other line may be given once. */
export function appOf(kind: Kind, blocks: readonly Entry[], diagnostics: Diagnostic[]): App {
  const once = new Map<string, ScalarNode>();
  const settings: Entry[] = [];
  const grants: Entry[] = [];
  let grantsKey: ScalarNode | undefined;
  let name: ScalarNode | undefined;
  let lifecycle: Entry | undefined;
  const guardLines: Entry[] = [];
  const secret = holdsSecret(kind.schema);

  for (const block of blocks) {
    for (const entry of mapHere(block.value, 'app', `Write ${listed(lines)} under it.`, diagnostics, secret)
      ?.entries ?? []) {
      const { key, value } = entry;
      switch (key.text) {
        case 'settings':
          take(value, 'settings', settings, block.key, (leaf) => misplaced(leaf));
          break;
        case 'grants':
          if (take(value, 'grants', grants, block.key)) grantsKey ??= key;
          break;
        case 'lifecycle':
          if (isFirst('`app.lifecycle`', key)) lifecycle = entry;
          break;
        case 'id':
        case 'name':
          if (isFirst(`\`app.${key.text}\``, key)) guardLines.push(entry);
          break;
        default:
          diagnostics.push(unknownLine(key, kind));
      }
    }
  }
  const entries = [...settings];
  if (grantsKey !== undefined) {
    const { source, start, end } = grantsKey;
    entries.push({ key: grantsKey, value: { type: 'map', source, start, end, entries: grants } });
  }
  return {
    guard: guardOf(guardLines, diagnostics),
    ...(lifecycle === undefined ? {} : { lifecycle }),
    ...(name === undefined || entries.length === 0
      ? {}
      : { name, body: { type: 'map', source: name.source, start: name.start, end: name.end, entries } }),
  };

  function take(
    node: Entry['value'],
    what: string,
    into: Entry[],
    app: ScalarNode,
    refused: (leaf: Entry) => Diagnostic | undefined = () => undefined,
  ): boolean {
    const map = mapHere(node, what, 'Write one line for each, or leave it out.', diagnostics, secret);
    for (const leaf of map?.entries ?? []) {
      const refusal = refused(leaf);
      if (refusal !== undefined) diagnostics.push(refusal);
      else if (isFirst(`\`app.${what}.${leaf.key.text}\``, leaf.key)) {
        into.push(leaf);
        name ??= app;
      }
    }
    return map !== undefined && map.entries.length > 0;
  }

  function isFirst(what: string, key: ScalarNode): boolean {
    const first = once.get(what);
    if (first === undefined) once.set(what, key);
    else diagnostics.push(givenTwice(what, key, first));
    return first === undefined;
  }
}

const lines = ['id', 'name', 'settings', 'grants', 'lifecycle'];

/** In the kind's schema grants lie among the settings; in a manifest they stand beside them. */
function misplaced(leaf: Entry): Diagnostic | undefined {
  if (leaf.key.text !== 'grants') return undefined;
  return problem(
    'unknown-field',
    placeOf(leaf.key),
    '`grants` is not a setting',
    'Move it up one level: `app.grants`, beside `app.settings`.',
  );
}

function guardOf(given: readonly Entry[], diagnostics: Diagnostic[]): AppGuard {
  let id: number | undefined;
  let name: string | undefined;
  for (const { key, value } of given) {
    const scalar = nameHere(value, `\`app.${key.text}\``, 'Write it as the dashboard shows it.', diagnostics);
    if (scalar === undefined) continue;
    if (key.text === 'name') name = scalar.text;
    else id = idOf(scalar, diagnostics);
  }
  return {
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    ...(given[0] === undefined ? {} : { at: placeOf(given[0].key) }),
  };
}

function idOf(scalar: ScalarNode, diagnostics: Diagnostic[]): number | undefined {
  const id = scalar.plain ? coreValue(scalar.text) : undefined;
  if (id?.type === 'number' && Number.isInteger(id.value)) return id.value;
  diagnostics.push(
    problem(
      'wrong-type',
      placeOf(scalar),
      `\`app.id\` must be a whole number, not ${described(scalar)}`,
      'Write the number that the dashboard shows as App ID.',
    ),
  );
  return undefined;
}

function unknownLine(key: ScalarNode, kind: Kind): Diagnostic {
  const isSetting = Object.hasOwn(kind.schema.properties ?? {}, key.text);
  const meant = nearest(key.text, lines);
  return problem(
    'unknown-field',
    placeOf(key),
    `there is no field \`${key.text}\` in \`app\``,
    isSetting
      ? `It is a setting: write it as \`app.settings.${key.text}\`.`
      : meant === undefined
        ? `Fields here are ${listed(lines)}.`
        : `Did you mean \`${meant}\`?`,
  );
}
