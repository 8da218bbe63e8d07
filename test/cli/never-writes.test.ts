import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import fc, { type Arbitrary } from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { parseArguments } from '../../src/cli/program.ts';
import type { RecordedRequest } from '../../src/emulator/index.ts';
import { operations } from '../../src/model/stream.ts';
import { gitHubStandIn } from '../support/github.ts';
import { testApp } from '../support/world.ts';
import { run, temporaryFolder, type Ran } from './io.ts';

/**
 * Only apply and rollback write, whatever the others are told. The commands and their flags are those that the help names: a new
 * command needs its words here, and a new flag its values, before these tests pass again.
 */

interface Flag {
  readonly names: readonly string[];
  /** What may follow it; undefined for a flag that takes nothing. */
  readonly values: readonly string[] | undefined;
}

function helpOf(...words: readonly string[]): string {
  const parsed = parseArguments([...words, '--help'], '1.2.3', 110);
  if (parsed.type !== 'help') throw new Error(`${words.join(' ')} has no help`);
  return parsed.text;
}

/** The entries of a section of a help text, each on one line. */
function entriesIn(help: string, section: string): readonly string[] {
  const [, after = ''] = help.split(`\n${section}:\n`);
  const [text = ''] = after.split('\n\n');
  return text
    .split(/\n(?= {2}\S)/)
    .map((entry) => entry.replace(/\s+/g, ' ').trim())
    .filter((entry) => entry !== '');
}

const commands = entriesIn(helpOf(), 'Commands')
  .map((entry) => entry.split(' ')[0] ?? '')
  .filter((command) => command !== 'help');

/** What these flags may be given, beside the choices that the help names: right, wrong and useless. */
const plausible: Readonly<Record<string, readonly string[]>> = {
  '--allow-destroy': ['member=1', 'channel_type=9'],
  '--app': ['77', 'Acme Chat', '78'],
  '--app-id': ['77'],
  '--app-name': ['Acme'],
  '--author': ['lena', 'github-actions[bot]'],
  '--base': ['main', 'HEAD', 'nowhere'],
  '--environment': ['production', 'nowhere'],
  '--faults': ['faults.json'],
  '--folder': ['kept'],
  '--journal': ['kept'],
  '--latency': ['1'],
  '--out': ['saved.json', 'saved.txt', 'chat/types.yaml'],
  '--port': ['0'],
  '--propagation': ['1'],
  '--pull-request': ['7', 'seven'],
  '--quota': ['50%', '100', '0'],
  '--reopen': ['channel_type/support', 'user/ben'],
  '--send-write-only': ['app_settings', 'user/nobody'],
  '--write-env': ['written.env'],
};

function flagsOf(command: string): readonly Flag[] {
  return entriesIn(helpOf(command), 'Options').map((entry) => {
    const [, short, long = '', value] = /^(?:(-\w), )?(--[\w-]+)( <[^>]+>)?/.exec(entry) ?? [];
    const names = short === undefined ? [long] : [long, short];
    if (value === undefined) return { names, values: undefined };
    const [, choices = ''] = /\(choices: ((?:"\w+"(?:, )?)+)/.exec(entry) ?? [];
    const values = plausible[long] ?? [...choices.matchAll(/"(\w+)"/g)].map(([, choice]) => choice ?? '');
    if (values.length === 0) throw new Error(`${command} ${long} needs values to be tried with`);
    return { names, values };
  });
}

const manifestWords = [
  [],
  ['chat'],
  ['chat/types.yaml'],
  ['-'],
  ['chat', '-'],
  ['earlier.json'],
  ['broken.yaml'],
  ['nowhere'],
];

/** What stands beside the flags. */
const others: Readonly<Record<string, readonly (readonly string[])[]>> = {
  validate: manifestWords,
  plan: manifestWords,
  drift: manifestWords,
  can: [
    ['lena', 'create-message', 'support:case-1'],
    ['lena', 'search-user'],
    ['nobody', 'create-message', 'support:nowhere'],
    ['lena'],
  ],
  comment: [['report.json'], ['report.json', 'report.json'], ['-'], ['nowhere.json'], []],
  schema: [['manifest'], ['plan'], ['project'], ['nothing'], []],
  status: [['earlier.json'], ['report.json'], ['nowhere.jsonl'], []],
};

/** Commands that need no app, and look for none. */
const alone: ReadonlySet<string> = new Set(['comment', 'schema', 'status', 'validate']);
const reading = commands.filter((command) => !['apply', 'emulator', 'rollback'].includes(command));

/** A flag with what follows it: together, because what follows a flag is its value whatever it looks like. */
type Unit = readonly string[];

function unitOf({ names, values }: Flag): Arbitrary<Unit> {
  const name = fc.constantFrom(...names);
  if (values === undefined) return name.map((one) => [one]);
  return fc
    .tuple(name, fc.constantFrom(...values), fc.boolean())
    .map(([one, value, joined]) => (joined && one.startsWith('--') ? [`${one}=${value}`] : [one, value]));
}

interface CommandLine {
  readonly command: string;
  readonly units: readonly Unit[];
}

const wordsOf = ({ command, units }: CommandLine): readonly string[] => [command, ...units.flat()];

/** Any flags of a command, those that it cannot do without, and what stands beside them, in any order. */
function lineOf(command: string, without: readonly string[] = []): Arbitrary<CommandLine> {
  const beside = others[command];
  if (beside === undefined) throw new Error(`${command} needs words to be tried with`);
  const flags = flagsOf(command).filter(({ names }) => !names.some((name) => without.includes(name)));
  const needed: readonly Unit[] = command === 'comment' ? [['--github']] : [];
  return fc
    .tuple(
      fc.array(fc.oneof(...flags.map(unitOf)), { maxLength: 4 }),
      fc.constantFrom(...beside).map((words) => words.map((word) => [word])),
    )
    .chain(([some, words]) => {
      const all = [...needed, ...some];
      // Flags stand anywhere; what stands beside them keeps its order.
      return fc
        .array(fc.nat({ max: all.length }), { minLength: words.length, maxLength: words.length })
        .map((places) => {
          const sorted = places.toSorted((one, other) => one - other);
          const units = Array.from({ length: all.length + 1 }, (_, place) => [
            ...words.filter((_word, index) => sorted[index] === place),
            ...all.slice(place, place + 1),
          ]);
          return { command, units: units.flat() };
        });
    });
}

/** Mostly of commands that talk to the app. */
const anyLine = fc.oneof(
  ...reading.map((command) => ({ arbitrary: lineOf(command), weight: alone.has(command) ? 1 : 4 })),
);

const project = `manifests: [chat/]
environments:
  production: { app: { id: 77, name: Acme Chat }, production: true }
`;
const types = 'channel_types: { support: { reactions: false, grants: { user: [read-channel] } } }\n';
const people = `users: { lena: { name: Lena }, ben: { name: Ben } }
channels: { support: { case-1: { created_by: lena, members: [lena, ben] } } }
`;

interface Desk {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly snapshot: () => unknown;
  /** What the commands asked GitHub, or told it. */
  readonly gitHub: readonly string[];
  streambed(words: readonly string[]): Promise<Ran>;
  /** What the app was asked while something was done. */
  during<T>(
    done: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly asked: readonly RecordedRequest[] }>;
  /** Every file and its content, those of git and of the local app included. */
  files(): Readonly<Record<string, string>>;
}

/** A repository whose main branch was applied and recorded, and a branch that creates, changes and deletes. */
async function desk(): Promise<Desk> {
  const root = realpathSync(temporaryFolder());
  const { emulator, close } = await testApp({ app: { id: 77, name: 'Acme Chat' } });
  onTestFinished(close);
  const gitHub = await gitHubStandIn();
  const { apiKey, apiSecret, url } = emulator;
  const env = {
    ...gitHub.env,
    PATH: process.env['PATH'] ?? '',
    STREAM_API_KEY: apiKey,
    STREAM_API_SECRET: apiSecret,
    STREAM_BASE_URL: url,
  };
  const stdin = 'users: { eva: { name: Eva } }';
  const streambed: Desk['streambed'] = (words) => run(words, { cwd: root, env, stdin });
  const git = (...words: readonly string[]): void => {
    const settings = ['user.name=Lena', 'user.email=lena@example.com', 'commit.gpgsign=false'];
    const before = settings.flatMap((setting) => ['-c', setting]);
    execFileSync('git', [...before, ...words], { cwd: root, stdio: 'pipe' });
  };
  const commit = (files: Readonly<Record<string, string>>): void => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    git('add', '--all');
    git('commit', '--quiet', '--message', 'change');
  };
  const expectDone = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await streambed(words);
    expect(code, stdout + stderr).toBe(0);
    return stdout;
  };
  git('init', '--quiet', '--initial-branch=main');
  commit({ 'streambed.yaml': project, 'chat/types.yaml': types, 'chat/people.yaml': people });
  await expectDone('apply', '--yes', '--target', 'emulator');
  await expectDone('apply', '--yes', '--record');
  git('switch', '--quiet', '--create', 'feature');
  commit({
    'chat/types.yaml': types.replace('false', 'true'),
    'chat/people.yaml': people.replace('ben: { name: Ben }', 'ben: { name: Benjamin }, noa: {}'),
    'broken.yaml': 'users: { lena: { nmae: x } }',
  });
  writeFileSync(join(root, 'report.json'), await expectDone('plan', '--format', 'json'));
  await expectDone('plan', '--out', 'earlier.json');
  return {
    root,
    env,
    snapshot: () => emulator.snapshot(),
    gitHub: gitHub.requests,
    streambed,
    async during(done) {
      const before = emulator.requests.length;
      const result = await done();
      return { result, asked: emulator.requests.slice(before) };
    },
    files: () => filesBelow(root),
  };
}

function filesBelow(folder: string): Readonly<Record<string, string>> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(found.toSorted().map((path) => [path, readFileSync(path, 'latin1')]));
}

/** What is not known to only read. */
function writesIn(asked: readonly RecordedRequest[]): readonly string[] {
  const reads = Object.entries(operations).filter(([, { effect }]) => effect === 'read');
  const names = new Set(reads.map(([name]) => name));
  return asked
    .filter(({ operation }) => !names.has(operation))
    .map(({ method, path, operation }) => `${operation} ${method} ${path}`);
}

test('no flag and no word makes another command than apply and rollback write, to the app, to git or to a file', async () => {
  const { root, streambed, during, files, snapshot, gitHub } = await desk();
  const [app, before] = [snapshot(), files()];
  const asking = new Set<string>();
  await fc.assert(
    fc.asyncProperty(anyLine, async (line) => {
      const words = wordsOf(line);
      const told = gitHub.length;
      const { asked } = await during(() => streambed(words));
      expect(writesIn(asked)).toEqual([]);
      if (asked.length > 0) asking.add(line.command);
      if (alone.has(line.command)) expect(asked).toEqual([]);
      if (/--(?:live|target)\b/.test(words.join(' '))) expect(asked).toEqual([]);
      if (words.includes('--dry-run')) expect(gitHub.slice(told)).toEqual([]);
      if (/--out[ =]saved\.json/.test(words.join(' '))) rmSync(join(root, 'saved.json'), { force: true });
      expect(files()).toEqual(before);
    }),
    { numRuns: 250 },
  );
  expect(snapshot()).toEqual(app);
  expect([...asking].toSorted()).toEqual(reading.filter((command) => !alone.has(command)).toSorted());

  // That there is something to write, and that it would have been seen.
  const applied = await during(() => streambed(['apply', '--yes']));
  expect(applied.result.code, applied.result.stderr).toBe(0);
  expect(writesIn(applied.asked).length).toBeGreaterThan(1);
  expect(snapshot()).not.toEqual(app);
}, 60_000);

/** What somebody may hope for who wants another command to write. */
const hoped = [
  ['--yes'],
  ['-y'],
  ['--yes=true'],
  ['--force'],
  ['-f'],
  ['--apply'],
  ['--auto-approve'],
  ['--confirm'],
  ['--no-dry-run'],
  ['--record'],
  ['--write'],
  ['-vy'],
];

/** Flags of other commands, flags that look like writing, and any others. */
function foreignTo(command: string): Arbitrary<Unit> {
  const own = new Set(flagsOf(command).flatMap(({ names }) => names));
  const isForeign = (name: string): boolean => !own.has(name) && !['--help', '--version'].includes(name);
  const elsewhere = commands
    .flatMap(flagsOf)
    .filter(({ names }) => names.every(isForeign))
    .map(unitOf);
  return fc.oneof(
    fc.constantFrom(...hoped),
    ...elsewhere,
    fc
      .stringMatching(/^--[a-z]{2,8}(?:-[a-z]{2,8})?$/)
      .filter(isForeign)
      .map((name) => [name]),
  );
}

const unknownFlag: Arbitrary<readonly string[]> = fc.oneof(
  ...reading.map((command) =>
    fc
      .tuple(lineOf(command, ['--help']), foreignTo(command), fc.nat())
      .map(([{ units }, foreign, place]) =>
        [[command], ...units].toSpliced(place % (units.length + 2), 0, foreign).flat(),
      ),
  ),
);

const unknownCommand: Arbitrary<readonly string[]> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom('aply', 'Apply', 'APPLY', 'apply ', 'apply-all', 'deploy', 'push', 'sync', 'write'),
      fc.stringMatching(/^[a-z]{1,9}$/).filter((word) => ![...commands, 'help'].includes(word)),
    ),
    fc.subarray(['--yes', '--record', '--app=77', 'chat', 'apply']),
  )
  .map(([command, more]) => [command, ...more]);

test('unknown flags and unknown commands end with 64, and nobody was asked anything', async () => {
  const { streambed, during, files, gitHub } = await desk();
  const before = files();
  const told = gitHub.length;
  await fc.assert(
    fc.asyncProperty(fc.oneof(unknownFlag, unknownCommand), async (words) => {
      const { result, asked } = await during(() => streambed(words));
      expect(asked).toEqual([]);
      expect(result.code).toBe(64);
      expect(result.stderr).toMatch(/^error: .+--help\n$/);
    }),
    { numRuns: 300 },
  );
  expect(files()).toEqual(before);
  expect(gitHub.slice(told)).toEqual([]);
}, 60_000);

test('plan --out writes that one file, and only for a plan that could be applied', async () => {
  const { root, streambed, during, files } = await desk();
  const before = files();
  const planned = async (...words: readonly string[]): Promise<number> => {
    const { result, asked } = await during(() => streambed(['plan', ...words]));
    expect(asked).not.toEqual([]);
    expect(writesIn(asked)).toEqual([]);
    return result.code;
  };
  expect(await planned('--out', 'x.json')).toBe(0);
  const { [join(root, 'x.json')]: saved, ...rest } = files();
  expect(rest).toEqual(before);
  expect(JSON.parse(saved ?? '')).toMatchObject({ format: 'streambed-plan' });
  // Over an earlier one, and with all that may be told beside it.
  expect(await planned('--out', 'x.json', '--base', 'main', '-v', '--format', 'html', 'chat')).toBe(0);
  expect(Object.keys(files())).toEqual([...Object.keys(before), join(root, 'x.json')].toSorted());
  rmSync(join(root, 'x.json'));
  expect(await planned('--out', 'x.json', '--app', '78')).toBe(4);
  expect(await planned('--out', 'chat/people.yaml')).toBe(64);
  expect(await planned('--out', 'report.json')).toBe(64);
  expect(files()).toEqual(before);
});

test('as a process of its own, too', async () => {
  const { root, env, during, files, snapshot } = await desk();
  const [app, before] = [snapshot(), files()];
  const streambed = (words: string): Promise<number | null> =>
    new Promise((ended, failed) => {
      const child = spawn(process.execPath, [resolve('dist/cli/bin.js'), ...words.split(' ')], {
        cwd: root,
        env,
        stdio: 'ignore',
      });
      child.once('error', failed);
      child.once('close', ended);
    });
  const asked: Record<string, readonly (number | null)[]> = {};
  for (const words of [
    'validate',
    'plan --base main --detailed-exitcode --out x.json',
    'plan --live base --base main',
    'drift --base main',
    'can lena read-channel support:case-1',
    'comment --github --dry-run report.json',
    'schema plan',
    'plan --yes chat',
    'plan --record',
    'drift --force',
    'aply --yes',
  ]) {
    const { result, asked: requests } = await during(() => streambed(words));
    expect(writesIn(requests), words).toEqual([]);
    asked[words] = [result, Math.min(requests.length, 1)];
  }
  expect(asked).toEqual({
    validate: [0, 0],
    'plan --base main --detailed-exitcode --out x.json': [2, 1],
    'plan --live base --base main': [0, 0],
    'drift --base main': [2, 1],
    'can lena read-channel support:case-1': [0, 1],
    'comment --github --dry-run report.json': [0, 0],
    'schema plan': [0, 0],
    'plan --yes chat': [64, 0],
    'plan --record': [64, 0],
    'drift --force': [64, 0],
    'aply --yes': [64, 0],
  });
  expect(Object.keys(files())).toEqual([...Object.keys(before), join(root, 'x.json')].toSorted());
  expect(snapshot()).toEqual(app);
});
