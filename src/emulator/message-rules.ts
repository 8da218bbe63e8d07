import { randomUUID } from 'node:crypto';
import { authorizeIn, judgeOf } from './authorize.ts';
import { callingUser } from './callers.ts';
import { effectiveConfig } from './channel-config.ts';
import { StreamError, inputError, notFound } from './errors.ts';
import type { JsonObject } from './json.ts';
import { messageAnswer } from './message-answers.ts';
import { type Written, readMessage } from './message-data.ts';
import type { Call } from './router.ts';
import type { Channel, State } from './state.ts';

/** Refuses a feature that the channel's type, or the channel itself, has switched off: 400/19. */
export function requireFeature(state: State, channel: Channel, feature: string): void {
  if (effectiveConfig(state, channel)[feature] === true) return;
  throw new StreamError(400, 19, `channel type ${channel.type} has ${feature} disabled`);
}

/** Refuses a message that its sender may not write; a server may write everything. */
export function authorizeMessage(call: Call, channel: Channel, message: Written): void {
  if (call.caller.kind === 'server') return;
  authorizeIn(call, message.type === 'system' ? 'CreateSystemMessage' : 'CreateMessage', channel);
  if (message.attachments.length > 0) authorizeIn(call, 'CreateAttachment', channel);
  if (message.mentioned_users.length > 0) authorizeIn(call, 'CreateMention', channel);
  if (message.custom['quoted_message_id'] !== undefined) requireFeature(call.state, channel, 'quotes');
  if (message.pinned) authorizeIn(call, 'PinMessage', channel);
  if (message.parent_id !== undefined) authorizeReply(call, channel, message.parent_id);
  refuseHaste(call, channel);
}

function authorizeReply(call: Call, channel: Channel, parentId: string): void {
  requireFeature(call.state, channel, 'replies');
  authorizeIn(call, 'CreateReply', channel);
  const parent = call.state.messages.get(parentId);
  if (parent === undefined || parent.cid !== channel.cid)
    throw notFound(`message with id ${parentId} not found`);
  if (parent.parent_id !== undefined) throw new StreamError(400, 21, 'a reply cannot be replied to');
}

/** Slow mode: a user waits for as many seconds as the channel's cooldown between his messages. */
function refuseHaste(call: Call, channel: Channel): void {
  if (channel.cooldown === 0) return;
  if (judgeOf(call.state, call.caller, { type: channel.type, channel })('SkipChannelCooldown')) return;
  const user = callingUser(call);
  const since = call.time - channel.cooldown * 1_000_000;
  for (const id of [...channel.messages].toReversed()) {
    const message = call.state.messages.get(id);
    if (message === undefined || message.created_at <= since) return;
    if (message.user_id === user)
      throw new StreamError(403, 60, `wait ${channel.cooldown} seconds between messages`);
  }
}

/** What the sender gets back from a frozen channel: a message of type error, which is nowhere stored. */
export function frozenAnswer(call: Call, channel: Channel, sent: JsonObject): JsonObject {
  const user = callingUser(call);
  if (user === undefined) throw inputError('a visitor cannot write');
  const written = readMessage(call, channel, sent);
  return messageAnswer(call.state, {
    ...written,
    text: 'Sorry, this channel has been frozen by the admin',
    type: 'error',
    id: typeof sent['id'] === 'string' ? sent['id'] : randomUUID(),
    cid: channel.cid,
    user_id: user,
    created_at: call.time,
    updated_at: call.time,
  });
}
