import type { Path } from '../../model/address.ts';
import { valueAfter, valueBefore, type Change, type FieldChange, type Update } from '../../model/change.ts';
import type { Danger, Remark } from '../../model/danger.ts';
import type { World } from '../../model/kind.ts';
import { grouped } from '../../model/grouped.ts';
import type { Origin } from '../../model/origin.ts';
import type { GrantsForm } from '../grants.ts';
import { grantsDangers } from '../grants-dangers.ts';
import { changedSet, emptyMap, type SetForm } from '../sets.ts';
import { typeGrants } from '../type-grants.ts';
import { textAt, treeAt } from '../values.ts';
import type { ChannelForm, DeclaredChannel } from './form.ts';
import { takes } from './overrides.ts';

type ChannelChange = Change<DeclaredChannel, ChannelForm>;

/** From so many on it is no longer an everyday matter that channels freeze. */
const MANY = 10;
/** A message names so many people and counts the rest; the plan lists them all. */
const NAMED = 5;

/** Roles that moderate in a channel, the weaker ones first; every other role comes before them. */
const moderating: readonly unknown[] = [
  'channel_moderator',
  'moderator',
  'global_moderator',
  'admin',
  'global_admin',
];

/** What changes of channels mean for those who are in them, or who come in. */
export function channelDangers(changes: readonly ChannelChange[], world: World): readonly Danger[] {
  return [
    ...changes.flatMap((change) => overriddenRights(change, world)),
    ...changes.flatMap(newcomers),
    ...manyFrozen(changes),
  ];
}

/** What is easily misread: what frozen means, and whom slow mode does not slow down. */
export function channelRemarks(changes: readonly ChannelChange[], world: World): readonly Remark[] {
  return [
    ...remarksOnce(changes.filter(isFrozen), 'frozen', 'frozen-means', (type) =>
      whatFrozenMeans(type, world),
    ),
    ...remarksOnce(changes.filter(isSlowed), 'cooldown', 'skips-cooldown', (type) => whoSkips(type, world)),
  ];
}

/**
 * True when a channel opens, speeds up, gets a feature or a right back, or somebody may moderate it again. A member
 * whom an apply had put there was removed in the live app; of any other, nobody knows.
 */
export function reopensChannel(field: FieldChange, origin?: Origin): boolean {
  const [name] = field.path;
  switch (name) {
    case 'frozen':
    case 'disabled':
      return valueBefore(field) === true && valueAfter(field) !== true;
    case 'cooldown':
      return Number(valueBefore(field) ?? 0) > Number(valueAfter(field) ?? 0);
    case 'members':
      return newModerators(field).length > 0 || (origin === 'drift' && added(field).length > 0);
    case 'config_overrides':
      return opensOverride(field);
    default:
      return false;
  }
}

function newcomers(change: ChannelChange): readonly Danger[] {
  if (change.action !== 'update') return [];
  const { address, fields, key } = change;
  const moderators = fields.flatMap(newModerators);
  const known = new Set(moderators.map(({ id }) => id));
  const coming = fields.flatMap(added);
  const members = coming.filter((id) => !known.has(id));
  const dangers: Danger[] = [];
  for (const [role, those] of grouped(moderators, (one) => one.role)) {
    const ids = those.map(({ id }) => id);
    const as = role === 'channel_moderator' ? '' : ` as ${role}`;
    const message = `${someOf(ids)} may moderate ${key}${as}${andRead(ids, coming)}`;
    dangers.push({ code: 'moderator-added', address, path: pathTo(change, ids), message });
  }
  if (members.length > 0) {
    const message = `${someOf(members)} can read the history of ${key}`;
    dangers.push({ code: 'member-added', address, path: pathTo(change, members), message });
  }
  return dangers;
}

/** Whoever is no member yet does not only moderate. */
function andRead(moderators: readonly string[], coming: readonly string[]): string {
  const readers = moderators.filter((id) => coming.includes(id));
  if (readers.length === 0) return '';
  return readers.length === moderators.length
    ? ' and can read its history'
    : `, and ${someOf(readers)} can read its history`;
}

function added(field: FieldChange): readonly string[] {
  return field.path[0] === 'members' && field.op === 'elements' ? field.added.map(({ name }) => name) : [];
}

/** Members who come as moderators, and members who become some, with the role that makes them that. */
function newModerators(field: FieldChange): readonly { readonly id: string; readonly role: string }[] {
  const [name, id = '', part] = field.path;
  if (name !== 'members') return [];
  const roles =
    field.op === 'elements'
      ? field.added.map((one) => ({ id: one.name, role: textAt(treeAt(one.value), 'channel_role') ?? '' }))
      : part === 'channel_role'
        ? [{ id, role: String(valueAfter(field)) }]
        : [];
  return roles.filter(({ role }) => moderating.indexOf(role) > moderating.indexOf(valueBefore(field)));
}

/** The list that declares them; a single one has a line of their own in it. */
function pathTo({ resource }: Update<DeclaredChannel, ChannelForm>, ids: readonly string[]): Path {
  const { moderators = [] } = resource.declared;
  const list = ids.every((id) => moderators.includes(id)) ? 'moderators' : 'members';
  return ids.length === 1 ? [list, ...ids] : [list];
}

function someOf(ids: readonly string[]): string {
  const more = ids.length - NAMED;
  return more > 0 ? `${ids.slice(0, NAMED).join(', ')} and ${more} more` : ids.join(', ');
}

function manyFrozen(changes: readonly ChannelChange[]): readonly Danger[] {
  const closing = changes.flatMap((change) => {
    const fields = change.action === 'update' ? change.fields.filter(closes) : [];
    return fields.length === 0 ? [] : [{ change, path: fields[0]?.path ?? [], fields }];
  });
  const [first] = closing;
  if (first === undefined || closing.length < MANY) return [];
  const disabled = closing.some(({ fields }) => fields.some(({ path }) => path[0] === 'disabled'));
  // Every one of them: a number alone would hide the channel that nobody meant.
  const all = closing.map(({ change }) => change.key).join(', ');
  const message = `${closing.length} channels become read-only${disabled ? ' or disabled' : ''}: ${all}`;
  return [{ code: 'many-frozen', address: first.change.address, path: first.path, message }];
}

function closes(field: FieldChange): boolean {
  return (field.path[0] === 'frozen' || field.path[0] === 'disabled') && valueAfter(field) === true;
}

/** What is true of several channels is told on the first of them. */
function remarksOnce(
  changes: readonly ChannelChange[],
  field: string,
  code: string,
  says: (type: string) => string,
): readonly Remark[] {
  const first = new Map<string, ChannelChange>();
  for (const type of new Set(changes.map(typeOf))) {
    const message = says(type);
    const change = changes.find((one) => typeOf(one) === type);
    if (change !== undefined && !first.has(message)) first.set(message, change);
  }
  return [...first].map(([message, { address }]) => ({ address, path: [field], code, message }));
}

function isFrozen(change: ChannelChange): boolean {
  if (change.action === 'delete' || change.action === 'keep') return false;
  return change.fields.some((field) => field.path[0] === 'frozen' && valueAfter(field) === true);
}

function isSlowed(change: ChannelChange): boolean {
  if (change.action === 'delete' || change.action === 'keep') return false;
  return change.fields.some((field) => field.path[0] === 'cooldown' && Number(valueAfter(field) ?? 0) > 0);
}

function typeOf({ key }: ChannelChange): string {
  return key.slice(0, key.indexOf(':'));
}

function whatFrozenMeans(type: string, world: World): string {
  const roles = holdersOf('use-frozen-channel', type, world);
  const who =
    roles === undefined
      ? ', except roles that hold use-frozen-channel'
      : roles.length === 0
        ? `: no role holds use-frozen-channel in channels of type ${type}`
        : `, except ${roles.join(', ')}: they hold use-frozen-channel in channels of type ${type}`;
  return `nobody can post or react in a frozen channel from a client${who}; calls of your server still can`;
}

function whoSkips(type: string, world: World): string {
  const roles = holdersOf('skip-channel-cooldown', type, world);
  if (roles === undefined) {
    return `the cooldown does not hold for roles with skip-channel-cooldown in channels of type ${type}`;
  }
  return roles.length === 0
    ? `the cooldown holds for everybody: no role has skip-channel-cooldown in channels of type ${type}`
    : `the cooldown does not hold for ${roles.join(', ')}: they have skip-channel-cooldown in channels of type ${type}`;
}

/** Undefined where the types were not read. */
function holdersOf(permission: string, type: string, world: World): readonly string[] | undefined {
  const grants = typeGrants(type, world);
  if (grants === undefined) return undefined;
  return Object.keys(grants)
    .filter((role) => Object.hasOwn(grants[role] ?? {}, permission))
    .toSorted();
}

/** What the overrides of a channel give and take, on top of what its type gives; a new one takes from nobody. */
function overriddenRights(change: ChannelChange, world: World): readonly Danger[] {
  if (change.action === 'delete' || change.action === 'keep') return [];
  const { action, address, key, desired } = change;
  const type = typeGrants(typeOf(change), world) ?? {};
  const before = action === 'create' ? type : modified(type, change.live);
  return grantsDangers({ address, where: `in channel ${key}`, before, after: modified(type, desired) })
    .filter(({ code }) => action === 'update' || (code !== 'rights-lost' && code !== 'role-emptied'))
    .map((danger) => ({ ...danger, path: ['config_overrides'] }));
}

function modified(type: GrantsForm, { config_overrides }: ChannelForm): GrantsForm {
  const grants: Record<string, SetForm> = Object.assign(emptyMap<SetForm>(), type);
  for (const [role, modifiers] of Object.entries(treeAt(treeAt(config_overrides)['grants']))) {
    const ids = Object.keys(treeAt(modifiers));
    const remove = ids.filter(takes).map((id) => id.slice(1));
    grants[role] = changedSet({ add: ids.filter((id) => !takes(id)), remove }, grants[role]);
  }
  return grants;
}

/** A feature, a limit or a right that this channel had less than its type, or has more. */
function opensOverride(field: FieldChange): boolean {
  const [before, after] = [valueBefore(field), valueAfter(field)];
  switch (field.path[1]) {
    case 'grants':
      return (
        field.op === 'elements' &&
        (field.removed.some(({ name }) => takes(name)) || field.added.some(({ name }) => !takes(name)))
      );
    case 'blocklist':
      // The empty name takes the list of the type away.
      return field.op === 'add' ? after === '' : before !== '';
    case 'blocklist_behavior':
      return before === 'block' || after === 'flag';
    case 'commands':
      return field.op === 'elements' && field.added.length > 0;
    case 'max_message_length':
      return field.op === 'remove' || (field.op === 'set' && Number(after) > Number(before));
    default:
      // An override that goes was visible, so the type says the opposite.
      return field.op === 'remove' ? before === false : after === true;
  }
}
