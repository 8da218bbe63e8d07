import type { Expectation, FileTree, LoadedProject, Project, Rules } from '../index.ts';
import type { Danger } from '../model/danger.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { Environment } from '../model/kind.ts';
import { nearest } from '../model/nearest.ts';
import { noRules } from '../model/policy.ts';
import { projectFile, type ProjectEnvironment } from '../model/project.ts';
import type { AppGuard } from '../model/resource.ts';
import { quoted } from '../render/escape.ts';
import { fence, isCi } from './ci.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { Stop, usageStop } from './stop.ts';

/** What the command line says that a project answers. */
export interface ProjectRequest {
  /** The name after `-e`. */
  readonly environment: string | undefined;
  /** Manifests that were named as arguments. */
  readonly paths: readonly string[];
  /** False for commands that talk to no app, so that the project's own list is enough; true unless given. */
  readonly needsEnvironment?: boolean;
}

/** The project file of the base revision. */
export interface BaseProject {
  /** The revision, as the user named it: places in the file begin with it, `main:streambed.yaml:3:5`. */
  readonly ref: string;
  /** Absent when that revision has no such file. */
  readonly text: string | undefined;
  /** Why the file, which is there, cannot be read. */
  readonly unreadable?: string;
}

/** What a command works with: from the arguments, from `streambed.yaml`, or from both. */
export interface ProjectChoice {
  readonly project?: Project;
  readonly environment?: Environment;
  /** Which app the environment is for. */
  readonly guard: AppGuard;
  /** Never empty, unless a diagnostic is an error. */
  readonly paths: readonly string[];
  readonly rules: Rules;
  readonly expectations: readonly Expectation[];
  /** What the branch changes in its own rules. */
  readonly dangers: readonly Danger[];
  /** Errors among these mean that the project file is invalid: nothing else here is to be used then. */
  readonly diagnostics: readonly Diagnostic[];
  /** The text of the project file, for code frames. */
  readonly sources: LoadedProject['sources'];
}

/**
 * Reads `streambed.yaml` in the folder of the command, and nowhere else, and picks the environment: the one that is
 * named, or the only one when no manifests are named. In CI the file of the base revision judges: its rules and
 * expectations count, and of each environment the stricter of both. Stops with wrong usage when something must be named.
 */
export async function projectFor(
  io: Io,
  request: ProjectRequest,
  readBase?: () => Promise<BaseProject | undefined>,
): Promise<ProjectChoice> {
  const { projectOf, readProject, rulesChanged } = await import('../index.ts');
  const loaded = await readProject(io.cwd, fence(io));
  const head = loaded?.value;
  const { paths } = request;
  const sources = loaded?.sources ?? noSources;
  const plain = { guard: {}, paths, rules: noRules, expectations: [], dangers: [], sources };
  if (loaded !== undefined && head === undefined) return { ...plain, diagnostics: loaded.diagnostics };

  const given = isCi(io) ? await readBase?.() : undefined;
  // Rules that cannot be read are not rules that are not there.
  if (given?.unreadable !== undefined) throw unreadableBase(given);
  const read = given?.text === undefined ? undefined : projectOf(given.text, `${given.ref}:${projectFile}`);
  const broken = read !== undefined && hasErrors(read.diagnostics);
  const base = read?.value;
  const judging = given === undefined || broken ? head : base;
  const name = request.environment;
  if (head === undefined && name !== undefined) {
    throw usageStop(
      'no-project',
      `there is no streambed.yaml in this folder, so there is no environment ${quoted(name)}`,
      'Change to the folder that holds it, or leave -e out and name the manifests.',
    );
  }
  const chosen = head === undefined ? undefined : environmentIn(head, request);
  const before = given === undefined || broken ? undefined : earlier(base, head, chosen);
  const acting = chosen ?? before;
  const found = paths.length > 0 ? paths : (chosen?.manifests ?? head?.manifests ?? []);
  if (found.length === 0) throw noManifests(head, chosen);
  return {
    ...(head === undefined ? {} : { project: head }),
    ...(acting === undefined
      ? {}
      : {
          environment: contextOf(
            acting,
            before,
            [head, base].flatMap((one) => one ?? []),
          ),
        }),
    guard: { ...chosen?.app, ...before?.app },
    paths: found,
    rules: judging?.rules ?? noRules,
    expectations: judging?.expectations ?? [],
    dangers: given === undefined || broken ? [] : rulesChanged(base, head),
    diagnostics: [...(loaded?.diagnostics ?? []), ...(broken ? [brokenBase] : [])],
    sources,
  };
}

/** The text of the project file in the tree of a revision, as `projectFor` wants it. */
export async function baseProjectIn(ref: string, tree: FileTree, cwd: string): Promise<BaseProject> {
  const { readSources } = await import('../index.ts');
  const readStdin = (): Promise<string> => Promise.resolve('');
  const { value, diagnostics } = await readSources([projectFile], { cwd, tree, readStdin });
  const wrong = diagnostics.find(({ code, severity }) => severity === 'error' && code !== 'file-not-found');
  return {
    ref,
    text: value[0]?.text,
    ...(wrong === undefined ? {} : { unreadable: wrong.message }),
  };
}

const noSources: LoadedProject['sources'] = { get: () => undefined };

const brokenBase: Diagnostic = {
  severity: 'warning',
  code: 'base-project-invalid',
  message: 'streambed.yaml of the base revision cannot be read, so the rules of this branch judge it',
  help: 'Look closely at what changes in streambed.yaml.',
};

function environmentIn(
  project: Project,
  { environment: name, paths, needsEnvironment = true }: ProjectRequest,
): ProjectEnvironment | undefined {
  const { environments } = project;
  const names = environments.map((one) => one.name);
  if (name !== undefined) {
    const found = find(project, name);
    if (found !== undefined) return found;
    const meant = nearest(name, names);
    throw usageStop(
      'unknown-environment',
      `${projectFile} has no environment ${quoted(name)}`,
      names.length === 0
        ? 'Add it under `environments`, or leave -e out.'
        : meant === undefined
          ? `Name one of ${names.join(', ')}.`
          : `Did you mean ${meant}?`,
    );
  }
  // Manifests that are named do not choose another app: an only environment is meant whatever it applies.
  if (environments.length === 1) return environments[0];
  if (environments.length === 0) return undefined;
  if (!needsEnvironment && (paths.length > 0 || project.manifests.length > 0)) return undefined;
  throw usageStop(
    'no-environment',
    `${projectFile} has ${names.length} environments, and none was named`,
    `Name one: ${names.map((one) => `-e ${one}`).join(', or ')}.`,
  );
}

/**
 * The environment as it was, also when the branch gives it another name: the app tells. One that no longer says its
 * app is taken for one that is gone, so that a new name does not shed what protects it.
 */
function earlier(
  base: Project | undefined,
  head: Project | undefined,
  chosen: ProjectEnvironment | undefined,
): ProjectEnvironment | undefined {
  if (base === undefined) return undefined;
  // A branch without environments does not shed those that were there.
  const [only, ...others] = base.environments;
  if (head === undefined || chosen === undefined)
    return others.length === 0 ? only : base.environments.find(({ production }) => production);
  const { id, name } = chosen.app;
  const same = find(base, chosen.name);
  if (same !== undefined) return same;
  if (id !== undefined) return base.environments.find(({ app }) => app.id === id);
  const gone = base.environments.filter((one) => find(head, one.name) === undefined);
  return (
    gone.find(({ app }) => name !== undefined && app.name === name) ??
    gone.find(({ production }) => production) ??
    gone[0]
  );
}

function find(project: Project, name: string): ProjectEnvironment | undefined {
  return project.environments.find((one) => one.name === name);
}

/** What a branch takes away from its environment still counts; what it adds counts at once. */
function contextOf(
  chosen: ProjectEnvironment,
  before: ProjectEnvironment | undefined,
  projects: readonly Project[],
): Environment {
  const own = new Set(before === undefined ? chosen.hosts : before.hosts);
  const others = projects
    .flatMap(({ environments }) => environments)
    .filter(({ name }) => name !== chosen.name && name !== before?.name)
    .flatMap(({ hosts }) => hosts);
  return {
    name: chosen.name,
    production: chosen.production || before?.production === true,
    foreignHosts: [...new Set(others)].filter((host) => !own.has(host)),
  };
}

function unreadableBase({ ref, unreadable = '' }: BaseProject): Stop {
  return new Stop(exitCodes.failed, {
    code: 'base-project-unreadable',
    message: `the rules of ${ref} cannot be read: ${unreadable}`,
    help: 'They judge this branch. Check out the whole history, or make streambed.yaml a plain file there.',
  });
}

function noManifests(project: Project | undefined, environment: ProjectEnvironment | undefined): Error {
  if (project === undefined) {
    return usageStop(
      'no-manifests',
      'no manifests were named',
      'Name files, as in: streambed plan stream/*.yaml; or - for standard input.',
    );
  }
  const whose = environment === undefined ? projectFile : `environment ${environment.name}`;
  return usageStop(
    'no-manifests',
    `${whose} names no manifests`,
    `Add \`manifests: [chat/]\` to ${projectFile}, or name them as arguments.`,
  );
}
