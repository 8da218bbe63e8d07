import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/model/change.ts';
import type { ChangeOrigin, FieldOrigin, Leaving, Origins } from '../../src/model/origin.ts';
import type { Plan } from '../../src/model/plan.ts';
import { renderGithub } from '../../src/render/github.ts';
import { markerOf, renderMarkdown } from '../../src/render/markdown.ts';
import { reportOfProblems, type ReportContext } from '../../src/render/report.ts';
import { renderTerminal } from '../../src/render/terminal.ts';
import {
  add,
  at,
  create,
  elements,
  keep,
  planOf,
  problem,
  remove,
  report,
  resource,
  set,
  update,
} from './fixtures.ts';
import { expectInert } from './inert.ts';

const base = { ref: 'origin/main', commit: '3f2a1c9d7e' };
const support = update(resource('channel_type', 'support', {}, at('types.yaml', 12)), [
  set('reactions', true, false),
  set('replies', true, false),
  set('description', 'old '.repeat(20), 'new '.repeat(20)),
  elements('grants.user', 30, ['pin-message'], ['create-channel']),
  elements('grants.guest', 0, ['read-channel']),
]);

function terminal(plan: Plan, more: Partial<ReportContext> = {}, verbose = false): string {
  return `\n${renderTerminal(report(plan, more), { color: false, width: 92, verbose })}`;
}

function whose(
  changes: readonly [Change, ChangeOrigin['origin'], Partial<ChangeOrigin>?][],
  more: Partial<Origins> = {},
): Plan {
  const origins: Origins = {
    base,
    applied: '77ab01244',
    changes: new Map(
      changes.map(([{ address }, origin, rest]) => [
        address,
        { origin, adopts: false, fields: new Map<string, FieldOrigin>(), ...rest },
      ]),
    ),
    leaving: [],
    ...more,
  };
  return planOf(
    changes.map(([change]) => change),
    { origins },
  );
}

describe('whose a change is', () => {
  const users = ['asked', 'before', 'drifted', 'merged'].map((key) =>
    update(resource('user', key, {}), [set('name', 'a', key)]),
  );

  test('is told unless this branch asks for it', () => {
    const [asked, before, drifted, merged] = users;
    const plan = whose([
      [asked!, 'branch', { adopts: true }],
      [before!, 'before'],
      [drifted!, 'drift'],
      [merged!, 'pending'],
    ]);
    expect(terminal(plan)).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      4 to change · 0 to create · 0 to lose · 0 unchanged
      compared with origin/main (3f2a1c9); last applied 77ab012; unmarked changes are this branch's

      ~ user asked  adopts: exists already, first declared here         chat.yaml:1
            name           a → asked

      ~ user before                                                     chat.yaml:1
            differs already: this branch does not ask for it
            name           a → before

      ~ user drifted                                                    chat.yaml:1
            drift: the live app moved since 77ab012
            name           a → drifted

      ~ user merged                                                     chat.yaml:1
            pending: merged, never applied
            name           a → merged

      Next: streambed apply, with the same files and options
      "
    `);
    const text = renderMarkdown(report(plan));
    expectInert(text);
    expect(text.split('\n').filter((line) => /^compared|^\| `~`/.test(line))).toMatchInlineSnapshot(`
      [
        "compared with \`origin/main\` (\`3f2a1c9\`); last applied \`77ab012\`; unmarked changes are this branch's",
        "| \`~\` | \`user asked\` | \`name a → asked\` · adopts | \`chat.yaml:1\` |",
        "| \`~\` | \`user before\` | \`name a → before\` · differs already | \`chat.yaml:1\` |",
        "| \`~\` | \`user drifted\` | \`name a → drifted\` · drift | \`chat.yaml:1\` |",
        "| \`~\` | \`user merged\` | \`name a → merged\` · pending | \`chat.yaml:1\` |",
      ]
    `);
    expect(renderGithub(report(plan))).toContain('user drifted will change: name a → drifted · drift\n');
  });

  test.each([
    ['before', 'missing already: this branch does not add it', 'missing already'],
    ['drift', 'drift: somebody deleted it since 77ab012', 'drift'],
    ['pending', 'pending: merged, never applied', 'pending'],
  ] as const)('has words of its own for an object that is not there: %s', (origin, words, word) => {
    const plan = whose([[create(resource('user', 'gone', {}), [add('name', 'G')]), origin]]);
    expect(terminal(plan)).toContain(`\n      ${words}\n`);
    expect(renderMarkdown(report(plan))).toContain(`| \`name G\` · ${word} |`);
    expect(renderMarkdown(report(plan))).toContain(`\n  ${words}\n`);
    expect(renderGithub(report(plan))).toContain(`user gone will be created: name G · ${word}\n`);
  });

  test.each([
    ['before', 'there already: this branch does not remove it', 'there already'],
    ['drift', 'drift: somebody made it again since 77ab012', 'drift'],
    ['pending', 'pending: merged, never applied', 'pending'],
  ] as const)('has words of its own for an object that goes: %s', (origin, words, word) => {
    const plan = whose([[remove('user', 'left', 'soft', []), origin]]);
    expect(terminal(plan)).toContain(`\n      ${words}\n`);
    expect(renderMarkdown(report(plan))).toContain(`| \`deleted softly\` · ${word} |`);
  });

  test('is told of a type that is reset as of one that changes', () => {
    const reset = remove('channel_type', 'team', 'reset', [set('reactions', false, true)]);
    expect(terminal(whose([[reset, 'before']]))).toContain(
      '\n      differs already: this branch does not ask for it\n',
    );
    expect(terminal(whose([[reset, 'drift']]))).toContain(
      '\n      drift: the live app moved since 77ab012\n',
    );
  });

  test('is marked inside an object that is not there', () => {
    const created = create(resource('channel_type', 'support', {}), [
      add('reactions', true),
      add('replies', true),
      elements('grants.user', 0, ['pin-message', 'read-channel']),
    ]);
    const fields = new Map<string, FieldOrigin>([
      ['reactions', { origin: 'branch' }],
      ['replies', { origin: 'before' }],
      [
        'grants.user',
        {
          origin: 'mixed',
          elements: new Map([
            ['pin-message', 'branch'],
            ['read-channel', 'before'],
          ]),
        },
      ],
    ]);
    const plan = whose([[created, 'mixed', { fields }]]);
    for (const text of [terminal(plan), renderMarkdown(report(plan))]) {
      expect(text).toMatch(/replies:? +true \(missing already\)\n/);
      expect(text).toContain('pin-message, read-channel (missing already)\n');
      expect(text).not.toContain('differs already');
    }
  });

  test('is marked line by line where one object has several origins', () => {
    const fields = new Map<string, FieldOrigin>([
      ['reactions', { origin: 'branch' }],
      ['replies', { origin: 'drift' }],
      ['description', { origin: 'before' }],
      [
        'grants.user',
        {
          origin: 'mixed',
          elements: new Map([
            ['pin-message', 'branch'],
            ['create-channel', 'drift'],
          ]),
        },
      ],
      ['grants.guest', { origin: 'pending' }],
    ]);
    const plan = whose([[support, 'mixed', { fields }]]);
    expect(terminal(plan)).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      1 to change · 0 to create · 0 to lose · 0 unchanged
      compared with origin/main (3f2a1c9); last applied 77ab012; unmarked changes are this branch's

      ~ channel_type support                                            types.yaml:12
            several origins: marked line by line
            reactions      true → false
            replies        true → false (drift)
            description    (differs already)
              − "old old old old old old old old old old old old old old old old old old old old "
              + "new new new new new new new new new new new new new new new new new new new new "
            grants.user    30 → 30
              − create-channel (drift)
              + pin-message
            grants.guest   0 → 1 (pending)
              + read-channel

      Next: streambed apply, with the same files and options
      "
    `);
    expect(renderMarkdown(report(plan)).split('```')[1]).toMatchInlineSnapshot(`
      "diff
        several origins: marked line by line
      - reactions: true
      + reactions: false
      - replies: true (drift)
      + replies: false (drift)
      - description: "old old old old old old old old old old old old old old old old old old old old " (differs already)
      + description: "new new new new new new new new new new new new new new new new new new new new " (differs already)
        grants.user: 30 → 30
      -   create-channel (drift)
      +   pin-message
        grants.guest: 0 → 1 (pending)
      +   read-channel
      "
    `);
  });

  test('is not claimed without anything to compare with', () => {
    const text = terminal(planOf(users));
    expect(text).not.toMatch(/branch|compared|drift:|pending|mark/);
    const applied = planOf(users, { origins: { applied: '77ab01244', changes: new Map(), leaving: [] } });
    expect(terminal(applied)).toContain('\nlast applied 77ab012\n');
  });
});

describe('what a plan is compared with', () => {
  const commit = '4389bb49c1d2e3f405162738495a6b7c8d9e0f12';
  const compared = (ref: string): readonly string[] => {
    const made = report(whose([], { base: { ref, commit } }));
    const texts = [renderTerminal(made, { color: false, width: 92, verbose: false }), renderMarkdown(made)];
    return texts.flatMap((text) => text.match(/compared with [^;]*/) ?? []);
  };

  test('is named as the user did, with its commit', () => {
    expect(compared('origin/main')).toEqual([
      'compared with origin/main (4389bb4)',
      'compared with `origin/main` (`4389bb4`)',
    ]);
  });

  test.each([commit, commit.slice(0, 7)])('is a commit, told once: %s', (ref) => {
    expect(compared(ref)).toEqual(['compared with 4389bb4', 'compared with `4389bb4`']);
  });
});

describe('what a plan is about', () => {
  const plan = planOf([keep(resource('user', 'a', {}))]);
  const environment = (name: string, production: boolean) => ({
    environment: { name, production, foreignHosts: [] },
  });
  const first = (more: Partial<ReportContext>): string | undefined => terminal(plan, more).split('\n')[1];

  test('is an environment, marked as production unless its name says so', () => {
    expect(first(environment('production', true))).toBe(
      'streambed plan · production · app "Acme Chat" (1699146) · 2 files',
    );
    expect(first(environment('eu', true))).toContain(' · eu (production) · app');
    expect(first(environment('staging', false))).toContain(' · staging · app');
    expect(renderMarkdown(report(plan, environment('eu', true)))).toContain(
      '### eu (production) · `Acme Chat (1699146)` · No changes.',
    );
    const problems = { command: 'plan', version: '1', emulator: false, files: [], diagnostics: [] } as const;
    const made = reportOfProblems({ ...problems, ...environment('eu', true), outcome: 'error' });
    expect(renderMarkdown(made)).toContain('<!-- streambed:plan env=eu -->\n\n### eu (production) · Stopped');
  });

  test('has a comment for each environment', () => {
    const named = (name: string): string =>
      markerOf({ app: { id: 7, name: 'Acme' }, environment: { name, production: false } });
    expect(named('eu-1 -->')).toBe('<!-- streambed:plan app=7 env=eu%2d1%20%2d%2d%3e -->');
  });

  test('is no app where a revision stands in for it, and every format says so', () => {
    const standIn = { standIn: 'origin/main', emulator: true };
    const changed = planOf([create(resource('user', 'a', {}), [add('name', 'A')])]);
    const words = 'base revision stands in for the live app';
    expect(first(standIn)).toBe(
      `streambed plan · ${words} (origin/main) · app "Acme Chat" (1699146) · 2 files`,
    );
    expect(renderMarkdown(report(plan, standIn))).toContain(`### ${words} (\`origin/main\`) · `);
    expect(renderGithub(report(plan, standIn))).toContain(`::notice title=stand-in::${words} (origin/main)`);
    expect(terminal(changed, standIn)).not.toContain('streambed apply');
  });
});

test('how far a change reaches is told where it is known', () => {
  const reach = new Map([
    [support.address, { channels: { count: 1000, more: true }, members: { count: 600, more: true } }],
  ]);
  expect(terminal(planOf([support], { reach }))).toContain('\n      touches 1,000+ channels, 600+ members\n');
  const exact = new Map([[support.address, { channels: { count: 1, more: false } }]]);
  expect(terminal(planOf([support], { reach: exact }))).toContain('\n      touches 1 channel\n');
});

test('what leaves management is listed, and what protects the app is never left out', () => {
  const leaving: readonly Leaving[] = [
    ...Array.from({ length: 20 }, (_, index) => ({
      address: `user/agent-${index}` as const,
      path: [],
      guards: false,
      at: at('a.yaml', 1),
    })),
    { address: 'channel_type/support', path: ['grants', 'user'], guards: true, at: at('a.yaml', 1) },
    { address: 'channel_type/support', path: ['reactions'], guards: false, at: at('a.yaml', 1) },
  ];
  const plan = whose([], { leaving });
  const text = terminal(plan);
  expect(text).toContain('\nleaves management (live values stay):\n  user/agent-0 (the whole object)\n');
  expect(text).toContain(
    '\n  channel_type/support grants.user (protects the app), reactions\n  (8 more: -v)\n',
  );
  expect(terminal(plan, {}, true)).toContain('user/agent-19 (the whole object)');
  const comment = renderMarkdown(report(plan));
  expectInert(comment);
  expect(comment).toContain('<summary>leaves management (live values stay): 22 declarations</summary>');
  expect(comment).toContain('\nuser/agent-19 (the whole object)\n');
});

describe('a drift', () => {
  const drift = { command: 'drift' } as const;
  const kept = Array.from({ length: 12 }, (_, index) => keep(resource('user', `agent-${index}`, {})));

  test('is told before its counts', () => {
    expect(terminal(planOf(kept), drift)).toContain('\n\nNo drift. 12 objects match.\n');
    const plan = planOf([
      ...kept,
      support,
      create(resource('user', 'new', {}), []),
      create(resource('user', 'other', {}), []),
      remove('user', 'gone', 'soft', []),
    ]);
    expect(terminal(plan, drift)).toContain(
      '\n\nDrift: 1 differs · 2 missing · 1 still there · 1 to lose (1 user) · 12 match\n',
    );
    expect(renderMarkdown(report(plan, drift))).toContain(' · drift · Drift: 1 differs, 2 missing,');
  });

  test('is not to be asked for again by what stopped it', () => {
    const wrong = problem('wrong-app', 'the key is of another app');
    const blocked = planOf(kept, { diagnostics: [wrong] });
    expect(terminal(blocked, { ...drift, blocked: [wrong] })).toMatch(
      /\nNext: settle what is refused above\n$/,
    );
    expect(terminal(blocked, drift)).toMatch(/\nNext: correct the manifests\n$/);
  });
});
