import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppGuard } from '../model/resource.ts';
import type { Stream } from '../model/stream.ts';
import type { Connection, RequestEvent } from '../index.ts';
import { credentialsIn, type Credentials } from './credentials.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import type {
  ApplyInvocation,
  CanInvocation,
  DriftInvocation,
  PlanInvocation,
  RollbackInvocation,
} from './invocation.ts';
import { Stop } from './stop.ts';

/** The app that a command talks to. */
export interface Target {
  readonly connection: Connection;
  readonly emulator: boolean;
  /** A second way to the app, which an interruption does not stop: for letting the app go again. */
  apart(): Promise<Apart>;
  /** Names who is told of waits that a person would notice; the last one named is. */
  tellWaits(onWait: (seconds: number) => void): void;
}

/** A connection of its own; closing it ends its waits. */
export interface Apart {
  readonly stream: Stream;
  close(): void;
}

/** Opens the app that is asked for, and closes it again whatever happens. */
export async function withTarget<T>(
  invocation: ApplyInvocation | CanInvocation | DriftInvocation | PlanInvocation | RollbackInvocation,
  io: Io,
  guard: AppGuard,
  use: (target: Target) => Promise<T>,
): Promise<T> {
  const { target, debug, app } = invocation;
  const emulator = target === 'emulator' ? await startLocalApp(io.cwd, { ...guard, ...app }) : undefined;
  try {
    const credentials: Credentials =
      emulator === undefined
        ? credentialsIn(io.env)
        : { apiKey: emulator.apiKey, apiSecret: emulator.apiSecret, baseUrl: emulator.url };
    const { connect } = await import('../index.ts');
    let tell: ((seconds: number) => void) | undefined;
    const noticed = longWaits(io, (seconds) => tell?.(seconds));
    const log = (event: RequestEvent): void => {
      if (debug && event.type !== 'sent') io.stderr.write(`${requestLine(event)}\n`);
    };
    const connection = await connect({
      ...credentials,
      ...('quota' in invocation && invocation.quota !== undefined ? { quota: invocation.quota } : {}),
      signal: io.signal,
      onRequest: (event) => {
        log(event);
        noticed(event);
      },
    });
    const apart = async (): Promise<Apart> => {
      const ended = new AbortController();
      const other = await connect({ ...credentials, signal: ended.signal, onRequest: log });
      const close = (): void => {
        ended.abort();
        other.close();
      };
      return { stream: other.stream, close };
    };
    try {
      const tellWaits = (onWait: (seconds: number) => void): void => {
        tell = onWait;
      };
      return await use({ connection, apart, emulator: emulator !== undefined, tellWaits });
    } finally {
      connection.close();
    }
  } finally {
    await emulator?.close();
  }
}

/** An app that is kept beside the manifests: a fresh one is the app that they are for, whichever that is. */
async function startLocalApp(cwd: string, { id, name }: AppGuard) {
  const { startEmulator } = await import('../emulator/index.ts');
  const folder = join(cwd, '.streambed', 'emulator');
  const app = { ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }) };
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(cwd, '.streambed', '.gitignore'), '*\n');
    const apiSecret = await keptSecret(join(folder, 'secret'));
    return await startEmulator({ folder, rateLimits: 'none', app, apiSecret });
  } catch (error) {
    throw new Stop(exitCodes.failed, {
      code: 'emulator-failed',
      message: `the emulator did not start: ${error instanceof Error ? error.message : String(error)}`,
      help: `Delete ${folder} to start with a fresh app.`,
    });
  }
}

/** The same for as long as the app is kept, because saved plans are sealed with it. */
async function keptSecret(file: string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (/^[0-9a-f]{64}$/.test(kept)) return kept;
  const fresh = randomBytes(32).toString('hex');
  await writeFile(file, fresh, { mode: 0o600 });
  return fresh;
}

/** Requests of one operation wait together, which is one wait to a person. */
function longWaits({ now }: Io, onLimit: (seconds: number) => void): (event: RequestEvent) => void {
  let until = 0;
  return (event) => {
    if (event.type !== 'waiting' || event.why !== 'limit' || event.milliseconds < 2000 || now() < until)
      return;
    until = now() + event.milliseconds;
    onLimit(event.milliseconds / 1000);
  };
}

/** One line of the log that `--debug` asks for. */
function requestLine(event: Exclude<RequestEvent, { readonly type: 'sent' }>): string {
  if (event.type === 'waiting')
    return `debug: ${event.operation} waits ${event.milliseconds} ms (${event.why})`;
  const attempt = event.attempt === 1 ? '' : `, attempt ${event.attempt}`;
  const reason = event.reason === undefined ? '' : `, ${event.reason}`;
  return `debug: ${event.operation} ${event.status ?? 'no answer'} in ${event.tookMs} ms${attempt}${reason}`;
}
