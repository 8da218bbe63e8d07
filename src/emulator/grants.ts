import type { Grants } from './default-grants.ts';
import { builtInPermissions } from './default-permissions.ts';
import { inputError } from './errors.ts';
import { type Json, isObject } from './json.ts';
import type { State } from './state.ts';

/**
 * The grants of one scope after a write, as the real service merges them: an absent key changes nothing, null brings
 * the defaults back, and otherwise each named role's list is replaced while the others stay.
 */
export function changeGrants(
  state: State,
  current: Grants,
  sent: Json | undefined,
  defaults: Grants,
): Grants {
  if (sent === undefined) return current;
  if (sent === null) return defaults;
  if (!isObject(sent)) throw inputError('grants must be an object');
  const changed: Record<string, readonly string[]> = { ...current };
  for (const [role, permissions] of Object.entries(sent)) {
    if (state.roles.seen(role) === undefined) throw inputError(`role "${role}" does not exist`);
    changed[role] = permissionList(state, role, permissions);
  }
  return changed;
}

function permissionList(state: State, role: string, sent: Json): readonly string[] {
  if (sent === null) return [];
  if (!Array.isArray(sent)) throw inputError(`grants.${role} must be a list`);
  const ids = new Set<string>();
  for (const id of sent as readonly Json[]) {
    if (typeof id !== 'string' || !(builtInPermissions.has(id) || state.permissions.has(id))) {
      throw inputError(`permission "${String(id)}" does not exist`);
    }
    ids.add(id);
  }
  return [...ids].sort();
}

/** Every scope (`.app` or channel type) in which the role holds at least one permission. */
export function scopesOf(state: State, role: string): readonly string[] {
  const scopes = (state.app.grants[role] ?? []).length > 0 ? ['.app'] : [];
  for (const type of state.channelTypes.allSeen()) {
    if ((type.grants[role] ?? []).length > 0) scopes.push(type.name);
  }
  return scopes;
}
