import type { Diagnostic } from '../model/diagnostic.ts';
import type { Manifest } from '../model/resource.ts';
import { fence } from './ci.ts';
import type { Io } from './io.ts';
import type { Known } from './presenter.ts';
import { usageStop } from './stop.ts';

/** The manifests that a command was given, and what is wrong with them. */
export interface Loaded {
  readonly manifest: Manifest;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads and checks the named manifests, and notes their texts for what is printed about them. */
export async function loadManifests(paths: readonly string[], io: Io, known: Known): Promise<Loaded> {
  if (paths.length === 0) {
    throw usageStop(
      'no-manifests',
      'no manifests were named',
      'Name files, as in: streambed plan stream/*.yaml; or - for standard input.',
    );
  }
  const { load } = await import('../index.ts');
  const { value, diagnostics, sources } = await load(paths, {
    cwd: io.cwd,
    readStdin: () => io.stdin.text(io.signal),
    ...fence(io),
  });
  io.signal.throwIfAborted();
  known.files = value.files;
  const before = known.sources;
  known.sources = { get: (file) => sources.get(file) ?? before.get(file) };
  return { manifest: value, diagnostics };
}
