import type { Path } from '../../model/address.ts';
import { valueAfter, valueBefore, type Change, type FieldChange, type Update } from '../../model/change.ts';
import type { Danger, Remark } from '../../model/danger.ts';
import type { World } from '../../model/kind.ts';
import { liveGrants } from '../grants.ts';
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
  return [...frozenMeans(changes), ...skipsCooldown(changes, world)];
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
  const members = fields.flatMap(added).filter((id) => !known.has(id));
  const dangers: Danger[] = [];
  if (moderators.length > 0) {
    const message = `${someOf(moderators)} may moderate ${key}`;
    dangers.push({ code: 'moderator-added', address, path: pathTo(change, moderators), message });
  }
  if (members.length > 0) {
    const message = `${someOf(members)} can read the history of ${key}`;
    dangers.push({ code: 'member-added', address, path: pathTo(change, members), message });
  }
  return dangers;
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

function frozenMeans(changes: readonly ChannelChange[]): readonly Remark[] {
  const first = changes.find((change) => isFrozen(change));
  if (first === undefined) return [];
  return [
    {
      address: first.address,
      path: ['frozen'],
      code: 'frozen-means',
      message:
        'nobody can post or react in a frozen channel from a client, except roles that hold use-frozen-channel; calls of your server still can',
    },
  ];
}

function isFrozen(change: ChannelChange): boolean {
  if (change.action === 'delete' || change.action === 'keep') return false;
  return change.fields.some((field) => field.path[0] === 'frozen' && valueAfter(field) === true);
}

/** One for each channel type, on the first channel that is slowed down. */
function skipsCooldown(changes: readonly ChannelChange[], world: World): readonly Remark[] {
  const slowed = changes.filter(isSlowed);
  const types = new Map(slowed.toReversed().map((change) => [typeOf(change), change]));
  return slowed
    .filter((change) => types.get(typeOf(change)) === change)
    .map((change) => ({
      address: change.address,
      path: ['cooldown'],
      code: 'skips-cooldown',
      message: whoSkips(typeOf(change), world),
    }));
}

function isSlowed(change: ChannelChange): boolean {
  if (change.action === 'delete' || change.action === 'keep') return false;
  return change.fields.some((field) => field.path[0] === 'cooldown' && Number(valueAfter(field) ?? 0) > 0);
}

function typeOf({ key }: ChannelChange): string {
  return key.slice(0, key.indexOf(':'));
}

function whoSkips(type: string, world: World): string {
  const types = treeAt(world.answer('ListChannelTypes')?.['channel_types']);
  if (!Object.hasOwn(types, type)) {
    return `the cooldown does not hold for roles with skip-channel-cooldown in channels of type ${type}`;
  }
  const grants = liveGrants(treeAt(types[type])['grants']);
  const roles = Object.keys(grants)
    .filter((role) => Object.hasOwn(grants[role] ?? {}, 'skip-channel-cooldown'))
    .toSorted();
  return roles.length === 0
    ? `the cooldown holds for everybody: no role has skip-channel-cooldown in channels of type ${type}`
    : `the cooldown does not hold for ${roles.join(', ')}: they have skip-channel-cooldown in channels of type ${type}`;
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
