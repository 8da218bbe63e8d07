import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Fault } from '../../emulator/index.ts';
import { quoted, visible } from '../../render/escape.ts';
import { exitCodes } from '../exit-codes.ts';
import type { EmulatorInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { Stop, usageStop } from '../stop.ts';

/** Serves a local app, around one program or until it is interrupted; returns the program's own exit code. */
export async function emulatorCommand(invocation: EmulatorInvocation, io: Io): Promise<number> {
  const { envFile, folder, run } = invocation;
  const faults = invocation.faultsFile === undefined ? [] : await faultsIn(io.cwd, invocation.faultsFile);
  const envPath = envFile === undefined ? undefined : resolve(io.cwd, envFile);
  // Whoever waits for the file must not find the one of an earlier run.
  if (envPath !== undefined) await rm(envPath, { force: true });

  const { startEmulator } = await import('../../emulator/index.ts');
  const emulator = await startEmulator({
    port: invocation.port,
    latencyMs: invocation.latencyMs,
    propagationMs: invocation.propagationMs,
    faults,
    app: invocation.app,
    ...(folder === undefined ? {} : { folder: resolve(io.cwd, folder) }),
    ...(invocation.rateLimits ? {} : { rateLimits: 'none' }),
  }).catch((error: unknown) => {
    throw new Stop(exitCodes.failed, {
      code: 'emulator-failed',
      message: `the emulator did not start: ${messageOf(error)}`,
      help: 'Choose another --port, or leave it out for a free one; check --folder.',
    });
  });

  try {
    const variables = {
      STREAM_API_KEY: emulator.apiKey,
      STREAM_API_SECRET: emulator.apiSecret,
      STREAM_BASE_URL: emulator.url,
    };
    if (envPath !== undefined) await writeEnvFile(envPath, variables);
    const [command, ...args] = run;
    if (command !== undefined) return await runProgram(command, args, variables, io);
    for (const [name, value] of Object.entries(variables)) io.stdout.write(`export ${name}=${value}\n`);
    io.stderr.write(`emulator: serving at ${emulator.url}; end it with Ctrl-C\n`);
    await interrupted(io.signal);
    return exitCodes.done;
  } finally {
    await emulator.close();
  }
}

async function runProgram(
  command: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  io: Io,
): Promise<number> {
  try {
    return await io.run(command, args, variables);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    io.stderr.write(
      `error: cannot run ${quoted(command)}: ${missing ? 'there is no such program' : visible(messageOf(error))}\n`,
    );
    // As a shell says it.
    return missing ? 127 : 126;
  }
}

/** Complete from the first moment that it is there, and for nobody else to read. */
async function writeEnvFile(path: string, variables: Readonly<Record<string, string>>): Promise<void> {
  const text = Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
  const unfinished = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(unfinished, text, { mode: 0o600, flag: 'wx' });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw usageStop(
      'env-file',
      `cannot write ${path}: ${messageOf(error)}`,
      'Name a file in a folder that exists.',
    );
  }
}

async function faultsIn(cwd: string, file: string): Promise<readonly Fault[]> {
  const wrong = (message: string): Stop =>
    usageStop(
      'faults-file',
      `${file}: ${message}`,
      'Give a JSON list like [{"operation": "UpdateApp", "kind": "reset-after"}].',
    );
  let value: unknown;
  try {
    value = JSON.parse(await readFile(resolve(cwd, file), 'utf8'));
  } catch (error) {
    throw wrong(messageOf(error));
  }
  if (!Array.isArray(value)) throw wrong('it is not a list');
  for (const [index, one] of value.entries()) {
    const problem = faultProblem(one);
    if (problem !== undefined) throw wrong(`fault ${index + 1} ${problem}`);
  }
  return value as readonly Fault[];
}

const faultKinds: Readonly<Record<Fault['kind'], true>> = {
  status: true,
  'rate-limit': true,
  'reset-before': true,
  'reset-after': true,
  'timeout-before': true,
  'timeout-after': true,
  truncate: true,
  html: true,
  delay: true,
  'not-json-429': true,
  stale: true,
};

const faultFields: Readonly<Record<keyof Fault, 'number' | 'string'>> = {
  kind: 'string',
  operation: 'string',
  message: 'string',
  skip: 'number',
  times: 'number',
  status: 'number',
  code: 'number',
  delayMs: 'number',
  resetAfterMs: 'number',
};

function faultProblem(fault: unknown): string | undefined {
  if (typeof fault !== 'object' || fault === null || Array.isArray(fault)) return 'is not an object';
  for (const [name, value] of Object.entries(fault)) {
    if (!Object.hasOwn(faultFields, name)) return `has the unknown field ${name}`;
    const wanted = faultFields[name as keyof Fault];
    if (typeof value !== wanted) return `needs a ${wanted} as ${name}`;
  }
  const kind = (fault as { readonly kind?: string }).kind;
  if (kind === undefined || !Object.hasOwn(faultKinds, kind)) {
    return `needs a kind of ${Object.keys(faultKinds).join(', ')}`;
  }
  return undefined;
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolved) => {
    // A promise alone does not keep the process alive, but the listening server does.
    if (signal.aborted) resolved();
    signal.addEventListener('abort', () => resolved());
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
