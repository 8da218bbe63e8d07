/** Lets so many requests be under way at once; the others wait for their turn, in order. */
export interface InFlight {
  /** Resolves when there is room, or when the signal aborts; only in the first case `leave` must follow. */
  enter(signal: AbortSignal | undefined): Promise<'aborted' | 'entered'>;
  leave(): void;
}

/** A gate with so many places. */
export function createInFlight(most: number): InFlight {
  let underWay = 0;
  const queue: (() => void)[] = [];
  return {
    enter: async (signal) => {
      if (signal?.aborted === true) return 'aborted';
      if (underWay < most) {
        underWay += 1;
        return 'entered';
      }
      return new Promise((resolve) => {
        queue.push(turn);
        signal?.addEventListener('abort', stop);
        function turn(): void {
          signal?.removeEventListener('abort', stop);
          resolve('entered');
        }
        function stop(): void {
          signal?.removeEventListener('abort', stop);
          queue.splice(queue.indexOf(turn), 1);
          resolve('aborted');
        }
      });
    },
    // A place that is given on stays taken.
    leave: () => {
      const next = queue.shift();
      if (next === undefined) underWay -= 1;
      else next();
    },
  };
}
