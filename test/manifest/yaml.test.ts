import { describe, expect, test } from 'vitest';
import { declaredIn, load, problemsIn } from './fixtures.ts';

describe('anchors, aliases and merge keys', () => {
  test('an alias stands for its anchor', () => {
    expect(declaredIn('x-name: &name Lena\nusers: {a: {name: *name}, b: {name: *name}}')).toEqual({
      'user/a': { name: 'Lena' },
      'user/b': { name: 'Lena' },
    });
  });

  test('a merge key adds what a map does not say itself, and the first of several wins', () => {
    expect(
      declaredIn(
        'x-a: &a {name: A, role: admin}\nx-b: &b {name: B, language: de}\nusers:\n  one: {<<: *a, name: own}\n  two:\n    <<: [*b, *a]\n',
      ),
    ).toEqual({
      'user/one': { name: 'own', role: 'admin' },
      'user/two': { name: 'B', language: 'de', role: 'admin' },
    });
  });

  test('merge keys nest', () => {
    expect(declaredIn('x-a: &a {role: x}\nx-b: &b {<<: *a, name: B}\nusers: {u: {<<: *b}}')).toEqual({
      'user/u': { role: 'x', name: 'B' },
    });
  });

  test('a quoted << is an ordinary key', () => {
    expect(declaredIn(`users: {u: {custom: {'<<': 1}}}`)).toEqual({ 'user/u': { custom: { '<<': 1 } } });
  });

  test('a second << says how to merge several maps', () => {
    expect(problemsIn('x-a: &a {}\nusers:\n  u:\n    <<: *a\n    <<: *a\n')).toEqual([
      'error duplicate m.yaml:5:5 a second `<<` in this map; the first is at m.yaml:4:5 | Merge several maps in one line: `<<: [*one, *two]`.',
    ]);
  });

  test('an anchor can be defined again, and an alias means the last one before it', () => {
    expect(declaredIn('x-1: &n A\nusers:\n  a: {name: *n}\n  b: {name: &n B}\n  c: {name: *n}\n')).toEqual({
      'user/a': { name: 'A' },
      'user/b': { name: 'B' },
      'user/c': { name: 'B' },
    });
  });

  test('what an anchor gets wrong is told once', () => {
    expect(problemsIn('x-u: &u {nam: x}\nusers: {a: *u, b: *u, c: {<<: *u}}')).toEqual([
      'error unknown-field m.yaml:1:10 there is no field `nam` | Did you mean `name`?',
    ]);
  });

  test('an alias without an anchor may be a text that needs quotes', () => {
    expect(problemsIn('users: {a: {name: *bold*}}')).toEqual([
      "error unknown-alias m.yaml:1:19 there is no anchor of this name before this alias | Quote it if it is a text: '*…'. An alias needs its anchor earlier in the same document.",
    ]);
  });

  test('alias bombs are refused', () => {
    const levels = Array.from(
      { length: 9 },
      (_, n) => `x-${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`).join(', ')}]`,
    );
    const bomb = ['x-0: &l0 [a, b, c]', ...levels, 'users: *l9'].join('\n');
    const started = performance.now();
    const problems = problemsIn(bomb);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(problems).toEqual([
      'error alias-bomb m.yaml:7:16 aliases repeat more than 1,000,000 values | Repeat less: nested aliases multiply. Split the file, or write out what differs.',
    ]);
  });

  test('aliases that only nest deep are refused', () => {
    const levels = Array.from({ length: 5000 }, (_, n) => `x-${n + 1}: &l${n + 1} [*l${n}]`);
    expect(problemsIn(['x-0: &l0 []', ...levels].join('\n'))[0]).toContain('nested deeper than 100 levels');
  });
});

describe('tags', () => {
  test('a foreign tag suggests quotes', () => {
    expect(problemsIn('channel_types: {a: {grants: {user: [!create-message, read-channel]}}}')).toEqual([
      "error foreign-tag m.yaml:1:37 YAML reads this as a tag, and there is none of this name here | Quote the text that begins with `!`: '!…'.",
    ]);
  });

  test('every foreign tag is told', () => {
    expect(problemsIn('users: {a: {name: !x y, role: !z w}}')).toHaveLength(2);
  });

  test('!!str makes a text', () => {
    expect(declaredIn('users: {a: {name: !!str null, custom: {b: !!str 3}}}')).toEqual({
      'user/a': { name: 'null', custom: { b: '3' } },
    });
  });
});

describe('texts', () => {
  test('quoted and block texts are their content', () => {
    expect(
      declaredIn(
        `users:\n  a:\n    name: 'it''s'\n    role: "a\\tb\\u00e9"\n    custom:\n      block: |\n        one #1\n        two\n      fold: >-\n        one\n        two\n      plain: one\n        two\n`,
      ),
    ).toEqual({
      'user/a': {
        name: "it's",
        role: 'a\tbé',
        custom: { block: 'one #1\ntwo\n', fold: 'one two', plain: 'one two' },
      },
    });
  });

  test('CRLF and a byte order mark change nothing', () => {
    const text = '\uFEFFusers:\r\n  a:\r\n    name: Lena # x\r\n';
    expect(declaredIn(text)).toEqual({ 'user/a': { name: 'Lena' } });
    expect(problemsIn(text.replace('name', 'nam'))[0]).toContain('m.yaml:3:5');
  });
});

describe('hostile texts', () => {
  test.each([
    ['open brackets', '['.repeat(50_000)],
    ['nested maps', '{a: '.repeat(5_000) + '}'.repeat(5_000)],
    ['nested lists', '- '.repeat(3_000) + 'a'],
    ['question marks', '? '.repeat(3_000)],
    ['a deep block', Array.from({ length: 300 }, (_, n) => `${' '.repeat(n)}a:`).join('\n')],
  ])('%s are refused without an exception', (_name, text) => {
    expect(load(text).diagnostics.length).toBeGreaterThan(0);
  });

  test('a map with very many unknown fields is read in good time', () => {
    const fields = Array.from({ length: 5_000 }, (_, n) => `    zzzzzzzz${n}: 1`).join('\n');
    const started = performance.now();
    expect(load(`users:\n  a:\n${fields}\n`).diagnostics).toHaveLength(5_000);
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
