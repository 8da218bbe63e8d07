import { authorizeIn, refuseDisabled } from './authorize.ts';
import { requiredUser } from './callers.ts';
import { channelOf } from './channel-data.ts';
import { effectiveConfig } from './channel-config.ts';
import { checkCustomSize } from './custom-data.ts';
import { StreamError, fieldError, inputError } from './errors.ts';
import { tellWatchers } from './events.ts';
import { type Json, type JsonObject, isObject } from './json.ts';
import { markRead } from './read-marks.ts';
import type { Call, Route } from './router.ts';
import type { Channel } from './state.ts';
import { timeText } from './time.ts';
import { userById } from './user-answers.ts';
import { ensureUser } from './user-data.ts';
import { optionalObject, requiredText } from './validate.ts';

/** Events that clients send to a channel: typing, and events of their own. */
export const sentEventRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels/:type/:id/event',
    operation: 'SendEvent',
    access: 'everyone',
    reads: true,
    answer: send,
  },
];

/** What an event says about itself; the sender cannot. */
const own = new Set([
  'type',
  'cid',
  'channel_id',
  'channel_type',
  'created_at',
  'received_at',
  'user',
  'user_id',
]);

/** Names of the service's own events, which nobody may send. */
const reserved =
  /^(channel|health|member|message|notification|reaction|user|connection|draft|poll|reminder|thread)\./;

function send(call: Call): object {
  const { state, time } = call;
  const channel = channelOf(state, call.parameters);
  const sent = optionalObject(call.body, 'event');
  if (sent === undefined) throw fieldError('event', 'is a required field');
  const type = requiredText(sent, 'type', 255);
  const named = isObject(sent['user']) ? sent['user']['id'] : sent['user_id'];
  const user = typeof named === 'string' && call.caller.kind === 'server' ? named : requiredUser(call);
  if (type === 'message.read') return markRead({ ...call, body: { ...call.body, user_id: user } }, channel);
  refuseDisabled(call, channel);
  allow(call, channel, type);
  const custom: Record<string, Json> = {};
  for (const [key, value] of Object.entries(sent)) if (!own.has(key)) custom[key] = value;
  checkCustomSize(custom, 'event');
  const sender = userById(state, ensureUser(state, { id: user }, time).id);
  const fields = (): JsonObject => ({ ...custom, user: sender });
  tellWatchers(state, channel, { type, time, fields });
  return {
    event: {
      type,
      cid: channel.cid,
      channel_id: channel.id,
      channel_type: channel.type,
      ...fields(),
      created_at: timeText(time),
    },
  };
}

function allow(call: Call, channel: Channel, type: string): void {
  const config = effectiveConfig(call.state, channel);
  if (type === 'typing.start' || type === 'typing.stop') {
    if (config['typing_events'] !== true) throw unsupported(channel, 'typing');
    // Whoever cannot write has nothing to type.
    authorizeIn(call, 'CreateMessage', channel);
    return;
  }
  if (reserved.test(type)) throw inputError(`event type ${type} is reserved`);
  if (config['custom_events'] !== true) throw unsupported(channel, 'custom');
  authorizeIn(call, 'SendCustomEvent', channel);
}

function unsupported(channel: Channel, kind: string): StreamError {
  return new StreamError(400, 18, `Channel type ${channel.type} does not support ${kind} events`);
}
