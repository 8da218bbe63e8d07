import type { Address } from '../model/address.ts';
import { grouped } from '../model/grouped.ts';
import type { Environment, Kind, Read, Registry, World } from '../model/kind.ts';
import type { AppIdentity } from '../model/plan.ts';
import type { Manifest, Removal, Resource } from '../model/resource.ts';
import type { Answer, Input, ReadOperation, ReadStream } from '../model/stream.ts';

/** Everything that this run read, growing as it reads more. */
export interface Reading {
  readonly app: AppIdentity;
  readonly world: World;
  /** Shares the answers of equal questions within this run. */
  readonly stream: ReadStream;
  readonly readings: ReadonlyMap<Address, Read>;
  /** Reads further objects, which the world knows from then on. */
  more(wanted: readonly (Removal | Resource)[]): Promise<void>;
}

/** Asks for the app alone, so that a run against the wrong one ends before any other request. */
export async function readApp(
  stream: ReadStream,
): Promise<{ readonly app: AppIdentity; readonly stream: SharedStream }> {
  const shared = sharing(stream);
  const answer = await shared.read('GetApp');
  const app = (answer['app'] ?? {}) as Answer;
  const id = app['id'];
  return {
    app: { id: typeof id === 'number' ? id : undefined, name: String(app['name'] ?? '') },
    stream: shared,
  };
}

/**
 * Reads what these manifests declare or remove, all kinds side by side, and nothing else. A read that fails rejects:
 * it is never taken for absence.
 */
export async function readDeclared(
  manifest: Manifest,
  registry: Registry,
  app: AppIdentity,
  stream: SharedStream,
  { only, environment }: { readonly only?: ReadonlySet<Address>; readonly environment?: Environment } = {},
): Promise<Reading> {
  const readings = new Map<Address, Read>();
  const more = async (some: readonly (Removal | Resource)[]): Promise<void> => {
    const wanted = grouped(some, ({ kind }) => kind);
    await Promise.all(
      registry.kinds.map(async (kind: Kind) => {
        const ours = wanted.get(kind.name);
        if (ours === undefined) return;
        for (const [address, read] of await kind.read(stream, ours)) readings.set(address, read);
      }),
    );
  };
  await more(
    [...manifest.resources, ...manifest.removals].filter(
      ({ address }) => only === undefined || only.has(address),
    ),
  );
  const removed = new Set(manifest.removals.map(({ address }) => address));
  const declared = new Map(manifest.resources.map((resource) => [resource.address, resource]));
  const world: World = {
    app,
    answer: (operation) => stream.answered(operation),
    read: (address) => readings.get(address),
    declared: (address) => declared.get(address),
    removed: (address) => removed.has(address),
    ...(environment === undefined ? {} : { environment }),
  };
  return { app, world, stream, readings, more };
}

/** A stream that asks the same question once: GET /app and GET /channeltypes serve every kind that needs them. */
export interface SharedStream extends ReadStream {
  /** The answer of a parameterless read that was made. */
  answered(operation: ReadOperation): Answer | undefined;
}

function sharing(stream: ReadStream): SharedStream {
  const asked = new Map<ReadOperation, Promise<Answer>>();
  const answers = new Map<ReadOperation, Answer>();
  return {
    answered: (operation) => answers.get(operation),
    read(operation, input?: Input) {
      if (input !== undefined) return stream.read(operation, input);
      const before = asked.get(operation);
      if (before !== undefined) return before;
      const answer = stream.read(operation);
      asked.set(operation, answer);
      void answer.then(
        (value) => answers.set(operation, value),
        () => asked.delete(operation),
      );
      return answer;
    },
  };
}
