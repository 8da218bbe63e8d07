import { describe, expect, test } from 'vitest';
import { declaredIn, load, problemsIn } from './fixtures.ts';

describe('the schema decides the type', () => {
  test('a scalar where text is expected is its source text', () => {
    for (const written of [
      '042',
      'no',
      '1e3',
      'true',
      '2026-11-21',
      '0x1F',
      '.inf',
      '1_000',
      '12345678901234567890',
      'y',
      '-1',
      '.5',
    ]) {
      expect(declaredIn(`users: {lena: {name: ${written}}}`)).toEqual({ 'user/lena': { name: written } });
    }
  });

  test('a mapping key is its source text', () => {
    const manifest =
      'users:\n  042: {}\n  no: {}\n  1e3: {}\n  true: {}\n  0x1F: {}\n  null: {}\n  2026-11-21: {}\n';
    expect(Object.keys(declaredIn(manifest)).toSorted()).toEqual(
      ['042', '0x1F', '1e3', '2026-11-21', 'no', 'null', 'true'].map((id) => `user/${id}`),
    );
  });

  test('a word from a list of words is its source text', () => {
    expect(declaredIn('users: {lena: {language: no}}')).toEqual({ 'user/lena': { language: 'no' } });
  });

  test('an element of a set of names is its source text', () => {
    expect(declaredIn('users: {lena: {teams: [042, no, 1e3]}}')).toEqual({
      'user/lena': { teams: ['042', 'no', '1e3'] },
    });
  });

  test('a number and a flag follow the YAML 1.2 core schema', () => {
    expect(
      declaredIn('channel_types: {a: {reactions: True, max_message_length: 0x10, factor: 1.5e1}}'),
    ).toEqual({
      'channel_type/a': { reactions: true, max_message_length: 16, factor: 15 },
    });
  });

  test('custom data follows the YAML 1.2 core schema', () => {
    const custom =
      '{a: 042, b: "042", c: 1e3, d: 2026-11-21, e: yes, f: TRUE, g: 0o17, h: 0x1f, i: -.5, j: +3, k: [1, {l: false}], m: 1_000, n: "true", o: \'1\'}';
    expect(declaredIn(`users: {lena: {custom: ${custom}}}`)['user/lena']).toEqual({
      custom: {
        a: 42,
        b: '042',
        c: 1000,
        d: '2026-11-21',
        e: 'yes',
        f: true,
        g: 15,
        h: 31,
        i: -0.5,
        j: 3,
        k: [1, { l: false }],
        m: '1_000',
        n: 'true',
        o: '1',
      },
    });
  });

  test('yes is not a flag', () => {
    expect(problemsIn('channel_types: {a: {reactions: yes}}')).toEqual([
      'error wrong-type m.yaml:1:32 `reactions` must be true or false, not the text "yes" | Write true: here, as in YAML 1.2, only true and false are flags.',
    ]);
  });

  test('a quoted number is a text', () => {
    expect(problemsIn('channel_types: {a: {max_message_length: "5"}}')).toEqual([
      'error wrong-type m.yaml:1:41 `max_message_length` must be a whole number, not the text "5" | Take the quotes away.',
    ]);
  });

  test('maps have no prototype, so names that JavaScript knows are names', () => {
    const text = 'users: {lena: {custom: {__proto__: {a: 1}, constructor: 2, toString: 3}}}';
    const declared = load(text).value.resources[0]!.declared as { custom: object };
    expect(Object.getPrototypeOf(declared)).toBeNull();
    expect(Object.getPrototypeOf(declared.custom)).toBeNull();
    expect(Object.keys(declared.custom)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(load('users: [__proto__, constructor, toString]').value.resources.map((one) => one.key)).toEqual([
      '__proto__',
      'constructor',
      'toString',
    ]);
  });
});

describe('numbers', () => {
  test('what JavaScript cannot hold is an error with the quoted fix', () => {
    for (const written of [
      '9007199254740993',
      '-12345678901234567890',
      '1e400',
      '1e-400',
      '3.14159265358979323846',
      '.nan',
      '-.inf',
      '.Inf',
    ]) {
      expect(problemsIn(`users: {lena: {custom: {n: ${written}}}}`)).toEqual([
        `error bad-number m.yaml:1:28 ${written} is a number that cannot be kept exactly | Quote it to keep it as text: '${written}'.`,
      ]);
    }
  });

  test('what it can hold is a number, however it is spelled', () => {
    const { custom } = declaredIn(
      'users: {a: {custom: {n: [9007199254740991, 1e20, 0.1, 1.50, -0, 1e-7, 5e-324]}}}',
    )['user/a'] as {
      custom: { n: unknown };
    };
    expect(custom.n).toEqual([9007199254740991, 1e20, 0.1, 1.5, 0, 1e-7, 5e-324]);
  });

  test('a number field has no quoted fix', () => {
    expect(problemsIn('channel_types: {a: {max_message_length: .nan}}')).toEqual([
      'error bad-number m.yaml:1:41 .nan is a number that cannot be kept exactly | Write a number with fewer digits.',
    ]);
  });
});

describe('nothing, none, all', () => {
  test('a key without a value is an error', () => {
    expect(problemsIn('users:\n  lena:\n    name:\n    role: admin\n')).toEqual([
      'error no-value m.yaml:3:10 `name` has no value | Leave the line out to keep what is live, write !unset to clear it, or give it a value.',
    ]);
  });

  test('null is an error, in every spelling and every place', () => {
    for (const written of ['null', '~', 'Null', 'NULL']) {
      expect(problemsIn(`users: {lena: {name: ${written}}}`)).toEqual([
        `error no-value m.yaml:1:22 \`name\` is ${written}, which is no value | Leave the line out to keep what is live, write !unset to clear it, or quote it if it is a text: '${written}'.`,
      ]);
    }
    expect(problemsIn('users: {lena: {custom: {a: [1, ~]}}}')[0]).toContain('no-value m.yaml:1:32');
    expect(problemsIn('channel_types: {a: {max_message_length: null}}')).toHaveLength(1);
    expect(problemsIn('users: {lena: {teams: [a, null]}}')).toHaveLength(1);
    expect(problemsIn('users: null')).toHaveLength(1);
    expect(problemsIn('channels: {support: }')).toHaveLength(1);
  });

  test('a quoted null is a text', () => {
    expect(declaredIn(`users: {lena: {name: 'null'}}`)).toEqual({ 'user/lena': { name: 'null' } });
  });

  test('!unset clears a live field, in YAML and in JSON', () => {
    expect(declaredIn('users:\n  lena:\n    name: !unset\n    custom: { a: !unset }\n')).toEqual({
      'user/lena': { name: { $unset: true }, custom: { a: { $unset: true } } },
    });
    expect(
      declaredIn('{"users": {"lena": {"name": {"$unset": true}, "language": {"$unset": true}}}}'),
    ).toEqual({
      'user/lena': { name: { $unset: true }, language: { $unset: true } },
    });
  });

  test('!unset where nothing can be cleared is an error', () => {
    expect(problemsIn('channel_types:\n  a:\n    reactions: !unset\n    grants: !unset\n')).toEqual([
      'error wrong-type m.yaml:3:16 `reactions` cannot be cleared with !unset | Leave the line out to keep what is live, or write the value that you want.',
      'error wrong-type m.yaml:4:13 `grants` cannot be cleared with !unset | Leave the line out to keep what is live, or write the value that you want.',
    ]);
  });

  test('!unset with a value is an error', () => {
    expect(problemsIn('users: {lena: {name: !unset Lena}}')[0]).toMatch(
      /foreign-tag m.yaml:1:29 .*stands alone/,
    );
  });

  test('an empty list means none', () => {
    expect(declaredIn('users: {lena: {teams: []}}')).toEqual({ 'user/lena': { teams: [] } });
  });
});

describe('text cut off by a comment', () => {
  test('is an error with the quoted fix where one space stands before # and none after it', () => {
    expect(problemsIn('users:\n  lena:\n    name: Room #5\n')).toEqual([
      "error cut-off-by-comment m.yaml:3:11 YAML reads what follows `Room` as a comment | Quote the text: 'Room #5'. If it is a comment, put a space after the #.",
    ]);
    expect(problemsIn('users:\n  lena:\n    teams:\n      - a #b\n')[0]).toContain(
      'cut-off-by-comment m.yaml:4:9',
    );
    expect(problemsIn('users:\n  - lena #1\n')[0]).toContain('cut-off-by-comment m.yaml:2:5');
    expect(problemsIn('users:\n  lena:\n    custom:\n      title: Case #7\n')[0]).toContain(
      'cut-off-by-comment m.yaml:4:14',
    );
    expect(problemsIn("users:\n  lena:\n    name: it's #5\n")[0]).toContain("'it''s #5'");
  });

  test('is seen where nothing is left of the text', () => {
    expect(problemsIn('users:\n  lena:\n    name: #5\n')[0]).toContain('cut-off-by-comment');
  });

  test('ordinary comments stay legal', () => {
    for (const line of [
      'Lena # comment',
      'Lena  # comment',
      'Lena  #comment',
      'Lena #',
      'Lena ## x',
      'Room#5',
      '"Room" #5',
      "'a' #b",
    ]) {
      expect(problemsIn(`users:\n  lena:\n    name: ${line}\n`)).toEqual([]);
    }
    expect(problemsIn('channel_types:\n  a:\n    reactions: true #yes\n    push_level: all #x\n')).toEqual(
      [],
    );
  });
});

describe('secrets', () => {
  test('messages do not repeat what is written in a secret field', () => {
    const text = 'app:\n  settings:\n    api_key: hunter2hunter2\n';
    expect(problemsIn(text)).toEqual([
      'error too-long m.yaml:3:14 `api_key` may have at most 10 characters, not 14 | Write a shorter text.',
    ]);
    for (const wrong of ['hunter2 #3', '[hunter2]', '{a: hunter2}']) {
      const problems = problemsIn(`app:\n  settings:\n    api_key: ${wrong}\n`);
      expect(problems).toHaveLength(1);
      expect(problems.join()).not.toContain('hunter2');
    }
  });
});

describe('sets', () => {
  test('nested lists of ids are flattened', () => {
    const text =
      'x-team: &team [lena, ben]\nchannels:\n  support:\n    a: {members: [*team, {user_id: zoe}, [kim, [lee]]]}\n';
    expect(declaredIn(text)).toEqual({
      'channel/support:a': { members: ['lena', 'ben', { user_id: 'zoe' }, 'kim', 'lee'] },
    });
  });

  test('an element that comes twice is a warning that names both lines', () => {
    expect(problemsIn('users:\n  lena:\n    teams:\n      - a\n      - b\n      - a\n')).toEqual([
      'warning duplicate m.yaml:6:9 `a` is in `teams` twice; the first is at m.yaml:4:9 | Remove one of the two: order and repetition mean nothing here.',
    ]);
    expect(load('users: {lena: {teams: [a, a]}}').value.resources[0]?.declared).toEqual({ teams: ['a'] });
  });

  test('problems inside a flattened set point at the item', () => {
    expect(
      problemsIn('channels: {s: {a: {members: [[lena, lena], {user_id: kim, role: x}]}}}').at(-1),
    ).toContain('unknown-field m.yaml:1:59');
  });

  test('a set can be changed instead of given whole', () => {
    expect(declaredIn('channel_types: {a: {grants: {user: {remove: [x]}, guest: []}}}')).toEqual({
      'channel_type/a': { grants: { user: { remove: ['x'] }, guest: [] } },
    });
  });
});
