import { createHash } from 'node:crypto';
import { authorize, authorizeReading } from './authorize.ts';
import { callingUser } from './callers.ts';
import { type RowLimits, channelRow } from './channel-answers.ts';
import { channelOf, readChannelData, typeOf } from './channel-data.ts';
import { fieldError, inputError } from './errors.ts';
import { dropChannel, indexChannel } from './indexes.ts';
import { type JsonObject, isObject } from './json.ts';
import { addMembers, missingUsers, readMembers } from './membership.ts';
import { readPage } from './message-pages.ts';
import { tellFirstMembers, watchMembers } from './member-events.ts';
import type { Call, Route } from './router.ts';
import type { Channel } from './state.ts';
import { checkUserId, ensureUser } from './user-data.ts';
import { optionalFlag, optionalInteger, optionalObject, optionalText } from './validate.ts';
import { follow, interestOf } from './watching.ts';

/** Making and reading single channels. */
export const channelRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels/:type/query',
    operation: 'GetOrCreateDistinctChannel',
    access: 'everyone',
    answer: getOrCreateDistinct,
  },
  {
    method: 'POST',
    path: '/channels/:type/:id/query',
    operation: 'GetOrCreateChannel',
    access: 'everyone',
    answer: getOrCreate,
  },
  { method: 'GET', path: '/channels/:type/:id', operation: 'GetChannel', access: 'everyone', answer: get },
];

const largestMemberPage = 100;
const usualMessages = 25;

function getOrCreate(call: Call): object {
  const type = call.parameters['type'] ?? '';
  const id = call.parameters['id'] ?? '';
  typeOf(call.state, type);
  if (!/^[\w!-]{1,64}$/.test(id))
    throw inputError(`channel id "${id}" may only hold letters, digits, ! - and _`);
  const channel = call.state.channels.get(`${type}:${id}`);
  if (channel === undefined && id.startsWith('!'))
    throw inputError(`channel id "${id}" must not start with !`);
  return answerWith(call, channel, id, undefined);
}

function getOrCreateDistinct(call: Call): object {
  const { state } = call;
  const type = call.parameters['type'] ?? '';
  typeOf(state, type);
  const data = optionalObject(call.body, 'data') ?? {};
  const ids = readMembers(state, data['members'], 'data.members').map((member) => member.user_id);
  if (ids.length < 2) throw inputError('When using member based IDs specify at least 2 members');
  const members = ids.sort();
  const id = `!members-${createHash('sha256').update(members.join(',')).digest('base64url')}`;
  const channel = state.channels.get(`${type}:${id}`);
  const caller = call.caller.kind === 'user' ? call.caller.id : undefined;
  if (channel !== undefined && caller !== undefined && members.includes(caller)) {
    const tell = watchMembers(state, channel);
    addMembers(state, channel, [{ user_id: caller, custom: {} }], call.time);
    tell(call.time);
  }
  return answerWith(call, channel, id, members);
}

/** An existing channel is answered as it is, whatever the data says; a soft-deleted one starts again, empty. */
function answerWith(
  call: Call,
  existing: Channel | undefined,
  id: string,
  distinct: readonly string[] | undefined,
): object {
  const { state, body } = call;
  const interest = interestOf(call);
  const data = optionalObject(body, 'data') ?? {};
  if (data['created_by'] !== undefined && data['created_by_id'] !== undefined) {
    throw inputError('cannot set both data.created_by and data.created_by_id.');
  }
  const limits = limitsOf(body);
  let channel = existing;
  if (channel === undefined || channel.deleted_at !== undefined) {
    channel = create(call, data, id, distinct, existing);
    if (existing !== undefined) dropChannel(state, existing);
    indexChannel(state, channel);
    tellFirstMembers(state, channel, call.time);
  } else authorizeReading(call, channel);
  follow(call, channel, interest);
  return channelRow(call, channel, limits);
}

function limitsOf(body: JsonObject): RowLimits {
  const members = optionalObject(body, 'members') ?? {};
  const messages = optionalObject(body, 'messages') ?? {};
  const watchers = optionalObject(body, 'watchers');
  return {
    members: optionalInteger(members, 'limit', { min: 0, max: largestMemberPage }) ?? largestMemberPage,
    memberOffset: optionalInteger(members, 'offset', { min: 0 }) ?? 0,
    messages: readPage(messages, usualMessages),
    ...(watchers === undefined
      ? {}
      : { watchers: optionalInteger(watchers, 'limit', { min: 0 }) ?? largestMemberPage }),
  };
}

function create(
  call: Call,
  data: JsonObject,
  id: string,
  distinct: readonly string[] | undefined,
  deleted: Channel | undefined,
): Channel {
  const { state, time } = call;
  const type = call.parameters['type'] ?? '';
  const creator = creatorOf(call, data);
  const read = readChannelData(state, data, call.caller);
  const members = readMembers(state, data['members'], 'data.members');
  const invites = readMembers(state, data['invites'], 'data.invites');
  if (call.caller.kind !== 'server') authorizeCreation(call, type, read.team, distinct, deleted);
  const missing = missingUsers(
    state,
    [...members, ...invites].map((member) => member.user_id),
  );
  // The creator comes into being with the channel, so a channel may name him as its member.
  const unknown = missing.filter((user) => user !== creator['id']);
  if (unknown.length > 0) {
    throw inputError(
      `The following users are involved in channel create operation, but don't exist: [${unknown.join(' ')}]. ` +
        'Please create the user objects before setting up the channel.',
    );
  }
  const created_by_id = ensureUser(state, creator, time).id;
  const channel: Channel = {
    cid: `${type}:${id}`,
    type,
    id,
    ...(distinct === undefined ? {} : { distinct }),
    frozen: false,
    disabled: false,
    cooldown: 0,
    filter_tags: [],
    config_overrides: {},
    ...read,
    created_by_id,
    created_at: time,
    updated_at: time,
    members: new Map(),
    hidden_for: new Set(optionalFlag(call.body, 'hide_for_creator') === true ? [created_by_id] : []),
    messages: new Set(),
    reads: new Map(),
  };
  addMembers(state, channel, members, time);
  addMembers(state, channel, invites, time, true);
  return channel;
}

/** A channel that comes back needs another permission than a new one, and so does one for others only. */
function authorizeCreation(
  call: Call,
  type: string,
  team: string | undefined,
  distinct: readonly string[] | undefined,
  deleted: Channel | undefined,
): void {
  const user = callingUser(call);
  if (deleted === undefined) authorize(call, 'CreateChannel', { type, team, owner: user });
  else authorize(call, 'RecreateChannel', { type, channel: deleted });
  if (distinct !== undefined && user !== undefined && !distinct.includes(user)) {
    authorize(call, 'CreateDistinctChannelForOthers', { type, team, owner: user });
  }
}

function creatorOf(call: Call, data: JsonObject): JsonObject {
  if (call.caller.kind === 'user') return { id: call.caller.id };
  const creator = data['created_by'];
  if (isObject(creator)) return { ...creator, id: checkUserId(creator['id']) };
  const id = optionalText(data, 'created_by_id');
  if (id === undefined || id === '') {
    throw inputError(
      'either data.created_by or data.created_by_id must be provided when using server side auth.',
    );
  }
  return { id };
}

function get(call: Call): object {
  const channel = channelOf(call.state, call.parameters);
  authorizeReading(call, channel);
  const limit = (key: string, usual: number): number => {
    const value = Number(call.query[key] ?? usual);
    if (!Number.isInteger(value) || value < 0) throw fieldError(key, 'must be 0 or greater');
    return value;
  };
  const limits = {
    members: Math.min(limit('members_limit', largestMemberPage), largestMemberPage),
    messages: { limit: limit('messages_limit', usualMessages) },
  };
  return channelRow(call, channel, limits);
}
