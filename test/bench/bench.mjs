// @ts-check
/**
 * What a plan and an apply cost: requests beside the least possible, time and memory beside a plain script that does
 * the same reads (plain.mjs), both as whole processes, run in turns against a local Stream in a process of its own.
 * Times are medians, and only their ratio means anything on a busy machine. Then what a large report takes to render.
 *
 *   npm run bench                   everything
 *   npm run bench -- --runs 3       fewer turns
 *   npm run bench -- --only types   one case by a part of its name; rendering is one
 */
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { StreamChat } from 'stream-chat';
import { channelsYaml, typesYaml } from './manifests.mjs';
import { renderings } from './rendering.mjs';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, only: { type: 'string', default: '' } },
});
const runs = Number(values.runs);
const here = fileURLToPath(new URL('.', import.meta.url));
const cli = join(here, '../../dist/cli/bin.js');
const folder = mkdtempSync(join(tmpdir(), 'streambed-bench-'));
const users = 1000;
const rendering = 'rendering 10,000 changes';

/** @type {readonly {name: string, yaml: (grants: Readonly<Record<string, readonly string[]>>) => string, plan: number, make: number}[]} */
const cases = [
  // GET /app, GET /channeltypes; then one POST a type, and both reads again.
  { name: '45 types of 176 grants', yaml: (grants) => typesYaml(45, grants), plan: 2, make: 2 + 45 + 2 },
  ...[1000, 10_000].map((count) => {
    const reads = 1 + users / 100 + Math.ceil(count / 30);
    return {
      name: `${count.toLocaleString('en')} channels of 10 members`,
      yaml: () => channelsYaml(count, users),
      plan: reads,
      // The plan, GET /channeltypes for the type of new channels, users 100 a call after a last look at them, one call
      // a channel, and the reading back.
      make: reads + 1 + 2 * (users / 100) + count + reads,
    };
  }),
];

/** @type {string[][]} */
const requestRows = [['requests', 'least', 'sent', 'over']];
/** @type {string[][]} */
const timeRows = [
  [
    'plan without changes',
    'streambed',
    'plain script',
    'ratio',
    'CPU',
    'plain CPU',
    'memory',
    'plain memory',
  ],
];
try {
  for (const one of cases.filter(({ name }) => name.includes(values.only))) await measure(one);
  if (requestRows.length > 1) {
    table(requestRows);
    table(timeRows);
  }
  if (rendering.includes(values.only)) table(renderingRows());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function renderingRows() {
  const rows = renderings(runs).map(({ format, ms, bytes }) => [
    format,
    `${Math.round(ms)} ms`,
    `${Math.ceil(bytes / 1024)} kB`,
  ]);
  return [[rendering, 'time', 'size'], ...rows];
}

/** @param {(typeof cases)[number]} one */
async function measure({ name, yaml, plan, make }) {
  const emulator = fork(join(here, 'emulator.mjs'));
  const { url, apiKey, apiSecret } = await answer(emulator);
  const env = {
    ...process.env,
    STREAM_API_KEY: apiKey,
    STREAM_API_SECRET: apiSecret,
    STREAM_BASE_URL: url,
    NO_COLOR: '1',
  };
  const client = new StreamChat(apiKey, apiSecret, { baseURL: url });
  const { grants = {} } = /** @type {any} */ (await client.getChannelType('messaging'));
  const file = join(folder, 'manifest.yaml');
  writeFileSync(file, yaml(grants));
  await count(emulator);

  await run([cli, 'apply', file, '--yes'], env, /applied/);
  requestRows.push(requests(`apply, ${name}`, make, await count(emulator)));
  await run([cli, 'plan', file], env, /No changes/);
  requestRows.push(requests(`plan, ${name}`, plan, await count(emulator)));

  const ours = [];
  const plain = [];
  for (let turn = 0; turn < runs; turn++) {
    ours.push(await run([cli, 'plan', file], env, /No changes/));
    plain.push(await run([join(here, 'plain.mjs'), file], env, /^0 different/));
  }
  const [mine, other] = [median(ours), median(plain)];
  timeRows.push([
    name,
    seconds(mine.wallMs),
    seconds(other.wallMs),
    `${(mine.wallMs / other.wallMs).toFixed(2)}×`,
    seconds(mine.cpuMs),
    seconds(other.cpuMs),
    megabytes(mine.maxRSS),
    megabytes(other.maxRSS),
  ]);
  emulator.send('stop');
}

/**
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {RegExp} expected
 * @returns {Promise<{wallMs: number, cpuMs: number, maxRSS: number}>}
 */
async function run(args, env, expected) {
  const usage = join(folder, 'usage.json');
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', join(here, 'measure.mjs'), ...args], {
    env: { ...env, BENCH_USAGE: usage },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const code = await new Promise((resolve) => child.on('close', resolve));
  const wallMs = performance.now() - started;
  if (code !== 0 || !expected.test(text))
    throw new Error(`${args.join(' ')} ended with ${code}: ${text}${errors}`);
  return { wallMs, ...JSON.parse(readFileSync(usage, 'utf8')) };
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<any>} */
function answer(child) {
  return new Promise((resolve) => child.once('message', resolve));
}

/** @param {import('node:child_process').ChildProcess} emulator */
async function count(emulator) {
  const answered = answer(emulator);
  emulator.send('count');
  return /** @type {number} */ ((await answered).count);
}

/** @param {readonly {wallMs: number, cpuMs: number, maxRSS: number}[]} measured */
function median(measured) {
  return (
    measured.toSorted((one, two) => one.wallMs - two.wallMs)[Math.floor(measured.length / 2)] ?? {
      wallMs: NaN,
      cpuMs: NaN,
      maxRSS: NaN,
    }
  );
}

/** @param {string} name @param {number} least @param {number} sent */
function requests(name, least, sent) {
  return [name, String(least), String(sent), `${((sent / least - 1) * 100).toFixed(1)} %`];
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** @param {number} kilobytes */
function megabytes(kilobytes) {
  return `${Math.round(kilobytes / 1024)} MB`;
}

/** @param {string[][]} rows */
function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  for (const row of rows) {
    console.log(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('   '),
    );
  }
  console.log();
}
