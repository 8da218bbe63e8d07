/** Names one object across manifests, plans, flags and messages: `channel_type/support`, `channel/support:case-1`. */
export type Address = `${string}/${string}`;

/** The address of the object of this kind that Stream knows by this key. */
export function addressOf(kind: string, key: string): Address {
  return `${kind}/${key}`;
}

/** Splits an address at its first slash; keys may hold further ones. */
export function partsOf(address: Address): { readonly kind: string; readonly key: string } {
  const slash = address.indexOf('/');
  return { kind: address.slice(0, slash), key: address.slice(slash + 1) };
}

/** Steps from the top of an object to one of its values, as keys: `['grants', 'user']`. */
export type Path = readonly string[];

/** A path as the key of a map; names hold dots, and no control characters. */
export function pathKey(path: Path): string {
  return path.join('\u0000');
}

/** The value at a path of a plain tree; undefined where the path leads nowhere. */
export function valueAt(tree: unknown, path: Path): unknown {
  let here = tree;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Readonly<Record<string, unknown>>)[step];
  }
  return here;
}

/** A path as people write it: `grants.user`. */
export function pathText(path: Path): string {
  return path.join('.');
}
