import type { Address, Path } from './address.ts';
import type { Change, Delete, FieldChange, Implied, Use } from './change.ts';
import type { Danger, Reach, Remark, Rights } from './danger.ts';
import type { Diagnostic, Result } from './diagnostic.ts';
import type { Origin } from './origin.ts';
import type { Removal, Resource } from './resource.ts';
import type { Schema } from './schema.ts';
import type { Step } from './step.ts';
import type { Answer, ReadOperation, ReadStream } from './stream.ts';

/** What a read found out about one object. Only `absent` means that it does not exist. */
export type Read<L = unknown> =
  | {
      readonly state: 'present';
      readonly live: L;
      readonly raw: Answer;
      /** RFC 3339, when Stream tells it: spares a younger namesake from a removal. */
      readonly createdAt?: string;
      /** What keeps Stream from deleting it; asked for removals only. */
      readonly inUse?: Use;
    }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly why: string };

/** An object that another one needs, and the place that says so. */
export interface Reference {
  readonly address: Address;
  /** The path in the declaration that names it, for the message when it is missing. */
  readonly path: Path;
}

/** What this run knows about the app: pure functions of the engine's readings, handed to the kinds. */
export interface World {
  /** The answer of a parameterless read that this run made. */
  answer(operation: ReadOperation): Answer | undefined;
  read(address: Address): Read | undefined;
  declared(address: Address): Resource | undefined;
  /** True for what a `removed:` line names: that it is there now proves nothing. */
  removed?(address: Address): boolean;
  readonly app: { readonly id: number | undefined; readonly name: string };
  /** The environment that is planned, when the project file names one. */
  readonly environment?: Environment;
}

/** What a kind may know of the environment that a plan is for. */
export interface Environment {
  readonly name: string;
  readonly production: boolean;
  /** Hosts that belong to other environments. */
  readonly foreignHosts: readonly string[];
}

/** What decides who may do what: `nothing` lets everybody do everything, `policies` are those of permissions v1. */
export type RightsBasis = 'grants' | 'nothing' | 'policies';

/** What a kind may be asked to do; the planner says "Stream cannot" before anything is sent. */
export interface Capabilities {
  readonly create: boolean;
  readonly update: boolean;
  readonly delete: false | 'delete' | 'soft';
}

/** What stands in the way of a deletion. */
export interface Obstacles {
  /** Objects whose own changes in the same plan clear the way: the deletion waits for them. */
  readonly clearedBy: readonly Address[];
  /** What nothing in the plan clears. */
  readonly refusals: readonly Pick<Diagnostic, 'code' | 'help' | 'message'>[];
}

/** Something of value that a change destroys: counted against `--allow-destroy`. */
export interface Loss {
  /** The word for the flag: `member`, or a kind's name. */
  readonly what: string;
  readonly names: readonly string[];
}

/**
 * Everything this tool knows about one kind of thing. D is what a manifest declares of it; L is its normal form, a
 * plain tree in which sets are objects with one key an element, so that two of them compare without thinking.
 */
export interface Kind<D = unknown, L = unknown> {
  readonly name: string;
  /** The manifest's top-level key, and how objects sit under it. */
  readonly section: string;
  /** `one`: the section is the object. `named`: by key. `typed`: by channel type, then by id. */
  readonly layout: 'named' | 'one' | 'typed';
  /** What an object may be called in the manifest; its description says so in words. */
  readonly names?: Schema<string>;
  /** One declaration: descriptions, limits, annotations. */
  readonly schema: Schema<D>;
  /** Declarations that the conformance tests create, read back, change and delete. */
  readonly samples: readonly [D, ...D[]];
  readonly can: Capabilities;

  /** The key that Stream knows the object by; `name` is what the manifest calls it, `parent` its type. */
  key(name: string, declared: D, parent?: string): string;

  /** Rules between fields that a schema cannot say; offline, with the place of each. */
  check?(resource: Resource<D>): readonly Diagnostic[];

  /** What must exist for this declaration; what the live object already holds needs no look-up and is left out. */
  references?(resource: Resource<D>, live: L | undefined, world: World): readonly Reference[];

  /** Reads what these declarations and removals need, in as few requests as Stream allows. */
  read(
    stream: ReadStream,
    wanted: readonly (Resource<D> | Removal)[],
  ): Promise<ReadonlyMap<Address, Read<L>>>;

  /** Which of these keys exist, or all that do: for references to objects that are not declared. */
  known?(stream: ReadStream, keys: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * The live object with the declared parts laid over it, in normal form. Pure. Undeclared fields are equal by
   * construction, and add/remove, additive and unset end here.
   */
  desired(resource: Resource<D>, live: L | undefined, world: World): Result<L>;

  /** The key that a `removed:` line means, when it may be written in more than one way; undefined: no such key. */
  removalKey?(written: string): string | undefined;

  /** Names that every app has: confirmed without the live app, and offered as near misses. */
  readonly everywhere?: ReadonlySet<string>;

  /** How Stream takes the object away; a kind without it deletes plainly. */
  deletion?(removal: Removal): 'delete' | 'hard' | 'reset' | 'soft';

  /** What this deletion asks of other objects, declared or not; the plan shows it there, and does it first. Pure. */
  implies?(change: Delete<D, L>, world: World): readonly Implied[];

  /** Why Stream would refuse this deletion, held against all that the plan changes. Pure. */
  obstacles?(change: Delete<D, L>, changes: readonly Change[], world: World): Obstacles;

  /** The words for what changes of this kind can destroy besides objects: `member`. */
  readonly lossWords?: readonly string[];

  /** What a change destroys besides the object itself; a `removed:` line does not approve it. */
  losses?(change: Change<D, L>): readonly Loss[];

  /** What changes of this kind mean beyond their differences, by the rules of `dangerRules`. Pure. */
  dangers?(changes: readonly Change<D, L>[], world: World): readonly Danger[];

  /** What a reader of these differences would get wrong without being told. Pure. */
  remarks?(changes: readonly Change<D, L>[], world: World): readonly Remark[];

  /**
   * True when this difference opens what the live app has closed: a right given, a channel thawed. Of some, only
   * `drift` tells that anything was closed.
   */
  reopens?(field: FieldChange, origin?: Origin): boolean;

  /** Which roles hold which permissions under this form, for the matrix of a plan. */
  rights?(form: L): Rights;

  /** What an object of a channel type gives beyond its type's grants; what it takes away is left out. Pure. */
  rightsGiven?(form: L): Rights;

  /** What decides about rights under this form, for the kind that says so for the whole app. Pure. */
  rightsBasis?(form: L): RightsBasis;

  /** How many channels and members these changes touch; asked for plans that people read, never for absence. */
  reach?(stream: ReadStream, changes: readonly Change<D, L>[]): Promise<ReadonlyMap<Address, Reach>>;

  /** How Stream performs these changes of this kind, batched, in the smallest writes. */
  steps(changes: readonly Change<D, L>[], world: World): readonly Step[];
}

/** Answers whether objects of a kind exist, for kinds that can be referred to and not yet be declared. */
export interface Catalogue {
  readonly name: string;
  /** Names that every app has: confirmed without the live app, and offered as near misses. */
  readonly everywhere: ReadonlySet<string>;
  known(stream: ReadStream, keys: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What this build of Streambed knows: the kinds, the catalogues, and the sections that are to come. */
export interface Registry {
  readonly kinds: readonly Kind[];
  readonly catalogues: readonly Catalogue[];
  /** Sections of kinds that a later version reads: naming one is an error that says so. */
  readonly planned: readonly string[];
}
