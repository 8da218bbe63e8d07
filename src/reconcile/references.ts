import { partsOf, type Address } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { grouped } from '../model/grouped.ts';
import type { Catalogue, Kind, Reference, Registry, World } from '../model/kind.ts';
import { nearest } from '../model/nearest.ts';
import type { Manifest, Resource } from '../model/resource.ts';
import type { ReadStream } from '../model/stream.ts';

/** One object's need of another. */
interface Need extends Reference {
  readonly of: Resource;
}

/** What the declared objects need, and what of it is missing. */
export interface References {
  readonly needs: ReadonlyMap<Address, readonly Address[]>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Finds every reference that neither the manifests nor what was read prove, looks it up in the live app, and names
 * those that dangle. One look-up a kind, and none when nothing is open.
 */
export async function resolveReferences(
  manifest: Manifest,
  registry: Registry,
  world: World,
  stream: ReadStream,
  only?: ReadonlySet<Address>,
): Promise<References> {
  const kinds = new Map(registry.kinds.map((kind) => [kind.name, kind]));
  const needs = manifest.resources
    .filter(({ address }) => only === undefined || only.has(address))
    .flatMap((resource) => needsOf(resource, kinds, world));
  const removed = new Map(manifest.removals.map((removal) => [removal.address, removal]));
  const diagnostics: Diagnostic[] = needs
    .filter(({ address }) => removed.has(address))
    .map((need) =>
      dangling(
        need,
        `${need.of.address} needs ${need.address}, which is listed under removed`,
        'Keep one of the two.',
      ),
    );

  const open = needs.filter(({ address }) => world.declared(address) === undefined && !removed.has(address));
  const known = await lookUp(open, registry, stream);
  for (const need of open) {
    const { kind, key } = partsOf(need.address);
    const names = known.get(kind);
    if (names === undefined || names.has(key)) continue;
    diagnostics.push(
      dangling(need, `${kind} "${key}" does not exist in this app`, advice(kind, key, names, registry)),
    );
  }
  return { needs: addressesByObject(needs), diagnostics };
}

/** What can be said without the live app: names that only it can confirm are warnings. */
export function checkOffline(manifest: Manifest, registry: Registry): readonly Diagnostic[] {
  const nothing: World = {
    app: { id: undefined, name: '' },
    answer: () => undefined,
    read: () => undefined,
    declared: (address) => manifest.resources.find((resource) => resource.address === address),
  };
  const declared = new Set(manifest.resources.map(({ address }) => address));
  const kinds = new Map(registry.kinds.map((kind) => [kind.name, kind]));
  const everywhere = new Map(sourcesOf(registry).map((source) => [source.name, source.everywhere]));
  return manifest.resources
    .flatMap((resource) => needsOf(resource, kinds, nothing))
    .filter(({ address }) => !declared.has(address))
    .flatMap((need): readonly Diagnostic[] => {
      const { kind, key } = partsOf(need.address);
      const names = everywhere.get(kind);
      // Users and channel types are many and an app's own: only the live app knows them.
      if (names === undefined || names.has(key)) return [];
      const near = nearest(key, names);
      return [
        {
          severity: 'warning',
          code: 'unconfirmed-reference',
          message: `only the live app can tell whether ${kind} "${key}" exists`,
          help: near === undefined ? 'A plan checks it.' : `Did you mean "${near}"? A plan checks it.`,
          at: need.of.locate(need.path),
          address: need.of.address,
        },
      ];
    });
}

function needsOf(resource: Resource, kinds: ReadonlyMap<string, Kind>, world: World): readonly Need[] {
  const kind = kinds.get(resource.kind);
  if (kind?.references === undefined) return [];
  const read = world.read(resource.address);
  const live = read?.state === 'present' ? read.live : undefined;
  const { create_only, ignore_changes } = resource.lifecycle;
  if (live !== undefined && (create_only || ignore_changes.includes('all'))) return [];
  const ignored = live === undefined ? [] : ignore_changes.map((path) => path.split('.'));
  return kind
    .references(resource, live, world)
    .filter(({ path }) => !ignored.some((start) => start.every((step, index) => path[index] === step)))
    .map((reference) => ({ ...reference, of: resource }));
}

/** A kind that can be declared answers for its name; a catalogue only until there is one. */
function sourcesOf(registry: Registry): readonly (Catalogue | Kind)[] {
  const declarable = new Set(registry.kinds.map(({ name }) => name));
  return [...registry.kinds, ...registry.catalogues.filter(({ name }) => !declarable.has(name))];
}

async function lookUp(
  open: readonly Need[],
  registry: Registry,
  stream: ReadStream,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const keys = grouped(
    open.map(({ address }) => partsOf(address)),
    ({ kind }) => kind,
  );
  const sources = sourcesOf(registry);
  const found = await Promise.all(
    sources.map(async (source) => {
      const wanted = keys.get(source.name);
      if (wanted === undefined || source.known === undefined) return [];
      const known = await source.known(stream, [...new Set(wanted.map(({ key }) => key))]);
      return [[source.name, known] as const];
    }),
  );
  return new Map(found.flat());
}

function dangling(need: Need, message: string, help: string): Diagnostic {
  return {
    severity: 'error',
    code: 'dangling-reference',
    message,
    help,
    at: need.of.locate(need.path),
    address: need.of.address,
  };
}

function advice(kind: string, key: string, names: ReadonlySet<string>, registry: Registry): string {
  const near = nearest(key, names);
  if (near !== undefined) return `Did you mean "${near}"?`;
  const declarable = registry.kinds.find(({ name }) => name === kind);
  return declarable === undefined
    ? `Create the ${kind} in the app first.`
    : `Declare it under ${declarable.section}, or create it first.`;
}

function addressesByObject(needs: readonly Need[]): ReadonlyMap<Address, readonly Address[]> {
  const groups = grouped(needs, ({ of }) => of.address);
  return new Map(
    [...groups].map(([address, group]) => [address, [...new Set(group.map((need) => need.address))]]),
  );
}
