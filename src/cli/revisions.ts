import { resolve } from 'node:path';
import type { FileTree, Revisions } from '../index.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Manifest } from '../model/resource.ts';
import { exitCodes } from './exit-codes.ts';
import { whyNoGit, type Git } from './git/repository.ts';
import { Stop } from './stop.ts';

/** Which revisions a plan is held against, and where the manifests are. */
export interface RevisionsAsked {
  /** A git revision, as the user named it. */
  readonly base?: string | undefined;
  /** Finds what was applied to this app last, where that was recorded. */
  readonly appId?: number | undefined;
  /** The commit in whose history it must be; HEAD unless given. */
  readonly historyOf?: string | undefined;
  readonly paths: readonly string[];
  /** The paths that a revision itself names, for projects that list them; `paths` unless given. */
  readonly pathsAt?: (tree: FileTree) => Promise<readonly string[]>;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The revisions that can be held against, and what is to be said about those that cannot. */
export interface RevisionsFound {
  readonly revisions?: Revisions;
  readonly diagnostics: readonly Diagnostic[];
}

/** The ref that names the commit which was applied to an app last. */
export function appliedRef(appId: number): string {
  return `refs/streambed/applied/${appId}`;
}

/**
 * Composes the manifests as they were. A base that is not here is a Stop; what is wrong inside of it is not the
 * fault of whoever plans, so it is a warning, and the plan does without.
 */
export async function revisionsFor(git: Git | undefined, asked: RevisionsAsked): Promise<RevisionsFound> {
  const { base: ref, appId } = asked;
  const commit = ref === undefined ? undefined : await baseCommit(git, ref, asked);
  const named = appId === undefined ? undefined : await git?.readRef(appliedRef(appId));
  const isOurs = named === undefined || (await isMerged(git, named, asked));
  const recorded = isOurs ? named : undefined;
  const base =
    git === undefined || ref === undefined || commit === undefined
      ? undefined
      : await manifestAt(git, commit, ref, 'base-unreadable', asked);
  const applied =
    git === undefined || recorded === undefined
      ? undefined
      : await manifestAt(git, recorded, 'the commit that was applied last', 'applied-unreadable', asked);

  const revisions: Revisions = {
    ...(ref === undefined || commit === undefined || base?.manifest === undefined
      ? {}
      : { base: { ref, commit, manifest: base.manifest } }),
    ...(recorded === undefined || applied?.manifest === undefined
      ? {}
      : { applied: { commit: recorded, manifest: applied.manifest } }),
  };
  const diagnostics = [
    ...(base?.diagnostics ?? []),
    ...(applied?.diagnostics ?? []),
    ...(isOurs || appId === undefined ? [] : [notMerged(appliedRef(appId), named)]),
  ];
  const isEmpty = revisions.base === undefined && revisions.applied === undefined;
  return isEmpty ? { diagnostics } : { revisions, diagnostics };
}

/**
 * Nobody can protect the ref as a branch is protected. Only what was merged counts, or whoever may push could name a
 * commit of his own that makes drift look like something that was never applied.
 */
async function isMerged(
  git: Git | undefined,
  commit: string,
  { historyOf }: RevisionsAsked,
): Promise<boolean> {
  const history = historyOf ?? (await git?.headCommit());
  return git !== undefined && history !== undefined && git.isAncestor(commit, history);
}

function notMerged(ref: string, commit: string): Diagnostic {
  return {
    severity: 'warning',
    code: 'applied-elsewhere',
    message: `${ref} names ${commit.slice(0, 12)}, which is not in the history here, so it is not compared with`,
    help: 'Fetch the whole history, or record the next apply from the branch that is applied.',
  };
}

async function baseCommit(git: Git | undefined, ref: string, { cwd, env }: RevisionsAsked): Promise<string> {
  if (git === undefined) {
    const { why, help } = await whyNoGit(cwd, env);
    throw new Stop(exitCodes.failed, { code: 'no-repository', message: `--base ${ref}: ${why}`, help });
  }
  const commit = await git.commitOf(ref);
  if (commit !== undefined && (await git.isAmbiguous(ref))) {
    throw new Stop(exitCodes.failed, {
      code: 'ambiguous-revision',
      message: `--base ${ref} names several commits: of a branch, and of a tag or another branch`,
      help: `Say which is meant: refs/heads/${ref}, refs/remotes/${ref} or refs/tags/${ref}.`,
    });
  }
  if (commit !== undefined) return commit;
  const shallow = await git.isShallow();
  throw new Stop(exitCodes.failed, {
    code: 'unknown-revision',
    message: `--base ${ref} names no commit in this repository${shallow ? ', whose history is cut off' : ''}`,
    help: shallow
      ? 'Check out the whole history: `fetch-depth: 0` for actions/checkout, or `git fetch --unshallow`.'
      : 'Fetch it first, or check its name; in CI, `fetch-depth: 0` brings the whole history.',
  });
}

/** Nothing at these paths is an answer: a revision that had no manifests there declared nothing. */
const nothingThere: ReadonlySet<string> = new Set(['file-not-found', 'no-manifests']);

async function manifestAt(
  git: Git,
  commit: string,
  name: string,
  code: 'applied-unreadable' | 'base-unreadable',
  { paths: pathsNow, pathsAt, cwd }: RevisionsAsked,
): Promise<{ readonly manifest?: Manifest; readonly diagnostics: readonly Diagnostic[] }> {
  const unreadable = (why: string): { readonly diagnostics: readonly Diagnostic[] } => ({
    diagnostics: [
      {
        severity: 'warning',
        code,
        message: `the manifests of ${name} (${commit.slice(0, 12)}) cannot be compared with: ${why}`,
        help: 'This plan does not tell whose each change is. Mend them there, or compare with another revision.',
      },
    ],
  });
  const tree = git.treeAt(commit);
  const isNamed = pathsAt === undefined;
  const paths = (await pathsAt?.(tree)) ?? pathsNow;
  if (paths.includes('-')) return unreadable('standard input is in no commit');
  const { load } = await import('../index.ts');
  const { value: manifest, diagnostics } = await load(paths, { cwd, tree });
  const wrong = diagnostics.filter(({ severity, code }) => severity === 'error' && !nothingThere.has(code));
  const [first] = wrong;
  if (first === undefined) {
    const missing = code === 'base-unreadable' && isNamed ? await notIn(tree, paths, cwd) : [];
    return { manifest, diagnostics: missing.length === 0 ? [] : [notInBase(name, missing)] };
  }
  const where = first.at === undefined ? '' : ` at ${first.at.file}:${first.at.line}`;
  const more = wrong.length === 1 ? '' : `, and ${wrong.length - 1} more`;
  return unreadable(`${first.message}${where}${more}`);
}

/** What does not exist among paths that were named. */
async function notIn(tree: FileTree, paths: readonly string[], cwd: string): Promise<readonly string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      tree.stat(resolve(cwd, path)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, index) => found[index] !== true);
}

/** A file that was only renamed looks new: that the base declared the same is not seen. */
function notInBase(base: string, [first = '', ...more]: readonly string[]): Diagnostic {
  const message =
    more.length === 0
      ? `${first} is not in ${base}: what it declares counts as this branch's`
      : `${first} and ${more.length} more are not in ${base}: what they declare counts as this branch's`;
  return {
    severity: 'warning',
    code: 'not-in-base',
    message,
    help: 'Name folders, or list them in streambed.yaml: the base revision then says where its manifests were.',
  };
}
