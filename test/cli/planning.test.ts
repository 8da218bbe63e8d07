import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import type { PlanReport } from '../../src/model/report.ts';
import { run, temporaryFolder, type Ran } from './io.ts';

type Files = Readonly<Record<string, string>>;

interface Project {
  readonly root: string;
  /** Writes these files in place of all others, and commits. */
  commit(files: Files): void;
  streambed(...words: string[]): Promise<Ran>;
  reportOf(...words: string[]): Promise<PlanReport>;
}

/** A repository on its main branch, and an app with nothing in it. */
async function projectWith(files: Files): Promise<Project> {
  const root = realpathSync(temporaryFolder());
  const stream = await startEmulator({ rateLimits: 'none', app: { id: 77, name: 'Acme Chat' } });
  onTestFinished(() => stream.close());
  const path = process.env['PATH'] ?? '';
  const env = {
    PATH: path,
    STREAM_API_KEY: stream.apiKey,
    STREAM_API_SECRET: stream.apiSecret,
    STREAM_BASE_URL: stream.url,
  };
  const git = (...words: string[]): void => {
    const settings = ['user.name=Lena', 'user.email=lena@example.com', 'commit.gpgsign=false'];
    const all = [...settings.flatMap((setting) => ['-c', setting]), ...words];
    execFileSync('git', all, { cwd: root, stdio: 'pipe' });
  };
  const commit = (now: Files): void => {
    git('rm', '-r', '--quiet', '--ignore-unmatch', '.');
    for (const [file, text] of Object.entries(now)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    git('add', '--all');
    git('commit', '--quiet', '--message', 'change');
  };
  const streambed = (...words: string[]): Promise<Ran> => run(words, { cwd: root, env });
  git('init', '--quiet', '--initial-branch=main');
  commit(files);
  git('switch', '--quiet', '--create', 'work');
  return {
    root,
    commit,
    streambed,
    reportOf: async (...words) => {
      const { stdout } = await streambed(...words, '--format', 'json');
      return JSON.parse(stdout) as PlanReport;
    },
  };
}

/** Whose each change is: what the base declares too is no branch's. */
function originsIn({ changes }: PlanReport): readonly string[] {
  return changes.map(({ address, origin }) => `${address} ${origin}`);
}

function codesIn({ diagnostics }: PlanReport): readonly string[] {
  return diagnostics.map(({ code }) => code);
}

const environment = (name: string, folder: string, app: string): string =>
  `  ${name}: { manifests: [${folder}/]${app} }\n`;
const lena = 'users: { lena: { name: Lena } }\n';
const ben = 'users: { ben: { name: Ben } }\n';
const bens = ['user/ben branch', 'user/lena before'];

describe('the manifests of the base', () => {
  const before = (environments: string): Files => ({
    'streambed.yaml': `environments:\n${environments}`,
    'chat/lena.yaml': lena,
  });
  const after = (environments: string): Files => ({
    'streambed.yaml': `environments:\n${environments}`,
    'stream/lena.yaml': lena,
    'stream/ben.yaml': ben,
  });
  const theApp = ', app: { id: 77 }';

  test('are those of the environment with the same app when it got another name', async () => {
    const other = environment('staging', 'elsewhere', ', app: { id: 78 }');
    const { commit, reportOf } = await projectWith(before(other + environment('prod', 'chat', theApp)));
    commit(after(other + environment('production', 'stream', theApp)));
    expect(originsIn(await reportOf('plan', '-e', 'production', '--base', 'main'))).toEqual(bens);
  });

  test('are those of the only environment when no app is told', async () => {
    const { commit, reportOf } = await projectWith(before(environment('prod', 'chat', '')));
    commit(after(environment('production', 'stream', '')));
    for (const named of [[], ['-e', 'production']]) {
      expect(originsIn(await reportOf('plan', ...named, '--base', 'main'))).toEqual(bens);
    }
  });

  test('are not those of another app', async () => {
    const other = environment('staging', 'chat', ', app: { id: 78 }');
    const { commit, reportOf } = await projectWith(before(other));
    commit(after(other + environment('production', 'stream', theApp)));
    const report = await reportOf('plan', '-e', 'production', '--base', 'main');
    expect(originsIn(report).filter((one) => one.endsWith(' before'))).toEqual([]);
  });

  test('are where the base lists them, also when those that are listed now are named', async () => {
    const listing = (folder: string): Files => ({
      'streambed.yaml': `manifests: [${folder}/]\nenvironments: { production: { app: { id: 77 } } }\n`,
      [`${folder}/lena.yaml`]: lena,
    });
    const { commit, reportOf, root, streambed } = await projectWith(listing('chat'));
    commit({ ...listing('stream'), 'stream/ben.yaml': ben });
    const named = await reportOf('plan', 'stream/', '-e', 'production', '--base', 'main');
    expect(originsIn(named)).toEqual(bens);
    expect(codesIn(named)).not.toContain('not-in-base');

    const others = await reportOf('plan', 'stream/lena.yaml', '-e', 'production', '--base', 'main');
    expect(originsIn(others)).toEqual(['user/lena branch']);
    expect(codesIn(others)).toContain('not-in-base');

    const out = join(root, 'plan.json');
    const planned = await streambed('plan', '--base', 'main', '--out', out);
    expect(planned.code, planned.stderr).toBe(0);
    expect(originsIn(await reportOf('apply', out))).toEqual(bens);
  });
});

describe('expectations', () => {
  const expecting = (more: string): Files => ({
    'streambed.yaml': `manifests: [chat/]\nexpect: [{ role: channel_member, channel_type: messaging, cannot: [create-message] }]\n${more}`,
    'chat/lena.yaml': lena,
  });

  test('are tested beside what the policies refuse', async () => {
    const { commit, reportOf, streambed } = await projectWith(expecting(''));
    expect(codesIn(await reportOf('plan'))).toEqual(['expectation-failed']);
    expect((await streambed('plan')).code).toBe(4);
    commit({
      ...expecting('policies: [{ danger: auth-checks-off, action: block }]\n'),
      'chat/app.yaml': 'app: { settings: { disable_auth_checks: true } }\n',
    });
    expect(codesIn(await reportOf('plan')).toSorted()).toEqual(['expectation-failed', 'policy-blocked']);
  });

  test('are not tested while the manifests are wrong', async () => {
    const wrong = 'channels: { messaging: { one: { created_by: nobody } } }\n';
    const { commit, reportOf } = await projectWith({ ...expecting(''), 'chat/one.yaml': wrong });
    const dangling = codesIn(await reportOf('plan'));
    expect(dangling).toHaveLength(1);
    expect(dangling).not.toContain('expectation-failed');
    expect(codesIn(await reportOf('drift'))).toEqual(dangling);
    commit(expecting(''));
    expect(codesIn(await reportOf('drift'))).toEqual(['expectation-failed']);
  });
});
