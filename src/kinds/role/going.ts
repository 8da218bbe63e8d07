import { addressOf, type Address } from '../../model/address.ts';
import type { Change, Delete, Implied, Use } from '../../model/change.ts';
import type { Obstacles, World } from '../../model/kind.ts';
import { liveGrants } from '../grants.ts';
import { countOf, isLeft, leftOf, namesOf } from '../in-use.ts';
import { treeAt, type Tree } from '../values.ts';
import type { Role } from './fields.ts';

type RoleDelete = Delete<Role, Role>;

/** Stream deletes no role that still grants something: its lists are emptied first, wherever they are. */
export function emptied(change: RoleDelete, world: World): readonly Implied[] {
  if (isBuiltIn(change.raw)) return [];
  return scopesOf(world)
    .filter(({ grants }) => Object.hasOwn(liveGrants(grants), change.key))
    .map(({ address }) => ({ address, path: ['grants', change.key], value: [] }));
}

/** Stream deletes no role that somebody holds, that it made itself, or that grants something out of reach. */
export function roleObstacles(change: RoleDelete, changes: readonly Change[], world: World): Obstacles {
  const { key, raw } = change;
  if (isBuiltIn(raw)) {
    const message = `role ${key} is built in, and a built-in role cannot be deleted`;
    return { clearedBy: [], refusals: [{ code: 'not-possible', message, help: 'Remove this line.' }] };
  }
  const leaving = changes.filter((other) => leaves(other, key));
  const left = leftOf(change, new Set(leaving.map((other) => other.key)));
  const held = new Set(change.inUse?.ids.map((id) => addressOf('user', id)));
  const beyond = scopesBeyond(raw, world);
  return {
    clearedBy: leaving.map(({ address }) => address).filter((address) => held.has(address)),
    refusals: [
      ...(isLeft(left) ? [stillHeld(key, left)] : []),
      ...(beyond.length > 0 ? [grantsBeyond(key, beyond)] : []),
    ],
  };
}

/** True when Stream itself says that the role came with the app. */
export function isBuiltIn(raw: Tree): boolean {
  return raw['custom'] === false;
}

/** True for the change of a user who has another role afterwards, or is gone. */
function leaves(change: Change, role: string): boolean {
  if (change.kind !== 'user') return false;
  if (change.action === 'delete') return true;
  return change.action === 'update' && treeAt(change.desired)['role'] !== role;
}

function stillHeld(role: string, left: Use): Obstacles['refusals'][number] {
  const verb = left.ids.length === 1 && !left.more ? 'holds' : 'hold';
  return {
    code: 'in-use',
    message: `${countOf(left, 'user')} ${verb} role ${role}${namesOf(left)}`,
    help: 'Give them another role first: Stream deletes no role that somebody holds.',
  };
}

function grantsBeyond(role: string, scopes: readonly string[]): Obstacles['refusals'][number] {
  return {
    code: 'in-use',
    message: `role ${role} has grants in ${scopes.join(', ')}, which no manifest can change`,
    help: 'Empty them in the dashboard first: Stream deletes no role that grants something.',
  };
}

/** Where the role has grants by Stream's own account, and where this tool does not reach. */
function scopesBeyond(raw: Tree, world: World): readonly string[] {
  const known = new Set(['.app', ...Object.keys(typesIn(world))]);
  const scopes = Array.isArray(raw['scopes']) ? raw['scopes'] : [];
  return scopes.filter((scope): scope is string => typeof scope === 'string' && !known.has(scope)).toSorted();
}

/** The grants of the app and of every channel type, declared or not. */
function scopesOf(world: World): readonly { readonly address: Address; readonly grants: unknown }[] {
  const app = treeAt(world.answer('GetApp')?.['app']);
  return [
    { address: addressOf('app_settings', 'app'), grants: app['grants'] },
    ...Object.entries(typesIn(world)).map(([name, raw]) => ({
      address: addressOf('channel_type', name),
      grants: treeAt(raw)['grants'],
    })),
  ];
}

function typesIn(world: World): Tree {
  return treeAt(world.answer('ListChannelTypes')?.['channel_types']);
}
