import { expect, test } from 'vitest';
import { manifestCodes } from '../../src/manifest/codes.ts';
import { load } from './fixtures.ts';

/** Wrong manifests, each with what is found: code, line and column. */
const corpus: readonly (readonly [text: string, ...found: string[]])[] = [
  ['users:\n\tlena: {}\n', 'yaml-syntax 2:1'],
  ['users: {lena: {}\n', 'yaml-syntax 2:1'],
  ['users: [lena\nroles: []\n', 'yaml-syntax 2:1'],
  ['users:\n  lena:\n    name: "Lena\n', 'yaml-syntax 4:1'],
  ['users:\n  lena:\n    name: a: b\n', 'yaml-syntax 3:11'],
  ['users:\n  lena:\n    name: @lena\n', 'yaml-syntax 3:11'],
  ['users:\n  lena:\n    name: `x`\n', 'yaml-syntax 3:11'],
  ['users:\n  lena:\n    name: %x\n', 'yaml-syntax 3:11'],
  ['users:\n  lena:\n    name: "\\q"\n', 'yaml-syntax 3:12'],
  ['users:\n    lena: {}\n  ben: {}\n', 'yaml-syntax 3:1'],
  ['users:\n  lena\n  ben: {}\n', 'yaml-syntax 2:3'],
  ['- users\n- lena\nchannels: {}\n', 'yaml-syntax 3:1'],
  ['%YAML 3.0\n---\nusers: {}\n', 'yaml-syntax 1:7'],
  ['%FOO\n---\nusers: {}\n', 'yaml-syntax 1:1'],
  ['users: }\n', 'yaml-syntax 1:8'],
  ['&a &b users: {}\n', 'yaml-syntax 1:4'],
  ['users: {a: {name: x}} }\n', 'yaml-syntax 1:23'],
  ['users:\n  - a\n b: c\n', 'yaml-syntax 3:1'],
  ['channel_types: {a: {commands: [!create-message]}}\n', 'foreign-tag 1:32'],
  ['channel_types: {a: {commands: !!set {x, y}}}\n', 'foreign-tag 1:31'],
  ['users: {lena: {name: !!int 3}}\n', 'foreign-tag 1:22'],
  ['users: {lena: {name: !secret abc}}\n', 'foreign-tag 1:22'],
  ['users: !unset {a: {}}\n', 'foreign-tag 1:15'],
  ['users: {a: {teams: !!seq {x: y}}}\n', 'foreign-tag 1:20', 'wrong-type 1:26'],
  ['users: *all\n', 'unknown-alias 1:8'],
  ['users: {a: &u {custom: {x: *u}}}\n', 'unknown-alias 1:28'],
  ['users: {a: {<<: 3}}\n', 'wrong-type 1:17'],
  ['users: {? [a] : {}}\n', 'bad-key 1:11'],
  ['users: {"": {}}\n', 'bad-key 1:9'],
  ['users:\n  : {}\n', 'bad-key 2:3'],
  ['lena\n', 'wrong-type 1:1'],
  ['[users]\n', 'wrong-type 1:1'],
  ['null\n', 'no-value 1:1'],
  ['users:\n', 'no-value 1:7'],
  ['users: 3\n', 'wrong-type 1:8'],
  ['users: [[a]]\n', 'wrong-type 1:9'],
  ['users: [{id: a}]\n', 'wrong-type 1:9'],
  ['users: [a, a]\n', 'duplicate-object 1:12'],
  ['users: {a: }\n', 'no-value 1:12'],
  ['users: {a: [b]}\n', 'wrong-type 1:12'],
  ['users: !unset\n', 'wrong-type 1:8'],
  ['users: {a: {Name: x}}\n', 'unknown-field 1:13'],
  ['users: {a: {teams: x}}\n', 'wrong-type 1:20'],
  ['users: {a: {teams: {x: y}}}\n', 'wrong-type 1:20'],
  ['users: {a: {name: [x]}}\n', 'wrong-type 1:19'],
  ['users: {a: {name: {x: 1}}}\n', 'wrong-type 1:19'],
  ['users: {a: {custom: [x]}}\n', 'wrong-type 1:21'],
  ['users: {a: {teams: [ABCDEFGHIJKLMNOPQRSTUVWXYZ, {a: b}]}}\n', 'too-long 1:21', 'wrong-type 1:49'],
  ['users: {a: {language: {$unset: 1}}}\n', 'not-one-of 1:23', 'not-one-of 1:32'],
  ['channels: [a]\n', 'wrong-type 1:11'],
  ['channels: {s: }\n', 'no-value 1:15'],
  ['channels: {s: {c: {frozen: "true"}}}\n', 'wrong-type 1:28'],
  ['channels: {s: {c: {frozen: on}}}\n', 'wrong-type 1:28'],
  ['channels: {s: {c: {members: [{}]}}}\n', 'missing-field 1:30'],
  ['channels: {s: {c: {lifecycle: yes}}}\n', 'wrong-type 1:31'],
  ['channel_types: {a: {max_message_length: 0}}\n', 'out-of-range 1:41'],
  ['channel_types: {a: {max_message_length: 1.5}}\n', 'wrong-type 1:41'],
  ['channel_types: {a: {max_message_length: 5_000}}\n', 'wrong-type 1:41'],
  ['channel_types: {a: {grants: {user: {ad: [x]}}}}\n', 'unknown-field 1:37'],
  ['channel_types: {a: {grants: {user: {}}}}\n', 'missing-field 1:36'],
  ['channel_types: {a: {grants: {user: {add: []}}}}\n', 'out-of-range 1:42'],
  ['channel_types: {a: {grants: {user: x}}}\n', 'wrong-type 1:36'],
  ['distinct_channels: {a: {type: m}}\n', 'missing-field 1:21'],
  ['distinct_channels: {a: {type: m, members: [a]}}\n', 'out-of-range 1:43'],
  ['distinct_channels: [a]\n', 'missing-field 1:21', 'missing-field 1:21'],
  ['app: {settings: {webhook_url: }}\n', 'no-value 1:31'],
  ['app: {settings: {image_upload_config: {size_limt: 1}}}\n', 'unknown-field 1:40'],
  ['app: {settings: [a]}\n', 'wrong-type 1:17'],
  ['app: {grants: {guest: }}\n', 'no-value 1:23'],
  ['app: {id: 1.5, name: }\n', 'wrong-type 1:11', 'no-value 1:22'],
  ['app: {gransts: {}}\n', 'unknown-field 1:7'],
  ['app: true\n', 'wrong-type 1:6'],
  ['roles: [a]\n', 'section-not-supported 1:1'],
  ['channeltypes: {}\n', 'unknown-section 1:1'],
  ['event_hoks: {}\n', 'unknown-section 1:1'],
  ['defaults: [a]\n', 'wrong-type 1:11'],
  ['defaults: {channels: {s: [a]}}\n', 'wrong-type 1:26'],
  ['defaults: {users: {name: a}}\n---\ndefaults: {users: {name: b}}\n', 'duplicate 3:20'],
  ['removed: {user: a}\n', 'wrong-type 1:10'],
  ['removed:\n', 'no-value 1:9'],
  ['removed: [{usr: a, because: x}]\n', 'unknown-field 1:12'],
];

test.each(corpus)('%j', (text, ...found) => {
  const { diagnostics } = load(text);
  expect(diagnostics.map(({ code, at }) => `${code} ${at?.line}:${at?.column}`)).toEqual(found);
  for (const { severity, message, help } of diagnostics) {
    expect(severity).toBe('error');
    expect(message).not.toBe('');
    expect(help, 'every problem says what to do').toMatch(/^[A-Z].*[.…?]$/s);
  }
});

test('every code is documented', () => {
  const codes = new Set(corpus.flatMap(([text]) => load(text).diagnostics.map((one) => one.code)));
  for (const code of codes) expect(Object.keys(manifestCodes)).toContain(code);
});
