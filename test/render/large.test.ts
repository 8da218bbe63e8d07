import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderGithub } from '../../src/render/github.ts';
import { harmsOf } from '../../src/render/harms.ts';
import { renderJson } from '../../src/render/json.ts';
import { harmLine } from '../../src/render/markdown-sections.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { renderTerminal } from '../../src/render/terminal.ts';
import { add, at, create, danger, planOf, remove, report, resource, set, update } from './fixtures.ts';
import { anyText, expectSafe } from './hostile.ts';
import { expectInert } from './inert.ts';

const longName = fc
  .array(fc.oneof(anyText, fc.constantFrom('Größe', '部署-チーム', 'שלום', '👨‍👩‍👧', 'x'.repeat(40))), {
    maxLength: 8,
  })
  .map((parts) => parts.join('-'));

const sizes = (text: string): number => Math.max(text.length, Buffer.byteLength(text));

/** One change in so many is a deletion, a danger, or what all the others are: alike. */
const largeReport = fc
  .record({
    count: fc.integer({ min: 0, max: 5000 }),
    names: fc.array(longName, { minLength: 1, maxLength: 8 }),
    deletions: fc.integer({ min: 1, max: 60 }),
    dangers: fc.integer({ min: 1, max: 60 }),
    alike: fc.boolean(),
  })
  .map(({ count, names, deletions, dangers, alike }) => {
    const changes = Array.from({ length: count }, (_, index) => {
      const name = `${names[index % names.length]}${index}`;
      const of = resource('user', name, {}, at(name, index + 1));
      if (index % deletions === 1)
        return remove('channel', `a:${name}`, index % 2 === 0 ? 'soft' : 'hard', [], name);
      return index % 3 === 0
        ? update(of, [set('name', 'a', 'b')])
        : create(of, [add('name', alike ? 'c' : name)]);
    });
    const found = changes
      .filter((_, index) => index % dangers === 1)
      .map((change, index) =>
        danger('role-raised', change, `${change.key} becomes an admin`, {
          action: index % 2 === 0 ? 'block' : 'warn',
          ...(index % 5 === 4 ? { accepted: change.key } : {}),
        }),
      );
    return report(planOf(changes, { dangers: found }));
  });

test('up to 5,000 changes with long names in any script fit into a comment, with every loss and danger if those do', () => {
  fc.assert(
    fc.property(largeReport, (made) => {
      const text = renderMarkdown(made);
      expect(sizes(text)).toBeLessThanOrEqual(65_536);
      expectInert(text);
      const lines = harmsOf(made).map((harm) => harmLine(harm));
      const shown = lines.filter((line) => text.includes(`\n> - ${line}\n`)).length;
      const [, left = ''] = /\n> - and ([^:]*): run/.exec(text) ?? [];
      const counted = (left.match(/[\d,]+/g) ?? []).map((digits) => Number(digits.replaceAll(',', '')));
      expect(shown + counted.reduce((sum, one) => sum + one, 0)).toBe(lines.length);
      // A kilobyte is enough for everything that a comment always says.
      if (sizes(lines.join('\n> - ')) < 64_512) expect(left).toBe('');
    }),
    { numRuns: 10 },
  );
}, 60_000);

test('up to 5,000 changes with long names in any script are told in every format, dangers whole', () => {
  fc.assert(
    fc.property(largeReport, (made) => {
      const text = renderTerminal(made, { color: false, width: 80, verbose: false });
      expectSafe(text);
      const dangers = made.dangers.length;
      expect(
        text.match(/^ {6}(?:danger(?: \(blocked\))?|accepted) role-raised .*:\d+: /gm)?.length ?? 0,
      ).toBe(dangers);
      const annotations = renderGithub(made).match(/^::(?:error|warning) [^\n]*title=role-raised::/gm);
      expect(annotations?.length ?? 0).toBe(
        made.dangers.filter(({ accepted }) => accepted === undefined).length,
      );
      expect(JSON.parse(renderJson(made))).toMatchObject({ changes: { length: made.changes.length } });
    }),
    { numRuns: 6 },
  );
}, 60_000);

test('a warning that names its object a hundred thousand times is told without delay', () => {
  const message = 'a/b '.repeat(100_000);
  const made = report(planOf([]));
  const diagnostics = [{ severity: 'warning', code: 'odd', message, address: 'a/b' }] as const;
  const begun = performance.now();
  renderMarkdown({ ...made, diagnostics });
  expect(performance.now() - begun).toBeLessThan(3000);
});
