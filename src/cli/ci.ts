import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Io } from './io.ts';

/** True where a service runs the command, and whoever wrote the branch is not the one who is logged in. */
export function isCi({ env }: Pick<Io, 'env'>): boolean {
  return !['', '0', 'false'].includes((env['CI'] ?? '').toLowerCase());
}

/** In CI, the folder that no link of a manifest may lead out of: the repository, or where the command runs. */
export function fence(io: Pick<Io, 'cwd' | 'env'>): { readonly within?: string } {
  if (!isCi(io)) return {};
  for (let folder = io.cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return { within: folder };
    if (folder === dirname(folder)) return { within: io.cwd };
  }
}
