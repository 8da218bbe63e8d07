import type { FileTree } from '../../index.ts';
import { gitIn, type GitRun } from './run.ts';
import { treeOf } from './tree.ts';

/** The git repository around a folder, as far as plans need it. */
export interface Git {
  /** The full name of the commit that a revision means; undefined when nothing here is called so. */
  commitOf(revision: string): Promise<string | undefined>;
  /** True when a branch and a tag of this name lead to different commits, so that whoever may tag could choose. */
  isAmbiguous(revision: string): Promise<boolean>;
  headCommit(): Promise<string | undefined>;
  /** True when one commit is in the history of the other, or is it. */
  isAncestor(commit: string, of: string): Promise<boolean>;
  /** True when history was cut off, so that a revision may exist elsewhere and not here. */
  isShallow(): Promise<boolean>;
  /** The files of a commit, by the paths that they have on disk. */
  treeAt(commit: string): FileTree;
  /** The manifests among these paths that are not what HEAD holds, by name: edited, new, gone, or not files at all. */
  changedSince(paths: readonly string[]): Promise<readonly string[]>;
  /** The commit that a ref names, by its full name: `refs/…`. */
  readRef(name: string): Promise<string | undefined>;
  /** False when the ref could not be written. */
  writeRef(name: string, commit: string): Promise<boolean>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Undefined where there is no repository with a work tree, or no git; `whyNoGit` tells which. */
export async function openGit(cwd: string, env: Env = process.env): Promise<Git | undefined> {
  const run = gitIn(cwd, env);
  const answer = await run(['rev-parse', '--is-inside-work-tree', '--show-prefix']);
  if (!answer.ok) return undefined;
  const [isInside, prefix = ''] = answer.output.toString('utf8').split('\n');
  return isInside === 'true' ? gitAt(run, { cwd, prefix }) : undefined;
}

/** Why a folder has no repository to open, as the end of a sentence, and what to do about it. */
export async function whyNoGit(
  cwd: string,
  env: Env = process.env,
): Promise<{ readonly why: string; readonly help: string }> {
  const answer = await gitIn(cwd, env)(['rev-parse', '--is-inside-work-tree']);
  if (!answer.ok && answer.missing)
    return { why: 'git is not installed here', help: 'Install git, or make it findable in PATH.' };
  if (!answer.ok && answer.message.includes('dubious ownership')) {
    return {
      why: 'git does not trust this folder, because somebody else owns it',
      help: 'In a container of CI, run: git config --global --add safe.directory "$PWD"',
    };
  }
  return {
    why: 'this folder is in no git repository',
    help: 'Run it inside the repository that holds the manifests.',
  };
}

function gitAt(run: GitRun, place: { readonly cwd: string; readonly prefix: string }): Git {
  const commitOf = async (revision: string): Promise<string | undefined> => {
    // Git reads what begins with a dash as an option, and ranges and lists as several revisions.
    if (revision.startsWith('-') || !/^[^\p{Cc}\s]+$/u.test(revision)) return undefined;
    const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
    const answer = await run(words);
    const commit = answer.ok ? answer.output.toString('utf8').trim() : '';
    return isCommit(commit) ? commit : undefined;
  };
  const treeAt = (commit: string): FileTree => {
    if (!isCommit(commit)) throw new Error('a tree is read at a full commit');
    return treeOf(run, commit, place);
  };
  return {
    commitOf,
    treeAt,
    async isAmbiguous(revision) {
      // A full commit is read as itself, whatever else is called so.
      if (isCommit(revision)) return false;
      const places = ['tags', 'heads', 'remotes'].map((place) => `refs/${place}/${revision}`);
      const commits = await Promise.all(places.map(commitOf));
      return new Set(commits.filter((commit) => commit !== undefined)).size > 1;
    },
    headCommit: () => commitOf('HEAD'),
    isAncestor: async (commit, of) =>
      isCommit(commit) && isCommit(of) && (await run(['merge-base', '--is-ancestor', commit, of])).ok,
    async isShallow() {
      const answer = await run(['rev-parse', '--is-shallow-repository']);
      return answer.ok && answer.output.toString('utf8').trim() === 'true';
    },
    async changedSince(paths) {
      const head = await commitOf('HEAD');
      const now = await textsOf(paths, place.cwd);
      const then =
        head === undefined ? new Map<string, string>() : await textsOf(paths, place.cwd, treeAt(head));
      return [...new Set([...now.keys(), ...then.keys()])]
        .filter((file) => now.get(file) !== then.get(file))
        .toSorted();
    },
    readRef: async (name) => (isRef(name) ? commitOf(name) : undefined),
    async writeRef(name, commit) {
      if (!isRef(name) || !isCommit(commit)) return false;
      // Without --no-deref, a symbolic ref of that name would move the branch that it points to.
      const words = ['update-ref', '--no-deref', '-m', 'streambed apply', '--end-of-options', name, commit];
      return (await run(words)).ok;
    },
  };
}

function isCommit(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

function isRef(name: string): boolean {
  return /^refs\/[\w./-]+$/.test(name);
}

/** Texts are compared here and not by git, which would run the filters that the repository's configuration names. */
async function textsOf(
  paths: readonly string[],
  cwd: string,
  tree?: FileTree,
): Promise<ReadonlyMap<string, string>> {
  const { readSources } = await import('../../index.ts');
  // Standard input is in no commit: it is a text now, and none then.
  const named = tree === undefined ? paths : paths.filter((path) => path !== '-');
  const { value } = await readSources(named, {
    cwd,
    readStdin: () => Promise.resolve(''),
    ...(tree === undefined ? {} : { tree }),
  });
  return new Map(value.map(({ file, text }) => [file, text.replaceAll('\r\n', '\n')]));
}
