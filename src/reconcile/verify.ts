import { pathKey, type Address } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { Kind, Registry } from '../model/kind.ts';
import type { ApplyEvent, Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { ReadStream, Stream } from '../model/stream.ts';
import { diff } from './diff.ts';
import { makePlan } from './plan.ts';
import { unitOf } from './units.ts';

/** Pauses before each further look: Stream's nodes may disagree about a write for 30 seconds. */
const LOOKS_MS = [250, 1000, 4000, 10_000, 15_000] as const;

/** What reading everything again after an apply found. */
export interface Verification {
  /** `converged`: all was applied and a second plan is empty; `unknown`: not all was, or it could not be read. */
  readonly verified: 'converged' | 'differs' | 'unknown';
  /** The second plan, when it is not empty: what is left of what was sent, and what others changed. */
  readonly remaining?: Plan;
  /** What changed while the apply ran, and was not in the plan. */
  readonly moved: readonly Diagnostic[];
}

/**
 * Plans again, all of it: what was written must be as it was sent, and nothing else may have moved. What Stream answered
 * to the writes is believed before a read that may lag, so what differs is looked at again for half a minute.
 */
export async function verify(
  plan: Plan,
  outcomes: readonly Outcome[],
  registry: Registry,
  { reader, stream }: { readonly reader: ReadStream; readonly stream: Stream },
  onEvent: (event: ApplyEvent) => void,
): Promise<Verification> {
  const complete = outcomes.every(({ status }) => status === 'applied');
  const applied = outcomes.filter(({ status }) => status === 'applied').map(({ change }) => change);
  if (applied.length === 0) return { verified: complete ? 'converged' : 'unknown', moved: [] };
  onEvent({ type: 'verifying' });
  // A reset is asked for again for as long as its line stands, and what did not get through is not there.
  const skipped = new Set(
    outcomes
      .filter(({ status, change }) => status !== 'applied' || isReset(change))
      .map(({ change }) => change.address),
  );
  try {
    let now = await makePlan(plan.manifest, registry, reader);
    const moved = movedBeside(plan, applied, now, registry);
    for (const pause of LOOKS_MS) {
      const left = leftIn(now, skipped);
      if (left.length === 0 && !hasErrors(now.diagnostics)) break;
      await stream.wait(pause);
      // Errors are about the manifests as a whole, which nothing smaller than all of them can tell.
      const only = hasErrors(now.diagnostics) ? {} : { only: new Set(left.map(({ address }) => address)) };
      now = await makePlan(plan.manifest, registry, reader, only);
    }
    const left = leftIn(now, skipped);
    const touched = new Set(outcomes.map(({ change }) => change.address));
    const others = left.filter(({ address }) => !touched.has(address)).map((change) => movedObject(change));
    if (left.length === 0 && !hasErrors(now.diagnostics))
      return { verified: complete ? 'converged' : 'unknown', moved };
    const shown = {
      ...now,
      changes: now.changes.filter((change) => change.action === 'keep' || left.includes(change)),
    };
    return { verified: 'differs', remaining: shown, moved: [...moved, ...others] };
  } catch {
    // Whatever went wrong, the outcomes are known and must be told.
    return { verified: 'unknown', moved: [] };
  }
}

function leftIn({ changes }: Plan, skipped: ReadonlySet<Address>): readonly Change[] {
  return changes.filter(({ action, address }) => action !== 'keep' && !skipped.has(address));
}

function isReset(change: Change): boolean {
  return change.action === 'delete' && change.how === 'reset';
}

/** Values beside the planned ones that are not what they were: nobody asked for that. */
function movedBeside(
  plan: Plan,
  applied: readonly Change[],
  now: Plan,
  registry: Registry,
): readonly Diagnostic[] {
  const kinds = new Map(registry.kinds.map((kind) => [kind.name, kind]));
  return applied.flatMap((change): readonly Diagnostic[] => {
    const kind = kinds.get(change.kind);
    const read = now.world.read(change.address);
    if (kind === undefined || change.action !== 'update' || read?.state !== 'present') return [];
    const paths = pathsBeside(change, read.live, kind);
    if (paths.length === 0) return [];
    return [
      {
        severity: 'warning',
        code: 'moved-meanwhile',
        message: `${paths.join(', ')} of ${change.address} changed while this apply ran, and was not in the plan`,
        help: 'Somebody else changed it, or Stream did along with what was asked for. It was left as it is.',
        at: change.resource.locate([], 'name'),
        address: change.address,
      },
    ];
  });
}

function pathsBeside(
  { live, fields }: Extract<Change, { readonly action: 'update' }>,
  now: unknown,
  kind: Kind,
): readonly string[] {
  const planned = new Set(fields.map((field) => pathKey(unitOf(field, kind))));
  const moves = diff(live as object, now as object, kind.schema);
  const units = moves.map((move) => unitOf(move, kind)).filter((unit) => !planned.has(pathKey(unit)));
  return [...new Set(units.map((unit) => unit.join('.')))];
}

function movedObject(change: Change): Diagnostic {
  const at = change.action === 'delete' ? change.removal.at : change.resource?.locate([], 'name');
  return {
    severity: 'warning',
    code: 'moved-meanwhile',
    message: `${change.address} changed while this apply ran, and was not in the plan`,
    help: 'Somebody else changed it. Plan again to see what is different now.',
    ...(at === undefined ? {} : { at }),
    address: change.address,
  };
}
