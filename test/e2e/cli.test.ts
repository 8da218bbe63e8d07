import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planReportSchema } from '../../src/model/report.ts';

/** Everything here is the built program as a process of its own: what a user types, and what comes back. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'dist/cli/bin.js');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'streambed-e2e-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}, input = ''): Running {
  const {
    STREAM_API_KEY: _key,
    STREAM_API_SECRET: _secret,
    STREAM_BASE_URL: _url,
    ...inherited
  } = process.env;
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env: { ...inherited, ...env } });
  let out = '';
  let err = '';
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (err += part.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  return { child, ended, heard: () => out + err };
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  heard(): string;
}

const streambed = (
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
  input?: string,
): Promise<Ended> => start(args, env, input).ended;

function write(name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

/** A local Stream in a process of its own, started as a user starts it. */
async function emulator(
  ...args: readonly string[]
): Promise<{ readonly env: Record<string, string>; stop(): Promise<void> }> {
  const running = start(['emulator', '--no-rate-limits', ...args]);
  while (!/STREAM_BASE_URL=\S+\n/.test(running.heard()))
    await new Promise((resolve) => setTimeout(resolve, 20));
  const env = Object.fromEntries(
    [...running.heard().matchAll(/export (\w+)=(\S+)/g)].map(([, name, value]) => [name ?? '', value ?? '']),
  );
  return {
    env,
    async stop() {
      running.child.kill('SIGTERM');
      await running.ended;
    },
  };
}

const manifest = `
channel_types:
  support: { reactions: false, grants: { guest: [], user: { remove: [create-channel] } } }
users:
  lena: { name: Lena }
  ben: {}
channels:
  support:
    case-1: { created_by: lena, members: [lena, ben], moderators: [lena], custom: { order: "48213" } }
`;

describe('plan, apply, plan', () => {
  let stream: Awaited<ReturnType<typeof emulator>>;
  beforeEach(async () => {
    stream = await emulator();
  });
  afterEach(() => stream.stop());

  it('shows the changes, makes them, and then has nothing to do', async () => {
    write('chat/all.yaml', manifest);
    const first = await streambed(['plan', 'chat', '--detailed-exitcode'], stream.env);
    expect(first).toMatchObject({ code: 2, err: '' });
    expect(first.out).toContain('0 to change · 4 to create · 0 to lose');
    expect(first.out).toContain('+ channel support:case-1');
    expect(first.out).toContain('chat/all.yaml:9');

    const applied = await streambed(['apply', 'chat', '--yes'], stream.env);
    expect(applied.code).toBe(0);
    expect(applied.out).toContain('4 applied');
    expect(applied.err).toContain('3/3');

    const second = await streambed(['plan', 'chat', '--detailed-exitcode'], stream.env);
    expect(second).toMatchObject({ code: 0, err: '' });
    expect(second.out).toContain('No changes. 4 objects match.');
  });

  it('prints the same plan twice', async () => {
    write('all.yaml', manifest);
    const one = await streambed(['plan', 'all.yaml'], stream.env);
    const two = await streambed(['plan', 'all.yaml'], stream.env);
    expect(one.out).toBe(two.out);
  });

  it('takes manifests from standard input', async () => {
    const { code, out } = await streambed(['plan', '-'], stream.env, manifest);
    expect(code).toBe(0);
    expect(out).toContain('-:9');
  });

  it('prints one valid JSON document, alone, on success and on failure', async () => {
    write('all.yaml', manifest);
    write('bad.yaml', 'users: { lena: { nmae: x } }');
    write('dangling.yaml', 'users: { lena: { role: captain } }');
    const validate = new Ajv2020({ strict: false }).compile(planReportSchema);
    const outcomes: Record<string, unknown> = {};
    for (const args of [
      ['plan', 'all.yaml'],
      ['plan', 'bad.yaml'],
      ['plan', 'dangling.yaml'],
      ['plan', 'nowhere'],
      ['apply', 'all.yaml', '--yes'],
      ['plan', 'all.yaml', '--app', '7'],
    ]) {
      const { out } = await streambed([...args, '--format', 'json'], stream.env);
      const report: unknown = JSON.parse(out);
      expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
      outcomes[args.join(' ')] = (report as { outcome: string }).outcome;
    }
    expect(outcomes).toEqual({
      'plan all.yaml': 'changes',
      'plan bad.yaml': 'invalid',
      'plan dangling.yaml': 'invalid',
      'plan nowhere': 'invalid',
      'apply all.yaml --yes': 'changes',
      'plan all.yaml --app 7': 'blocked',
    });
  });

  it('refuses another app (4) and an unapproved loss (4), and then writes nothing', async () => {
    write('all.yaml', manifest);
    await streambed(['apply', 'all.yaml', '--yes'], stream.env);
    write('other.yaml', `app: { name: Another }\n${manifest}`);
    const wrong = await streambed(['apply', 'other.yaml', '--yes'], stream.env);
    expect(wrong.code).toBe(4);
    expect(wrong.out + wrong.err).toContain('wrong-app');
    write('fewer.yaml', manifest.replace('members: [lena, ben]', 'members: [lena]'));
    const loss = await streambed(['apply', 'fewer.yaml', '--yes'], stream.env);
    expect(loss.code).toBe(4);
    expect(loss.out).toContain('--allow-destroy member=1');
    expect((await streambed(['plan', 'all.yaml', '--detailed-exitcode'], stream.env)).code).toBe(0);
    expect(
      (await streambed(['apply', 'fewer.yaml', '--yes', '--allow-destroy', 'member=1'], stream.env)).code,
    ).toBe(0);
  });

  it('asks before it writes, and does not write when nobody can answer', async () => {
    write('all.yaml', manifest);
    const { code, out, err } = await streambed(['apply', 'all.yaml'], stream.env);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toContain('--yes');
  });

  it('says that a name does not exist in the app, and where it stands (3)', async () => {
    write('all.yaml', 'channels:\n  messaging:\n    room:\n      created_by: nobody\n');
    const { code, out } = await streambed(['plan', 'all.yaml'], stream.env);
    expect(code).toBe(3);
    expect(out).toContain('all.yaml:4:7: user "nobody" does not exist in this app');
  });
});

describe('an apply that meets trouble', () => {
  it('goes on past a refusal, names what is left, and ends with 6; the next one finishes the job', async () => {
    write(
      'faults.json',
      '[{"operation": "CreateChannelType", "kind": "status", "status": 400, "code": 4, "message": "no"}]',
    );
    write('all.yaml', manifest);
    const stream = await emulator('--faults', 'faults.json');
    try {
      const first = await streambed(['apply', 'all.yaml', '--yes'], stream.env);
      expect(first.code).toBe(6);
      expect(first.out).toContain('2 applied · 1 failed · 1 skipped');
      const second = await streambed(['apply', 'all.yaml', '--yes'], stream.env);
      expect(second.code).toBe(0);
    } finally {
      await stream.stop();
    }
  });

  it('ends with 1 when nothing was written', async () => {
    write(
      'faults.json',
      '[{"operation": "UpdateUsers", "kind": "status", "status": 400, "code": 4, "message": "no", "times": 9}]',
    );
    write('all.yaml', 'users: { lena: {} }');
    const stream = await emulator('--faults', 'faults.json');
    try {
      expect((await streambed(['apply', 'all.yaml', '--yes'], stream.env)).code).toBe(1);
    } finally {
      await stream.stop();
    }
  });

  it(
    'finishes the calls in flight on SIGINT, sends no more, and ends with 130',
    { timeout: 90_000 },
    async () => {
      const users = Object.fromEntries(
        Array.from({ length: 4000 }, (_, index) => [`user-${index}`, { name: 'x' }]),
      );
      write('all.json', JSON.stringify({ users, channel_types: { one: {} } }));
      const stream = await emulator('--latency', '150');
      try {
        const running = start(['apply', 'all.json', '--yes'], stream.env);
        while (!running.heard().includes('2/41')) await new Promise((resolve) => setTimeout(resolve, 10));
        running.child.kill('SIGINT');
        const { code, out } = await running.ended;
        expect(code).toBe(130);
        expect(out).toMatch(/\d+ applied · [\d,]+ skipped/);
        const again = await streambed(['apply', 'all.json', '--yes'], stream.env);
        expect(again.code).toBe(0);
      } finally {
        await stream.stop();
      }
    },
  );
});

describe('one clear error each: no stack, no secret', () => {
  const secret = 'canary-8f3b1c77d2';
  let proxy: Server;
  let proxyUrl: string;
  beforeAll(async () => {
    proxy = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Please log in</body></html>');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => proxy.close(resolve)));

  const credentials = (url: string) => ({
    STREAM_API_KEY: 'key',
    STREAM_API_SECRET: secret,
    STREAM_BASE_URL: url,
  });

  function clear(
    { code, out, err }: Ended,
    expected: { readonly code: number; readonly says: RegExp },
  ): void {
    expect(code).toBe(expected.code);
    expect(err).toMatch(expected.says);
    expect(err.match(/error/g) ?? []).not.toHaveLength(0);
    expect(out + err).not.toMatch(/\n\s+at |node:internal|\.js:\d+/);
    expect(out + err).not.toContain(secret);
  }

  it('a wrong flag', async () => {
    clear(await streambed(['plan', '--dryrun', 'x.yaml'], credentials(proxyUrl)), {
      code: 64,
      says: /--dryrun/,
    });
    clear(await streambed(['aply'], credentials(proxyUrl)), { code: 64, says: /aply/ });
    clear(await streambed(['plan', '--format', 'xml', 'x.yaml']), { code: 64, says: /xml/ });
  });

  it('missing credentials', async () => {
    write('all.yaml', manifest);
    clear(await streambed(['plan', 'all.yaml']), { code: 64, says: /STREAM_API_KEY.*STREAM_API_SECRET/ });
  });

  it('a wrong secret', async () => {
    write('all.yaml', manifest);
    const stream = await emulator();
    try {
      const ended = await streambed(['plan', 'all.yaml'], { ...stream.env, STREAM_API_SECRET: secret });
      clear(ended, { code: 1, says: /credentials/ });
    } finally {
      await stream.stop();
    }
  });

  it('an unreachable host', async () => {
    write('all.yaml', manifest);
    clear(await streambed(['plan', 'all.yaml'], credentials('http://127.0.0.1:9')), {
      code: 1,
      says: /cannot reach/,
    });
  });

  it('a host without TLS', async () => {
    write('all.yaml', manifest);
    clear(await streambed(['plan', 'all.yaml'], credentials('http://chat.example.com')), {
      code: 64,
      says: /https|TLS/i,
    });
  });

  it('an HTML answer from a proxy', async () => {
    write('all.yaml', manifest);
    clear(await streambed(['plan', 'all.yaml'], credentials(proxyUrl)), {
      code: 1,
      says: /not Stream|proxy|HTML/i,
    });
  });

  it('half a YAML file', async () => {
    write('half.yaml', 'users:\n  lena: { name: "Le');
    clear(await streambed(['plan', 'half.yaml'], credentials(proxyUrl)), {
      code: 3,
      says: /half\.yaml:\d+:\d+/,
    });
  });

  it('a directory without manifests', async () => {
    mkdirSync(join(folder, 'empty'));
    clear(await streambed(['plan', 'empty'], credentials(proxyUrl)), {
      code: 3,
      says: /empty has no manifests/,
    });
  });
});

it('the local app of --target emulator is kept beside the manifests, and says that it is one', async () => {
  write('all.yaml', `app: { id: 42, name: Mine }\n${manifest}`);
  const applied = await streambed(['apply', 'all.yaml', '--yes', '--target', 'emulator']);
  expect(applied.code).toBe(0);
  expect(applied.out).toMatch(/^streambed apply · emulator · app "Mine" \(42\)/);
  const again = await streambed(['plan', 'all.yaml', '--target', 'emulator']);
  expect(again.out).toContain('No changes');
  expect(readdirSync(join(folder, '.streambed'))).toContain('emulator');
});
