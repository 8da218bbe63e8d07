import { describe, expect, test } from 'vitest';
import type { FieldChange } from '../../src/model/change.ts';
import type { Plan } from '../../src/model/plan.ts';
import { renderJson } from '../../src/render/json.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { renderTerminal } from '../../src/render/terminal.ts';
import {
  at,
  create,
  danger,
  elements,
  planOf,
  problem,
  remove,
  report,
  resource,
  set,
  update,
} from './fixtures.ts';
import { expectInert } from './inert.ts';

function terminal(plan: Plan, verbose = false): string {
  return `\n${renderTerminal(report(plan), { color: false, width: 92, verbose })}`;
}

function channels(count: number, fields: readonly FieldChange[]) {
  return Array.from({ length: count }, (_, index) =>
    update(
      resource('channel', `gaming:guild-${index + 100}`, { frozen: true }, at('guilds.yaml', index + 40)),
      fields,
    ),
  );
}

const freeze = [set('frozen', false, true)];

describe('objects that change alike', () => {
  test('are told once, with their differences and where they are asked for', () => {
    const plan = planOf([
      update(resource('user', 'a', {}), [set('name', 'a', 'b')]),
      ...channels(300, freeze),
    ]);
    expect(terminal(plan)).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      301 to change · 0 to create · 0 to lose · 0 unchanged

      ~ user a                                                          chat.yaml:1
            name           a → b

      ~ 300 channels                                                    guilds.yaml:40…339
            frozen         false → true
            each of gaming:guild-100, gaming:guild-101, gaming:guild-102, gaming:guild-103,
                    gaming:guild-104, gaming:guild-105, gaming:guild-106, gaming:guild-107,
                    gaming:guild-108, gaming:guild-109, gaming:guild-110, gaming:guild-111,
                    (288 more: -v)

      Next: streambed apply, with the same files and options
      "
    `);
    expect(terminal(plan, true).match(/guild-\d+/g)).toHaveLength(300);
    expect(JSON.parse(renderJson(report(plan)))).toMatchObject({ changes: { length: 301 } });
  });

  test('are one row of a comment, and all of them are named below it', () => {
    const text = renderMarkdown(report(planOf(channels(300, freeze))));
    expectInert(text);
    expect(text).toContain('| `~` | `300 channels` | `frozen false → true` | `guilds.yaml:40…339` |');
    expect(text.match(/gaming:guild-\d+/g)).toHaveLength(300);
  });

  test('are told one by one when they are few, differ, are deleted, or have a problem of their own', () => {
    const alone = (plan: Plan): number => terminal(plan).match(/^(?:! )?[~-] channel gaming:/gm)?.length ?? 0;
    expect(alone(planOf(channels(2, freeze)))).toBe(2);
    expect(alone(planOf(channels(3, freeze)))).toBe(0);
    const [first, second, third] = channels(3, freeze);
    expect(alone(planOf([first!, second!, { ...third!, fields: [set('frozen', true, false)] }]))).toBe(3);
    expect(alone(planOf(channels(9, []).map(({ key }) => remove('channel', key, 'soft', []))))).toBe(9);
    const warning = problem('look', 'look here', { severity: 'warning', address: first!.address });
    expect(alone(planOf([first!, second!, third!], { diagnostics: [warning] }))).toBe(3);
  });

  test('are all named as soon as something is lost or dangerous, however many they are', () => {
    const leaving = channels(50, [elements('members', 3, [], ['lena'])]);
    const losses = leaving.map((change) => ({ what: 'member', names: ['lena'], change, approved: false }));
    const text = terminal(planOf(leaving, { losses }));
    expect(text.match(/guild-\d+/g)).toHaveLength(50);
    expect(text).toContain('! ~ 50 channels');
    expect(text).toContain('\n      each loses 1 member (not approved)\n');
    const frozen = channels(50, freeze);
    const dangers = [danger('many-frozen', frozen[0]!, '50 channels become read-only')];
    const dangerous = terminal(planOf(frozen, { dangers }));
    expect(dangerous).toContain('! ~ 50 channels');
    expect(dangerous).toContain('danger many-frozen guilds.yaml:40: 50 channels become read-only');
    expect(dangerous.match(/guild-\d+/g)).toHaveLength(50);
  });

  test('keep a danger that each of them has, each sentence once', () => {
    const users = ['a', 'b', 'c'].map((key) =>
      update(resource('user', key, {}), [set('role', 'user', 'admin')]),
    );
    const dangers = users.map((user) => danger('role-raised', user, `${user.key} becomes an admin`));
    const text = terminal(planOf(users, { dangers }));
    expect(text).toContain('! ~ 3 users');
    for (const { key } of users) {
      expect(text).toContain(`danger role-raised chat.yaml:1: ${key} becomes an admin`);
    }
    const [first, ...others] = dangers;
    const accepted = terminal(planOf(users, { dangers: [{ ...first!, accepted: 'RFC 1' }, ...others] }));
    expect(accepted).toContain('! ~ user b');
    expect(accepted).toContain('\n~ user a');
  });

  test('tell a danger that reads alike once, at the first of its places', () => {
    const frozen = channels(3, freeze);
    const plan = planOf(frozen, {
      dangers: frozen.map((channel) => danger('many-frozen', channel, 'nobody can post')),
    });
    const line = 'danger many-frozen guilds.yaml:40: nobody can post';
    expect(terminal(plan).match(/danger .*/g)).toEqual([line]);
    expect(renderMarkdown(report(plan)).match(/^! danger .*/gm)).toEqual([`! ${line}`]);
  });

  test('keep a note that is given once, at the first of them', () => {
    const changed = channels(3, freeze);
    const once = problem('frozen-means', 'nobody can post', {
      severity: 'note',
      address: changed[0]!.address,
    });
    const text = terminal(planOf(changed, { diagnostics: [once] }));
    expect(text).toContain('\n~ 3 channels');
    expect(text).toContain('\n      note[frozen-means]: nobody can post\n');
  });

  test('say how far all of them reach together', () => {
    const changed = channels(3, freeze);
    const reach = new Map(
      changed.map(({ address }, index) => [address, { members: { count: 10, more: index === 2 } }]),
    );
    expect(terminal(planOf(changed, { reach }))).toContain('touches 30+ members');
  });

  test('stand at the lines of each of their files', () => {
    const files = ['c.yaml', 'a.yaml', 'b.yaml', 'a.yaml'];
    const created = files.map((file, index) =>
      create(resource('user', `u${index}`, {}, at(file, 9 - index)), []),
    );
    expect(terminal(planOf(created))).toMatch(/\+ 4 users +c\.yaml:9, a\.yaml:6…8, 1 more file\n/);
  });
});

describe('notes that say the same of many objects', () => {
  const changed = channels(300, freeze);
  const diagnostics = changed.map(({ address }, index) =>
    problem('fixed-at-creation', `${address} was created by a, not b; Stream does not change it`, {
      severity: 'note',
      help: 'Write the live value, or leave created_by out.',
      address,
      at: at('guilds.yaml', index + 40),
    }),
  );

  test('are told once, with the objects', () => {
    expect(terminal(planOf(changed, { diagnostics }))).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      300 to change · 0 to create · 0 to lose · 0 unchanged

      ~ 300 channels                                                    guilds.yaml:40…339
            frozen         false → true
            each of gaming:guild-100, gaming:guild-101, gaming:guild-102, gaming:guild-103,
                    gaming:guild-104, gaming:guild-105, gaming:guild-106, gaming:guild-107,
                    gaming:guild-108, gaming:guild-109, gaming:guild-110, gaming:guild-111,
                    (288 more: -v)

      note[fixed-at-creation]: each was created by a, not b; Stream does not change it
        help: Write the live value, or leave created_by out.
        300 channels at guilds.yaml:40…339:
          gaming:guild-100, gaming:guild-101, gaming:guild-102, gaming:guild-103,
          gaming:guild-104, gaming:guild-105, gaming:guild-106, gaming:guild-107,
          gaming:guild-108, gaming:guild-109, gaming:guild-110, gaming:guild-111, (288 more: -v)

      Next: streambed apply, with the same files and options
      "
    `);
    const comment = renderMarkdown(report(planOf(changed, { diagnostics })));
    expectInert(comment);
    expect(comment.match(/was created by a/g)).toHaveLength(1);
    expect(comment).toContain('**300 notes**');
  });

  test('stay apart when they differ, also in an address that begins alike', () => {
    const users = ['a', 'ab', 'abc'].map((key) =>
      problem('x', `user/${key} is not user/abc`, { severity: 'note', address: `user/${key}` }),
    );
    const text = terminal(planOf([], { diagnostics: users }));
    expect(text).toContain('note[x] user/a: user/a is not user/abc');
    expect(text).toContain('note[x] user/abc: user/abc is not user/abc');
  });
});
