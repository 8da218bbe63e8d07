import type { Change } from '../../model/change.ts';
import type { Step } from '../../model/step.ts';
import { StreamFailure, type Stream } from '../../model/stream.ts';
import type { Role } from './fields.ts';
import { listRoles } from './read.ts';

/** A role is made or deleted; there is nothing to change about one. */
export function roleSteps(changes: readonly Change<Role, Role>[]): readonly Step[] {
  return changes.flatMap((change) => {
    if (change.action === 'create') return [creation(change)];
    return change.action === 'delete' ? [deletion(change)] : [];
  });
}

function creation({ address, kind, key: name }: Change<Role, Role>): Step {
  return {
    id: `CreateRole ${address}`,
    kind,
    effect: 'create',
    requests: ['CreateRole'],
    covers: [address],
    after: [],
    repeat: { doneWhen: (stream) => exists(stream, name) },
    async send(stream) {
      try {
        await stream.write('CreateRole', { body: { name } });
      } catch (error) {
        // A role is nothing but its name: one that an earlier run made, and nobody saw yet, is what was wanted.
        if (!isRefusal(error, /already exists/)) throw error;
      }
    },
    settled: (stream) => exists(stream, name),
  };
}

function deletion({ address, kind, key: name }: Change<Role, Role>): Step {
  return {
    id: `DeleteRole ${address}`,
    kind,
    effect: 'delete',
    requests: ['DeleteRole'],
    covers: [address],
    after: [],
    repeat: { doneWhen: async (stream) => !(await exists(stream, name)) },
    async send(stream) {
      try {
        await stream.write('DeleteRole', { path: { name } });
      } catch (error) {
        // One that is gone is what was wanted.
        if (!isRefusal(error, /does not exist/)) throw error;
      }
    },
  };
}

function isRefusal(error: unknown, says: RegExp): boolean {
  return error instanceof StreamFailure && error.reason === 'refused' && says.test(error.message);
}

async function exists(stream: Stream, name: string): Promise<boolean> {
  return (await listRoles(stream)).has(name);
}
