import { operations, type OperationName, type ReadStream } from '../model/stream.ts';

const unreachable = 1_000_000;

/**
 * How many requests of each operation the app allows a server in a minute, as Stream tells; nothing of what is left of
 * the current minute, so that two plans of the same app say the same. Empty when Stream does not answer: limits only
 * inform.
 */
export async function appLimits(stream: ReadStream): Promise<ReadonlyMap<OperationName, number>> {
  try {
    const answer = await stream.read('GetRateLimits', { query: { server_side: true } });
    const told = answer['server_side'];
    if (typeof told !== 'object' || told === null) return new Map();
    const limits = new Map<OperationName, number>();
    for (const [name, value] of Object.entries(told)) {
      const limit: unknown = (value as { readonly limit?: unknown } | null)?.limit;
      if (!Object.hasOwn(operations, name) || typeof limit !== 'number') continue;
      // What nobody can reach is no limit: a stand-in that has none says so in this way.
      if (!(limit > 0 && limit < unreachable)) continue;
      limits.set(name as OperationName, limit);
    }
    return limits;
  } catch {
    return new Map();
  }
}
