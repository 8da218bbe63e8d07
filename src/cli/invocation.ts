import type { Address } from '../model/address.ts';

export type Format = 'github' | 'json' | 'markdown' | 'terminal';

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
  /** The app that is meant, over what the manifests say. */
  readonly app: { readonly id?: number; readonly name?: string } | undefined;
  readonly sendWriteOnly: readonly Address[];
  readonly detail: 'all' | 'normal' | 'none';
}

export interface ValidateInvocation extends Reading {
  readonly command: 'validate';
}

export interface PlanInvocation extends Talking {
  readonly command: 'plan';
  readonly detailedExitCode: boolean;
}

export interface ApplyInvocation extends Talking {
  readonly command: 'apply';
  readonly yes: boolean;
  /** How many losses of a kind are approved. */
  readonly allowDestroy: ReadonlyMap<string, number>;
}

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

export interface SchemaInvocation extends Common {
  readonly command: 'schema';
  readonly which: 'manifest' | 'plan';
}

/** What the command line asks for, checked as far as it can be without looking at anything else. */
export type Invocation =
  | ApplyInvocation
  | EmulatorInvocation
  | PlanInvocation
  | SchemaInvocation
  | ValidateInvocation;
