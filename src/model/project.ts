import type { SourceSpan } from './diagnostic.ts';
import type { Expectation, Rules } from './policy.ts';
import type { AppGuard } from './resource.ts';

/** The name of the project file: read in the folder of the command, and never taken for a manifest there. */
export const projectFile = 'streambed.yaml';

/** One app that the manifests of a project are applied to. */
export interface ProjectEnvironment {
  readonly name: string;
  /** Must match the live app. */
  readonly app: AppGuard;
  readonly production: boolean;
  /** Instead of the project's own list. */
  readonly manifests?: readonly string[];
  /** Hosts that belong to this environment, in lower case. */
  readonly hosts: readonly string[];
  readonly at: SourceSpan;
}

/** What `streambed.yaml` says: where the manifests are, which apps they are for, and what may happen to these. */
export interface Project {
  /** The file as the user named it. */
  readonly file: string;
  /** Files and folders, relative to the file. */
  readonly manifests: readonly string[];
  readonly environments: readonly ProjectEnvironment[];
  readonly rules: Rules;
  readonly expectations: readonly Expectation[];
}
