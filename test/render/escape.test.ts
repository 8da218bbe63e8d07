import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoted, visible, visibleId } from '../../src/render/escape.ts';
import { addressText } from '../../src/render/words.ts';
import { anyText, expectSafe } from './hostile.ts';

describe('foreign text', () => {
  test.each([
    ['Größe, 部署, שלום, ไทย, हिन्दी'],
    ['❤️ 👨‍👩‍👧 👍🏽 🇩🇪 1️⃣'],
    ['C:\\temp and /^\\d+$/'],
    ['std::string and a::b'],
  ])('stays as it is when all of it can be seen: %s', (text) => {
    expect(visible(text)).toBe(text);
  });

  test.each([
    ['a terminal sequence', '\u001b[2Jx', '\\u{1b}[2Jx'],
    ['a C1 control', '\u009b2J', '\\u{9b}2J'],
    ['line breaks and tabs', 'a\r\nb\tc', 'a\\u{d}\\nb\\tc'],
    ['line separators', 'a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
    ['a right-to-left override', 'gpj\u202eexe', 'gpj\\u{202e}exe'],
    ['isolates', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
    ['zero-width characters', 'ad\u200bmin\ufeff\u2060\u00ad', 'ad\\u{200b}min\\u{feff}\\u{2060}\\u{ad}'],
    ['a joiner outside an emoji', 'a\u200db', 'a\\u{200d}b'],
    ['tag characters', 'x\u{e0041}', 'x\\u{e0041}'],
    ['variation selectors', 'x\ufe0f\u{e0100}', 'x\\u{fe0f}\\u{e0100}'],
    ['lone surrogates', '\ud800x', '\\u{d800}x'],
    ['spaces that are none', 'a\u00a0b\u3164c', 'a\\u{a0}b\\u{3164}c'],
    ['marks that pile up', 'a\u0301\u0301\u0301\u0301\u0301', 'a\u0301\u0301\u0301\u0301\\u{301}'],
    ['GitHub commands', '::stop-commands::x', '\\u{3a}:stop-commands::x'],
    ['Azure and old GitHub commands', 'x ##vso[task] ##[add-path]', 'x #\\u{23}vso[task] #\\u{23}[add-path]'],
    ['hosts that look like others', 'see https://аpple.com/ä', 'see https://\\u{430}pple.com/ä'],
  ])('shows %s', (_what, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  test('is ASCII in ids, whatever it looks like', () => {
    expect(visibleId('аdmin')).toBe('\\u{430}dmin');
    expect(visibleId(' admin ')).toBe('\\u{20}admin\\u{20}');
    fc.assert(
      fc.property(anyText, (text) => {
        expect(visibleId(text)).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });

  test('never looks the same in quotes when it is different', () => {
    expect(quoted('a\\nb')).not.toBe(quoted('a\nb'));
    expect(quoted('say "hi"')).toBe('"say \\"hi\\""');
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        fc.pre(one !== other);
        expect(quoted(one)).not.toBe(quoted(other));
      }),
    );
  });

  test('cannot break out of its line, hide, or give a command to a CI log', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expectSafe(visible(text));
        expectSafe(`    ${visible(text)}`);
      }),
    );
  });

  test('cannot run anything when a flag with it is pasted into a shell', () => {
    expect(addressText('user/agent-1')).toBe('user/agent-1');
    expect(addressText("user/$(rm -rf ~)'`x`")).toBe("'user/$(rm -rf ~)'\\''`x`'");
  });
});
