import type { Address } from '../model/address.ts';

/** How a report is written; `terminal` unless asked for. */
export type Format = 'github' | 'html' | 'json' | 'markdown' | 'terminal';

interface Common {
  readonly debug: boolean;
  /** False when the command line forbids colour. */
  readonly color: boolean;
}

/** What commands have in common that read manifests. */
interface Reading extends Common {
  readonly paths: readonly string[];
  readonly format: Format;
}

/** What commands have in common that talk to an app. */
interface Talking extends Reading {
  readonly target: 'emulator' | 'stream';
  /** The environment of the project file that is meant. */
  readonly environment: string | undefined;
  /** The git revision that tells which changes this branch asks for. */
  readonly base: string | undefined;
  /** Restrictions of the live app that are meant to be opened. */
  readonly reopen: readonly Address[];
  /** The app that is meant, over what the manifests say. */
  readonly app: { readonly id?: number; readonly name?: string } | undefined;
  readonly sendWriteOnly: readonly Address[];
  /** The share of Stream's limits that the run may use: above 0 and at most 1; the usual one when undefined. */
  readonly quota: number | undefined;
  readonly detail: 'all' | 'normal' | 'none';
}

/** Checks manifests without any app. */
export interface ValidateInvocation extends Reading {
  readonly command: 'validate';
  readonly environment: string | undefined;
}

/** Shows what an apply would change. */
export interface PlanInvocation extends Talking {
  readonly command: 'plan';
  readonly detailedExitCode: boolean;
  /** The file to save the plan to. */
  readonly out: string | undefined;
  /** What is compared with: the app, or what the base revision would make of an empty one. */
  readonly live: 'app' | 'base';
}

/** Tells whether the app still is what the manifests say. */
export interface DriftInvocation extends Talking {
  readonly command: 'drift';
}

/** What commands have in common that write to an app. */
interface Writing extends Talking {
  readonly yes: boolean;
  /** How many losses of a kind are approved. */
  readonly allowDestroy: ReadonlyMap<string, number>;
  /** The folder for the journal, instead of the usual one. */
  readonly journal: string | undefined;
  /** Whether other applies to the same app are kept out. */
  readonly lock: boolean;
}

/** Makes the app what it was before an apply, as far as nobody changed it since. */
export interface RollbackInvocation extends Writing {
  readonly command: 'rollback';
  /** The journal of the apply. */
  readonly file: string;
  /** Whether the way back is shown and not gone. */
  readonly dryRun: boolean;
}

/** Tells what a journal says about its run, without any app. */
export interface StatusInvocation extends Common {
  readonly command: 'status';
  readonly file: string;
  readonly format: 'json' | 'terminal';
}

/** Makes the app what the manifests, or a saved plan, say. */
export interface ApplyInvocation extends Writing {
  readonly command: 'apply';
  /** Whether the commit is recorded in git once it is applied. */
  readonly record: boolean;
}

/** Serves a local app. */
export interface EmulatorInvocation extends Common {
  readonly command: 'emulator';
  readonly port: number;
  readonly envFile: string | undefined;
  /** Who a fresh app says it is. */
  readonly app: { readonly id?: number; readonly name?: string };
  readonly rateLimits: boolean;
  readonly latencyMs: number;
  readonly propagationMs: number;
  readonly faultsFile: string | undefined;
  readonly folder: string | undefined;
  /** A program and its arguments; empty to serve until interrupted. */
  readonly run: readonly string[];
}

/** Keeps the comments of a pull request up to date. */
export interface CommentInvocation extends Common {
  readonly command: 'comment';
  /** Files with reports, `-` for standard input; each is a comment of its own. */
  readonly reports: readonly string[];
  /** What the event of the job says when this is undefined. */
  readonly pullRequest: number | undefined;
  /** Whose comments are ours. */
  readonly author: string;
  readonly dryRun: boolean;
}

/** Prints a JSON Schema. */
export interface SchemaInvocation extends Common {
  readonly command: 'schema';
  readonly which: 'manifest' | 'plan' | 'project';
}

/** Asks whether a user may do something. */
export interface CanInvocation extends Common {
  readonly command: 'can';
  readonly user: string;
  readonly permission: string;
  /** The channel, `.app` or nothing for the whole app. */
  readonly cid: string | undefined;
  readonly format: 'json' | 'terminal';
  readonly target: 'emulator' | 'stream';
  readonly app: { readonly id?: number; readonly name?: string } | undefined;
}

/** What the command line asks for, checked as far as it can be without looking at anything else. */
export type Invocation =
  | ApplyInvocation
  | CanInvocation
  | CommentInvocation
  | DriftInvocation
  | EmulatorInvocation
  | PlanInvocation
  | RollbackInvocation
  | SchemaInvocation
  | StatusInvocation
  | ValidateInvocation;
