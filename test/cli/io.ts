import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';

export interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** What is typed or piped in; a terminal with `terminal: true`. */
  readonly stdin?: string;
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly onOutput?: (text: string) => void;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program in this process, with everything that it may touch of one. */
export async function run(words: readonly string[], options: Options = {}): Promise<Ran> {
  const made = ioFor(options);
  const code = await main(['node', 'streambed', ...words], made.io);
  return { code, stdout: made.stdout(), stderr: made.stderr() };
}

/** What a command is given, and what it wrote to it. */
export function ioFor(options: Options): { readonly io: Io; stdout(): string; stderr(): string } {
  let stdout = '';
  let stderr = '';
  const { terminal = false, columns = 100, stdin = '' } = options;
  const signal = options.signal ?? new AbortController().signal;
  const io: Io = {
    stdin: {
      isTTY: terminal,
      text: async () => stdin,
      line: async () => (stdin === '' ? undefined : stdin.split('\n')[0]),
    },
    stdout: {
      write: (text) => {
        stdout += text;
        options.onOutput?.(text);
      },
      isTTY: terminal,
      columns,
    },
    stderr: { write: (text) => void (stderr += text), isTTY: terminal, columns },
    env: options.env ?? {},
    cwd: options.cwd ?? temporaryFolder(),
    signal,
    now: () => Date.now(),
    run: (command, args, env) =>
      new Promise((resolve, reject) => {
        const child = spawn(command, args, { env: { ...process.env, ...env } });
        child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
        child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
        child.once('error', reject);
        child.once('close', (code) => resolve(code ?? 128));
      }),
  };
  return { io, stdout: () => stdout, stderr: () => stderr };
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'streambed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
