import { isAbsolute, posix, relative, sep } from 'node:path';
import type { FileTree } from '../../index.ts';
import type { GitRun } from './run.ts';

/**
 * The files of a commit under the names that they have on disk. Links and submodules are not followed: what they lead
 * to is not in the commit, so a folder that holds one that matters cannot be read.
 */
export function treeOf(
  run: GitRun,
  commit: string,
  place: { readonly cwd: string; readonly prefix: string },
): FileTree {
  let loaded: Promise<Entries> | undefined;
  const entries = (): Promise<Entries> => (loaded ??= entriesOf(run, commit));
  const listed = new Set<string>();
  const contents = new Map<string, Uint8Array>();

  /** The name inside the repository; what lies outside of it is in no commit. */
  function inside(path: string): string {
    const below = relative(place.cwd, path);
    const forward = sep === '\\' ? below.replaceAll('\\', '/') : below;
    const name = posix
      .join(place.prefix, forward)
      .replace(/^\.\/?$/, '')
      .replace(/\/$/, '');
    if (isAbsolute(below) || name === '..' || name.startsWith('../')) throw unreadable('ENOENT');
    return name;
  }

  async function find(path: string): Promise<{ readonly name: string; readonly entry: Entry }> {
    const name = inside(path);
    const all = await entries();
    const entry = all.get(name);
    if (entry !== undefined) return { name, entry };
    for (let above = posix.dirname(name); above !== '.'; above = posix.dirname(above)) {
      const type = all.get(above)?.type;
      if (type === 'link' || type === 'submodule') throw refused(type);
      if (type === 'file') throw unreadable('ENOTDIR');
    }
    throw unreadable('ENOENT');
  }

  /** Whatever was listed and not read yet comes along, so that a folder costs one process and not one a file. */
  async function read(wanted: Blob): Promise<Uint8Array> {
    const names = [...new Set([wanted.object, ...listed])].filter((object) => !contents.has(object));
    listed.clear();
    const answer = await run(['cat-file', '--batch'], names.map((object) => `${object}\n`).join(''));
    if (!answer.ok) throw unreadable('git does not give it');
    for (const [object, content] of objectsIn(answer.output)) contents.set(object, content);
    const content = contents.get(wanted.object);
    if (content === undefined) throw unreadable('this clone does not hold it');
    return content;
  }

  return {
    async stat(path) {
      const { name, entry } = await find(path);
      if (entry.type !== 'link') return { size: 0, isDirectory: () => entry.type !== 'file' };
      // A link to a file of another type is nobody's manifest, and passed over like the file itself.
      if (isManifest(name) || (await leadsToFile(run, await entries(), name, entry.object)))
        throw refused('link');
      return { size: 0, isDirectory: () => true };
    },
    async readdir(path) {
      const { name, entry } = await find(path);
      if (entry.type !== 'folder') throw entry.type === 'file' ? unreadable('ENOTDIR') : refused(entry.type);
      const all = await entries();
      return [...entry.names].map((inner) => {
        const found = all.get(name === '' ? inner : `${name}/${inner}`);
        if (found?.type === 'file' && isManifest(inner)) listed.add(found.object);
        return { name: inner, isFile: () => found?.type === 'file' };
      });
    },
    async readFile(path) {
      const { entry } = await find(path);
      if (entry.type === 'link' || entry.type === 'submodule') throw refused(entry.type);
      if (entry.type === 'folder') throw unreadable('EISDIR');
      return contents.get(entry.object) ?? (await read(entry));
    },
    async realpath(path) {
      const { name, entry } = await find(path);
      if (entry.type === 'link' || entry.type === 'submodule') throw refused(entry.type);
      return name;
    },
  };
}

interface Blob {
  readonly type: 'file' | 'link' | 'submodule';
  readonly object: string;
}

interface Folder {
  readonly type: 'folder';
  readonly names: Set<string>;
}

type Entry = Blob | Folder;

type Entries = ReadonlyMap<string, Entry>;

async function entriesOf(run: GitRun, commit: string): Promise<Entries> {
  const answer = await run(['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', commit]);
  if (!answer.ok) throw unreadable('git cannot list the commit');
  const entries = new Map<string, Entry>([['', { type: 'folder', names: new Set() }]]);
  for (const line of answer.output.toString('utf8').split('\0')) {
    const found = /^(\d+) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line);
    if (found === null) continue;
    const [, mode = '', object = '', path = ''] = found;
    entries.set(path, {
      type: mode === '120000' ? 'link' : mode === '160000' ? 'submodule' : 'file',
      object,
    });
    enter(entries, path);
  }
  return entries;
}

/** Git lists files only: a folder is there because something is in it. */
function enter(entries: Map<string, Entry>, path: string): void {
  const slash = path.lastIndexOf('/');
  const folder = slash === -1 ? '' : path.slice(0, slash);
  const name = path.slice(slash + 1);
  const known = entries.get(folder);
  if (known?.type === 'folder') {
    known.names.add(name);
    return;
  }
  entries.set(folder, { type: 'folder', names: new Set([name]) });
  enter(entries, folder);
}

async function leadsToFile(run: GitRun, entries: Entries, name: string, object: string): Promise<boolean> {
  const answer = await run(['cat-file', '--batch'], `${object}\n`);
  const target = answer.ok ? objectsIn(answer.output).get(object) : undefined;
  if (target === undefined) return false;
  const to = posix.join(posix.dirname(name), Buffer.from(target).toString('utf8'));
  return entries.get(to)?.type === 'file';
}

/** `<object> <type> <size>`, a line feed, the content and a line feed; or `<object> missing`. */
function objectsIn(output: Buffer): ReadonlyMap<string, Uint8Array> {
  const objects = new Map<string, Uint8Array>();
  let from = 0;
  while (from < output.length) {
    const end = output.indexOf('\n', from);
    if (end === -1) break;
    const [object = '', type, size] = output.toString('utf8', from, end).split(' ');
    from = end + 1;
    if (type !== 'blob') continue;
    const length = Number(size);
    objects.set(object, output.subarray(from, from + length));
    from += length + 1;
  }
  return objects;
}

function isManifest(name: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(name);
}

function refused(type: 'link' | 'submodule'): Error {
  return unreadable(type === 'link' ? 'links of a commit are not followed' : 'submodules are not read');
}

function unreadable(code: string): Error {
  return Object.assign(new Error(code), { code });
}
