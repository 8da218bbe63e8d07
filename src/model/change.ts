import type { Address, Path } from './address.ts';
import type { Removal, Resource } from './resource.ts';
import type { Answer } from './stream.ts';

/** One element of a set, with its content when it is more than a name. */
export interface Element {
  readonly name: string;
  readonly value?: unknown;
}

/** One difference inside an object. Lists are one value; sets tell their elements and their sizes. */
export type FieldChange =
  | { readonly op: 'add'; readonly path: Path; readonly after: unknown }
  | { readonly op: 'remove'; readonly path: Path; readonly before: unknown }
  | { readonly op: 'set'; readonly path: Path; readonly before: unknown; readonly after: unknown }
  | {
      readonly op: 'elements';
      readonly path: Path;
      readonly added: readonly Element[];
      readonly removed: readonly Element[];
      /** Sizes of the whole set. */
      readonly before: number;
      readonly after: number;
    };

/** The value that is there before; undefined for one that is new, and for a set, which tells its elements. */
export function valueBefore(field: FieldChange): unknown {
  return field.op === 'set' || field.op === 'remove' ? field.before : undefined;
}

/** The value that will be there; undefined for one that goes, and for a set, which tells its elements. */
export function valueAfter(field: FieldChange): unknown {
  return field.op === 'set' || field.op === 'add' ? field.after : undefined;
}

interface Common<D> {
  readonly address: Address;
  readonly kind: string;
  readonly key: string;
  /** The declaration that asks for it; absent for removals. */
  readonly resource?: Resource<D>;
  /** Declared paths that Stream never tells, so that they cannot be compared. */
  readonly uncompared: readonly Path[];
}

/** What uses an object, so that Stream does not delete it: as many ids as could be asked for. */
export interface Use {
  readonly ids: readonly string[];
  /** True when there may be others. */
  readonly more: boolean;
}

/** A value that a removal asks of another object before it can be done, as if that object declared it. */
export interface Implied {
  readonly address: Address;
  readonly path: Path;
  readonly value: unknown;
}

/** An implied value with the `removed:` line that it prepares. */
export interface ImpliedBy extends Implied {
  readonly by: Removal;
}

/** The object does not exist and will. */
export interface Create<D, L> extends Common<D> {
  readonly action: 'create';
  readonly resource: Resource<D>;
  readonly desired: L;
  /** Everything that is declared, as additions. */
  readonly fields: readonly FieldChange[];
}

/** The object exists and will be different; no `fields` when only write-only values are to be sent again. */
export interface Update<D, L> extends Common<D> {
  readonly action: 'update';
  readonly resource: Resource<D>;
  readonly desired: L;
  readonly live: L;
  readonly raw: Answer;
  /** RFC 3339, when Stream tells it. */
  readonly createdAt?: string;
  readonly fields: readonly FieldChange[];
  /** What of it a removal asks for, besides a declaration or without one. */
  readonly implied?: readonly ImpliedBy[];
}

/** The object exists and will not; a built-in one returns to its defaults instead. */
export interface Delete<D, L> extends Common<D> {
  readonly action: 'delete';
  readonly removal: Removal;
  readonly live: L;
  readonly raw: Answer;
  /** RFC 3339, when Stream tells it. */
  readonly createdAt?: string;
  /** What goes with it, as removals. */
  readonly fields: readonly FieldChange[];
  readonly how: 'delete' | 'hard' | 'reset' | 'soft';
  /** What uses it, where that keeps Stream from deleting it. */
  readonly inUse?: Use;
}

/** The object is what the manifests say. */
export interface Keep<D> extends Common<D> {
  readonly action: 'keep';
}

/** What is different about one object, and what will become of it. What will be sent is a Step. */
export type Change<D = unknown, L = unknown> = Create<D, L> | Update<D, L> | Delete<D, L> | Keep<D>;
