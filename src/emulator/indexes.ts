import type { Channel, Member, State, User } from './state.ts';

/** Puts a channel into the state and every look-up. */
export function indexChannel(state: State, channel: Channel): void {
  state.channels.set(channel.cid, channel);
  addTo(state.index.byType, channel.type, channel.cid);
  addTo(state.index.byId, channel.id, channel.cid);
  for (const user of channel.members.keys()) addTo(state.index.byMember, user, channel.cid);
}

/** Takes a channel out of the state, with its messages. */
export function dropChannel(state: State, channel: Channel): void {
  state.channels.delete(channel.cid);
  removeFrom(state.index.byType, channel.type, channel.cid);
  removeFrom(state.index.byId, channel.id, channel.cid);
  for (const user of channel.members.keys()) removeFrom(state.index.byMember, user, channel.cid);
  for (const id of channel.messages) state.messages.delete(id);
}

/** Adds a member or replaces the stored one. */
export function putMember(state: State, channel: Channel, member: Member): void {
  channel.members.set(member.user_id, member);
  addTo(state.index.byMember, member.user_id, channel.cid);
}

/** Removes a member; unknown ones are no error. */
export function dropMember(state: State, channel: Channel, userId: string): void {
  channel.members.delete(userId);
  channel.reads.delete(userId);
  removeFrom(state.index.byMember, userId, channel.cid);
}

/** Writes a user and its place among the user names. */
export function putUser(state: State, user: User): void {
  const before = state.users.get(user.id);
  if (before?.name !== undefined) removeFrom(state.index.usersByName, plainName(before.name), user.id);
  state.users.set(user.id, user);
  indexUser(state, user);
}

/** Adds a restored user to the look-up by name. */
export function indexUser(state: State, user: User): void {
  if (user.name !== undefined) addTo(state.index.usersByName, plainName(user.name), user.id);
}

/** Takes a user out of the state; memberships and messages are the caller's concern. */
export function dropUser(state: State, user: User): void {
  state.users.delete(user.id);
  state.devices.delete(user.id);
  if (user.name !== undefined) removeFrom(state.index.usersByName, plainName(user.name), user.id);
}

/** A name as uniqueness compares it: lower case, letters and digits only. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function addTo(index: Map<string, Set<string>>, key: string, value: string): void {
  const found = index.get(key);
  if (found === undefined) index.set(key, new Set([value]));
  else found.add(value);
}

function removeFrom(index: Map<string, Set<string>>, key: string, value: string): void {
  const found = index.get(key);
  if (found === undefined) return;
  found.delete(value);
  if (found.size === 0) index.delete(key);
}
