import type { Address, Path } from './address.ts';
import type { FieldChange } from './change.ts';
import type { SourceSpan } from './diagnostic.ts';
import type { Acceptance } from './policy.ts';

/** How far the tool may go with one object, in Terraform's words. */
export interface Lifecycle {
  /** Paths that keep their live value once the object exists; `['all']` for every one. */
  readonly ignore_changes: readonly string[];
  /** Refuses deletes, resets and losses inside the object, whatever else approves them. */
  readonly prevent_destroy: boolean;
  /** Creates the object when it is absent and never touches it afterwards. */
  readonly create_only: boolean;
}

/** One object as the manifests declare it, with the places that ask for each of its values. */
export interface Resource<D = unknown> {
  readonly address: Address;
  readonly kind: string;
  readonly key: string;
  readonly declared: D;
  readonly lifecycle: Lifecycle;
  /** Asks for what was there before an apply, instead of for what is declared. */
  readonly undo?: Undo;
  /** The line that asks for the value at this path, or for its name; the nearest declared parent when it has none. */
  locate(path: Path, part?: 'name' | 'value'): SourceSpan;
}

/** What an apply changed of one object, to be taken back where live still is what it left. */
export interface Undo {
  readonly fields: readonly FieldChange[];
  /** The normal form before the apply, with what is secret masked; of an object that it changed. */
  readonly before?: unknown;
  /** The whole normal form, of an object that the apply deleted. */
  readonly whole?: unknown;
}

/** A deletion asked for by name in `removed:`; its merged line is the approval. */
export interface Removal {
  readonly address: Address;
  readonly kind: string;
  readonly key: string;
  /** Soft keeps what Stream can restore; hard does not. */
  readonly mode: 'soft' | 'hard';
  readonly because: string;
  /** Spares a namesake that was created at this time or later (RFC 3339). */
  readonly created_before?: string;
  /** What an apply gave the object that it made: a rollback, which approves nothing by itself. */
  readonly undoes?: readonly FieldChange[];
  /** When an apply began to make it (RFC 3339): what was there before was not made by it. */
  readonly madeSince?: string;
  readonly at: SourceSpan;
}

/** Which app the manifests are for; what is given must match the live app. */
export interface AppGuard {
  readonly id?: number;
  readonly name?: string;
  readonly at?: SourceSpan;
}

/** Everything that a set of manifests asks for, composed, resolved and valid. */
export interface Manifest {
  readonly guard: AppGuard;
  readonly resources: readonly Resource[];
  readonly removals: readonly Removal[];
  /** Dangers that somebody accepted, with the reason. */
  readonly accepted: readonly Acceptance[];
  /** The files that were read, as the user named them. */
  readonly files: readonly string[];
}
