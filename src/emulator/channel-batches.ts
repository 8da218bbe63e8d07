import { readChannelData } from './channel-data.ts';
import { authorizeIn } from './authorize.ts';
import { deleteChannel } from './channel-removals.ts';
import { fieldError, inputError, plainNotFound } from './errors.ts';
import { dropMember, putMember } from './indexes.ts';
import { type Json, type JsonObject, isObject } from './json.ts';
import { watchMembers } from './member-events.ts';
import { type SentMember, addMembers, missingUsers, readMembers } from './membership.ts';
import type { Call, Route } from './router.ts';
import type { Channel, State } from './state.ts';
import { recordTask } from './tasks.ts';
import { oneOf, optionalFlag, optionalObject, optionalTexts } from './validate.ts';

/** Operations on many channels, which answer with a task. */
export const channelBatchRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels/delete',
    operation: 'DeleteChannels',
    access: 'everyone',
    answer: removeMany,
  },
  {
    method: 'PUT',
    path: '/channels/batch',
    operation: 'ChannelBatchUpdate',
    access: 'server',
    answer: batch,
  },
];

const mostCids = 100;
const operations = ['addMembers', 'removeMembers', 'assignRoles', 'updateData'] as const;

function removeMany(call: Call): object {
  const { state, body } = call;
  const cids = optionalTexts(body, 'cids', { max: mostCids });
  if (cids === undefined || cids.length === 0) throw fieldError('cids', 'is a required field');
  const hard = optionalFlag(body, 'hard_delete') ?? false;
  const channels = [...new Set(cids)].map((cid) => {
    const channel = state.channels.get(cid);
    if (channel === undefined) throw plainNotFound('channels not found');
    return channel;
  });
  for (const channel of channels) authorizeIn(call, 'DeleteChannel', channel);
  const result: Record<string, JsonObject> = {};
  for (const channel of channels) {
    if (hard || channel.deleted_at === undefined) deleteChannel(call, channel, hard);
    result[channel.cid] = { status: 'ok' };
  }
  return call.caller.kind === 'server' ? { task_id: recordTask(call, result) } : { result };
}

function batch(call: Call): object {
  const { state, body } = call;
  const operation = oneOf(operations)(body['operation'] ?? '', 'operation') as (typeof operations)[number];
  const filter = optionalObject(body, 'filter');
  if (filter === undefined) throw fieldError('filter', 'is a required field');
  const channels = selected(state, filter);
  const members = readMembers(state, body['members'], 'members');
  if (operation !== 'updateData' && members.length === 0) throw fieldError('members', 'is a required field');
  const data = operation === 'updateData' ? optionalObject(body, 'data') : undefined;
  if (operation === 'updateData' && data === undefined) throw fieldError('data', 'is a required field');
  const read = data === undefined ? undefined : readChannelData(state, data, call.caller);
  const failed: JsonObject[] = [];
  for (const channel of channels) {
    const reason = refusal(state, channel, operation, members);
    if (reason !== undefined) {
      failed.push({ reason, cids: [channel.cid] });
      continue;
    }
    if (read !== undefined) {
      const { custom: sent, ...fields } = read;
      Object.assign(channel, fields, { custom: changedCustom(channel.custom, sent), updated_at: call.time });
    }
    const tell = watchMembers(state, channel);
    changeMembers(call, channel, operation, members);
    tell(call.time);
  }
  const result = {
    operation,
    success_channels_count: channels.length - failed.length,
    failed_channels: failed,
  };
  return { task_id: recordTask(call, result, true) };
}

/** `custom` replaces everything by one field of that very name, as on the real service; only `custom_set` merges. */
function changedCustom(current: JsonObject, sent: JsonObject): JsonObject {
  const { custom, custom_set } = sent;
  const base = custom === undefined ? current : { custom };
  return isObject(custom_set) ? { ...base, ...custom_set } : base;
}

function selected(state: State, filter: JsonObject): readonly Channel[] {
  const cids = listed(filter['cids']);
  const types = listed(filter['types']);
  if (cids === undefined && types === undefined) throw inputError('filter must hold cids or types');
  const wanted = cids ?? types?.flatMap((type) => [...(state.index.byType.get(type) ?? [])]) ?? [];
  return [...new Set(wanted)]
    .map((cid) => state.channels.get(cid))
    .filter((channel) => channel !== undefined)
    .filter(
      (channel) => channel.deleted_at === undefined && (types === undefined || types.includes(channel.type)),
    );
}

function listed(condition: Json | undefined): readonly string[] | undefined {
  if (condition === undefined || condition === null) return undefined;
  const value = isObject(condition) ? (condition['$in'] ?? condition['$eq']) : condition;
  const list = Array.isArray(value) ? value : [value];
  if (!list.every((item) => typeof item === 'string'))
    throw inputError('filter must list texts with $in or $eq');
  return list;
}

function refusal(
  state: State,
  channel: Channel,
  operation: (typeof operations)[number],
  members: readonly SentMember[],
): string | undefined {
  const ids = members.map((member) => member.user_id);
  if (operation === 'addMembers') {
    const [missing] = missingUsers(state, ids);
    if (missing !== undefined) return `could not find user ${missing} from add_members`;
    const belongs = channel.distinct;
    if (belongs !== undefined && ids.some((id) => !belongs.includes(id))) {
      return "cannot add members to the distinct channel they don't belong to";
    }
  }
  if (operation === 'assignRoles' && ids.some((id) => !channel.members.has(id))) {
    return 'assign_roles names a user who is not a member';
  }
  return undefined;
}

function changeMembers(
  { state, time }: Call,
  channel: Channel,
  operation: (typeof operations)[number],
  members: readonly SentMember[],
): void {
  if (operation === 'addMembers') addMembers(state, channel, members, time);
  for (const { user_id, channel_role } of members) {
    const member = channel.members.get(user_id);
    if (operation === 'removeMembers') dropMember(state, channel, user_id);
    if (operation === 'assignRoles' && member !== undefined && channel_role !== undefined) {
      putMember(state, channel, { ...member, channel_role, updated_at: time });
    }
  }
}
