import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import { loadProject } from '../../src/manifest/project.ts';
import type { Danger } from '../../src/model/danger.ts';
import type { Environment } from '../../src/model/kind.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Rules } from '../../src/model/policy.ts';
import { verdictOf } from '../../src/reconcile/verdict.ts';
import { testApp, wordsOf, type TestApp } from '../support/world.ts';

/** The rules of a project file that must be valid. */
function rulesOf(yaml: string): Rules {
  const { value, diagnostics } = loadProject({ file: 'streambed.yaml', text: yaml }, registry);
  if (value === undefined) throw new Error(wordsOf(diagnostics));
  return value.rules;
}

const staging: Environment = { name: 'staging', production: false, foreignHosts: [] };
const production: Environment = { name: 'eu', production: true, foreignHosts: [] };

function errorsOf({ diagnostics }: Plan): string {
  return wordsOf(diagnostics.filter(({ severity }) => severity === 'error'));
}

function judged({ dangers }: Plan, code: string): readonly string[] {
  return dangers
    .filter((danger) => danger.code === code)
    .map(({ address, action, accepted }) =>
      [address, action, accepted].filter((part) => part !== undefined).join(' '),
    );
}

describe('a danger', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await testApp();
    await app.apply('channel_types: { support: { grants: { user: [create-channel] } } }');
  });
  afterAll(() => app.close());

  const gains = 'channel_types: { support: { grants: { user: { add: [create-message] } } } }';
  const block = (more = ''): string => `{ danger: rights-gained, action: block${more} }`;

  const found: Danger = {
    code: 'rights-gained',
    address: 'channel_type/support',
    path: ['grants', 'user'],
    message: 'role user can write',
  };
  const plan = (
    policies: string,
    environment: Environment | undefined,
    { more = '', danger = found, reopen = [] as readonly 'channel_type/support'[] } = {},
  ): Promise<Plan> =>
    app.plan(`${gains}\n${more}`, {
      rules: rulesOf(`environments: { staging: {}, eu: {} }\npolicies: [${policies}]`),
      ...(environment === undefined ? {} : { environment }),
      dangers: [danger],
      reopen,
    });
  const actionOf = (made: Plan, { message }: Danger = found): string | undefined =>
    made.dangers.find((danger) => danger.message === message)?.action;

  it('is a warning without a policy', async () => {
    const made = await plan('', production);
    expect(actionOf(made)).toBe('warn');
    expect(verdictOf(made)).toBe('changes');
  });

  it('is decided by the last policy that matches its code, its kind and the environment', async () => {
    const rows: readonly (readonly [string, Environment | undefined, string])[] = [
      [block(), undefined, 'block'],
      [`${block()}, { danger: '*', action: allow }`, staging, 'allow'],
      [`{ danger: '*', action: allow }, ${block()}`, staging, 'block'],
      ['{ danger: loss, action: block }', staging, 'warn'],
      [block(', kind: channel_type'), staging, 'block'],
      [block(', kind: channel'), staging, 'warn'],
      [block(', environment: staging'), staging, 'block'],
      [block(', environment: staging'), production, 'warn'],
      [block(', environment: eu'), production, 'block'],
      [block(', environment: production'), production, 'block'],
      [block(', environment: production'), staging, 'warn'],
      [block(', environment: production'), undefined, 'warn'],
    ];
    for (const [policies, environment, action] of rows) {
      expect(actionOf(await plan(policies, environment)), policies).toBe(action);
    }
  });

  it('that is blocked stops the apply, at its line, and says which policy and how to accept it', async () => {
    const made = await plan(block(', kind: channel_type'), staging);
    expect(verdictOf(made)).toBe('blocked');
    expect(made.steps).toEqual([]);
    const error = made.diagnostics.find(({ code }) => code === 'policy-blocked');
    expect(error).toEqual({
      severity: 'error',
      code: 'policy-blocked',
      message: 'rights-gained on channel_type/support is blocked by the policy at streambed.yaml:2:12',
      help: 'If it is meant, write under `accepted:` in a manifest: - { danger: rights-gained, on: channel_type/support, because: WHY }',
      at: expect.objectContaining({ file: 'manifest.yaml', line: 1, column: 39 }) as unknown,
      address: 'channel_type/support',
    });
  });

  it('that is accepted keeps its action and does not block', async () => {
    const more = 'accepted: [{ danger: rights-gained, on: "channel_type/*", because: RFC 212 }]';
    const made = await plan(block(), staging, { more });
    expect(judged(made, 'rights-gained')).toContain('channel_type/support block RFC 212');
    expect(errorsOf(made)).toBe('');
    expect(verdictOf(made)).toBe('changes');
  });

  it('is not accepted by a line about another rule or another object, which is of no use', async () => {
    const more = [
      'accepted:',
      '  - { danger: loss, on: channel_type/support, because: x }',
      '  - { danger: rights-gained, on: channel_type/other, because: x }',
    ].join('\n');
    const made = await plan(block(), staging, { more });
    expect(verdictOf(made)).toBe('blocked');
    const notes = made.diagnostics.filter(({ code }) => code === 'unused-acceptance');
    expect(notes.map(({ at, help }) => `${at?.line}:${at?.column} ${help ?? ''}`)).toEqual([
      '3:5 Delete this line.',
      '4:5 Delete this line.',
    ]);
  });

  const reopened: Danger = { ...found, code: 'reopens-restriction', message: 'what was closed is opened' };

  it('that opens what somebody closed blocks in production by itself, and --reopen accepts it', async () => {
    expect(actionOf(await plan('', staging, { danger: reopened }), reopened)).toBe('warn');
    const made = await plan('', production, { danger: reopened });
    expect(verdictOf(made)).toBe('blocked');
    expect(made.diagnostics.find(({ code }) => code === 'policy-blocked')?.help).toMatch(
      /^If it is meant, .*, or add --reopen channel_type\/support$/,
    );
    const accepted = await plan('', production, { danger: reopened, reopen: ['channel_type/support'] });
    expect(judged(accepted, 'reopens-restriction')).toEqual(['channel_type/support block --reopen']);
    expect(verdictOf(accepted)).toBe('changes');
    const all = "{ danger: '*', action: allow }";
    expect(actionOf(await plan(all, production, { danger: reopened }), reopened)).toBe('block');
    const eased = '{ danger: reopens-restriction, action: warn }';
    expect(actionOf(await plan(eased, production, { danger: reopened }), reopened)).toBe('warn');
  });

  it('of another rule is not accepted by --reopen', async () => {
    const made = await plan(block(), staging, { reopen: ['channel_type/support'] });
    expect(verdictOf(made)).toBe('blocked');
  });

  it('about the rules themselves can be blocked and never accepted', async () => {
    const danger: Danger = {
      code: 'rules-changed',
      address: 'project/streambed.yaml',
      path: ['policies'],
      message: 'a policy goes',
    };
    const made = await plan("{ danger: '*', action: block }", staging, {
      danger,
      more: "accepted: [{ danger: rights-gained, on: '*', because: x }]",
    });
    const error = made.diagnostics.find(({ address }) => address === 'project/streambed.yaml');
    expect(error?.help).toBe('No manifest can accept it: change that policy first, in a change of its own.');
  });

  it('in an address that YAML would misread is quoted in the line to write', async () => {
    const danger: Danger = { ...found, address: 'user/a, b: "c"' };
    const made = await plan(block(), staging, { danger });
    expect(wordsOf(made.diagnostics)).not.toBe('');
    expect(made.diagnostics.find(({ address }) => address === danger.address)?.help).toContain(
      String.raw`- { danger: rights-gained, on: "user/a, b: \"c\"", because: WHY }`,
    );
  });
});

describe('losses', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await testApp();
    await app.apply(before);
  });
  afterEach(() => app.close());

  const before = `
    users: { ada: {}, ben: {}, cem: {}, dee: {} }
    channel_types: { support: {} }
    channels:
      messaging:
        one: { created_by: ada, members: [ada, ben, cem, dee] }
        two: { created_by: ada, members: [ada] }
  `;
  const fewer = `
    users: { ada: {}, ben: {}, cem: {}, dee: {} }
    channels: { messaging: { one: { members: [ada, ben] } } }
    removed:
      - { channel: 'messaging:two', because: RFC 9 }
`;
  const reset = '{ channel_type: livestream, because: x, created_before: 2030-01-01T00:00:00Z }';

  it('that a removed line names are accepted with its reason, and others are not', async () => {
    const rules = rulesOf('policies: [{ danger: loss, action: block }]');
    const made = await app.plan(fewer, { rules });
    expect(judged(made, 'loss')).toEqual([
      'channel/messaging:one block',
      'channel/messaging:two block RFC 9',
    ]);
    expect(errorsOf(made)).toContain('loss on channel/messaging:one is blocked');
    expect(errorsOf(made)).not.toContain('messaging:two');
  });

  it('are counted by their word against every limit', async () => {
    const rows: readonly (readonly [string, readonly string[]])[] = [
      ['{ losses: member, more_than: 2, action: block }', []],
      [
        '{ losses: member, more_than: 1, action: block }',
        ['error policy-blocked 2 members would be lost, more than 1'],
      ],
      [
        '{ losses: any, more_than: 2, action: warn }',
        ['warning policy-limit 3 things would be lost, more than 2'],
      ],
      ['{ losses: any, more_than: 2, action: allow }', []],
      ['{ losses: channel, more_than: 100%, action: block }', []],
      [
        '{ losses: channel, more_than: 99.5%, action: block }, { losses: any, more_than: 0, action: warn }',
        [
          'error policy-blocked 1 channel would be lost, more than 99.5% of the 1 that are declared',
          'warning policy-limit 3 things would be lost, more than 0',
        ],
      ],
      ['{ losses: any, more_than: 0, environment: production, action: block }', []],
    ];
    for (const [policies, said] of rows) {
      const made = await app.plan(fewer, { rules: rulesOf(`policies: [${policies}]`), environment: staging });
      const limits = made.diagnostics.filter(({ code }) => code.startsWith('policy-'));
      expect(
        limits.map(({ severity, code, message }) => `${severity} ${code} ${message}`),
        policies,
      ).toEqual(said);
    }
  });

  it('and changes beyond a limit name the place of the limit', async () => {
    const rules = rulesOf('policies:\n  - { changes: channel, more_than: 10%, action: block }');
    const made = await app.plan(fewer, { rules });
    expect(verdictOf(made)).toBe('blocked');
    const error = made.diagnostics.find(({ code }) => code === 'policy-blocked');
    expect(error?.message).toBe('2 channels would be changed, more than 10% of the 1 that are declared');
    expect(error?.at).toMatchObject({ file: 'streambed.yaml', line: 2, column: 5 });
    expect(error?.help).toMatch(/^streambed\.yaml:2:5 says so: make the change in smaller parts/);
  });

  it('on protected objects are refused, whoever approves them', async () => {
    const rules = rulesOf("protect:\n  - 'channel/messaging:*'\n  - channel_type/livestream");
    const made = await app.plan(`${fewer}      - ${reset}`, { rules });
    const refused = made.diagnostics.filter(({ code }) => code === 'protected');
    expect(refused.map(({ message, help }) => [message, help])).toEqual([
      [
        'channel/messaging:one is protected, and would lose 2 × member: cem, dee',
        '`channel/messaging:*` at streambed.yaml:2:5 protects it: keep it, or take that line away in a change of its own.',
      ],
      [
        'channel/messaging:two is protected, and would be deleted',
        '`channel/messaging:*` at streambed.yaml:2:5 protects it: keep it, or take that line away in a change of its own.',
      ],
      [
        'channel_type/livestream is protected, and would be reset',
        '`channel_type/livestream` at streambed.yaml:3:5 protects it: keep it, or take that line away in a change of its own.',
      ],
    ]);
    expect(verdictOf(made)).toBe('blocked');
  });

  it('elsewhere are no business of a protection, and neither are changes that lose nothing', async () => {
    const rules = rulesOf('protect: [channel_type/support, channel/livestream:one, user/ada]');
    const made = await app.plan(
      `${fewer}    channel_types: { support: { reactions: false } }`.replace('ada: {}', 'ada: { name: Ada }'),
      {
        rules,
      },
    );
    expect(made.diagnostics.filter(({ code }) => code === 'protected')).toEqual([]);
  });
});

it('reading back what was written says nothing about acceptances', async () => {
  const app = await testApp();
  try {
    const yaml = "users: { ada: {} }\naccepted: [{ danger: loss, on: 'user/*', because: x }]";
    const whole = await app.plan(yaml);
    expect(wordsOf(whole.diagnostics)).toContain('unused-acceptance');
    const part = await app.plan(yaml, { only: new Set(['user/ada']) });
    expect(wordsOf(part.diagnostics)).not.toContain('unused-acceptance');
  } finally {
    await app.close();
  }
});
