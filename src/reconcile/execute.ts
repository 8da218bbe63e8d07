import type { Address } from '../model/address.ts';
import type { ApplyEvent } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { Step, StepId } from '../model/step.ts';
import { StreamFailure, type Stream } from '../model/stream.ts';
import { inPhases } from './order.ts';

/** Steps in flight at once; the connection below has its own limit of requests. */
const ABREAST = 16;
/** How often a step is sent when nobody knows what became of it. */
const TRIES = 4;
/** Stream's nodes may disagree about a new object for this long. */
const PROPAGATION_MS = 30_000;
const POLL_MS = 500;

/** What became of one step. */
export type StepResult =
  | { readonly status: 'done' }
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'skipped'; readonly because: string };

/** A step, or the part of a split one, and what became of it. */
interface Part {
  readonly step: Step;
  readonly result: StepResult;
}

/** What became of the steps, by the objects they cover. */
export interface Execution {
  readonly results: ReadonlyMap<StepId, StepResult>;
  /** Objects that did not get all their steps, with the reason. */
  readonly failed: ReadonlyMap<Address, StepResult>;
  /** True when at least one write reached Stream. */
  readonly wrote: boolean;
}

/**
 * Works the plan's steps off, phase by phase, and goes on past failures: what depends on a failed step or object is
 * skipped, a batch that Stream refuses is split until the guilty item stands alone. Never rejects for what Stream says.
 */
export async function execute(
  plan: Plan,
  stream: Stream,
  signal: AbortSignal | undefined,
  onEvent: (event: ApplyEvent) => void,
): Promise<Execution> {
  const run = new Run(plan, stream, signal, onEvent);
  onEvent({ type: 'started', steps: plan.steps.length });
  for (const phase of inPhases(plan.steps)) await run.phase(phase);
  return { results: run.results, failed: run.failed, wrote: run.wrote };
}

/** One execution, from its first step to its last. */
class Run {
  readonly results = new Map<StepId, StepResult>();
  readonly failed = new Map<Address, StepResult>();
  wrote = false;
  readonly #plan: Plan;
  readonly #stream: Stream;
  readonly #signal: AbortSignal | undefined;
  readonly #onEvent: (event: ApplyEvent) => void;
  /** Objects made in this run, with the time of the run's clock at which their step was done. */
  readonly #made = new Map<Address, { waited: number }>();
  readonly #needed: ReadonlySet<Address>;
  readonly #total: number;
  #done = 0;

  constructor(
    plan: Plan,
    stream: Stream,
    signal: AbortSignal | undefined,
    onEvent: (event: ApplyEvent) => void,
  ) {
    this.#plan = plan;
    this.#stream = this.#watched(stream);
    this.#signal = signal;
    this.#onEvent = onEvent;
    this.#needed = new Set([...plan.needs.values()].flat());
    this.#total = plan.steps.length;
  }

  /** A connection that remembers whether anything was written. */
  #watched(stream: Stream): Stream {
    return {
      read: (operation, input) => stream.read(operation, input),
      now: () => stream.now(),
      wait: (milliseconds) => stream.wait(milliseconds),
      write: async (operation, input) => {
        try {
          const answer = await stream.write(operation, input);
          this.wrote = true;
          return answer;
        } catch (error) {
          if (error instanceof StreamFailure && error.reason === 'unclear') this.wrote = true;
          throw error;
        }
      },
    };
  }

  async phase(steps: readonly Step[]): Promise<void> {
    const open = new Set(steps);
    const flying = new Map<Step, Promise<void>>();
    while (open.size > 0 || flying.size > 0) {
      for (const step of open) {
        if (flying.size >= ABREAST) break;
        if (!step.after.every((id) => this.results.has(id) || !steps.some((other) => other.id === id)))
          continue;
        open.delete(step);
        flying.set(
          step,
          this.#work(step).finally(() => flying.delete(step)),
        );
      }
      if (flying.size === 0) break;
      await Promise.race(flying.values());
    }
  }

  async #work(step: Step): Promise<void> {
    const parts = await this.#perform(step);
    const result = parts.find((part) => part.result.status !== 'done')?.result ?? { status: 'done' };
    this.results.set(step.id, result);
    this.#done++;
    const { id } = step;
    const [done, total] = [this.#done, this.#total];
    if (result.status === 'failed') {
      this.#onEvent({ type: 'failed', step: id, message: messageOf(result.error), done, steps: total });
    } else if (result.status === 'skipped') {
      this.#onEvent({ type: 'skipped', step: id, because: result.because, done, steps: total });
    } else {
      this.#onEvent({ type: 'sent', step: id, done, steps: total });
    }
  }

  /** Sends a step for the objects that nothing stands in the way of; a blocked one takes no other along. */
  async #perform(step: Step): Promise<readonly Part[]> {
    if (this.#signal?.aborted === true) return this.#settled([skipped(step, 'the run was interrupted')]);
    const obstacles = step.covers.flatMap((address) => this.#obstacle(address) ?? []);
    const [because] = obstacles;
    if (because === undefined) return this.#settled(await this.#send(step));
    const halves = obstacles.length < step.covers.length ? step.split?.() : undefined;
    if (halves === undefined) return this.#settled([skipped(step, because)]);
    const parts: Part[] = [];
    for (const half of halves) parts.push(...(await this.#perform(half)));
    return parts;
  }

  /** Why this object cannot be written: an earlier step of its own, or something that it needs. */
  #obstacle(address: Address): string | undefined {
    for (const one of [address, ...(this.#plan.needs.get(address) ?? [])]) {
      const trouble = this.failed.get(one);
      if (trouble !== undefined) return `${one} ${trouble.status === 'failed' ? 'failed' : 'was skipped'}`;
    }
    return undefined;
  }

  #settled(parts: readonly Part[]): readonly Part[] {
    for (const part of parts) this.#record(part);
    return parts;
  }

  #record({ step, result }: Part): void {
    for (const address of step.covers) {
      if (result.status === 'done') {
        if (step.effect === 'create') this.#made.set(address, { waited: 0 });
      } else if (this.failed.get(address)?.status !== 'failed') {
        this.failed.set(address, result);
      }
    }
  }

  /** Sends a step, or the halves of it when Stream refuses the whole, down to the guilty item. */
  async #send(step: Step): Promise<readonly Part[]> {
    const { error, wrote } = await this.#attempt(step);
    const refused =
      error instanceof StreamFailure && (error.reason === 'refused' || error.reason === 'missing');
    const halves = refused ? step.split?.() : undefined;
    if (halves !== undefined && this.#signal?.aborted !== true) {
      const parts: Part[] = [];
      for (const half of halves) parts.push(...(await this.#send(half)));
      return parts;
    }
    if (error !== undefined) return [{ step, result: failure(error, wrote) }];
    await this.#settle(step);
    return [{ step, result: { status: 'done' } }];
  }

  /** Sends a step until it is known to be done or refused; tells the failure, if it failed, and whether it wrote. */
  async #attempt(step: Step): Promise<{ readonly error?: unknown; readonly wrote: boolean }> {
    let wrote = false;
    const stream: Stream = {
      ...this.#stream,
      write: async (operation, input) => {
        const answer = await this.#stream.write(operation, input);
        wrote = true;
        return answer;
      },
    };
    for (let tries = 1; ; tries++) {
      try {
        await step.send(stream);
        return { wrote };
      } catch (error) {
        // A bug of ours fails its step and no other.
        if (!(error instanceof StreamFailure)) return { error, wrote };
        try {
          if (await this.#mayBePropagating(step, error)) {
            tries--;
            continue;
          }
          if (tries >= TRIES || !(error.reason === 'unclear' || error.reason === 'unsent'))
            return { error, wrote };
          await this.#stream.wait(POLL_MS * 2 ** (tries - 1));
          const asked = error.reason === 'unclear' && step.repeat !== 'safe';
          if (asked && (await step.repeat.doneWhen(this.#stream))) return { wrote: true };
        } catch (second) {
          return { error: second instanceof StreamFailure ? error : second, wrote };
        }
      }
    }
  }

  /** A refusal that names something missing, right after this run made what the step needs, is waited out. */
  async #mayBePropagating(step: Step, error: StreamFailure): Promise<boolean> {
    if (error.reason !== 'missing' && error.reason !== 'refused') return false;
    if (
      !/does not exist|don't exist|not a defined|can't find|could not find|was not found/i.test(error.message)
    )
      return false;
    const needs = [...step.covers, ...step.covers.flatMap((address) => this.#plan.needs.get(address) ?? [])];
    const fresh = needs.flatMap((address) => this.#made.get(address) ?? []);
    const young = fresh.filter(({ waited }) => waited < PROPAGATION_MS);
    if (young.length === 0) return false;
    this.#onEvent({ type: 'waiting', why: 'propagation', seconds: POLL_MS / 1000 });
    await this.#stream.wait(POLL_MS);
    for (const one of young) one.waited += POLL_MS;
    return true;
  }

  /** Waits until what was made can be seen, when something else needs it. */
  async #settle(step: Step): Promise<void> {
    if (step.settled === undefined || !this.#isNeeded(step)) return;
    try {
      for (let waited = 0; waited < PROPAGATION_MS; waited += POLL_MS) {
        if (await step.settled(this.#stream)) return;
        if (waited === 0)
          this.#onEvent({ type: 'waiting', why: 'propagation', seconds: PROPAGATION_MS / 1000 });
        await this.#stream.wait(POLL_MS);
      }
    } catch {
      // It was written; whether it can be seen yet, the steps that need it will find out.
    }
  }

  #isNeeded(step: Step): boolean {
    return (
      step.covers.some((address) => this.#needed.has(address)) ||
      this.#plan.steps.some(({ after }) => after.includes(step.id))
    );
  }
}

function skipped(step: Step, because: string): Part {
  return { step, result: { status: 'skipped', because } };
}

/** A step that was interrupted before it wrote anything was not begun; after that nobody may call it skipped. */
function failure(error: unknown, wrote: boolean): StepResult {
  if (!(error instanceof StreamFailure) || error.reason !== 'aborted') return { status: 'failed', error };
  if (!wrote) return { status: 'skipped', because: 'the run was interrupted' };
  const told = new StreamFailure('aborted', error.operation, 'interrupted after a part of it was sent');
  return { status: 'failed', error: told };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
