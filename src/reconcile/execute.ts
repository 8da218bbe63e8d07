import type { Address } from '../model/address.ts';
import { JournalFailure, type Journal, type JournalEntry } from '../model/journal.ts';
import type { ApplyEvent } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { Step, StepId } from '../model/step.ts';
import { StreamFailure, type Stream } from '../model/stream.ts';
import type { Freshness } from './moved.ts';
import { inPhases } from './order.ts';
import { Settling } from './settling.ts';

/** Steps in flight at once; the connection below has its own limit of requests. */
const ABREAST = 64;
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

/** What a run goes by besides the plan. */
export interface Execute {
  readonly stream: Stream;
  readonly freshness: Freshness;
  /** Once aborted nothing more is sent; what is under way is finished. */
  readonly signal?: AbortSignal;
  /** Every step is written down before it is sent, and again when it is known what became of it. */
  readonly journal?: Journal;
  /** Why nothing more may be sent, as soon as that is so: somebody else took the app over. */
  readonly obstacle?: () => string | undefined;
  onEvent(event: ApplyEvent): void;
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
export async function execute(plan: Plan, options: Execute): Promise<Execution> {
  const run = new Run(plan, options);
  options.onEvent({ type: 'started', steps: plan.steps.length });
  for (const phase of inPhases(plan.steps)) await run.phase(phase);
  return { results: run.results, failed: run.failed, wrote: run.wrote };
}

/** One execution, from its first step to its last. */
class Run {
  readonly results = new Map<StepId, StepResult>();
  readonly failed = new Map<Address, StepResult>();
  wrote = false;
  readonly #plan: Plan;
  readonly #options: Execute;
  readonly #stream: Stream;
  readonly #settling: Settling;
  /** Objects made in this run, with the time of the run's clock at which they were. */
  readonly #made = new Map<Address, number>();
  /** The same for objects that were changed or deleted. */
  readonly #changed = new Map<Address, number>();
  readonly #needed: ReadonlySet<Address>;
  /** What was made and is needed, with the moment from which every node shows it. */
  readonly #seen = new Map<Address, Promise<void>>();
  readonly #total: number;
  /** Why nothing more is written down, and therefore nothing more is sent. */
  #unwritten: string | undefined;
  /** An object that was to be narrowed and was not. */
  #unclosed: Address | undefined;
  /** Steps of this phase that are under way, and those that follow. */
  #flying: ReadonlyMap<Step, unknown> = new Map();
  #open: ReadonlySet<Step> = new Set();
  #done = 0;

  constructor(plan: Plan, options: Execute) {
    this.#plan = plan;
    this.#options = options;
    this.#stream = this.#watched(options.stream);
    this.#settling = new Settling(options.stream, () => {
      options.onEvent({ type: 'waiting', why: 'propagation', seconds: PROPAGATION_MS / 1000 });
    });
    this.#needed = new Set([...plan.needs.values()].flat());
    this.#total = plan.steps.length;
  }

  /** A connection that remembers whether anything was written. */
  #watched(stream: Stream): Stream {
    return {
      read: (operation, input) => stream.read(operation, input),
      now: () => stream.now(),
      wait: (milliseconds) => stream.wait(milliseconds),
      write: async (operation, input, before) => {
        try {
          const answer = await stream.write(operation, input, before);
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
    const here = new Set(steps.map(({ id }) => id));
    this.#open = open;
    const flying = new Map<Step, Promise<void>>();
    this.#flying = flying;
    while (open.size > 0 || flying.size > 0) {
      for (const step of open) {
        if (flying.size >= ABREAST) break;
        if (!step.after.every((id) => this.results.has(id) || !here.has(id))) continue;
        open.delete(step);
        flying.set(
          step,
          this.#work(step).finally(() => flying.delete(step)),
        );
      }
      if (flying.size === 0) break;
      await Promise.race(flying.values());
    }
    for (const step of steps) this.#settle(step);
  }

  async #work(step: Step): Promise<void> {
    const parts = await this.#perform(step);
    for (const part of parts) if (part.result.status === 'skipped') await this.#writeResult(part, step.id);
    const result = parts.find((part) => part.result.status !== 'done')?.result ?? { status: 'done' };
    this.results.set(step.id, result);
    this.#done++;
    const { id } = step;
    const [done, total] = [this.#done, this.#total];
    if (result.status === 'failed') {
      this.#options.onEvent({
        type: 'failed',
        step: id,
        message: messageOf(result.error),
        done,
        steps: total,
      });
    } else if (result.status === 'skipped') {
      this.#options.onEvent({ type: 'skipped', step: id, because: result.because, done, steps: total });
    } else {
      this.#options.onEvent({ type: 'sent', step: id, done, steps: total });
    }
  }

  /** Sends a step for the objects that nothing stands in the way of; a blocked one takes no other along. */
  async #perform(step: Step, whole: StepId = step.id): Promise<readonly Part[]> {
    const stopped = this.#stopped() ?? this.#leftOpen(step);
    if (stopped !== undefined) return this.#settled([skipped(step, stopped)]);
    const needs = step.covers.flatMap((address) => this.#plan.needs.get(address) ?? []);
    await Promise.all(needs.flatMap((address) => this.#seen.get(address) ?? []));
    await this.#lookAgain(step);
    const obstacles = step.covers.flatMap((address) => this.#obstacle(address) ?? []);
    const [because] = obstacles;
    if (because === undefined) return this.#settled(await this.#send(step, whole));
    const halves = obstacles.length < step.covers.length ? step.split?.() : undefined;
    if (halves === undefined) return this.#settled([skipped(step, because)]);
    const parts: Part[] = [];
    for (const half of halves) parts.push(...(await this.#perform(half, whole)));
    return parts;
  }

  /** Why nothing more is sent at all. */
  #stopped(): string | undefined {
    const { obstacle, signal } = this.#options;
    return signal?.aborted === true ? 'the run was interrupted' : (this.#unwritten ?? obstacle?.());
  }

  /**
   * What may be done is what several objects allow together: a role's grants, who holds it, a type, its channels, the
   * app. So as long as anything that was to be closed is not, nothing is opened, and nothing new is made.
   */
  #leftOpen({ effect }: Step): string | undefined {
    const opens = effect === 'widen' || effect === 'update' || effect === 'create' || effect === 'exchange';
    if (!opens || this.#unclosed === undefined) return undefined;
    return `${this.#unclosed} was to be narrowed first and was not, so nothing is opened`;
  }

  /** What somebody changed since the plan is left to them. */
  async #lookAgain(step: Step): Promise<void> {
    const [flying, open] = [this.#flying, this.#open];
    // Those under way wait for their turn, and will be asked about once more, before any that follows.
    const next = function* (): Iterable<Address> {
      for (const { covers } of flying.keys()) yield* covers;
      for (const { covers } of open) yield* covers;
    };
    let because = 'somebody changed it since the plan, so it was left alone';
    let moved: ReadonlySet<Address>;
    try {
      moved = await this.#options.freshness.moved(step.covers, next);
    } catch (error) {
      if (!(error instanceof StreamFailure)) throw error;
      because = this.#stopped() ?? `it could not be read again before it was written: ${error.message}`;
      moved = new Set(step.covers);
    }
    for (const address of moved) {
      if (!this.failed.has(address)) this.failed.set(address, { status: 'skipped', because });
    }
  }

  /** Why this object cannot be written: an earlier step of its own, or something that it needs. */
  #obstacle(address: Address): string | undefined {
    for (const one of [address, ...(this.#plan.needs.get(address) ?? [])]) {
      const trouble = this.failed.get(one);
      if (trouble === undefined) continue;
      if (one === address && trouble.status === 'skipped') return trouble.because;
      return `${one} ${trouble.status === 'failed' ? 'failed' : 'was skipped'}`;
    }
    return undefined;
  }

  #settled(parts: readonly Part[]): readonly Part[] {
    for (const part of parts) this.#record(part);
    return parts;
  }

  /** Writes down what is about to be sent, and says why it may not be sent when that is not possible. */
  async #announce({ covers }: Step, whole: StepId): Promise<string | undefined> {
    await this.#write({ type: 'sending', time: this.#time(), step: whole, covers });
    return this.#stopped();
  }

  async #writeResult({ step, result }: Part, whole: StepId): Promise<void> {
    const type = result.status;
    const because =
      result.status === 'failed'
        ? { because: messageOf(result.error) }
        : result.status === 'skipped'
          ? { because: result.because }
          : {};
    await this.#write({ type, time: this.#time(), step: whole, covers: step.covers, ...because });
  }

  async #write(entry: JournalEntry): Promise<void> {
    if (this.#unwritten !== undefined) return;
    try {
      await this.#options.journal?.append(entry);
    } catch (error) {
      if (!(error instanceof JournalFailure)) throw error;
      this.#unwritten = error.message;
    }
  }

  #time(): string {
    return new Date(this.#stream.now()).toISOString();
  }

  #record({ step, result }: Part): void {
    const closes = step.effect === 'narrow' || step.effect === 'exchange';
    if (closes && result.status !== 'done') this.#unclosed ??= step.covers[0];
    for (const address of step.covers) {
      if (result.status === 'done') {
        (step.effect === 'create' ? this.#made : this.#changed).set(address, this.#stream.now());
      } else if (this.failed.get(address)?.status !== 'failed') {
        this.failed.set(address, result);
      }
    }
  }

  /** Sends a step, or the halves of it when Stream refuses the whole, down to the guilty item. */
  async #send(step: Step, whole: StepId): Promise<readonly Part[]> {
    const parts = await this.#sendOrSplit(step, whole);
    // A split step is written down by its parts.
    for (const part of parts)
      if (part.step === step && part.result.status !== 'skipped') await this.#writeResult(part, whole);
    return parts;
  }

  async #sendOrSplit(step: Step, whole: StepId): Promise<readonly Part[]> {
    const stopped = await this.#announce(step, whole);
    if (stopped !== undefined) return [skipped(step, stopped)];
    const { error, wrote } = await this.#attempt(step);
    // What stands in its way by now is known, so a part of it may still go.
    if (error instanceof KeptBack && !wrote) return this.#perform(step, whole);
    const refused =
      error instanceof StreamFailure && (error.reason === 'refused' || error.reason === 'missing');
    const halves = refused ? step.split?.() : undefined;
    if (halves !== undefined && this.#stopped() === undefined) {
      const parts: Part[] = [];
      for (const half of halves) parts.push(...(await this.#send(half, whole)));
      return parts;
    }
    if (error !== undefined) return [{ step, result: failure(error, wrote) }];
    return [{ step, result: { status: 'done' } }];
  }

  /** A request may have waited a minute for its turn: right before it leaves, everything is asked once more. */
  async #lastLook(step: Step): Promise<void> {
    const stopped = this.#stopped();
    if (stopped !== undefined) throw new KeptBack(stopped);
    await this.#lookAgain(step);
    const moved = step.covers.flatMap((address) => this.failed.get(address) ?? []);
    for (const one of moved) if (one.status === 'skipped') throw new KeptBack(one.because);
  }

  /** Sends a step until it is known to be done or refused; tells the failure, if it failed, and whether it wrote. */
  async #attempt(step: Step): Promise<{ readonly error?: unknown; readonly wrote: boolean }> {
    let wrote = false;
    const stream: Stream = {
      ...this.#stream,
      write: async (operation, input) => {
        const stopped = this.#stopped();
        if (stopped !== undefined) throw new KeptBack(stopped);
        const answer = await this.#stream.write(operation, input, () => this.#lastLook(step));
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

  /**
   * A refusal that names something missing, right after this run made what the step needs, is waited out; and so is
   * any refusal of a deletion, right after this run took away what stood in its way.
   */
  async #mayBePropagating(step: Step, error: StreamFailure): Promise<boolean> {
    if (error.reason !== 'missing' && error.reason !== 'refused') return false;
    const isDelete = step.effect === 'delete';
    if (
      !isDelete &&
      !/does not exist|don't exist|not a defined|can't find|could not find|was not found/i.test(error.message)
    )
      return false;
    const needs = [...step.covers, ...step.covers.flatMap((address) => this.#plan.needs.get(address) ?? [])];
    const fresh = needs.flatMap((address) => (isDelete ? this.#changed : this.#made).get(address) ?? []);
    if (!fresh.some((doneAt) => this.#stream.now() - doneAt < PROPAGATION_MS)) return false;
    this.#options.onEvent({ type: 'waiting', why: 'propagation', seconds: POLL_MS / 1000 });
    await this.#stream.wait(POLL_MS);
    return true;
  }

  /** Waits until what was made can be seen, when something else needs it. */
  #settle(step: Step): void {
    if (step.settled === undefined || this.results.get(step.id)?.status !== 'done') return;
    const needed = step.covers.filter((address) => this.#needed.has(address));
    if (needed.length === 0) return;
    const seen = this.#settling.wait(step);
    for (const address of needed) this.#seen.set(address, seen);
  }
}

function skipped(step: Step, because: string): Part {
  return { step, result: { status: 'skipped', because } };
}

/** Why a request was kept back, or what was to follow a part that was sent. */
export class KeptBack extends Error {
  override readonly name = 'KeptBack';
}

/** A step that was interrupted before it wrote anything was not begun; after that nobody may call it skipped. */
function failure(error: unknown, wrote: boolean): StepResult {
  if (error instanceof KeptBack)
    return { status: 'failed', error: new KeptBack(`${error.message}, after a part of it was sent`) };
  if (!(error instanceof StreamFailure) || error.reason !== 'aborted') return { status: 'failed', error };
  if (!wrote) return { status: 'skipped', because: 'the run was interrupted' };
  const told = new StreamFailure('aborted', error.operation, 'interrupted after a part of it was sent');
  return { status: 'failed', error: told };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
