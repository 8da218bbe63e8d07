import { pathKey, pathText, type Path } from '../model/address.ts';
import type { Kind, Registry } from '../model/kind.ts';
import type { Leaving } from '../model/origin.ts';
import type { Manifest, Resource } from '../model/resource.ts';
import { isUnset, schemaAt, type JsonSchema } from '../model/schema.ts';

/**
 * What one revision of the manifests manages and the next one does not. A field that is no longer declared leaves, a
 * key of a map alike, and so does what a `lifecycle` has begun to ignore; lists and sets leave as whole values only.
 * What is removed is no longer there to be managed, and does not leave.
 */
export function leavingBetween(base: Manifest, head: Manifest, registry: Registry): readonly Leaving[] {
  const kinds = new Map(registry.kinds.map((kind) => [kind.name, kind]));
  const resources = new Map(head.resources.map((resource) => [resource.address, resource]));
  const removed = new Set(head.removals.map(({ address }) => address));
  return base.resources.flatMap((before): readonly Leaving[] => {
    const kind = kinds.get(before.kind);
    const { address } = before;
    if (kind === undefined || removed.has(address)) return [];
    const after = resources.get(address);
    const managed = managedPaths(before, kind);
    const leaves = (path: Path): Leaving => ({
      address,
      path,
      guards: managed.some((one) => isBelow(one, path) && isGuard(one, kind.schema)),
      at: before.locate(path),
    });
    if (after === undefined || (isIgnored(after) && !isIgnored(before))) return [leaves([])];
    const now = managedPaths(after, kind);
    const gone = managed
      .filter((path) => !now.some((one) => isBelow(path, one)))
      .flatMap((path) => highestOf(path, now));
    return [...new Map(gone.map((path) => [pathKey(path), path])).values()].map(leaves);
  });
}

/** The paths whose values a declaration keeps as they are written: its leaves, without what its lifecycle ignores. */
function managedPaths(resource: Resource, kind: Kind): readonly Path[] {
  if (isIgnored(resource)) return [];
  const ignored = resource.lifecycle.ignore_changes.map((path) => path.split('.'));
  return leavesOf(resource.declared, [], kind.schema).filter(
    (path) => !ignored.some((one) => isBelow(path, one)),
  );
}

function isIgnored({ lifecycle }: Resource): boolean {
  return lifecycle.create_only || lifecycle.ignore_changes.includes('all');
}

function leavesOf(value: unknown, path: Path, schema: JsonSchema): readonly Path[] {
  const isTree = typeof value === 'object' && value !== null && !Array.isArray(value) && !isUnset(value);
  if (!isTree) return [path];
  const here = schemaAt(schema, path);
  const above = path.length === 0 ? undefined : schemaAt(schema, path.slice(0, -1));
  const hasNames = here?.properties !== undefined || typeof here?.additionalProperties === 'object';
  if (!hasNames || here?.['x-streambed-set'] === true || above?.['x-streambed-opaque'] === true)
    return [path];
  return Object.entries(value).flatMap(([key, below]) => leavesOf(below, [...path, key], schema));
}

/** The shortest beginning of a path under which nothing is managed any more; none when something below it still is. */
function highestOf(path: Path, now: readonly Path[]): readonly Path[] {
  for (let length = 1; length <= path.length; length++) {
    const above = path.slice(0, length);
    if (!now.some((one) => isBelow(one, above))) return [above];
  }
  return [];
}

function isGuard(path: Path, schema: JsonSchema): boolean {
  return path.some((_, index) => schemaAt(schema, path.slice(0, index + 1))?.['x-streambed-guards'] === true);
}

/** True for a path that is the other one, or leads on from it. */
function isBelow(path: Path, other: Path): boolean {
  return other.every((step, index) => path[index] === step);
}

/** What leaves, in words: `grants.user of channel_type/support is no longer managed; its live value stays`. */
export function leavingText({ address, path }: Leaving): string {
  return path.length === 0
    ? `${address} is no longer managed; it stays in the live app as it is`
    : `${pathText(path)} of ${address} is no longer managed; its live value stays`;
}
