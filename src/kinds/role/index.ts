import type { Kind, Read } from '../../model/kind.ts';
import { text } from '../../model/schema.ts';
import type { ReadStream } from '../../model/stream.ts';
import { textAt, type Tree } from '../values.ts';
import { builtInRoles, roleSchema, type Role } from './fields.ts';
import { emptied, isBuiltIn, roleObstacles } from './going.ts';
import { holdersOf, listRoles } from './read.ts';
import { roleSteps } from './steps.ts';

/** Roles: one list reads them all; emptied before they are deleted, and never changed. */
export const role: Kind<Role, Role> = {
  name: 'role',
  section: 'roles',
  layout: 'named',
  names: text('1 to 64 characters.', { minLength: 1, maxLength: 64 }),
  schema: roleSchema,
  samples: [{}],
  can: { create: true, update: false, delete: 'delete' },
  key: (name) => name,

  async read(stream, wanted) {
    const roles = await listRoles(stream);
    const going = wanted.filter((one) => !('declared' in one)).map(({ key }) => key);
    // What a role that goes is granted has to be known, wherever that is.
    if (going.length > 0) await stream.read('ListChannelTypes');
    const removed = new Set(going);
    return new Map(
      await Promise.all(
        wanted.map(
          async ({ address, key }) =>
            [address, await readingOf(stream, key, roles.get(key), removed.has(key))] as const,
        ),
      ),
    );
  },

  async known(stream) {
    return new Set((await listRoles(stream)).keys());
  },

  desired: (_resource, live) => ({ value: live ?? {}, diagnostics: [] }),

  everywhere: builtInRoles,
  implies: emptied,
  obstacles: roleObstacles,

  steps: roleSteps,
};

async function readingOf(
  stream: ReadStream,
  name: string,
  raw: Tree | undefined,
  goes: boolean,
): Promise<Read<Role>> {
  if (raw === undefined) return { state: 'absent' };
  const createdAt = textAt(raw, 'created_at');
  return {
    state: 'present',
    live: {},
    raw,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(goes && !isBuiltIn(raw) ? { inUse: await holdersOf(stream, name) } : {}),
  };
}
