import { expect } from 'vitest';

/** An element of a page, as a strict reader sees it. */
export interface Tree {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (Tree | string)[];
}

/** What a page may hold: these elements, with these attributes, whose values look like this. */
const word = /^[a-z -]*$/;
const number = /^\d+$/;
const id = /^(?:[a-z]+(?:-[a-z]+)*|(?:change|rights)-\d+(?:-title)?)$/;
const any = /^/;
const common = {
  class: word,
  id,
  hidden: /^$/,
  role: word,
  'aria-label': any,
  'aria-labelledby': id,
} as const;
const allowed: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  a: { href: /^#(?:main|change-\d+)$/ },
  article: {
    'data-action': word,
    'data-address': any,
    'data-harm': word,
    'data-kind': number,
    'data-origin': word,
  },
  button: {
    type: /^button$/,
    disabled: /^$/,
    'aria-pressed': /^false$/,
    'data-group': word,
    'data-rows': id,
    'data-value': /^[a-z\d]+$/,
  },
  details: { open: /^$/, 'data-folds': /^$/ },
  div: { tabindex: /^0$/ },
  html: { lang: /^en$/ },
  input: {
    type: /^search$/,
    autocomplete: word,
    spellcheck: word,
    'aria-keyshortcuts': /^\/$/,
    placeholder: any,
  },
  label: { for: /^search$/ },
  meta: { charset: any, name: word, content: any, 'http-equiv': /^Content-Security-Policy$/ },
  span: { 'aria-hidden': /^true$/ },
  th: { scope: /^(?:col|row)$/ },
};
const plain =
  'b bdi body code dd dl dt footer h1 h2 h3 head header li main p script section small style summary table tbody td thead title tr ul wbr';
const known = new Set([...Object.keys(allowed), ...plain.split(' ')]);
const empty = new Set(['input', 'meta', 'wbr']);

/** Reads a page that is made of nothing but what it may hold, every element closed where it should be. */
export function treeOf(page: string): Tree {
  const root = { tag: '', attributes: new Map<string, string>(), children: [] as (Tree | string)[] };
  const open: { tag: string; attributes: Map<string, string>; children: (Tree | string)[] }[] = [root];
  const token = /<!doctype html>|<(\/?)([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*\/?>|([^<]+)|(<)/g;
  for (let found = token.exec(page); found !== null; found = token.exec(page)) {
    const [, slash, tag, attributes = '', text, stray] = found;
    const parent = open.at(-1)!;
    if (stray !== undefined)
      expect.fail(`markup that is not ours: ${page.slice(found.index, found.index + 80)}`);
    if (text !== undefined) parent.children.push(decoded(text));
    if (tag === undefined) continue;
    if (slash === '/') {
      expect(tag).toBe(parent.tag);
      open.pop();
      continue;
    }
    if (!known.has(tag)) expect.fail(`an element that is not ours: ${tag}`);
    const node = { tag, attributes: attributesOf(tag, attributes), children: [] };
    parent.children.push(node);
    if (tag === 'style' || tag === 'script') {
      const end = page.indexOf(`</${tag}>`, token.lastIndex);
      node.children.push(page.slice(token.lastIndex, end) as never);
      token.lastIndex = end + `</${tag}>`.length;
    } else if (!empty.has(tag)) open.push(node);
  }
  expect(open).toHaveLength(1);
  return root;
}

function attributesOf(tag: string, text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/([a-z-]+)(?:="([^"]*)")?/g)) {
    const form = allowed[tag]?.[name] ?? (Object.hasOwn(common, name) ? common[name as 'id'] : undefined);
    if (form?.test(value) !== true) expect.fail(`an attribute that is not ours: ${tag} ${name}="${value}"`);
    attributes.set(name, decoded(value));
  }
  return attributes;
}

function decoded(text: string): string {
  const entities = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' } as const;
  return text.replace(/&([^;\s]*);?/g, (whole, name: string) => {
    if (!Object.hasOwn(entities, name) || !whole.endsWith(';')) expect.fail(`a loose entity: ${whole}`);
    return entities[name as 'amp'];
  });
}

/** All that is read in an element. */
export function textOf(node: Tree): string {
  return node.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

/** The elements within that fit, in the order of the page. */
export function findAll(node: Tree, fits: (one: Tree) => boolean): readonly Tree[] {
  return node.children.flatMap((child) =>
    typeof child === 'string' ? [] : [...(fits(child) ? [child] : []), ...findAll(child, fits)],
  );
}

/** The one element with this id. */
export function byId(node: Tree, id: string): Tree {
  const found = findAll(node, ({ attributes }) => attributes.get('id') === id);
  expect(found, `#${id}`).toHaveLength(1);
  return found[0]!;
}

/** The elements within that have this tag. */
export function tagged(node: Tree, tag: string): readonly Tree[] {
  return findAll(node, (one) => one.tag === tag);
}
