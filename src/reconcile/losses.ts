import type { Change } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Kind } from '../model/kind.ts';
import type { Plan, PlannedLoss } from '../model/plan.ts';

/** Everything of value that these changes destroy. A merged `removed:` line approves what it names, and nothing else. */
export function lossesOf(
  changes: readonly Change[],
  kinds: ReadonlyMap<string, Kind>,
): readonly PlannedLoss[] {
  return changes.flatMap((change): readonly PlannedLoss[] => {
    const { kind: what, key } = change;
    const itself = change.action === 'delete' ? [{ what, names: [key], change, approved: true }] : [];
    const besides = kinds.get(what)?.losses?.(change) ?? [];
    return [...itself, ...besides.map((loss) => ({ ...loss, change, approved: false }))];
  });
}

/** Objects that `prevent_destroy` shields and that would lose something all the same. */
export function shielded(losses: readonly PlannedLoss[]): readonly Diagnostic[] {
  return losses.flatMap(({ change, what, names }): readonly Diagnostic[] => {
    const resource = change.resource;
    if (resource?.lifecycle.prevent_destroy !== true) return [];
    return [
      {
        severity: 'error',
        code: 'prevent-destroy',
        message: `${change.address} has prevent_destroy, and would lose ${names.length} × ${what}: ${names.join(', ')}`,
        help: 'Keep what would be lost, or take prevent_destroy away in a change of its own.',
        at: resource.locate([], 'name'),
        address: change.address,
      },
    ];
  });
}

/** A kind of loss that goes beyond what is approved. */
export interface Refusal extends Diagnostic {
  readonly what: string;
}

/**
 * The losses that nobody approved: neither a `removed:` line nor `--allow-destroy KIND=N` with N at least their
 * number. The help is the flags to type.
 */
export function unapproved(plan: Plan, allowed: ReadonlyMap<string, number>): readonly Refusal[] {
  const open = plan.losses.filter((loss) => !loss.approved);
  const counts = new Map<string, number>();
  for (const { what, names } of open) counts.set(what, (counts.get(what) ?? 0) + names.length);
  const over = [...counts].filter(([what, count]) => count > (allowed.get(what) ?? 0));
  return over.map(([what, count]) => {
    const where = open.filter((loss) => loss.what === what);
    const list = where.map(({ change, names }) => `${change.address} (${names.join(', ')})`).join('; ');
    const limit = allowed.get(what);
    return {
      what,
      severity: 'error',
      code: 'unapproved-loss',
      message: `${count} × ${what} would be lost, and ${limit === undefined ? 'nothing approves it' : `only ${limit} are approved`}: ${list}`,
      help: `If that is meant, add ${[...counts].map(([one, number]) => `--allow-destroy ${one}=${number}`).join(' ')}`,
      ...(where[0]?.change.resource === undefined ? {} : { at: where[0].change.resource.locate([], 'name') }),
      ...(where[0] === undefined ? {} : { address: where[0].change.address }),
    };
  });
}
