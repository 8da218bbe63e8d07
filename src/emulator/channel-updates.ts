import { callingUser } from './callers.ts';
import { channelAnswer, eventChannel, memberAnswers } from './channel-answers.ts';
import {
  channelOf,
  longestCooldown,
  readChannelData,
  readFilterTags,
  readOverrides,
  reservedChannelFields,
} from './channel-data.ts';
import { type ChannelChange, authorizeUpdate } from './channel-update-rules.ts';
import { checkCustomSize } from './custom-data.ts';
import { firstPart, partialUpdate, withPath, withoutPath } from './dotted.ts';
import { inputError, notAllowed } from './errors.ts';
import { tellWatchers } from './events.ts';
import { dropMember, putMember } from './indexes.ts';
import type { Json, JsonObject } from './json.ts';
import { watchMembers } from './member-events.ts';
import { addMembers, missingUsers, readMembers, refuseOutsiders } from './membership.ts';
import { messageAnswer } from './message-answers.ts';
import { tellOfNew } from './message-events.ts';
import { postSystemMessage } from './messages.ts';
import type { Call, Route } from './router.ts';
import type { Channel, Member, State } from './state.ts';
import { userById } from './user-answers.ts';
import { flag, integer, optionalInteger, optionalObject, optionalTexts, text } from './validate.ts';

/** Changing channels: whole with their members, and in parts. */
export const channelUpdateRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels/:type/:id',
    operation: 'UpdateChannel',
    access: 'everyone',
    answer: update,
  },
  {
    method: 'PATCH',
    path: '/channels/:type/:id',
    operation: 'UpdateChannelPartial',
    access: 'everyone',
    answer: patch,
  },
];

const mostAtOnce = 100;
const shownMembers = 100;

function update(call: Call): object {
  const { state, body, time } = call;
  const channel = channelOf(state, call.parameters);
  const data = optionalObject(body, 'data');
  const read = data === undefined ? undefined : readChannelData(state, data, call.caller);
  const cooldown = optionalInteger(body, 'cooldown', { min: 0, max: longestCooldown });
  const tags = changedTags(channel, body);
  const sent = optionalObject(body, 'message');
  const membership = membershipChange(call, channel);
  const frozen = read?.frozen !== undefined && read.frozen !== channel.frozen;
  const plain = read !== undefined || tags !== undefined;
  authorizeUpdate(call, channel, {
    ...membership.change,
    // A message that goes with a change of members needs no permission of its own.
    fields: plain || (sent !== undefined && !membership.touches),
    frozen,
    cooldown: cooldown !== undefined,
  });
  // Nothing above changed anything, so a refused request leaves the channel as it was.
  if (read !== undefined) Object.assign(channel, read);
  if (cooldown !== undefined) channel.cooldown = cooldown;
  if (tags !== undefined) channel.filter_tags = tags;
  if (read !== undefined || cooldown !== undefined || tags !== undefined) channel.updated_at = time;
  const tellOfMembers = watchMembers(state, channel);
  membership.apply();
  const message = postSystemMessage(call, channel, sent);
  const shown = message === undefined ? {} : { message: messageAnswer(state, message, callingUser(call)) };
  tellOfMembers(time);
  if (read !== undefined || cooldown !== undefined || tags !== undefined) tellOfUpdate(call, channel, shown);
  if (message !== undefined) tellOfNew(state, channel, message, time);
  return {
    channel: channelAnswer(state, channel, call.caller),
    members: memberAnswers(state, channel, 0, shownMembers),
    ...shown,
  };
}

function tellOfUpdate(call: Call, channel: Channel, message: JsonObject): void {
  const { state, time } = call;
  const user = callingUser(call);
  const fields = (): JsonObject => ({
    channel: {
      ...eventChannel(state, channel),
      members: memberAnswers(state, channel, 0, shownMembers),
    },
    channel_member_count: channel.members.size,
    ...message,
    ...(user === undefined ? {} : { user: userById(state, user) }),
  });
  tellWatchers(state, channel, { type: 'channel.updated', time, fields });
}

/** A checked change of the members: who it is about, and the function that then cannot fail. */
interface MembershipChange {
  readonly change: Pick<ChannelChange, 'added' | 'removed' | 'invited' | 'promoted'>;
  readonly touches: boolean;
  readonly apply: () => void;
}

function changedTags(channel: Channel, body: JsonObject): readonly string[] | undefined {
  const added = optionalTexts(body, 'add_filter_tags', { max: 10 });
  const removed = optionalTexts(body, 'remove_filter_tags');
  if (added === undefined && removed === undefined) return undefined;
  const gone = new Set(removed);
  return readFilterTags([...channel.filter_tags, ...(added ?? [])].filter((tag) => !gone.has(tag)));
}

/** Checks every membership part of the request. */
function membershipChange(call: Call, channel: Channel): MembershipChange {
  const { state, body, time } = call;
  const added = readMembers(state, body['add_members'], 'add_members');
  const removed = optionalTexts(body, 'remove_members', { max: mostAtOnce }) ?? [];
  const promoted = optionalTexts(body, 'add_moderators', { max: mostAtOnce }) ?? [];
  const demoted = optionalTexts(body, 'demote_moderators', { max: mostAtOnce }) ?? [];
  const invited = readMembers(state, body['invites'], 'invites');
  const assigned = readMembers(state, body['assign_roles'], 'assign_roles');
  const addedIds = added.map((member) => member.user_id);
  const invitedIds = invited.map((member) => member.user_id);
  if (
    call.caller.kind === 'user' &&
    [added, assigned].flat().some((member) => member.channel_role !== undefined)
  ) {
    throw notAllowed('this channel role can only be updated server side');
  }
  for (const id of addedIds) {
    if (removed.includes(id)) throw inputError(`user ${id} cannot be added and removed in one request`);
  }
  for (const [field, ids] of [
    ['add_members', addedIds],
    ['add_moderators', promoted],
    ['invites', invitedIds],
  ] as const) {
    const [missing] = missingUsers(state, ids);
    if (missing !== undefined) throw inputError(`could not find user ${missing} from ${field}`);
  }
  refuseOutsiders(channel, [...addedIds, ...promoted], false);
  refuseOutsiders(channel, invitedIds, true);
  for (const member of assigned) {
    if (member.channel_role === undefined) throw inputError('assign_roles.channel_role is a required field');
    if (!channel.members.has(member.user_id) && !addedIds.includes(member.user_id)) {
      throw inputError(`user ${member.user_id} from assign_roles is not a member of the channel`);
    }
  }
  const answered = inviteAnswer(call, channel);
  const who = {
    added: addedIds,
    removed,
    invited: invitedIds,
    promoted: [...promoted, ...demoted, ...assigned.map((member) => member.user_id)],
  };
  const apply = (): void => {
    addMembers(state, channel, added, time);
    addMembers(state, channel, invited, time, true);
    for (const id of promoted) {
      addMembers(state, channel, [{ user_id: id, custom: {} }], time);
      change(state, channel, id, { channel_role: 'channel_moderator', updated_at: time });
    }
    for (const id of demoted)
      change(state, channel, id, { channel_role: 'channel_member', updated_at: time });
    for (const { user_id, channel_role } of assigned) {
      if (channel_role !== undefined) change(state, channel, user_id, { channel_role, updated_at: time });
    }
    answered();
    for (const id of removed) dropMember(state, channel, id);
  };
  const answers = body['accept_invite'] === true || body['reject_invite'] === true;
  return { change: who, touches: answers || Object.values(who).some((ids) => ids.length > 0), apply };
}

function change(state: State, channel: Channel, id: string, values: Partial<Member>): void {
  const member = channel.members.get(id);
  if (member !== undefined) putMember(state, channel, { ...member, ...values });
}

function inviteAnswer(call: Call, channel: Channel): () => void {
  const { state, body, time } = call;
  const accepts = body['accept_invite'] === true;
  if (!accepts && body['reject_invite'] !== true) return () => {};
  const id = callingUser(call);
  const member = id === undefined ? undefined : channel.members.get(id);
  if (id === undefined || member?.invited !== true)
    throw inputError(`user ${id ?? ''} is not invited to the channel`);
  if (accepts && member.status === 'member') return () => {};
  const values: Partial<Member> = accepts
    ? { status: 'member', invite_accepted_at: time, updated_at: time }
    : { status: 'rejected', invite_rejected_at: time, updated_at: time };
  return () => change(state, channel, id, values);
}

const serverOnly = new Set(['disabled', 'team', 'config_overrides']);

function patch(call: Call): object {
  const { state, time } = call;
  const channel = channelOf(state, call.parameters);
  const update = partialUpdate(call.body);
  let changed: Partial<Channel> & { custom: JsonObject } = { custom: channel.custom };
  const cleared = new Set<string>();
  for (const [key, value] of Object.entries(update.set)) {
    refuseReserved(call, key);
    const field = readField(state, key, value);
    changed =
      field === undefined
        ? { ...changed, custom: withPath(changed.custom, key, value) }
        : { ...changed, ...field };
  }
  for (const key of update.unset) {
    refuseReserved(call, key);
    if (Object.hasOwn(emptied, key)) changed = { ...changed, ...emptied[key] };
    else if (removable.has(key)) cleared.add(key);
    else changed = { ...changed, custom: withoutPath(changed.custom, key) };
  }
  checkCustomSize(changed.custom, 'channel');
  const keys = [...Object.keys(update.set), ...update.unset];
  authorizeUpdate(call, channel, {
    fields: keys.some((key) => key !== 'frozen' && key !== 'cooldown'),
    frozen: keys.includes('frozen'),
    cooldown: keys.includes('cooldown'),
  });
  Object.assign(channel, changed, { updated_at: time });
  for (const key of cleared) delete (channel as unknown as Record<string, unknown>)[key];
  tellOfUpdate(call, channel, {});
  return {
    channel: channelAnswer(state, channel, call.caller),
    members: memberAnswers(state, channel, 0, shownMembers),
  };
}

const emptied: Readonly<Record<string, Partial<Channel>>> = {
  frozen: { frozen: false },
  disabled: { disabled: false },
  cooldown: { cooldown: 0 },
  filter_tags: { filter_tags: [] },
  config_overrides: { config_overrides: {} },
};
const removable = new Set(['team', 'auto_translation_enabled', 'auto_translation_language']);

function refuseReserved(call: Call, key: string): void {
  const first = firstPart(key);
  if (reservedChannelFields.has(first) || first === 'members' || first === 'created_by') {
    throw notAllowed(`field \`${first}\` is reserved and cannot updated`);
  }
  if (serverOnly.has(first) && call.caller.kind !== 'server') {
    throw notAllowed(`field \`${first}\` can only be updated using server-side auth`);
  }
}

/** What a key with a meaning of its own sets, or undefined for a custom one. */
function readField(state: State, key: string, value: Json): Partial<Channel> | undefined {
  if (value === null && Object.hasOwn(emptied, key)) return emptied[key];
  switch (key) {
    case 'team':
      return { team: text()(value, key) as string };
    case 'frozen':
      return { frozen: flag(value, key) as boolean };
    case 'disabled':
      return { disabled: flag(value, key) as boolean };
    case 'cooldown':
      return { cooldown: integer({ min: 0, max: longestCooldown })(value, key) as number };
    case 'filter_tags':
      return { filter_tags: readFilterTags(value) };
    case 'config_overrides':
      return { config_overrides: readOverrides(state, value) };
    case 'auto_translation_enabled':
      return { auto_translation_enabled: flag(value, key) as boolean };
    case 'auto_translation_language':
      return { auto_translation_language: text()(value, key) as string };
    default:
      return undefined;
  }
}
