import type { Fault } from '../../src/emulator/index.ts';
import type { Disturbance, Stage } from './stage.ts';

/** Every kind of fault, with what it needs to hurt and not to take long. */
export const faultKinds: Readonly<Record<Fault['kind'], Omit<Fault, 'kind'>>> = {
  status: { status: 500 },
  'rate-limit': { resetAfterMs: 3000 },
  'not-json-429': { resetAfterMs: 3000 },
  'reset-before': {},
  'reset-after': {},
  'timeout-before': {},
  'timeout-after': {},
  truncate: {},
  html: {},
  delay: { delayMs: 15 },
  stale: {},
};

/** Every place of an undisturbed run where a fault can hit: each request of each operation. */
export function placesIn({ operations }: Stage): readonly Pick<Fault, 'operation' | 'skip'>[] {
  return operations.map((operation, index) => ({
    operation,
    skip: operations.slice(0, index).filter((earlier) => earlier === operation).length,
  }));
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

/** One of these. */
export function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
}

/** Up to six faults anywhere in a run, some for longer than the client has patience, and nodes that lag. */
export function scheduleFor(stage: Stage, random: () => number): Disturbance {
  const places = placesIn(stage);
  const kinds = Object.keys(faultKinds) as readonly Fault['kind'][];
  const faults = Array.from({ length: 1 + Math.floor(random() * 6) }, (): Fault => {
    const kind = pick(kinds, random);
    const refused = kind === 'status' && random() < 0.5 ? { status: 400, code: 4, message: 'not today' } : {};
    const times = pick([1, 1, 1, 2, 6, 12], random);
    const { operation, skip = 0 } = pick(places, random);
    // In the first run, or after as many requests as it sends.
    const first = pick([0, 0, places.filter((place) => place.operation === operation).length], random);
    return { kind, ...faultKinds[kind], ...refused, operation: operation ?? '', skip: first + skip, times };
  });
  return { faults, propagationMs: pick([0, 0, 1000, 5000, 20_000], random) };
}
