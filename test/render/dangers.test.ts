import { describe, expect, test } from 'vitest';
import type { PlannedDanger } from '../../src/model/plan.ts';
import type { Plan } from '../../src/model/plan.ts';
import { renderGithub } from '../../src/render/github.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import type { ReportContext } from '../../src/render/report.ts';
import { renderTerminal } from '../../src/render/terminal.ts';
import { at, danger, drop, elements, keep, planOf, remove, report, resource, update } from './fixtures.ts';
import { expectInert } from './inert.ts';

const support = update(resource('channel_type', 'support', {}, at('types/support.yaml', 12)), [
  elements('grants.user', 30, [], ['create-channel']),
]);
const lost = 'user can no longer create-channel in channels of type support';
const kept = keep(resource('app_settings', 'app', {}));

function terminal(plan: Plan, more: Partial<ReportContext> = {}): string {
  return `\n${renderTerminal(report(plan, more), { color: false, width: 92, verbose: false })}`;
}

function one(more: Partial<PlannedDanger>): Plan {
  return planOf([support, kept], { dangers: [danger('rights-lost', support, lost, more)] });
}

describe('a danger', () => {
  test('is counted beside what changes and told below the differences that mean it', () => {
    expect(terminal(one({}))).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      1 to change · 0 to create · 0 to lose · 1 unchanged · ! 1 dangerous

      ! ~ channel_type support                                          types/support.yaml:12
            grants.user    30 → 29
              − create-channel
            danger rights-lost types/support.yaml:12: user can no longer create-channel in channels of type support

      Next: streambed apply, with the same files and options
      "
    `);
  });

  test.each([
    [{ action: 'block' }, `danger (blocked) rights-lost types/support.yaml:12: ${lost}`],
    [
      { action: 'block', accepted: 'RFC 212' },
      `accepted rights-lost types/support.yaml:12: ${lost}; because: RFC 212`,
    ],
    [{ action: 'allow' }, `allowed rights-lost types/support.yaml:12: ${lost}`],
  ] as const)('says what became of it: %j', (more, line) => {
    const text = terminal(one(more));
    expect(text).toContain(`      ${line}\n`);
    const settled = !line.startsWith('danger');
    expect(text.includes('! ')).toBe(!settled);
    expect(text.includes('dangerous')).toBe(!settled);
    const comment = renderMarkdown(report(one(more)));
    expectInert(comment);
    expect(comment).toContain(`\n${settled ? ' ' : '!'} ${line}\n`);
  });

  test('stands where the value is declared that means it', () => {
    const located = resource('channel_type', 'support', {}, at('types/support.yaml', 12));
    const locate = (path: readonly string[]) => at('types/support.yaml', path.length === 0 ? 12 : 40);
    const changed = update({ ...located, locate }, support.fields);
    const told = danger('rights-lost', changed, lost, { path: ['grants', 'user'] });
    const text = terminal(planOf([changed], { dangers: [told] }));
    expect(text).toContain(`      danger rights-lost types/support.yaml:40: ${lost}\n`);
  });

  test('that is a loss is not told twice, unless it blocks', () => {
    const gone = remove('channel_type', 'team', 'reset', [drop('name', 'x')]);
    const dangers = (action: 'block' | 'warn') => [
      danger('type-reset', gone, "channel_type/team returns to Stream's defaults", { action }),
      danger('loss', gone, 'channel_type/team will be gone', { action, accepted: 'RFC 212' }),
    ];
    const quiet = planOf([gone], { dangers: dangers('warn') });
    expect(terminal(quiet)).not.toContain('type-reset');
    expect(renderMarkdown(report(quiet))).not.toContain('type-reset');
    expect(renderGithub(report(quiet))).not.toContain('type-reset');
    const loud = planOf([gone], { dangers: dangers('block') });
    expect(terminal(loud)).toContain('danger (blocked) type-reset removed.yaml:3: ');
    expect(terminal(loud)).not.toMatch(/\bloss\b/);
    expect(renderMarkdown(report(loud))).toContain('> - danger (blocked) `type-reset` at `removed.yaml:3`: ');
    expect(renderGithub(report(loud))).toContain('::error file=removed.yaml,line=3,col=1,title=type-reset::');
  });

  test('about what does not change stands right below the verdict', () => {
    const told: PlannedDanger = {
      code: 'leaves-management',
      address: 'app_settings/app',
      path: ['grants', 'user'],
      message: 'grants.user of app_settings is no longer managed; its live value stays',
      action: 'warn',
    };
    const plan = planOf([kept], { dangers: [told, { ...told, accepted: 'RFC 3' }] });
    expect(terminal(plan)).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      No changes. 1 object matches. ! 1 dangerous.

      ! danger leaves-management: grants.user of app_settings is no longer managed; its live value stays
        accepted leaves-management: grants.user of app_settings is no longer managed; its live value stays; because: RFC 3
      "
    `);
    expect(`\n${renderMarkdown(report(plan))}`).toMatchInlineSnapshot(`
      "
      <!-- streambed:plan app=1699146 -->

      ### \`Acme Chat (1699146)\` · No changes. 1 object matches. ! 1 dangerous.

      > [!CAUTION]
      > - danger \`leaves-management\` at \`app_settings\`: \`grants.user of app_settings is no longer managed; its live value stays\`

      - accepted \`leaves-management\` at \`app_settings\`: \`grants.user of app_settings is no longer managed; its live value stays\`; because: \`"RFC 3"\`
      "
    `);
    expectInert(renderMarkdown(report(plan)));
  });
});

describe('dangers and losses', () => {
  const harmful = [
    remove('user', 'gone', 'hard', []),
    remove('channel', 'support:over', 'soft', []),
    support,
  ] as const;
  const [, over] = harmful;
  const dangers = [
    danger('rights-lost', support, lost),
    danger('loss', over, 'channel/support:over will be gone', { action: 'block' }),
  ];

  test('stand together in a comment, the most harmful first', () => {
    const text = renderMarkdown(report(planOf(harmful, { dangers })));
    expectInert(text);
    expect(text.split('\n').filter((line) => line.startsWith('> - '))).toMatchInlineSnapshot(`
      [
        "> - danger (blocked) \`loss\` at \`removed.yaml:3\`: \`channel/support:over will be gone\`",
        "> - \`user gone\` will be deleted for good: Stream cannot restore it; because: \`"RFC 212"\` – \`removed.yaml:3\`",
        "> - danger \`rights-lost\` at \`types/support.yaml:12\`: \`user can no longer create-channel in channels of type support\`",
        "> - \`channel support:over\` will be deleted softly: Stream keeps what it can restore; because: \`"RFC 212"\` – \`removed.yaml:3\`",
      ]
    `);
  });

  test('that do not fit into a comment are counted', () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      danger('rights-lost', support, `role-${index} can no longer do what it could`),
    );
    const text = renderMarkdown(report(planOf(harmful, { dangers: many })), { limit: 4000 });
    expectInert(text);
    const shown = text.match(/^> - danger/gm)?.length ?? 0;
    expect(shown).toBeGreaterThan(5);
    expect(text).toContain('`user gone` will be deleted for good');
    expect(text).toContain(`> - and 1 more loss and ${300 - shown} more dangers: run`);
  });

  test('are annotations at their lines, errors where they block', () => {
    const made = report(planOf(harmful, { dangers }));
    expect(renderGithub(made).split('\n').slice(0, 2)).toMatchInlineSnapshot(`
      [
        "::error file=removed.yaml,line=3,col=1,title=loss::channel/support:over will be gone",
        "::warning file=types/support.yaml,line=12,col=1,title=rights-lost::user can no longer create-channel in channels of type support",
      ]
    `);
  });
});
