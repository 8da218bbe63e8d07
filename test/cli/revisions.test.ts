import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openGit } from '../../src/cli/git/repository.ts';
import {
  appliedRef,
  revisionsFor,
  type RevisionsAsked,
  type RevisionsFound,
} from '../../src/cli/revisions.ts';
import { Stop } from '../../src/cli/stop.ts';
import type { Manifest } from '../../src/model/resource.ts';
import { temporaryFolder } from './io.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(temporaryFolder());
  git('init', '--quiet', '--initial-branch=main');
});

function git(...words: string[]): string {
  const settings = [
    '-c',
    'user.name=Lena',
    '-c',
    'user.email=lena@example.com',
    '-c',
    'commit.gpgsign=false',
  ];
  return execFileSync('git', [...settings, ...words], { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
}

function commit(files: Readonly<Record<string, string>>): string {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message', 'change');
  return git('rev-parse', 'HEAD');
}

async function found(asked: Partial<RevisionsAsked>, cwd = root): Promise<RevisionsFound> {
  return revisionsFor(await openGit(cwd), { paths: ['chat'], cwd, ...asked });
}

async function stopOf(asked: Partial<RevisionsAsked>, cwd = root): Promise<Stop> {
  const stop = await found(asked, cwd).catch((error: unknown) => error);
  if (!(stop instanceof Stop)) throw new Error('it did not stop');
  return stop;
}

function addressesIn(manifest: Manifest | undefined): readonly string[] | undefined {
  return manifest?.resources.map(({ address }) => address);
}

describe('the revisions of a plan', () => {
  it('are the base that is named and the commit that was recorded, each as it was', async () => {
    const applied = commit({ 'chat/a.yaml': 'users: { anna: {} }' });
    const base = commit({ 'chat/a.yaml': 'users: { ben: {} }' });
    commit({ 'chat/a.yaml': 'users: { lena: {} }' });
    await (await openGit(root))?.writeRef(appliedRef(1699146), applied);
    const { revisions, diagnostics } = await found({ base: 'HEAD~1', appId: 1699146 });
    expect(diagnostics).toEqual([]);
    expect(revisions?.base).toMatchObject({ ref: 'HEAD~1', commit: base });
    expect(addressesIn(revisions?.base?.manifest)).toEqual(['user/ben']);
    expect(revisions?.applied?.commit).toBe(applied);
    expect(addressesIn(revisions?.applied?.manifest)).toEqual(['user/anna']);
  });

  it('are none when none is asked for or recorded, in a repository or out of one', async () => {
    commit({ 'chat/a.yaml': '' });
    expect(await found({})).toEqual({ diagnostics: [] });
    expect(await found({ appId: 7 })).toEqual({ diagnostics: [] });
    expect(await found({ appId: 7 }, temporaryFolder())).toEqual({ diagnostics: [] });
  });

  it('declare nothing where they had no manifests yet', async () => {
    commit({ 'readme.md': '' });
    commit({ 'chat/a.yaml': 'users: { lena: {} }' });
    const pathsAt = () => Promise.resolve(['chat']);
    const { revisions, diagnostics } = await found({ base: 'HEAD~1', pathsAt });
    expect(diagnostics).toEqual([]);
    expect(addressesIn(revisions?.base?.manifest)).toEqual([]);
  });

  it('tell once which of the paths that were named are not there', async () => {
    commit({ 'chat/a.yaml': 'users: { anna: {} }', 'empty/readme.md': '' });
    const applied = git('rev-parse', 'HEAD');
    await (await openGit(root))?.writeRef(appliedRef(7), applied);
    commit({ 'chat/new.yaml': 'users: { ben: {} }', 'more/b.yaml': 'users: { lena: {} }' });
    const toldOf = async (...paths: readonly string[]) => {
      const { revisions, diagnostics } = await found({ base: 'HEAD~1', appId: 7, paths });
      expect(addressesIn(revisions?.base?.manifest)).toEqual(
        paths.includes('chat/a.yaml') ? ['user/anna'] : [],
      );
      return diagnostics.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
    };
    expect(await toldOf('chat/a.yaml')).toEqual([]);
    expect(await toldOf('empty')).toEqual([]);
    expect(await toldOf('chat/a.yaml', 'chat/new.yaml')).toEqual([
      "warning not-in-base: chat/new.yaml is not in HEAD~1: what it declares counts as this branch's",
    ]);
    expect(await toldOf('chat/a.yaml', 'chat/new.yaml', 'more')).toEqual([
      "warning not-in-base: chat/new.yaml and 1 more are not in HEAD~1: what they declare counts as this branch's",
    ]);
  });

  it('may name their own paths', async () => {
    commit({ 'old/a.yaml': 'users: { lena: {} }', 'list.txt': 'old' });
    rmSync(join(root, 'old'), { recursive: true });
    commit({ 'chat/a.yaml': 'users: { lena: {} }' });
    const pathsAt: RevisionsAsked['pathsAt'] = async (tree) => [
      Buffer.from(await tree.readFile(join(root, 'list.txt'))).toString('utf8'),
    ];
    const { revisions } = await found({ base: 'HEAD~1', pathsAt });
    expect(addressesIn(revisions?.base?.manifest)).toEqual(['user/lena']);
  });

  it('that are wrong inside are a warning, and the plan does without', async () => {
    const wrong = commit({ 'chat/a.yaml': 'users:\n  lena: { nmae: Lena }\n  ben: { nmae: Ben }' });
    const right = commit({ 'chat/a.yaml': 'users: { lena: {} }' });
    await (await openGit(root))?.writeRef(appliedRef(7), wrong);
    for (const [asked, code, kept] of [
      [{ base: wrong }, 'base-unreadable', undefined],
      [{ base: right, appId: 7 }, 'applied-unreadable', ['user/lena']],
    ] as const) {
      const { revisions, diagnostics } = await found(asked);
      expect(addressesIn(revisions?.base?.manifest)).toEqual(kept);
      expect(revisions?.applied).toBeUndefined();
      expect(diagnostics.map(({ severity, code, message }) => [severity, code, message])).toEqual([
        ['warning', code, expect.stringMatching(/nmae.* at chat\/a\.yaml:2, and 1 more$/)],
      ]);
    }
  });

  it('say nothing about standard input', async () => {
    commit({});
    const { revisions, diagnostics } = await found({ base: 'main', paths: ['-'] });
    expect(revisions).toBeUndefined();
    expect(diagnostics.map(({ code }) => code)).toEqual(['base-unreadable']);
  });
});

describe('a base that is not here stops the command', () => {
  it('when nothing is called so', async () => {
    commit({});
    for (const base of ['nowhere', '--help']) {
      const { exitCode, diagnostic } = await stopOf({ base });
      expect(exitCode).toBe(1);
      expect(diagnostic).toMatchObject({
        code: 'unknown-revision',
        message: `--base ${base} names no commit in this repository`,
        help: expect.stringContaining('fetch-depth: 0') as string,
      });
    }
  });

  it('and tells when the history is cut off', async () => {
    const first = commit({});
    commit({});
    const clone = join(root, 'clone');
    git('clone', '--quiet', '--depth=1', `file://${root}`, clone);
    const { diagnostic } = await stopOf({ base: first }, clone);
    expect(diagnostic.message).toContain('whose history is cut off');
    expect(diagnostic.help).toContain('fetch-depth: 0');
  });

  it('when there is no repository', async () => {
    const { diagnostic } = await stopOf({ base: 'main' }, temporaryFolder());
    expect(diagnostic).toMatchObject({
      code: 'no-repository',
      message: '--base main: this folder is in no git repository',
    });
  });

  it('when there is no git', async () => {
    const asked = { paths: ['chat'], cwd: root, base: 'main', env: { PATH: temporaryFolder() } };
    await expect(revisionsFor(undefined, asked)).rejects.toThrow('--base main: git is not installed here');
  });
});
