import { placeText, type Diagnostic } from '../model/diagnostic.ts';
import type { Kind, Registry } from '../model/kind.ts';
import { acceptanceHelp } from './accepted.ts';
import { appOf, type App } from './app.ts';
import { defaultsOf, type Defaults } from './defaults.ts';
import { nearest } from '../model/nearest.ts';
import { problem } from './problem.ts';
import { removalHelp } from './removed.ts';
import { isEmptyHere, mapHere, nameHere } from './shapes.ts';
import { noValue } from './decode.ts';
import { placeOf, type Entry, type MapNode, type Node, type ScalarNode } from './tree.ts';
import { described, listed } from './wording.ts';

/** One object as it was found: under which name, and with what written under it. */
export interface Declaration {
  readonly kind: Kind;
  /** The channel type that it is listed under, where its section has types. */
  readonly parent?: string;
  readonly name: ScalarNode;
  /** Absent where a list gives nothing but the name. */
  readonly body?: MapNode;
}

/** All documents put together, section by section. */
export interface Composition {
  readonly declarations: readonly Declaration[];
  readonly app?: App & { readonly kind: Kind };
  readonly defaults: Defaults;
  readonly removed: readonly Node[];
  readonly accepted: readonly Node[];
}

/** Sorts what documents hold into sections; the same object twice is a problem that names both places. */
export function compose(
  documents: readonly Node[],
  registry: Registry,
  diagnostics: Diagnostic[],
): Composition {
  const declarations: Declaration[] = [];
  const names = new Map<string, ScalarNode>();
  const blocks = new Map<Kind, Entry[]>();
  const defaults: Entry[] = [];
  const removed: Node[] = [];
  const accepted: Node[] = [];
  const kinds = new Map(registry.kinds.map((kind) => [kind.section, kind]));

  for (const document of documents) {
    const sections = mapHere(
      document,
      'the manifest',
      `Begin with a section: ${listed(sectionsOf(registry), 'or')}.`,
      diagnostics,
    );
    for (const entry of sections?.entries ?? []) section(entry);
  }
  const one = registry.kinds.find((kind) => kind.layout === 'one');
  return {
    declarations,
    defaults: defaultsOf(defaults, registry, diagnostics),
    removed,
    accepted,
    ...(one === undefined ? {} : { app: { kind: one, ...appOf(one, blocks.get(one) ?? [], diagnostics) } }),
  };

  function section(entry: Entry): void {
    const { key, value } = entry;
    if (key.text.startsWith('x-') || key.text === '$schema') return;
    const kind = kinds.get(key.text);
    if (key.text === 'defaults') defaults.push(entry);
    else if (key.text === 'removed') lines(value, 'removed', removalHelp, removed);
    else if (key.text === 'accepted') lines(value, 'accepted', acceptanceHelp, accepted);
    else if (kind === undefined) diagnostics.push(unknownSection(key, registry));
    else if (kind.layout === 'one') blocks.set(kind, [...(blocks.get(kind) ?? []), entry]);
    else if (kind.layout === 'named') objects(kind, undefined, key, value);
    else {
      const help = 'Write channel types, and ids under each: `TYPE: {ID: {…}}`.';
      for (const type of mapHere(value, key.text, help, diagnostics)?.entries ?? []) {
        objects(kind, type.key.text, type.key, type.value);
      }
    }
  }

  function lines(node: Node, name: string, help: string, into: Node[]): void {
    if (node.type === 'list') for (const item of node.items) into.push(item);
    else if (node.type === 'scalar' && node.broken) return;
    else if (isEmptyHere(node)) diagnostics.push(noValue(node, name));
    else {
      const message = `\`${name}\` must be a list, not ${described(node)}`;
      diagnostics.push(problem('wrong-type', placeOf(node), message, help));
    }
  }

  /** A map by name; or a list of names, where an object has nothing but its name. */
  function objects(kind: Kind, parent: string | undefined, key: ScalarNode, node: Node): void {
    if (node.type === 'list') {
      const help = `An object with more than a name goes into a map: \`${key.text}: {NAME: {…}}\`.`;
      for (const item of node.items) {
        const name = nameHere(item, `an item of \`${key.text}\``, help, diagnostics);
        if (name !== undefined) declare(kind, parent, name, undefined);
      }
      return;
    }
    const help = 'Write `NAME: {…}` lines, or a list of names.';
    for (const { key: name, value } of mapHere(node, key.text, help, diagnostics)?.entries ?? []) {
      const body = mapHere(
        value,
        name.text,
        'Write its fields under it, or `{}` when there are none.',
        diagnostics,
      );
      if (body !== undefined) declare(kind, parent, name, body);
    }
  }

  function declare(
    kind: Kind,
    parent: string | undefined,
    name: ScalarNode,
    body: MapNode | undefined,
  ): void {
    const id = `${kind.name}\n${parent ?? ''}\n${name.text}`;
    const first = names.get(id);
    if (name.text === '') {
      diagnostics.push(problem('bad-key', placeOf(name), 'an empty name', 'Write the name of the object.'));
    } else if (first !== undefined) diagnostics.push(sameObject(name, first));
    else {
      names.set(id, name);
      declarations.push({
        kind,
        name,
        ...(parent === undefined ? {} : { parent }),
        ...(body === undefined ? {} : { body }),
      });
    }
  }
}

/** The problem of two declarations of one object. */
export function sameObject(again: ScalarNode, first: ScalarNode): Diagnostic {
  const same =
    again.text === first.text
      ? `\`${again.text}\` is`
      : `\`${again.text}\` and \`${first.text}\` are the same object,`;
  return problem(
    'duplicate-object',
    placeOf(again),
    `${same} declared twice; the first is at ${placeText(placeOf(first))}`,
    'Put all its fields in one place.',
  );
}

function sectionsOf(registry: Registry): readonly string[] {
  return [...registry.kinds.map((kind) => kind.section), 'defaults', 'removed', 'accepted'];
}

function unknownSection(key: ScalarNode, registry: Registry): Diagnostic {
  if (registry.planned.includes(key.text)) {
    return problem(
      'section-not-supported',
      placeOf(key),
      `this version does not manage \`${key.text}\` yet`,
      `Remove the section, or rename it to \`x-${key.text}\` to keep it for later; what is live stays as it is.`,
    );
  }
  const sections = sectionsOf(registry);
  const meant = nearest(key.text, [...sections, ...registry.planned]);
  return problem(
    'unknown-section',
    placeOf(key),
    `there is no section \`${key.text}\``,
    meant === undefined
      ? `Sections are ${listed(sections)}; a key that begins with \`x-\` is free.`
      : `Did you mean \`${meant}\`?`,
  );
}
