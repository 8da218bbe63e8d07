import type { Path } from '../model/address.ts';
import { addressOf } from '../model/address.ts';
import type { FieldChange } from '../model/change.ts';
import type { Reference } from '../model/kind.ts';
import { changeableSet, map, text, type SetChange } from '../model/schema.ts';
import { changedSet, emptyMap, isSetChange, listOf, namedElements, setForm, type SetForm } from './sets.ts';
import { treeAt } from './values.ts';

/** Permission ids by role, in normal form; a role without permissions and an absent role are the same. */
export type GrantsForm = Readonly<Record<string, SetForm>>;

/** What manifests declare: for each role the whole list, or a change to what is there. */
export type DeclaredGrants = Readonly<Record<string, readonly string[] | SetChange>>;

/** The grants of one scope. Roles that are not named keep their lists. */
export const grantsField = map(
  changeableSet(
    text('A permission id, such as `create-message` or `delete-message-owner`.', {
      pattern: '^[a-z0-9-]{1,255}$',
    }),
    'The whole list of permission ids, `[]` for none, or `{add, remove}` to change what is there.',
  ),
  'Permission ids by role. A role that is not named keeps its list.',
);

/** Stream answers every role with a sorted list, empty ones included; only the filled ones mean something. */
export function liveGrants(raw: unknown): GrantsForm {
  const grants: Record<string, SetForm> = emptyMap();
  for (const [role, permissions] of Object.entries(treeAt(raw))) {
    const set = setForm(permissions);
    if (Object.keys(set).length > 0) grants[role] = set;
  }
  return grants;
}

/**
 * The live grants with the declared roles laid over them. `base` is what `{add, remove}` changes for a role of a
 * scope that does not exist yet.
 */
export function desiredGrants(
  declared: DeclaredGrants,
  live: GrantsForm | undefined,
  base?: GrantsForm,
): GrantsForm {
  const grants: Record<string, SetForm> = Object.assign(emptyMap<SetForm>(), live);
  for (const [role, change] of Object.entries(declared)) {
    const set = changedSet(change, live === undefined ? base?.[role] : live[role]);
    // An emptied role of a scope that exists is as good as absent; of a new scope it must be sent as [].
    if (Object.keys(set).length === 0 && live !== undefined) delete grants[role];
    else grants[role] = set;
  }
  return grants;
}

/** The roles and permissions that these grants name and that live does not prove to exist. */
export function grantReferences(
  declared: DeclaredGrants,
  heldRoles: ReadonlySet<string>,
  heldPermissions: ReadonlySet<string>,
  path: Path = ['grants'],
): readonly Reference[] {
  return Object.entries(declared).flatMap(([role, change]) => {
    const named = namedElements(change);
    const removed = isSetChange(change) ? (change.remove ?? []) : [];
    const references: Reference[] = [];
    if (!heldRoles.has(role) && (named.length > 0 || !isSetChange(change))) {
      references.push({ address: addressOf('role', role), path: [...path, role] });
    }
    for (const permission of [...named, ...removed]) {
      if (heldPermissions.has(permission)) continue;
      references.push({ address: addressOf('permission', permission), path: [...path, role, permission] });
    }
    return references;
  });
}

/** The lists of the roles that change: what each keeps of its live list, and its whole new one, where they differ. */
export interface GrantsToSend {
  readonly kept?: Readonly<Record<string, readonly string[]>>;
  readonly whole?: Readonly<Record<string, readonly string[]>>;
}

/** A role that both loses and gains permissions first holds only those it keeps, so that it is never wider than both. */
export function grantsToSend(
  fields: readonly FieldChange[],
  live: GrantsForm | undefined,
  desired: GrantsForm | undefined,
): GrantsToSend {
  const kept: Record<string, readonly string[]> = emptyMap();
  const whole: Record<string, readonly string[]> = emptyMap();
  for (const { path } of fields) {
    const [scope, role] = path;
    if (scope !== 'grants' || role === undefined) continue;
    const before = live?.[role] ?? {};
    const after = desired?.[role] ?? {};
    const stays = listOf(before).filter((permission) => Object.hasOwn(after, permission));
    if (stays.length < Object.keys(before).length) kept[role] = stays;
    if (stays.length < Object.keys(after).length) whole[role] = listOf(after);
  }
  return {
    ...(Object.keys(kept).length === 0 ? {} : { kept }),
    ...(Object.keys(whole).length === 0 ? {} : { whole }),
  };
}

/** Every permission id that these grants hold. */
export function heldIn(grants: GrantsForm): readonly string[] {
  return Object.values(grants).flatMap((set) => Object.keys(set));
}
