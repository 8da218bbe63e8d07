import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSources } from '../../src/manifest/files.ts';
import { lineOf } from './fixtures.ts';

let cwd = '';

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'streambed-files-'));
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'chat/app.yaml': 'app: {}',
    'chat/types/b.yml': 'b',
    'chat/types/a.json': '{}',
    'chat/Z.yaml': 'z',
    'chat/streambed.yaml': 'project',
    'chat/types/streambed.yaml': 'a manifest after all',
    'chat/readme.md': 'no',
    'chat/.hidden.yaml': 'no',
    'chat/.git/x.yaml': 'no',
    'chat/node_modules/x.yaml': 'no',
    'empty/readme.md': 'no',
    'latin1.yaml': Uint8Array.of(0x61, 0xe9, 0x62),
    'bom.yaml': Uint8Array.of(0xef, 0xbb, 0xbf, 0x61),
    'plain.txt': 'text',
  };
  for (const [file, content] of Object.entries(files)) {
    await mkdir(join(cwd, file, '..'), { recursive: true });
    await writeFile(join(cwd, file), content);
  }
  await symlink('..', join(cwd, 'chat/types/up'));
  await symlink('nowhere', join(cwd, 'chat/types/gone.yaml'));
});

afterAll(() => rm(cwd, { recursive: true }));

const readStdin = async (): Promise<string> => 'from stdin';

async function read(
  ...paths: string[]
): Promise<{ sources: readonly (readonly [string, string])[]; problems: readonly string[] }> {
  const { value, diagnostics } = await readSources(paths, { cwd, readStdin });
  return { sources: value.map(({ file, text }) => [file, text] as const), problems: diagnostics.map(lineOf) };
}

test('a folder gives its manifests, in code-unit order, under the name that it was given', async () => {
  const { sources, problems } = await read('chat');
  expect(sources.map(([file]) => file)).toEqual([
    'chat/Z.yaml',
    'chat/app.yaml',
    'chat/types/a.json',
    'chat/types/b.yml',
    'chat/types/streambed.yaml',
  ]);
  expect(problems).toEqual([
    'error file-not-found chat/types/gone.yaml does not exist | Check the path, and the folder that you are in.',
  ]);
});

test.each([
  ['chat/types/', 'chat/types/a.json'],
  ['./chat/types', './chat/types/a.json'],
  ['chat/../chat/types', 'chat/../chat/types/a.json'],
])('%s names %s', async (path, file) => {
  expect((await read(path)).sources[0]?.[0]).toBe(file);
});

test('the folder that one is in gives names without a prefix', async () => {
  const { value } = await readSources(['.'], { cwd: join(cwd, 'chat'), readStdin });
  expect(value.map((source) => source.file)).toContain('types/a.json');
});

test('a file may have any name, and - is standard input', async () => {
  expect(await read('plain.txt', '-', 'bom.yaml')).toEqual({
    sources: [
      ['plain.txt', 'text'],
      ['-', 'from stdin'],
      ['bom.yaml', 'a'],
    ],
    problems: [],
  });
});

test('what is named twice is read once', async () => {
  expect(await read('plain.txt', './plain.txt', '-', '-')).toEqual({
    sources: [
      ['plain.txt', 'text'],
      ['-', 'from stdin'],
    ],
    problems: [
      'warning file-twice ./plain.txt was named twice; it is also plain.txt | Name it once: it is read once.',
      'warning file-twice - was named twice | Name it once: it is read once.',
    ],
  });
});

test('what cannot be read is told, and the rest is read', async () => {
  expect(
    await read('nope.yaml', 'nope/deep.yaml', 'plain.txt/x', 'empty', 'latin1.yaml', 'plain.txt'),
  ).toEqual({
    sources: [['plain.txt', 'text']],
    problems: [
      'error file-not-found nope.yaml does not exist | Check the path, and the folder that you are in.',
      'error file-not-found nope/deep.yaml does not exist | Check the path, and the folder that you are in.',
      'error file-not-found plain.txt/x does not exist | Check the path, and the folder that you are in.',
      'error no-manifests empty has no manifests in it | Manifests end in .yaml, .yml or .json; name another folder.',
      'error file-not-utf8 latin1.yaml is not UTF-8 text | Save it as UTF-8, or check that it is a manifest.',
    ],
  });
});

test('no paths are an error', async () => {
  expect((await read()).problems).toEqual([
    'error no-manifests no manifests were named | Name files or folders, or `-` for standard input.',
  ]);
});

test.skipIf(process.getuid?.() === 0)('a file without permission is not readable', async () => {
  await writeFile(join(cwd, 'locked.yaml'), 'x');
  await chmod(join(cwd, 'locked.yaml'), 0);
  expect((await read('locked.yaml')).problems).toEqual([
    'error file-not-readable locked.yaml cannot be read: you may not read it | Check its permissions.',
  ]);
});
