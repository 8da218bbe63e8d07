import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PlanReport } from '../../src/model/report.ts';
import { losingOf } from '../../src/render/losing.ts';
import { losingLine } from '../../src/render/markdown-sections.ts';
import { markerOf, renderMarkdown } from '../../src/render/markdown.ts';
import { reportOfProblems } from '../../src/render/report.ts';
import { anyReport } from './any-report.ts';
import {
  add,
  at,
  create,
  drop,
  elements,
  keep,
  planOf,
  problem,
  remove,
  report,
  resource,
  set,
  step,
  update,
} from './fixtures.ts';
import { anyText, hostileTexts } from './hostile.ts';
import { expectInert } from './inert.ts';

const sizes = (text: string): number => Math.max(text.length, Buffer.byteLength(text));

function mixed(members = ['b', 'c']): PlanReport {
  const type = resource('channel_type', 'support', {}, at('types/support.yaml', 12));
  const room = resource('channel', 'support:room', {}, at('rooms.yaml', 3));
  const leaving = update(room, [elements('members', members.length + 1, [], members)]);
  return report(
    planOf(
      [
        update(type, [set('reactions', true, false), elements('grants.user', 30, [], ['create-channel'])]),
        create(resource('user', 'lena', {}, at('users.yaml', 1)), [add('name', 'Lena')]),
        remove('channel', 'support:over', 'hard', [drop('name', 'Over')], 'closed'),
        leaving,
        keep(resource('app_settings', 'app', {}), { uncompared: [['reminders_max_members']] }),
      ],
      {
        steps: [step(['UpdateChannelType'])],
        losses: [{ what: 'member', names: members, change: leaving, approved: false }],
        diagnostics: [problem('look', 'look here', { severity: 'warning', at: at('rooms.yaml', 3, 5) })],
      },
    ),
  );
}

/** A plan with many harmless changes, of which each says as much as asked. */
function large(count: number, characters: number, members: readonly string[] = []): PlanReport {
  const room = update(resource('channel', 'support:room', {}), [elements('members', 5, [], members)]);
  const changes = Array.from({ length: count }, (_, index) =>
    create(resource('user', `user-${index}`, {}), [add('custom.note', `${index}${'x'.repeat(characters)}`)]),
  );
  const losses = [{ what: 'member', names: members, change: room, approved: false }];
  return report(
    planOf(members.length === 0 ? changes : [room, ...changes], members.length === 0 ? {} : { losses }),
  );
}

describe('a plan as a comment', () => {
  test('says the verdict, what is lost, each object, and every difference folded', () => {
    expect(`\n${renderMarkdown(mixed())}`).toMatchInlineSnapshot(`
      "
      <!-- streambed:plan app=1699146 -->

      ### \`Acme Chat (1699146)\` · 1 to delete, 2 to change, 1 to create, 3 to lose (1 channel, 2 members), 1 unchanged, 1 value not compared, 1 warning

      > [!CAUTION]
      > - \`channel support:over\` will be deleted for good: Stream cannot restore it; because: \`"closed"\` – \`removed.yaml:3\`
      > - \`channel support:room\` loses 2 members (not approved): \`b, c\` – \`rooms.yaml:3\`

      |  | object | what | where |
      | --- | --- | --- | --- |
      | \`! -\` | \`channel support:over\` | \`deleted for good\` | \`removed.yaml:3\` |
      | \`! ~\` | \`channel support:room\` | \`members −2\` | \`rooms.yaml:3\` |
      | \`~\` | \`channel_type support\` | \`reactions true → false; grants.user −1\` | \`types/support.yaml:12\` |
      | \`+\` | \`user lena\` | \`name Lena\` | \`users.yaml:1\` |

      <details><summary>! <code>- channel support:over</code></summary>

      \`\`\`diff
      - name: Over
      \`\`\`

      </details>

      <details><summary>! <code>&#126; channel support:room</code></summary>

      \`\`\`diff
        members: 3 → 1
      -   b, c
      \`\`\`

      </details>

      <details><summary><code>&#126; channel_type support</code></summary>

      \`\`\`diff
      - reactions: true
      + reactions: false
        grants.user: 30 → 29
      -   create-channel
      \`\`\`

      </details>

      <details><summary><code>&#43; user lena</code></summary>

      \`\`\`diff
      + name: Lena
      \`\`\`

      </details>

      <details><summary>not compared, since Stream never tells: 1 value</summary>

      \`\`\`text
      app_settings: reminders_max_members
      \`\`\`

      </details>

      **1 warning**

      - warning \`look\` at \`rooms.yaml:3:5\`: \`look here\`

      1 write, about 1 s under Stream's default limits: \`UpdateChannelType\` (60/min)
      "
    `);
  });

  test('without losses and errors has no caution', () => {
    expect(renderMarkdown(large(2, 3))).not.toContain('CAUTION');
    expect(renderMarkdown(report(planOf([keep(resource('user', 'a', {}))])))).toBe(
      '<!-- streambed:plan app=1699146 -->\n\n### `Acme Chat (1699146)` · No changes. 1 object matches.\n',
    );
  });

  test('that did not come about shows the errors, and no app when none is known', () => {
    const diagnostics = [
      problem('unknown-field', 'no such field', { help: 'Remove it.', at: at('a.yaml', 2, 3) }),
    ];
    const context = { command: 'plan', version: '1', emulator: true, files: [], outcome: 'invalid' } as const;
    expect(`\n${renderMarkdown(reportOfProblems({ ...context, diagnostics }))}`).toMatchInlineSnapshot(`
      "
      <!-- streambed:plan -->

      ### emulator · Invalid, 1 error

      > [!CAUTION]
      > - error \`unknown-field\` at \`a.yaml:2:3\`: \`no such field\`; help: \`Remove it.\`
      "
    `);
  });

  test('of an apply says first what became of it', () => {
    const changes = [
      create(resource('user', 'a', {}), [add('name', 'A')]),
      create(resource('user', 'b', {}), []),
    ];
    const diagnostic = problem('refused', 'no', { address: 'user/b' });
    const outcomes = [
      { status: 'applied', change: changes[0]! },
      { status: 'failed', change: changes[1]!, diagnostic, done: [] },
    ] as const;
    const text = renderMarkdown(report(planOf(changes), { command: 'apply', outcomes, verified: 'differs' }));
    expectInert(text);
    expect(text).toContain('### `Acme Chat (1699146)` · apply · 1 applied · 1 failed\n');
    expect(text).toContain('failed + user b [refused]: no');
  });

  test('is found again by its marker, which no name can end', () => {
    const named = (name: string): string => markerOf({ app: { name } });
    expect(named('a --> b')).toBe('<!-- streambed:plan app=a%20%2d%2d%3e%20b -->');
    fc.assert(
      fc.property(anyText, (name) => {
        expect(named(name)).toMatch(/^<!-- streambed:plan app=[A-Za-z0-9%]* -->$/);
      }),
    );
  });
});

describe('the size of a comment', () => {
  test('what fits is there as a whole', () => {
    expect(renderMarkdown(large(20, 1000))).not.toContain('Shortened');
  });

  test.each([
    [
      'the differences of what loses nothing',
      large(100, 1000, ['lena']),
      'the differences of 100 harmless changes',
    ],
    [
      'all differences',
      large(
        300,
        400,
        Array.from({ length: 2000 }, (_, index) => `member-${index}`),
      ),
      'inside objects',
    ],
    ['the table', large(5000, 10, ['lena']), 'everything but counts, losses, dangers and errors'],
  ])('first of all loses %s, and says so', (_what, made, left) => {
    const text = renderMarkdown(made);
    expectInert(text);
    expect(sizes(text)).toBeLessThanOrEqual(65_536);
    expect(text).toContain(left);
    expect(text).toContain('run `streambed plan` for the whole plan');
    for (const one of losingOf(made)) expect(text).toContain(losingLine(one));
  });

  test('warnings and notes go before the table', () => {
    const diagnostics = Array.from({ length: 2000 }, (_, index) =>
      problem('look', `look here ${index}`, { severity: 'note' }),
    );
    const text = renderMarkdown(report(planOf([create(resource('user', 'a', {}), [])], { diagnostics })));
    expect(text).toContain('2,000 notes');
    expect(text).toContain('| `+` | `user a` |');
  });

  test('losses that do not fit are counted, down to the last name', () => {
    const members = Array.from({ length: 9000 }, (_, index) => `member-${index}`);
    const made = large(10, 10, members);
    const text = renderMarkdown(made, { whole: 'see the job summary' });
    expectInert(text);
    expect(sizes(text)).toBeLessThanOrEqual(65_536);
    expect(sizes(text)).toBeGreaterThan(65_000);
    const shown = text.match(/member-\d+/g)?.length ?? 0;
    const [, more] = /and ([\d,]+) more losses: see the job summary/.exec(text) ?? [];
    expect(shown + Number(more?.replaceAll(',', ''))).toBe(9000);
  });

  test('the most harmful come first', () => {
    const soft = Array.from({ length: 3000 }, (_, index) => remove('channel', `a:${index}`, 'soft', []));
    const made = report(planOf([...soft, remove('user', 'zoe', 'hard', [])]));
    const text = renderMarkdown(made, { limit: 2000 });
    expect(text.split('\n')[7]).toContain('`user zoe` will be deleted for good');
    const shown = text.match(/^> - `(?:user|channel) /gm)?.length ?? 0;
    expect(text).toContain(`and ${(3001 - shown).toLocaleString('en')} more losses`);
  });

  test('no limit is ever exceeded, whatever the plan, and twice the same', () => {
    fc.assert(
      fc.property(anyReport, fc.integer({ min: 0, max: 4000 }), (made, limit) => {
        const text = renderMarkdown(made, { limit });
        expect(sizes(text)).toBeLessThanOrEqual(limit);
        if (text !== '') expectInert(text);
        expect(renderMarkdown(made, { limit })).toBe(text);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});

describe('foreign text in a comment', () => {
  test.each([
    '### @octocat',
    '- fixes #123',
    '- GH-1',
    '- see https://evil.example',
    '- [x](y)',
    '- <b>',
    '- `a` `',
    '- `` a ` ``b`',
    '| a | `b | c` | d | e |',
    '```diff\n+ a\n ```\n```',
    '<details><summary><code><b></code></summary>\n\n</details>',
    '<details><summary><code>a</code></summary>',
    '- 1f2e3d4c',
  ])('would be noticed if it acted: %j', (line) => {
    expect(() => expectInert(`<!-- streambed:plan -->\n\n${line}\n`)).toThrow();
  });

  test('stays text, whatever a report holds', () => {
    fc.assert(
      fc.property(anyReport, (made) => expectInert(renderMarkdown(made))),
      { numRuns: 200 },
    );
  }, 60_000);

  test.each(hostileTexts)('%j as the name of everything stays a name', (text) => {
    const of = resource('user', text, {}, at(text, 1));
    const changed = update(of, [
      { op: 'set', path: ['custom', text], before: text, after: { [text]: [text] } },
      elements('members', 3, [text], [{ name: text, value: { [text]: text } }]),
    ]);
    const plan = planOf([changed, remove('channel', text, 'soft', [drop('name', text)], text)], {
      app: { id: 1, name: text },
      losses: [{ what: text, names: [text, text], change: changed, approved: false }],
      diagnostics: (['error', 'warning', 'note'] as const).map((severity) =>
        problem(text, text, { severity, help: text, at: at(text, 1) }),
      ),
    });
    const made = report(plan);
    const operations = [{ operation: text, requests: 1, per_minute: 1 }];
    expectInert(renderMarkdown({ ...made, cost: { writes: 1, seconds: 1, operations, limits: 'app' } }));
    expectInert(renderMarkdown({ ...made, changes: made.changes.map((one) => ({ ...one, kind: text })) }));
  });
});
