import { readdir, readFile, realpath, stat } from 'node:fs/promises';

/**
 * Where files are read from: the disk, or a revision of them. Paths are absolute. Every question rejects with an error
 * whose `code` is `ENOENT` or `ENOTDIR` for what is not there, and otherwise says why it cannot be read.
 */
export interface FileTree {
  stat(path: string): Promise<{ readonly size: number; isDirectory(): boolean; isEndless?(): boolean }>;
  /** The entries of a folder, in any order. */
  readdir(path: string): Promise<readonly { readonly name: string; isFile(): boolean }[]>;
  readFile(path: string): Promise<Uint8Array>;
  /** The one name of what may have several. */
  realpath(path: string): Promise<string>;
}

/** The files as they are now. */
export const disk: FileTree = {
  stat: async (path) => {
    const found = await stat(path);
    // A device has no size and may have no end; a pipe ends when its writer does, as `<(command)` in a shell.
    const isEndless = (): boolean => found.isCharacterDevice() || found.isBlockDevice();
    return { size: found.size, isDirectory: () => found.isDirectory(), isEndless };
  },
  readdir: (path) => readdir(path, { withFileTypes: true }),
  readFile: (path) => readFile(path),
  realpath: (path) => realpath(path),
};
