import { pathKey } from '../model/address.ts';
import type { Change, FieldChange, Update } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Kind, Registry } from '../model/kind.ts';
import type { Plan } from '../model/plan.ts';
import type { ReadStream } from '../model/stream.ts';
import { diff } from './diff.ts';
import { makePlan } from './plan.ts';
import { isWrittenOneByOne, unitOf } from './units.ts';

/**
 * The objects about to be changed or deleted that are not any more what the plan says: read again right before the
 * first write, because minutes may have passed while somebody thought about the question. What moved in parts that the
 * plan does not touch is left alone and does not count.
 */
export async function movedSince(
  plan: Plan,
  registry: Registry,
  reader: ReadStream,
): Promise<readonly Diagnostic[]> {
  const touched = plan.changes.filter(({ action }) => action === 'update' || action === 'delete');
  if (touched.length === 0) return [];
  const only = new Set(touched.map(({ address }) => address));
  const again = await makePlan(plan.manifest, registry, reader, {
    only,
    sendWriteOnly: [...only].filter((address) => sendsAgain(plan, address)),
  });
  const now = new Map(again.changes.map((change) => [change.address, change]));
  const kinds = new Map(registry.kinds.map((kind) => [kind.name, kind]));
  return touched.flatMap((change): readonly Diagnostic[] => {
    const kind = kinds.get(change.kind);
    if (kind === undefined || !hasMoved(change, now.get(change.address), kind)) return [];
    const at = change.action === 'delete' ? change.removal.at : change.resource?.locate([], 'name');
    return [
      {
        severity: 'error',
        code: 'moved-since-plan',
        message: `${change.address} is not what the plan says any more: somebody changed it in the meantime`,
        help: 'Nothing was written. Plan again, and read what is different now.',
        ...(at === undefined ? {} : { at }),
        address: change.address,
      },
    ];
  });
}

function sendsAgain(plan: Plan, address: string): boolean {
  return plan.changes.some(
    (change) => change.address === address && change.action === 'update' && change.fields.length === 0,
  );
}

function hasMoved(change: Change, now: Change | undefined, kind: Kind): boolean {
  if (now === undefined || now.action !== change.action) return true;
  if (change.action !== 'update' || now.action !== 'update') return false;
  if (JSON.stringify(change.fields) !== JSON.stringify(now.fields)) return true;
  const moves = diff(change.live as object, now.live as object, kind.schema);
  return moves.some((move) => isTouched(move, change, kind));
}

/** Stream takes some values only whole, so what lies beside a planned difference in the same unit would be overwritten. */
function isTouched(move: FieldChange, change: Update<unknown, unknown>, kind: Kind): boolean {
  const unit = pathKey(unitOf(move, kind));
  const beside = change.fields.filter((field) => pathKey(unitOf(field, kind)) === unit);
  if (!isWrittenOneByOne(move, kind)) return beside.length > 0;
  const planned = new Set(beside.flatMap(elementsIn));
  return elementsIn(move).some((name) => planned.has(name));
}

function elementsIn(field: FieldChange): readonly string[] {
  if (field.op !== 'elements') return field.path.slice(1, 2);
  return [...field.added, ...field.removed].map(({ name }) => name);
}
