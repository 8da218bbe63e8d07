import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import type { JournalState } from '../../src/model/journal.ts';
import { run, temporaryFolder, type Ran } from './io.ts';

const before = `
users: { lena: { name: Lena }, ben: {} }
channel_types: { support: { grants: { user: [read-channel, create-message] } } }
channels: { support: { a: { created_by: lena } } }
`;
/** Takes a right away, gives another, changes a user, makes one. */
const after = `
users: { lena: { name: Helena }, noa: {} }
channel_types: { support: { reactions: false, grants: { user: [read-channel, pin-message] } } }
`;

async function desk() {
  const emulator = await startEmulator({ rateLimits: 'none', app: { id: 7, name: 'Acme' } });
  onTestFinished(() => emulator.close());
  const cwd = temporaryFolder();
  const { apiKey, apiSecret, url } = emulator;
  const env = { STREAM_API_KEY: apiKey, STREAM_API_SECRET: apiSecret, STREAM_BASE_URL: url };
  const apply = (yaml: string, folder: string, signal?: AbortSignal): Promise<Ran> => {
    writeFileSync(join(cwd, 'chat.yaml'), yaml);
    const words = ['apply', '--yes', '--journal', folder, 'chat.yaml'];
    return run(words, { cwd, env, ...(signal === undefined ? {} : { signal }) });
  };
  await apply(before, 'made');
  const journal = (): string => join('runs', readdirSync(join(cwd, 'runs'))[0] ?? '');
  return {
    emulator,
    cwd,
    apply,
    journal,
    status: async (file = journal()): Promise<string> => {
      // It asks no app, so it needs no key.
      const { code, stdout, stderr } = await run(['status', file], { cwd });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    },
    /** The journal as it would be had the run been cut off after this line. */
    cutAfter(pattern: RegExp): string {
      const lines = readFileSync(join(cwd, journal()), 'utf8').split('\n');
      const kept = lines.slice(0, lines.findIndex((line) => pattern.test(line)) + 1);
      writeFileSync(join(cwd, 'cut.jsonl'), `${kept.join('\n')}\n{"type":"do\n\n\n`);
      return 'cut.jsonl';
    },
  };
}

const options = 'with the same files and options as before';

test('an apply that converged is told as that, with what is wider now and how to go back', async () => {
  const { apply, journal, status } = await desk();
  await apply(after, 'runs');
  expect((await status()).split('\n').slice(1)).toEqual([
    '',
    expect.stringMatching(/^finished: the app was what was asked for · 4 writes · \d+ reads$/),
    '3 of 3 objects done',
    '  ~ channel_type support, ~ user lena, + user noa',
    '',
    'New, wider, or changed otherwise:',
    '  channel_type support, user lena, user noa',
    '',
    `Next: nothing to do; streambed rollback ${journal()}, to go back`,
    '',
  ]);
});

test('an apply that only closed something leaves the app narrower', async () => {
  const { apply, status } = await desk();
  await apply('channel_types: { support: { reactions: false } }', 'runs');
  expect(await status()).toContain('Narrower than before:\n  channel_type support\n');
});

test('a reset is not called narrower: its defaults may be more than what was there', async () => {
  const { apply, status } = await desk();
  await apply('channel_types: { livestream: { grants: { user: [] } } }', 'closed');
  await apply(
    'removed: [{ channel_type: livestream, because: fresh, created_before: 2030-01-01T00:00:00Z }]',
    'runs',
  );
  expect(await status()).toContain('New, wider, or changed otherwise:\n  channel_type livestream\n');
});

test('a failure is told with its reason, and what was done of the object', async () => {
  const { apply, emulator, journal, status } = await desk();
  emulator.addFault({ operation: 'UpdateUsersPartial', kind: 'status', status: 400, code: 4, message: 'no' });
  expect((await apply(after, 'runs')).code).toBe(6);
  const told = await status();
  expect(told).toContain('finished in part · 3 writes');
  expect(told).toContain('2 of 3 objects done\n');
  expect(told).toMatch(/1 of 3 objects failed\n {2}~ user lena: .*"no"/);
  expect(told).toContain('channel_type support, user lena (perhaps), user noa\n');
  expect(told).toContain(`Next: streambed apply, ${options}, to finish; or streambed rollback ${journal()}`);
});

test('what was taken and not yet given again is told as narrower', async () => {
  const { apply, cutAfter, status } = await desk();
  await apply(after, 'runs');
  const told = await status(cutAfter(/"done".*UpdateChannelType channel_type\/support narrow/));
  expect(told).toContain('cut off: the run ended without its last line');
  expect(told).toContain('1 of 3 objects done in part');
  expect(told).toContain('UpdateChannelType narrow done, UpdateChannelType widen not');
  expect(told).toContain('Narrower than before:\n  channel_type support\n');
  expect(told).toContain(`Next: streambed apply, ${options}, to finish; or streambed rollback cut.jsonl`);
});

test('what was sent without an answer counts as done where the app may be wider, and as open where it is told', async () => {
  const { apply, cutAfter, status } = await desk();
  await apply(after, 'runs');
  const told = await status(cutAfter(/"sending".*channel_type\/support widen/));
  expect(told).toContain('of 3 objects sent, and nobody knows what became of it');
  expect(told).toMatch(/New, wider, or changed otherwise:\n.*channel_type support/);
});

test('a run that was cut off before it was ready sent nothing', async () => {
  const { apply, cutAfter, status } = await desk();
  await apply(after, 'runs');
  const told = await status(cutAfter(/"planned"/));
  expect(told).toContain('cut off before the first write: nothing was sent');
  expect(told).toContain('The app is neither narrower nor wider than before.');
  expect(told).toContain(`Next: streambed apply, ${options}: nothing was written`);
});

test('an interrupted run says what was under way and how to finish', async () => {
  const { apply, emulator, status } = await desk();
  const stop = new AbortController();
  emulator.addFault({ operation: 'UpdateChannelType', kind: 'delay', delayMs: 300, times: 1 });
  const running = apply(after, 'runs', stop.signal);
  while (!emulator.requests.some(({ operation }) => operation === 'UpdateChannelType'))
    await new Promise((resolve) => setTimeout(resolve, 5));
  emulator.clearRequests();
  stop.abort();
  expect((await running).code).toBe(130);
  const told = await status();
  expect(told).toContain('interrupted: what was under way was finished');
  expect(told).toContain(`Next: streambed apply, ${options}, to finish`);
});

test('a run that wrote nothing is told as that', async () => {
  const { apply, emulator, status } = await desk();
  emulator.addFault({ operation: 'UpdateUsersPartial', kind: 'status', status: 400, code: 4, message: 'no' });
  await apply('users: { lena: { name: Helena } }', 'runs');
  const told = await status();
  expect(told).toContain('finished: nothing was written · 0 writes');
  expect(told).toContain(`Next: streambed apply, ${options}`);
});

test('programs get the same as JSON', async () => {
  const { apply, cwd, journal } = await desk();
  await apply(after, 'runs');
  const { stdout } = await run(['status', '--format', 'json', journal()], { cwd });
  const state = JSON.parse(stdout) as JournalState;
  expect(state).toMatchObject({
    begun: true,
    end: { result: 'converged' },
    head: { app: { id: 7, name: 'Acme' } },
    narrower: [],
    wider: ['channel_type/support', 'user/lena', 'user/noa'],
  });
  expect(state.objects.map(({ state: one }) => one)).toEqual(['done', 'done', 'done']);
});

test('a name that a shell would read in another way is quoted, and none reaches the terminal raw', async () => {
  const { apply, cwd, journal } = await desk();
  await apply(after, 'runs');
  const text = readFileSync(join(cwd, journal()), 'utf8');
  const file = "it's $(here).jsonl";
  writeFileSync(join(cwd, file), text.replace('"Acme"', '"\\u001b[2JAcme"'));
  const { stdout } = await run(['status', file], { cwd });
  expect(stdout).toContain(`streambed rollback 'it'\\''s $(here).jsonl', to go back`);
  expect(stdout).not.toContain('\u001b');
});
