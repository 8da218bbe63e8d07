import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { renderDiagnostics } from '../../src/render/diagnostics.ts';
import { at, problem } from './fixtures.ts';
import { expectSafe, hostileTexts } from './hostile.ts';

const options = { color: false, width: 92 };

test('a problem says what is wrong, where, and what to do, with the lines around it', () => {
  const text = renderDiagnostics(
    [
      problem('unknown-field', 'channel_type support has no field `reaction`', {
        at: at('types.yaml', 3, 5),
        help: 'Did you mean `reactions`?',
      }),
      problem('unreadable', 'Stream did not answer', { address: 'app_settings/app' }),
      problem('no-value', '`name` has no value', { severity: 'warning' }),
    ],
    { ...options, frame: ({ line }) => `${line} |     reaction: true\n  |     ^^^^^^^^` },
  );
  expect(`\n${text}`).toMatchInlineSnapshot(`
    "
    error[unknown-field] types.yaml:3:5: channel_type support has no field \`reaction\`
      help: Did you mean \`reactions\`?
      3 |     reaction: true
        |     ^^^^^^^^
    error[unreadable] app_settings: Stream did not answer
    warning[no-value]: \`name\` has no value

    2 errors, 1 warning
    "
  `);
});

test('no password of a URL is shown, and the columns of a frame stay', () => {
  const url = 'https://bot:hunter2@host/x';
  const text = renderDiagnostics([problem('x', `bad ${url}`, { at: at('a.yaml', 1), help: `Not ${url}.` })], {
    ...options,
    frame: () => `1 | url: ${url}`,
  });
  expect(text).toContain('bad https://***@host/x\n  help: Not https://***@host/x.\n');
  expect(text).toContain('1 | url: https://***********@host/x\n');
});

test.each([
  [
    'only the live app can tell whether command "https://us er:pw@h.io" exists',
    'command "https://***@h.io" exists',
  ],
  ['there is no field `https://u:p w@h.io` here', 'field `https://***@h.io` here'],
  ['there is no field `hooks.https://u:p` w"@h.io`', '`hooks.https://***@h.io`'],
  ['bad "//u:p w@h.io"', 'bad "//***@h.io"'],
])('a password that holds spaces is not shown either: %s', (message, shown) => {
  const frame = (): string => `1 | "https://us er:p w@h.io": 1`;
  const problems = [
    problem('x', message, { at: at('a.yaml', 1), help: message, address: `user/${message}` }),
  ];
  const text = renderDiagnostics(problems, { ...options, frame });
  expect(text.split(shown)).toHaveLength(3);
  expect(text).toContain('1 | "https://*********@h.io": 1\n');
});

test('no problems are no text', () => {
  expect(renderDiagnostics([], options)).toBe('');
});

test('colour adds nothing but colour', () => {
  const problems = [problem('x', 'y', { at: at('a.yaml', 1) })];
  const coloured = renderDiagnostics(problems, { ...options, color: true });
  expect(coloured).toContain('\u001b[1;31m');
  expect(stripVTControlCharacters(coloured)).toBe(renderDiagnostics(problems, options));
});

test.each(hostileTexts)('%j stays text wherever it comes from', (text) => {
  const problems = [
    problem(text, text, { help: text, at: at(text, 1) }),
    problem('x', text, { address: `user/${text}` }),
  ];
  expectSafe(renderDiagnostics(problems, { ...options, frame: () => `1 | ${text}\n${text}` }));
});
