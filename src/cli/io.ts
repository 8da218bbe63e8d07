import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';

/** Where text goes. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
}

/** Where text comes from. */
interface Input {
  readonly isTTY: boolean;
  /** Everything up to the end; rejects when the signal aborts. */
  text(signal: AbortSignal): Promise<string>;
  /** One line, or undefined when there is none or the signal aborts. */
  line(signal: AbortSignal): Promise<string | undefined>;
}

/** Everything that a command may touch of the process it runs in. */
export interface Io {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs a program on the same terminal with these variables added; resolves with its exit code as a shell sees it. */
  run(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<number>;
}

/** The process itself; `unwritten` tells whether something that was printed got lost on a full disk. */
export function processIo(signal: AbortSignal): Io & { unwritten(): boolean } {
  let unwritten = false;
  const outputTo = (stream: NodeJS.WriteStream): Output =>
    outputOn(stream, () => {
      unwritten = true;
    });
  return {
    unwritten: () => unwritten,
    stdin: {
      isTTY: process.stdin.isTTY === true,
      text: readAll,
      line: readLine,
    },
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    signal,
    now: () => Date.now(),
    run: (command, args, env) => run(command, args, env, signal),
  };
}

/** A reader that goes away, like `head` or a terminal, is no error: what nobody reads is not written. */
function outputOn(stream: NodeJS.WriteStream, onLoss: () => void): Output {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    open = false;
    // An apply under way must not end because a log cannot be written.
    if (error.code !== 'EPIPE' && error.code !== 'EIO') onLoss();
  });
  return {
    write: (text) => {
      if (open) stream.write(text);
    },
    isTTY: stream.isTTY === true,
    get columns() {
      // A terminal that does not know its width says 0.
      return stream.columns > 0 ? stream.columns : 80;
    },
  };
}

async function readAll(signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  signal.addEventListener('abort', () => process.stdin.destroy(new Error('interrupted')));
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function readLine(signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin });
    const end = (line: string | undefined): void => {
      signal.removeEventListener('abort', stop);
      lines.removeAllListeners();
      lines.close();
      resolve(line);
    };
    const stop = (): void => end(undefined);
    lines.once('line', end);
    lines.once('close', stop);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
}

function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    // A terminal interrupts the whole group, the child included; any other sender means this process alone.
    const stop = (): void => {
      if (signal.reason === 'SIGTERM' || process.stdin.isTTY !== true) child.kill('SIGTERM');
    };
    signal.addEventListener('abort', stop);
    child.once('error', (error) => {
      signal.removeEventListener('abort', stop);
      reject(error);
    });
    child.once('exit', (code, killedBy) => {
      signal.removeEventListener('abort', stop);
      resolve(code ?? 128 + (killedBy === null ? 0 : constants.signals[killedBy]));
    });
  });
}
