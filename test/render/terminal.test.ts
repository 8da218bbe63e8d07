import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { PlanReport } from '../../src/model/report.ts';
import { reportOfProblems } from '../../src/render/report.ts';
import { renderTerminal } from '../../src/render/terminal.ts';
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

const shown = (of: PlanReport, more: { verbose?: boolean; quiet?: boolean; width?: number } = {}): string =>
  `\n${renderTerminal(of, { color: false, width: 92, verbose: false, ...more })}`;

const support = resource(
  'channel_type',
  'support',
  {
    reactions: false,
    uploads: true,
    replies: true,
    grants: { user: { remove: ['create-channel'] }, guest: [] },
  },
  at('types/support.yaml', 12),
);
const kept = Array.from({ length: 41 }, (_, index) => keep(resource('user', `agent-${index}`, {})));
const permissions = Array.from({ length: 19 }, (_, index) => `permission-${String.fromCharCode(97 + index)}`);

describe('a plan for people', () => {
  test('says which app, what changes, what is lost, and names the line that asks for it', () => {
    const plan = planOf(
      [
        ...kept,
        create(resource('channel', 'support:case-48213', {}, at('cases.yaml', 40)), [
          add('created_by', 'agent-lena'),
          elements('members', 0, [
            { name: 'agent-lena', value: { channel_role: 'channel_moderator' } },
            { name: 'buyer-1001', value: {} },
          ]),
          add('name', 'Case 48213'),
          add('custom.order', '48213'),
        ]),
        update(support, [set('reactions', true, false), elements('grants.user', 30, [], ['create-channel'])]),
        update(
          resource('app_settings', 'app', {}, at('app.yaml', 3)),
          [elements('image_upload_config.allowed_file_extensions', 3, ['.webp'], ['.jpg', '.jpeg'])],
          { uncompared: [['reminders_max_members']] },
        ),
      ],
      {
        steps: [step(['UpdateApp']), step(['UpdateChannelType']), step(['GetOrCreateChannel'])],
        diagnostics: [
          problem('grants-narrowed', 'role user can no longer create channels of type support', {
            severity: 'warning',
            address: 'channel_type/support',
            at: at('types/support.yaml', 20, 7),
          }),
        ],
      },
    );
    expect(shown(report(plan))).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      2 to change · 1 to create · 0 to lose · 41 unchanged · 1 value not compared · 1 warning

      ~ app_settings                                                    app.yaml:3
            image_upload_config.allowed_file_extensions  3 → 2
              − .jpg, .jpeg
              + .webp
            sent, cannot be compared: reminders_max_members

      ~ channel_type support                                            types/support.yaml:12
            reactions      true → false
            grants.user    30 → 29
              − create-channel
            3 unchanged
            warning[grants-narrowed] types/support.yaml:20:7: role user can no longer create channels of type support

      + channel support:case-48213                                      cases.yaml:40
            created_by     agent-lena
            members        + agent-lena (channel_moderator), buyer-1001
            name           "Case 48213"
            custom.order   "48213"

      3 writes, about 1 s under Stream's default limits:
        GetOrCreateChannel (10,000/min), UpdateApp (60/min), UpdateChannelType (60/min)

      Next: streambed apply, with the same files and options
      "
    `);
  });

  test('puts deletions and members who leave first, and spells them out however many they are', () => {
    const members = Array.from({ length: 14 }, (_, index) => `member-${index + 10}`);
    const leaving = update(
      resource('channel', 'guild:redfang', { name: 'Redfang', members: [] }, at('guilds.yaml', 9)),
      [elements('members', 15, ['kael'], members)],
    );
    const plan = planOf(
      [
        create(resource('user', 'kael', {}), [add('name', 'Kael')]),
        leaving,
        remove('channel', 'support:case-1', 'soft', [
          drop('name', 'Case 1'),
          elements(
            'members',
            2,
            [],
            ['agent-lena', { name: 'ben', value: { channel_role: 'channel_moderator' } }],
          ),
        ]),
        remove('channel_type', 'livestream', 'reset', [set('reactions', false, true)]),
        remove('user', 'bot', 'hard', [], 'left over from the load test'),
      ],
      { losses: [{ what: 'member', names: members, change: leaving, approved: false }] },
    );
    const refusal = problem('unapproved-loss', '14 × member would be lost, and nothing approves it', {
      help: 'If that is meant, add --allow-destroy member=14',
      at: at('guilds.yaml', 9, 3),
      address: 'channel/guild:redfang',
    });
    expect(shown(report(plan, { blocked: [refusal] }))).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      Blocked · 2 to delete · 1 to reset · 1 to change · 1 to create · 17 to lose (1 channel, 1 channel_type, 14 members, 1 user) · 0 unchanged · 1 error

      ! - channel_type livestream                                       removed.yaml:3
            returns to Stream's defaults (built-in types cannot be deleted); because: RFC 212
            reactions      false → true

      ! - user bot                                                      removed.yaml:3
            will be deleted for good: Stream cannot restore it; because: left over from the load test

      ! ~ channel guild:redfang                                         guilds.yaml:9
            loses 14 members (not approved)
            members        15 → 2
              − member-10, member-11, member-12, member-13, member-14, member-15, member-16,
              − member-17, member-18, member-19, member-20, member-21, member-22, member-23
              + kael
            1 unchanged

      ! - channel support:case-1                                        removed.yaml:3
            will be deleted softly: Stream keeps what it can restore; because: RFC 212
            − name           "Case 1"
            − members        agent-lena, ben (channel_moderator)

      + user kael                                                       chat.yaml:1
            name           Kael

      error[unapproved-loss] guilds.yaml:9:3: 14 × member would be lost, and nothing approves it
        help: If that is meant, add --allow-destroy member=14

      Next: settle what is refused above, then streambed plan
      "
    `);
  });

  test('shows the size and the start of long additions, equal lists once, and all of it with -v', () => {
    const plan = planOf([
      create(support, [
        elements('grants.user', 0, permissions),
        elements('grants.guest', 0, permissions),
        elements('grants.anonymous', 0, []),
        add('description', 'word '.repeat(60)),
      ]),
      update(resource('user', 'lena', { name: 'Lena', custom: { a: 1, b: 2 } }), [
        set('name', 'old '.repeat(30), 'new '.repeat(30)),
        add('custom.desk', {
          building: 'north',
          floors: [1, 2, 3],
          open: true,
          notes: 'by the door, next to the stairs',
        }),
        drop('custom.a', 1),
      ]),
    ]);
    expect(shown(report(plan))).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      1 to change · 1 to create · 0 to lose · 0 unchanged

      + channel_type support                                            types/support.yaml:12
            grants.user        19
              + permission-a, permission-b, permission-c, permission-d, permission-e,
              + permission-f, permission-g, permission-h, permission-i, permission-j,
              + permission-k, permission-l, (7 more: -v)
            grants.guest       + the same 19 as grants.user
            grants.anonymous   none
            description
              + "word word word word word word word word word word word word… (300 characters: -v)

      ~ user lena                                                       chat.yaml:1
            name
              − "old old old old old old old old old old old old old old old old old old old old old old old old old old old old old old "
              + "new new new new new new new new new new new new new new new… (120 characters: -v)
            custom.desk
              + building: north
              + floors: [1, 2, 3]
              + notes: "by the door, next to the stairs"
              + open: true
            custom.a       1 → not set
            1 unchanged

      Next: streambed apply, with the same files and options
      "
    `);
    expect(shown(report(plan), { verbose: true })).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      1 to change · 1 to create · 0 to lose · 0 unchanged

      + channel_type support                                            types/support.yaml:12
            grants.user        19
              + permission-a, permission-b, permission-c, permission-d, permission-e,
              + permission-f, permission-g, permission-h, permission-i, permission-j,
              + permission-k, permission-l, permission-m, permission-n, permission-o,
              + permission-p, permission-q, permission-r, permission-s
            grants.guest       + the same 19 as grants.user
            grants.anonymous   none
            description
              + "word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word "

      ~ user lena                                                       chat.yaml:1
            name
              − "old old old old old old old old old old old old old old old old old old old old old old old old old old old old old old "
              + "new new new new new new new new new new new new new new new new new new new new new new new new new new new new new new "
            custom.desk
              + building: north
              + floors: [1, 2, 3]
              + notes: "by the door, next to the stairs"
              + open: true
            custom.a       1 → not set
            1 unchanged
              = custom.b  2

      Next: streambed apply, with the same files and options
      "
    `);
  });

  test('shows fingerprints where secrets differ', () => {
    const plan = planOf([
      update(resource('app_settings', 'app', {}), [
        set('webhook_secret', 'hunter2', 'hunter3'),
        set('hooks.audit.url', 'https://user:hunter2@example.com/a', 'https://user:hunter3@example.com/a'),
        add('datadog_info', { api_key: 'hunter2', site: 'eu' }),
        elements('hooks.audit.keys', 1, ['hunter3'], ['hunter2']),
      ]),
    ]);
    expect(shown(report(plan))).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      1 to change · 0 to create · 0 to lose · 0 unchanged

      ~ app_settings                                                    chat.yaml:1
            webhook_secret     (sensitive, fingerprint c325) → (sensitive, fingerprint c344)
            hooks.audit.url
              − "https://***@example.com/a" (sensitive, fingerprint 90d6)
              + "https://***@example.com/a" (sensitive, fingerprint a478)
            datadog_info
              + { api_key: (sensitive, fingerprint c325), site: eu } (sensitive, fingerprint 140c)
            hooks.audit.keys   1 → 1
              − *** (sensitive, fingerprint ce16)
              + *** (sensitive, fingerprint 62dd)

      Next: streambed apply, with the same files and options
      "
    `);
  });

  test('is one sentence when nothing changes', () => {
    const plan = planOf([...kept, keep(support)]);
    expect(shown(report(plan, { emulator: true }))).toMatchInlineSnapshot(`
      "
      streambed plan · emulator · app "Acme Chat" (1699146) · 2 files

      No changes. 42 objects match.
      "
    `);
  });

  test('lists what cannot be compared, with the flag that sends it', () => {
    const plan = planOf([
      keep(resource('app_settings', 'app', {}), {
        uncompared: [['reminders_max_members'], ['webhook_secret']],
      }),
      keep(resource('user', "o'hara $(id)", {}), { uncompared: [['name']] }),
    ]);
    expect(shown(report(plan))).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      No changes. 2 objects match. 3 values not compared.

      not compared, since Stream never tells these values:
        app_settings: reminders_max_members, webhook_secret
          to send: --send-write-only app_settings
        'user/o'\\''hara $(id)': name
          to send: --send-write-only 'user/o'\\''hara $(id)'
      "
    `);
  });

  test('says so when values that cannot be compared are sent again', () => {
    const plan = planOf(
      [update(resource('app_settings', 'app', {}), [], { uncompared: [['reminders_max_members']] })],
      {
        steps: [step(['UpdateApp'])],
      },
    );
    expect(shown(report(plan))).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      1 to change · 0 to create · 0 to lose · 0 unchanged · 1 value not compared

      ~ app_settings                                                    chat.yaml:1
            sent again, cannot be compared: reminders_max_members

      1 write, about 1 s under Stream's default limits: UpdateApp (60/min)

      Next: streambed apply, with the same files and options
      "
    `);
  });

  test('is only the verdict and the errors with -q', () => {
    const plan = planOf([...kept, remove('channel', 'support:case-1', 'soft', [])]);
    const blocked = [
      problem('wrong-app', 'the manifests are for app 1, this is 1699146', {
        help: 'Use other credentials.',
      }),
    ];
    expect(shown(report(plan, { blocked }), { quiet: true })).toMatchInlineSnapshot(`
      "
      streambed plan · app "Acme Chat" (1699146) · 2 files

      Blocked · 1 to delete · 0 to change · 0 to create · 1 to lose (1 channel) · 41 unchanged · 1 error

      error[wrong-app]: the manifests are for app 1, this is 1699146
        help: Use other credentials.
      "
    `);
  });

  test('tells the problems of a run without a plan', () => {
    const problems = reportOfProblems({
      command: 'plan',
      version: '0.1.0',
      emulator: true,
      files: ['types.yaml'],
      outcome: 'invalid',
      diagnostics: [
        problem('unknown-field', 'channel_type support has no field `reaction`', {
          at: at('types.yaml', 3, 5),
          help: 'Did you mean `reactions`?',
        }),
        problem('no-value', '`name` has no value', { at: at('types.yaml', 2, 5), severity: 'warning' }),
      ],
    });
    expect(shown(problems)).toMatchInlineSnapshot(`
      "
      streambed plan · emulator · 1 file

      Invalid · 1 error, 1 warning

      warning[no-value] types.yaml:2:5: \`name\` has no value

      error[unknown-field] types.yaml:3:5: channel_type support has no field \`reaction\`
        help: Did you mean \`reactions\`?

      Next: correct the manifests, then streambed plan
      "
    `);
  });

  test('keeps everything that goes on a narrow terminal', () => {
    const plan = planOf([
      update(support, [
        set('description', 'gone '.repeat(20), 'x'),
        elements('grants.user', 30, [], permissions),
      ]),
    ]);
    const text = shown(report(plan), { width: 40 });
    for (const permission of permissions) expect(text).toContain(permission);
    expect(text).toContain('gone '.repeat(20));
  });

  test('says the same without colour', () => {
    const plan = planOf([
      update(support, [elements('grants.user', 30, ['a'], ['b'])]),
      remove('user', 'x', 'soft', []),
    ]);
    const coloured = renderTerminal(report(plan), { color: true, width: 92, verbose: false });
    expect(coloured).toContain('\u001b[31m');
    expect(`\n${stripVTControlCharacters(coloured)}`).toBe(shown(report(plan)));
  });
});
