import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFast } from '../../src/manifest/fast.ts';
import type { Node } from '../../src/manifest/tree.ts';
import { parseYaml } from '../../src/manifest/yaml.ts';

/** The promise of the fast path: undefined, or exactly the reference's tree of a text without problems. */
function holds(text: string): 'left' | 'read' {
  const source = { file: 'm.yaml', text };
  const fast = parseFast(source);
  if (fast === undefined) return 'left';
  const { documents, diagnostics } = parseYaml(source);
  expect({ text, diagnostics }).toEqual({ text, diagnostics: [] });
  expect({ text, trees: [bare(fast)] }).toEqual({ text, trees: documents.map(bare) });
  return 'read';
}

/** A tree without the repeated source. */
function bare(node: Node): unknown {
  switch (node.type) {
    case 'scalar':
      return [node.start, node.end, node.text, node.plain, node.broken];
    case 'list':
      return { list: node.items.map(bare), start: node.start, end: node.end };
    case 'map':
      return {
        map: node.entries.map(({ key, value }) => [bare(key), bare(value)]),
        start: node.start,
        end: node.end,
      };
  }
}

describe('plain manifests are read', () => {
  test.each([
    'a: 1',
    'a: 1\n',
    '---\na: 1\n',
    '# c\n\n--- # x\n# d\na: 1 # e\n',
    'a:\n  b: c\n  d:\n    - x\n    - y\n',
    'a:\n- x\n- y\nb: 1\n',
    '- a: 1\n  b: 2\n- c: 3\n',
    '-   a: 1\n    b:\n      - x\n-   c\n',
    'a: [x, "y z", \'w\', {p: q, r: [s]}]\nb: {}\nc: []\n',
    "a: \"x \\\" \\\\ \\n \\u00e9 \\ud83d\\ude00\"\nb: 'it''s'\n\"q\": 1\n'r': 2\n",
    'a: https://x.y/z?q=1#f\nb: 12:30\nc: a b  c   \nd: x#y\n',
    'a:\n# less\n    b: 1\n  # odd\n    c: 2\n\n\n# end',
    '  \n\na: 1\n   \nb: 2\n   ',
    'a: -1\nb: -.5\nc: .5\nd: 0x1F\ne: 2026-11-21\nf: -x\n',
    'users: {a: {name: "x: y", custom: {k: 1}}}',
    '{"a": 1, "b": [true, null, "c"], "d": {"e": -1.5e3}}',
    '{\n  "a": 1,\n  "b": [\n    1,\n    {}\n  ]\n}\n',
    '[\n]\n',
    'a.b/c@d-e_f: 1\n042: x\n__proto__: y\nconstructor: z\n',
    'a[0]: {b: c}\nd e: f\n',
    'ключ: значение\n名: 前 # x\n',
    'a:    [ x ,  y ]   # c\nb:   {  p:   q  ,  r: s  }\n',
  ])('%j', (text) => {
    expect(holds(text)).toBe('read');
  });
});

const tricky = [
  '',
  ' ',
  '\n',
  '#',
  '# c\n',
  'a',
  '"a"',
  'a:',
  'a: ',
  'a:\n',
  'a:\nb: 1',
  'a: 1\n b: 2',
  'a: 1\n  2',
  ' a: 1',
  ' a: 1\nb: 2',
  '- - a',
  '- - a\n  - b',
  '- a\n - b',
  '-',
  '-\n  a: 1',
  '- ',
  '-a',
  '- -a',
  '- --a',
  '- ---',
  'a: -',
  'a: - b',
  'a: -- b',
  '--- a',
  '---a',
  '---',
  '--- ',
  'a: b: c',
  'a: b:',
  'a: b :c',
  'a : b',
  'a :b',
  'a:b',
  'a:b: c',
  ':',
  ': a',
  ':a: b',
  '? x',
  '? x\n: y',
  '?x: y',
  'a: ?x',
  'a: ? x',
  '- a: 1\n  b: 2',
  '- a: 1\n b: 2',
  '- a: 1\n   b: 2',
  '- a:\n    b: 1\n  c: 2',
  '- a:\n  - b\n  c: 2',
  '- a:\n  b: 2',
  '- "a": 1\n  b: 2',
  '- "a"',
  '- "a":1',
  'a: x: y',
  'a: "x: y"',
  'a: x #y',
  'a: x# y',
  'a: #y',
  'a:#y',
  'a #b: c',
  'a: -x',
  'a: *a',
  'a: &a b',
  '&a b: c',
  '*a : b',
  'a: @x',
  'a: `x',
  'a: %x',
  '%x: y',
  '%YAML 1.2\n---\na: 1',
  'a: !x y',
  'a: !unset',
  'a: !!str 1',
  'a: |\n  x',
  'a: >-\n  x',
  'a: "x\n  y"',
  "a: 'x\n  y'",
  'a: x\n  y',
  'a:\n  x',
  'a:\n  x\n  y',
  'a:\n  "x"',
  'a:\n  [x]',
  '\ta: 1',
  'a:\t1',
  'a: 1\t',
  'a: 1\t# x',
  'a: 1\r\nb: 2\r\n',
  'a: 1\rb: 2',
  '\uFEFFa: 1',
  'a: \uFEFF',
  'a: x\u0085y',
  'a: x\u2028y',
  'a: \u00a0x\u00a0',
  '\u00a0a: 1',
  'a: \u0000',
  'a: 1\na: 2',
  '{a: 1, a: 2}',
  '- a: 1\n  a: 2',
  'a: 1\n"a": 2',
  '<<: {a: 1}',
  '<<: *a',
  '"<<": 1',
  'a: <<',
  'a: =',
  '=: 1',
  'a: ~',
  '~: a',
  'null: a',
  'a: null',
  'a: 1   ',
  'a: 1   \n   \n',
  'a: 1\n\n\n',
  'a: 1\n# c',
  'a: 1 # c\n# d\nb: 2',
  'a:\n  b: 1\n# c\n  d: 2',
  'a: # c\n  b: 1',
  'a: # c',
  '- # c\n  a',
  '- a # c\n- b',
  'a: 1\n...\n',
  'a: 1\n... # x',
  'a: 1\n---\nb: 2',
  '- a\n---\n- b',
  'a: 1\n...x: 2',
  '...: 1',
  '... a: 1',
  '---: 1',
  '--- # c\na: 1',
  '---\n---\na: 1',
  '--- a: 1',
  '---\n- a',
  '---\n  a: 1',
  '---\n{a: 1}',
  '--- {a: 1}',
  '---\n"a": 1',
  'a: [',
  'a: [b',
  'a: [b]c',
  'a: [b] c',
  'a: [b]: c',
  '[a]: b',
  '{a: b}: c',
  '[a, b]',
  '[a: b]',
  '[a, b: c]',
  '["a": b]',
  '[a,, b]',
  '[a, ]',
  '[,]',
  '{,}',
  '{a}',
  '{a, b: c}',
  '{a: }',
  '{a:1}',
  '{a:}',
  '{"a":1}',
  '{"a":}',
  '{"a": 1,}',
  '{a: b: c}',
  '{a: b:c}',
  '{a: [b]c}',
  '{a: "b"c}',
  '{a: "b":c}',
  '[a #b]',
  '[a#b]',
  '[a #b\n]',
  'a: [x # c\n  , y]',
  'a: [x,\n  y]',
  'a: [x,\ny]',
  '[x,\ny]',
  '[x\ny]',
  '{a: b\nc: d}',
  '{a: b\n,c: d}',
  '{"a"\n: b}',
  '{"a":\nb}',
  '{a\n: b}',
  '{"a": "b\n c"}',
  '[- a]',
  '[-]',
  '[-1]',
  '[-a]',
  '[?a]',
  '[:a]',
  '[a:]',
  '[a: ]',
  '[a:,b]',
  '[::]',
  '[a]: 1\n',
  '[a]\nb',
  '[a]\nb: 1',
  '{a: 1}\n{b: 1}',
  '[a] # c\n',
  '[a]# c',
  '[ ]',
  '{ }',
  '[\n\n]',
  '[ \n a ]',
  '[http://x, y:z]',
  '[a b, c  d ]',
  "['a''b', \"c\\\"d\"]",
  '[a]]',
  '{a: 1}}',
  '[[a], [b]]',
  '[{a: 1}, {b: 2}]',
  '{a: {b: {c: d}}}',
  '{{a: b}: c}',
  '{[a]: b}',
  '{? a: b}',
  '{a: b, }',
  'a: "b" # c',
  'a: "b"# c',
  'a: "b" c',
  'a: "b"c',
  'a: "\\q"',
  'a: "\\x41"',
  'a: "\\u12"',
  'a: "\\uD800"',
  'a: "\\U0001F600"',
  'a: "\\0"',
  'a: "\\ "',
  'a: "\\',
  'a: "',
  "a: '",
  "a: ''",
  'a: ""',
  "a: ''''",
  "a: 'b''",
  'a: b"c',
  "a: b'c",
  'a: "b\\\\"',
  '"a\\n": b',
  '"a" : b',
  '"a"b: c',
  "'a'': b",
  '"": 1',
  '"a: b": c',
  '"a',
  '"a"',
  'a: 1\n- b',
  '- a\nb: 1',
  'a:\n- b\n- c\n d',
  'a:\n- b\n c: d',
  'a:\n  - b\n - c',
  'a:\n- b: 1\n  c: 2\n- d\ne: f',
  'a:\n  b:\n  - c\n  d: e',
  'a:\n  - b\n  c: d',
  'a:\n   b: 1\n  c: 2',
  'a:\n  b: 1\n   c: 2',
  'a:\n  b: 1\n c: 2',
  'a: 0o17',
  'a: 0b1',
  'a: 1_000',
  'a: .inf',
  'a: -.inf',
  'a: .nan',
  'a: +1',
  'a: 1e3',
  'a: 1.',
  'a: .',
  'a: ..',
  'a: ...',
  'a: ---',
  'a: -.',
  'a: 2026-11-21T00:00:00Z',
  'a: yes',
  'a: {b: .inf}',
  'a: ,b',
  'a: b,c',
  'a: b]',
  'a: ]b',
  'a: }b',
  'a: b}',
  'a: >',
  'a: |',
  'a: >x',
  'a: |x',
  'a: (b)',
  'a: $b',
  'a: ^b',
  'a: /b',
  'a: \\b',
  'a: ;b',
  'a: +',
  'a: <b>',
  'a: &',
  'a: *',
  'a: !',
  `${'k'.repeat(1100)}: 1`,
  `{${'k'.repeat(1100)}: 1}`,
  `a: ${'['.repeat(95)}${']'.repeat(95)}`,
  Array.from({ length: 95 }, (_, n) => `${' '.repeat(n)}a:`).join('\n') + ' 1',
];

test.each(tricky)('%j is left to the reference or read as it reads it', (text) => {
  holds(text);
  holds(`x:\n  y: 1\n${text}\n`);
  holds(`x:\n${text.replace(/^/gm, '  ')}\nz: 1\n`);
  holds(`- ${text.replaceAll('\n', '\n  ')}\n`);
  holds(`a:\n  b: [${text}]\n`);
});

/** Manifests by a grammar, and then changed a little: near the border of what is known. */
const usual = fc.constantFrom(
  'a',
  'b',
  'c d',
  'name',
  'case-1',
  '042',
  '-1',
  '.gif',
  'x:y',
  'é',
  'no',
  '"q r"',
  "'s''t'",
  '"\\u00e9\\n"',
  'x#y',
  '1e3',
  '"e: f"',
  '~',
);
const odd = fc.constantFrom(
  '- a',
  '*a',
  '"a" ',
  'a ',
  '',
  '? b',
  '&c d',
  '#',
  ': ',
  '!d',
  '|',
  '<<',
  '"',
  '---',
  '@',
);
const word = fc.oneof({ weight: 60, arbitrary: usual }, { weight: 1, arbitrary: odd });
const keys = { selector: ([key]: readonly [string, string]) => key.replaceAll('"', ''), maxLength: 4 };
const flowNode = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    word,
    fc.array(tie('node'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc
      .uniqueArray(fc.tuple(word, tie('node')), keys)
      .map((items) => `{${items.map((item) => item.join(': ')).join(', ')}}`),
  ),
})).node;
const comment = fc.constantFrom('', '', '', ' # c', '  ', '\n# c', '\n\n', '\n   # d');
const block: fc.Memo<string> = fc.memo((depth) => {
  const indented = (text: string, by: number): string => text.replace(/^(?=.)/gm, ' '.repeat(by));
  const inner = depth <= 1 ? flowNode : fc.oneof(flowNode, block());
  const child = fc.tuple(inner, fc.constantFrom(1, 2, 2, 2, 2, 4), comment);
  const value = child.map(([text, by, after]) =>
    text.includes('\n') || by === 1 ? `${after}\n${indented(text, by)}` : ` ${text}${after}`,
  );
  const map = fc
    .uniqueArray(fc.tuple(word, value), { ...keys, minLength: 1 })
    .map((entries) => entries.map(([key, text]) => `${key}:${text}`).join('\n'));
  const list = fc
    .array(child, { minLength: 1, maxLength: 4 })
    .map((items) => items.map(([text, , after]) => `- ${indented(text, 2).trimStart()}${after}`).join('\n'));
  return fc.oneof(map, map, list);
});
const mutation = fc.tuple(
  fc.nat(),
  fc.constantFrom(
    '',
    ' ',
    '\n',
    ':',
    ': ',
    '- ',
    '#',
    ' #',
    '"',
    "'",
    '[',
    ']',
    '{',
    '}',
    ',',
    '  ',
    '\t',
    '\r\n',
    '&a ',
    '*a',
    '!x ',
    '|',
    '---\n',
    '...\n',
    '~',
    '\\',
  ),
  fc.boolean(),
);

test('of generated manifests many are read, each as the reference reads it', () => {
  let read = 0;
  fc.assert(
    fc.property(block(4), (text) => {
      if (holds(`${text}\n`) === 'read') read += 1;
    }),
    { numRuns: 3_000 },
  );
  expect(read).toBeGreaterThan(300);
});

test('small changes do not lead it astray', () => {
  fc.assert(
    fc.property(block(3), fc.array(mutation, { minLength: 1, maxLength: 3 }), (text, mutations) => {
      let changed = `${text}\n`;
      for (const [where, what, replaces] of mutations) {
        const at = where % (changed.length + 1);
        changed = changed.slice(0, at) + what + changed.slice(at + (replaces ? 1 : 0));
      }
      holds(changed);
    }),
    { numRuns: 4_000 },
  );
});

test('a large manifest in the plain block style never needs the reference parser', () => {
  const channels = Array.from(
    { length: 10_000 },
    (_, n) =>
      `    case-${n}:\n      name: Case ${n}\n      created_by: agent-lena\n      custom: { order: "${n}", source: web }\n      members:\n        - buyer-${n}\n        - agent-lena # the one\n      frozen: false\n`,
  );
  const source = { file: 'm.yaml', text: `channels:\n  support:\n${channels.join('')}` };
  expect(parseFast(source)).toBeDefined();
});
