import { StreamFailure, type Answer, type Input, type Stream } from '../../src/model/stream.ts';

/** A request that reached Stream. */
export interface Sent {
  readonly player: string;
  readonly operation: string;
  readonly effect: 'read' | 'write';
}

/** Several runs that share an app, of which only one at a time may send a request. */
export interface Turns {
  readonly sent: readonly Sent[];
  now(): number;
  /** The way to the app of one run. */
  stream(player: string): Stream;
  /** From now on nothing happens to this run: neither what it sent and is not there yet, nor the end of a wait. */
  stop(player: string): void;
  goOn(player: string): void;
  /** How many requests of a run are on their way. */
  onTheirWay(player: string): number;
  /** Does something before the first turn at which this is so. */
  once(isSo: () => boolean, happens: () => void): void;
  /** Lets all runs go on until this is settled; rejects when nobody is left who could. */
  until<T>(outcome: Promise<T>): Promise<T>;
}

/** What may go wrong besides the order. */
export interface Trouble {
  /** Reads of block lists tell what was true up to this many milliseconds ago. */
  readonly lagMs?: number;
  /** The share of creations and deletions of block lists whose answers are lost. */
  readonly lost?: number;
}

interface Move {
  readonly player: string;
  go(): Promise<void>;
}

interface Sleep {
  readonly player: string;
  readonly until: number;
  wake(): void;
}

/**
 * Runs in one process that send their requests in an order that follows from random numbers. Time passes a little with
 * every request, and jumps when everybody waits.
 */
export function takingTurns(
  { read, write }: Pick<Stream, 'read' | 'write'>,
  random: () => number,
  trouble: Trouble = {},
): Turns {
  const { lagMs = 0, lost = 0 } = trouble;
  const sent: Sent[] = [];
  const stopped = new Set<string>();
  const moves = new Set<Move>();
  const sleeps = new Set<Sleep>();
  const lists: { readonly since: number; readonly byName: ReadonlyMap<string, Answer> }[] = [];
  const plans = new Set<{ readonly isSo: () => boolean; readonly happens: () => void }>();
  let now = Date.UTC(2026, 0, 1);

  const listsAt = (time: number): ReadonlyMap<string, Answer> =>
    lists.findLast(({ since }) => since <= time)?.byName ?? new Map<string, Answer>();

  function onTurn(player: string, request: () => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const go = async (): Promise<void> => {
        await request().then(resolve, reject);
      };
      moves.add({ player, go });
    });
  }

  async function readOld(name: string): Promise<Answer> {
    const found = listsAt(now - random() * lagMs).get(name);
    if (found === undefined)
      throw new StreamFailure('missing', 'GetBlockList', 'does not exist', { code: 16, status: 404 });
    return found;
  }

  function remember(name: string, answer: Answer | undefined): void {
    const byName = new Map(listsAt(now));
    if (answer === undefined) byName.delete(name);
    else byName.set(name, answer);
    lists.push({ since: now, byName });
  }

  const nameIn = ({ path, body }: Input): string => String(path?.['name'] ?? body?.['name']);

  return {
    sent,
    now: () => now,
    stream: (player) => ({
      now: () => now,
      wait: (milliseconds) =>
        new Promise((resolve) => {
          sleeps.add({ player, until: now + milliseconds, wake: resolve });
        }),
      read: (operation, input = {}) =>
        onTurn(player, () => {
          sent.push({ player, operation, effect: 'read' });
          return operation === 'GetBlockList' && lagMs > 0 ? readOld(nameIn(input)) : read(operation, input);
        }),
      write: (operation, input = {}) =>
        onTurn(player, async () => {
          sent.push({ player, operation, effect: 'write' });
          const answer = await write(operation, input);
          if (!operation.endsWith('BlockList')) return answer;
          remember(nameIn(input), operation === 'DeleteBlockList' ? undefined : answer);
          if (random() < lost) throw new StreamFailure('unclear', operation, 'the answer was lost');
          return answer;
        }),
    }),
    stop: (player) => void stopped.add(player),
    goOn: (player) => void stopped.delete(player),
    onTheirWay: (player) => [...moves].filter((move) => move.player === player).length,
    once: (isSo, happens) => void plans.add({ isSo, happens }),
    async until(outcome) {
      let isSettled = false;
      const settle = (): void => {
        isSettled = true;
      };
      outcome.then(settle, settle);
      for (;;) {
        // By the next turn of the event loop, everything that follows from the last one has happened.
        await new Promise((resolve) => setImmediate(resolve));
        if (isSettled) return outcome;
        const due = [...plans].find(({ isSo }) => isSo());
        if (due !== undefined) {
          plans.delete(due);
          due.happens();
          continue;
        }
        const ready = [...moves].filter(({ player }) => !stopped.has(player));
        const players = [...new Set(ready.map(({ player }) => player))];
        const player = players[Math.floor(random() * players.length)];
        const own = ready.filter((move) => move.player === player);
        const move = own[Math.floor(random() * own.length)];
        if (move !== undefined) {
          moves.delete(move);
          now += Math.ceil(random() * 50);
          await move.go();
          continue;
        }
        const asleep = [...sleeps].filter((sleep) => !stopped.has(sleep.player));
        const next = asleep.toSorted((one, two) => one.until - two.until)[0];
        if (next === undefined) throw new Error('nobody can go on');
        sleeps.delete(next);
        now = Math.max(now, next.until);
        next.wake();
      }
    },
  };
}

/** Numbers from 0 to below 1 that follow from a seed. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
