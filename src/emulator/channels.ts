import { createHash } from 'node:crypto';
import { channelRow, deletedChannelAnswer, channelAnswer } from './channel-answers.ts';
import { channelOf, readChannelData, typeOf } from './channel-data.ts';
import { fieldError, inputError, plainNotFound } from './errors.ts';
import { dropChannel, indexChannel } from './indexes.ts';
import { type JsonObject, isObject } from './json.ts';
import { addMembers, missingUsers, readMembers } from './membership.ts';
import { postSystemMessage } from './messages.ts';
import type { Call, Route } from './router.ts';
import type { Channel } from './state.ts';
import { parseTime, timeText } from './time.ts';
import { checkUserId, ensureUser } from './user-data.ts';
import { optionalFlag, optionalInteger, optionalObject, optionalText, optionalTexts } from './validate.ts';

/** Making, reading, emptying, hiding and deleting single channels. */
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
  {
    method: 'DELETE',
    path: '/channels/:type/:id',
    operation: 'DeleteChannel',
    access: 'everyone',
    answer: remove,
  },
  {
    method: 'POST',
    path: '/channels/:type/:id/truncate',
    operation: 'TruncateChannel',
    access: 'everyone',
    answer: truncate,
  },
  {
    method: 'POST',
    path: '/channels/:type/:id/hide',
    operation: 'HideChannel',
    access: 'everyone',
    answer: hide,
  },
  {
    method: 'POST',
    path: '/channels/:type/:id/show',
    operation: 'ShowChannel',
    access: 'everyone',
    answer: show,
  },
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
    addMembers(state, channel, [{ user_id: caller, custom: {} }], call.time);
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
  if (call.caller.kind === 'server' && (body['watch'] === true || body['presence'] === true)) {
    throw inputError('watch and presence need a connected user');
  }
  const data = optionalObject(body, 'data') ?? {};
  if (data['created_by'] !== undefined && data['created_by_id'] !== undefined) {
    throw inputError('cannot set both data.created_by and data.created_by_id.');
  }
  let channel = existing;
  if (channel === undefined || channel.deleted_at !== undefined) {
    channel = create(call, data, id, distinct);
    if (existing !== undefined) dropChannel(state, existing);
    indexChannel(state, channel);
  }
  const members = optionalObject(body, 'members') ?? {};
  const messages = optionalObject(body, 'messages') ?? {};
  const limits = {
    members: optionalInteger(members, 'limit', { min: 0, max: largestMemberPage }) ?? largestMemberPage,
    memberOffset: optionalInteger(members, 'offset', { min: 0 }) ?? 0,
    messages: optionalInteger(messages, 'limit', { min: 0, max: 300 }) ?? usualMessages,
  };
  return channelRow(state, channel, limits, callingUser(call));
}

function create(call: Call, data: JsonObject, id: string, distinct: readonly string[] | undefined): Channel {
  const { state, time } = call;
  const type = call.parameters['type'] ?? '';
  const creator = creatorOf(call, data);
  const read = readChannelData(state, data, call.caller);
  const members = readMembers(state, data['members'], 'data.members');
  const invites = readMembers(state, data['invites'], 'data.invites');
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
  };
  addMembers(state, channel, members, time);
  addMembers(state, channel, invites, time, true);
  return channel;
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

/** The user a request speaks for: the token's, or the one a server names. */
export function callingUser(call: Call): string | undefined {
  if (call.caller.kind === 'user') return call.caller.id;
  const user = call.body['user'];
  const named = isObject(user) ? user['id'] : undefined;
  const id = call.body['user_id'] ?? named ?? call.query['user_id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function get(call: Call): object {
  const channel = channelOf(call.state, call.parameters);
  const limit = (key: string, usual: number): number => {
    const value = Number(call.query[key] ?? usual);
    if (!Number.isInteger(value) || value < 0) throw fieldError(key, 'must be 0 or greater');
    return value;
  };
  const limits = {
    members: Math.min(limit('members_limit', largestMemberPage), largestMemberPage),
    messages: limit('messages_limit', usualMessages),
  };
  return channelRow(call.state, channel, limits, callingUser(call));
}

function remove(call: Call): object {
  const { state, parameters, query, time } = call;
  const cid = `${parameters['type'] ?? ''}:${parameters['id'] ?? ''}`;
  const hard = query['hard_delete'] === 'true';
  const channel = hard ? state.channels.get(cid) : channelOf(state, parameters);
  if (channel === undefined) throw plainNotFound(`Can't find channel with id ${cid}`);
  const answer = { channel: deletedChannelAnswer(state, channel, timeText(time)) };
  if (hard) dropChannel(state, channel);
  else softDelete(call, channel);
  return answer;
}

/** Marks a channel as deleted; its custom data and messages are lost even when it comes back. */
export function softDelete({ state, time }: Pick<Call, 'state' | 'time'>, channel: Channel): void {
  channel.deleted_at = time;
  for (const id of channel.messages) state.messages.delete(id);
  channel.messages.clear();
}

function truncate(call: Call): object {
  const { state, body, time } = call;
  const channel = channelOf(state, call.parameters);
  const members = optionalTexts(body, 'member_ids', { max: 100 }) ?? [];
  const at = truncationTime(call);
  if (members.length === 0) {
    if (channel.truncated_at !== undefined && at <= channel.truncated_at) {
      throw inputError('truncated_at must be more recent than previous one');
    }
    for (const id of channel.messages) {
      if ((state.messages.get(id)?.created_at ?? 0) > at) continue;
      state.messages.delete(id);
      channel.messages.delete(id);
    }
    channel.truncated_at = at;
    const user = callingUser(call);
    if (user === undefined) delete channel.truncated_by_id;
    else channel.truncated_by_id = user;
    delete channel.last_message_at;
    channel.updated_at = time;
  }
  const message = postSystemMessage(call, channel, optionalObject(body, 'message'));
  return { channel: channelAnswer(state, channel), ...(message === undefined ? {} : { message }) };
}

function truncationTime({ body, time }: Call): number {
  const sent = optionalText(body, 'truncated_at');
  if (sent === undefined) return time;
  const at = parseTime(sent);
  if (at === undefined) throw fieldError('truncated_at', 'must be a valid date');
  return at;
}

function hide(call: Call): object {
  channelOf(call.state, call.parameters).hidden_for.add(requiredUser(call));
  return {};
}

function show(call: Call): object {
  channelOf(call.state, call.parameters).hidden_for.delete(requiredUser(call));
  return {};
}

function requiredUser(call: Call): string {
  const user = callingUser(call);
  if (user === undefined)
    throw inputError('either user or user_id must be provided when using server side auth.');
  return user;
}
