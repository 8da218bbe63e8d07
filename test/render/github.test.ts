import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderGithub } from '../../src/render/github.ts';
import { anyReport } from './any-report.ts';
import {
  add,
  at,
  create,
  elements,
  planOf,
  problem,
  remove,
  report,
  resource,
  set,
  update,
} from './fixtures.ts';
import { expectSafe, hostileTexts } from './hostile.ts';

const command = /^::(error|warning|notice) ([^:\r\n]*)::([^\r\n]*)$/;

/** Reads a command as the runner of GitHub does. */
function parsed(line: string): { level: string; properties: Record<string, string>; message: string } {
  const [, level = '', properties = '', message = ''] = command.exec(line) ?? [];
  const decoded = (text: string): string =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  const pairs = properties.split(',').map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [name, decoded(value.join('='))] as const;
  });
  return { level, properties: Object.fromEntries(pairs), message: decoded(message) };
}

function commands(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.startsWith('::'));
}

test('a plan in GitHub Actions: losses, diagnostics and changes at their lines, then the verdict', () => {
  const leaving = update(resource('channel', 'support:room', {}, at('rooms.yaml', 3, 5)), [
    elements('members', 3, [], ['b', 'c']),
  ]);
  const plan = planOf(
    [
      leaving,
      create(resource('user', 'lena', {}, at('./users.yaml', 1)), [add('name', 'Lena')]),
      update(resource('channel_type', 'support', {}, at('a,b: 100%.yaml', 12, 3)), [
        set('reactions', true, false),
      ]),
      remove('user', 'gone', 'hard', [], 'asked\n::error::to'),
    ],
    {
      losses: [{ what: 'member', names: ['b', 'c'], change: leaving, approved: false }],
      diagnostics: [
        problem('wrong', '100% wrong', { help: 'Correct it.', at: at('-', 2) }),
        problem('gone', 'gone already', { severity: 'note', at: at('removed.yaml', 9) }),
      ],
    },
  );
  expect(`\n${renderGithub(report(plan))}`).toMatchInlineSnapshot(`
    "
    ::error title=wrong::100%25 wrong%0Ahelp: Correct it.
    ::warning file=removed.yaml,line=3,col=1,title=user gone::user gone will be deleted for good: Stream cannot restore it; because: "asked\\n\\u{3a}:error::to"
    ::warning file=rooms.yaml,line=3,col=5,title=channel support%3Aroom::channel support:room loses 2 members (not approved): b, c
    ::notice file=a%2Cb%3A 100%25.yaml,line=12,col=3,title=~ channel_type support::channel_type support will change: reactions true → false
    ::notice file=users.yaml,line=1,col=1,title=+ user lena::user lena will be created: name Lena
    ::notice file=removed.yaml,line=9,col=1,title=gone::gone already
    streambed plan · app "Acme Chat" (1699146) · 2 files
    Invalid · 1 to delete · 2 to change · 1 to create · 3 to lose (2 members, 1 user) · 0 unchanged · 1 error
    "
  `);
});

test('notices are as many as GitHub shows, changes before creations, and the rest is counted', () => {
  const changes = [
    ...Array.from({ length: 20 }, (_, index) => create(resource('user', `new-${index}`, {}), [])),
    update(resource('user', 'old', {}), [set('name', 'a', 'b')]),
  ];
  const diagnostics = Array.from({ length: 12 }, () => problem('wrong', 'wrong'));
  const text = renderGithub(report(planOf(changes, { diagnostics })));
  const notices = commands(text).filter((line) => line.startsWith('::notice'));
  expect(notices).toHaveLength(10);
  expect(notices[0]).toContain('user old will change');
  expect(notices[9]).toContain('12 more objects will change or be created');
  expect(commands(text).filter((line) => line.startsWith('::error'))).toHaveLength(12);
  expect(text).toContain('\nGitHub shows 10 errors of a step; 2 more are in this log only\n');
});

test('every object that loses something has its annotation, the most harmful first', () => {
  const soft = Array.from({ length: 300 }, (_, index) => remove('channel', `a:${index}`, 'soft', []));
  const text = renderGithub(report(planOf([...soft, remove('user', 'zoe', 'hard', [])])));
  expect(commands(text)).toHaveLength(301);
  expect(commands(text)[0]).toContain('user zoe will be deleted for good');
  expect(text).toContain('291 more are in this log only');
});

test('whatever a report holds, each line is one command of ours or plain words, and twice the same', () => {
  fc.assert(
    fc.property(anyReport, (made) => {
      const text = renderGithub(made);
      const lines = text.split('\n');
      for (const line of lines.filter((one) => one.startsWith('::'))) {
        expect(line).toMatch(command);
        const { properties, message } = parsed(line);
        expect(Object.keys(properties).every((name) => ['file', 'line', 'col', 'title'].includes(name))).toBe(
          true,
        );
        expectSafe(`x${message.replaceAll('\n', ' ')}`);
      }
      expectSafe(lines.map((line) => line.replace(command, '')).join('\n'));
      expect(renderGithub(made)).toBe(text);
    }),
    { numRuns: 400 },
  );
});

test.each(hostileTexts)('%j as a name is one property, not two', (text) => {
  const plan = planOf([create(resource('user', text, {}, at(`f${text}`, 4, 2)), [])]);
  const [line = ''] = commands(renderGithub(report(plan)));
  expect(parsed(line)).toMatchObject({ level: 'notice', properties: { line: '4', col: '2' } });
  expect(Object.keys(parsed(line).properties)).toEqual(['file', 'line', 'col', 'title']);
});
