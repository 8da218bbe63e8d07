import { pathKey, valueAt, type Address } from '../model/address.ts';
import { valueAfter, type Change, type FieldChange, type Update } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Kind, Registry } from '../model/kind.ts';
import type { Plan } from '../model/plan.ts';
import type { ReadStream } from '../model/stream.ts';
import { diff } from './diff.ts';
import { makePlan } from './plan.ts';
import { sameValue } from './same-value.ts';
import { isWrittenOneByOne, unitOf } from './units.ts';

/**
 * The objects about to be changed or deleted that are not any more what the plan says: read again right before the
 * first write, because minutes may have passed while somebody thought about the question. What moved in parts that the
 * plan does not touch is left alone and does not count. With `all` the others count as well: what the plan would make
 * and is there now, and what it keeps and would have to change now.
 */
export async function movedSince(
  plan: Plan,
  registry: Registry,
  reader: ReadStream,
  extent: 'all' | 'touched' = 'touched',
): Promise<readonly Diagnostic[]> {
  const touched = extent === 'all' ? plan.changes : plan.changes.filter(isTouching);
  const now = await readAgain(plan, touched, registry, reader);
  const kinds = new Map(registry.kinds.map((kind) => [kind.name, kind]));
  return touched.flatMap((change): readonly Diagnostic[] => {
    const kind = kinds.get(change.kind);
    if (kind === undefined || !hasMoved(change, now.get(change.address), kind)) return [];
    const at = change.action === 'delete' ? change.removal.at : change.resource?.locate([], 'name');
    return [
      {
        severity: 'error',
        code: 'moved-since-plan',
        message: `${change.address} is not what the plan says any more: somebody changed it in the meantime`,
        help: 'Nothing was written. Plan again, and read what is different now.',
        ...(at === undefined ? {} : { at }),
        address: change.address,
      },
    ];
  });
}

/** How long a reading is good enough to write by: less than anybody needs to change something by hand. */
const FRESH_MS = 10_000;
/** Objects that are read again together at most, those that come next included. */
const AHEAD = 300;

/**
 * The same for a run that has begun: objects are read again when their last reading has grown old. What lies between
 * the plan's two states is this run's own work; an object that is anything else was changed by somebody and is left to
 * them.
 */
export class Freshness {
  readonly #plan: Plan;
  readonly #registry: Registry;
  readonly #reader: ReadStream;
  readonly #now: () => number;
  readonly #touched: ReadonlyMap<Address, Change>;
  readonly #readAt = new Map<Address, number>();
  readonly #moved = new Set<Address>();
  /** Objects that somebody waits for. */
  readonly #asked = new Set<Address>();
  /**
   * How often an object was asked for since the last reading. Each is when its turn comes and when it leaves, so this
   * is twice as many as left, and as many come next before the reading grows old with some to spare.
   */
  #used = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(plan: Plan, registry: Registry, reader: ReadStream, now: () => number) {
    this.#plan = plan;
    this.#registry = registry;
    this.#reader = reader;
    this.#now = now;
    this.#touched = new Map(plan.changes.filter(isTouching).map((change) => [change.address, change]));
    for (const address of this.#touched.keys()) this.#readAt.set(address, now());
  }

  /** Which of these objects somebody else changed; `next` are those that follow, to be read along with them. */
  async moved(addresses: readonly Address[], next: () => Iterable<Address>): Promise<ReadonlySet<Address>> {
    this.#used += addresses.length;
    const old = addresses.filter((address) => this.#isOld(address));
    if (old.length > 0) {
      for (const address of old) this.#asked.add(address);
      // One reading at a time: it covers what everybody waits for by then.
      this.#reading = this.#reading.catch(() => undefined).then(() => this.#read(old, next));
      await this.#reading;
    }
    return new Set(addresses.filter((address) => this.#moved.has(address)));
  }

  #isOld(address: Address): boolean {
    const at = this.#readAt.get(address);
    return at !== undefined && this.#now() - at > FRESH_MS && !this.#moved.has(address);
  }

  async #read(addresses: readonly Address[], next: () => Iterable<Address>): Promise<void> {
    if (!addresses.some((address) => this.#isOld(address))) return;
    const wanted = new Set([...addresses, ...this.#asked]);
    this.#asked.clear();
    const ahead = Math.min(AHEAD, this.#used);
    this.#used = 0;
    for (const address of next()) {
      if (wanted.size >= ahead) break;
      if (this.#isOld(address)) wanted.add(address);
    }
    const changes = [...wanted].flatMap((address) => this.#touched.get(address) ?? []);
    const at = this.#now();
    const now = await readAgain(this.#plan, changes, this.#registry, this.#reader);
    const kinds = new Map(this.#registry.kinds.map((kind) => [kind.name, kind]));
    for (const change of changes) {
      this.#readAt.set(change.address, at);
      const kind = kinds.get(change.kind);
      if (kind !== undefined && !isOnItsWay(change, now.get(change.address), kind))
        this.#moved.add(change.address);
    }
  }
}

type Deletion = Extract<Change, { readonly action: 'delete' }>;

function isTouching({ action }: Change): boolean {
  return action === 'update' || action === 'delete';
}

async function readAgain(
  plan: Plan,
  touched: readonly Change[],
  registry: Registry,
  reader: ReadStream,
): Promise<ReadonlyMap<Address, Change>> {
  if (touched.length === 0) return new Map();
  const only = new Set(touched.flatMap(withRemovals));
  const again = await makePlan(plan.manifest, registry, reader, {
    only,
    sendWriteOnly: [...only].filter((address) => sendsAgain(plan, address)),
  });
  return new Map(again.changes.map((change) => [change.address, change]));
}

/** The object, and the removals that ask something of it: without them there would be nothing to change about it. */
function withRemovals(change: Change): readonly Address[] {
  const implied = change.action === 'update' ? (change.implied ?? []) : [];
  return [change.address, ...implied.map(({ by }) => by.address)];
}

/** True for what is not what somebody agreed to lose: more is in it, or it is a namesake that was made since. */
function isAnother(change: Deletion, now: Deletion, kind: Kind): boolean {
  const moves = diff(change.live as object, now.live as object, kind.schema);
  return change.createdAt !== now.createdAt || moves.some((move) => !isOurEmptying(move));
}

/** The grants of what goes are taken away first, by this very run. */
function isOurEmptying(move: FieldChange): boolean {
  return move.op === 'elements' && move.added.length === 0;
}

/** True for what is as planned, as it will be, or as our own first writes leave it in between. */
function isOnItsWay(change: Change, now: Change | undefined, kind: Kind): boolean {
  // What is gone already needs no deleting.
  if (change.action === 'delete')
    return now === undefined || (now.action === 'delete' && !isAnother(change, now, kind));
  if (change.action !== 'update') return true;
  // What nobody declares and a removal asked for is done once there is nothing left to plan.
  if (now === undefined && change.implied !== undefined) return true;
  if (now?.action === 'keep') return true;
  if (now?.action !== 'update') return false;
  const moves = diff(change.live as object, now.live as object, kind.schema);
  return moves.every((move) => !isTouched(move, change, kind) || leadsTo(move, change.desired));
}

/** True for a difference from the plan's live value that goes where the plan goes. */
function leadsTo(move: FieldChange, desired: unknown): boolean {
  const there = valueAt(desired, move.path);
  const names = new Set(Object.keys(there ?? {}));
  if (move.op !== 'elements') {
    const after = valueAfter(move);
    // A set whose place a word held before is told as the list of its elements.
    const isSet = Array.isArray(after) && !Array.isArray(there);
    return sameValue(after, isSet ? [...names].toSorted() : there);
  }
  return (
    move.added.every(({ name }) => names.has(name)) && move.removed.every(({ name }) => !names.has(name))
  );
}

function sendsAgain(plan: Plan, address: string): boolean {
  return plan.changes.some(
    (change) => change.address === address && change.action === 'update' && change.fields.length === 0,
  );
}

function hasMoved(change: Change, now: Change | undefined, kind: Kind): boolean {
  if (now === undefined || now.action !== change.action) return true;
  if (change.action === 'delete' && now.action === 'delete') return isAnother(change, now, kind);
  if (change.action !== 'update' || now.action !== 'update') return false;
  if (JSON.stringify(change.fields) !== JSON.stringify(now.fields)) return true;
  const moves = diff(change.live as object, now.live as object, kind.schema);
  return moves.some((move) => isTouched(move, change, kind));
}

/** Stream takes some values only whole, so what lies beside a planned difference in the same unit would be overwritten. */
function isTouched(move: FieldChange, change: Update<unknown, unknown>, kind: Kind): boolean {
  const unit = pathKey(unitOf(move, kind));
  const beside = change.fields.filter((field) => pathKey(unitOf(field, kind)) === unit);
  if (!isWrittenOneByOne(move, kind)) return beside.length > 0;
  const planned = new Set(beside.flatMap(elementsIn));
  return elementsIn(move).some((name) => planned.has(name));
}

function elementsIn(field: FieldChange): readonly string[] {
  if (field.op !== 'elements') return field.path.slice(1, 2);
  return [...field.added, ...field.removed].map(({ name }) => name);
}
