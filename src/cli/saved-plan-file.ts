import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
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
  if (!isComplete(value)) {
    throw new Stop(exitCodes.stale, {
      code: 'plan-format',
      message: `${quoted(path)} is not a whole saved plan`,
      help: 'Plan again with --out.',
    });
  }
  return value as SavedPlan;
}

/** What is read before the seal is checked has the form that it must have. */
function isComplete(value: object): boolean {
  const { app, changes, losses, manifests, reopen, send_write_only, seal } = value as Partial<SavedPlan>;
  const lists: readonly unknown[] = [changes, manifests, reopen, send_write_only];
  return (
    typeof app === 'object' &&
    app !== null &&
    typeof app.name === 'string' &&
    (app.id === undefined || typeof app.id === 'number') &&
    typeof losses === 'object' &&
    losses !== null &&
    typeof seal === 'string' &&
    lists.every((list) => Array.isArray(list))
  );
}

/** Writes a saved plan; whoever looks at the file sees all of it or nothing of it. */
export async function writeSavedPlan(
  path: string,
  saved: SavedPlan,
  { cwd }: Pick<Io, 'cwd'>,
): Promise<void> {
  const absolute = resolve(cwd, path);
  if (!/\.json$/i.test(path)) {
    const help = 'Call it plan.json: apply knows saved plans by that ending.';
    throw usageStop('out-file', `a saved plan ends in .json, and ${quoted(path)} does not`, help);
  }
  if (await isSomethingElse(absolute)) {
    const help = 'Name a file that is not there yet, or an earlier saved plan.';
    throw usageStop('out-file', `${quoted(path)} is there already, and is no saved plan`, help);
  }
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

/** True for what must not be replaced: a manifest, or anything that nobody would expect to be overwritten. */
async function isSomethingElse(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(200), 0, 200, 0);
      return bytesRead > 0 && !buffer.toString('utf8').includes('"format": "streambed-plan"');
    } finally {
      await file.close();
    }
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
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
