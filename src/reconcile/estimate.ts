import type { Address } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import type { Estimate, Plan } from '../model/plan.ts';
import { shareOf, usualQuota } from '../model/quota.ts';
import type { Step } from '../model/step.ts';
import { operations, type OperationName, type ReadOperation } from '../model/stream.ts';
import { inPhases } from './order.ts';

/** What an estimate goes by besides the plan. */
export interface Pace {
  /** Limits per minute where the app tells them; Stream's defaults hold elsewhere. */
  readonly limits: ReadonlyMap<OperationName, number>;
  /** The share of each limit that the run uses. */
  readonly quota?: number | undefined;
  /** Every read that the plan was made with: an apply asks the same of what it touches, before and after. */
  readonly reads: readonly ReadOperation[];
}

/**
 * How long an apply takes when nothing but Stream's limits holds it up: what it changes is read again, the phases follow
 * each other, and what it touched is read back. It begins with a minute that nobody has used, which is the slowest
 * beginning there is, so that two plans of the same app say the same.
 */
export function estimateOf(
  { changes, needs, steps }: Pick<Plan, 'changes' | 'needs' | 'steps'>,
  { limits, quota = usualQuota, reads }: Pace,
): Estimate {
  if (steps.length === 0) return { seconds: 0 };
  const send = sender(limits, quota);
  const touched = changes.filter(({ action }) => action !== 'keep');
  const existing = touched.filter(({ action }) => action !== 'create');
  const needed = new Set([...needs.values()].flat());

  let time = send(0, partOf(reads, existing, changes));
  for (const phase of inPhases(steps)) {
    time = send(
      time,
      phase.flatMap(({ requests }) => requests.flatMap((name) => [name, ...(along[name] ?? [])])),
    );
    if (phase.some((step) => isWaitedFor(step, needed))) time = send(time + unseenMs, []);
  }
  time = send(time, partOf(reads, touched, changes));
  return { seconds: Math.max(1, Math.ceil(time / 1000)) };
}

/** Reads that go along with a write: who is there already, and how far a task has come. */
const along: Readonly<Partial<Record<OperationName, readonly ReadOperation[]>>> = {
  UpdateUsers: ['QueryUsers'],
  DeactivateUsers: ['GetTask', 'GetTask'],
  ReactivateUsers: ['GetTask', 'GetTask'],
  DeleteUsers: ['GetTask', 'GetTask'],
  DeleteChannels: ['GetTask', 'GetTask'],
};

/** How long it takes until several looks in a row have shown what is new. */
const unseenMs = 2_000;
const minute = 60_000;

function isWaitedFor({ covers, settled }: Step, needed: ReadonlySet<Address>): boolean {
  return settled !== undefined && covers.some((address) => needed.has(address));
}

/** The reads for these changes, when those for all of them are known. */
function partOf(
  reads: readonly ReadOperation[],
  some: readonly Change[],
  all: readonly Change[],
): readonly ReadOperation[] {
  if (some.length === 0) return [];
  const counts = new Map<ReadOperation, number>();
  for (const name of reads) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].flatMap(([name, count]) =>
    Array.from({ length: Math.ceil((count * some.length) / all.length) }, () => name),
  );
}

/** Tells when the last of these requests leaves if they may leave from `start` on; remembers what it told before. */
function sender(
  limits: Pace['limits'],
  quota: number,
): (start: number, requests: readonly OperationName[]) => number {
  const states = new Map<OperationName, { due: number; minute: number; used: number }>();
  return (start, requests) => {
    let end = start;
    for (const name of requests) {
      const share = shareOf(limits.get(name) ?? operations[name].perMinute, quota);
      const state = states.get(name) ?? { due: 0, minute: 0, used: 0 };
      const isUsedUp = state.used >= share.perMinute;
      const at = Math.max(start, state.due, isUsedUp ? (state.minute + 1) * minute : 0);
      const now = Math.floor(at / minute);
      const used = now === state.minute ? state.used + 1 : 1;
      states.set(name, { due: at + share.apartMs, minute: now, used });
      end = Math.max(end, at);
    }
    return end;
  };
}
