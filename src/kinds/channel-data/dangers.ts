import type { Path } from '../../model/address.ts';
import { valueAfter, valueBefore, type Change, type FieldChange, type Update } from '../../model/change.ts';
import type { Danger, Remark } from '../../model/danger.ts';
import type { World } from '../../model/kind.ts';
import { typeGrants } from '../type-grants.ts';
import { textAt, treeAt } from '../values.ts';
import type { ChannelForm, DeclaredChannel } from './form.ts';

type ChannelChange = Change<DeclaredChannel, ChannelForm>;

/** From so many on it is no longer an everyday matter that channels freeze. */
const MANY = 10;
/** A message names so many people and counts the rest; the plan lists them all. */
const NAMED = 5;

/** What changes of channels mean for those who are in them, or who come in. */
export function channelDangers(changes: readonly ChannelChange[]): readonly Danger[] {
  return [...changes.flatMap(newcomers), ...manyFrozen(changes)];
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

/** True when a channel opens, speeds up, gets a feature or a right back, or somebody may moderate it again. */
export function reopensChannel(field: FieldChange): boolean {
  const [name] = field.path;
  switch (name) {
    case 'frozen':
    case 'disabled':
      return valueBefore(field) === true && valueAfter(field) !== true;
    case 'cooldown':
      return Number(valueBefore(field) ?? 0) > Number(valueAfter(field) ?? 0);
    case 'members':
      return newModerators(field).length > 0;
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
  const known = new Set(moderators);
  const coming = fields.flatMap(added);
  const members = coming.filter((id) => !known.has(id));
  const dangers: Danger[] = [];
  if (moderators.length > 0) {
    const message = `${someOf(moderators)} may moderate ${key}${andRead(moderators, coming)}`;
    dangers.push({ code: 'moderator-added', address, path: pathTo(change, moderators), message });
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

/** Members who come as moderators, and members who become some. */
function newModerators(field: FieldChange): readonly string[] {
  const [name, id = '', part] = field.path;
  if (name !== 'members') return [];
  if (field.op === 'elements') {
    const roleOf = (value: unknown) => textAt(treeAt(value), 'channel_role');
    return field.added
      .filter(({ value }) => roleOf(value) === 'channel_moderator')
      .map(({ name: who }) => who);
  }
  return part === 'channel_role' && valueAfter(field) === 'channel_moderator' ? [id] : [];
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

/** A feature or a right that this channel had less than its type, or has more. */
function opensOverride(field: FieldChange): boolean {
  if (field.op === 'elements') {
    const takes = ({ name }: { readonly name: string }) => name.startsWith('!');
    return (
      field.path[1] === 'grants' && (field.removed.some(takes) || field.added.some((one) => !takes(one)))
    );
  }
  // An override that goes was visible, so the type says the opposite.
  return field.op === 'remove' ? field.before === false : field.after === true;
}
