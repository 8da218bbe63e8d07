import { eventChannel, memberAnswer } from './channel-answers.ts';
import { type ChannelEvent, tellUser, tellWatchers } from './events.ts';
import type { JsonObject } from './json.ts';
import type { Channel, Member, State } from './state.ts';
import type { Micros } from './time.ts';
import { userById } from './user-answers.ts';
import { dropStrangers } from './watching.ts';

/** Remembers who belongs to the channel, and gives the function that tells everybody what has changed since. */
export function watchMembers(state: State, channel: Channel): (time: Micros) => void {
  if (state.live.quiet) return () => {};
  const before = new Map(channel.members);
  return (time) => {
    for (const [id, member] of channel.members) {
      const old = before.get(id);
      if (old === undefined) added(state, channel, member, time);
      else if (old !== member) changed(state, channel, old, member, time);
    }
    for (const [id, member] of before) if (!channel.members.has(id)) removed(state, channel, member, time);
  };
}

/** Tells everyone who joined a channel by its creation. */
export function tellFirstMembers(state: State, channel: Channel, time: Micros): void {
  for (const member of channel.members.values()) {
    const event = eventOf(state, channel, member, member.invited ? 'invited' : 'added_to_channel', time);
    tellUser(state, member.user_id, channel, event);
  }
}

function added(state: State, channel: Channel, member: Member, time: Micros): void {
  tellWatchers(state, channel, memberEvent(state, channel, member, 'member.added', time));
  const event = eventOf(state, channel, member, member.invited ? 'invited' : 'added_to_channel', time);
  tellUser(state, member.user_id, channel, event);
}

function changed(state: State, channel: Channel, old: Member, member: Member, time: Micros): void {
  tellWatchers(state, channel, memberEvent(state, channel, member, 'member.updated', time));
  if (old.status === member.status) return;
  const answer = member.status === 'member' ? 'invite_accepted' : 'invite_rejected';
  const event = eventOf(state, channel, member, answer, time);
  for (const id of channel.members.keys()) tellUser(state, id, channel, event);
}

function removed(state: State, channel: Channel, member: Member, time: Micros): void {
  tellWatchers(state, channel, memberEvent(state, channel, member, 'member.removed', time));
  tellUser(state, member.user_id, channel, eventOf(state, channel, member, 'removed_from_channel', time));
  dropStrangers(state, channel);
}

function memberEvent(
  state: State,
  channel: Channel,
  member: Member,
  type: string,
  time: Micros,
): ChannelEvent {
  return { type, time, fields: () => about(state, channel, member) };
}

function eventOf(state: State, channel: Channel, member: Member, name: string, time: Micros): ChannelEvent {
  const fields = (): JsonObject => ({
    ...about(state, channel, member),
    channel: eventChannel(state, channel),
  });
  return { type: `notification.${name}`, time, fields };
}

function about(state: State, channel: Channel, member: Member): JsonObject {
  return {
    member: memberAnswer(state, channel, member),
    user: userById(state, member.user_id),
    channel_member_count: channel.members.size,
  };
}
