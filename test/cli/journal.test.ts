import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createJournal } from '../../src/cli/journal-file.ts';
import { startEmulator, type EmulatorOptions } from '../../src/emulator/index.ts';
import type { JournalEntry, JournalHead } from '../../src/model/journal.ts';
import { bin, started, streambed, type Ended } from '../support/command.ts';
import { writesOf } from '../support/world.ts';
import { run, temporaryFolder, type Ran } from './io.ts';

async function desk(options: EmulatorOptions = {}) {
  const emulator = await startEmulator({ rateLimits: 'none', app: { id: 7, name: 'Acme' }, ...options });
  onTestFinished(() => emulator.close());
  const cwd = temporaryFolder();
  const { apiKey, apiSecret, url } = emulator;
  const env = { STREAM_API_KEY: apiKey, STREAM_API_SECRET: apiSecret, STREAM_BASE_URL: url };
  const manifest = (yaml: string): void => writeFileSync(join(cwd, 'chat.yaml'), yaml);
  manifest('users: { lena: { name: Lena } }\n');
  return {
    emulator,
    cwd,
    manifest,
    place: { folder: cwd, app: emulator },
    apply: (...words: readonly string[]): Promise<Ran> =>
      run(['apply', '--yes', 'chat.yaml', ...words], { cwd, env }),
    status: (journal: string): Promise<Ran> => run(['status', journal], { cwd, env }),
    /** What was sent besides holding the app and letting it go. */
    writes: () => writesOf(emulator).filter(({ call }) => !call.includes('blocklists')),
  };
}

function journalsIn(cwd: string, folder = '.streambed/applies'): readonly string[] {
  if (!existsSync(join(cwd, folder))) return [];
  const names = readdirSync(join(cwd, folder)).filter((name) => name.endsWith('.jsonl'));
  return names.map((name) => `${folder}/${name}`);
}

function entriesOf(cwd: string, journal: string | undefined): readonly JournalEntry[] {
  const lines = readFileSync(join(cwd, journal ?? ''), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JournalEntry);
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('the journal of an apply', () => {
  test('is named after the moment and the app, and readable by its owner alone', async () => {
    const { apply, cwd } = await desk();
    const { stderr, stdout } = await apply();
    const [journal = ''] = journalsIn(cwd);
    expect(journal).toMatch(/^\.streambed\/applies\/\d{8}T\d{6}Z-7\.jsonl$/);
    expect(stderr).toContain(`journal: ${journal}\n`);
    expect(stdout).toContain(`journal: ${journal}\n`);
    expect(modeOf(join(cwd, journal))).toBe('600');
    expect(modeOf(join(cwd, '.streambed/applies'))).toBe('700');
    expect(modeOf(join(cwd, '.streambed'))).toBe('700');
    expect(readFileSync(join(cwd, '.streambed/.gitignore'), 'utf8')).toBe('*\n');
  });

  test('holds what was there, what is sent and what became of it, in the order in which it happened', async () => {
    const { apply, cwd, manifest } = await desk();
    await apply('--journal', 'first');
    manifest('users: { lena: { name: Helena }, ben: {} }\n');
    await apply('--journal', 'runs');
    const [journal] = journalsIn(cwd, 'runs');
    const entries = entriesOf(cwd, journal);
    expect(entries.map(({ type }) => type).slice(0, 6)).toEqual([
      'apply',
      'object',
      'object',
      'planned',
      'planned',
      'ready',
    ]);
    expect(entries[2]).toMatchObject({ address: 'user/lena', before: { name: 'Lena', role: 'user' } });
    expect(entries.at(-1)).toMatchObject({ type: 'end', result: 'converged', writes: 2 });
    for (const [index, entry] of entries.entries()) {
      if (entry.type !== 'done') continue;
      const sent = entries.findIndex((one) => one.type === 'sending' && one.step === entry.step);
      expect(sent).toBeGreaterThan(5);
      expect(sent).toBeLessThan(index);
    }
    expect(journalsIn(cwd)).toEqual([]);
  });

  test('is whole on the disk before anything is sent', async () => {
    const { apply, cwd, emulator } = await desk();
    emulator.addFault({ operation: 'UpdateUsers', kind: 'status', status: 400, code: 4, message: 'no' });
    expect((await apply()).code).toBe(1);
    const types = entriesOf(cwd, journalsIn(cwd)[0]).map(({ type }) => type);
    expect(types).toEqual(['apply', 'object', 'planned', 'ready', 'sending', 'failed', 'end']);
  });

  test('is written by no plan, no refused apply and no apply that has nothing to do', async () => {
    const { apply, cwd, manifest } = await desk();
    await apply();
    const journals = journalsIn(cwd);
    expect((await apply()).code).toBe(0);
    manifest('app: { id: 8 }\nusers: { ben: {} }\n');
    expect((await apply()).code).toBe(4);
    expect(journalsIn(cwd)).toEqual(journals);
  });

  test('is never overwritten, by two runs of one second either', async () => {
    const cwd = temporaryFolder();
    const now = (): number => Date.UTC(2026, 10, 21, 14, 0, 5, 250);
    const paths: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      const file = await createJournal(undefined, [{ ...head, app: { id: 7, name } }], { cwd, now });
      await file.close();
      paths.push(file.path);
    }
    expect(paths).toEqual([
      '.streambed/applies/20261121T140005Z-7.jsonl',
      '.streambed/applies/20261121T140005Z-7-2.jsonl',
      '.streambed/applies/20261121T140005Z-7-3.jsonl',
    ]);
    expect(paths.map((path) => readFileSync(join(cwd, path), 'utf8').includes('"name":"one"'))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('is not written through a link that somebody put in its place', async () => {
    for (const [link, folder] of [
      ['.streambed', ''],
      ['.streambed/applies', '.streambed'],
    ] as const) {
      const { apply, cwd, writes } = await desk();
      const elsewhere = temporaryFolder();
      mkdirSync(join(cwd, folder), { recursive: true });
      symlinkSync(elsewhere, join(cwd, link));
      const { code, stderr } = await apply();
      expect(code).toBe(1);
      expect(stderr).toContain(`"${link}" is not a folder, so the journal is not written there`);
      expect(readdirSync(elsewhere)).toEqual([]);
      expect(writes()).toEqual([]);
    }
  });

  test('that cannot be written stops the apply before it wrote anything', async () => {
    const { apply, cwd, emulator, writes } = await desk();
    writeFileSync(join(cwd, 'taken'), '');
    for (const folder of ['taken', 'taken/below']) {
      const { code, stderr } = await apply('--journal', folder);
      expect([folder, code]).toEqual([folder, 1]);
      expect(stderr).toContain('error[journal]');
      expect(stderr).toContain('Nothing was written to the app.');
    }
    expect(writes()).toEqual([]);
    // The app is let go again.
    expect(JSON.stringify(emulator.snapshot())).not.toContain('streambed-lock');
  });

  test.skipIf(process.getuid?.() === 0)('in a folder of somebody else is not written', async () => {
    const { apply, cwd, writes } = await desk();
    mkdirSync(join(cwd, 'theirs'));
    chmodSync(join(cwd, 'theirs'), 0o500);
    expect((await apply('--journal', 'theirs')).code).toBe(1);
    expect(writes()).toEqual([]);
  });
});

const head: JournalHead = {
  type: 'apply',
  format: 'streambed-journal',
  format_version: '1.0',
  tool_version: '0',
  time: '2026-11-21T14:00:05Z',
  app: { id: 7, name: 'Acme' },
  emulator: true,
  manifests: [],
};

/** Channels that an apply makes and changes one by one, so that its journal has many lines. */
const ids = Array.from({ length: 100 }, (_, index) => `case-${index}`);
const channelsWith = (fields: object): string =>
  JSON.stringify({
    users: { lena: {} },
    channels: {
      messaging: Object.fromEntries(ids.map((id) => [id, { created_by: 'lena', ...fields }])),
    },
  });

/** The bytes that a run takes before it sends anything: what it writes down, and what it keeps free. */
function roomOf(cwd: string, journal: string): number {
  const lines = readFileSync(join(cwd, journal), 'utf8').split('\n');
  const begin = lines.slice(0, lines.indexOf('{"type":"ready"}') + 1);
  const planned = begin.filter((line) => line.startsWith('{"type":"planned"'));
  const reserve = planned.reduce(
    (sum, line) => sum + 2 * (Buffer.byteLength(line) + 1 + 100) + 1200,
    16 * 1200,
  );
  return Buffer.byteLength(`${begin.join('\n')}\n`) + reserve;
}

/** These need the build, which `npm test` makes first, and a shell with limits. */
describe.skipIf(!existsSync(bin) || !existsSync('/bin/bash'))('a process whose', () => {
  /** Runs it in bash, where writing more than these bytes to a file fails. */
  function within(bytes: number, place: Parameters<typeof started>[2]): Promise<Ended> {
    const limit = `trap '' XFSZ; ulimit -f ${Math.ceil(bytes / 1024)}`;
    return started(
      '/bin/bash',
      ['-c', `${limit}; "${process.execPath}" "${bin}" apply --yes chat.yaml`],
      place,
    ).ended;
  }

  test('disk is full from the beginning writes nothing to the app', { timeout: 60_000 }, async () => {
    const { cwd, place, writes } = await desk();
    const { code, err } = await within(4096, place);
    expect([code, err]).toEqual([1, expect.stringContaining('the journal cannot be written to')]);
    expect(err).toContain('EFBIG');
    expect(writes()).toEqual([]);
    expect(journalsIn(cwd)).toEqual([]);
  });

  test('disk fills up meanwhile still has room for its last line', { timeout: 60_000 }, async () => {
    const { apply, cwd, emulator, manifest, place, status } = await desk();
    manifest(channelsWith({}));
    await apply('--journal', 'made');
    manifest(channelsWith({ cooldown: 5 }));
    emulator.addFault({
      operation: 'UpdateChannelPartial',
      kind: 'status',
      status: 400,
      code: 4,
      message: 'no',
      times: 999,
    });
    await apply('--journal', 'sized');
    emulator.clearFaults();
    const room = roomOf(cwd, journalsIn(cwd, 'sized')[0] ?? '');
    const { code, err } = await within(room, place);
    expect([code, err.includes('could not be written')]).toEqual([0, false]);
    const [journal = ''] = journalsIn(cwd);
    expect(entriesOf(cwd, journal).at(-1)).toMatchObject({
      type: 'end',
      result: 'converged',
      writes: ids.length,
    });
    expect((await status(journal)).stdout).toContain('finished: the app was what was asked for · 100 writes');
  });

  test('disk is full still has room for the words of every failure', { timeout: 60_000 }, async () => {
    const { apply, cwd, emulator, manifest, place } = await desk();
    manifest(channelsWith({}));
    await apply('--journal', 'made');
    manifest(channelsWith({ cooldown: 5 }));
    const fault = { operation: 'UpdateChannelPartial', kind: 'status', status: 400, code: 4 } as const;
    emulator.addFault({ ...fault, message: 'no '.repeat(300), times: 999 });
    await apply('--journal', 'sized');
    const { code } = await within(roomOf(cwd, journalsIn(cwd, 'sized')[0] ?? ''), place);
    expect(code).toBe(1);
    const entries = entriesOf(cwd, journalsIn(cwd)[0]);
    expect(entries.filter(({ type }) => type === 'failed')).toHaveLength(ids.length);
    expect(entries.at(-1)).toMatchObject({ type: 'end', result: 'nothing-written' });
  });

  test('disk takes not one more line sends nothing more', { timeout: 60_000 }, async () => {
    const { apply, cwd, emulator, manifest, place, status } = await desk();
    const users = (name: string): string =>
      JSON.stringify({ users: Object.fromEntries(ids.map((id) => [id, { name: `${name} ${id}` }])) });
    manifest(users('One'));
    await apply('--journal', 'made');
    manifest(users('Two'));
    // One step, which falls apart into one part for each user.
    const fault = { operation: 'UpdateUsersPartial', kind: 'status', status: 400, code: 4 } as const;
    emulator.addFault({ ...fault, message: 'no '.repeat(300), times: 999 });
    await apply('--journal', 'sized');
    emulator.clearRequests();
    const { code, out } = await within(roomOf(cwd, journalsIn(cwd, 'sized')[0] ?? ''), place);
    expect([code, out.includes('the journal cannot be written: EFBIG')]).toEqual([1, true]);
    const sent = emulator.requests.filter(({ operation }) => operation === 'UpdateUsersPartial');
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length).toBeLessThan(ids.length);
    const [journal = ''] = journalsIn(cwd);
    expect((await status(journal)).stdout).toContain('cut off: the run ended without its last line');
    const announced = entriesOf(cwd, journal).filter(({ type }) => type === 'sending');
    expect(announced.length).toBeGreaterThanOrEqual(sent.length);
  });

  test('terminal is gone, or full, finishes the job and its journal', { timeout: 60_000 }, async () => {
    for (const how of ['>/dev/full 2>/dev/full', '2>&1 | true']) {
      const { cwd, emulator, place } = await desk();
      const script = `"${process.execPath}" "${bin}" apply --yes chat.yaml ${how}`;
      await started('/bin/bash', ['-c', script], place).ended;
      expect(emulator.snapshot()).toMatchObject({ users: { lena: { name: 'Lena' } } });
      const [journal] = journalsIn(cwd);
      expect(entriesOf(cwd, journal).at(-1)).toMatchObject({ type: 'end', result: 'converged' });
      expect(JSON.stringify(emulator.snapshot())).not.toContain('streambed-lock');
    }
  });

  test('machine loses its power leaves a journal that is read fine', { timeout: 60_000 }, async () => {
    const { apply, cwd, emulator, manifest, place, status } = await desk({ latencyMs: 60 });
    manifest(channelsWith({}));
    const running = streambed(['apply', '--yes', 'chat.yaml'], place);
    await running.heard('2/101');
    running.child.kill('SIGKILL');
    await running.ended;
    const [journal = ''] = journalsIn(cwd);
    expect(readFileSync(join(cwd, journal), 'utf8')).toMatch(/\n{100,}$/);
    const told = await status(journal);
    expect(told.code).toBe(0);
    expect(told.stdout).toContain('cut off: the run ended without its last line');
    expect(told.stdout).toMatch(/ of 101 objects (not begun|sent, and nobody knows)/);
    expect(told.stdout).toMatch(
      /Next: streambed apply, with the same files and options as before, to finish/,
    );
    expect(await apply()).toMatchObject({ code: 0 });
    const { channels } = emulator.snapshot() as { readonly channels: object };
    expect(Object.keys(channels)).toHaveLength(ids.length);
  });
});
