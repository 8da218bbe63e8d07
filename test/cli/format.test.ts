import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import { run, temporaryFolder, type Options } from './io.ts';

/** A folder with one manifest, and an app that is not yet what it says. */
async function prepared(manifest = 'channel_types: { support: { reactions: false } }\n') {
  const app = await startEmulator({ rateLimits: 'none', app: { id: 7, name: 'Acme' } });
  onTestFinished(() => app.close());
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'app.yaml'), manifest);
  const env = {
    STREAM_API_KEY: app.apiKey,
    STREAM_API_SECRET: app.apiSecret,
    STREAM_BASE_URL: app.url,
    GITHUB_STEP_SUMMARY: join(cwd, 'summary.md'),
  };
  return { cwd, env, summary: env.GITHUB_STEP_SUMMARY } satisfies Options & { readonly summary: string };
}

test('markdown is one comment on standard output, and the same twice', async () => {
  const options = await prepared();
  const first = await run(['plan', '--format', 'markdown', 'app.yaml'], options);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(
    /^<!-- streambed:plan app=7 -->\n\n### `Acme \(7\)` · 0 to change, 1 to create/,
  );
  expect(await run(['plan', '--format', 'markdown', 'app.yaml'], options)).toEqual(first);
  expect(existsSync(options.summary)).toBe(false);
});

test('github is annotations and a verdict, and the whole plan in the summary of the step', async () => {
  const options = await prepared();
  writeFileSync(options.summary, 'said before');
  const words = ['plan', '--format', 'github', '--detailed-exitcode', 'app.yaml'];
  const { code, stdout, stderr } = await run(words, options);
  expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
  expect(stdout).toMatch(/^::notice file=app\.yaml,line=1,col=\d+,title=\+ channel_type support::/m);
  expect(stdout).toContain('\n0 to change · 1 to create');
  const { stdout: markdown } = await run(['plan', '--format', 'markdown', 'app.yaml'], options);
  expect(readFileSync(options.summary, 'utf8')).toBe(`said before\n\n${markdown}`);
});

test('github without a summary file is only the annotations', async () => {
  const { cwd, env, summary } = await prepared();
  const { code, stderr } = await run(['plan', '--format', 'github', 'app.yaml'], {
    cwd,
    env: { ...env, GITHUB_STEP_SUMMARY: '' },
  });
  expect({ code, stderr, exists: existsSync(summary) }).toEqual({ code: 0, stderr: '', exists: false });
});

test('a summary that cannot be written, or is full, is a warning and no failure', async () => {
  const options = await prepared();
  mkdirSync(options.summary);
  const refused = await run(['plan', '--format', 'github', 'app.yaml'], options);
  expect(refused).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 to create'),
    stderr: expect.stringMatching(/^warning: the step summary cannot be written: .*\n$/),
  });
  const full = join(options.cwd, 'full.md');
  writeFileSync(full, 'x'.repeat(1024 * 1024 - 10));
  const env = { ...options.env, GITHUB_STEP_SUMMARY: full };
  const ran = await run(['plan', '--format', 'github', 'app.yaml'], { cwd: options.cwd, env });
  expect(ran).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('warning: the step summary is full'),
  });
});

test('what is wrong with a manifest is told once: as annotations for GitHub, with its lines beside Markdown', async () => {
  const options = await prepared('channel_types: { support: { reactionz: false } }\n');
  const github = await run(['validate', '--format', 'github', 'app.yaml'], options);
  expect(github).toMatchObject({ code: 3, stderr: '' });
  expect(github.stdout).toMatch(/^::error file=app\.yaml,line=1,col=\d+,title=/);
  expect(readFileSync(options.summary, 'utf8')).toContain('> [!CAUTION]\n> - error ');
  const markdown = await run(['validate', '--format', 'markdown', 'app.yaml'], options);
  expect(markdown).toMatchObject({ code: 3, stderr: expect.stringContaining('reactionz: false') });
  expect(markdown.stdout).toContain('Invalid, 1 error');
});

test('an apply shows its plan beside, and what became of it as the document', async () => {
  const options = await prepared();
  const ran = await run(['apply', '--yes', '--format', 'markdown', 'app.yaml'], options);
  expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('1 to create') });
  expect(ran.stdout).toContain('### `Acme (7)` · apply · 1 applied\n');
  expect(ran.stdout).toContain('read back: the app is what the manifests say');
});
