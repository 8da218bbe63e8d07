import type { Change } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { grouped } from '../model/grouped.ts';
import type { Kind } from '../model/kind.ts';
import type { Plan, PlannedLoss } from '../model/plan.ts';

/**
 * Everything of value that these changes destroy. A merged `removed:` line approves what it names, and nothing else;
 * nobody merged what a rollback takes away.
 */
export function lossesOf(
  changes: readonly Change[],
  kinds: ReadonlyMap<string, Kind>,
): readonly PlannedLoss[] {
  return changes.flatMap((change): readonly PlannedLoss[] => {
    const { kind: what, key } = change;
    const itself =
      change.action === 'delete'
        ? [{ what, names: [key], change, approved: change.removal.undoes === undefined }]
        : [];
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
  // What prevent_destroy shields is refused for good: no flag would help, so none is offered.
  const open = plan.losses.filter(
    ({ approved, change }) => !approved && change.resource?.lifecycle.prevent_destroy !== true,
  );
  const groups = [...grouped(open, ({ what }) => what)].map(([what, losses]) => ({
    what,
    losses,
    count: losses.reduce((sum, { names }) => sum + names.length, 0),
  }));
  const flags = groups.map(({ what, count }) => `--allow-destroy ${what}=${count}`).join(' ');
  return groups
    .filter(({ what, count }) => count > (allowed.get(what) ?? 0))
    .map(({ what, losses, count }): Refusal => {
      const limit = allowed.get(what);
      const approval = limit === undefined ? 'nothing approves it' : `the approval is for ${limit}`;
      const shown = losses.slice(0, MOST).map(({ change, names }) => `${change.address} (${someOf(names)})`);
      const more = losses.length - shown.length;
      const where = [...shown, ...(more > 0 ? [`${more} more objects`] : [])].join('; ');
      const [first] = losses;
      return {
        what,
        severity: 'error',
        code: 'unapproved-loss',
        message: `${count} ${what}${count === 1 ? '' : 's'} would be lost, and ${approval}: ${where}`,
        help: `If that is meant, add ${flags}`,
        ...(first?.change.resource === undefined ? {} : { at: first.change.resource.locate([], 'name') }),
        ...(first === undefined ? {} : { address: first.change.address }),
      };
    });
}

/** The plan spells every name out where it changes; a message names a few. */
const MOST = 5;

/** A few names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length - MOST;
  return [...names.slice(0, MOST), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
