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

/**
 * What a rollback would take away and Stream would refuse to: it stays, and the rest goes back all the same. What such a
 * deletion asks of other objects is planned already, so one that asks anything is refused like any other.
 */
export function stayingBehind(
  changes: readonly Change[],
  kinds: ReadonlyMap<string, Kind>,
  world: World,
): readonly Diagnostic[] {
  return changes.flatMap((change): readonly Diagnostic[] => {
    const kind = kinds.get(change.kind);
    if (change.action !== 'delete' || change.removal.undoes === undefined || kind === undefined) return [];
    if ((kind.implies?.(change, world) ?? []).length > 0) return [];
    const { address, removal } = change;
    return (kind.obstacles?.(change, changes, world).refusals ?? []).map(({ message }) => ({
      severity: 'warning',
      code: 'rollback-conflict',
      message: `${address} stays: ${message}`,
      help: 'Once nothing stands in its way, the same rollback takes it away.',
      at: removal.at,
      address,
    }));
  });
}
