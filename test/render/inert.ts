import { expect } from 'vitest';
import { expectSafe } from './hostile.ts';

/**
 * A comment in which nothing foreign acts: read line by line, without any Markdown parser, everything outside of
 * fences, code spans and `<code>` is made of our own words and of the markup that is ours.
 */
export function expectInert(markdown: string): void {
  expectSafe(markdown);
  const [marker = '', ...lines] = markdown.split('\n');
  expect(marker).toMatch(/^<!-- streambed:plan(?: app=[A-Za-z0-9%]+)?(?: env=[A-Za-z0-9%]*)? -->$/);
  let fenced = false;
  let folded = false;
  let before = marker;
  for (const line of lines) {
    if (fenced) {
      expect(line, 'ends no fence').not.toMatch(/`{3}.|^\s+`{3}/);
      if (line === '```') fenced = false;
    } else if (/^```(?:diff|text)$/.test(line)) {
      expect(before, 'Markdown begins after an empty line').toBe('');
      fenced = true;
    } else if (line === '</details>') {
      expect(folded && before === '').toBe(true);
      folded = false;
    } else if (line.startsWith('<details>')) {
      expect(folded).toBe(false);
      folded = true;
      expectSummary(line);
    } else expectOurs(line);
    before = line;
  }
  expect({ fenced, folded }).toEqual({ fenced: false, folded: false });
}

/** Within HTML every sign is a number. */
function expectSummary(line: string): void {
  const [, code] = /^<details><summary>(?:! )?<code>(.*)<\/code><\/summary>$/.exec(line) ?? [];
  if (code === undefined) {
    expect(line).toMatch(
      /^<details><summary>(?:not compared, since Stream never tells: [\d,]+ values?|leaves management \(live values stay\): [\d,]+ declarations?)<\/summary>$/,
    );
    return;
  }
  expect(code.replace(/&#\d+;/g, '')).toMatch(/^[^!-+/;-@[-^`{-~]*$/);
}

const span = /(?<!`)(`{1,2})(?!`)(?:.*?[^`])?\1(?!`)/g;

function expectOurs(line: string): void {
  if (line.startsWith('|')) expect(line.split('|')).toHaveLength(6);
  const rest = line
    .replace(span, 'CODE')
    .replace(/^(?:### |> \[!CAUTION\]$|> - |- )/, '')
    .replace(/! ([\d,]+ dangerous)/, '$1')
    .replace(/^\*\*([\w ,.:]+)\*\*/, '$1');
  expect(rest).toMatch(/^[A-Za-z0-9_ ,.;:()'·–×|/-]*$/);
  expect(rest, 'a URL').not.toMatch(/:\/\/|www\./);
  expect(rest, 'a reference').not.toMatch(/[A-Za-z]-\d/);
  expect(rest, 'a commit').not.toMatch(/\b[0-9a-f]{7,40}\b/);
}
