/** What the emulator knows of time. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** How long a write stays invisible to other operations, in milliseconds. */
  readonly propagationMs: number;
}

/**
 * Named objects whose writes reach other operations late, as on the real service, whose nodes disagree for up to
 * half a minute after a write. The writing operations work on the fresh value, everything else on the seen one.
 */
export class Replicated<T> {
  readonly #clock: Clock;
  readonly #fresh = new Map<string, T>();
  readonly #stale = new Map<string, { readonly value: T | undefined; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The newest value, as the node that wrote it has it. */
  fresh(name: string): T | undefined {
    return this.#fresh.get(name);
  }

  /** All newest values, oldest name first. */
  allFresh(): readonly T[] {
    return [...this.#fresh.values()];
  }

  /** The value as other operations see it now. */
  seen(name: string): T | undefined {
    const stale = this.#stale.get(name);
    if (stale === undefined) return this.#fresh.get(name);
    if (this.#clock.now() < stale.until) return stale.value;
    this.#stale.delete(name);
    return this.#fresh.get(name);
  }

  /** All values as other operations see them now. */
  allSeen(): readonly T[] {
    if (this.#stale.size === 0) return [...this.#fresh.values()];
    const names = new Set([...this.#fresh.keys(), ...this.#stale.keys()]);
    return [...names].map((name) => this.seen(name)).filter((value) => value !== undefined);
  }

  /** Writes a value which others will see after the propagation time. */
  set(name: string, value: T): void {
    this.#hold(name);
    this.#fresh.set(name, value);
  }

  /** Removes a value which others keep seeing for the propagation time. */
  delete(name: string): void {
    this.#hold(name);
    this.#fresh.delete(name);
  }

  /** Puts a value in place for everybody at once: defaults and restored state. */
  seed(name: string, value: T): void {
    this.#fresh.set(name, value);
  }

  #hold(name: string): void {
    if (this.#clock.propagationMs <= 0) return;
    this.#stale.set(name, { value: this.seen(name), until: this.#clock.now() + this.#clock.propagationMs });
  }
}
