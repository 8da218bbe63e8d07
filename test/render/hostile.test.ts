import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderGithub } from '../../src/render/github.ts';
import { renderJson } from '../../src/render/json.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { renderTerminal } from '../../src/render/terminal.ts';
import { anyReport } from './any-report.ts';
import { add, at, create, danger, planOf, remove, report, resource, set, update } from './fixtures.ts';
import { expectSafe, hostileTexts } from './hostile.ts';
import { expectInert } from './inert.ts';

test('whatever a report holds, a terminal and a log only ever show it, and twice the same', () => {
  fc.assert(
    fc.property(anyReport, fc.integer({ min: 1, max: 200 }), fc.boolean(), (made, width, verbose) => {
      const text = renderTerminal(made, { color: false, width, verbose });
      expectSafe(text);
      const coloured = renderTerminal(made, { color: true, width, verbose });
      expect(stripVTControlCharacters(coloured)).toBe(text);
      expect(renderTerminal(made, { color: false, width, verbose })).toBe(text);
    }),
    { numRuns: 400 },
  );
});

test('whatever a report holds, its JSON is the report, and safe to print as it is', () => {
  fc.assert(
    fc.property(anyReport, (made) => {
      const text = renderJson(made);
      expectSafe(text);
      expect(text).not.toContain('<');
      expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(made));
    }),
    { numRuns: 400 },
  );
});

test('everything that goes is in the text, at any width', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.stringMatching(/^[a-z]{1,12}-[0-9]{1,4}$/), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 200 }),
      (names, width) => {
        const removed = names.map((name) => ({ name }));
        const of = update(resource('channel', 'a:b', {}), [
          { op: 'elements', path: ['members'], added: [], removed, before: 60, after: 0 },
        ]);
        const text = renderTerminal(report(planOf([of])), { color: false, width, verbose: false });
        const shown = text
          .split('\n')
          .flatMap((line) => (line.includes('− ') ? line.replace(/.*− /, '').split(/, ?/) : []));
        expect(shown.filter((name) => name !== '')).toEqual(names);
      },
    ),
  );
});

test.each(hostileTexts)('%j as the name of everything stays a name', (text) => {
  const custom = Object.fromEntries([
    ['__proto__', text],
    [`${text}2`, { [text]: [text] }],
  ]);
  const plan = planOf([
    create(resource('user', text, {}, at(text, 1)), [
      add('custom', custom),
      { op: 'add', path: [text], after: text },
    ]),
    remove('channel', text, 'soft', [{ op: 'remove', path: ['custom', text], before: custom }], text),
  ]);
  for (const verbose of [true, false]) {
    expectSafe(renderTerminal(report(plan), { color: false, width: 80, verbose }));
  }
  expect(JSON.parse(renderJson(report(plan)))).toMatchObject({ changes: [{ key: text }, { key: text }] });
});

test.each(hostileTexts)('%j as an environment, a revision, a reason and a danger stays text', (text) => {
  const changed = update(resource('user', text, {}, at(text, 1)), [set('name', 'a', 'b')]);
  const elsewhere = { ...danger('leaves-management', changed, text), address: `user/${text}2` } as const;
  const plan = planOf([changed], {
    dangers: [
      danger('role-raised', changed, text, { action: 'block' }),
      danger('role-raised', changed, text, { accepted: text }),
      elsewhere,
      { ...elsewhere, accepted: text },
    ],
    origins: {
      base: { ref: text, commit: `${text}0` },
      applied: text,
      changes: new Map([[changed.address, { origin: 'drift', adopts: true, fields: new Map() }]]),
      leaving: [{ address: `user/${text}2`, path: [text], guards: true, at: at(text, 1) }],
    },
  });
  const environment = { name: text, production: true, foreignHosts: [] };
  const made = report(plan, { environment, standIn: text });
  const printed = renderTerminal(made, { color: false, width: 80, verbose: false });
  expectSafe(printed);
  // Two of the change, two of an object that does not change, each told on a line of its own.
  const told = /^ *(?:! )?(?:danger(?: \(blocked\))?|accepted) [a-z]+-[a-z]+ .*:1:/gm;
  expect(printed.match(told)).toHaveLength(4);
  expectInert(renderMarkdown(made));
  const lines = renderGithub(made).split('\n');
  expectSafe(lines.filter((line) => !line.startsWith('::')).join('\n'));
  expect(lines.filter((line) => line.startsWith('::'))).toHaveLength(4);
});

test('five kilobytes of custom data and five thousand changes come out whole', () => {
  const long = 'x'.repeat(5 * 1024);
  const changes = Array.from({ length: 5000 }, (_, index) =>
    index % 2 === 0
      ? create(resource('user', `user-${index}`, { name: 'x' }), [
          add('custom.note', index === 0 ? long : 'short'),
        ])
      : remove('channel', `support:case-${index}`, 'soft', [
          { op: 'remove', path: ['custom', 'note'], before: index === 1 ? long : 'short' },
        ]),
  );
  const made = report(planOf(changes));
  const text = renderTerminal(made, { color: true, width: 80, verbose: false });
  expect(text.split(long)).toHaveLength(2);
  expect(text.match(/^.*support:case-/gm)).toHaveLength(2500);
  expect(renderTerminal(made, { color: false, width: 80, verbose: true }).split(long)).toHaveLength(3);
});
