import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEmulator, type Fault } from '../../src/emulator/index.ts';
import { run, temporaryFolder } from './io.ts';

const canary = `kanarie-${randomBytes(9).toString('hex')}`;
/** One that has to be written in another way inside a URL and in JSON. */
const odd = `k%"n+${randomBytes(9).toString('hex')}`;
const url = (secret: string): string => `https://bot:${encodeURIComponent(secret)}@hooks.example/path`;

/** What would tell a secret, in every way that is easily undone; a piece of it tells too. */
function forms(secret: string): readonly string[] {
  const whole = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  return [...whole, Buffer.from(secret).toString('base64').replace(/=+$/, ''), secret.slice(6)];
}

const valid = (secret: string): string => `app:
  settings:
    before_message_send_hook_url: ${url(secret)}
    datadog_info: { api_key: '${secret}', site: datadoghq.eu, enabled: true }
    async_moderation_config: { callback: { server_url: '${url(secret)}' } }
channels:
  messaging:
    room: { created_by: lena, custom: { link: '${url(secret)}' } }
users: { lena: {} }
`;

/** Manifests with a mistake in each place that holds a secret, or beside it. */
const invalid: readonly (readonly [string, string])[] = [
  ['scheme', `app: { settings: { before_message_send_hook_url: 'ftp://bot:${canary}@x/y' } }`],
  ['long', `app: { settings: { before_message_send_hook_url: 'ftp://bot:${canary.repeat(4)}@x/y' } }`],
  ['mistyped', `app:\n  settings:\n    image_moderation_enabled: https://bot:${canary}@x/y\n`],
  ['beside', `app: { settings: { custom_action_handler_url: 'https://bot:${canary}@x', nonsense: 1 } }`],
  ['a list instead', `app: { settings: { allowed_flag_reasons: 'https://bot:${canary}@x' } }`],
  [
    'twice',
    `app: { settings: { allowed_flag_reasons: ['https://b:${canary}@x', 'https://b:${canary}@x'], a: 1 } }`,
  ],
  ['comment', `app:\n  settings:\n    moderation_webhook_url: https://bot:ab #${canary}@x\n`],
  ['folded', `app:\n  settings:\n    moderation_webhook_url: "ftp://bot:\\\n      ${canary}@x"\n`],
  ['scalar above a secret', `app:\n  settings:\n    datadog_info: ${canary}\n`],
  ['list above a secret', `app:\n  settings:\n    datadog_info:\n      - ${canary}\n`],
  ['list for a secret', `app:\n  settings:\n    datadog_info:\n      api_key:\n        - ${canary}\n`],
  ['unknown name below', `app:\n  settings:\n    datadog_info:\n      apiky: ${canary}\n`],
  ['behind an alias', `x-a: &a\n  apiky: ${canary}\napp:\n  settings:\n    datadog_info: *a\n`],
  ['a tag', `app:\n  settings:\n    datadog_info: !${canary}\n`],
  ['an alias', `app:\n  settings:\n    datadog_info: *${canary}\n`],
  ['a comment alone', `app:\n  settings:\n    datadog_info: #${canary}\n`],
  ['cut off', `app:\n  settings:\n    datadog_info:\n      api_key:\n        a #${canary}\n`],
  ['block header', `app:\n  settings:\n    datadog_info: |${canary}\n`],
  ['never closed', `app:\n  settings:\n    datadog_info:\n      api_key:\n        "${canary}\n`],
  ['half a URL', `app:\n  settings:\n    moderation_webhook_url: "https://bot:${canary}\n`],
  ['settings', `app:\n  settings: ${canary}\n`],
  ['the app', `app: ${canary}\n`],
  ['misplaced', `app:\n  datadog_info: ${canary}\n`],
  ['a section of its own', `datadog_info: { api_key: ${canary} }\n`],
  ['a key', `app: { settings: { 'https://bot:${canary}@x': 1 } }\n`],
  ['a name', `users: { 'https://bot:${canary}@x': {} }\n`],
];

const formats = ['terminal', 'json', 'markdown', 'github', 'html'];

function folderWith(manifest: string): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'app.yaml'), manifest);
  return cwd;
}

async function shown(
  words: readonly string[],
  manifest: string,
  more: { readonly env?: Record<string, string>; readonly terminal?: boolean } = {},
): Promise<{ readonly code: number; readonly text: string }> {
  const texts = await Promise.all(
    formats.map((format) =>
      run(
        [...words, '-v', '--format', format, 'app.yaml'].filter(
          (word) => words[0] !== 'validate' || word !== '-v',
        ),
        {
          cwd: folderWith(manifest),
          ...more,
        },
      ),
    ),
  );
  return { code: texts[0]!.code, text: texts.map(({ stdout, stderr }) => stdout + stderr).join('\n') };
}

function expectHidden(text: string, secret: string): void {
  for (const form of forms(secret)) expect(text).not.toContain(form);
}

describe('a secret is nowhere in what is printed', () => {
  test.each(invalid)('of manifests that are wrong: %s', async (_, manifest) => {
    const { code, text } = await shown(['validate'], manifest);
    expect(code).toBe(3);
    expectHidden(text, canary);
  });

  test.each([canary, odd])('of a validation, a plan and an apply that work: %#', async (secret) => {
    const stream = await startEmulator({ rateLimits: 'none' });
    onTestFinished(() => stream.close());
    const env = envOf(stream);
    const checked = await shown(['validate'], valid(secret));
    const planned = await shown(['plan'], valid(secret), { env });
    const applied = await run(['apply', '--yes', '-v', '--format', 'json', 'app.yaml'], {
      cwd: folderWith(valid(secret)),
      env,
    });
    expect([checked.code, planned.code]).toEqual([0, 0]);
    expect(applied.stdout).toContain('"outcomes"');
    expectHidden(checked.text + planned.text + applied.stdout + applied.stderr, secret);
  });

  test.each(
    [canary, odd].flatMap((secret) =>
      formats.flatMap((format) => [false, true].map((tty) => ({ secret, format, tty }))),
    ),
  )('of an apply that Stream refuses by repeating it: %#', async ({ secret, format, tty }) => {
    const message = `bad "${url(secret)}": ${JSON.stringify({ url: url(secret), key: secret })}, ${secret} ${secret.repeat(60)}`;
    const fault: Omit<Fault, 'operation'> = { kind: 'status', status: 400, code: 4, message, times: 99 };
    const faults = ['UpdateApp', 'GetOrCreateChannel'].map((operation) => ({ ...fault, operation }));
    const stream = await startEmulator({ rateLimits: 'none', faults });
    onTestFinished(() => stream.close());
    const { code, stdout, stderr } = await run(['apply', '--yes', '--format', format, 'app.yaml'], {
      cwd: folderWith(valid(secret)),
      env: envOf(stream),
      terminal: tty,
    });
    expect(code).toBe(6);
    expect(stdout + stderr).toContain('***');
    expectHidden(stdout + stderr, secret);
  });
});

test('frames keep their columns, and show what is no secret', async () => {
  const manifest = `app: { settings: { moderation_webhook_url: 'https://bot:hunter2@x', nonsense: 1 } }\n`;
  const { stderr } = await run(['validate', 'app.yaml'], { cwd: folderWith(manifest) });
  expect(stderr).toContain("moderation_webhook_url: 'https://***********@x', nonsense: 1");
  const [line = '', marks = ''] = stderr.split('\n').filter((text) => text.includes(' | '));
  expect(marks.indexOf('^')).toBe(line.indexOf('nonsense'));
});

function envOf({
  url: base,
  apiKey,
  apiSecret,
}: Awaited<ReturnType<typeof startEmulator>>): Record<string, string> {
  return { STREAM_API_KEY: apiKey, STREAM_API_SECRET: apiSecret, STREAM_BASE_URL: base };
}
