import type { Address } from '../model/address.ts';
import type { Danger, DangerCode } from '../model/danger.ts';
import { covers, permissionParts } from '../model/permission-id.ts';
import type { GrantsForm } from './grants.ts';

/** The grants of one scope, before and after a change. */
export interface GrantsChange {
  readonly address: Address;
  /** The scope in a sentence about rights: `in channels of type support`. */
  readonly where: string;
  readonly before: GrantsForm;
  readonly after: GrantsForm;
}

/** What becomes of one role's permissions, in code-unit order. */
export interface RoleChange {
  readonly role: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** The roles that Stream itself gives to end users; an app's own roles count as theirs besides. */
export const endUserRoles = ['user', 'guest', 'anonymous', 'channel_member'] as const;

const staff: ReadonlySet<string> = new Set([
  'admin',
  'channel_moderator',
  'global_admin',
  'global_moderator',
  'moderator',
]);
const withoutLogin: ReadonlySet<string> = new Set(['anonymous', 'guest']);
/** Roles that are there to reach into every team. */
const global: ReadonlySet<string> = new Set(['global_admin', 'global_moderator']);

/** True for a role that end users hold: every one that is not an admin's or a moderator's. */
export function isEndUserRole(role: string): boolean {
  return !staff.has(role);
}

/** The roles whose permissions differ, in code-unit order. */
export function roleChanges({
  before,
  after,
}: Pick<GrantsChange, 'after' | 'before'>): readonly RoleChange[] {
  const roles = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return roles
    .map((role): RoleChange => {
      const [had, has] = [heldBy(before, role), heldBy(after, role)];
      return {
        role,
        before: had,
        after: has,
        gained: has.filter((id) => !had.includes(id)),
        lost: had.filter((id) => !has.includes(id)),
      };
    })
    .filter(({ gained, lost }) => gained.length + lost.length > 0);
}

/** What an update of grants means for the people of an app. */
export function grantsDangers(change: GrantsChange): readonly Danger[] {
  return [...roleChanges(change).flatMap((role) => roleDangers(change, role)), ...everyoneAdmin(change)];
}

/** The roles that everybody holds and that, by this change, may do all that admins may. */
export function everyoneAdmin({ address, where, before, after }: GrantsChange): readonly Danger[] {
  const admins = heldBy(after, 'admin');
  return endUserRoles
    .filter((role) => mayAllOfAdmin(after, role) && !mayAllOfAdmin(before, role))
    .map((role) => {
      const changed = heldBy(before, role).join() === heldBy(after, role).join() ? 'admin' : role;
      const message = `${role} may do everything that admin may ${where}: ${permissions(admins.length)}`;
      return { code: 'everyone-admin', address, path: ['grants', changed], message };
    });
}

/** What a role holds in one scope, in code-unit order. */
export function heldBy(grants: GrantsForm, role: string): readonly string[] {
  return Object.hasOwn(grants, role) ? Object.keys(grants[role] ?? {}).toSorted() : [];
}

/** `30 permissions`, `1 permission`. */
export function permissions(count: number): string {
  return `${count} permission${count === 1 ? '' : 's'}`;
}

function roleDangers({ address, where }: GrantsChange, change: RoleChange): readonly Danger[] {
  const { role, before, after } = change;
  const gained = without(change.gained, before);
  const lost = without(change.lost, after);
  const danger = (code: DangerCode, message: string): Danger => ({
    code,
    address,
    path: ['grants', role],
    message,
  });
  const dangers: Danger[] = [];
  if (gained.length > 0 && withoutLogin.has(role)) {
    const reads = gained.some((id) => id.startsWith('read-'));
    const means = reads ? 'readable without login' : 'open without login';
    dangers.push(danger('open-without-login', `${role} gains ${gained.join(', ')} ${where}: ${means}`));
  } else if (gained.length > 0 && isEndUserRole(role)) {
    dangers.push(danger('rights-gained', `${role} can now ${gained.join(', ')} ${where}`));
  }
  const reaching = global.has(role) ? [] : gained.filter((id) => permissionParts(id).anyTeam);
  if (reaching.length > 0) {
    const message = `${role} gains ${reaching.join(', ')} ${where}: that reaches into other teams`;
    dangers.push(danger('rights-across-teams', message));
  }
  if (lost.length > 0 && after.length === 0) {
    const message = `${role} loses the last of its rights ${where}: ${permissions(before.length)}`;
    dangers.push(danger('role-emptied', message));
  } else if (lost.length > 0 && isEndUserRole(role)) {
    dangers.push(danger('rights-lost', `${role} can no longer ${lost.join(', ')} ${where}`));
  }
  return dangers;
}

/** The permissions that none of the held ones covers: those that make a difference to whoever holds the role. */
function without(ids: readonly string[], held: readonly string[]): readonly string[] {
  return ids.filter((id) => !held.some((other) => covers(other, id)));
}

function mayAllOfAdmin(grants: GrantsForm, role: string): boolean {
  const admins = heldBy(grants, 'admin');
  const held = heldBy(grants, role);
  return admins.length > 0 && admins.every((id) => held.some((own) => covers(own, id)));
}
