import { describe, expect, test } from 'vitest';
import { loadManifest } from '../../src/manifest/load.ts';
import { declaredIn, load, plain, problemsIn, registry, resourceIn } from './fixtures.ts';

describe('files', () => {
  test('are merged by section, and so are the documents of one file', () => {
    expect(
      declaredIn({
        'a.yaml': 'users: {lena: {}}\n---\nusers: {ben: {}}\nchannels: {support: {a: {}}}\n',
        'b.yaml': 'users: {kim: {}}\nchannels: {support: {b: {}}, other: [c]}\n',
      }),
    ).toEqual({
      'channel/other:c': {},
      'channel/support:a': {},
      'channel/support:b': {},
      'user/ben': {},
      'user/kim': {},
      'user/lena': {},
    });
  });

  test('the same object twice names both lines', () => {
    expect(
      problemsIn({
        'a.yaml': 'users:\n  lena: {}\n',
        'b.yaml': 'users: [ben, lena]\n',
        'c.yaml': 'channels: {s: {x: {}}}\n---\nchannels: {s: [x]}',
      }),
    ).toEqual([
      'error duplicate-object b.yaml:1:14 `lena` is declared twice; the first is at a.yaml:2:3 | Put all its fields in one place.',
      'error duplicate-object c.yaml:3:16 `x` is declared twice; the first is at c.yaml:1:16 | Put all its fields in one place.',
    ]);
  });

  test('the same key twice in a map names both lines', () => {
    expect(problemsIn('users:\n  lena: {}\n  "lena": {}\n')).toEqual([
      'error duplicate m.yaml:3:3 the key `lena` is here twice; the first is at m.yaml:2:3 | Keep one of the two lines.',
    ]);
  });

  test('their order makes no difference', () => {
    const a = { file: 'a.yaml', text: 'users: {lena: {}, 1: {}}\napp: {settings: {reminders_interval: 60}}' };
    const b = {
      file: 'b.yaml',
      text: 'users: {lena: {}, ben: {}}\napp: {settings: {reminders_interval: 61}}',
    };
    const forth = load(Object.fromEntries([a, b].map(({ file, text }) => [file, text])));
    const back = load(Object.fromEntries([b, a].map(({ file, text }) => [file, text])));
    expect(plain(back)).toEqual(plain(forth));
    expect(forth.diagnostics).toHaveLength(2);
  });

  test('an object with an error is left out, and all others stay', () => {
    const { value, diagnostics } = load('users: {lena: {nam: x}, ben: {}}\nusrs: {}');
    expect(value.resources.map((one) => one.address)).toEqual(['user/ben']);
    expect(diagnostics.map((one) => one.address)).toEqual(['user/lena', undefined]);
  });

  test('empty documents and comments are nothing', () => {
    expect(load('# nothing\n---\n---\nusers: [a]\n...\n').diagnostics).toEqual([]);
    expect(load('').diagnostics).toEqual([]);
  });

  test('x- keys and $schema are free', () => {
    expect(problemsIn('$schema: ./s.json\nx-a: null\nx-b: [{a: ~}]\n')).toEqual([]);
  });

  test('names that a kind makes the same key of are the same object', () => {
    expect(
      problemsIn(
        'distinct_channels:\n  one: {type: m, members: [a, b]}\n  two: {type: m, members: [b, a]}\n',
      ),
    ).toEqual([
      'error duplicate-object m.yaml:3:3 `two` and `one` are the same object, declared twice; the first is at m.yaml:2:3 | Put all its fields in one place.',
    ]);
  });

  test('JSON is YAML', () => {
    expect(declaredIn({ 'm.json': '{\n\t"users": {\n\t\t"a": {}\n\t}\n}' })).toEqual({ 'user/a': {} });
    expect(
      problemsIn({ 'm.json': '{"users": {"a": {}, "a": {}, "b": {"name": null}}}' }).map(
        (line) => line.split(' ')[1],
      ),
    ).toEqual(['duplicate', 'no-value']);
  });

  test('a kind checks its own rules, at the place it names', () => {
    expect(problemsIn('users:\n  le na: {}\n')).toEqual([
      'error bad-id m.yaml:2:3 not a user id | Use letters.',
    ]);
  });
});

describe('app', () => {
  test('is flat for its kind, and merges by setting and by role', () => {
    expect(
      declaredIn({
        'a.yaml': 'app: {settings: {multi_tenant_enabled: true}, grants: {guest: []}}',
        'b.yaml': 'app: {settings: {reminders_interval: 60}, grants: {user: {add: [x]}}}',
      }),
    ).toEqual({
      'app_settings/app': {
        multi_tenant_enabled: true,
        reminders_interval: 60,
        grants: { guest: [], user: { add: ['x'] } },
      },
    });
  });

  test('the same leaf twice names both lines', () => {
    expect(
      problemsIn({
        'a.yaml': 'app:\n  settings: {multi_tenant_enabled: true}\n  grants: {guest: []}\n  id: 1\n',
        'b.yaml': 'app:\n  settings: {multi_tenant_enabled: true}\n  grants: {guest: []}\n  id: 1\n',
      }),
    ).toEqual([
      'error duplicate b.yaml:2:14 `app.settings.multi_tenant_enabled` is given twice; the first is at a.yaml:2:14 | Keep one of the two.',
      'error duplicate b.yaml:3:12 `app.grants.guest` is given twice; the first is at a.yaml:3:12 | Keep one of the two.',
      'error duplicate b.yaml:4:3 `app.id` is given twice; the first is at a.yaml:4:3 | Keep one of the two.',
    ]);
  });

  test('names the app that the manifests are for', () => {
    const { value, diagnostics } = load('app:\n  id: 1699146\n  name: 042\n');
    expect(diagnostics).toEqual([]);
    expect(value.guard).toEqual({
      id: 1699146,
      name: '042',
      at: { file: 'm.yaml', line: 2, column: 3, endLine: 2, endColumn: 5 },
    });
    expect(value.resources).toEqual([]);
  });

  test('says where a misplaced line belongs', () => {
    expect(
      problemsIn('app:\n  webhook_url: x\n  settings: {grants: {}, webhook_ur: x}\n  id: "1"\n'),
    ).toEqual([
      'error unknown-field m.yaml:2:3 there is no field `webhook_url` in `app` | It is a setting: write it as `app.settings.webhook_url`.',
      'error unknown-field m.yaml:3:14 `grants` is not a setting | Move it up one level: `app.grants`, beside `app.settings`.',
      'error unknown-field m.yaml:3:26 there is no field `webhook_ur` | Did you mean `webhook_url`?',
      'error wrong-type m.yaml:4:7 `app.id` must be a whole number, not the text "1" | Write the number that the dashboard shows as App ID.',
    ]);
  });

  test('has a lifecycle of its own', () => {
    const resource = resourceIn(
      'app:\n  settings: {reminders_interval: 60}\n  lifecycle: {ignore_changes: [webhook_url], prevent_destroy: true}\n',
    );
    expect(resource.lifecycle).toEqual({
      ignore_changes: ['webhook_url'],
      prevent_destroy: true,
      create_only: false,
    });
  });
});

describe('defaults', () => {
  const defaults =
    'defaults:\n  users: {role: agent, custom: {desk: 1, floor: 2}}\n  channels:\n    support: {created_by: lena}\n';

  test('fill the fields that an object does not declare, each whole', () => {
    expect(declaredIn(`${defaults}users:\n  a: {role: admin}\n  b: {}\n`)).toEqual({
      'user/a': { role: 'admin', custom: { desk: 1, floor: 2 } },
      'user/b': { role: 'agent', custom: { desk: 1, floor: 2 } },
    });
  });

  test('merge custom data by key', () => {
    expect(declaredIn(`${defaults}users: {a: {custom: {desk: 7, x: !unset}}}`)).toEqual({
      'user/a': { role: 'agent', custom: { desk: 7, x: { $unset: true }, floor: 2 } },
    });
  });

  test('of channels are per type', () => {
    expect(declaredIn(`${defaults}channels: {support: [a], other: [b]}`)).toEqual({
      'channel/other:b': {},
      'channel/support:a': { created_by: 'lena' },
    });
  });

  test('are where their values are located', () => {
    const resource = resourceIn(`${defaults}channels:\n  support:\n    a: {name: x}\n`);
    expect(resource.locate(['created_by'], 'value')).toMatchObject({ line: 4, column: 27 });
    expect(resource.locate(['name'], 'value')).toMatchObject({ line: 7, column: 15 });
    expect(resource.locate([])).toMatchObject({ line: 7, column: 5 });
  });

  test('are checked once, where they stand, also when nothing uses them', () => {
    const wrong =
      'defaults:\n  users: {rol: x, language: xx}\n  channels: {s: {frozen: 1}}\n  distinct_channels: {type: m}\n';
    const expected = [
      'error unknown-field m.yaml:2:11 there is no field `rol` | Did you mean `role`?',
      'error not-one-of m.yaml:2:29 `language` must be `en`, `de` or `no`, not the text "xx" | Choose one of these words.',
      'error wrong-type m.yaml:3:26 `frozen` must be true or false, not the number 1 | Nobody may write.',
    ];
    expect(problemsIn(wrong)).toEqual(expected);
    expect(problemsIn(`${wrong}users: [a, b, c]\n`)).toEqual(expected);
  });

  test('can give a lifecycle', () => {
    const resource = resourceIn('defaults: {users: {lifecycle: {create_only: true}}}\nusers: [a]');
    expect(resource.lifecycle.create_only).toBe(true);
    expect(resource.declared).toEqual(expect.not.objectContaining({ lifecycle: expect.anything() }));
  });

  test('are for sections that exist', () => {
    expect(problemsIn('defaults: {user: {}, app: {}}')).toEqual([
      'error unknown-section m.yaml:1:12 there are no defaults for `user` | Did you mean `users`?',
      'error unknown-section m.yaml:1:22 there are no defaults for `app` | Defaults can be given for `channel_types`, `users`, `channels` and `distinct_channels`.',
    ]);
  });
});

describe('lifecycle', () => {
  test('takes paths, or all', () => {
    expect(resourceIn('users: {a: {lifecycle: {ignore_changes: [custom.status, name]}}}').lifecycle).toEqual({
      ignore_changes: ['custom.status', 'name'],
      prevent_destroy: false,
      create_only: false,
    });
    expect(resourceIn('users: {a: {lifecycle: {ignore_changes: all}}}').lifecycle.ignore_changes).toEqual([
      'all',
    ]);
    expect(resourceIn('users: {a: {lifecycle: {ignore_changes: [all]}}}').lifecycle.ignore_changes).toEqual([
      'all',
    ]);
  });

  test('paths begin with a field of the kind', () => {
    expect(
      problemsIn(
        'users: {a: {lifecycle: {ignore_changes: [custm.status, custom..x, all], prevent_destory: true}}}',
      ),
    ).toEqual([
      'error bad-lifecycle m.yaml:1:42 `custm.status` does not begin with a field of `user` | Did you mean `custom.status`?',
      'error bad-lifecycle m.yaml:1:56 `custom..x` is not a path | Write a path such as `custom.status`.',
      'error bad-lifecycle m.yaml:1:67 `all` stands for every path, and there are others beside it | Write `ignore_changes: all`, or name only the paths.',
      'error unknown-field m.yaml:1:73 there is no field `prevent_destory` | Did you mean `prevent_destroy`?',
    ]);
  });
});

describe('removed', () => {
  test('names objects, with a reason', () => {
    const { value, diagnostics } = load(
      'removed:\n  - {channel: support:case-1, because: RFC 212}\n  - {user: lena, because: left, mode: hard, created_before: 2026-01-31T00:00:00Z}\n  - {distinct_channel: "messaging:b, a", because: x}\n',
    );
    expect(diagnostics).toEqual([]);
    expect(value.removals.map(({ at, ...rest }) => [at.line, rest])).toEqual([
      [
        2,
        {
          address: 'channel/support:case-1',
          kind: 'channel',
          key: 'support:case-1',
          mode: 'soft',
          because: 'RFC 212',
        },
      ],
      [
        3,
        {
          address: 'user/lena',
          kind: 'user',
          key: 'lena',
          mode: 'hard',
          because: 'left',
          created_before: '2026-01-31T00:00:00Z',
        },
      ],
      [
        4,
        {
          address: 'distinct_channel/messaging:a,b',
          kind: 'distinct_channel',
          key: 'messaging:a,b',
          mode: 'soft',
          because: 'x',
        },
      ],
    ]);
  });

  test('an object that is declared too names both lines', () => {
    expect(problemsIn('users:\n  lena: {}\nremoved:\n  - {user: lena, because: x}\n')).toEqual([
      'error declared-and-removed m.yaml:4:5 user/lena is to be removed, and is declared at m.yaml:2:3 | Remove the declaration to delete the object, or this line to keep it.',
    ]);
  });

  test('every mistake in a line is told', () => {
    expect(
      problemsIn(
        'removed:\n  - {chanel: a:b, because: x}\n  - {user: a}\n  - {because: x}\n  - {app_settings: app, because: x}\n  - {user: a, channel: s:b, because: x}\n  - {channel: b, because: x}\n  - {distinct_channel: m:a, because: x}\n  - {user: z, because: "", mode: medium, created_before: yesterday}\n  - {user: z, because: x, created_before: 2026-02-30T00:00:00Z}\n  - users\n',
      ),
    ).toEqual([
      'error unknown-field m.yaml:2:6 there is no field `chanel` | Did you mean `channel`?',
      'error missing-field m.yaml:3:5 the field `because` is missing | Add `because`: why it goes, for whoever reads this later.',
      'error bad-removal m.yaml:4:5 this line does not say what is to be removed | Write `- {channel: TYPE:ID, because: the reason}` lines.',
      'error bad-removal m.yaml:5:6 `app_settings` cannot be removed | Remove this line; leave its fields out of the manifests to stop managing them, or write !unset to clear one.',
      'error bad-removal m.yaml:6:15 this line names `user` and `channel` | Give each object a line of its own.',
      'error bad-key m.yaml:7:15 `b` does not name a `channel` | Write the type and the id: `TYPE:ID`.',
      'error bad-key m.yaml:8:24 `m:a` does not name a `distinct_channel` | Write it as plans name it, without `distinct_channel/`.',
      'error too-long m.yaml:9:24 `because` must not be empty | Write a text, or leave the line out.',
      'error not-one-of m.yaml:9:34 `mode` must be `soft` or `hard`, not the text "medium" | Choose one of these words.',
      'error bad-format m.yaml:9:58 `created_before` does not have the form that it must have: the text "yesterday" | Write it like `2026-01-31T00:00:00Z`.',
      'error bad-format m.yaml:10:43 there is no time 2026-02-30T00:00:00Z | Write a time that exists: `2026-01-31T00:00:00Z`.',
      'error wrong-type m.yaml:11:5 `removed` must be a map, not the text "users" | Write `- {channel: TYPE:ID, because: the reason}` lines.',
    ]);
  });

  test('a kind whose key may be written in several ways says which one is meant', () => {
    const removalKey = (written: string): string | undefined =>
      written.includes(',') ? written.replaceAll(' ', '') : undefined;
    const kinds = registry.kinds.map((kind) =>
      kind.name === 'distinct_channel' ? { ...kind, removalKey } : kind,
    );
    const text =
      'removed:\n  - {distinct_channel: "m:a, b", because: x}\n  - {distinct_channel: m, because: x}\n';
    const { value, diagnostics } = loadManifest([{ file: 'm.yaml', text }], { ...registry, kinds });
    expect(value.removals.map(({ key }) => key)).toEqual(['m:a,b']);
    expect(diagnostics).toMatchObject([{ code: 'bad-key', at: { line: 3, column: 24 } }]);
  });

  test('the same removal twice names both lines', () => {
    expect(problemsIn('removed:\n  - {user: a, because: x}\n  - {user: a, because: y}\n')[0]).toBe(
      'error duplicate-object m.yaml:3:5 the removal of user/a is asked for twice; the first is at m.yaml:2:5 | Keep one of the two lines.',
    );
  });
});

describe('places', () => {
  const resource = resourceIn(
    [
      'channels:',
      '  support:',
      '    case-1:',
      '      members:',
      '        - lena',
      '        - user_id: ben',
      '          channel_role: x',
      '        - [kim]',
      '      custom:',
      '        a: 1',
    ].join('\n'),
  );

  test.each([
    [[], 'name', 3, 5],
    [[], 'value', 4, 7],
    [['members'], 'name', 4, 7],
    [['members'], 'value', 5, 9],
    [['members', 'lena'], 'name', 5, 11],
    [['members', 'ben'], 'name', 6, 20],
    [['members', 'ben', 'channel_role'], 'value', 7, 25],
    [['members', 'kim'], 'value', 8, 12],
    [['members', '1'], 'value', 6, 11],
    [['members', 'gone'], 'name', 4, 7],
    [['custom', 'a'], 'value', 10, 12],
    [['custom', 'a', 'b', 'c'], 'value', 10, 12],
    [['nothing'], 'name', 3, 5],
  ] as const)('%j as %s is at %i:%i', (path, part, line, column) => {
    expect(resource.locate(path, part)).toMatchObject({ file: 'm.yaml', line, column });
  });

  test('an element is found on either side of a change', () => {
    const type = resourceIn(
      'channel_types:\n  a:\n    grants:\n      user:\n        add: [x]\n        remove: [y]\n',
    );
    expect(type.locate(['grants', 'user', 'x'])).toMatchObject({ line: 5, column: 15 });
    expect(type.locate(['grants', 'user', 'y'])).toMatchObject({ line: 6, column: 18 });
  });
});
