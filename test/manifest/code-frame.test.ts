import { expect, test } from 'vitest';
import { codeFrame } from '../../src/manifest/code-frame.ts';
import { nearest } from '../../src/manifest/nearest.ts';
import { spanOf } from '../../src/manifest/source.ts';

function frame(text: string, marked: string, color = false): string {
  const start = text.indexOf(marked);
  return codeFrame(text, spanOf({ file: 'm.yaml', text }, start, start + marked.length), { color });
}

test('shows the line with its neighbours, and marks the place', () => {
  expect(frame('users:\n  lena:\n    nam: Lena\n    role: x\nend\n', 'nam')).toBe(
    ['  2 |   lena:', '> 3 |     nam: Lena', '    |     ^^^', '  4 |     role: x'].join('\n'),
  );
});

test('aligns line numbers', () => {
  const text = Array.from({ length: 12 }, (_, n) => `line${n + 1}`).join('\n');
  expect(frame(text, 'line10')).toBe(
    ['   9 | line9', '> 10 | line10', '     | ^^^^^^', '  11 | line11'].join('\n'),
  );
});

test('marks an empty place, and the first line of a place with several', () => {
  expect(codeFrame('a:', spanOf({ file: 'm', text: 'a:' }, 2, 2), { color: false })).toBe(
    '> 1 | a:\n    |   ^',
  );
  expect(frame('a:\n  b: 1\n  c: 2', 'b: 1\n  c: 2')).toBe(
    ['  1 | a:', '> 2 |   b: 1', '    |   ^^^^', '  3 |   c: 2'].join('\n'),
  );
});

test('makes control characters visible, so that none reaches a terminal', () => {
  const text = 'name: \u001B[31mred\u0007\u202E \u009B x\r\nnext\t: y\n';
  const shown = frame(text, 'x');
  expect(shown).toBe(
    [
      '> 1 | name: <U+001B>[31mred<U+0007><U+202E> <U+009B> x',
      `    | ${' '.repeat(47)}^`,
      '  2 | next  : y',
    ].join('\n'),
  );
  expect(shown).not.toMatch(/(?!\n)\p{Cc}/u);
});

test('counts wide characters as two columns', () => {
  expect(frame('名前: x', 'x')).toBe(`> 1 | 名前: x\n    | ${' '.repeat(6)}^`);
});

test('shows the part of a long line that matters', () => {
  const shown = frame(`${'a'.repeat(5000)} here ${'b'.repeat(5000)}`, 'here').split('\n');
  expect(shown[0]).toMatch(/^> 1 \| …a+ here b+…$/);
  expect(shown[0]!.length).toBeLessThan(120);
  expect(shown[0]!.indexOf('here')).toBe(shown[1]!.indexOf('^'));
});

test('colors only when asked', () => {
  expect(frame('a: b', 'b', true)).toContain('\u001B[31m^\u001B[0m');
});

test('the nearest name is the one that was meant', () => {
  const names = ['reactions', 'read_events', 'max_message_length', 'user_id', 'all'];
  expect(
    ['reaction', 'raections', 'readEvents', 'read-events', 'maxMessageLength', 'user', 'al'].map((word) =>
      nearest(word, names),
    ),
  ).toEqual(['reactions', 'reactions', 'read_events', 'read_events', 'max_message_length', 'user_id', 'all']);
  expect(nearest('colour', names)).toBeUndefined();
  expect(nearest('', names)).toBeUndefined();
});
