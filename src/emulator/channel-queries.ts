import { channelRow } from './channel-answers.ts';
import { judgeOf, refusal } from './authorize.ts';
import { callingUser } from './callers.ts';
import { atPath } from './dotted.ts';
import { StreamError, inputError } from './errors.ts';
import { type Field, compileFilter, compileSort, exactTexts } from './filters.ts';
import { type Json, type JsonObject, isObject } from './json.ts';
import { unreadIn } from './reads.ts';
import type { Call, Route } from './router.ts';
import type { Channel, Member, State } from './state.ts';
import { optionalInteger, optionalObject } from './validate.ts';
import { follow, interestOf } from './watching.ts';

/** Finding channels. */
export const channelQueryRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels',
    operation: 'QueryChannels',
    access: 'everyone',
    reads: true,
    answer: query,
  },
];

const usualLimit = 10;
/** A larger limit is no error; the real service silently gives this many rows. */
const largestLimit = 30;
const largestOffset = 1000;
const largestMemberLimit = 100;
const usualMessages = 25;

function query(call: Call): object {
  const { state, body } = call;
  const interest = interestOf(call);
  const filter = optionalObject(body, 'filter_conditions') ?? {};
  const limit = Math.min(optionalInteger(body, 'limit', { min: 0 }) ?? usualLimit, largestLimit);
  const offset = optionalInteger(body, 'offset', { min: 0, max: largestOffset }) ?? 0;
  const limits = {
    members: optionalInteger(body, 'member_limit', { min: 0, max: largestMemberLimit }) ?? largestMemberLimit,
    messages: { limit: optionalInteger(body, 'message_limit', { min: 0, max: 300 }) ?? usualMessages },
  };
  const user = callingUser(call);
  const fieldOf = (name: string): Field<Channel> => channelField(state, name, user);
  const matches = compileFilter(filter, fieldOf);
  const order =
    compileSort(body['sort'], fieldOf) ?? ((left: Channel, right: Channel) => updated(right) - updated(left));
  const withDisabled = asksFor(filter, 'disabled');
  const withHidden = asksFor(filter, 'hidden');
  const channels = candidates(state, filter).filter(
    (channel) =>
      channel.deleted_at === undefined &&
      (withDisabled || !channel.disabled) &&
      (withHidden || user === undefined || !channel.hidden_for.has(user)) &&
      matches(channel),
  );
  channels.sort(order);
  const page = channels.slice(offset, offset + limit);
  for (const channel of page) refuseUnreadable(call, channel);
  for (const channel of page) follow(call, channel, interest);
  return { channels: page.map((channel) => channelRow(call, channel, limits)) };
}

/** One channel that the caller may not read refuses the whole answer. */
function refuseUnreadable(call: Call, channel: Channel): void {
  if (judgeOf(call.state, call.caller, { type: channel.type, channel })('ReadChannel')) return;
  throw new StreamError(403, 70, refusal(call, 'ReadChannel', channel.type).message);
}

function updated(channel: Channel): number {
  return channel.last_message_at ?? channel.created_at;
}

/** True when the filter asks for `field` to be true. */
function asksFor(filter: JsonObject, field: string): boolean {
  const condition = filter[field];
  if (condition === true || (isObject(condition) && condition['$eq'] === true)) return true;
  const all = filter['$and'];
  return Array.isArray(all) && all.some((part: Json) => isObject(part) && asksFor(part, field));
}

/** The channels that can match at all, found without a scan where the filter names them. */
function candidates(state: State, filter: JsonObject): Channel[] {
  const cids = exactTexts(filter, 'cid') ?? exactCids(state, filter);
  if (cids === undefined) return [...state.channels.values()];
  return [...new Set(cids)].map((cid) => state.channels.get(cid)).filter((channel) => channel !== undefined);
}

function exactCids(state: State, filter: JsonObject): readonly string[] | undefined {
  const ids = exactTexts(filter, 'id');
  if (ids !== undefined) return ids.flatMap((id) => [...(state.index.byId.get(id) ?? [])]);
  const condition = filter['members'];
  const exact = isObject(condition) ? condition['$eq'] : undefined;
  // Every member of an exact list is in the channel, so the first one's channels are enough.
  const members = Array.isArray(exact) ? exact.slice(0, 1).map(String) : exactTexts(filter, 'members');
  if (members !== undefined && members.length > 0) {
    return members.flatMap((id) => [...(state.index.byMember.get(id) ?? [])]);
  }
  const types = exactTexts(filter, 'type');
  return types?.flatMap((type) => [...(state.index.byType.get(type) ?? [])]);
}

const fields: Readonly<Record<string, Field<Channel>>> = {
  cid: { kind: 'string', get: (channel) => channel.cid },
  id: { kind: 'string', get: (channel) => channel.id },
  type: { kind: 'string', get: (channel) => channel.type },
  name: { kind: 'string', get: (channel) => channel.custom['name'], searchable: true },
  team: { kind: 'string', get: (channel) => channel.team },
  created_by_id: { kind: 'string', get: (channel) => channel.created_by_id },
  created_at: { kind: 'time', get: (channel) => channel.created_at },
  updated_at: { kind: 'time', get: (channel) => channel.updated_at },
  last_message_at: { kind: 'time', get: (channel) => channel.last_message_at },
  last_updated: { kind: 'time', get: updated },
  frozen: { kind: 'boolean', get: (channel) => channel.frozen },
  disabled: { kind: 'boolean', get: (channel) => channel.disabled },
  distinct: { kind: 'boolean', get: (channel) => channel.distinct !== undefined },
  filter_tags: { kind: 'list', get: (channel) => channel.filter_tags },
  members: { kind: 'list', get: (channel) => [...channel.members.keys()] },
  member_count: { kind: 'number', get: (channel) => channel.members.size },
  message_count: { kind: 'number', get: (channel) => channel.messages.size },
};

type OfMember = (channel: Channel, user: string, state: State) => Json | undefined;

const ofMember =
  (value: (member: Member) => Json | undefined): OfMember =>
  (channel, user) => {
    const member = channel.members.get(user);
    return member === undefined ? undefined : value(member);
  };

/** Fields that differ from user to user, and need one. */
const personal: Readonly<Record<string, { readonly kind: Field<Channel>['kind']; readonly get: OfMember }>> =
  {
    hidden: { kind: 'boolean', get: (channel, user) => channel.hidden_for.has(user) },
    joined: { kind: 'boolean', get: (channel, user) => channel.members.get(user)?.status === 'member' },
    invite: { kind: 'string', get: ofMember((member) => (member.invited ? inviteState(member) : undefined)) },
    muted: {
      kind: 'boolean',
      get: (channel, user) => channel.members.get(user)?.notifications_muted === true,
    },
    pinned: { kind: 'boolean', get: (channel, user) => channel.members.get(user)?.pinned_at !== undefined },
    archived: {
      kind: 'boolean',
      get: (channel, user) => channel.members.get(user)?.archived_at !== undefined,
    },
    pinned_at: { kind: 'time', get: ofMember((member) => member.pinned_at) },
    channel_role: { kind: 'string', get: ofMember((member) => member.channel_role) },
    has_unread: { kind: 'boolean', get: (channel, user, state) => unreadIn(state, channel, user) > 0 },
    unread_count: { kind: 'number', get: (channel, user, state) => unreadIn(state, channel, user) },
  };

function inviteState(member: Member): string {
  return member.status === 'member' ? 'accepted' : member.status;
}

function channelField(state: State, name: string, user: string | undefined): Field<Channel> {
  const own = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (own !== undefined) return own;
  const per = Object.hasOwn(personal, name) ? personal[name] : undefined;
  if (per !== undefined) {
    if (user === undefined) throw inputError(`${name} requires a valid user`);
    return { kind: per.kind, get: (channel) => per.get(channel, user, state) };
  }
  if (name === 'member.user.name') {
    return {
      kind: 'list',
      get: (channel) => [...channel.members.keys()].map((id) => state.users.get(id)?.name ?? ''),
    };
  }
  return { kind: 'custom', get: (channel) => atPath(channel.custom, name) };
}
