import type { FileTree, PlanOptions, ReportOptions, Revisions } from '../index.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { AppIdentity, Plan } from '../model/plan.ts';
import type { Expectation } from '../model/policy.ts';
import type { AppGuard, Manifest } from '../model/resource.ts';
import { abandonable } from './abandonable.ts';
import { openGit, type Git } from './git/repository.ts';
import type { ApplyInvocation, DriftInvocation, PlanInvocation } from './invocation.ts';
import type { Io } from './io.ts';
import { loadManifests } from './manifests.ts';
import type { Known, Presenter } from './presenter.ts';
import { limitText } from './progress.ts';
import { baseProjectIn, projectFor } from './project.ts';
import { recorder } from './record.ts';
import { revisionsFor } from './revisions.ts';
import type { Target } from './target.ts';

type Invocation = ApplyInvocation | DriftInvocation | PlanInvocation;

/** What the manifests, the project and the repository say, before any app is asked. */
export interface Prepared {
  /** What the manifests were named as. */
  readonly paths: readonly string[];
  readonly manifest: Manifest;
  /** The app that is meant, for a stand-in that has no name yet. */
  readonly guard: AppGuard;
  readonly options: PlanOptions;
  readonly expectations: readonly Expectation[];
  /** What reports say besides the plan. */
  readonly reporting: Pick<ReportOptions, 'environment' | 'standIn'>;
  /** The revision that was asked for. */
  readonly base?: Revisions['base'];
  /** Records in git that the app is now what these manifests say. */
  readonly record?: (app: AppIdentity, presenter: Presenter) => Promise<void>;
}

/** Reads everything that a plan needs besides the app; undefined when it is wrong, which is told already. */
export async function prepare(
  invocation: Invocation,
  io: Io,
  presenter: Presenter,
  known: Known,
): Promise<Prepared | undefined> {
  const { base: ref, environment: name, quota, reopen, sendWriteOnly } = invocation;
  const git = await openGit(io.cwd, io.env);
  const commit = ref === undefined ? undefined : await git?.commitOf(ref);
  const before =
    git === undefined || ref === undefined || commit === undefined
      ? undefined
      : await baseProjectIn(ref, git.treeAt(commit), io.cwd);
  const project = await projectFor(io, { environment: name, paths: invocation.paths }, async () => before);
  const { environment, expectations, guard, paths, rules } = project;
  if (environment !== undefined) known.environment = environment;
  known.sources = project.sources;
  if (hasErrors(project.diagnostics)) {
    presenter.problems('invalid', project.diagnostics);
    return undefined;
  }

  const named =
    invocation.paths.length > 0 && !isListed(invocation.paths, project)
      ? {}
      : { pathsAt: (tree: FileTree) => pathsIn(tree, environment?.name ?? name, guard.id, io.cwd) };
  const asked = { paths, cwd: io.cwd, env: io.env, ...named };
  const found = await revisionsFor(git, { ...asked, base: ref });
  // A stand-in has the name of the real app, and nothing that was recorded about it.
  const isStandIn = invocation.target === 'emulator';
  const record =
    invocation.command === 'apply' && invocation.record ? await recorder(git, paths, io) : undefined;
  const { manifest, diagnostics: told } = await loadManifests(paths, io, known);
  const diagnostics = [...project.diagnostics, ...found.diagnostics, ...told];
  if (hasErrors(diagnostics)) {
    presenter.problems('invalid', diagnostics);
    return undefined;
  }
  const { base } = found.revisions ?? {};
  return {
    paths,
    manifest,
    guard: { ...guard, ...manifest.guard },
    expectations,
    reporting: environment === undefined ? {} : { environment },
    ...(base === undefined ? {} : { base }),
    ...(record === undefined ? {} : { record }),
    options: {
      app: [guard, invocation.app ?? {}],
      sendWriteOnly,
      reopen,
      rules,
      dangers: project.dangers,
      diagnostics,
      context: true,
      revisionsOf: (app) => appliedTo(isStandIn ? {} : app, git, { ...asked, base }),
      ...(environment === undefined ? {} : { environment }),
      ...(quota === undefined ? {} : { quota }),
    },
  };
}

/** Plans against a target, and holds the outcome against the project's expectations; gives up when interrupted. */
export async function planFor(
  { manifest, options, expectations }: Prepared,
  { connection, tellWaits }: Pick<Target, 'connection' | 'tellWaits'>,
  io: Io,
  presenter: Presenter,
  moment: 'after' | 'live' = 'after',
): Promise<Plan> {
  const library = await import('../index.ts');
  tellWaits((seconds) => presenter.say(limitText(seconds)));
  const planning = async (): Promise<Plan> => {
    const plan = await library.plan(manifest, connection, options);
    // What a plan leaves is known once nothing but safety refuses it, and the app is the right one.
    const isUnknown =
      ['error', 'invalid'].includes(library.verdictOf(plan)) ||
      plan.diagnostics.some(({ code }) => code === 'wrong-app');
    if (expectations.length === 0 || isUnknown) return plan;
    const failed =
      moment === 'after'
        ? await library.checkExpectationsAfter(plan, connection, expectations)
        : await library.checkExpectationsLive(connection, expectations);
    return { ...plan, diagnostics: [...plan.diagnostics, ...failed] };
  };
  return abandonable(planning(), io.signal);
}

/** What was recorded as applied to this app, beside the base that was asked for. */
async function appliedTo(
  { id }: Partial<Pick<AppIdentity, 'id'>>,
  git: Git | undefined,
  { base, ...asked }: Omit<Parameters<typeof revisionsFor>[1], 'base'> & { readonly base: Revisions['base'] },
): Promise<{ readonly revisions?: Revisions; readonly diagnostics: readonly Diagnostic[] }> {
  const { revisions: recorded, diagnostics } = await revisionsFor(git, {
    ...asked,
    appId: id,
    historyOf: base?.commit,
  });
  if (base === undefined && recorded === undefined) return { diagnostics };
  return { revisions: { ...recorded, ...(base === undefined ? {} : { base }) }, diagnostics };
}

/** Whether these are what the project lists for the environment anyway, as a saved plan names them. */
function isListed(
  paths: readonly string[],
  { project, environment }: Awaited<ReturnType<typeof projectFor>>,
): boolean {
  const chosen = project?.environments.find(({ name }) => name === environment?.name);
  const listed = chosen?.manifests ?? project?.manifests ?? [];
  return paths.length === listed.length && paths.every((path, index) => path === listed[index]);
}

/** The manifests that the project file of a revision lists for the environment, whatever it is called there. */
async function pathsIn(
  tree: FileTree,
  environment: string | undefined,
  appId: number | undefined,
  cwd: string,
): Promise<readonly string[]> {
  const { projectOf } = await import('../index.ts');
  const { text } = await baseProjectIn('', tree, cwd);
  const project = text === undefined ? undefined : projectOf(text).value;
  const { environments = [], manifests = [] } = project ?? {};
  const isOther = (id: number | undefined): boolean =>
    id !== undefined && appId !== undefined && id !== appId;
  const chosen =
    environments.find(({ name }) => name === environment) ??
    environments.find(({ app }) => appId !== undefined && app.id === appId) ??
    // The only one is meant, unless it says that it is for another app.
    (environments.length === 1 ? environments.find(({ app }) => !isOther(app.id)) : undefined);
  return chosen?.manifests ?? manifests;
}
