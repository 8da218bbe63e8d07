import type { Guess } from './guess.ts';

const queries = ['QueryChannels', 'GetOrCreateChannel', 'GetOrCreateDistinctChannel'];
const writing = ['SendMessage', 'UpdateMessage', 'UpdateMessagePartial'];

/** The guesses about what users do once an app is set up: connections, events, permissions and read states. */
export const chatGuesses: readonly Guess[] = [
  { says: 'A token that names a server cannot open a connection, with 401/5.', where: ['Connect'] },
  { says: 'A token for another user than the connecting one gives 401/5.', where: ['Connect'] },
  {
    says: 'A connecting user who carries created_at, updated_at, last_active, online or a time of his end is refused; other computed fields, and a role by team, are dropped.',
    where: ['Connect'],
  },
  { says: 'Details over the limit are measured as sent, and again after the merge.', where: ['Connect'] },
  { says: 'A user who did not exist cannot bring teams along.', where: ['Connect'] },
  { says: 'The last activity is the last connecting, and nothing else moves it.', where: ['Connect'] },
  { says: 'Anonymous visitors are not stored, and each connection is another visitor.', where: ['Connect'] },
  {
    says: 'An HTTP refusal before the handshake answers a foreign Host, a foreign Origin and an unknown path.',
    where: ['Connect'],
  },
  { says: 'A closing emulator ends connections with 1001, so that clients come back.', where: ['Connect'] },
  {
    says: 'Deactivating or deleting a user ends his connections with 1000.',
    where: ['DeactivateUser', 'DeleteUser'],
  },
  {
    says: 'Of the faults only status, rate limit, delay and reset have an effect on connecting.',
    where: ['Connect'],
  },
  {
    says: 'A user who was deactivated or deleted is refused everywhere with 400/4.',
    where: ['Connect', 'QueryChannels', 'SendMessage'],
  },
  { says: 'Tokens issued before a revocation are still accepted.', where: ['Connect', 'UpdateApp'] },
  {
    says: 'Watching without a connection id gives 400/4, with an unknown one or that of another user 400/46.',
    where: [...queries, 'StopWatchingChannel'],
  },
  { says: 'Users are counted as watchers once, however many connections they have.', where: queries },
  {
    says: 'A presence change reaches connections that asked for the presence of the members of a channel; queries of users subscribe to nothing.',
    where: [...queries, 'QueryUsers'],
  },
  { says: 'Whoever loses the permission to read by being removed stops watching.', where: ['UpdateChannel'] },
  {
    says: 'Added, invited and removed members are notified on all connections, also on those that watch.',
    where: ['UpdateChannel', 'GetOrCreateChannel'],
  },
  { says: 'The answer to an invitation is told to every member.', where: ['UpdateChannel'] },
  {
    says: 'The members of a channel that is made, its creator included, are notified that they were added.',
    where: ['GetOrCreateChannel', 'GetOrCreateDistinctChannel'],
  },
  { says: 'A reply is followed by message.updated for its parent.', where: ['SendMessage'] },
  {
    says: 'The message of a truncation comes inside its event and has no event of its own.',
    where: ['TruncateChannel'],
  },
  {
    says: 'A changed user is told to himself and to those who watch a channel of his; deactivation and deletion are told to nobody.',
    where: ['UpdateUsers', 'UpdateUsersPartial', 'DeactivateUser', 'DeleteUser'],
  },
  { says: 'A new message leaves a hidden channel hidden.', where: ['SendMessage', 'HideChannel'] },
  {
    says: 'A user holds what the grants of his role in the app and of his role in the channel give together; a rejected invitation gives no role, a pending one does.',
    where: queries,
  },
  {
    says: 'A role that teams_role gives a user in the team of a channel replaces his role there.',
    where: queries,
  },
  { says: 'A user with a token who was never made has the role user.', where: writing },
  {
    says: 'A modifier of one role leaves the same permission of another role alone, and is not sorted before it is used: the last entry for an id counts.',
    where: ['UpdateChannelPartial'],
  },
  {
    says: 'Owning means having made the channel; for changing and deleting messages it is having written them, for taking reactions back having reacted.',
    where: [...writing, 'DeleteMessage', 'DeleteReaction'],
  },
  {
    says: 'The condition of a custom permission compares fields of the user under $subject and of the channel under $object; one that cannot be read never holds.',
    where: ['CreatePermission'],
  },
  {
    says: 'With teams, a plain permission needs a common team, or no team on either side.',
    where: queries,
  },
  {
    says: 'Attachments, mentions and replies each need their permission beside the one to write; links are not looked for.',
    where: ['SendMessage'],
  },
  { says: 'A system message that a user sends needs CreateSystemMessage.', where: ['SendMessage'] },
  {
    says: 'The message that goes with a change of the channel or its members needs no permission of its own.',
    where: ['UpdateChannel', 'TruncateChannel'],
  },
  { says: 'Typing needs the permission to write.', where: ['SendEvent'] },
  { says: 'Pinning and nothing else needs only PinMessage.', where: ['UpdateMessagePartial'] },
  {
    says: 'Setting frozen needs UpdateChannelFrozen, in a full update beside UpdateChannel.',
    where: ['UpdateChannel', 'UpdateChannelPartial'],
  },
  {
    says: 'Coming or going oneself is allowed with the permission for it or with UpdateChannelMembers.',
    where: ['UpdateChannel'],
  },
  { says: "Another member's data may be changed with UpdateChannelMembers.", where: ['UpdateMemberPartial'] },
  {
    says: 'One row that the caller may not read refuses the whole query, with 403/70 and the text of 403/17.',
    where: ['QueryChannels'],
  },
  { says: 'Users may be searched, and told of, without a permission.', where: ['QueryUsers'] },
  {
    says: 'Disabled channels are open to those with ReadDisabledChannel in the app, frozen ones to those with UseFrozenChannel.',
    where: queries,
  },
  {
    says: 'In a frozen channel, changing a message or reacting gives 403/17, and deleting a message is possible.',
    where: ['UpdateMessage', 'SendReaction', 'DeleteMessage'],
  },
  {
    says: 'A server is bound by neither permissions, switched-off features, slow mode nor freezing.',
    where: [...writing, 'SendReaction'],
  },
  {
    says: 'Which grant and which switch make up which own capability is inferred from their names.',
    where: queries,
  },
  { says: 'A server is shown no own capabilities.', where: queries },
  {
    says: 'Read states, for the listed members, and pinned messages are answered only to requests that speak for a user.',
    where: queries,
  },
  {
    says: 'What was there before a member joined counts as read, and so does everything before his own last message.',
    where: queries,
  },
  {
    says: 'Silent, system, deleted and thread messages do not count as unread, and there is no upper limit.',
    where: queries,
  },
  {
    says: 'Marking as read goes forwards only, and does nothing for those who are no members.',
    where: ['MarkRead'],
  },
  { says: 'Threads have no read state.', where: ['MarkRead', 'UnreadCounts'] },
  { says: 'Reports of delivery are accepted and forgotten.', where: ['MarkDelivered'] },
  {
    says: 'Typing and read events that are switched off refuse with the text for custom events.',
    where: ['SendEvent', 'MarkRead'],
  },
  {
    says: "Names that begin like one of the service's own events cannot be sent, except typing and message.read.",
    where: ['SendEvent'],
  },
  {
    says: 'The same reaction again replaces the first and is told as reaction.new; only enforce_unique over another one is told as reaction.updated.',
    where: ['SendReaction'],
  },
  { says: 'A reaction does not move the time at which its message was updated.', where: ['SendReaction'] },
  { says: 'Paging from an unknown message gives 400/4.', where: [...queries, 'GetReplies'] },
  {
    says: 'Replies are kept out of the messages of a channel unless they are shown there.',
    where: queries,
  },
  {
    says: 'Missed events are worked out from the messages as they are: one event for each, of its last change.',
    where: ['Sync'],
  },
  { says: 'A guest decides about his fields but not about role, teams and id.', where: ['CreateGuest'] },
  { says: 'Devices need no configured push provider.', where: ['CreateDevice'] },
];
