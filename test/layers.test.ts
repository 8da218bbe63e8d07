import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'streambed-layers-'));
  copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The rules that the linter finds broken in one file at this place. */
function broken(file: string, text: string): readonly string[] {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  const linter = join(root, 'node_modules/oxlint/bin/oxlint');
  const { stdout } = spawnSync(process.execPath, [linter, '--format=json', path], {
    cwd: folder,
    encoding: 'utf8',
  });
  const { diagnostics } = JSON.parse(stdout) as {
    readonly diagnostics: readonly { readonly code: string }[];
  };
  return diagnostics.map(({ code }) => code);
}

const layer = 'eslint(no-restricted-imports)';

it.each([
  ['src/model/bad.ts', '../kinds/registry.ts'],
  ['src/model/bad.ts', 'node:fs'],
  ['src/manifest/bad.ts', '../kinds/registry.ts'],
  ['src/manifest/bad.ts', 'ajv'],
  ['src/manifest/bad.ts', 'yaml'],
  ['src/kinds/bad.ts', '../reconcile/diff.ts'],
  ['src/kinds/user/bad.ts', '../channel-type/index.ts'],
  ['src/kinds/user/bad.ts', '../../stream/connect.ts'],
  ['src/kinds/user/bad.ts', 'node:fs'],
  ['src/reconcile/bad.ts', '../kinds/registry.ts'],
  ['src/reconcile/bad.ts', 'deep-diff'],
  ['src/stream/bad.ts', 'stream-chat'],
  ['src/stream/bad.ts', '../manifest/load.ts'],
  ['src/render/bad.ts', 'node:fs'],
  ['src/render/bad.ts', '../kinds/registry.ts'],
  ['src/render/html/bad.ts', 'node:fs'],
  ['src/render/html/bad.ts', '../../kinds/registry.ts'],
  ['src/emulator/bad.ts', '../model/stream.ts'],
  ['src/cli/bad.ts', '../reconcile/plan.ts'],
  ['src/cli/bad.ts', 'commander'],
])('%s may not import %s', (file, from) => {
  expect(broken(file, `import * as it from '${from}';\nexport const a = it;\n`)).toContain(layer);
});

it.each([
  ['src/model/good.ts', './address.ts'],
  ['src/manifest/good.ts', '../model/resource.ts'],
  ['src/manifest/yaml.ts', 'yaml'],
  ['src/kinds/user/good.ts', '../sets.ts'],
  ['src/reconcile/diff.ts', 'deep-diff'],
  ['src/cli/commands/good.ts', '../../index.ts'],
  ['src/emulator/good.ts', 'node:http'],
])('%s may import %s', (file, from) => {
  expect(broken(file, `import * as it from '${from}';\nexport const a = it;\n`)).not.toContain(layer);
});

it('only the cli has a process and a console', () => {
  const text = 'export const a = process.env;\nconsole.log(a);\n';
  expect(broken('src/reconcile/bad.ts', text)).toEqual(
    expect.arrayContaining(['eslint(no-restricted-globals)', 'eslint(no-console)']),
  );
  expect(broken('src/cli/good.ts', text)).toEqual([]);
});
