import fc from 'fast-check';
import { expect, test } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import { manifestCodes } from '../../src/manifest/codes.ts';
import { precompiledModule } from '../../src/manifest/precompile.ts';
import { loadProject } from '../../src/manifest/project.ts';
import type { Result } from '../../src/model/diagnostic.ts';
import type { Project } from '../../src/model/project.ts';
import { wordsOf } from '../support/world.ts';

const good = `# yaml-language-server: $schema=node_modules/streambed/schema/project.schema.json
manifests: [chat/]
environments:
  staging: { app: { id: 1, name: Acme staging } }
  production:
    app: { id: 1699146, name: Acme Chat }
    production: true
    manifests: [chat/, prod/]
    hosts: [Acme.example.com]
policies:
  - { danger: '*', action: warn }
  - { danger: rights-gained, kind: channel_type, environment: production, action: block }
  - { losses: any, more_than: 10, action: block }
  - { losses: member, more_than: 3, action: warn }
  - { changes: channel, more_than: 30%, environment: staging, action: block }
protect: [channel_type/messaging, 'channel/announcements:*', app_settings]
expect:
  - { role: user, channel_role: channel_member, channel_type: support, cannot: [delete-message], can: [read-channel] }
  - { role: guest, cannot: [search-user] }
x-note: free
`;

function project(text: string): Result<Project | undefined> {
  return loadProject({ file: 'streambed.yaml', text }, registry);
}

test('a project file says where the manifests are, which apps they are for, and what may happen to these', () => {
  const { value, diagnostics } = project(good);
  expect(wordsOf(diagnostics)).toBe('');
  const at = (line: number, column: number): unknown =>
    expect.objectContaining({ file: 'streambed.yaml', line, column });
  expect(value).toEqual({
    file: 'streambed.yaml',
    manifests: ['chat/'],
    environments: [
      {
        name: 'staging',
        app: { id: 1, name: 'Acme staging', at: at(4, 14) },
        production: false,
        hosts: [],
        at: at(4, 3),
      },
      {
        name: 'production',
        app: { id: 1699146, name: 'Acme Chat', at: at(6, 5) },
        production: true,
        manifests: ['chat/', 'prod/'],
        hosts: ['acme.example.com'],
        at: at(5, 3),
      },
    ],
    rules: {
      policies: [
        { danger: '*', action: 'warn', at: at(11, 5) },
        {
          danger: 'rights-gained',
          kind: 'channel_type',
          environment: 'production',
          action: 'block',
          at: at(12, 5),
        },
        { limit: 'losses', moreThan: { number: 10 }, action: 'block', at: at(13, 5) },
        { limit: 'losses', what: 'member', moreThan: { number: 3 }, action: 'warn', at: at(14, 5) },
        {
          limit: 'changes',
          what: 'channel',
          moreThan: { percent: 30 },
          environment: 'staging',
          action: 'block',
          at: at(15, 5),
        },
      ],
      protect: [
        { pattern: 'channel_type/messaging', at: at(16, 11) },
        { pattern: 'channel/announcements:*', at: at(16, 35) },
        { pattern: 'app_settings/*', at: at(16, 62) },
      ],
    },
    expectations: [
      {
        role: 'user',
        channelRole: 'channel_member',
        channelType: 'support',
        can: ['read-channel'],
        cannot: ['delete-message'],
        at: at(18, 5),
      },
      { role: 'guest', can: [], cannot: ['search-user'], at: at(19, 5) },
    ],
  });
});

test('an empty project file is a project without rules', () => {
  for (const text of ['', '# nothing yet\n', '{}']) {
    const { value, diagnostics } = project(text);
    expect(diagnostics).toEqual([]);
    expect(value?.rules).toEqual({ policies: [], protect: [] });
  }
});

test('production means all environments that are marked so, whatever they are called', () => {
  const { diagnostics } = project(
    'environments: {eu: {production: true}}\npolicies: [{danger: loss, environment: production, action: block}]',
  );
  expect(diagnostics).toEqual([]);
});

/** Wrong project files, each with what is found: code, line, column, and words of the help. */
const corpus: readonly (readonly [text: string, ...found: string[]])[] = [
  ['policies: [\n', 'yaml-syntax 2:1 '],
  ['- chat/\n', 'wrong-type 1:1 Begin with one of'],
  ['manifests: [a]\n---\nmanifests: [b]\n', 'several-documents 3:1 Put everything into the first'],
  ['manifest: [a]\n', 'unknown-field 1:1 Did you mean `manifests`?'],
  ['variables: { staging: [NAME] }\n', 'unknown-field 1:1 Fields here are'],
  ['manifests: chat/\n', 'wrong-type 1:12 Write a list: [chat/].'],
  ['manifests: []\n', 'out-of-range 1:12 '],
  ['manifests:\n', 'no-value 1:11 '],
  ['environments: { staging: { ap: {} } }\n', 'unknown-field 1:28 Did you mean `app`?'],
  ['environments: { staging: { app: { id: x } } }\n', 'wrong-type 1:39 '],
  ['environments: { staging: { production: yes } }\n', 'wrong-type 1:40 Write true'],
  ['environments: { "my app": {} }\n', 'bad-key 1:17 Name an environment with letters'],
  [
    'environments: { a: { hosts: ["https://a.example.com/x"] } }\n',
    'bad-format 1:30 Write it like `acme.example.com`.',
  ],
  ['policies: [{ danger: rights-gaind, action: block }]\n', 'not-one-of 1:22 Did you mean `rights-gained`?'],
  ['policies: [{ danger: loss }]\n', 'missing-field 1:12 Add `action`'],
  ['policies: [{ danger: loss, action: blok }]\n', 'not-one-of 1:36 Did you mean `block`?'],
  ['policies: [{ danger: loss, action: block, kind: chanel }]\n', 'not-one-of 1:49 Did you mean `channel`?'],
  ['policies: [{ action: block }]\n', 'bad-policy 1:12 Add `danger`, `losses` or `changes`.'],
  [
    'policies: [{ danger: loss, losses: any, action: block }]\n',
    'bad-policy 1:28 Give each a policy of its own.',
  ],
  ['policies: [{ danger: loss, more_than: 3, action: block }]\n', 'bad-policy 1:28 Remove `more_than`'],
  ['policies: [{ losses: any, action: block }]\n', 'bad-policy 1:14 Add `more_than`: 10, or 30%.'],
  ['policies: [{ losses: membr, more_than: 3, action: block }]\n', 'not-one-of 1:22 Did you mean `member`?'],
  [
    'policies: [{ losses: member, more_than: 3%, action: block }]\n',
    'bad-policy 1:41 Write a number instead of percent.',
  ],
  [
    'policies: [{ changes: any, kind: channel, more_than: 3, action: block }]\n',
    'bad-policy 1:28 Write the kind as `changes: channel`.',
  ],
  [
    'policies: [{ changes: chanels, more_than: 3, action: block }]\n',
    'not-one-of 1:23 Did you mean `channel`?',
  ],
  ['policies: [{ changes: any, more_than: many, action: block }]\n', 'bad-format 1:39 Write it like `30%`.'],
  ['policies: [{ changes: any, more_than: -1, action: block }]\n', 'bad-format 1:39 Write it like `30%`.'],
  ['policies: [{ changes: any, more_than: 300%, action: block }]\n', 'bad-format 1:39 '],
  [
    'environments: {staging: {}}\npolicies: [{ danger: loss, environment: stagin, action: block }]\n',
    'unknown-environment 2:41 Did you mean `staging`?',
  ],
  [
    'policies: [{ danger: loss, environment: eu, action: block }]\n',
    'unknown-environment 1:41 Environments are `production`.',
  ],
  ['policies: [block]\n', 'wrong-type 1:12 '],
  ['protect: [chanel/x:y]\n', 'bad-pattern 1:11 Did you mean `channel/x:y`?'],
  ['protect: [messaging]\n', 'bad-pattern 1:11 Begin with a kind and a slash'],
  ['protect: [user/a, user/a]\n', 'duplicate 1:19 '],
  ['expect: [{ can: [read-channel] }]\n', 'missing-field 1:10 Add `role`'],
  ['expect: [{ role: user }]\n', 'bad-expectation 1:10 Add `can` or `cannot`'],
  [
    'expect: [{ role: user, channel_role: channel_member, can: [read-channel] }]\n',
    'bad-expectation 1:24 Add `channel_type`.',
  ],
  [
    'expect: [{ role: user, can: [read-channel, add-links], cannot: [add-links] }]\n',
    'bad-expectation 1:65 Remove it from `can` or from `cannot`.',
  ],
  ['expect: [{ role: user, can: [] }]\n', 'out-of-range 1:29 '],
  [`protect: ['user/${'a*'.repeat(9)}']\n`, 'bad-pattern 1:11 Write several patterns instead.'],
  [
    'environments: { one: { app: { id: 7 } }, two: { app: { id: 7 } } }\n',
    'duplicate-object 1:42 Give each environment an app of its own.',
  ],
  [
    'expect: [{ role: user, cannot: [delete-mesage] }]\n',
    'unconfirmed-permission 1:33 Did you mean `delete-message`?',
  ],
];

test.each(corpus)('%j', (text, ...found) => {
  const { value, diagnostics } = project(text);
  const shown = diagnostics.map(({ code, at, help }) => `${code} ${at?.line}:${at?.column} ${help ?? ''}`);
  expect(shown).toEqual(found.map((start) => expect.stringContaining(start) as unknown));
  for (const { help, code } of diagnostics) {
    expect(help).toMatch(/^[A-Z].*[.…?%]$/s);
    expect(Object.keys(manifestCodes)).toContain(code);
  }
  const wrong = diagnostics.some(({ severity }) => severity === 'error');
  expect(value === undefined, 'with an error there is no project').toBe(wrong);
});

test('all problems are told at once', () => {
  const { diagnostics } = project(
    'policies: [{ danger: los, action: block }]\nprotect: [x]\nexpect: [{ role: user }]\n',
  );
  expect(diagnostics.map(({ code }) => code)).toEqual(['not-one-of', 'bad-pattern', 'bad-expectation']);
});

test('the compiled validator of a build knows project files and acceptances', () => {
  const module = precompiledModule(registry);
  for (const name of ['"#project"', '"#acceptance"']) expect(module).toContain(`[${name}, check`);
});

/** Pieces of project files, glued together: most results are nearly one, and some are. */
const piece = fc.constantFrom(
  'manifests',
  'environments',
  'policies',
  'protect',
  'expect',
  'danger',
  'losses',
  'more_than',
  'environment',
  'hosts',
  'app',
  'loss',
  '*',
  '30%',
  'production',
  'role',
  'can',
  'x-a',
  '__proto__',
  ': ',
  ':',
  '\n',
  '\n  ',
  '\n  - ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  ', ',
  ' #',
  '"',
  "'",
  '&a ',
  '*a',
  '<<: ',
  '!unset',
  '!!str ',
  '|\n',
  '---\n',
  '~',
  'null',
  '1e999',
  '\t',
  '\u0000',
  '\uD800',
);
const nearlyProject = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
const value = fc.oneof(
  fc.constantFrom('x', 1, null, true, 'loss', 'any', '*', 'production', 'user/a'),
  fc.array(fc.constantFrom<unknown>('x', null, { $unset: true }, {}, [], ['x']), { maxLength: 2 }),
  fc.dictionary(
    fc.constantFrom('danger', 'losses', 'more_than', 'action', 'role', 'can', 'cannot', 'app', 'id', 'hosts'),
    fc.constantFrom<unknown>('x', 1, null, 'loss', 'any', 'block', ['x'], {}, [[]]),
  ),
);
const shaped = fc
  .dictionary(
    fc.constantFrom('manifests', 'environments', 'policies', 'protect', 'expect'),
    fc.oneof(value, fc.array(value, { maxLength: 3 }), fc.dictionary(fc.constantFrom('a', 'b'), value)),
  )
  .map((tree) => JSON.stringify(tree));

test('no text makes reading a project throw, and each problem lies inside it and says what to do', () => {
  fc.assert(
    fc.property(fc.oneof(nearlyProject, shaped, fc.string({ unit: 'binary', maxLength: 80 })), (text) => {
      const lines = text.split('\n').length;
      for (const { at, help, message } of project(text).diagnostics) {
        expect(help).toBeTruthy();
        expect(message).toBeTruthy();
        expect(at!.line).toBeGreaterThanOrEqual(1);
        expect(at!.line).toBeLessThanOrEqual(lines);
      }
    }),
    { numRuns: 2_000 },
  );
});
