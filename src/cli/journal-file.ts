import { constants } from 'node:fs';
import { lstat, mkdir, open, rm, type FileHandle, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { JournalFailure, type Journal, type JournalEntry } from '../model/journal.ts';
import { quoted } from '../render/escape.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { Stop } from './stop.ts';

/** A journal on disk: one line of JSON an entry, each on the disk before its `append` resolves. */
export interface JournalFile extends Journal {
  /** As a person would type it. */
  readonly path: string;
  close(): Promise<void>;
}

/** Where journals are kept unless a folder is named. */
const home = join('.streambed', 'applies');

/** What a line may need that nobody can count before: the words of a failure. */
const WORDS = 1200;

/**
 * Starts a journal with what must be written down before the first write. It is new, named after the moment and the
 * app, and readable by its owner alone; nothing is ever overwritten. The disk's space for all that will be appended is
 * taken now, as empty lines, so that a disk that fills up later cannot cost the last line.
 */
export async function createJournal(
  folder: string | undefined,
  entries: readonly JournalEntry[],
  { cwd, now }: Pick<Io, 'cwd' | 'now'>,
): Promise<JournalFile> {
  const directory = resolve(cwd, folder ?? home);
  try {
    if (folder === undefined) await ownFolder(cwd);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const { handle, path } = await freshFile(directory, nameOf(entries, now()));
    const file = new LinesOnDisk(handle);
    try {
      await syncFolder(directory);
      await file.begin(entries.map(lineOf).join(''), reserveFor(entries));
    } catch (error) {
      // Nothing was sent, so half a beginning tells nothing, and takes up what little room there is.
      await handle.close();
      await rm(path, { force: true });
      throw error;
    }
    return {
      path: relative(cwd, path) || path,
      append: (entry) => file.append(lineOf(entry)),
      close: () => file.close(),
    };
  } catch (error) {
    if (error instanceof Stop) throw error;
    throw new Stop(exitCodes.failed, {
      code: 'journal',
      message: `the journal cannot be written to ${quoted(relative(cwd, directory) || '.')}: ${codeOf(error)}`,
      help: 'Nothing was written to the app. Make room, or name a folder: --journal DIR.',
    });
  }
}

/** A folder of ours that leads somewhere else was put there by somebody who wants us to write there. */
async function ownFolder(cwd: string): Promise<void> {
  for (const folder of [dirname(home), home]) {
    const found = await lstat(join(cwd, folder)).catch(() => undefined);
    if (found === undefined || found.isDirectory()) continue;
    throw new Stop(exitCodes.failed, {
      code: 'journal',
      message: `${quoted(folder)} is not a folder, so the journal is not written there`,
      help: 'Nothing was written to the app. Delete it, or name a folder: --journal DIR.',
    });
  }
  await mkdir(join(cwd, home), { recursive: true, mode: 0o700 });
  await writeFile(join(cwd, dirname(home), '.gitignore'), '*\n', { flag: 'wx' }).catch(() => undefined);
}

function nameOf([head]: readonly JournalEntry[], now: number): string {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const id = head?.type === 'apply' ? head.app.id : undefined;
  return `${time}-${id ?? 'unknown'}`;
}

/** Two runs may begin within one second. */
async function freshFile(
  directory: string,
  name: string,
): Promise<{ readonly handle: FileHandle; readonly path: string }> {
  for (let number = 1; ; number++) {
    const path = join(directory, `${name}${number === 1 ? '' : `-${number}`}.jsonl`);
    try {
      const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
      return { handle: await open(path, flags, 0o600), path };
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

/** The name of a new file survives a loss of power only when its folder is on the disk as well. */
async function syncFolder(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } catch {
    // Not every system lets folders be synchronized.
  } finally {
    await handle.close();
  }
}

/** Each step is announced and ends, perhaps with the words of a failure; few fall apart into one part an object. */
function reserveFor(entries: readonly JournalEntry[]): number {
  const steps = entries.flatMap((entry) =>
    entry.type === 'planned' ? [Buffer.byteLength(lineOf(entry))] : [],
  );
  return steps.reduce((sum, length) => sum + 2 * (length + 100) + WORDS, 0) + 16 * WORDS;
}

function lineOf(entry: JournalEntry): string {
  const because = 'because' in entry ? { because: entry.because?.slice(0, WORDS / 2) } : {};
  return `${JSON.stringify({ ...entry, ...because })}\n`;
}

interface Waiting {
  readonly bytes: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: JournalFailure) => void;
}

/** A file that grows by lines; lines that are appended at the same time reach the disk together. */
class LinesOnDisk {
  readonly #handle: FileHandle;
  #end = 0;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #broken: JournalFailure | undefined;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async begin(text: string, reserve: number): Promise<void> {
    const bytes = Buffer.from(text);
    await this.#writeAll(Buffer.concat([bytes, Buffer.alloc(reserve, '\n')]), 0);
    await this.#handle.sync();
    this.#end = bytes.length;
  }

  append(line: string): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes: Buffer.from(line), resolve, reject });
      this.#writing ??= this.#flush();
    });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting.splice(0);
      const bytes = Buffer.concat(lines.map((line) => line.bytes));
      try {
        await this.#writeAll(bytes, this.#end);
        await this.#handle.datasync();
        this.#end += bytes.length;
        for (const { resolve } of lines) resolve();
      } catch (error) {
        this.#broken = new JournalFailure(`the journal cannot be written: ${codeOf(error)}`);
        for (const { reject } of [...lines, ...this.#waiting.splice(0)]) reject(this.#broken);
      }
    }
    this.#writing = undefined;
  }

  async #writeAll(bytes: Buffer, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }

  async close(): Promise<void> {
    await this.#writing;
    try {
      // What was not needed of the reserve goes.
      await this.#handle.truncate(this.#end);
      await this.#handle.sync();
    } finally {
      await this.#handle.close();
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
