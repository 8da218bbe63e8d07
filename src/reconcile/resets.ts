import type { Change } from '../model/change.ts';
import { JournalFailure, type Journal } from '../model/journal.ts';
import type { Registry } from '../model/kind.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { StreamFailure, type ReadStream } from '../model/stream.ts';
import { diff } from './diff.ts';
import { makePlan } from './plan.ts';

type Reset = Extract<Change, { readonly action: 'delete' }>;

/**
 * Writes down what resets left behind: Stream's defaults are an app's own, so nobody can know them before, and the way
 * back needs them.
 */
export async function noteResets(
  plan: Plan,
  outcomes: readonly Outcome[],
  registry: Registry,
  reader: ReadStream,
  journal: Journal,
): Promise<void> {
  const resets = outcomes.flatMap(({ status, change }): readonly Reset[] =>
    status === 'applied' && change.action === 'delete' && change.how === 'reset' ? [change] : [],
  );
  if (resets.length === 0) return;
  try {
    const now = await makePlan(plan.manifest, registry, reader, {
      only: new Set(resets.map(({ address }) => address)),
    });
    for (const { address, kind: name, live } of resets) {
      const read = now.world.read(address);
      const kind = registry.kinds.find((one) => one.name === name);
      if (read?.state !== 'present' || kind === undefined) continue;
      const fields = diff(live as object, read.live as object, kind.schema);
      await journal.append({ type: 'left', address, fields });
    }
  } catch (error) {
    // A rollback will say that nobody wrote it down.
    if (!(error instanceof StreamFailure || error instanceof JournalFailure)) throw error;
  }
}
