import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/index.ts';
import { connect } from '../../src/index.ts';
import { operations } from '../../src/model/stream.ts';
import { streambed, started, bin, type Place, type Running } from '../support/command.ts';

const notice = 'sending nothing more';

const ids = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

/** Forty types, which go in three waves, and what needs them. */
const manifest = JSON.stringify({
  users: { lena: { name: 'Lena' } },
  channel_types: Object.fromEntries(ids('type', 40).map((name) => [name, { reactions: false }])),
  channels: Object.fromEntries(ids('type', 4).map((name) => [name, { case: { created_by: 'lena' } }])),
});

/** A door that requests wait at until it is opened. */
function door() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

let place: Place;
let emulator: Emulator;
/** Called before every request does anything; numbers of an operation count from 1. */
let onRequest: (operation: string, number: number) => void | Promise<void>;

async function startApp(options: EmulatorOptions = {}): Promise<void> {
  const counts = new Map<string, number>();
  emulator = await startEmulator({
    rateLimits: 'none',
    app: { id: 1, name: 'Acme' },
    latencyMs: 20,
    ...options,
    observe: ({ operation, moment }) => {
      if (moment !== 'before') return undefined;
      const number = (counts.get(operation) ?? 0) + 1;
      counts.set(operation, number);
      return onRequest(operation, number);
    },
  });
  place = { ...place, app: emulator };
}

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'streambed-interrupts-'));
  place = { folder, app: { url: '', apiKey: '', apiSecret: '' } };
  onRequest = () => undefined;
  await writeFile(join(folder, 'all.json'), manifest);
});
afterEach(async () => {
  await emulator.close();
  await rm(place.folder, { recursive: true });
});

const apply = (...more: readonly string[]): Running =>
  streambed(['apply', 'all.json', '--yes', ...more], place);

/** What arrived that changes the app, besides who holds it. */
function writes(): readonly string[] {
  return emulator.requests
    .map(({ operation }) => operation)
    .filter((name) => Object.hasOwn(operations, name) && !name.endsWith('BlockList'))
    .filter((name) => operations[name as keyof typeof operations].effect === 'write');
}

const lists = (): readonly string[] =>
  Object.keys((emulator.snapshot() as { readonly blocklists: object }).blocklists);

interface Line {
  readonly type: string;
  readonly step?: string;
  readonly result?: string;
  readonly writes?: number;
}

async function journals(): Promise<readonly (readonly Line[])[]> {
  const folder = join(place.folder, '.streambed', 'applies');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Line);
    }),
  );
}

/** Fails unless the run wrote down what became of everything that it was about to send, and sent nothing besides. */
async function expectWrittenDown(): Promise<void> {
  const [lines = []] = await journals();
  const steps = (...types: readonly string[]): readonly string[] =>
    lines.flatMap(({ type, step }) => (types.includes(type) ? [step ?? ''] : []));
  expect(steps('done', 'skipped')).toEqual(expect.arrayContaining([...steps('sending')]));
  expect(steps('done')).toHaveLength(writes().length);
  expect(lines.at(-1)).toMatchObject({ type: 'end', result: 'interrupted', writes: writes().length });
}

async function expectFinishes(): Promise<void> {
  const { code, out, err } = await apply().ended;
  expect(code, out + err).toBe(0);
  expect(lists()).toEqual([]);
}

describe('an apply that is interrupted', { timeout: 120_000 }, () => {
  it.each([
    ['SIGINT', 3],
    ['SIGTERM', 21],
    ['SIGHUP', 39],
  ] as const)(
    'by %s finishes what is under way, writes it down, and can be run again',
    async (signal, at) => {
      await startApp();
      const { opened, open } = door();
      onRequest = async (operation, number) => {
        if (operation !== 'CreateChannelType' || number < at) return;
        if (number === at) run.child.kill(signal);
        await opened;
      };
      const run = apply();
      await run.heard(notice);
      open();
      const { code, err } = await run.ended;
      expect(code, err).toBe(130);
      expect(lists()).toEqual([]);
      expect(writes()).not.toContain('GetOrCreateChannel');
      await expectWrittenDown();
      onRequest = () => undefined;
      await expectFinishes();
    },
  );

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s twice stops at once, and the next one takes over from it',
    async (signal) => {
      await startApp();
      const { opened, open } = door();
      onRequest = async (operation) => {
        if (operation === 'CreateChannelType') await opened;
      };
      const run = apply();
      await run.heard('journal:');
      run.child.kill(signal);
      await run.heard(notice);
      run.child.kill(signal);
      expect((await run.ended).code).toBe(130);
      expect(lists()).not.toEqual([]);
      open();
      const next = await apply().ended;
      expect(next.code, next.out + next.err).toBe(0);
      expect(next.err).not.toContain('watching');
      expect(lists()).toEqual([]);
    },
  );

  it('by a terminal that closes and says so twice still finishes what is under way', async () => {
    await startApp();
    const { opened, open } = door();
    const sent = door();
    onRequest = async (operation) => {
      if (operation !== 'CreateChannelType') return;
      sent.open();
      await opened;
    };
    const run = apply();
    await sent.opened;
    run.child.kill('SIGHUP');
    await run.heard(notice);
    run.child.kill('SIGHUP');
    // Long enough for the signal to arrive.
    await new Promise((resolve) => setTimeout(resolve, 200));
    open();
    expect((await run.ended).code).toBe(130);
    expect(lists()).toEqual([]);
    expect(writes()).toContain('CreateChannelType');
    await expectWrittenDown();
  });

  it('while it asks writes nothing', async () => {
    await startApp();
    const line = `${process.execPath} ${bin} apply all.json`;
    const run = started('script', ['-qec', line, '/dev/null'], place);
    await run.heard('Only `yes` is accepted');
    run.child.stdin?.write('\u0003');
    const { code, out } = await run.ended;
    expect(code, out).toBe(130);
    expect(writes()).toEqual([]);
    expect(lists()).toEqual([]);
  });

  it('while it plans writes nothing', async () => {
    await startApp();
    const { opened, open } = door();
    const asked = door();
    onRequest = async () => {
      asked.open();
      await opened;
    };
    const run = apply();
    await asked.opened;
    run.child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 200));
    open();
    expect((await run.ended).code).toBe(130);
    expect(writes()).toEqual([]);
    expect(lists()).toEqual([]);
  });

  it('while it watches who holds the app takes nothing over', async () => {
    await startApp();
    // Of another machine's process nobody here can know whether it is gone.
    const words = [
      'token:abc',
      'host:other',
      'machine:ffff',
      'process:1',
      'since:2026-11-21t15:00:00z',
      'beat:3',
    ];
    const other = await connect({ ...place.app, baseUrl: emulator.url });
    await other.stream.write('CreateBlockList', { body: { name: 'streambed-lock', words } });
    other.close();
    const before = lists();
    const run = apply();
    await run.heard('watching');
    run.child.kill('SIGINT');
    const { code, err } = await run.ended;
    expect(code, err).toBe(130);
    expect(lists()).toEqual(before);
    expect(writes()).toEqual([]);
  });

  it('while it waits for a limit does not wait for it', async () => {
    await startApp({ rateLimits: { CreateChannelType: 5 } });
    const run = apply('--debug');
    await run.heard('debug: CreateChannelType waits');
    run.child.kill('SIGINT');
    const { code, err } = await run.ended;
    expect(code, err).toBe(130);
    expect(writes().length).toBeLessThan(10);
    expect(lists()).toEqual([]);
    await expectWrittenDown();
  });
});
