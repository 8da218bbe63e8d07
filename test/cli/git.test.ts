import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openGit, whyNoGit, type Git } from '../../src/cli/git/repository.ts';
import { load } from '../../src/index.ts';
import { temporaryFolder } from './io.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(temporaryFolder());
  git('init', '--quiet', '--initial-branch=main');
});

/** Runs git as a person would, in the repository of the test. */
function git(...words: string[]): string {
  return gitAt(root, ...words);
}

function gitAt(cwd: string, ...words: string[]): string {
  const settings = [
    '-c',
    'user.name=Lena',
    '-c',
    'user.email=lena@example.com',
    '-c',
    'commit.gpgsign=false',
  ];
  return execFileSync('git', [...settings, ...words], { cwd, encoding: 'utf8', stdio: 'pipe' }).trim();
}

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
}

function commit(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  write(files);
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message', 'change');
  return git('rev-parse', 'HEAD');
}

async function open(folder = ''): Promise<Git> {
  const opened = await openGit(join(root, folder));
  if (opened === undefined) throw new Error('there is no repository');
  return opened;
}

/** What loading these paths at a commit gives: addresses, then problems. */
async function loadedAt(
  opened: Git,
  commit: string,
  paths: readonly string[],
  folder = '',
): Promise<unknown> {
  const { value, diagnostics } = await load(paths, { cwd: join(root, folder), tree: opened.treeAt(commit) });
  return [
    value.resources.map(({ address, locate }) => `${address} ${locate([]).file}`),
    diagnostics.map(({ code, message }) => `${code} ${message}`),
  ];
}

describe('manifests at a revision', () => {
  it('are those of the commit, whatever the folder holds now', async () => {
    const first = commit({
      'chat/users.yaml': 'users: { lena: {} }',
      'chat/deep/more.yml': 'users: { ben: {} }',
    });
    commit({ 'chat/users.yaml': 'users: { anna: {} }' });
    write({ 'chat/new.yaml': 'users: { new: {} }' });
    expect(await loadedAt(await open(), first, ['chat'])).toEqual([
      ['user/ben chat/deep/more.yml', 'user/lena chat/users.yaml'],
      [],
    ]);
  });

  it('are found from a folder below the root, and beside it', async () => {
    const first = commit({ 'a/chat/users.yaml': 'users: { lena: {} }', 'b/more.yaml': 'users: { ben: {} }' });
    mkdirSync(join(root, 'a/chat'), { recursive: true });
    const paths = ['chat', '../b/more.yaml', join(root, 'a/chat/gone.yaml'), '../../outside.yaml'];
    expect(await loadedAt(await open('a'), first, paths, 'a')).toEqual([
      ['user/ben ../b/more.yaml', 'user/lena chat/users.yaml'],
      [
        `file-not-found ${join(root, 'a/chat/gone.yaml')} does not exist`,
        'file-not-found ../../outside.yaml does not exist',
      ],
    ]);
  });

  it('pass over what they pass over on disk', async () => {
    const files = {
      'chat/streambed.yaml': 'x',
      'chat/.hidden.yaml': 'x',
      'chat/node_modules/x.yaml': 'x',
      'chat/readme.md': 'x',
      'chat/a.yaml': 'users: { lena: {} }',
    };
    const first = commit(files);
    symlinkSync('readme.md', join(root, 'chat/also.md'));
    const second = commit();
    for (const at of [first, second])
      expect(await loadedAt(await open(), at, ['chat'])).toEqual([['user/lena chat/a.yaml'], []]);
  });

  it('are refused, not followed, where they are links', async () => {
    write({ 'elsewhere/b.yaml': 'users: { ben: {} }', 'chat/a.yaml': 'users: { lena: {} }' });
    symlinkSync('../elsewhere/b.yaml', join(root, 'chat/b.yaml'));
    symlinkSync('../elsewhere', join(root, 'linked'));
    const at = commit();
    const why = 'cannot be read: links of a commit are not followed';
    expect(await loadedAt(await open(), at, ['chat'])).toEqual([
      ['user/lena chat/a.yaml'],
      [`file-not-readable chat/b.yaml ${why}`],
    ]);
    expect(await loadedAt(await open(), at, ['.'])).toEqual([[], [`file-not-readable . ${why}`]]);
    expect(await loadedAt(await open(), at, ['linked/b.yaml'])).toEqual([
      [],
      [`file-not-readable linked/b.yaml ${why}`],
    ]);
  });

  it('are refused inside submodules', async () => {
    const inner = commit({ 'x.yaml': '' });
    git('update-index', '--add', '--cacheinfo', `160000,${inner},sub`);
    git('commit', '--quiet', '--message', 'submodule');
    const at = git('rev-parse', 'HEAD');
    for (const path of ['sub', 'sub/x.yaml']) {
      expect(await loadedAt(await open(), at, [path])).toEqual([
        [],
        [`file-not-readable ${path} cannot be read: submodules are not read`],
      ]);
    }
  });

  it('may be many, have any name, and hold any bytes', async () => {
    const files: Record<string, string | Uint8Array> = {
      'chat/latin1.yaml': Uint8Array.of(0x61, 0xe9, 0x62),
    };
    for (let index = 0; index < 300; index++) files[`chat/ü ${index}\n.yaml`] = `users: { u${index}: {} }\n`;
    const at = commit(files);
    const { value, diagnostics } = await load(['chat'], { cwd: root, tree: (await open()).treeAt(at) });
    expect(value.resources).toHaveLength(300);
    expect(diagnostics.map(({ code }) => code)).toEqual(['file-not-utf8']);
  });
});

describe('a revision', () => {
  it('is a branch, a tag, a commit or a way from one', async () => {
    const first = commit();
    git('tag', '--annotate', '--message', 'one', 'v1');
    const second = commit();
    const opened = await open();
    expect(await Promise.all(['main', 'HEAD~1', 'v1', first.slice(0, 10)].map(opened.commitOf))).toEqual([
      second,
      first,
      first,
      first,
    ]);
    expect(await opened.headCommit()).toBe(second);
  });

  it.each([
    'nowhere',
    '-h',
    '--help',
    '--all',
    '--output=owned',
    '',
    'main main',
    'main\nmain',
    'HEAD~1..HEAD',
  ])('is not %j', async (revision) => {
    commit();
    commit();
    expect(await (await open()).commitOf(revision)).toBeUndefined();
    expect(existsSync(join(root, 'owned'))).toBe(false);
  });

  it('may be beyond the end of a shallow clone', async () => {
    const first = commit({ 'a.yaml': 'users: { lena: {} }' });
    const second = commit({ 'a.yaml': 'users: { ben: {} }' });
    const clone = join(root, 'clone');
    git('clone', '--quiet', '--depth=1', `file://${root}`, clone);
    const shallow = (await openGit(clone))!;
    expect(await shallow.isShallow()).toBe(true);
    expect(await (await open()).isShallow()).toBe(false);
    expect(await shallow.commitOf(first)).toBeUndefined();
    const { value } = await load(['a.yaml'], { cwd: clone, tree: shallow.treeAt(second) });
    expect(value.resources.map(({ address }) => address)).toEqual(['user/ben']);
  });
});

describe('a repository that is hostile', () => {
  it('runs nothing of its own', async () => {
    const at = commit({
      '.gitattributes': '*.yaml filter=owned diff=owned',
      'a.yaml': 'users: { lena: {} }',
    });
    const marker = join(root, 'owned');
    const program = join(root, 'program.sh');
    writeFileSync(program, `#!/bin/sh\ntouch "${marker}"\n`, { mode: 0o755 });
    for (const hook of ['reference-transaction', 'post-index-change', 'fsmonitor-watchman']) {
      writeFileSync(join(root, '.git/hooks', hook), `#!/bin/sh\ntouch "${marker}"\n`, { mode: 0o755 });
    }
    const settings =
      'core.fsmonitor core.pager core.sshCommand core.askPass core.alternateRefsCommand diff.external';
    for (const setting of [
      ...settings.split(' '),
      'filter.owned.clean',
      'filter.owned.smudge',
      'diff.owned.textconv',
    ])
      git('config', setting, program);
    write({ 'a.yaml': 'users: { ben: {} }' });
    const opened = await open();
    expect(await loadedAt(opened, (await opened.headCommit())!, ['a.yaml'])).toEqual([
      ['user/lena a.yaml'],
      [],
    ]);
    expect(await opened.changedSince(['a.yaml'])).toEqual(['a.yaml']);
    expect(await opened.writeRef('refs/streambed/applied/1', at)).toBe(true);
    expect(existsSync(marker)).toBe(false);
    // The trap is a real one: git as it comes falls into it.
    git('update-ref', 'refs/heads/other', at);
    expect(existsSync(marker)).toBe(true);
  });

  it('reaches no network for what a partial clone left out', async () => {
    const at = commit({ 'a.yaml': 'users: { lena: {} }' });
    git('config', 'uploadpack.allowFilter', 'true');
    git('clone', '--quiet', '--filter=blob:none', '--no-checkout', `file://${root}`, join(root, 'clone'));
    const partial = (await openGit(join(root, 'clone')))!;
    const { value, diagnostics } = await load(['a.yaml'], {
      cwd: join(root, 'clone'),
      tree: partial.treeAt(at),
    });
    expect(value.resources).toEqual([]);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^a\.yaml cannot be read: (?:this clone does not hold it|git does not give it)$/),
    ]);
  });
});

describe('what HEAD holds', () => {
  it('is everything when nothing was touched, line ends and other files aside', async () => {
    commit({ 'chat/a.yaml': 'users:\n  lena: {}\n' });
    write({ 'chat/a.yaml': 'users:\r\n  lena: {}\r\n', 'chat/readme.md': 'new', 'other.yaml': 'new' });
    expect(await (await open()).changedSince(['chat'])).toEqual([]);
  });

  it('is not what was edited, added, taken away, or comes from standard input', async () => {
    commit({ 'chat/a.yaml': 'users: {}', 'chat/b.yaml': 'users: {}', 'chat/c.yaml': '' });
    git('rm', '--quiet', 'chat/b.yaml');
    write({ 'chat/a.yaml': 'users: { lena: {} }', 'chat/new.yaml': 'users: {}' });
    git('add', 'chat/a.yaml');
    expect(await (await open()).changedSince(['chat', '-'])).toEqual([
      '-',
      'chat/a.yaml',
      'chat/b.yaml',
      'chat/new.yaml',
    ]);
  });

  it('is nothing before the first commit', async () => {
    write({ 'a.yaml': '' });
    expect(await (await open()).changedSince(['a.yaml'])).toEqual(['a.yaml']);
    expect(await (await open()).headCommit()).toBeUndefined();
  });
});

describe('the ref of an app', () => {
  const name = 'refs/streambed/applied/1699146';

  it('names the commit that was written last, and nothing before', async () => {
    const [first, second] = [commit(), commit()];
    const opened = await open();
    expect(await opened.readRef(name)).toBeUndefined();
    for (const at of [first, second]) {
      expect(await opened.writeRef(name, at)).toBe(true);
      expect(await opened.readRef(name)).toBe(at);
    }
  });

  it('never moves a branch that it was made to point to', async () => {
    const [first, second] = [commit(), commit()];
    git('symbolic-ref', name, 'refs/heads/main');
    expect(await (await open()).writeRef(name, first)).toBe(true);
    expect(git('rev-parse', 'main')).toBe(second);
  });

  it('is not written for what is no ref, no commit, or not here', async () => {
    const at = commit();
    const opened = await open();
    expect(await opened.writeRef('--stdin', at)).toBe(false);
    expect(await opened.writeRef('refs/streambed/../../config', at)).toBe(false);
    expect(await opened.writeRef(name, 'main')).toBe(false);
    expect(await opened.writeRef(name, '1'.repeat(40))).toBe(false);
    expect(await opened.readRef('-h')).toBeUndefined();
  });
});

describe('without a repository', () => {
  it('says that there is none', async () => {
    const folder = temporaryFolder();
    expect(await openGit(folder)).toBeUndefined();
    expect((await whyNoGit(folder)).why).toBe('this folder is in no git repository');
  });

  it('says when git is missing', async () => {
    expect(await openGit(root, { PATH: temporaryFolder() })).toBeUndefined();
    expect((await whyNoGit(root, { PATH: temporaryFolder() })).why).toBe('git is not installed here');
  });

  it('honours GIT_DIR as git does', async () => {
    const at = commit();
    const elsewhere = temporaryFolder();
    const env = { ...process.env, GIT_DIR: join(root, '.git'), GIT_WORK_TREE: elsewhere };
    expect(await (await openGit(elsewhere, env))?.commitOf('main')).toBe(at);
  });
});
