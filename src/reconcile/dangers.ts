import type { Change } from '../model/change.ts';
import { dangerRules, type Danger } from '../model/danger.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { grouped } from '../model/grouped.ts';
import type { Kind, World } from '../model/kind.ts';
import type { PlannedLoss } from '../model/plan.ts';

/** What the changes mean: what their kinds say, every loss, and every reset, the worst rule first. */
export function dangersOf(
  changes: readonly Change[],
  losses: readonly PlannedLoss[],
  kinds: ReadonlyMap<string, Kind>,
  world: World,
): readonly Danger[] {
  const found = [...byKind(changes)].flatMap(([name, ours]) => kinds.get(name)?.dangers?.(ours, world) ?? []);
  return inOrderOfHarm([...found, ...losses.map(lossDanger), ...changes.flatMap(resetDanger)]);
}

/** The same dangers, the worst rule first; those of one rule stay in their order. */
export function inOrderOfHarm<D extends Danger>(dangers: readonly D[]): readonly D[] {
  const rank = new Map(Object.keys(dangerRules).map((code, index) => [code, index]));
  return dangers.toSorted((one, two) => (rank.get(one.code) ?? 0) - (rank.get(two.code) ?? 0));
}

/** What a reader of the differences would get wrong without being told, at the lines that ask for them. */
export function remarksOn(
  changes: readonly Change[],
  kinds: ReadonlyMap<string, Kind>,
  world: World,
): readonly Diagnostic[] {
  const resources = new Map(changes.map(({ address, resource }) => [address, resource]));
  return [...byKind(changes)].flatMap(([name, ours]) =>
    (kinds.get(name)?.remarks?.(ours, world) ?? []).map(({ address, path, code, message }): Diagnostic => {
      const resource = resources.get(address);
      return {
        severity: 'note',
        code,
        message,
        address,
        ...(resource === undefined ? {} : { at: resource.locate(path) }),
      };
    }),
  );
}

function byKind(changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  return grouped(
    changes.filter(({ action }) => action !== 'keep'),
    ({ kind }) => kind,
  );
}

/** The danger of a loss: its message is all that tells it from other losses of the object. */
export function lossDanger({ change, what, names }: PlannedLoss): Danger {
  const { address, kind, key } = change;
  const itself = change.action === 'delete' && what === kind && names.length === 1 && names[0] === key;
  const count = `${names.length} ${what}${names.length === 1 ? '' : 's'}`;
  const message = itself ? `${address} will be gone` : `${address} loses ${count}`;
  return { code: 'loss', address, path: [], message };
}

function resetDanger(change: Change): readonly Danger[] {
  if (change.action !== 'delete' || change.how !== 'reset') return [];
  const { address } = change;
  return [{ code: 'type-reset', address, path: [], message: `${address} returns to Stream's defaults` }];
}
