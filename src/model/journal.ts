import type { Address } from './address.ts';
import type { FieldChange } from './change.ts';
import type { Effect, StepId } from './step.ts';

/**
 * What an apply writes down while it works, one line of JSON an entry: who, what was there before, and what became of
 * every step. It holds no secret, and it is enough to tell what happened and to plan the way back.
 */

/** The first line: which run this is. */
export interface JournalHead {
  readonly type: 'apply';
  readonly format: 'streambed-journal';
  /** `MAJOR.MINOR`; minor versions only add. */
  readonly format_version: string;
  readonly tool_version: string;
  /** RFC 3339. */
  readonly time: string;
  readonly app: { readonly id?: number; readonly name: string };
  readonly emulator: boolean;
  readonly environment?: string;
  readonly manifests: readonly string[];
  /** The journal that this run takes back. */
  readonly rolls_back?: string;
}

/** One object that is about to be touched, as it was and as it is meant to be. */
export interface JournalObject {
  readonly type: 'object';
  readonly address: Address;
  readonly kind: string;
  readonly key: string;
  readonly action: 'create' | 'update' | 'delete';
  readonly how?: 'delete' | 'hard' | 'reset' | 'soft';
  /** The normal form before the first write; absent for what is created. Fingerprints stand for secrets. */
  readonly before?: unknown;
  /** The planned differences whose values may be known. */
  readonly fields: readonly FieldChange[];
  /** Paths of planned differences that hold secrets, and of write-only values: they cannot be taken back. */
  readonly withheld: readonly string[];
}

/** A step of the plan. */
export interface JournalPlanned {
  readonly type: 'planned';
  readonly step: StepId;
  readonly effect: Effect;
  readonly covers: readonly Address[];
}

/** A step, or a part of one, that is about to be sent: from here on Stream may have done it. */
interface JournalSending {
  readonly type: 'sending';
  readonly time: string;
  readonly step: StepId;
  readonly covers: readonly Address[];
}

/** What became of a step for these objects: of a step that was split, once for each part. */
interface JournalOutcome {
  readonly type: 'done' | 'failed' | 'skipped';
  readonly time: string;
  readonly step: StepId;
  readonly covers: readonly Address[];
  readonly because?: string;
}

/** What a reset left behind, which nobody could know before. */
interface JournalLeft {
  readonly type: 'left';
  readonly address: Address;
  /** The differences from before the reset. */
  readonly fields: readonly FieldChange[];
}

/** The last line of a run that was not cut off. */
export interface JournalEnd {
  readonly type: 'end';
  readonly time: string;
  readonly result: 'converged' | 'differs' | 'interrupted' | 'partly' | 'nothing-written' | 'unverified';
  readonly writes: number;
  readonly reads: number;
}

/** One line of a journal; `ready` says that everything is written down that was there before. */
export type JournalEntry =
  | JournalHead
  | JournalObject
  | JournalPlanned
  | { readonly type: 'ready' }
  | JournalSending
  | JournalOutcome
  | JournalLeft
  | JournalEnd;

/** A journal as it was read: its lines with their numbers, counted from 1. */
export interface JournalLines {
  readonly file: string;
  readonly head: JournalHead;
  readonly lines: readonly { readonly line: number; readonly entry: JournalEntry }[];
}

/** What became of one object, as far as the journal knows; `unknown`: sent, and the run ended before the answer. */
export interface ObjectState {
  readonly address: Address;
  readonly action: JournalObject['action'];
  readonly state: 'done' | 'failed' | 'not-begun' | 'partly' | 'skipped' | 'unknown';
  readonly because?: string;
  /** Steps that were done, and steps that were not, or about which nobody knows. */
  readonly done: readonly string[];
  readonly open: readonly string[];
}

/** What a journal tells about its run. */
export interface JournalState {
  readonly head: JournalHead;
  /** Absent when the run was cut off. */
  readonly end?: JournalEnd;
  /** False when not even what was there before is written down whole: nothing was sent then. */
  readonly begun: boolean;
  readonly objects: readonly ObjectState[];
  /** Objects from which access was taken and not, or not yet, given again; those whose answer is missing included. */
  readonly narrower: readonly Address[];
  /** Objects that were made, widened or changed otherwise. */
  readonly wider: readonly Address[];
}

/** Where an apply writes things down; resolves once an entry would survive the loss of the machine's power. */
export interface Journal {
  append(entry: JournalEntry): Promise<void>;
}

/** The journal could not be written: nothing more may be sent. */
export class JournalFailure extends Error {
  override readonly name = 'JournalFailure';
}
