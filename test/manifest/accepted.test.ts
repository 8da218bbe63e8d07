import { expect, test } from 'vitest';
import { dangerRules } from '../../src/model/danger.ts';
import { load, problemsIn } from './fixtures.ts';

test('an acceptance is read with its place', () => {
  const { value, diagnostics } = load(
    'accepted:\n  - { danger: rights-gained, on: channel_type/support, because: RFC 212 }\n',
  );
  expect(diagnostics).toEqual([]);
  expect(value.accepted).toEqual([
    {
      danger: 'rights-gained',
      on: 'channel_type/support',
      because: 'RFC 212',
      at: expect.objectContaining({ file: 'm.yaml', line: 2, column: 5 }) as unknown,
    },
  ]);
});

test('every danger but a change to the rules can be accepted', () => {
  for (const code of Object.keys(dangerRules)) {
    const { value } = load(`accepted: [{ danger: ${code}, on: '*', because: x }]`);
    expect(value.accepted.length, code).toBe(code === 'rules-changed' ? 0 : 1);
  }
});

test('acceptances of several files come together, and the same one twice is an error that names both places', () => {
  const line = (on: string): string => `accepted:\n  - { danger: loss, on: ${on}, because: x }\n`;
  const { value } = load({ 'a.yaml': line('user/lena'), 'b.yaml': line('user/ben') });
  expect(value.accepted.map(({ on }) => on)).toEqual(['user/lena', 'user/ben']);
  expect(problemsIn({ 'a.yaml': line('user/lena'), 'b.yaml': line('user/lena') })).toEqual([
    'error duplicate b.yaml:2:5 `loss` on user/lena is accepted twice; the first is at a.yaml:2:5 | Keep one of the two lines.',
  ]);
});

test('the one object of a kind is meant by the name of the kind alone, as plans name it', () => {
  const { value } = load('accepted: [{ danger: auth-checks-off, on: app_settings, because: x }]');
  expect(value.accepted.map(({ on }) => on)).toEqual(['app_settings/*']);
});

/** Wrong lines, each with what is found. */
const corpus: readonly (readonly [line: string, ...found: string[]])[] = [
  ['{ danger: rights-gaind, on: user/a, because: x }', 'not-one-of 1:22 Did you mean `rights-gained`?'],
  ["{ danger: loss, on: user/a, because: '' }", 'too-long 1:49 Write a text, or leave the line out.'],
  ["{ danger: loss, on: user/a, because: ' ' }", 'too-long 1:49 Write the reason.'],
  [
    '{ danger: loss, on: user/a }',
    'missing-field 1:12 Add `because`: why it is accepted, for whoever reads this later.',
  ],
  ['{ danger: loss, on: usr/a, because: x }', 'bad-pattern 1:32 Did you mean `user/a`?'],
  ['{ danger: loss, on: usr, because: x }', 'bad-pattern 1:32 Did you mean `user/*`?'],
  [
    '{ danger: loss, on: user, because: x }',
    'bad-pattern 1:32 Write `user/KEY`, or `user/*` for all of them.',
  ],
  [
    '{ danger: rules-changed, on: "*", because: x }',
    'bad-acceptance 1:22 Remove this line: whoever reviews the project file accepts what changes in it.',
  ],
  ['{ danger: loss, on: user/a, becaus: x, because: x }', 'unknown-field 1:40 Did you mean `because`?'],
  ['lena', 'wrong-type 1:12 Write `- {danger: CODE, on: KIND/KEY, because: the reason}` lines.'],
];

test.each(corpus)('%s', (line, ...found) => {
  const { value, diagnostics } = load(`accepted: [${line}]`);
  expect(value.accepted).toEqual([]);
  expect(diagnostics.map(({ code, at, help }) => `${code} ${at?.line}:${at?.column} ${help ?? ''}`)).toEqual(
    found,
  );
});

test('a code that is like no other is told with all that there are, and one that is like another is not', () => {
  const problem = (code: string): string =>
    problemsIn(`accepted: [{ danger: ${code}, on: user/a, because: x }]`).join('\n');
  expect(problem('nonsense')).toMatch(
    /must be one of \d+ words, .* \| Choose one of `auth-checks-off`, .*\.$/,
  );
  expect(problem('rights-gaind')).not.toContain('auth-checks-off');
});

test('the section is a list', () => {
  expect(problemsIn('accepted: {}')).toEqual([
    'error wrong-type m.yaml:1:11 `accepted` must be a list, not a map | Write `- {danger: CODE, on: KIND/KEY, because: the reason}` lines.',
  ]);
  expect(problemsIn('accepted:')[0]).toMatch(/^error no-value m\.yaml:1:10/);
});
