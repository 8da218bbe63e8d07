import { pathKey, pathText, type Address } from '../model/address.ts';
import type { Change, Element, FieldChange, Keep } from '../model/change.ts';
import type { Danger } from '../model/danger.ts';
import type { Registry } from '../model/kind.ts';
import type { ChangeOrigin, FieldOrigin, Leaving, Origin, Origins } from '../model/origin.ts';
import type { Plan } from '../model/plan.ts';
import type { Manifest, Resource } from '../model/resource.ts';
import { leavingBetween, leavingText } from './leaving.ts';
import { madeAgain, reopeningsIn } from './reopening.ts';
import { sameValue } from './same-value.ts';
import { wishesOf, type Wish } from './would-plan.ts';

/** Revisions of the manifests to hold a plan against. */
export interface Revisions {
  /** What this branch is compared with. */
  readonly base?: { readonly ref: string; readonly commit: string; readonly manifest: Manifest };
  /** What the last recorded apply left in the live app. */
  readonly applied?: { readonly commit: string; readonly manifest: Manifest };
}

/**
 * Tells whose each difference is, and what leaves management; dangers are those that follow from it.
 *
 * The manifests of each revision are laid over the same live objects. What the base would plan too, to the same value,
 * is not the branch's. What the applied revision would plan too, to whatever value, is drift, because an apply had
 * settled it; where the applied revision is content with the live app, the difference is pending. Without an applied
 * revision nothing more is claimed than that it was there before, and without a base that it was merged.
 */
export function originsOf(
  plan: Pick<Plan, 'changes' | 'manifest' | 'world'>,
  { base, applied }: Revisions,
  registry: Registry,
): { readonly origins: Origins; readonly dangers: readonly Danger[] } {
  const kinds = new Map(registry.kinds.map((kind) => [kind.name, kind]));
  const baseWish = base === undefined ? undefined : wishesOf(base.manifest, plan.world);
  const appliedWish = applied === undefined ? undefined : wishesOf(applied.manifest, plan.world);
  const changes = new Map<Address, ChangeOrigin>();
  const dangers: Danger[] = [];
  for (const change of plan.changes) {
    const kind = kinds.get(change.kind);
    if (change.action === 'keep' || kind === undefined) continue;
    if (baseWish === undefined && appliedWish === undefined) continue;
    const wishes = { base: baseWish?.(change, kind), applied: appliedWish?.(change, kind) };
    const whose = originOf(change, wishes, plan.world.declared(change.address) !== undefined);
    changes.set(change.address, whose);
    // Its fields may be the branch's: whose it is that the object comes back is another question.
    if (change.action === 'create' && ownOrigin(change, wishes) === 'drift') dangers.push(madeAgain(change));
    if (change.action === 'update') dangers.push(...reopeningsIn(change, whose, kind));
  }
  const leaving = base === undefined ? [] : leavingBetween(base.manifest, plan.manifest, registry);
  return {
    origins: {
      ...(base === undefined ? {} : { base: { ref: base.ref, commit: base.commit } }),
      ...(applied === undefined ? {} : { applied: applied.commit }),
      changes,
      leaving,
    },
    dangers: [...leaving.filter(({ guards }) => guards).map(leavesManagement), ...dangers],
  };
}

function leavesManagement(leaving: Leaving): Danger {
  const { address, path } = leaving;
  return { code: 'leaves-management', address, path, message: leavingText(leaving) };
}

/** A change that there is. */
type Difference = Exclude<Change, Keep<unknown>>;

interface Wishes {
  readonly base: Wish | undefined;
  readonly applied: Wish | undefined;
}

function originOf(change: Difference, wishes: Wishes, declared: boolean): ChangeOrigin {
  const fields = new Map(
    change.fields.map((field) => [pathText(field.path), fieldOrigin(change, field, wishes)]),
  );
  // What only a removal asks something of is not managed from then on.
  const adopts =
    declared &&
    change.action === 'update' &&
    wishes.base !== undefined &&
    resourceIn(wishes.base) === undefined;
  const own = ownOrigin(change, wishes);
  const all = [...(own === undefined ? [] : [own]), ...[...fields.values()].map(({ origin }) => origin)];
  return { origin: together(all), adopts, fields };
}

/** Whose it is that an object comes, goes, or has its write-only values sent again. */
function ownOrigin(change: Difference, { base, applied }: Wishes): Origin | undefined {
  switch (change.action) {
    case 'create':
      return originFrom(base && base.action === 'create', applied && applied.action === 'create');
    case 'delete':
      return originFrom(base && asksToDelete(base, change.how), applied && applied.action === 'delete');
    case 'update': {
      if (change.fields.length > 0) return undefined;
      if (base !== undefined && !declaresEqually(change, base)) return 'branch';
      // Nobody can see what Stream holds of these values, so that they drifted is never said.
      return applied !== undefined && !declaresEqually(change, applied) ? 'pending' : 'before';
    }
  }
}

function fieldOrigin(change: Difference, field: FieldChange, wishes: Wishes): FieldOrigin {
  if (change.action === 'delete') return { origin: ownOrigin(change, wishes) ?? 'before' };
  const [inBase, inApplied] = [fieldIn(wishes.base, field), fieldIn(wishes.applied, field)];
  if (field.op !== 'elements') {
    const asked = wishes.base && inBase !== undefined && asksTheSame(inBase, field);
    return { origin: originFrom(asked, wishes.applied && inApplied !== undefined) };
  }
  if (isBare(field)) {
    // A set that begins empty has no elements to ask about.
    const asked = wishes.base && inBase?.op === 'elements' && isBare(inBase);
    return { origin: originFrom(asked, wishes.applied && inApplied !== undefined) };
  }
  const whose = (side: 'added' | 'removed', element: Element): readonly [string, Origin] => {
    const { name } = element;
    const sameInBase = elementIn(inBase, side, name);
    const asked = wishes.base && sameInBase !== undefined && sameValue(sameInBase.value, element.value);
    // A word such as `all` in the place of a set speaks of every element.
    const touched = inApplied?.op === 'elements' ? elementIn(inApplied, side, name) : inApplied;
    return [name, originFrom(asked, wishes.applied && touched !== undefined)];
  };
  const elements = new Map([
    ...field.added.map((element) => whose('added', element)),
    ...field.removed.map((element) => whose('removed', element)),
  ]);
  return { origin: together([...elements.values()]), elements };
}

/** `undefined` for a revision that there is none to compare with. */
function originFrom(inBase: boolean | undefined, inApplied: boolean | undefined): Origin {
  if (inBase === false) return 'branch';
  if (inApplied === undefined) return 'before';
  return inApplied ? 'drift' : 'pending';
}

function together(origins: readonly (Origin | 'mixed')[]): Origin | 'mixed' {
  const [first = 'before', ...rest] = origins;
  return rest.every((origin) => origin === first) ? first : 'mixed';
}

function resourceIn(wish: Wish): Resource | undefined {
  return wish.action === 'delete' ? undefined : wish.resource;
}

function fieldIn(wish: Wish | undefined, { path }: FieldChange): FieldChange | undefined {
  return wish?.action === 'create' || wish?.action === 'update' ? wish.fields.get(pathKey(path)) : undefined;
}

function elementIn(
  field: FieldChange | undefined,
  side: 'added' | 'removed',
  name: string,
): Element | undefined {
  return field?.op === 'elements' ? field[side].find((element) => element.name === name) : undefined;
}

function isBare({ added, removed }: FieldChange & { readonly op: 'elements' }): boolean {
  return added.length + removed.length === 0;
}

/** True for two ways from the same live value to the same target. */
function asksTheSame(one: FieldChange, two: FieldChange): boolean {
  if (one.op === 'elements' || two.op === 'elements' || one.op !== two.op) return false;
  return one.op === 'remove' || two.op === 'remove' || sameValue(one.after, two.after);
}

function asksToDelete(wish: Wish, how: string): boolean {
  return wish.action === 'delete' && wish.how === how;
}

function declaresEqually({ resource, uncompared }: Difference, wish: Wish): boolean {
  const [one, two] = [resource?.declared, resourceIn(wish)?.declared] as readonly (object | undefined)[];
  const at = (declared: object | undefined, name: string): unknown =>
    (declared as Readonly<Record<string, unknown>> | undefined)?.[name];
  return two !== undefined && uncompared.every(([name = '']) => sameValue(at(one, name), at(two, name)));
}
