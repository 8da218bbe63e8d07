/** Something that goes wrong with a request, as data, so that it can come from a file. */
export interface Fault {
  /** The operation it hits, by Stream's name (`QueryChannels`); absent: any. */
  readonly operation?: string;
  /** How many matching requests pass first. */
  readonly skip?: number;
  /** How many it then hits; default 1. */
  readonly times?: number;
  /**
   * What happens. `…-before` loses the request, `…-after` loses only the answer: the work was done. `truncate` sends
   * half an answer, `html` and `not-json-429` answer like an edge in front of the service. `stale` answers a read as
   * it was answered the last time, like a node that lags behind; what was never asked before is answered as usual.
   */
  readonly kind:
    | 'status'
    | 'rate-limit'
    | 'reset-before'
    | 'reset-after'
    | 'timeout-before'
    | 'timeout-after'
    | 'truncate'
    | 'html'
    | 'delay'
    | 'not-json-429'
    | 'stale';
  /** HTTP status of `status` (default 500) and `html` (default 502). */
  readonly status?: number;
  /** Stream's code of a `status` answer, default -1. */
  readonly code?: number;
  readonly message?: string;
  /** How long `delay` holds the answer back, in milliseconds; default 1000. */
  readonly delayMs?: number;
  /** When the limit of `rate-limit` and `not-json-429` resets, in milliseconds from now; default 1000. */
  readonly resetAfterMs?: number;
}

/** The faults waiting to happen; the first one that matches a request is the one that hits it. */
export interface FaultPlan {
  add(fault: Fault): void;
  clear(): void;
  /** The fault this request meets, which is then used up by one. */
  next(operation: string): Fault | undefined;
}

/** A plan holding the given faults. */
export function createFaultPlan(faults: readonly Fault[] = []): FaultPlan {
  let waiting: { readonly fault: Fault; skip: number; times: number }[] = [];
  const add = (fault: Fault): void => {
    waiting.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
  };
  for (const fault of faults) add(fault);
  return {
    add,
    clear() {
      waiting = [];
    },
    next(operation) {
      for (const one of waiting) {
        if (one.times <= 0 || (one.fault.operation ?? operation) !== operation) continue;
        if (one.skip > 0) {
          one.skip -= 1;
          continue;
        }
        one.times -= 1;
        return one.fault;
      }
      return undefined;
    },
  };
}
