import { pathKey } from '../model/address.ts';
import type { Change, FieldChange, ImpliedBy } from '../model/change.ts';
import type { Kind, World } from '../model/kind.ts';
import { withLifecycle } from '../model/lifecycle.ts';
import type { Manifest, Resource } from '../model/resource.ts';
import { diff } from './diff.ts';
import { prepared, standIn } from './implied.ts';
import { isSpared } from './removal.ts';

/** What another revision of the manifests asks for one object, held against the same live form. */
export type Wish =
  /** It does not speak of the object, or what it asks for is so already. */
  | { readonly action: 'nothing'; readonly resource?: Resource }
  | {
      readonly action: 'create' | 'update';
      readonly resource: Resource;
      /** By `pathKey`. */
      readonly fields: ReadonlyMap<string, FieldChange>;
    }
  | { readonly action: 'delete'; readonly how: string };

/** Answers what a revision of the manifests would plan for an object of a plan, from what that plan has read. */
export function wishesOf(manifest: Manifest, world: World): (change: Change, kind: Kind) => Wish {
  const resources = new Map(manifest.resources.map((resource) => [resource.address, resource]));
  const removals = new Map(manifest.removals.map((removal) => [removal.address, removal]));
  const then: World = { ...world, declared: (address) => resources.get(address) };
  return (change, kind) => {
    // What its removals ask of the object is this revision's wish too.
    const all = change.action === 'update' ? (change.implied ?? []) : [];
    const implied = all.filter(({ by }) => removals.has(by.address));
    const resource = resources.get(change.address) ?? standIn(implied);
    if (resource !== undefined) return laidOver(resource, implied, change, kind, then);
    const removal = removals.get(change.address);
    if (removal === undefined || change.action === 'create' || change.action === 'keep')
      return { action: 'nothing' };
    return isSpared(removal, change.createdAt)
      ? { action: 'nothing' }
      : { action: 'delete', how: kind.deletion?.(removal) ?? 'delete' };
  };
}

function laidOver(
  resource: Resource,
  implied: readonly ImpliedBy[],
  change: Change,
  kind: Kind,
  world: World,
): Wish {
  const live = change.action === 'update' || change.action === 'delete' ? change.live : undefined;
  const { value } = kind.desired(resource, live, world);
  const wish = withLifecycle(resource.lifecycle, value as object, live as object | undefined);
  const desired = prepared(wish, implied, kind, world);
  const fields = new Map(diff(live ?? {}, desired, kind.schema).map((field) => [pathKey(field.path), field]));
  if (live === undefined) return { action: 'create', resource, fields };
  return fields.size === 0 ? { action: 'nothing', resource } : { action: 'update', resource, fields };
}
