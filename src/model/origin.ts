import type { Address, Path } from './address.ts';
import type { SourceSpan } from './diagnostic.ts';

/**
 * Whose change it is. `branch`: the manifests ask for it and those of the base revision did not. `before`: it would be
 * planned without this branch too, and nobody knows more. `pending`: merged, and never applied. `drift`: the live app
 * is not what the last apply left.
 */
export type Origin = 'before' | 'branch' | 'drift' | 'pending';

/** Whose a difference is; the elements of a set may have different origins. */
export interface FieldOrigin {
  readonly origin: Origin | 'mixed';
  /** By element name, for changes inside a set. */
  readonly elements?: ReadonlyMap<string, Origin>;
}

/** Whose a change is, as a whole and field by field. */
export interface ChangeOrigin {
  readonly origin: Origin | 'mixed';
  /** True at the first touch: the object exists in the live app, and the base revision did not declare it. */
  readonly adopts: boolean;
  /** By `pathText` of the field. */
  readonly fields: ReadonlyMap<string, FieldOrigin>;
}

/** Something that the base revision declares and this one does not: its live value stays, and nobody watches it. */
export interface Leaving {
  readonly address: Address;
  /** Empty when the whole object leaves. */
  readonly path: Path;
  /** True for a field that protects the app. */
  readonly guards: boolean;
  /** The line of the base revision. */
  readonly at: SourceSpan;
}

/** What a plan was compared with besides the live app. */
export interface Origins {
  /** The revision that the branch is compared with, as the user named it, and its commit; absent without one. */
  readonly base?: { readonly ref: string; readonly commit: string };
  /** The commit that the last recorded apply left in the live app. */
  readonly applied?: string;
  readonly changes: ReadonlyMap<Address, ChangeOrigin>;
  readonly leaving: readonly Leaving[];
}
