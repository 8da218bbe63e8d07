import { addressOf, type Address } from '../model/address.ts';
import { hasErrors, placeText, type Diagnostic } from '../model/diagnostic.ts';
import type { Kind, Registry } from '../model/kind.ts';
import type { Removal } from '../model/resource.ts';
import { checked } from './checked.ts';
import { partNames, removalSchema } from './parts.ts';
import { append, problem } from './problem.ts';
import { mapHere } from './shapes.ts';
import { entryOf, placeOf, type MapNode, type Node, type ScalarNode } from './tree.ts';
import { listed } from './wording.ts';

/** The deletions that `removed:` asks for; each names one object of a kind that can be deleted, and says why. */
export function removalsOf(
  items: readonly Node[],
  registry: Registry,
  diagnostics: Diagnostic[],
): readonly Removal[] {
  const schema = removalSchema(registry);
  const removals = new Map<Address, Removal>();
  for (const item of items) {
    const map = mapHere(item, 'removed', removalHelp, diagnostics);
    if (map === undefined) continue;
    const refused = undeletable(map, registry);
    if (refused.length > 0) {
      append(diagnostics, refused);
      continue;
    }
    const { value, diagnostics: problems } = checked(map, undefined, {
      name: partNames.removal,
      schema,
      registry,
    });
    const line = value as Readonly<Record<string, string>>;
    const named = registry.kinds.filter((kind) => entryOf(map, kind.name) !== undefined);
    const kind = named[0];
    const found = [...problems, ...timeProblems(map, line)];
    if (named.length > 1) found.push(severalNamed(map, named));
    if (kind === undefined && !problems.some((one) => one.code === 'unknown-field'))
      found.push(noneNamed(map));
    const key =
      kind === undefined || hasErrors(found) ? undefined : keyOf(kind, line[kind.name]!, map, found);
    append(diagnostics, found);
    if (kind === undefined || key === undefined || hasErrors(found)) continue;

    const address = addressOf(kind.name, key);
    const first = removals.get(address);
    if (first !== undefined) {
      diagnostics.push(removedTwice(address, map, first));
      continue;
    }
    const { because = '', mode, created_before } = line;
    removals.set(address, {
      address,
      kind: kind.name,
      key,
      mode: mode === 'hard' ? 'hard' : 'soft',
      because,
      ...(created_before === undefined ? {} : { created_before }),
      at: placeOf(map),
    });
  }
  return [...removals.values()];
}

/** What a line of `removed:` looks like. */
export const removalHelp = 'Write `- {channel: TYPE:ID, because: the reason}` lines.';

/** The key as the kind makes it from a declaration, or undefined when the text cannot be one. */
function keyOf(kind: Kind, written: string, map: MapNode, found: Diagnostic[]): string | undefined {
  const place = entryOf(map, kind.name)!.value;
  const form = (help: string): undefined => {
    found.push({
      ...problem('bad-key', placeOf(place), `\`${written}\` does not name a \`${kind.name}\``, help),
    });
    return undefined;
  };
  if (kind.removalKey !== undefined) {
    const help = `Write it as plans name it, without \`${kind.name}/\`.`;
    return kind.removalKey(written) ?? form(help);
  }
  const colon = written.indexOf(':');
  if (kind.layout === 'typed' && (colon < 1 || colon === written.length - 1))
    return form('Write the type and the id: `TYPE:ID`.');
  return written;
}

function timeProblems(map: MapNode, line: Readonly<Record<string, string>> | null): readonly Diagnostic[] {
  const entry = entryOf(map, 'created_before');
  const written = line?.['created_before'];
  if (entry === undefined || typeof written !== 'string' || !/^\d{4}-\d\d-\d\d[Tt]/.test(written)) return [];
  const day = new Date(`${written.slice(0, 10)}T00:00:00Z`);
  const real = !Number.isNaN(Date.parse(written)) && day.toISOString().startsWith(written.slice(0, 10));
  if (real) return [];
  return [
    problem(
      'bad-format',
      placeOf(entry.value),
      `there is no time ${written}`,
      'Write a time that exists: `2026-01-31T00:00:00Z`.',
    ),
  ];
}

function undeletable(map: MapNode, registry: Registry): readonly Diagnostic[] {
  return registry.kinds.flatMap((kind) => {
    const key = kind.can.delete === false ? entryOf(map, kind.name)?.key : undefined;
    if (key === undefined) return [];
    return [
      problem(
        'bad-removal',
        placeOf(key),
        `\`${kind.name}\` cannot be removed`,
        'Remove this line; leave its fields out of the manifests to stop managing them, or write !unset to clear one.',
      ),
    ];
  });
}

function noneNamed(map: MapNode): Diagnostic {
  return problem('bad-removal', placeOf(map), 'this line does not say what is to be removed', removalHelp);
}

function severalNamed(map: MapNode, named: readonly Kind[]): Diagnostic {
  return problem(
    'bad-removal',
    placeOf(secondKey(map, named)),
    `this line names ${listed(named.map((kind) => kind.name))}`,
    'Give each object a line of its own.',
  );
}

function secondKey(map: MapNode, named: readonly Kind[]): ScalarNode {
  const names = new Set(named.map((kind) => kind.name));
  return map.entries.filter((entry) => names.has(entry.key.text))[1]!.key;
}

function removedTwice(address: Address, map: MapNode, first: Removal): Diagnostic {
  return problem(
    'duplicate-object',
    placeOf(map),
    `the removal of ${address} is asked for twice; the first is at ${placeText(first.at)}`,
    'Keep one of the two lines.',
  );
}
