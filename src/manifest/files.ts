import { isAbsolute, resolve, sep } from 'node:path';
import type { Diagnostic, Result } from '../model/diagnostic.ts';
import { projectFile } from '../model/project.ts';
import type { ManifestCode } from './codes.ts';
import { disk, type FileTree } from './file-tree.ts';
import { byCodeUnits, problem } from './problem.ts';
import type { Source } from './source.ts';

/** Where relative paths begin, and what `-` stands for. */
export interface FileAccess {
  readonly cwd: string;
  readonly readStdin: () => Promise<string | Uint8Array>;
  /** The disk unless given. */
  readonly tree?: FileTree;
  /** A folder that nothing below it may link out of: where whoever writes the manifests may not read everything. */
  readonly within?: string;
}

/**
 * Reads manifests: files of any name, all .yaml, .yml and .json files of folders, and `-` for standard input. Hidden
 * entries, node_modules and a folder's own streambed.yaml are passed over. Sources keep the names that the user gave.
 */
export async function readSources(
  paths: readonly string[],
  access: FileAccess,
): Promise<Result<readonly Source[]>> {
  const { tree = disk } = access;
  const sources: Source[] = [];
  const diagnostics: Diagnostic[] = [];
  const read = new Map<string, string>();
  if (paths.length === 0)
    refuse('no-manifests', 'no manifests were named', 'Name files or folders, or `-` for standard input.');
  for (const path of paths) {
    if (path === '-') await takeStdin();
    else await take(path);
  }
  return { value: sources, diagnostics };

  async function take(path: string): Promise<void> {
    const absolute = isAbsolute(path) ? path : resolve(access.cwd, path);
    const name = forward(path);
    try {
      const found = await tree.stat(absolute);
      if (!found.isDirectory()) {
        await takeFile({ absolute, below: name, ...sizeOf(found) }, name);
        return;
      }
      const files = (await filesIn(tree, absolute, '', new Set())).sort((a, b) =>
        byCodeUnits(a.below, b.below),
      );
      if (files.length === 0) {
        refuse(
          'no-manifests',
          `${name} has no manifests in it`,
          'Manifests end in .yaml, .yml or .json; name another folder.',
        );
      }
      const prefix = /^\.?\/*$/.test(name) && !name.startsWith('/') ? '' : `${name.replace(/\/+$/, '')}/`;
      for (const file of files) await takeFile(file, prefix + file.below);
    } catch (error) {
      refuseUnread(name, error);
    }
  }

  async function takeFile({ absolute, size, endless }: Found, name: string): Promise<void> {
    const identity = await tree.realpath(absolute).catch(() => absolute);
    if (endless) {
      refuse(
        'file-not-readable',
        `${name} cannot be read: it is a device`,
        'Name a file, or `-` for standard input.',
      );
      return;
    }
    if (await leadsOut(absolute, identity)) {
      refuse(
        'file-not-readable',
        `${name} cannot be read: it is a link that leads out of the repository`,
        'In CI, whoever opens a pull request could read the files of the machine: put the manifest itself there.',
      );
      return;
    }
    const before = read.get(identity);
    if (before !== undefined) {
      const same = before === name ? '' : `; it is also ${before}`;
      diagnostics.push(
        problem(
          'file-twice',
          undefined,
          `${name} was named twice${same}`,
          'Name it once: it is read once.',
          'warning',
        ),
      );
      return;
    }
    read.set(identity, name);
    if (size > largest) {
      refuse(
        'file-too-large',
        `${name} is larger than ${largest / 1024 / 1024} MiB`,
        'Split it, or check that it is a manifest.',
      );
      return;
    }
    try {
      decoded(name, await tree.readFile(absolute));
    } catch (error) {
      refuseUnread(name, error);
    }
  }

  async function leadsOut(absolute: string, identity: string): Promise<boolean> {
    const { within } = access;
    if (within === undefined || !isBelow(absolute, within)) return false;
    return !isBelow(identity, await tree.realpath(within).catch(() => within));
  }

  async function takeStdin(): Promise<void> {
    if (read.has('-')) {
      diagnostics.push(
        problem('file-twice', undefined, '- was named twice', 'Name it once: it is read once.', 'warning'),
      );
      return;
    }
    read.set('-', '-');
    decoded('-', await access.readStdin());
  }

  function decoded(file: string, content: string | Uint8Array): void {
    if (content.length > largest) {
      refuse(
        'file-too-large',
        `${file} is larger than ${largest / 1024 / 1024} MiB`,
        'Split it, or check that it is a manifest.',
      );
      return;
    }
    try {
      const text =
        typeof content === 'string'
          ? content.replace(/^\uFEFF/, '')
          : new TextDecoder('utf-8', { fatal: true }).decode(content);
      sources.push({ file, text });
    } catch {
      refuse(
        'file-not-utf8',
        `${file} is not UTF-8 text`,
        'Save it as UTF-8, or check that it is a manifest.',
      );
    }
  }

  function refuse(code: ManifestCode, message: string, help: string): void {
    diagnostics.push(problem(code, undefined, message, help));
  }

  function refuseUnread(name: string, error: unknown): void {
    const code = (error as { readonly code?: unknown }).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      refuse('file-not-found', `${name} does not exist`, 'Check the path, and the folder that you are in.');
    } else {
      const why = code === 'EACCES' || code === 'EPERM' ? 'you may not read it' : String(code ?? error);
      refuse('file-not-readable', `${name} cannot be read: ${why}`, 'Check its permissions.');
    }
  }
}

const largest = 64 * 1024 * 1024;

interface Found {
  readonly absolute: string;
  /** Its path below the folder that was named, with forward slashes. */
  readonly below: string;
  readonly size: number;
  readonly endless: boolean;
}

function sizeOf(found: Awaited<ReturnType<FileTree['stat']>>): Pick<Found, 'endless' | 'size'> {
  return { size: found.size, endless: found.isEndless?.() === true };
}

/** Links are followed; a folder that was entered before is not entered again, because links can lead in circles. */
async function filesIn(
  tree: FileTree,
  folder: string,
  below: string,
  entered: Set<string>,
): Promise<Found[]> {
  const identity = await tree.realpath(folder);
  if (entered.has(identity)) return [];
  entered.add(identity);
  const found: Found[] = [];
  for (const entry of await tree.readdir(folder)) {
    const { name } = entry;
    if (name.startsWith('.') || name === 'node_modules' || (below === '' && name === projectFile)) continue;
    const isManifest = /\.(?:ya?ml|json)$/i.test(name);
    if (entry.isFile() && !isManifest) continue;
    const absolute = resolve(folder, name);
    const inner = await tree.stat(absolute).catch(() => undefined);
    if (inner === undefined && !isManifest) continue;
    if (inner?.isDirectory()) found.push(...(await filesIn(tree, absolute, `${below}${name}/`, entered)));
    else if (isManifest) {
      const size = inner === undefined ? { size: 0, endless: false } : sizeOf(inner);
      found.push({ absolute, below: below + name, ...size });
    }
  }
  return found;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function forward(path: string): string {
  return sep === '\\' ? path.replaceAll('\\', '/') : path;
}
