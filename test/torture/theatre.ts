import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/index.ts';
import { operations } from '../../src/model/stream.ts';
import type { Clock } from '../../src/stream/clock.ts';

/** A local Stream whose state is taken at the start and after every request that may change it. */
export interface Theatre {
  readonly emulator: Emulator;
  readonly clock: Clock;
  readonly snapshots: readonly unknown[];
  close(): Promise<void>;
}

/** Opens a prepared app anew. */
export async function opened(
  stored: string | undefined,
  clock: Clock,
  options: EmulatorOptions = {},
): Promise<Theatre> {
  const folder = await mkdtemp(join(tmpdir(), 'streambed-torture-'));
  if (stored !== undefined) await writeFile(join(folder, 'state.json'), stored);
  const snapshots: unknown[] = [];
  const emulator: Emulator = await startEmulator({
    rateLimits: 'none',
    app: { id: 1699146, name: 'Acme Chat' },
    now: () => clock.now(),
    ...(stored === undefined ? {} : { folder }),
    ...options,
    observe: async (moment) => {
      if (moment.moment === 'after' && isWrite(moment.operation)) snapshots.push(emulator.snapshot());
      await options.observe?.(moment);
    },
  });
  snapshots.push(emulator.snapshot());
  return {
    emulator,
    clock,
    snapshots,
    async close() {
      await emulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Whether an operation of this name may change the app. */
export function isWrite(operation: string): boolean {
  return Object.entries(operations).some(([name, { effect }]) => name === operation && effect === 'write');
}
