import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, temporaryFolder } from './io.ts';

describe('the program', () => {
  test('says its version and its help on standard output', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect(await run(['plan', '--help'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('Examples:'),
    });
  });

  test('refuses what it does not know with one line, and nothing foreign in it reaches the terminal', async () => {
    expect(await run(['plan', '--fromat'])).toEqual({
      code: 64,
      stdout: '',
      stderr: "error: unknown option '--fromat' (Did you mean --format?); see streambed plan --help\n",
    });
    const { stderr } = await run(['\u001b[2Jplan']);
    expect(stderr).toContain('\\u{1b}[2Jplan');
    expect(stderr).not.toContain('\u001b');
  });

  test('prints the schema of what it prints', async () => {
    const { stdout, stderr, code } = await run(['schema', 'plan']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { outcome: {} } });
  });
});

describe('an emulator', () => {
  test('runs a program with the three variables and passes its exit code on', async () => {
    const script = `
      const { STREAM_API_KEY: key, STREAM_API_SECRET: secret, STREAM_BASE_URL: url } = process.env;
      const answer = await fetch(url + '/app?api_key=' + key);
      console.log(key.length > 0, secret.length > 0, answer.status);
      process.exitCode = 23;`;
    const ran = await run(['emulator', '--', process.execPath, '--input-type=module', '-e', script]);
    expect(ran).toEqual({ code: 23, stdout: 'true true 401\n', stderr: '' });
  });

  test('says when there is no such program', async () => {
    const ran = await run(['emulator', '--', 'no-such-program-\u001b[2J']);
    expect(ran).toEqual({
      code: 127,
      stdout: '',
      stderr: 'error: cannot run "no-such-program-\\u{1b}[2J": there is no such program\n',
    });
  });

  test('alone prints three export lines, answers, and serves until it is interrupted', async () => {
    const stop = new AbortController();
    const cwd = temporaryFolder();
    let exported = '';
    const serving = run(['emulator', '--write-env', 'stream.env'], {
      cwd,
      signal: stop.signal,
      onOutput: (text) => {
        exported += text;
        const url = /STREAM_BASE_URL=(\S+)\n/.exec(exported)?.[1];
        if (url !== undefined) {
          void fetch(`${url}/app`).then(({ status }) => {
            stop.abort(status);
          });
        }
      },
    });
    const { code, stdout, stderr } = await serving;
    expect(code).toBe(0);
    expect(stop.signal.reason).toBe(401);
    expect(stdout).toMatch(
      /^export STREAM_API_KEY=\S+\nexport STREAM_API_SECRET=\S+\nexport STREAM_BASE_URL=http:\/\/127\.0\.0\.1:\d+\n$/,
    );
    expect(stderr).toMatch(/^emulator: serving at /);
    expect(readFileSync(join(cwd, 'stream.env'), 'utf8')).toBe(stdout.replaceAll('export ', ''));
  });
});
