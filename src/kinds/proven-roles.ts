import { addressOf } from '../model/address.ts';
import type { World } from '../model/kind.ts';

/** The roles that the live app proves to exist, without those that a `removed:` line takes away. */
export function provenRoles(live: Iterable<unknown>, world: World): ReadonlySet<string> {
  return new Set(
    [...live].filter(
      (role): role is string => typeof role === 'string' && world.removed?.(addressOf('role', role)) !== true,
    ),
  );
}
