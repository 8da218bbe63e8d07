import { eventChannel } from './channel-answers.ts';
import { tellOtherMembers, tellWatchers } from './events.ts';
import type { JsonObject } from './json.ts';
import { messageAnswer } from './message-answers.ts';
import type { Channel, Message, State } from './state.ts';
import type { Micros } from './time.ts';
import { userById } from './user-answers.ts';

/** Tells of a message that was just sent: those who watch, the other members, and the thread it belongs to. */
export function tellOfNew(state: State, channel: Channel, message: Message, time: Micros): void {
  if (state.live.quiet) return;
  const fields = (): JsonObject => ({
    message: messageAnswer(state, message),
    user: userById(state, message.user_id),
    watcher_count: state.live.watchingUsers(channel.cid).size,
  });
  tellWatchers(state, channel, { type: 'message.new', time, fields, counted: true });
  tellOtherMembers(state, channel, {
    type: 'notification.message_new',
    time,
    fields: () => ({ ...fields(), channel: eventChannel(state, channel) }),
    counted: true,
  });
  const parent = message.parent_id === undefined ? undefined : state.messages.get(message.parent_id);
  if (parent !== undefined) tellOfChange(state, channel, 'message.updated', parent, time);
}

/** Tells those who watch that a message is not what it was. */
export function tellOfChange(
  state: State,
  channel: Channel,
  type: 'message.updated' | 'message.deleted',
  message: Message,
  time: Micros,
  hard = false,
): void {
  const fields = (): JsonObject => ({
    message: messageAnswer(state, message),
    user: userById(state, message.user_id),
    ...(hard ? { hard_delete: true } : {}),
  });
  tellWatchers(state, channel, { type, time, fields });
}
