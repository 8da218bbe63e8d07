import fc from 'fast-check';
import { expect } from 'vitest';

/** Texts that have broken terminals, logs and pages before. */
export const hostileTexts = [
  '\u001b]0;owned\u0007',
  '\u001b[2J\u001b[H',
  '\u009b31m',
  'a\r::error::b',
  'a\n::stop-commands::token',
  '::set-env name=PATH::x',
  '%0A::add-mask::x',
  '##[group]x',
  '##vso[task.setvariable]x',
  '</script><script>alert(1)</script>',
  'user\u202egnp.exe',
  '\u200b\u200d\u2060\ufeff',
  '\u{e0041}\u{e0042}',
  '\ud800',
  '__proto__',
  'constructor',
  '',
  ' ',
  '"',
  '\\',
  '→',
  'a, b',
  '$(reboot)',
  '@octocat and @octo/team',
  'fixes #123, octo/repo#1, GH-1',
  'see https://evil.example, www.evil.example or me@evil.example',
  '![x](https://evil.example/x.png)[y](javascript:z)<https://evil.example>',
  '<!-- x --> <img src=x onerror=y>',
  '--> </summary></details>',
  '`',
  '``` ````',
  '`'.repeat(90),
  '```\n~~~\n# heading',
  'a | b \\| c',
  '&#64;octocat &lt;b&gt;',
  'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef',
  'defaced',
  '#ffffff',
  '$`x`$ :tada: [^1] **b** ~~s~~ - [ ] t',
] as const;

/** Any text, the worst ones more often. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(...hostileTexts),
  fc
    .array(fc.constantFrom(...hostileTexts, '#', ':', '[', ' ', '\\', 'n'), { maxLength: 4 })
    .map((parts) => parts.join('')),
);

/** What is printed is free of everything that acts instead of being read; our own colours aside. */
export function expectSafe(output: string): void {
  expect(output).not.toMatch(/[^\P{Cc}\n]|[\u2028\u2029]/u);
  expect(output).not.toMatch(/[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u);
  expect(output).not.toMatch(/\p{Cs}/u);
  expect(output).not.toMatch(/^\s*::/m);
  expect(output).not.toMatch(/##[A-Za-z]*\[/);
}
