import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Emulator, RequestMoment } from '../../src/emulator/index.ts';
import { systemClock } from '../../src/stream/clock.ts';
import { judged } from './judge.ts';
import type { Scenario } from './scenarios.ts';
import type { Stage, Trial } from './stage.ts';
import { opened } from './theatre.ts';

/** When the process dies: at so many requests, before or after the work of the request is done. */
export interface Death {
  readonly at: number;
  readonly moment: RequestMoment['moment'];
}

/** How many requests the program sends when nothing kills it. */
export async function requestsOf(stage: Stage): Promise<number> {
  const theatre = await opened(stage.stored, systemClock);
  try {
    const { code, said } = await inFolder(
      (folder) => started(stage.scenario, theatre.emulator, folder).ended,
    );
    if (code !== 0) throw new Error(`${stage.scenario.name} does not work undisturbed:\n${said}`);
    return theatre.emulator.requests.length;
  } finally {
    await theatre.close();
  }
}

/** Kills the program with SIGKILL, and runs it again until it ends well. */
export async function killed(stage: Stage, death: Death): Promise<Trial> {
  let passed = 0;
  let running: Running | undefined;
  const theatre = await opened(stage.stored, systemClock, {
    async observe({ moment }) {
      if (moment !== death.moment || passed++ !== death.at) return;
      running?.child.kill('SIGKILL');
      await running?.ended;
      throw new Error('whoever asked is dead');
    },
  });
  try {
    const ends = await inFolder(async (folder) => {
      const failed: string[] = [];
      while (failed.length < MOST_RUNS) {
        running = started(stage.scenario, theatre.emulator, folder);
        const { code, said } = await running.ended;
        if (code === 0) break;
        failed.push(code === null ? 'killed' : `exit code ${code}: ${said}`);
      }
      return failed;
    });
    return {
      ...judged(theatre.snapshots, stage.reference),
      done: ends.length < MOST_RUNS,
      runs: Math.min(ends.length + 1, MOST_RUNS),
      ends,
      met: [],
    };
  } finally {
    await theatre.close();
  }
}

const MOST_RUNS = 4;
/** The program as it is built. */
export const bin = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url));

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>;
}

function started({ allowDestroy, paths }: Scenario, emulator: Emulator, folder: string): Running {
  const approvals = [...allowDestroy].flatMap(([what, most]) => ['--allow-destroy', `${what}=${most}`]);
  const child = spawn(process.execPath, [bin, 'apply', '--yes', ...approvals, ...paths], {
    cwd: folder,
    env: {
      ...process.env,
      STREAM_API_KEY: emulator.apiKey,
      STREAM_API_SECRET: emulator.apiSecret,
      STREAM_BASE_URL: emulator.url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => (said += part.toString()));
  const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, said })),
  );
  return { child, ended };
}

/** The program may keep notes beside the manifests, so all runs of a trial share a folder of their own. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'streambed-killed-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
