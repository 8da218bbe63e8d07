import type { Address } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Kind, World } from '../model/kind.ts';

/** What deletions wait for, and why some are refused. */
export interface Hindered {
  readonly needs: ReadonlyMap<Address, readonly Address[]>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Holds every deletion against the other changes: what clears its way is added to the needs, what nothing clears is refused. */
export function obstaclesTo(
  changes: readonly Change[],
  needs: ReadonlyMap<Address, readonly Address[]>,
  kinds: ReadonlyMap<string, Kind>,
  world: World,
): Hindered {
  const all = new Map(needs);
  const diagnostics: Diagnostic[] = [];
  const changing = new Set(changes.filter(({ action }) => action !== 'keep').map(({ address }) => address));
  for (const change of changes) {
    const kind = kinds.get(change.kind);
    if (change.action !== 'delete' || kind === undefined) continue;
    const { clearedBy, refusals } = kind.obstacles?.(change, changes, world) ?? {
      clearedBy: [],
      refusals: [],
    };
    const implied = (kind.implies?.(change, world) ?? []).map(({ address }) => address);
    const first = [...implied, ...clearedBy].filter((address) => changing.has(address));
    if (first.length > 0)
      all.set(change.address, [...new Set([...(all.get(change.address) ?? []), ...first])]);
    for (const refusal of refusals)
      diagnostics.push({ severity: 'error', ...refusal, at: change.removal.at, address: change.address });
  }
  return { needs: all, diagnostics };
}
