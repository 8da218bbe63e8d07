import type { Step } from '../model/step.ts';
import type { Input, ReadOperation, Stream } from '../model/stream.ts';

/**
 * Stream's nodes disagree about a new type for up to half a minute, and each read may be answered by another one. So
 * what was made counts as seen once several reads in a row show it. All steps that wait do so together: one round of
 * reads serves them all, however many they are.
 */
const AGREEING = 5;
const POLL_MS = 500;
const PATIENCE_MS = 30_000;

interface Waiting {
  readonly step: Step;
  readonly resolve: () => void;
  agreeing: number;
  waited: number;
}

/** Waits for what was made to be seen by every node. */
export class Settling {
  readonly #stream: Stream;
  readonly #onWait: () => void;
  readonly #waiting = new Set<Waiting>();
  #polling = false;

  constructor(stream: Stream, onWait: () => void) {
    this.#stream = stream;
    this.#onWait = onWait;
  }

  /** Resolves once the step can be seen, or when it is no use to wait: steps that need it will find out. */
  wait(step: Step): Promise<void> {
    if (step.settled === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.add({ step, resolve, agreeing: 0, waited: 0 });
      if (!this.#polling) void this.#poll();
    });
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    try {
      while (this.#waiting.size > 0) {
        await this.#round();
        if (this.#waiting.size > 0) await this.#stream.wait(POLL_MS);
      }
    } catch {
      // It was written; the run was stopped, or Stream cannot be read: those who wait need not wait longer.
      for (const one of this.#waiting) this.#end(one);
    } finally {
      this.#polling = false;
    }
  }

  async #round(): Promise<void> {
    const stream = sharedReads(this.#stream);
    const all = [...this.#waiting];
    const seen = await Promise.all(all.map(async ({ step }) => (await step.settled?.(stream)) ?? true));
    for (const [index, one] of all.entries()) {
      one.agreeing = seen[index] === true ? one.agreeing + 1 : 0;
      if (seen[index] !== true && one.waited === 0) this.#onWait();
      one.waited += POLL_MS;
      if (one.agreeing >= AGREEING || one.waited >= PATIENCE_MS) this.#end(one);
    }
  }

  #end(one: Waiting): void {
    this.#waiting.delete(one);
    one.resolve();
  }
}

/** A stream that asks the same question once. */
function sharedReads(stream: Stream): Stream {
  const asked = new Map<string, ReturnType<Stream['read']>>();
  return {
    ...stream,
    read: (operation: ReadOperation, input?: Input) => {
      const question = JSON.stringify([operation, input]);
      const answer = asked.get(question) ?? stream.read(operation, input);
      asked.set(question, answer);
      return answer;
    },
  };
}
