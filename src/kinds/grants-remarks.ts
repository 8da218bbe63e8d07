import type { Remark } from '../model/danger.ts';
import { covers, permissionParts } from '../model/permission-id.ts';
import type { GrantsForm } from './grants.ts';
import { heldBy, roleChanges, type GrantsChange, type RoleChange } from './grants-dangers.ts';

/** Who keeps in another way what a role loses: by a narrower permission, or by another role that its holders have. */
export function grantsRemarks(change: GrantsChange): readonly Remark[] {
  return roleChanges(change).flatMap((role) => {
    const parts = [...throughOthers(role), ...throughRole(role, change.after)];
    if (parts.length === 0) return [];
    const { address, where } = change;
    const message = `${parts.join('; ')} ${where}`;
    return [{ address, path: ['grants', role.role], code: 'still-allowed', message }];
  });
}

function throughOthers({ role, lost, after }: RoleChange): readonly string[] {
  const kept = lost.flatMap((id) => variantOf(id, after) ?? []);
  const shown = [...new Set(kept)].map((id) => `${allowedBy(id)} through ${id}`);
  return shown.length === 0 ? [] : [`${role} can still ${shown.join(', ')}`];
}

/** Who is a member of a channel holds the rights of both roles. */
function throughRole({ role, lost }: RoleChange, after: GrantsForm): readonly string[] {
  const [who, other] = role === 'channel_member' ? ['users', 'user'] : ['members', 'channel_member'];
  // Moderators of a channel are members with another role, and nobody is a member without an account.
  if (role === 'anonymous' || role === 'channel_moderator') return [];
  const held = heldBy(after, other ?? '');
  const kept = new Set(lost.flatMap((id) => variantOf(id, held) ?? []));
  return kept.size === 0 ? [] : [`${who} can still ${[...kept].map(allowedBy).join(', ')} through ${other}`];
}

/** The widest of the held permissions that allow at least part of what this one allows. */
function variantOf(id: string, held: readonly string[]): string | undefined {
  const { action } = permissionParts(id);
  const variants = held.filter((other) => permissionParts(other).action === action);
  return variants.find((one) => variants.every((other) => covers(one, other))) ?? variants[0];
}

/** What a permission allows, in words: `delete-message of their own`. */
function allowedBy(id: string): string {
  const { action, owner, anyTeam } = permissionParts(id);
  return `${action}${owner ? ' of their own' : ''}${anyTeam ? ' in any team' : ''}`;
}
