import { partsOf, pathText, type Address, type Path } from '../model/address.ts';
import type { Change, ImpliedBy } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { grouped } from '../model/grouped.ts';
import type { Kind, World } from '../model/kind.ts';
import type { Removal, Resource } from '../model/resource.ts';

/** What removals ask of other objects, by the object that is asked. */
export type Implications = ReadonlyMap<Address, readonly ImpliedBy[]>;

/**
 * What these deletions ask of other objects before they can be done. An object that goes in the same plan is asked for
 * nothing: it takes along whatever stands in the way.
 */
export function impliedBy(
  deletions: readonly Change[],
  kinds: ReadonlyMap<string, Kind>,
  world: World,
): Implications {
  const going = new Set(deletions.map(({ address }) => address));
  const all = deletions.flatMap((change): readonly ImpliedBy[] => {
    if (change.action !== 'delete') return [];
    const implied = kinds.get(change.kind)?.implies?.(change, world) ?? [];
    return implied.map((one) => ({ ...one, by: change.removal }));
  });
  return grouped(
    all.filter(({ address }) => !going.has(address)),
    ({ address }) => address,
  );
}

/** Every object to compare: the declared ones, and those that only a removal asks something of. */
export function withImplied(resources: readonly Resource[], implications: Implications): readonly Resource[] {
  const declared = new Set(resources.map(({ address }) => address));
  const others = [...implications].filter(([address]) => !declared.has(address));
  return [
    ...resources.map((resource) => located(resource, implications.get(resource.address) ?? [])),
    ...others.flatMap(([, implied]) => standIn(implied) ?? []),
  ];
}

/** A form with what is implied laid over it, as the kind itself would: no lifecycle keeps it from that. */
export function prepared(form: object, implied: readonly ImpliedBy[], kind: Kind, world: World): object {
  return implied.reduce<object>((under, one) => {
    const resource = standIn([one]);
    return resource === undefined ? under : (kind.desired(resource, under, world).value as object);
  }, form);
}

/** Says at each removal what else changes because of it, and where. */
export function impliedNotes(implications: Implications): readonly Diagnostic[] {
  const byRemoval = grouped([...implications.values()].flat(), ({ by }) => by);
  return [...byRemoval].map(([by, implied]) => ({
    severity: 'note',
    code: 'also-changes',
    message: `before ${by.address} can go, this changes: ${implied.map(whatChanges).join(', ')}`,
    at: by.at,
    address: by.address,
  }));
}

function whatChanges({ address, path }: ImpliedBy): string {
  return `${pathText(path)} of ${address}`;
}

/** What a removal asks for, as if the object itself declared it at the removal's line. */
export function standIn(implied: readonly ImpliedBy[]): Resource | undefined {
  const [first] = implied;
  if (first === undefined) return undefined;
  const { address, by } = first;
  const declared = implied.reduce<object>((tree, { path, value }) => merged(tree, path, value), {});
  const lifecycle = { ignore_changes: [], prevent_destroy: false, create_only: false };
  return located({ address, ...partsOf(address), declared, lifecycle, locate: () => by.at }, implied);
}

function merged(tree: object, [key, ...below]: Path, value: unknown): object {
  if (key === undefined) return value as object;
  const inside = (tree as Readonly<Record<string, unknown>>)[key];
  return Object.assign(Object.create(null) as object, tree, {
    [key]: below.length === 0 ? value : merged(inside ?? {}, below, value),
  });
}

/** The resource, whose implied values are found at the removals that ask for them. */
function located(resource: Resource, implied: readonly ImpliedBy[]): Resource {
  if (implied.length === 0) return resource;
  const byOf = (path: Path): Removal | undefined =>
    implied.find((one) => one.path.every((step, index) => path[index] === step))?.by;
  return { ...resource, locate: (path, part) => byOf(path)?.at ?? resource.locate(path, part) };
}
