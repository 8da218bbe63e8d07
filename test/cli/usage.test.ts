import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import { planReportSchema } from '../../src/model/report.ts';
import { run, temporaryFolder } from './io.ts';

const valid = new Ajv2020({ strict: false }).compile(planReportSchema);

test.each([
  [['plan', '--format', 'json', '--fromat', 'x'], 'plan'],
  [['apply', '--format=json', '--allow-destroy', 'member'], 'apply'],
  [['validate', '--format', 'json', '--yes'], 'validate'],
  [['pln', '--format', 'json'], 'plan'],
])('wrong usage is one JSON report where one was asked for: %j', async (words, command) => {
  const { code, stdout, stderr } = await run(words);
  expect(code).toBe(64);
  expect(stderr).toMatch(/^error: .*--help\n$/);
  const report: unknown = JSON.parse(stdout);
  expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
  expect(report).toMatchObject({
    command,
    outcome: 'error',
    diagnostics: [{ severity: 'error', code: 'usage' }],
  });
});

test.each([
  [['plan', '--fromat', 'json']],
  [['plan', '--format', 'xml']],
  [['plan', '--format', 'json', '--format', 'terminal', '--nonsense']],
  [['emulator', '--nonsense', '--', 'streambed', 'plan', '--format', 'json']],
])('and nothing where none was: %j', async (words) => {
  expect(await run(words)).toMatchObject({ code: 64, stdout: '' });
});

test.each(['plan', 'apply --yes'])(
  '%s --send-write-only of nothing is wrong usage, after everything worse',
  async (command) => {
    const cwd = temporaryFolder();
    const stream = await startEmulator({ rateLimits: 'none' });
    onTestFinished(() => stream.close());
    const env = {
      STREAM_API_KEY: stream.apiKey,
      STREAM_API_SECRET: stream.apiSecret,
      STREAM_BASE_URL: stream.url,
    };
    const words = [...command.split(' '), '--format', 'json', '--send-write-only', 'user/nobody'];
    const outcomeOf = async (manifest: string, ...more: readonly string[]): Promise<unknown> => {
      writeFileSync(join(cwd, 'app.yaml'), manifest);
      const { code, stdout } = await run([...words, ...more, 'app.yaml'], { cwd, env });
      return { code, outcome: (JSON.parse(stdout) as { outcome: string }).outcome };
    };
    expect(await outcomeOf('users: { lena: {} }')).toEqual({ code: 64, outcome: 'error' });
    expect(await outcomeOf('users: { lena: { role: captain } }')).toEqual({ code: 3, outcome: 'invalid' });
    expect((await outcomeOf('users: { lena: {} }', '--app', '999999')) as { code: number }).toMatchObject({
      code: 4,
    });
  },
);
