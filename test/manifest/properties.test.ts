import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadManifest } from '../../src/manifest/load.ts';
import { parseYaml } from '../../src/manifest/yaml.ts';
import { decode } from '../../src/manifest/decode.ts';
import { readableKeys } from '../support/keys.ts';
import { lineOf, plain, registry } from './fixtures.ts';

/** Pieces of manifests, glued together: most results are nearly YAML, and some are. */
const piece = fc.constantFrom(
  'users',
  'channels',
  'app',
  'defaults',
  'removed',
  'settings',
  'grants',
  'lena',
  'support',
  'name',
  'custom',
  'members',
  'lifecycle',
  'ignore_changes',
  'x-a',
  ': ',
  ':',
  '\n',
  '\n  ',
  '\n    ',
  '\n      ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  ', ',
  '#',
  ' #',
  '"',
  "'",
  '&a ',
  '*a',
  '<<: ',
  '!unset',
  '!x ',
  '!!str ',
  '|\n',
  '>-\n',
  '---\n',
  '...\n',
  '%YAML 1.2\n',
  '? ',
  '~',
  'null',
  '1e999',
  '042',
  '\t',
  '\r\n',
  '\u0000',
  '\uFEFF',
  '\u0085',
  '\uD800',
  '😀',
  '__proto__',
  '@',
  '`',
  '\\',
);
const nearlyYaml = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
const text = fc.oneof(
  nearlyYaml,
  fc.string({ unit: 'binary', maxLength: 80 }),
  nearlyYaml.map((t) => `users:\n  lena:\n    custom: ${t}`),
);

test('no text makes loading throw, and each problem lies inside its file', () => {
  fc.assert(
    fc.property(text, text, (first, second) => {
      const files = { 'a.yaml': first, 'b.yaml': second };
      const { diagnostics } = loadManifest(
        Object.entries(files).map(([file, content]) => ({ file, text: content })),
        registry,
      );
      for (const { at, help, message } of diagnostics) {
        expect(help).toBeTruthy();
        expect(message).toBeTruthy();
        const lines = files[at!.file as keyof typeof files].split('\n');
        for (const [line, column] of [
          [at!.line, at!.column],
          [at!.endLine, at!.endColumn],
        ] as const) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

test('the order of sources makes no difference', () => {
  const sources = fc.uniqueArray(
    fc.record({
      file: fc.constantFrom('a.yaml', 'b.yaml', 'c/d.yaml', '-', 'e.json'),
      text: fc.constantFrom(
        'users: {lena: {}, ben: {nam: x}}',
        'users: [lena]',
        'app: {settings: {reminders_interval: 60}, id: 1}',
        'app: {settings: {reminders_interval: 70}, name: x}',
        'defaults: {users: {role: x}}',
        'defaults: {users: {role: y, custom: {a: 1}}}',
        'channels: {s: {c: {}}}',
        'removed: [{user: lena, because: x}]',
        'distinct_channels: {x: {type: m, members: [a, b]}}',
        'distinct_channels: {y: {type: m, members: [b, a]}}',
      ),
    }),
    { selector: (source) => source.file, maxLength: 5 },
  );
  fc.assert(
    fc.property(sources, fc.integer(), (given, seed) => {
      const shuffled = given.toSorted((a, b) => (hash(a.file, seed) < hash(b.file, seed) ? -1 : 1));
      const [one, other] = [loadManifest(given, registry), loadManifest(shuffled, registry)];
      expect(plain(other.value)).toEqual(plain(one.value));
      expect(other.diagnostics.map(lineOf)).toEqual(one.diagnostics.map(lineOf));
    }),
    { numRuns: 300 },
  );
});

test('any JSON value reads as itself in custom data', () => {
  const number = fc
    .double({ noDefaultInfinity: true, noNaN: true })
    .filter((one) => !Number.isInteger(one) || Number.isSafeInteger(one));
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.oneof(number, fc.boolean(), fc.string({ unit: 'binary' })),
      fc.array(tie('value')),
      fc.dictionary(readableKeys(fc.string()), tie('value')),
    ),
  }));
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1, '\t'), (one, indent) => {
      const { documents, diagnostics } = parseYaml({
        file: 'm.json',
        text: JSON.stringify(one, undefined, indent),
      });
      expect(diagnostics).toEqual([]);
      const decoded = decode(documents[0]!, undefined);
      expect(decoded.diagnostics).toEqual([]);
      expect(plain(decoded.value)).toEqual(plain(one));
    }),
    { numRuns: 1_000 },
  );
});

function hash(name: string, seed: number): number {
  let sum = seed;
  for (const character of name) sum = Math.imul(sum ^ character.charCodeAt(0), 0x9e3779b1);
  return sum;
}
