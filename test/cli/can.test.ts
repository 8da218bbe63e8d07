import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import { clientOf, raw } from '../emulator/connection.ts';
import { expectSafe, hostileTexts } from '../render/hostile.ts';
import { run, temporaryFolder } from './io.ts';

/** An app in which john is a member of support:case, and how to ask it. */
async function desk(name = 'Acme Chat') {
  const emulator = await startEmulator({ rateLimits: 'none', app: { id: 1699146, name } });
  onTestFinished(() => emulator.close());
  const server = clientOf(emulator);
  await server.upsertUsers([{ id: 'john' }, { id: 'lena' }, { id: 'dan' }]);
  await raw(server, 'post', '/channeltypes', {
    name: 'support',
    grants: {
      ...Object.fromEntries(
        ['moderator', 'global_admin', 'global_moderator', 'admin', 'user'].map((role) => [role, []]),
      ),
      channel_member: ['create-message', 'delete-message-owner', 'create-reaction'],
      channel_moderator: ['delete-message'],
    },
  });
  await server
    .channel('support', 'case', {
      created_by_id: 'dan',
      members: ['john', { user_id: 'lena', channel_role: 'channel_moderator' }],
    })
    .create();
  const env = {
    STREAM_API_KEY: emulator.apiKey,
    STREAM_API_SECRET: emulator.apiSecret,
    STREAM_BASE_URL: emulator.url,
  };
  return { emulator, server, ask: (...words: string[]) => run(['can', ...words], { env }) };
}

test('a yes says by which grant', async () => {
  const { ask } = await desk();
  expect(await ask('john', 'create-message', 'support:case')).toEqual({
    code: 0,
    stderr: '',
    stdout: `streambed can · app "Acme Chat" (1699146)

yes: john may create-message in support:case

  by create-message of channel_member   (their role in the channel)   channel_type/support
`,
  });
});

test('a no says what is held and who may, and has an exit code of its own', async () => {
  const { ask } = await desk();
  expect(await ask('dan', 'create-message', 'support:case')).toEqual({
    code: 2,
    stderr: '',
    stdout: `streambed can · app "Acme Chat" (1699146)

no: dan may not create-message in support:case

  roles: user (app)
  who may: channel_member (john)
`,
  });
  const own = await ask('john', 'delete-message', 'support:case');
  expect(own.code).toBe(2);
  expect(own.stdout).toContain(
    "only their own: john may delete-message in support:case, and not what is somebody else's",
  );
  expect(own.stdout).toContain(
    '  who may: channel_member (john, only their own), channel_moderator (lena)\n',
  );
  expect((await ask('john', 'delete-message-owner', 'support:case')).code).toBe(0);
});

test('a right that is of no avail is still a right, and says so', async () => {
  const { ask, server } = await desk();
  await raw(server, 'patch', '/channels/support/case', { set: { config_overrides: { reactions: false } } });
  const { code, stdout } = await ask('john', 'create-reaction', 'support:case');
  expect(code).toBe(0);
  expect(stdout).toContain('yes, but to no avail now: john may create-reaction in support:case\n');
  expect(stdout).toContain('  ! reactions are off in this channel\n');
});

test('JSON is one document, for an answer and for every error', async () => {
  const { ask } = await desk();
  const answer = await ask('--format', 'json', 'john', 'create-message', 'support:case');
  expect(answer).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(answer.stdout)).toMatchObject({
    format_version: '1.0',
    command: 'can',
    emulator: false,
    app: { id: 1699146, name: 'Acme Chat' },
    user: 'john',
    permission: 'create-message',
    cid: 'support:case',
    verdict: 'yes',
    stopped: false,
    because: [{ role: 'channel_member', permission: 'create-message', from: 'type' }],
    notes: [],
    diagnostics: [],
  });
  const wrong = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    run(['can', '--format', 'json', ...words], { env });
  const errors = [
    [await ask('--format', 'json', 'nobody', 'create-message', 'support:case'), 1, 'unknown-user'],
    [await ask('--format', 'json', '--app', '7', 'john', 'create-message', 'support:case'), 4, 'wrong-app'],
    [await wrong(['john', 'create-message', 'support:case']), 64, 'missing-credentials'],
    [await wrong(['john']), 64, 'usage'],
    [
      await wrong(['john', 'create-message', 'support:case'], {
        STREAM_API_KEY: 'key',
        STREAM_API_SECRET: 'secret',
        STREAM_BASE_URL: 'http://127.0.0.1:1',
      }),
      1,
      'unreachable',
    ],
  ] as const;
  for (const [{ code, stderr, stdout }, expected, diagnostic] of errors) {
    expect({ code, stderr }).toEqual({ code: expected, stderr: expect.stringContaining('error') });
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'can',
      verdict: 'error',
      because: [],
      notes: [],
      diagnostics: [{ severity: 'error', code: diagnostic }],
    });
  }
});

test('an error in words goes where errors go', async () => {
  const { ask } = await desk();
  const { code, stdout, stderr } = await ask('john', 'create-mesage', 'support:case');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('error[unknown-permission]: the app has no permission "create-mesage"');
  expect(stderr).toContain('Did you mean "create-message"?');
});

test('a local stand-in is named as one', async () => {
  const cwd = temporaryFolder();
  const manifest =
    'users: { john: {} }\nchannels: { messaging: { room: { created_by: john, members: [john] } } }\n';
  writeFileSync(join(cwd, 'app.yaml'), manifest);
  expect((await run(['apply', '--yes', '--target', 'emulator', 'app.yaml'], { cwd })).code).toBe(0);
  const { code, stdout } = await run(
    ['can', '--target', 'emulator', 'john', 'create-message', 'messaging:room'],
    { cwd },
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^streambed can · emulator · app /);
  const missing = await run(['can', '--target', 'emulator', 'eva', 'create-message', 'messaging:room'], {
    cwd,
  });
  expect(missing.stderr).toMatch(/^emulator\n/);
});

test('nothing foreign acts on the terminal or in a log', async () => {
  const odd = hostileTexts.filter((text) => text !== '' && !text.startsWith('-')).slice(0, 20);
  const { ask } = await desk('a\u001b[2J\n::error::b');
  for (const text of odd) {
    for (const words of [
      [text, 'create-message', 'support:case'],
      ['john', text, 'support:case'],
      ['john', 'create-message', text],
      ['--format', 'json', text, text, text],
    ]) {
      const { stdout, stderr } = await ask(...words);
      for (const shown of [stdout, stderr]) if (shown !== '') expectSafe(shown);
    }
  }
  const { stdout } = await ask('john', 'create-message', 'support:case');
  expectSafe(stdout);
  expect(stdout).toContain('app "a\\u{1b}[2J\\n');
});
