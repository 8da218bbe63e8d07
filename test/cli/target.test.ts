import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/index.ts';
import type { PlanReport } from '../../src/model/report.ts';
import { run, temporaryFolder, type Options } from './io.ts';

const support = `
channel_types:
  support: { max_message_length: 5000, reactions: false }
`;

/** A folder with one manifest in it. */
function folderWith(manifest: string): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'app.yaml'), manifest);
  return cwd;
}

async function emulator(
  options: EmulatorOptions = {},
): Promise<Emulator & { readonly env: Record<string, string> }> {
  const running = await startEmulator({ rateLimits: 'none', app: { id: 7, name: 'Acme' }, ...options });
  onTestFinished(() => running.close());
  return Object.assign(running, { env: envOf(running.url, running.apiKey, running.apiSecret) });
}

function envOf(url: string, key = 'key', secret = 'canary-secret-51'): Record<string, string> {
  return { STREAM_API_KEY: key, STREAM_API_SECRET: secret, STREAM_BASE_URL: url };
}

/** What was sent that can change something. */
function writes({ requests }: Emulator): readonly string[] {
  const reads = new Set([
    'GetApp',
    'ListChannelTypes',
    'QueryUsers',
    'QueryChannels',
    'QueryMembers',
    'ListRoles',
    'ListCommands',
  ]);
  return requests
    .map(({ operation }) => operation)
    .filter(
      (operation) => !reads.has(operation) && !/^(Get|List|Query)[A-Z]\w*(?<!CreateChannel)$/.test(operation),
    );
}

async function server(answer: RequestListener): Promise<string> {
  const odd = createServer(answer);
  await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    odd.closeAllConnections();
    odd.close();
  });
  return `http://127.0.0.1:${(odd.address() as AddressInfo).port}`;
}

function report(stdout: string): PlanReport {
  return JSON.parse(stdout) as PlanReport;
}

describe('validate', () => {
  test('counts what is valid and needs no credentials', async () => {
    const ran = await run(['validate', 'app.yaml'], { cwd: folderWith(support) });
    expect(ran).toEqual({ code: 0, stdout: 'valid: 1 object in 1 file\n', stderr: '' });
  });

  test('shows the place of every problem and exits with 3', async () => {
    const cwd = folderWith('channel_types:\n  support: { reactionz: false, max_message_length: many }\n');
    const { code, stdout, stderr } = await run(['validate', 'app.yaml'], { cwd });
    expect(code).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/app\.yaml:2:\d+/);
    expect(stderr).toContain('2 |   support: { reactionz: false, max_message_length: many }');
    expect(stderr).toContain('reactions');
    expect(stderr).not.toContain('\u001b');
  });

  test('says the same as JSON', async () => {
    const cwd = folderWith('channel_types:\n  support: { reactionz: false }\n');
    const { code, stdout } = await run(['validate', '--format', 'json', 'app.yaml'], { cwd });
    expect(code).toBe(3);
    expect(report(stdout)).toMatchObject({ command: 'validate', outcome: 'invalid', files: ['app.yaml'] });
    expect(report(stdout).diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
  });

  test('reads standard input', async () => {
    expect(await run(['validate', '-'], { stdin: support })).toMatchObject({
      code: 0,
      stdout: 'valid: 1 object in 1 file\n',
    });
  });

  test.each(['validate', 'plan', 'apply --yes'])('%s without manifests is wrong usage', async (words) => {
    expect(await run(words.split(' '))).toMatchObject({
      code: 64,
      stdout: '',
      stderr: expect.stringContaining('no manifests'),
    });
  });
});

describe('plan', () => {
  test('without credentials says which are missing, and what else there is', async () => {
    const { code, stdout, stderr } = await run(['plan', 'app.yaml'], {
      cwd: folderWith(support),
      env: { STREAM_API_KEY: 'k' },
    });
    expect(code).toBe(64);
    expect(stdout).toBe('');
    expect(stderr).toContain('STREAM_API_SECRET is not set');
    expect(stderr).toContain('--target emulator');
  });

  test('shows changes, sends no write, and says 2 only when asked to', async () => {
    const app = await emulator();
    const options: Options = { cwd: folderWith(support), env: app.env };
    const before = app.snapshot();
    const shown = await run(['plan', 'app.yaml'], options);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toContain('support');
    expect((await run(['plan', '--detailed-exitcode', 'app.yaml'], options)).code).toBe(2);
    const quiet = await run(['plan', '-q', '--detailed-exitcode', 'app.yaml'], options);
    expect(quiet).toMatchObject({ code: 2, stderr: '', stdout: expect.stringContaining('1 to create') });
    expect(quiet.stdout).not.toContain('max_message_length');
    expect(writes(app)).toEqual([]);
    expect(app.snapshot()).toEqual(before);
  });

  test('as JSON is one document on standard output, and the same twice', async () => {
    const app = await emulator();
    const options: Options = { cwd: folderWith(support), env: app.env };
    const first = await run(['plan', '--format', 'json', 'app.yaml'], options);
    expect(report(first.stdout)).toMatchObject({
      command: 'plan',
      outcome: 'changes',
      emulator: false,
      app: { id: 7, name: 'Acme' },
    });
    expect(await run(['plan', '--format', 'json', 'app.yaml'], options)).toEqual(first);
  });

  test.each([
    [['--app', '8'], /app with id 8/],
    [['--app', 'Other'], /name "Other"/],
  ])('for another app is blocked: %j', async (flags, message) => {
    const app = await emulator();
    const ran = await run(['plan', ...flags, 'app.yaml'], { cwd: folderWith(support), env: app.env });
    expect(ran.code).toBe(4);
    expect(ran.stdout + ran.stderr).toMatch(message);
  });

  test('--debug logs requests without what they carry', async () => {
    const app = await emulator();
    const { stderr } = await run(['plan', '--debug', 'app.yaml'], { cwd: folderWith(support), env: app.env });
    expect(stderr).toMatch(/^debug: GetApp 200 in \d+ ms$/m);
    for (const canary of [app.apiSecret, app.apiKey, 'eyJ']) expect(stderr).not.toContain(canary);
  });
});

function optionsFor(url: string): Options {
  return { cwd: folderWith(support), env: envOf(url) };
}

describe('a failing connection', () => {
  test('that nobody answers is named, with what to do', async () => {
    const ran = await run(['plan', 'app.yaml'], optionsFor('http://127.0.0.1:1'));
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain('cannot reach http://127.0.0.1:1: connection refused');
    expect(ran.stderr).toContain('STREAM_BASE_URL');
    expect(ran.stderr).not.toMatch(/\.ts:\d+|bug/);
  });

  test('with a wrong secret says that Stream refused the credentials', async () => {
    const app = await emulator();
    const ran = await run(['plan', 'app.yaml'], {
      cwd: folderWith(support),
      env: { ...app.env, STREAM_API_SECRET: 'wrong-canary' },
    });
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain('Stream refused the credentials');
    expect(ran.stderr).not.toContain('wrong-canary');
  });

  test('that ends at a proxy says so, as JSON too', async () => {
    const url = await server((_, response) => response.writeHead(403).end('<html>Proxy login</html>'));
    const ran = await run(['plan', '--format', 'json', 'app.yaml'], optionsFor(url));
    expect(ran.code).toBe(1);
    expect(report(ran.stdout)).toMatchObject({ outcome: 'error', diagnostics: [{ code: 'unclear-answer' }] });
    expect(ran.stdout + ran.stderr).not.toContain('Proxy login');
    expect(ran.stderr).toContain('a web page');
  });

  test.each([
    ['http://chat.stream-io-api.com', /not encrypted/],
    ['https://u:canary@chat.stream-io-api.com', /user name or a password/],
    ['nonsense', /must look like/],
  ])('to %s is wrong usage', async (url, message) => {
    const ran = await run(['plan', 'app.yaml'], optionsFor(url));
    expect(ran).toMatchObject({ code: 64, stdout: '', stderr: expect.stringMatching(message) });
    expect(ran.stderr).not.toContain('canary');
  });

  test('that is interrupted ends with 130', async () => {
    const stop = new AbortController();
    const url = await server((request) => {
      request.destroy();
      stop.abort('SIGINT');
    });
    const ran = await run(['plan', 'app.yaml'], { ...optionsFor(url), signal: stop.signal });
    expect(ran).toMatchObject({ code: 130, stderr: expect.stringContaining('interrupted') });
  });
});

describe('apply', () => {
  test('without a terminal and without --yes is wrong usage, and nothing is sent', async () => {
    const app = await emulator();
    const ran = await run(['apply', 'app.yaml'], { cwd: folderWith(support), env: app.env });
    expect(ran).toMatchObject({ code: 64, stdout: '', stderr: expect.stringContaining('--yes') });
    expect(app.requests).toEqual([]);
  });

  test.each(['no', 'y', 'YES', ''])('changes nothing when the answer is %j', async (answer) => {
    const app = await emulator();
    const ran = await run(['apply', 'app.yaml'], {
      cwd: folderWith(support),
      env: app.env,
      terminal: true,
      stdin: `${answer}\n`,
    });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('support');
    expect(ran.stderr).toContain('Apply these changes? Only `yes` is accepted:');
    expect(writes(app)).toEqual([]);
  });

  test('with yes makes the app what the manifest says, and has nothing to do the second time', async () => {
    const app = await emulator();
    const options: Options = { cwd: folderWith(support), env: app.env };
    const asked = await run(['apply', 'app.yaml'], { ...options, terminal: true, stdin: 'yes\n' });
    expect(asked.code).toBe(0);
    expect(writes(app).length).toBeGreaterThan(0);
    app.clearRequests();
    expect((await run(['apply', '--yes', 'app.yaml'], options)).code).toBe(0);
    expect(writes(app)).toEqual([]);
    expect((await run(['plan', '--detailed-exitcode', 'app.yaml'], options)).code).toBe(0);
  });

  test('as JSON is one document; the progress is elsewhere', async () => {
    const app = await emulator();
    const ran = await run(['apply', '--yes', '--format', 'json', 'app.yaml'], {
      cwd: folderWith(support),
      env: app.env,
    });
    expect(ran.code).toBe(0);
    expect(report(ran.stdout)).toMatchObject({
      command: 'apply',
      verified: 'converged',
      outcomes: [{ status: 'applied' }],
    });
    expect(ran.stderr).toContain('reading the app again');
  });

  test('that Stream refuses is 1 when nothing was written', async () => {
    const app = await emulator();
    app.addFault({
      operation: 'CreateChannelType',
      kind: 'status',
      status: 403,
      code: 17,
      message: 'not today',
      times: 9,
    });
    const ran = await run(['apply', '--yes', 'app.yaml'], { cwd: folderWith(support), env: app.env });
    expect(ran.code).toBe(1);
    expect(ran.stdout + ran.stderr).toContain('not today');
  });

  test('that is half done is 6', async () => {
    const app = await emulator();
    app.addFault({
      operation: 'UpdateApp',
      kind: 'status',
      status: 403,
      code: 17,
      message: 'not today',
      times: 9,
    });
    const manifest = `${support}app:\n  settings: { multi_tenant_enabled: true }\n`;
    const ran = await run(['apply', '--yes', 'app.yaml'], { cwd: folderWith(manifest), env: app.env });
    expect(ran.code).toBe(6);
  });
});

describe('--target emulator', () => {
  test('needs no credentials, keeps its app between runs, and says what it is', async () => {
    const cwd = folderWith(`app: { name: Acme Chat }\n${support}`);
    const env = { STREAM_API_KEY: 'real', STREAM_API_SECRET: 'real', STREAM_BASE_URL: 'http://127.0.0.1:1' };
    const shown = await run(['plan', '--target', 'emulator', 'app.yaml'], { cwd, env });
    expect(shown.code).toBe(0);
    expect(shown.stdout.split('\n')[0]).toContain('emulator');
    expect(shown.stdout.split('\n')[0]).toContain('Acme Chat');
    expect((await run(['apply', '--yes', '--target', 'emulator', 'app.yaml'], { cwd })).code).toBe(0);
    expect(
      (await run(['plan', '--detailed-exitcode', '--target', 'emulator', 'app.yaml'], { cwd })).code,
    ).toBe(0);
    expect(existsSync(join(cwd, '.streambed', 'emulator', 'state.json'))).toBe(true);
    expect(readFileSync(join(cwd, '.streambed', '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('is another app than the one that was declared later', async () => {
    const cwd = folderWith(`app: { name: One }\n${support}`);
    expect((await run(['apply', '--yes', '--target', 'emulator', 'app.yaml'], { cwd })).code).toBe(0);
    writeFileSync(join(cwd, 'app.yaml'), `app: { name: Two }\n${support}`);
    expect((await run(['plan', '--target', 'emulator', 'app.yaml'], { cwd })).code).toBe(4);
  });

  test('with a state that cannot be read says which folder to delete', async () => {
    const cwd = folderWith(support);
    mkdirSync(join(cwd, '.streambed', 'emulator'), { recursive: true });
    writeFileSync(join(cwd, '.streambed', 'emulator', 'state.json'), '{');
    const ran = await run(['plan', '--target', 'emulator', 'app.yaml'], { cwd });
    expect(ran).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(join('.streambed', 'emulator')),
    });
  });
});
