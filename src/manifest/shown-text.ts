import type { Registry } from '../model/kind.ts';
import type { JsonSchema } from '../model/schema.ts';
import { parseFast } from './fast.ts';
import { holdsSecret, mayHoldPassword, partsOf } from './secret.ts';
import type { Source } from './source.ts';
import type { Entry, Node } from './tree.ts';
import { parseYaml } from './yaml.ts';

/** The texts of manifests as they may be shown, by file name. */
export interface ShownTexts {
  get(file: string): string | undefined;
}

/**
 * The texts with `*` for every character of a secret and of what URLs carry before their host, so that lines and
 * columns stay. Made when they are asked for: most runs show none.
 */
export function shownTexts(sources: readonly Source[], registry: Registry): ShownTexts {
  const texts = new Map<string, string>();
  return {
    get(file) {
      const source = sources.find((one) => one.file === file);
      if (source === undefined) return undefined;
      const shown = texts.get(file) ?? shownText(source, registry);
      texts.set(file, shown);
      return shown;
    },
  };
}

function shownText(source: Source, registry: Registry): string {
  const { text } = source;
  const names = secretNames(registry);
  const plain = parseFast(source);
  const { documents, diagnostics } =
    plain === undefined ? parseYaml(source) : { documents: [plain], diagnostics: [] };
  const stretches: Stretch[] = [...passwordsIn(text)];
  // What is no YAML has no tree: its lines are all there is to go by.
  if (diagnostics.some(({ code }) => code === 'yaml-syntax'))
    stretches.push(...secretLines(text, names.fields));
  for (const document of documents) visit(document, 'nothing');
  return blanked(text, stretches);

  function visit(node: Node, hidden: Hidden, from = node.start): void {
    if (node.type === 'map') for (const entry of node.entries) visitEntry(entry, hidden);
    else if (node.type === 'list') for (const item of node.items) visit(item, hidden);
    else if (hidden !== 'nothing') stretches.push([from, commentEnd(text, node.end)]);
    else if (mayHoldPassword(node.text)) stretches.push(passwordStretch(text, node.start, node.end));
  }

  function visitEntry({ key, value }: Entry, hidden: Hidden): void {
    // A secret that was taken for a map is written where names are.
    if (hidden === 'all') stretches.push([key.start, key.end]);
    const named = value.type === 'scalar' && names.sections.has(key.text) ? 'values' : 'nothing';
    const secret =
      hidden === 'all' ? hidden : (names.fields.get(key.text) ?? (hidden === 'nothing' ? named : hidden));
    // A tag or an anchor stands between the key and the value, and may be the value that was meant.
    const follows = value.start >= key.end && /^["']?\s*:/.test(text.slice(key.end, key.end + 9));
    visit(value, secret, follows ? text.indexOf(':', key.end) + 1 : value.start);
  }
}

/** How much of what lies below a name must not be shown: names there are those of fields, unless all of it is secret. */
type Hidden = 'all' | 'nothing' | 'values';

/** From an offset to another one that is not part of it. */
type Stretch = readonly [start: number, end: number];

/** The fields that are secret or have a part that is, and the sections and maps that such fields are in. */
function secretNames(registry: Registry): {
  readonly fields: ReadonlyMap<string, Hidden>;
  readonly sections: ReadonlySet<string>;
} {
  const fields = new Map<string, Hidden>();
  const sections = new Set<string>();
  const collect = (schema: JsonSchema, seen: ReadonlySet<JsonSchema>): void => {
    if (seen.has(schema) || !holdsSecret(schema)) return;
    for (const [name, part] of Object.entries(schema.properties ?? {})) {
      if (!holdsSecret(part)) continue;
      const whole = part['x-streambed-sensitive'] === true || fields.get(name) === 'all';
      fields.set(name, whole ? 'all' : 'values');
    }
    for (const part of partsOf(schema)) collect(part, new Set([...seen, schema]));
  };
  for (const { schema, section } of registry.kinds) {
    if (!holdsSecret(schema)) continue;
    collect(schema, new Set());
    sections.add(section).add('settings');
  }
  return { fields, sections };
}

/**
 * In each line what follows `//`, up to the last `@`; without one, what looks like a user and half a password. A line
 * that is too long for anybody to read is hidden as a whole.
 */
function passwordsIn(text: string): readonly Stretch[] {
  return [...text.matchAll(/[^\r\n]+/g)].flatMap(({ index, 0: line }): readonly Stretch[] => {
    if (line.length > longestShown) return [[index, index + line.length]];
    const found = line.matchAll(/[/\\]{2}(?:.*(?=@)|[^\s/]*:[^\s/]*)/g);
    return [...found].map((one) => [index + one.index + 2, index + one.index + one[0].length]);
  });
}

const longestShown = 500;

/** The part of one value; all of it where escapes or folds hide where the URL begins. */
function passwordStretch(text: string, start: number, end: number): Stretch {
  const written = text.slice(start, end);
  const slashes = written.indexOf('//');
  const at = written.lastIndexOf('@');
  return slashes === -1 || at < slashes ? [start, end] : [start + slashes + 2, start + at];
}

/** The rest of every line that names a secret field, and the lines that are indented below it. */
function secretLines(text: string, fields: ReadonlyMap<string, Hidden>): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let below = Number.POSITIVE_INFINITY;
  for (const { index, 0: line } of text.matchAll(/[^\r\n]+/g)) {
    const indent = line.search(/[^\s-]|-(?=\S)/);
    if (indent > below) {
      stretches.push([index, index + line.length]);
      continue;
    }
    if (indent === -1) continue;
    below = Number.POSITIVE_INFINITY;
    for (const { index: column, 0: name } of line.matchAll(/\w+(?=["']?\s*:)/g)) {
      if (!fields.has(name)) continue;
      stretches.push([index + line.indexOf(':', column) + 1, index + line.length]);
      below = indent;
      break;
    }
  }
  return stretches;
}

/** What a comment cuts off may be the end of the value. */
function commentEnd(text: string, end: number): number {
  return end + (/^[^\S\r\n]*#[^\r\n]*/.exec(text.slice(end, end + 2000))?.[0].length ?? 0);
}

function blanked(text: string, stretches: readonly Stretch[]): string {
  let shown = '';
  let done = 0;
  for (const [start, end] of stretches.toSorted((one, other) => one[0] - other[0])) {
    if (end <= done) continue;
    const from = Math.max(start, done);
    shown += text.slice(done, from) + text.slice(from, end).replace(/\S/g, '*');
    done = end;
  }
  return shown + text.slice(done);
}
