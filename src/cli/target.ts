import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppGuard } from '../model/resource.ts';
import type { Connection, RequestEvent } from '../stream/connect.ts';
import { credentialsIn, type Credentials } from './credentials.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { ApplyInvocation, PlanInvocation } from './invocation.ts';
import { Stop } from './stop.ts';

/** The app that a command talks to. */
export interface Target {
  readonly connection: Connection;
  readonly emulator: boolean;
}

/** Opens the app that is asked for, and closes it again whatever happens. */
export async function withTarget<T>(
  { target, debug, app }: PlanInvocation | ApplyInvocation,
  io: Io,
  guard: AppGuard,
  use: (target: Target) => Promise<T>,
): Promise<T> {
  const emulator = target === 'emulator' ? await startLocalApp(io.cwd, { ...guard, ...app }) : undefined;
  try {
    const credentials: Credentials =
      emulator === undefined
        ? credentialsIn(io.env)
        : { apiKey: emulator.apiKey, apiSecret: emulator.apiSecret, baseUrl: emulator.url };
    const { connect } = await import('../index.ts');
    const connection = await connect({
      ...credentials,
      signal: io.signal,
      ...(debug ? { onRequest: (event: RequestEvent) => io.stderr.write(`${requestLine(event)}\n`) } : {}),
    });
    try {
      return await use({ connection, emulator: emulator !== undefined });
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
  const fresh = !existsSync(join(folder, 'state.json'));
  const app = { ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }) };
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(cwd, '.streambed', '.gitignore'), '*\n');
    return await startEmulator({ folder, rateLimits: 'none', ...(fresh ? { app } : {}) });
  } catch (error) {
    throw new Stop(exitCodes.failed, {
      code: 'emulator-failed',
      message: `the emulator did not start: ${error instanceof Error ? error.message : String(error)}`,
      help: `Delete ${folder} to start with a fresh app.`,
    });
  }
}

/** One line of the log that `--debug` asks for. */
export function requestLine(event: RequestEvent): string {
  if (event.type === 'waiting')
    return `debug: ${event.operation} waits ${event.milliseconds} ms (${event.why})`;
  const attempt = event.attempt === 1 ? '' : `, attempt ${event.attempt}`;
  const reason = event.reason === undefined ? '' : `, ${event.reason}`;
  return `debug: ${event.operation} ${event.status ?? 'no answer'} in ${event.tookMs} ms${attempt}${reason}`;
}
