import { authorizeIn } from './authorize.ts';
import { callingUser } from './callers.ts';
import { channelAnswer, deletedChannelAnswer, eventChannel } from './channel-answers.ts';
import { channelOf } from './channel-data.ts';
import { fieldError, inputError, plainNotFound } from './errors.ts';
import { tellOtherMembers, tellWatchers } from './events.ts';
import { dropChannel } from './indexes.ts';
import type { JsonObject } from './json.ts';
import { messageAnswer } from './message-answers.ts';
import { postSystemMessage } from './messages.ts';
import type { Call, Route } from './router.ts';
import type { Channel } from './state.ts';
import { parseTime, timeText } from './time.ts';
import { userById } from './user-answers.ts';
import { optionalObject, optionalText, optionalTexts } from './validate.ts';
import { dropWatchers } from './watching.ts';

/** Emptying and deleting single channels. */
export const channelRemovalRoutes: readonly Route[] = [
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
];

function remove(call: Call): object {
  const { state, parameters, query } = call;
  const cid = `${parameters['type'] ?? ''}:${parameters['id'] ?? ''}`;
  const hard = query['hard_delete'] === 'true';
  const channel = hard ? state.channels.get(cid) : channelOf(state, parameters);
  if (channel === undefined) throw plainNotFound(`Can't find channel with id ${cid}`);
  authorizeIn(call, 'DeleteChannel', channel);
  return { channel: deleteChannel(call, channel, hard) };
}

/** Deletes a channel for good or for now, tells everybody, and gives what answers show of it. */
export function deleteChannel(call: Call, channel: Channel, hard: boolean): JsonObject {
  const { state, time } = call;
  const answer = deletedChannelAnswer(state, channel, timeText(time));
  const user = callingUser(call);
  const fields = (): JsonObject => ({
    channel: answer,
    ...(user === undefined ? {} : { user: userById(state, user) }),
  });
  tellOtherMembers(state, channel, { type: 'notification.channel_deleted', time, fields });
  tellWatchers(state, channel, { type: 'channel.deleted', time, fields });
  dropWatchers(state, channel.cid);
  if (hard) dropChannel(state, channel);
  else softDelete(call, channel);
  return answer;
}

/** Marks a channel as deleted; its custom data and messages are lost even when it comes back. */
function softDelete({ state, time }: Pick<Call, 'state' | 'time'>, channel: Channel): void {
  channel.deleted_at = time;
  for (const id of channel.messages) state.messages.delete(id);
  channel.messages.clear();
}

function truncate(call: Call): object {
  const { state, body, time } = call;
  const channel = channelOf(state, call.parameters);
  authorizeIn(call, 'TruncateChannel', channel);
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
  const shown = message === undefined ? {} : { message: messageAnswer(state, message, callingUser(call)) };
  if (members.length === 0) tellOfTruncation(call, channel, shown);
  return { channel: channelAnswer(state, channel, call.caller), ...shown };
}

function tellOfTruncation(call: Call, channel: Channel, message: JsonObject): void {
  const { state, time } = call;
  const user = callingUser(call);
  const fields = (): JsonObject => ({
    channel: eventChannel(state, channel),
    ...message,
    ...(user === undefined ? {} : { user: userById(state, user) }),
  });
  tellWatchers(state, channel, { type: 'channel.truncated', time, fields });
  tellOtherMembers(state, channel, { type: 'notification.channel_truncated', time, fields });
}

function truncationTime({ body, time }: Call): number {
  const sent = optionalText(body, 'truncated_at');
  if (sent === undefined) return time;
  const at = parseTime(sent);
  if (at === undefined) throw fieldError('truncated_at', 'must be a valid date');
  return at;
}
