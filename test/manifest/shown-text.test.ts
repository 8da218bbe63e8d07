import { expect, test } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import { shownTexts } from '../../src/manifest/shown-text.ts';

function shown(text: string): string {
  const made = shownTexts([{ file: 'a.yaml', text }], registry).get('a.yaml') ?? '';
  expect(made).toHaveLength(text.length);
  expect(made.replace(/./g, '')).toBe(text.replace(/./g, ''));
  return made;
}

test('what is no secret stays as it is', () => {
  const text = 'users: { lena: { image: "https://cdn.example/a.png" } } # see https://host/path\n';
  expect(shown(text)).toBe(text);
});

test.each([
  ['a: https://me:pw@host/x # b', 'a: https://*****@host/x # b'],
  ['# https://me:pw@host', '# https://*****@host'],
  ['api_key: abc # def', 'api_key: *** * ***'],
  ['datadog_info: { site: x, api_key: [a, b] }', 'datadog_info: { site: *, api_key: [*, *] }'],
  ['a: "https:\\x2f\\x2fme:pw@host"', 'a: **************************'],
])('%s', (text, expected) => {
  expect(shown(text)).toBe(expected);
});

test('lines of what is no YAML are judged by themselves', () => {
  expect(shown('datadog_info:\n  - abc\n\n  - d e\nsite: x\nurl: "https://me:p\n')).toBe(
    'datadog_info:\n* ***\n'.replace('* ***', '  * ***') + '\n  * * *\nsite: x\nurl: "https://****\n',
  );
});

test('hostile texts take no longer than others', () => {
  for (const part of ['//', '//a ', 'api_key: x, ', 'x: //a:', '- ']) {
    const text = part.repeat(20_000);
    const before = performance.now();
    shown(text);
    shown(text.replaceAll(' ', '\n'));
    expect(performance.now() - before, part).toBeLessThan(4000);
  }
});

test('a file that nobody named has no text', () => {
  expect(shownTexts([], registry).get('a.yaml')).toBeUndefined();
});
