import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from './io.ts';

const bin = resolve('dist/cli/bin.js');

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** Resolves once standard output holds this. */
  said(pattern: RegExp): Promise<string>;
}

function start(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Started {
  const child = spawn(command, args, { env: { ...process.env, ...env }, cwd: cwd ?? temporaryFolder() });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  const waiting: { pattern: RegExp; resolve(text: string): void }[] = [];
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
    for (const { pattern, resolve: tell } of waiting) if (pattern.test(stdout)) tell(stdout);
  });
  child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
  const ended = new Promise<Awaited<Started['ended']>>((resolved) => {
    child.once('close', (code) => resolved({ code, stdout, stderr }));
  });
  return {
    child,
    ended,
    said: (pattern) => new Promise((resolved) => waiting.push({ pattern, resolve: resolved })),
  };
}

function streambed(args: readonly string[], env?: Readonly<Record<string, string>>, cwd?: string): Started {
  return start(process.execPath, [bin, ...args], env, cwd);
}

/** These need the build, which `npm test` makes first. */
describe.skipIf(!existsSync(bin))('the built program', () => {
  test('ends with the code of what was wrong', async () => {
    expect(await streambed(['plan', '--fromat']).ended).toMatchObject({ code: 64, stdout: '' });
    expect(await streambed(['--version']).ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('ends quietly when nobody reads on', async () => {
    const { code, stderr } = await start('sh', ['-c', `"${process.execPath}" "${bin}" schema plan | true`])
      .ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('serves an emulator until %s', async (signal) => {
    const { child, ended, said } = streambed(['emulator']);
    await said(/STREAM_BASE_URL=\S+\n/);
    child.kill(signal);
    expect((await ended).code).toBe(0);
  });

  test('passes on how a program ended, with nothing of its own on standard output', async () => {
    const { ended } = streambed([
      'emulator',
      '--',
      process.execPath,
      '-e',
      'console.log(1); process.exit(9)',
    ]);
    expect(await ended).toMatchObject({ code: 9, stdout: '1\n', stderr: '' });
  });

  test('ends the program around which it runs when it is ended itself', async () => {
    const { child, ended, said } = streambed([
      'emulator',
      '--',
      process.execPath,
      '-e',
      'console.log(1); setInterval(() => 0, 1000)',
    ]);
    await said(/1/);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
  });

  test('stops a plan at once when it is interrupted', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'app.yaml'), 'channel_types:\n  support: { reactions: false }\n');
    let asked: () => void;
    const request = new Promise<void>((resolved) => (asked = resolved));
    const server = createServer(() => asked());
    await new Promise<void>((resolved) => server.listen(0, '127.0.0.1', resolved));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const env = {
      STREAM_API_KEY: 'key',
      STREAM_API_SECRET: 'secret',
      STREAM_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    const { child, ended } = streambed(['plan', 'app.yaml'], env, cwd);
    await request;
    const began = Date.now();
    child.kill('SIGINT');
    expect(await ended).toMatchObject({
      code: 130,
      stdout: '',
      stderr: expect.stringContaining('interrupted'),
    });
    expect(Date.now() - began).toBeLessThan(5000);
  });

  test('stops waiting for standard input when it is interrupted', async () => {
    const { child, ended } = streambed(['validate', '-']);
    await new Promise((resolved) => setTimeout(resolved, 1000));
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });
});
