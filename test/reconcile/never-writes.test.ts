import { describe, expect, onTestFinished, test } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import type { Kind } from '../../src/model/kind.ts';
import { operations, type OperationName, type ReadStream, type Stream } from '../../src/model/stream.ts';
import { makePlan } from '../../src/reconcile/plan.ts';
import { manifestOf, testApp } from '../support/world.ts';

/** A plan never writes: not by discipline, but because what it is given cannot. */
const writes = Object.keys(operations).filter(
  (name) => operations[name as OperationName].effect === 'write',
) as readonly OperationName[];

/** The registry with one kind that tries to write wherever it is handed a way to Stream. */
function sabotaged(attempt: (stream: ReadStream) => Promise<unknown>): typeof registry {
  const kinds = registry.kinds.map((kind): Kind =>
    kind.name !== 'channel_type'
      ? kind
      : {
          ...kind,
          read: async (stream, wanted) => {
            await attempt(stream);
            return kind.read(stream, wanted);
          },
          known: async (stream) => {
            await attempt(stream);
            return new Set();
          },
          reach: async (stream) => {
            await attempt(stream);
            return new Map();
          },
        },
  );
  return { ...registry, kinds };
}

describe('a plan of a kind that tries to write', () => {
  test.each(writes)('is refused before %s is sent', async (operation) => {
    const app = await testApp();
    onTestFinished(() => app.close());
    const manifest = manifestOf('channel_types: { support: { reactions: false } }\nusers: { lena: {} }');
    const attempts: readonly ((stream: ReadStream) => Promise<unknown>)[] = [
      (stream) => stream.read(operation as 'GetApp', { path: { type: 'a', id: 'b', name: 'c' }, body: {} }),
      (stream) => (stream as Stream).write(operation as 'UpdateApp', { body: {} }),
    ];
    for (const attempt of attempts) {
      const sent = app.emulator.requests.length;
      await expect(
        makePlan(manifest, sabotaged(attempt), app.connection.reader, { context: true }),
      ).rejects.toThrow();
      const during = app.emulator.requests.slice(sent);
      expect(
        during.filter(({ operation: name }) => !isRead(name)).map(({ operation: name }) => name),
      ).toEqual([]);
    }
  });
});

function isRead(name: string): boolean {
  return Object.hasOwn(operations, name) && operations[name as OperationName].effect === 'read';
}
