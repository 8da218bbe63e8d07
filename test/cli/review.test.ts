import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/index.ts';
import type { PlanReport, ReportChange, ReportDanger, ReportField } from '../../src/model/report.ts';
import type { SavedPlan } from '../../src/model/saved-plan.ts';
import { run, temporaryFolder, type Ran } from './io.ts';

/**
 * The way of a change from a branch into an app: a repository with a project file, a main branch that was applied and
 * recorded, somebody who changes the live app behind the manifests, and a branch that asks for something else.
 */

const project = `manifests: [chat/]
environments:
  production:
    app: { id: 77, name: Acme Chat }
    production: true
`;
const types = `channel_types:
  support:
    reactions: false
    max_message_length: 5000
    grants:
      guest: []
      user: [read-channel, create-message]
`;
const people = 'users:\n  lena: { name: Lena }\n  ben: { name: Ben }\n';

type Files = Readonly<Record<string, string | undefined>>;

interface Repository {
  readonly root: string;
  git(...words: string[]): string;
  write(files: Files): void;
  /** Writes, commits, and tells the commit. */
  commit(files: Files): string;
}

interface Review extends Repository {
  readonly stream: Emulator;
  readonly env: Readonly<Record<string, string>>;
  streambed(...words: string[]): Promise<Ran>;
  inCi(...words: string[]): Promise<Ran>;
  /** Somebody changes the app, behind the manifests' back. */
  dashboard(text: string): Promise<void>;
  writes(): number;
}

const path = { PATH: process.env['PATH'] ?? '' };

function repository(): Repository {
  const root = realpathSync(temporaryFolder());
  const git = (...words: string[]): string => {
    const settings = ['user.name=Lena', 'user.email=lena@example.com', 'commit.gpgsign=false'];
    const all = [...settings.flatMap((setting) => ['-c', setting]), ...words];
    return execFileSync('git', all, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  };
  const write = (files: Files): void => {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      if (content === undefined) rmSync(join(root, file));
      else writeFileSync(join(root, file), content);
    }
  };
  git('init', '--quiet', '--initial-branch=main');
  const commit = (files: Files): string => {
    write(files);
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', 'change');
    return git('rev-parse', 'HEAD');
  };
  return { root, git, write, commit };
}

async function streamAt(options: EmulatorOptions = {}): Promise<Emulator> {
  const stream = await startEmulator({ rateLimits: 'none', app: { id: 77, name: 'Acme Chat' }, ...options });
  onTestFinished(() => stream.close());
  return stream;
}

function keysOf({ apiKey, apiSecret, url }: Emulator): Readonly<Record<string, string>> {
  return { ...path, STREAM_API_KEY: apiKey, STREAM_API_SECRET: apiSecret, STREAM_BASE_URL: url };
}

/** A repository whose main branch is applied, and a branch to work on. */
async function review(files: Files = {}, ...flags: string[]): Promise<Review> {
  const made = repository();
  const stream = await streamAt();
  const env = keysOf(stream);
  const streambed = (...words: string[]): Promise<Ran> => run(words, { cwd: made.root, env });
  made.commit({ 'streambed.yaml': project, 'chat/types.yaml': types, 'chat/people.yaml': people, ...files });
  const applied = await streambed('apply', '--yes', ...flags);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  made.git('switch', '--quiet', '--create', 'work');
  return {
    ...made,
    stream,
    env,
    streambed,
    inCi: (...words) => run(words, { cwd: made.root, env: { ...env, CI: 'true' } }),
    dashboard: async (text) => {
      const cwd = temporaryFolder();
      writeFileSync(join(cwd, 'dashboard.yaml'), text);
      const ran = await run(['apply', '--yes', 'dashboard.yaml'], { cwd, env });
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    },
    writes: () =>
      stream.requests.filter(({ method, operation }) => method !== 'GET' && !operation.startsWith('Query'))
        .length,
  };
}

function reportIn({ stdout }: Ran): PlanReport {
  return JSON.parse(stdout) as PlanReport;
}

function changeIn(report: PlanReport, address: string): ReportChange {
  const found = report.changes.find((change) => change.address === address);
  if (found === undefined) throw new Error(`${address} does not change`);
  return found;
}

function dangerIn({ dangers }: PlanReport, code: string): ReportDanger {
  const found = dangers.find((danger) => danger.code === code);
  if (found === undefined) throw new Error(`nothing is ${code}`);
  return found;
}

function fieldIn(report: PlanReport, address: string, field: string): ReportField {
  const found = changeIn(report, address).fields.find((one) => one.path.join('.') === field);
  if (found === undefined) throw new Error(`${address} ${field} does not change`);
  return found;
}

/** Whose each element is that comes or goes: `+add-links branch`. */
function elementsOf({ added = [], removed = [] }: ReportField): readonly string[] {
  return [
    ...added.map(({ name, origin }) => `+${name} ${origin}`),
    ...removed.map(({ name, origin }) => `-${name} ${origin}`),
  ];
}

function codesIn({ diagnostics }: PlanReport, severity = 'error'): readonly string[] {
  return diagnostics.filter((one) => one.severity === severity).map(({ code }) => code);
}

const closed = 'channel_types: { support: { grants: { user: [read-channel] } } }';

describe('a plan with --base', () => {
  test('tells apart what the branch asks for, what drifted and what was never applied', async () => {
    const { commit, git, dashboard, streambed } = await review({}, '--record');
    const applied = git('rev-parse', 'main');
    expect(git('rev-parse', 'refs/streambed/applied/77')).toBe(applied);
    git('switch', '--quiet', 'main');
    const merged = commit({ 'chat/people.yaml': people.replace('name: Ben', 'name: Benjamin') });
    git('switch', '--quiet', '--create', 'feature');
    commit({
      'chat/types.yaml': types
        .replace('reactions: false', 'reactions: true')
        .replace('create-message]', 'create-message, add-links]'),
      'chat/people.yaml': people
        .replace('name: Ben', 'name: Benjamin')
        .replace('  lena: { name: Lena }\n', ''),
    });
    await dashboard('channel_types: { support: { max_message_length: 4000 } }');
    await dashboard(closed);

    const ran = await streambed('plan', '--base', 'main', '--format', 'json');
    const report = reportIn(ran);
    expect(report.compared_with).toEqual({ base: 'main', commit: merged, applied });
    expect(report.environment).toEqual({ name: 'production', production: true });
    expect(changeIn(report, 'channel_type/support').origin).toBe('mixed');
    expect(fieldIn(report, 'channel_type/support', 'reactions').origin).toBe('branch');
    expect(fieldIn(report, 'channel_type/support', 'max_message_length').origin).toBe('drift');
    const grants = fieldIn(report, 'channel_type/support', 'grants.user');
    expect(grants.origin).toBe('mixed');
    expect(elementsOf(grants)).toEqual(['+add-links branch', '+create-message drift']);
    expect(changeIn(report, 'user/ben')).toMatchObject({
      origin: 'pending',
      fields: [{ origin: 'pending' }],
    });
    expect(report.leaving).toEqual([{ address: 'user/lena', path: [], guards: false }]);
    // What somebody closed in production is not opened by accident.
    expect(ran.code).toBe(4);
    expect(codesIn(report)).toEqual(expect.arrayContaining(['policy-blocked']));
    expect(ran.stderr).toContain('--reopen channel_type/support');
  });

  test('knows without a record only that something was different before', async () => {
    const { commit, dashboard, streambed } = await review();
    commit({ 'chat/types.yaml': types.replace('reactions: false', 'reactions: true') });
    await dashboard('users: { ben: { name: Somebody } }');
    await dashboard(closed);
    const report = reportIn(await streambed('plan', '--base', 'main', '--format', 'json'));
    expect(report.compared_with?.applied).toBeUndefined();
    expect(changeIn(report, 'user/ben').origin).toBe('before');
    expect(elementsOf(fieldIn(report, 'channel_type/support', 'grants.user'))).toEqual([
      '+create-message before',
    ]);
    expect(JSON.stringify(report.changes)).not.toMatch(/"(?:drift|pending)"/);
  });

  test('does not choose between a branch and a tag of the same name', async () => {
    const { commit, git, inCi, stream } = await review();
    commit({ 'streambed.yaml': project.replace('    production: true\n', '') });
    git('tag', 'main');
    const asked = stream.requests.length;
    const ran = await inCi('plan', '--base', 'main');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('ambiguous-revision');
    expect(stream.requests.length).toBe(asked);
    const report = reportIn(await inCi('plan', '--base', 'refs/heads/main', '--format', 'json'));
    expect(report.environment?.production).toBe(true);
    git('tag', '--force', 'main', 'refs/heads/main');
    expect((await inCi('plan', '--base', 'main')).code).toBe(0);
  });

  test('lists a protecting setting that leaves management as a danger', async () => {
    const { commit, streambed } = await review();
    commit({ 'chat/types.yaml': types.replace('      guest: []\n', '') });
    const ran = await streambed('plan', '--base', 'main', '--format', 'json');
    const report = reportIn(ran);
    expect(report.changes).toEqual([]);
    expect(report.leaving).toEqual([
      { address: 'channel_type/support', path: ['grants', 'guest'], guards: true },
    ]);
    expect(report.dangers).toMatchObject([{ code: 'leaves-management', action: 'warn' }]);
    expect(ran.code).toBe(0);
  });

  test('opens what was closed in production only when that is said', async () => {
    const { commit, dashboard, streambed, writes } = await review({}, '--record');
    commit({ 'chat/people.yaml': people.replace('name: Lena', 'name: Lena K') });
    await dashboard(closed);
    const sent = writes();
    for (const words of [['plan'], ['apply', '--yes']]) {
      const ran = await streambed(...words, '--base', 'main');
      expect(ran.code, ran.stdout).toBe(4);
      expect(ran.stdout).toContain('reopens-restriction');
    }
    // The address of something else opens nothing.
    const other = await streambed('apply', '--yes', '--base', 'main', '--reopen', 'user/lena');
    expect(other.code).toBe(4);
    expect(writes()).toBe(sent);
    const words = ['--base', 'main', '--reopen', 'channel_type/support'];
    const report = reportIn(await streambed('plan', ...words, '--format', 'json'));
    expect(dangerIn(report, 'reopens-restriction')).toMatchObject({
      action: 'block',
      accepted: '--reopen',
    });
    const ran = await streambed('apply', '--yes', ...words);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect((await streambed('plan', '--detailed-exitcode')).code).toBe(0);
  });

  test('only warns of that outside of production', async () => {
    const staging = project.replace('    production: true\n', '').replace('production:', 'staging:');
    const { dashboard, streambed } = await review({ 'streambed.yaml': staging }, '--record');
    await dashboard(closed);
    const ran = await streambed('plan', '--base', 'main', '--format', 'json');
    expect(ran.code).toBe(0);
    expect(dangerIn(reportIn(ran), 'reopens-restriction').action).toBe('warn');
  });
});

describe('policies', () => {
  const risky = types
    .replace('create-message]', 'create-message, add-links]')
    .replace('reactions: false', 'reactions: true');
  const withPolicies = (...policies: readonly string[]): string =>
    `${project}policies:\n${policies.map((policy) => `  - { ${policy} }\n`).join('')}`;

  test.each([
    ['allow', 0],
    ['warn', 0],
    ['block', 4],
  ] as const)('%s a danger by its code', async (action, code) => {
    const policies = withPolicies(`danger: rights-gained, action: ${action}`);
    const { commit, streambed, writes } = await review({ 'streambed.yaml': policies });
    commit({ 'chat/types.yaml': risky });
    const ran = await streambed('plan', '--format', 'json');
    expect(ran.code).toBe(code);
    const report = reportIn(ran);
    expect(report.dangers).toMatchObject([{ code: 'rights-gained', action }]);
    expect(report.summary.dangerous).toBe(action === 'allow' ? 0 : 1);
    const sent = writes();
    expect((await streambed('apply', '--yes')).code).toBe(code);
    expect(writes() > sent).toBe(action !== 'block');
  });

  test.each([
    ['a danger of another kind', 'danger: rights-gained, kind: app_settings, action: block', 0],
    ['a danger of this kind', 'danger: rights-gained, kind: channel_type, action: block', 4],
    ['a danger in production', 'danger: rights-gained, environment: production, action: block', 4],
    ['a danger in another environment', 'danger: rights-gained, environment: staging, action: block', 0],
    ['every danger', "danger: '*', action: block", 4],
    ['more changes than these', 'changes: channel_type, more_than: 0, action: block', 4],
    ['more changes than there are', 'changes: any, more_than: 1, action: block', 0],
    ['a share of a kind that does not change', 'changes: user, more_than: 0%, action: block', 0],
    ['a smaller share of all', 'changes: any, more_than: 30%, action: block', 4],
  ] as const)('that block %s: %s ends with %i', async (_, policy, code) => {
    const staging = '  staging: { app: { id: 78 } }\n';
    const text = withPolicies(policy).replace('policies:', `${staging}policies:`);
    const made = repository();
    const env = keysOf(await streamAt());
    const streambed = (...words: string[]): Promise<Ran> => run(words, { cwd: made.root, env });
    made.commit({ 'streambed.yaml': project, 'chat/types.yaml': types, 'chat/people.yaml': people });
    expect((await streambed('apply', '--yes')).code).toBe(0);
    made.commit({ 'streambed.yaml': text, 'chat/types.yaml': risky });
    const ran = await streambed('plan', '-e', 'production');
    expect(ran.code, ran.stdout).toBe(code);
  });

  test('protect refuses a removal, whatever --allow-destroy approves', async () => {
    const { commit, streambed, writes } = await review({
      'streambed.yaml': `${project}protect: [channel_type/supp*]\n`,
    });
    commit({
      'chat/types.yaml': 'removed:\n  - { channel_type: support, because: RFC 1 }\n',
    });
    const sent = writes();
    const ran = await streambed('apply', '--yes', '--allow-destroy', 'channel_type=1');
    expect(ran.code).toBe(4);
    expect(ran.stdout).toContain('error[protected]');
    expect(writes()).toBe(sent);
  });

  test('are passed by an acceptance with its reason, which is shown', async () => {
    const policies = withPolicies('danger: rights-gained, action: block');
    const { commit, streambed } = await review({ 'streambed.yaml': policies });
    const accepted = (on: string): string =>
      `${risky}accepted:\n  - { danger: rights-gained, on: ${on}, because: RFC 7 says so }\n`;
    commit({ 'chat/types.yaml': accepted('channel_type/other') });
    expect((await streambed('plan')).code).toBe(4);
    commit({ 'chat/types.yaml': accepted('channel_type/support') });
    const ran = await streambed('plan');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('RFC 7 says so');
    expect((await streambed('apply', '--yes')).code).toBe(0);
    const report = reportIn(await streambed('plan', '--format', 'json'));
    expect(codesIn(report, 'note'), 'once applied, the line is of no use').toContain('unused-acceptance');
  });

  test('of the base judge a branch in CI, and its own loosening is a danger', async () => {
    const policies = withPolicies('danger: rights-gained, action: block');
    const { commit, streambed, inCi } = await review({ 'streambed.yaml': policies });
    commit({
      'streambed.yaml': withPolicies('danger: rights-gained, action: allow'),
      'chat/types.yaml': risky,
    });
    const words = ['plan', '--base', 'main', '--format', 'json'];
    const judged = await inCi(...words);
    expect(judged.code).toBe(4);
    expect(reportIn(judged).dangers[0]?.code, 'told before everything else').toBe('rules-changed');
    expect(dangerIn(reportIn(judged), 'rules-changed')).toMatchObject({
      action: 'warn',
      address: 'project/streambed.yaml',
    });
    expect(dangerIn(reportIn(judged), 'rights-gained').action).toBe('block');
    expect(judged.stderr).toContain('main:streambed.yaml:');
    expect((await inCi('apply', '--yes', '--base', 'main')).code).toBe(4);
    const own = await streambed(...words);
    expect(own.code).toBe(0);
    expect(reportIn(own).dangers).toMatchObject([{ code: 'rights-gained', action: 'allow' }]);
  });

  test('of the base hold in CI, and production stays what it was', async () => {
    const { commit, dashboard, inCi, root } = await review({}, '--record');
    await dashboard(closed);
    commit({ 'streambed.yaml': project.replace('    production: true\n', '') });
    const calmed = await inCi('plan', '--base', 'main', '--format', 'json');
    expect(calmed.code).toBe(4);
    expect(reportIn(calmed).environment).toEqual({ name: 'production', production: true });
    expect(dangerIn(reportIn(calmed), 'rules-changed').message).toContain('no longer marked as production');
    // Another name and no app: what is gone from the file is what it was.
    commit({ 'streambed.yaml': 'manifests: [chat/]\nenvironments: { live: {} }\n' });
    const renamed = await inCi('plan', '--base', 'main', '--format', 'json');
    expect(renamed.code).toBe(4);
    expect(reportIn(renamed).environment).toEqual({ name: 'live', production: true });
    expect(codesIn(reportIn(renamed))).toEqual(['policy-blocked']);
    const other = await streamAt({ app: { id: 78 } });
    const wrong = await run(['plan', '--base', 'main'], { cwd: root, env: { ...keysOf(other), CI: 'true' } });
    expect(wrong.code).toBe(4);
    expect(other.requests).toHaveLength(1);
  });
});

describe('expectations', () => {
  const expecting = `${project}expect: [{ role: user, channel_type: support, cannot: [add-links] }]\n`;

  test('fail validate where the manifests say enough, and are silent where they do not', async () => {
    const { write, root } = repository();
    const offline = (): Promise<Ran> => run(['validate', '--format', 'json'], { cwd: root, env: path });
    write({ 'streambed.yaml': expecting, 'chat/types.yaml': types });
    expect((await offline()).code).toBe(0);
    write({ 'chat/types.yaml': types.replace('create-message]', 'add-links]') });
    const failed = await offline();
    expect(failed.code).toBe(4);
    expect(codesIn(reportIn(failed))).toEqual(['expectation-failed']);
    expect(failed.stderr).toContain('streambed.yaml:');
    write({ 'chat/types.yaml': types.replace(/ {6}user: .*\n/, '') });
    const unknown = await offline();
    expect(unknown.code).toBe(0);
    expect(codesIn(reportIn(unknown))).toEqual([]);
    expect(codesIn(reportIn(unknown), 'note')).toEqual(['expectation-unknown']);
  });

  test('fail a plan that would break them, and a look at a live app that does', async () => {
    const { commit, dashboard, streambed, writes } = await review({ 'streambed.yaml': expecting });
    expect((await streambed('drift')).code).toBe(0);
    commit({ 'chat/types.yaml': types.replace('create-message]', 'create-message, add-links]') });
    const sent = writes();
    for (const command of [['plan'], ['apply', '--yes']]) {
      const ran = await streambed(...command);
      expect(ran.code, ran.stdout).toBe(4);
      expect(ran.stdout).toContain('expectation-failed');
    }
    expect(writes()).toBe(sent);
    commit({ 'chat/types.yaml': types });
    await dashboard('channel_types: { support: { grants: { user: { add: [add-links] } } } }');
    const drifted = await streambed('drift');
    expect(drifted.code).toBe(4);
    expect(drifted.stdout).toContain('expectation-failed');
    // The plan would mend it.
    expect((await streambed('plan')).code).toBe(0);
  });
});

describe('drift', () => {
  test('ends with 0, 2, 1 or 4, and never says what to apply', async () => {
    const { commit, dashboard, env, root, streambed } = await review({}, '--record');
    const calm = await streambed('drift');
    expect(calm).toMatchObject({ code: 0, stdout: expect.stringContaining('No drift.') });
    await dashboard('users: { ben: { name: Somebody } }');
    commit({ 'chat/people.yaml': people.replace('name: Lena', 'name: Lena K') });
    const moved = await streambed('drift', '--format', 'json');
    expect(moved.code).toBe(2);
    expect(changeIn(reportIn(moved), 'user/ben').origin).toBe('drift');
    expect(changeIn(reportIn(moved), 'user/lena').origin).toBe('pending');
    const text = await streambed('drift');
    expect(text.stdout).toContain('Drift: ');
    expect(text.stdout + calm.stdout).not.toMatch(/Next:|streambed apply/);

    const gone = { ...env, STREAM_BASE_URL: 'http://127.0.0.1:9' };
    const unreachable = await run(['drift'], { cwd: root, env: gone });
    expect(unreachable.code).toBe(1);
    const other = await streamAt({ app: { id: 78, name: 'Other' } });
    const wrong = await run(['drift'], { cwd: root, env: keysOf(other) });
    expect(wrong.code).toBe(4);
    expect(other.requests.map(({ operation }) => operation)).toEqual(['GetApp']);
    for (const ran of [unreachable, wrong]) expect(ran.stdout + ran.stderr).not.toContain('streambed apply');
  });

  test('of what somebody closed in production is drift, and nothing that is refused', async () => {
    const { dashboard, streambed } = await review({}, '--record');
    await dashboard(closed);
    const ran = await streambed('drift', '--format', 'json');
    expect(ran).toMatchObject({ code: 2, stderr: '' });
    const report = reportIn(ran);
    expect(elementsOf(fieldIn(report, 'channel_type/support', 'grants.user'))).toEqual([
      '+create-message drift',
    ]);
    expect([...report.dangers, ...report.diagnostics]).toEqual([]);
  });

  test('tells what was merged and never applied as pending', async () => {
    const { commit, streambed } = await review({}, '--record');
    commit({ 'chat/types.yaml': types.replace('reactions: false', 'reactions: true') });
    const ran = await streambed('drift', '--format', 'json');
    expect(ran.code).toBe(2);
    expect(fieldIn(reportIn(ran), 'channel_type/support', 'reactions').origin).toBe('pending');
    expect((await streambed('drift')).stdout).toContain('pending: merged, never applied');
  });
});

describe('a plan with --live base', () => {
  test('needs no variable, asks nobody but an app of its own, and says what stood in', async () => {
    const { commit, root, stream } = await review();
    const asked = stream.requests.length;
    const offline = (...words: string[]): Promise<Ran> =>
      run(['plan', '--live', 'base', '--base', 'main', ...words], { cwd: root });
    expect((await offline('--detailed-exitcode')).code).toBe(0);
    commit({ 'chat/types.yaml': types.replace('reactions: false', 'reactions: true') });
    const ran = await offline();
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('base revision stands in for the live app (main)');
    expect(ran.stdout).not.toContain('streambed apply');
    expect((await offline('--detailed-exitcode')).code).toBe(2);
    const report = reportIn(await offline('--format', 'json'));
    expect(report.stand_in).toBe('main');
    expect(changeIn(report, 'channel_type/support')).toMatchObject({
      origin: 'branch',
      fields: [{ path: ['reactions'] }],
    });
    expect(stream.requests.length).toBe(asked);
  });

  test('does not send a key that is there', async () => {
    const { streambed, stream } = await review();
    const asked = stream.requests.length;
    expect((await streambed('plan', '--live', 'base', '--base', 'main')).code).toBe(0);
    expect(stream.requests.length).toBe(asked);
  });

  test('is an error and no plan when the base is broken or unknown', async () => {
    const { commit, root } = repository();
    commit({ 'streambed.yaml': project, 'chat/types.yaml': types.replace('reactions', 'reactionz') });
    commit({ 'chat/types.yaml': types });
    for (const base of ['HEAD~1', 'nowhere']) {
      const ran = await run(['plan', '--live', 'base', '--base', base, '--format', 'json'], { cwd: root });
      expect(ran.code).toBe(1);
      expect(reportIn(ran)).toMatchObject({ outcome: 'error', changes: [] });
      expect(ran.stderr).toMatch(/error\[/);
    }
  });
});

describe('a saved plan of a project', () => {
  test('is applied with the environment, the base and the reopening that were planned', async () => {
    const { commit, dashboard, git, root, streambed } = await review({}, '--record');
    commit({ 'chat/people.yaml': people.replace('name: Lena', 'name: Lena K') });
    await dashboard(closed);
    const reopening = ['--base', 'main', '--reopen', 'channel_type/support'];
    const planned = await streambed('plan', '-e', 'production', ...reopening, '--out', 'plan.json');
    expect(planned.code, planned.stdout).toBe(0);
    const saved = JSON.parse(readFileSync(join(root, 'plan.json'), 'utf8')) as SavedPlan;
    expect(saved).toMatchObject({
      environment: 'production',
      base: git('rev-parse', 'main'),
      reopen: ['channel_type/support'],
      manifests: ['chat/'],
    });
    const ran = await streambed('apply', 'plan.json', '-e', 'production', '--record');
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(git('rev-parse', 'refs/streambed/applied/77')).toBe(git('rev-parse', 'HEAD'));
  });

  test('is refused with another -e before any app is asked', async () => {
    const two = `${project}  staging: { app: { id: 78 } }\n`;
    const { commit, root, stream, env } = await review();
    commit({
      'streambed.yaml': two,
      'chat/people.yaml': people.replace('name: Lena', 'name: Lena K'),
    });
    const streambed = (...words: string[]): Promise<Ran> => run(words, { cwd: root, env });
    expect((await streambed('plan', '-e', 'production', '--out', 'plan.json')).code).toBe(0);
    const asked = stream.requests.length;
    const other = await streambed('apply', 'plan.json', '-e', 'staging');
    expect(other.code).toBe(64);
    expect(other.stderr).toContain('"plan.json" was planned for environment "production"');
    expect((await streambed('apply', 'plan.json', '-e', 'nope')).code).toBe(64);
    expect(stream.requests.length).toBe(asked);
  });
});

describe('apply --record', () => {
  const ref = 'refs/streambed/applied/77';

  test('refuses manifests that no commit holds, before anything is sent', async () => {
    const { commit, git, streambed, stream, write } = await review();
    const asked = stream.requests.length;
    write({ 'chat/people.yaml': people.replace('name: Ben', 'name: Benjamin') });
    const edited = await streambed('apply', '--yes', '--record');
    expect(edited.code).toBe(64);
    expect(edited.stderr).toContain('"chat/people.yaml" is not what HEAD holds');
    commit({});
    write({ 'chat/more.yaml': 'users: { zoe: {} }\n' });
    const untracked = await streambed('apply', '--yes', '--record');
    expect(untracked.code).toBe(64);
    expect(untracked.stderr).toContain('"chat/more.yaml" is not what HEAD holds');
    expect(stream.requests.length).toBe(asked);
    expect(() => git('rev-parse', '--verify', '--quiet', ref)).toThrow();
  });

  test('records what was applied, and what was so already', async () => {
    const { commit, git, streambed } = await review();
    const first = git('rev-parse', 'HEAD');
    const nothing = await streambed('apply', '--yes', '--record');
    expect(nothing.code).toBe(0);
    expect(nothing.stderr).toContain(`recorded ${first.slice(0, 12)} as ${ref}`);
    expect(git('rev-parse', ref)).toBe(first);
    const second = commit({ 'chat/people.yaml': people.replace('name: Ben', 'name: Benjamin') });
    expect((await streambed('apply', '--yes', '--record')).code).toBe(0);
    expect(git('rev-parse', ref)).toBe(second);
  });

  test('of a commit that was never merged is not compared with, and a warning says so', async () => {
    const { commit, git, streambed } = await review();
    git('switch', '--quiet', '--orphan', 'mine');
    const own = commit({ 'chat/people.yaml': people, 'chat/types.yaml': types });
    git('switch', '--quiet', '--force', 'main');
    git('update-ref', ref, own);
    const planned = await streambed('plan', '--format', 'json');
    expect(planned.code, planned.stderr).toBe(0);
    const report = reportIn(planned);
    expect(report.diagnostics.map(({ code }) => code)).toContain('applied-elsewhere');
    expect(report).not.toHaveProperty('compared_with');
  });

  test('means nothing to a local stand-in, which has the name of the real app and not its past', async () => {
    const { root, streambed } = await review();
    expect((await streambed('apply', '--yes', '--record')).code).toBe(0);
    const local = await run(['plan', '--target', 'emulator', '--format', 'json'], { cwd: root });
    expect(local.code, local.stderr).toBe(0);
    expect(JSON.parse(local.stdout)).not.toHaveProperty('compared_with');
  });

  test('records nothing when something failed, was interrupted, blocked or declined', async () => {
    const { root, git, commit } = repository();
    const recorded = (): string => git('for-each-ref', 'refs/streambed');
    commit({ 'streambed.yaml': project, 'chat/people.yaml': people, 'chat/types.yaml': types });
    const failing = await streamAt({
      faults: [{ operation: 'UpdateUsers', kind: 'status', status: 400, times: 9 }],
    });
    const words = ['apply', '--yes', '--record'];
    const failed = await run(words, { cwd: root, env: keysOf(failing) });
    expect(failed.code).toBe(6);
    expect(recorded()).toBe('');

    const slow = await streamAt({ latencyMs: 40 });
    const stop = new AbortController();
    const watch = setInterval(() => {
      if (slow.requests.some(({ operation }) => operation === 'CreateChannelType')) stop.abort('SIGINT');
    }, 5);
    const interrupted = await run(words, { cwd: root, env: keysOf(slow), signal: stop.signal });
    clearInterval(watch);
    expect(interrupted.code).toBe(130);
    expect(recorded()).toBe('');

    const env = keysOf(await streamAt());
    const declined = await run(['apply', '--record'], { cwd: root, env, terminal: true, stdin: 'no\n' });
    expect(declined.code).toBe(1);
    const other = await run(words, { cwd: root, env: keysOf(await streamAt({ app: { id: 78 } })) });
    expect(other.code).toBe(4);
    expect(recorded()).toBe('');
  });
});

describe('every command that reads a project', () => {
  const commands = ['validate', 'plan', 'drift', 'apply --yes', 'plan --live base --base main'];

  test.each(commands)('%s refuses an environment that there is not', async (command) => {
    const { commit, root } = repository();
    commit({ 'streambed.yaml': `${project}  staging: {}\n`, 'chat/types.yaml': types });
    const stream = await streamAt();
    const streambed = (...more: string[]): Promise<Ran> =>
      run([...command.split(' '), ...more], { cwd: root, env: keysOf(stream) });
    const unknown = await streambed('-e', 'nope');
    expect(unknown.code).toBe(64);
    expect(unknown.stderr).toContain('streambed.yaml has no environment "nope"');
    const none = await streambed();
    if (command === 'validate') expect(none.code).toBe(0);
    else {
      expect(none.code).toBe(64);
      expect(none.stderr).toContain('-e production, or -e staging');
    }
    expect(stream.requests).toEqual([]);
  });

  test.each(commands)('%s tells where the project file is wrong', async (command) => {
    const { commit, root } = repository();
    const wrong = `${project}polices: []\npolicies:\n  - { danger: rights-gaind, action: block }\nx-token: 'canary-51'\n`;
    commit({ 'streambed.yaml': project, 'chat/types.yaml': types });
    commit({ 'streambed.yaml': wrong });
    const stream = await streamAt();
    const ran = await run([...command.split(' '), '-e', 'production'], {
      cwd: root,
      env: keysOf(stream),
    });
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('streambed.yaml:6:1');
    expect(ran.stderr).toContain('streambed.yaml:8:15');
    expect(ran.stderr).toContain('8 |   - { danger: rights-gaind, action: block }');
    expect(ran.stdout + ran.stderr).not.toContain('canary');
    expect(stream.requests).toEqual([]);
  });

  test('repeats no secret of a project file that is none', async () => {
    const { root, write } = repository();
    write({
      'streambed.yaml': "api_secret: 'canary-51'\nhook: https://bot:canary-52@hooks.example.com\n",
    });
    const ran = await run(['validate'], { cwd: root, env: path });
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('streambed.yaml:1:1');
    expect(ran.stdout + ran.stderr).not.toContain('canary');
  });
});
