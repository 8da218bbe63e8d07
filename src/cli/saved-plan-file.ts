import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SavedPlan } from '../model/saved-plan.ts';
import { quoted } from '../render/escape.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { Stop, usageStop } from './stop.ts';

const largest = 256 * 1024 * 1024;

/** The saved plan in this file; undefined when the file is anything else, a manifest for example. */
export async function savedPlanIn(path: string, { cwd }: Pick<Io, 'cwd'>): Promise<SavedPlan | undefined> {
  if (!/\.json$/i.test(path)) return undefined;
  let text: string;
  try {
    const absolute = resolve(cwd, path);
    const found = await stat(absolute);
    if (!found.isFile() || found.size > largest) return undefined;
    text = await readFile(absolute, 'utf8');
  } catch {
    // Whoever reads it as a manifest says why it cannot be read.
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { format, format_version: version } = value as Partial<SavedPlan>;
  if (format !== 'streambed-plan') return undefined;
  if (typeof version !== 'string' || !/^1\.\d+$/.test(version)) {
    throw new Stop(exitCodes.stale, {
      code: 'plan-format',
      message: `${quoted(path)} was saved by a version of Streambed that this one does not understand`,
      help: 'Plan again with this version, or apply with the one that saved it.',
    });
  }
  return value as SavedPlan;
}

/** Writes a saved plan; whoever looks at the file sees all of it or nothing of it. */
export async function writeSavedPlan(
  path: string,
  saved: SavedPlan,
  { cwd }: Pick<Io, 'cwd'>,
): Promise<void> {
  const absolute = resolve(cwd, path);
  const unfinished = `${absolute}.${randomUUID()}.tmp`;
  try {
    await writeFile(unfinished, `${JSON.stringify(saved, null, 2)}\n`, { flag: 'wx' });
    await rename(unfinished, absolute);
  } catch (error) {
    await rm(unfinished, { force: true });
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw usageStop(
      'out-file',
      `the plan cannot be saved to ${quoted(path)}: ${why}`,
      'Name a file in a folder that exists.',
    );
  }
}

/** The seal proves who wrote the plan; without it nothing of the file is believed. */
export function brokenSeal(path: string): Stop {
  return new Stop(exitCodes.stale, {
    code: 'plan-seal',
    message: `${quoted(path)} was edited, or was saved with the API secret of another app`,
    help: 'Nothing was read or written but the name of the app. Plan again with --out, with the credentials of this app.',
  });
}
