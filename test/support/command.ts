import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built program. */
export const bin = join(fileURLToPath(new URL('../..', import.meta.url)), 'dist/cli/bin.js');

/** What a process left. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A process that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once it has printed this; rejects when it ends without. */
  heard(text: string): Promise<void>;
}

/** Where a process runs, and against which app. */
export interface Place {
  readonly folder: string;
  readonly app: { readonly url: string; readonly apiKey: string; readonly apiSecret: string };
}

/** Starts a process that finds the app in its environment. */
export function started(command: string, args: readonly string[], { folder, app }: Place): Running {
  const env = {
    ...process.env,
    STREAM_API_KEY: app.apiKey,
    STREAM_API_SECRET: app.apiSecret,
    STREAM_BASE_URL: app.url,
  };
  const child = spawn(command, args, { cwd: folder, env });
  let [out, err] = ['', ''];
  let tell = (): void => undefined;
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString();
    tell();
  });
  child.stderr.on('data', (part: Buffer) => {
    err += part.toString();
    tell();
  });
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  const heard = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      tell = () => {
        if (`${out}${err}`.includes(text)) resolve();
      };
      tell();
      void ended.then(() => reject(new Error(`it ended without ${text}:\n${out}${err}`)));
    });
  return { child, ended, heard };
}

/** Starts the built program. */
export function streambed(args: readonly string[], place: Place): Running {
  return started(process.execPath, [bin, ...args], place);
}
