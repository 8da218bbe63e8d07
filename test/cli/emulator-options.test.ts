import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emulatorCommand } from '../../src/cli/commands/emulator.ts';
import type { EmulatorInvocation } from '../../src/cli/invocation.ts';
import { ioFor, temporaryFolder } from './io.ts';

const plain: EmulatorInvocation = {
  command: 'emulator',
  debug: false,
  color: true,
  port: 0,
  envFile: undefined,
  app: {},
  rateLimits: true,
  latencyMs: 0,
  propagationMs: 0,
  faultsFile: undefined,
  folder: undefined,
  run: [process.execPath, '-e', ''],
};

describe('the file with the variables', () => {
  test('is for nobody else to read, and there when the program starts', async () => {
    const cwd = temporaryFolder();
    const file = join(cwd, 'stream.env');
    writeFileSync(file, 'STREAM_API_KEY=old\n', { mode: 0o644 });
    const script = `process.exitCode = fs.readFileSync(${JSON.stringify(file)}, 'utf8').includes(process.env.STREAM_API_KEY) ? 0 : 1`;
    const { io } = ioFor({ cwd });
    expect(
      await emulatorCommand({ ...plain, envFile: 'stream.env', run: [process.execPath, '-e', script] }, io),
    ).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('in a folder that does not exist is wrong usage', async () => {
    const { io } = ioFor({});
    await expect(emulatorCommand({ ...plain, envFile: 'no/where.env' }, io)).rejects.toMatchObject({
      exitCode: 64,
    });
  });
});

describe('faults', () => {
  test.each([
    ['{', /JSON/],
    ['{"kind":"html"}', /not a list/],
    ['[{"kind":"html"},1]', /fault 2 is not an object/],
    ['[{"kind":"explode"}]', /fault 1 needs a kind of status, /],
    ['[{"kind":"html","time":2}]', /unknown field time/],
    ['[{"kind":"html","times":"2"}]', /needs a number as times/],
    ['[{}]', /needs a kind/],
  ])('%s is wrong usage', async (text, message) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'faults.json'), text);
    const { io } = ioFor({ cwd });
    const command = emulatorCommand({ ...plain, faultsFile: 'faults.json' }, io);
    await expect(command).rejects.toMatchObject({ exitCode: 64, message: expect.stringMatching(message) });
  });

  test('from a file happen', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'faults.json'), '[{"kind":"html","status":502,"operation":"GetApp"}]');
    const script = `
      const { STREAM_API_KEY: key, STREAM_API_SECRET: secret, STREAM_BASE_URL: url } = process.env;
      const signed = [{ alg: 'HS256', typ: 'JWT' }, { server: true }].map((part) => btoa(JSON.stringify(part)).replace(/=/g, '')).join('.');
      const signature = require('crypto').createHmac('sha256', secret).update(signed).digest('base64url');
      const headers = { authorization: signed + '.' + signature, 'stream-auth-type': 'jwt' };
      fetch(url + '/app?api_key=' + key, { headers }).then((answer) => { process.exitCode = answer.status - 500 });`;
    const { io } = ioFor({ cwd });
    expect(
      await emulatorCommand(
        { ...plain, faultsFile: 'faults.json', run: [process.execPath, '-e', script] },
        io,
      ),
    ).toBe(2);
  });
});

test('a taken port and a broken folder are errors that say so', async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'state.json'), '{');
  await expect(emulatorCommand({ ...plain, folder: '.' }, ioFor({ cwd }).io)).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(/did not start: .*state\.json/),
  });
  const script =
    'const s = require("net").createServer().listen(+process.env.PORT, "127.0.0.1", () => process.exit(0)).on("error", () => process.exit(9))';
  const { io } = ioFor({ cwd });
  expect(
    await emulatorCommand(
      {
        ...plain,
        run: [
          process.execPath,
          '-e',
          `process.env.PORT = new URL(process.env.STREAM_BASE_URL).port; ${script}`,
        ],
      },
      io,
    ),
  ).toBe(9);
  expect(existsSync(join(cwd, '.streambed'))).toBe(false);
});
