import { authorizeIn } from './authorize.ts';
import { memberAnswer } from './channel-answers.ts';
import { channelOf } from './channel-data.ts';
import { checkCustomSize } from './custom-data.ts';
import { atPath, firstPart, partialUpdate, withPath, withoutPath } from './dotted.ts';
import { fieldError, inputError, notAllowed, notFound, plainNotFound } from './errors.ts';
import { type Field, compileFilter, compileSort } from './filters.ts';
import { putMember } from './indexes.ts';
import type { Json, JsonObject } from './json.ts';
import { watchMembers } from './member-events.ts';
import { checkChannelRole } from './membership.ts';
import type { Call, Route } from './router.ts';
import type { Channel, Member, State } from './state.ts';
import { type Micros, parseTime } from './time.ts';
import { payloadOf } from './user-queries.ts';
import { flag, optionalInteger, optionalObject, optionalText, requiredText } from './validate.ts';

/** Finding the members of a channel, and changing one of them. */
export const memberRoutes: readonly Route[] = [
  { method: 'GET', path: '/members', operation: 'QueryMembers', access: 'everyone', answer: query },
  {
    method: 'PATCH',
    path: '/channels/:type/:id/member',
    operation: 'UpdateMemberPartial',
    access: 'everyone',
    answer: patch,
  },
  {
    method: 'PATCH',
    path: '/channels/:type/:id/member/:user_id',
    operation: 'UpdateMemberPartial',
    access: 'everyone',
    answer: patch,
  },
];

const usualLimit = 100;
const largestLimit = 100;
const largestOffset = 1000;

function patch(call: Call): object {
  const { state, time } = call;
  const channel = channelOf(state, call.parameters);
  const caller = call.caller.kind === 'user' ? call.caller.id : undefined;
  const id = call.parameters['user_id'] ?? call.query['user_id'] ?? caller ?? '';
  const member = channel.members.get(id);
  if (member === undefined) throw notFound(`user ${id} is not a member of channel ${channel.cid}`);
  const update = partialUpdate(call.body);
  let changed: Member = { ...member, updated_at: time };
  for (const [key, value] of Object.entries(update.set)) changed = withKey(call, changed, key, value);
  for (const key of update.unset) changed = withoutKey(changed, key);
  checkCustomSize(changed.custom, 'member');
  if (call.caller.kind === 'user' && call.caller.id !== id) {
    authorizeIn(call, 'UpdateChannelMembers', channel);
  }
  const tell = watchMembers(state, channel);
  putMember(state, channel, changed);
  tell(time);
  return { channel_member: memberAnswer(state, channel, changed) };
}

const computed = new Set([
  'user_id',
  'user',
  'role',
  'is_moderator',
  'invited',
  'status',
  'banned',
  'shadow_banned',
  'created_at',
  'updated_at',
]);

function withKey(call: Call, member: Member, key: string, value: Json): Member {
  if (computed.has(firstPart(key)))
    throw notAllowed(`field \`${firstPart(key)}\` is reserved and cannot updated`);
  switch (key) {
    case 'channel_role':
      if (call.caller.kind !== 'server')
        throw notAllowed('this channel role can only be updated server side');
      return { ...member, channel_role: checkChannelRole(call.state, value) };
    case 'pinned':
      return flag(value, key) === true ? { ...member, pinned_at: call.time } : withoutKey(member, 'pinned');
    case 'archived':
      return flag(value, key) === true
        ? { ...member, archived_at: call.time }
        : withoutKey(member, 'archived');
    case 'notifications_muted':
      return { ...member, notifications_muted: flag(value, key) as boolean };
    default:
      return { ...member, custom: withPath(member.custom, key, value) };
  }
}

function withoutKey(member: Member, key: string): Member {
  if (computed.has(firstPart(key)))
    throw notAllowed(`field \`${firstPart(key)}\` is reserved and cannot updated`);
  const { pinned_at, archived_at, ...rest } = member;
  const pinned = pinned_at === undefined ? {} : { pinned_at };
  const archived = archived_at === undefined ? {} : { archived_at };
  switch (key) {
    case 'channel_role':
      return { ...member, channel_role: 'channel_member' };
    case 'pinned':
      return { ...rest, ...archived };
    case 'archived':
      return { ...rest, ...pinned };
    case 'notifications_muted':
      return { ...member, notifications_muted: false };
    default:
      return { ...member, custom: withoutPath(member.custom, key) };
  }
}

function query(call: Call): object {
  const { state } = call;
  const payload = payloadOf(call.query);
  const channel = queriedChannel(state, payload);
  authorizeIn(call, 'ReadChannelMembers', channel);
  const filter = optionalObject(payload, 'filter_conditions') ?? {};
  const limit = optionalInteger(payload, 'limit', { min: 0, max: largestLimit }) ?? usualLimit;
  const offset = optionalInteger(payload, 'offset', { min: 0, max: largestOffset }) ?? 0;
  const matches = compileFilter(filter, (name) => memberField(state, name));
  const order = compileSort(payload['sort'], (name) => sortField(state, name), 1);
  const window = keyset(payload);
  const members = [...channel.members.values()].filter((member) => window(member) && matches(member));
  members.sort(order ?? ((left, right) => left.created_at - right.created_at));
  return {
    members: members.slice(offset, offset + limit).map((member) => memberAnswer(state, channel, member)),
  };
}

function queriedChannel(state: State, payload: JsonObject): Channel {
  const type = requiredText(payload, 'type', 64);
  const id = optionalText(payload, 'id');
  if (id === undefined || id === '') throw fieldError('id', 'is a required field');
  const channel = state.channels.get(`${type}:${id}`);
  if (channel === undefined || channel.deleted_at !== undefined) {
    throw plainNotFound(`Can't find channel with id ${type}:${id}`);
  }
  return channel;
}

const edges: readonly (readonly [string, (value: number, edge: number) => boolean])[] = [
  ['after', (value, edge) => value > edge],
  ['after_or_equal', (value, edge) => value >= edge],
  ['before', (value, edge) => value < edge],
  ['before_or_equal', (value, edge) => value <= edge],
];
const idEdges: readonly (readonly [string, (value: string, edge: string) => boolean])[] = [
  ['gt', (value, edge) => value > edge],
  ['gte', (value, edge) => value >= edge],
  ['lt', (value, edge) => value < edge],
  ['lte', (value, edge) => value <= edge],
];

/** Paging by `user_id_…` and `created_at_…`, which works beside the offset. */
function keyset(payload: JsonObject): (member: Member) => boolean {
  const tests: ((member: Member) => boolean)[] = [];
  for (const [name, test] of edges) {
    const edge = optionalText(payload, `created_at_${name}`);
    if (edge === undefined) continue;
    const time: Micros | undefined = parseTime(edge);
    if (time === undefined) throw fieldError(`created_at_${name}`, 'must be a valid date');
    tests.push((member) => test(member.created_at, time));
  }
  for (const [name, test] of idEdges) {
    const edge = optionalText(payload, `user_id_${name}`);
    if (edge !== undefined) tests.push((member) => test(member.user_id, edge));
  }
  return (member) => tests.every((test) => test(member));
}

const idOperators = ['$eq', '$in', '$ne', '$nin', '$gt', '$gte', '$lt', '$lte', '$exists'];

function memberField(state: State, name: string): Field<Member> {
  switch (name) {
    case 'id':
    case 'user_id':
      return { kind: 'string', get: (member) => member.user_id, operators: idOperators };
    case 'name':
    case 'user.name':
      return { kind: 'string', get: (member) => state.users.get(member.user_id)?.name, searchable: true };
    case 'user.email':
      return { kind: 'string', get: (member) => state.users.get(member.user_id)?.custom['email'] };
    case 'channel_role':
      return { kind: 'string', get: (member) => member.channel_role };
    case 'is_moderator':
      return { kind: 'boolean', get: (member) => member.channel_role === 'channel_moderator' };
    case 'banned':
      return { kind: 'boolean', get: () => false };
    case 'joined':
      return { kind: 'boolean', get: (member) => member.status === 'member' };
    case 'invite':
      return { kind: 'string', get: inviteState };
    case 'notifications_muted':
      return { kind: 'boolean', get: (member) => member.notifications_muted };
    case 'created_at':
      return { kind: 'time', get: (member) => member.created_at };
    case 'updated_at':
      return { kind: 'time', get: (member) => member.updated_at };
    case 'last_active':
      return { kind: 'time', get: (member) => state.users.get(member.user_id)?.last_active };
    case 'cid':
      throw inputError('cannot search by cid');
    default:
      if (name.startsWith('user.')) throw inputError(`unrecognized field "${name}"`);
      return { kind: 'custom', get: (member) => atPath(member.custom, name) };
  }
}

function inviteState(member: Member): Json | undefined {
  if (!member.invited) return undefined;
  return member.status === 'member' ? 'accepted' : member.status;
}

const sortable = new Set(['created_at', 'user_id', 'name', 'last_active', 'channel_role']);

function sortField(state: State, name: string): Field<Member> {
  if (!sortable.has(name)) throw inputError(`sorting by "${name}" is not allowed`);
  return memberField(state, name);
}
