import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Emulator } from '../../src/emulator/index.ts';
import { load } from '../../src/index.ts';
import { hasErrors } from '../../src/model/diagnostic.ts';
import type { Manifest } from '../../src/model/resource.ts';
import { wordsOf } from '../support/world.ts';
import { addForeign, meddle } from './meddle.ts';

/** An app as it is, and manifests that say how it should be. */
export interface Scenario {
  readonly name: string;
  /** Absolute, for the command line. */
  readonly paths: readonly string[];
  readonly manifest: Manifest;
  /** The losses that are approved, in the undisturbed run and in every other. */
  readonly allowDestroy: ReadonlyMap<string, number>;
  /** Makes the app what it is before; absent: it is fresh. */
  readonly prepare?: (emulator: Emulator, apply: (manifest: Manifest) => Promise<void>) => Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifests = fileURLToPath(new URL('manifests/', import.meta.url));

/** Every example on a fresh app, every example on an app that somebody meddled with, and everything at once. */
export async function scenarios(): Promise<readonly Scenario[]> {
  const names = readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['ci', 'dangers'].includes(entry.name))
    .map(({ name }) => name);
  const examples = names.map(async (name) => {
    const paths = [join(root, 'examples', name)];
    const manifest = await manifestAt(paths);
    const approved = { paths, manifest, allowDestroy: new Map([['member', 20]]) };
    return [
      { name: `${name}, fresh`, ...approved },
      {
        name: `${name}, meddled with`,
        ...approved,
        prepare: async (emulator, apply) => {
          await apply(manifest);
          await addForeign(emulator);
          await meddle(emulator, manifest);
        },
      },
    ] satisfies readonly Scenario[];
  });
  return [...(await Promise.all(examples)).flat(), await everything()];
}

/** A step of every kind that there is, in one apply. */
async function everything(): Promise<Scenario> {
  const paths = [join(manifests, 'after.yaml')];
  const before = await manifestAt([join(manifests, 'before.yaml')]);
  return {
    name: 'everything at once',
    paths,
    manifest: await manifestAt(paths),
    allowDestroy: new Map([
      ['member', 20],
      ['conversation', 20],
    ]),
    async prepare(emulator, apply) {
      await apply(before);
      await addForeign(emulator);
    },
  };
}

async function manifestAt(paths: readonly string[]): Promise<Manifest> {
  const { value, diagnostics } = await load(paths);
  if (hasErrors(diagnostics)) throw new Error(wordsOf(diagnostics));
  return value;
}
