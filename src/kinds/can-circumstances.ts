import { permissionParts } from '../model/permission-id.ts';
import type { Standing } from '../model/standing.ts';
import type { Circumstances, CustomPermission, Modifiers } from './access.ts';
import { liveGrants } from './grants.ts';
import { emptyMap } from './sets.ts';
import { isZero, textAt, treeAt, type Tree } from './values.ts';

/** What was asked, and what the app says of it. */
export interface Facts {
  readonly app: Tree;
  readonly user: Tree;
  readonly id: string;
  readonly permission: string;
  readonly customs: ReadonlyMap<string, CustomPermission>;
}

/** A channel with its first members; without one, a channel of that name could be made. */
export interface Place {
  readonly cid: string;
  readonly typeName: string;
  readonly type: Tree;
  readonly channel?: Tree;
  readonly members?: readonly Tree[];
  readonly member?: Tree | undefined;
}

/** The action that a permission allows, in kebab case; a permission of the app's own names another one's. */
export function actionOf({ customs, permission }: Facts): string {
  return (customs.get(permission) ?? permissionParts(permission)).action;
}

/** For what is about no channel. */
export function appCircumstances({ app, user, customs }: Facts): Circumstances {
  return {
    scope: 'app',
    rights: liveGrants(app['grants']),
    roles: [appRole(user)],
    owns: undefined,
    sameTeam: true,
    customs,
    checksOff: app['disable_permissions_checks'] === true,
  };
}

/** For one channel; a channel that they make is theirs. */
export function channelCircumstances(facts: Facts, place: Place): Circumstances {
  const { app, user, customs } = facts;
  const { channel, type } = place;
  return {
    scope: 'type',
    rights: liveGrants(type['grants']),
    roles: rolesOf(facts, place).map(({ role }) => role),
    owns: ownedOneByOne.has(actionOf(facts)) ? undefined : isMine(facts, place),
    sameTeam: isSameTeam(app, user, channel),
    modifiers: modifiersOf(channel),
    customs,
    checksOff: app['disable_permissions_checks'] === true,
  };
}

/** Things of which each has an owner of its own; what else is about a channel belongs to whoever made the channel. */
const ownedOneByOne: ReadonlySet<string> = new Set([
  'delete-attachment',
  'delete-message',
  'delete-reaction',
  'run-message-action',
  'unblock-message',
  'update-message',
  'update-thread',
]);

/** True for a channel that the user made, or is about to make. */
export function isMine(facts: Facts, { channel }: Place): boolean {
  return isMaking(facts) || textAt(treeAt(channel?.['created_by']), 'id') === facts.id;
}

/** True when what is asked needs no channel that is there. */
export function isMaking(facts: Facts): boolean {
  const action = actionOf(facts);
  return action === 'create-channel' || action === 'create-distinct-channel-for-others';
}

/** The roles that a user holds in a channel; one in its team replaces the one in the app. */
export function rolesOf({ user }: Facts, { channel, member }: Place): Standing['roles'] {
  const team = textAt(channel ?? {}, 'team');
  const inTeam = team === undefined ? undefined : textAt(treeAt(user['teams_role']), team);
  return [
    inTeam === undefined ? { role: appRole(user), of: 'app' } : { role: inTeam, of: 'team' },
    ...(member === undefined || textAt(member, 'status') === 'rejected'
      ? []
      : [{ role: channelRole(member), of: 'channel' } as const]),
  ];
}

/** The role that a user holds in the app. */
export function appRole(user: Tree): string {
  return textAt(user, 'role') ?? 'user';
}

/** The role that a member holds. */
export function channelRole(member: Tree): string {
  return textAt(member, 'channel_role') ?? 'channel_member';
}

/** True when anybody holds a permission of this action here. */
export function isGranted(action: string, { rights, modifiers = {}, customs }: Circumstances): boolean {
  const ids = [
    ...Object.values(rights).flatMap((set) => Object.keys(set)),
    ...Object.values(modifiers).flat(),
  ];
  return ids.some((id) => (customs?.get(id) ?? permissionParts(id.replace(/^!/, ''))).action === action);
}

/** Permissions that this app made; `UpdateMessage` is the action of `update-message`. */
export function customsOf(permissions: readonly Tree[]): ReadonlyMap<string, CustomPermission> {
  const customs = new Map<string, CustomPermission>();
  for (const one of permissions) {
    const [id, action] = [textAt(one, 'id'), textAt(one, 'action')];
    if (one['custom'] !== true || id === undefined || action === undefined) continue;
    customs.set(id, {
      action: action.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase(),
      owner: one['owner'] === true,
      anyTeam: one['same_team'] !== true,
      conditional: !isZero(one['condition']),
    });
  }
  return customs;
}

function isSameTeam(app: Tree, user: Tree, channel: Tree | undefined): boolean {
  if (app['multi_tenant_enabled'] !== true) return true;
  const teams = Array.isArray(user['teams']) ? (user['teams'] as readonly unknown[]) : [];
  const team = textAt(channel ?? {}, 'team');
  return team === undefined ? teams.length === 0 : teams.includes(team);
}

/** The lists as they are: the last entry for a permission counts. */
function modifiersOf(channel: Tree | undefined): Modifiers {
  const modifiers: Record<string, readonly string[]> = emptyMap();
  for (const [role, list] of Object.entries(treeAt(treeAt(channel?.['config'])['grants']))) {
    if (Array.isArray(list)) modifiers[role] = list.filter((one) => typeof one === 'string');
  }
  return modifiers;
}
