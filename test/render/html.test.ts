import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import type { PlanReport, ReportChange, ReportField } from '../../src/model/report.ts';
import { visible } from '../../src/render/escape.ts';
import { renderHtml } from '../../src/render/html/page.ts';
import { reportOfProblems } from '../../src/render/report.ts';
import { hostileReport, largeReport, supportReport } from '../browser/reports.ts';
import { byId, findAll, tagged, textOf, treeOf, type Tree } from '../browser/tree.ts';
import { anyReport } from './any-report.ts';
import { create, planOf, problem, report, resource, set, update } from './fixtures.ts';
import { expectSafe, hostileTexts } from './hostile.ts';

let support: PlanReport;
let page: Tree;
beforeAll(async () => {
  support = await supportReport();
  page = treeOf(renderHtml(support));
});

const classed = (node: Tree, name: string): readonly Tree[] =>
  findAll(node, ({ attributes }) => (attributes.get('class') ?? '').split(' ').includes(name));
const cardOf = (change: ReportChange): Tree => byId(page, `change-${support.changes.indexOf(change) + 1}`);

describe('the page of a plan', () => {
  it('names the app, the environment and what the app is not', () => {
    const [header] = classed(page, 'top');
    const text = textOf(header!);
    expect(text).toContain('"Acme Chat" (1699146)');
    expect(text).toMatch(/environment\s+"prod"\s+production/);
    expect(text).toContain('local emulator');
    expect(textOf(classed(header!, 'verdict')[0]!)).toBe(`${support.changes.length} changes`);
  });

  it('has a card for each change, with what becomes of it and its place', () => {
    expect(tagged(page, 'article')).toHaveLength(support.changes.length);
    for (const change of support.changes) {
      const card = cardOf(change);
      expect(card.attributes.get('data-address')).toBe(change.address);
      const word =
        change.how === 'reset'
          ? 'reset'
          : { create: 'create', update: 'change', delete: 'delete' }[change.action];
      expect(textOf(tagged(card, 'h3')[0]!)).toContain(word);
      expect(textOf(card)).toContain(`${change.source!.file}:${change.source!.line}`);
      if (change.because !== undefined) expect(textOf(card)).toContain(change.because);
      for (const path of change.uncompared) expect(textOf(card)).toContain(path);
    }
  });

  it('shows every difference, before and after in columns of their own', () => {
    for (const change of support.changes) {
      const rows = classed(cardOf(change), 'fields').flatMap((table) =>
        tagged(tagged(table, 'tbody')[0]!, 'tr'),
      );
      expect(rows).toHaveLength(change.fields.length);
      for (const [index, field] of change.fields.entries()) {
        const row = rows[index]!;
        expect(textOf(tagged(row, 'th')[0]!)).toContain(field.path.join('.'));
        const sides = { create: ['after'], update: ['before', 'after'], delete: ['before'] }[change.action];
        expect(tagged(row, 'td').map(({ attributes }) => attributes.get('class'))).toEqual(sides);
        for (const cell of tagged(row, 'td'))
          expectSide(cell, field, cell.attributes.get('class') as 'after');
      }
    }
  });

  it('shows who may do what: each permission that a role holds, gains or loses, and no more', () => {
    const withRights = support.changes.filter(({ rights = [] }) => rights.length > 0);
    expect(withRights.map(({ address }) => address)).toContain('channel_type/support');
    for (const change of withRights) {
      const box = classed(cardOf(change), 'matrix')[0]!;
      const [, ...columns] = tagged(tagged(box, 'thead')[0]!, 'th').map(textOf);
      expect(columns).toEqual(change.rights!.map(({ role }) => role));
      const shown = tagged(box, 'tbody').flatMap((body) =>
        tagged(body, 'tr').flatMap((row) =>
          tagged(row, 'td').flatMap((cell, index) => {
            const permission = textOf(tagged(row, 'th')[0]!);
            const [, state] = /^(?:•(kept)|\+(gained)|−(lost)|)$/
              .exec(textOf(cell))
              ?.filter((part) => part !== undefined) ?? ['', 'wrong'];
            return state === undefined ? [] : [`${columns[index]} ${permission} ${state}`];
          }),
        ),
      );
      const meant = change.rights!.flatMap(({ role, ...states }) =>
        (['kept', 'gained', 'lost'] as const).flatMap((state) =>
          states[state].map((id) => `${role} ${id} ${state}`),
        ),
      );
      expect(shown.toSorted()).toEqual(meant.toSorted());
    }
  });

  it('puts the permissions that change above those that stay', () => {
    const change = support.changes.find(({ address }) => address === 'channel_type/support')!;
    const [changed, kept] = tagged(classed(cardOf(change), 'matrix')[0]!, 'tbody');
    for (const row of tagged(changed!, 'tr')) expect(textOf(row)).toMatch(/gained|lost/);
    expect(textOf(kept!)).not.toMatch(/gained|lost/);
    expect(tagged(changed!, 'tr').map((row) => textOf(tagged(row, 'th')[0]!))).toContain('create-channel');
  });

  it('tells dangers and losses first, with what blocks and what is accepted', () => {
    const caution = byId(page, 'caution');
    expect(tagged(byId(page, 'main'), 'section')[0]).toBe(caution);
    const items = tagged(caution, 'li').map(textOf);
    for (const [index, { code, message, path, action, accepted }] of support.dangers.entries()) {
      for (const part of [code, message, path.join('.'), accepted ?? ''])
        expect(items[index]).toContain(part);
      const mark =
        accepted === undefined ? { block: 'blocked', warn: 'danger', allow: 'allowed' }[action] : 'accepted';
      expect(items[index]!.trim()).toMatch(new RegExp(`^${mark}\\b`));
    }
    for (const { names } of support.losses.filter(({ what }) => what === 'member'))
      for (const name of names) expect(items.slice(support.dangers.length).join('\n')).toContain(name);
    expect(items.join('\n')).toMatch(/not approved\s+channel support:case-1\s+loses 2 members/);
  });

  it('leads from a danger to the card of its object', () => {
    const [link] = tagged(byId(page, 'caution'), 'a');
    const target = byId(page, link!.attributes.get('href')!.slice(1));
    expect(target.attributes.get('data-address')).toBe(support.dangers[0]!.address);
  });

  it('says whose each change is, down to the element, and how much it touches', () => {
    const texts = Object.fromEntries(
      support.changes.map((change) => [change.address, textOf(cardOf(change))]),
    );
    expect(texts['channel_type/support']).toContain('mixed origins');
    expect(texts['channel_type/support']).toContain('touches 1,000+ channels, 12,400 members');
    expect(texts['channel_type/support']).toMatch(/create-message\s+drift: the live app moved/);
    expect(texts['user/lena']).toContain('pending: merged, never applied');
    expect(texts['channel/support:case-1']).toContain('adopts');
  });

  it('says what leaves management, what is not compared, the cost, and what it was made from', () => {
    expect(textOf(byId(page, 'leaving'))).toMatch(/multi_tenant_enabled\s+protects the app/);
    expect(textOf(byId(page, 'leaving'))).toContain('channel_type press');
    expect(textOf(byId(page, 'uncompared'))).toContain('reminders_max_members');
    expect(textOf(byId(page, 'cost'))).toContain("this app's own limits");
    for (const { operation } of support.cost!.operations)
      expect(textOf(byId(page, 'cost'))).toContain(operation);
    const madeFrom = textOf(byId(page, 'made-from'));
    for (const part of [
      support.compared_with!.commit!,
      support.compared_with!.applied!,
      'main',
      ...support.files,
    ])
      expect(madeFrom).toContain(part);
  });

  it('shows fingerprints in place of secrets', () => {
    const text = renderHtml(support);
    expect(text).toContain('(sensitive, fingerprint 3f9c1a)');
    expect(text).not.toContain('the-key-of-datadog');
  });

  it('is the same for equal reports', () => {
    expect(renderHtml(structuredClone(support))).toBe(renderHtml(support));
  });
});

function expectSide(cell: Tree, field: ReportField, side: 'after' | 'before'): void {
  const text = textOf(cell);
  if (field.op === 'elements') {
    const items = tagged(cell, 'li').map(textOf);
    const elements = (side === 'before' ? field.removed : field.added) ?? [];
    expect(items).toHaveLength(elements.length);
    for (const [index, { name }] of elements.entries()) expect(items[index]).toContain(name);
    const size = side === 'before' ? field.before_size : field.after_size;
    expect(text).toContain(size === 0 ? 'none' : `${size} in all`);
    return;
  }
  const value = field[side];
  if (typeof value !== 'object' && value !== undefined) expect(text).toContain(String(value));
  if (field.op === 'add' && side === 'before') expect(text.trim()).toBe('not set');
}

describe('what surrounds a plan', () => {
  const made = report(planOf([update(resource('user', 'ann', {}), [set('name', 'Ann', 'Anne')])]), {
    standIn: 'origin/main',
  });

  it('says when nothing real was read', () => {
    const [banner] = classed(treeOf(renderHtml(made)), 'banner');
    expect(textOf(banner!)).toMatch(/Nothing real was read: the manifests of\s+"origin\/main"\s+stand in/);
  });

  it('says what became of an apply', () => {
    const ann = create(resource('user', 'ann', {}), []);
    const ben = create(resource('user', 'ben', {}), []);
    const text = renderHtml(
      report(planOf([ann, ben]), {
        command: 'apply',
        verified: 'differs',
        outcomes: [
          {
            status: 'failed',
            change: ann,
            diagnostic: problem('stream-refused', 'Stream said no'),
            done: ['POST /users'],
          },
          { status: 'applied', change: ben },
        ],
      }),
    );
    const applied = treeOf(text);
    expect(textOf(classed(applied, 'verdict')[0]!)).toBe('Applied 1 of 2 changes');
    const outcome = textOf(byId(applied, 'outcome'));
    expect(outcome).toContain('not yet what the manifests say');
    expect(outcome).toMatch(/failed\s+user ann:\s+Stream said no/);
    expect(outcome).toContain('POST /users');
    expect(textOf(byId(applied, 'change-2'))).toContain('applied');
  });

  it('shows errors first when there is no plan', () => {
    const diagnostics = [problem('yaml-syntax', 'a tab', { help: 'use spaces' })];
    const invalid = treeOf(
      renderHtml(
        reportOfProblems({
          command: 'validate',
          version: '1',
          emulator: false,
          files: ['a.yaml'],
          diagnostics,
          outcome: 'invalid',
        }),
      ),
    );
    expect(textOf(classed(invalid, 'verdict')[0]!)).toBe('Invalid');
    expect(textOf(byId(invalid, 'caution'))).toMatch(/yaml-syntax:\s+a tab\s*help: use spaces/);
    expect(tagged(invalid, 'article')).toEqual([]);
  });
});

describe('the policy of the page', () => {
  const text = renderHtml(largeReport(3));
  const [policy = ''] = tagged(treeOf(text), 'meta')
    .filter(({ attributes }) => attributes.has('http-equiv'))
    .map(({ attributes }) => attributes.get('content'));

  it.each(['style', 'script'])('allows the one %s that is there', (tag) => {
    const found = tagged(treeOf(text), tag);
    expect(found).toHaveLength(1);
    const hash = createHash('sha256').update(textOf(found[0]!)).digest('base64');
    expect(policy).toContain(`${tag}-src 'sha256-${hash}';`);
  });

  it('allows nothing else', () => {
    expect(policy.replace(/'sha256-[\w+/=]+'/g, 'HASH')).toBe(
      "default-src 'none'; style-src HASH; script-src HASH; base-uri 'none'; form-action 'none'",
    );
  });
});

test('no text of a report becomes markup, and all of them can be read', () => {
  const text = renderHtml(hostileReport());
  expectSafe(text);
  const read = textOf(treeOf(text));
  for (const hostile of hostileTexts) expect(read).toContain(visible(hostile));
});

test('no report becomes more than text', () => {
  fc.assert(
    fc.property(anyReport, (made) => {
      const text = renderHtml(made);
      expectSafe(text);
      const tree = treeOf(text);
      expect(tagged(tree, 'article')).toHaveLength(made.changes.length);
      const ids = findAll(tree, ({ attributes }) => attributes.has('id')).map(({ attributes }) =>
        attributes.get('id'),
      );
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

test('ten thousand changes and five kilobytes of custom data come out whole', () => {
  const long = 'x'.repeat(5 * 1024);
  const large = largeReport(10_000);
  const text = renderHtml({
    ...large,
    changes: large.changes.map((change, index) =>
      index === 7 ? { ...change, fields: [{ path: ['custom', 'note'], op: 'add', after: long }] } : change,
    ),
  });
  expect(text.match(/<article/g)).toHaveLength(10_001);
  expect(text.split(long)).toHaveLength(2);
});
