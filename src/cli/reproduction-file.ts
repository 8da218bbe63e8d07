import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { visible } from '../render/escape.ts';
import type { Io } from './io.ts';
import type { Presenter } from './presenter.ts';

/** Puts what a bug report needs beside the journal, and returns where; a disk that is full costs only this file. */
export async function writeReproduction(
  journal: string,
  reproduction: unknown,
  { cwd }: Pick<Io, 'cwd'>,
  presenter: Presenter,
): Promise<string | undefined> {
  const path = journal.replace(/\.jsonl$/, '.reproduction.json');
  try {
    await writeFile(resolve(cwd, path), `${JSON.stringify(reproduction, null, 2)}\n`, {
      flag: 'wx',
      mode: 0o600,
    });
    return path;
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    presenter.say(`${visible(path)} could not be written: ${why}`);
    return undefined;
  }
}
