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

/** What became of a step, or of a part of it for these objects. */
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

/** Where an apply writes things down; resolves once an entry would survive the loss of the machine's power. */
export interface Journal {
  append(entry: JournalEntry): Promise<void>;
}

/** The journal could not be written: nothing more may be sent. */
export class JournalFailure extends Error {
  override readonly name = 'JournalFailure';
}
