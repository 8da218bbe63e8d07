import { judgeOf } from './authorize.ts';
import { callingUser } from './callers.ts';
import { fieldError } from './errors.ts';
import type { JsonObject } from './json.ts';
import { messageAnswer } from './message-answers.ts';
import type { Call, Route } from './router.ts';
import type { Channel, Message } from './state.ts';
import { type Micros, parseTime, timeText } from './time.ts';
import { userById } from './user-answers.ts';
import { optionalTexts, requiredText } from './validate.ts';

/** What a client missed while it was away, and the greeting that opens its connection early. */
export const syncRoutes: readonly Route[] = [
  { method: 'POST', path: '/sync', operation: 'Sync', access: 'everyone', reads: true, answer: sync },
  {
    method: 'GET',
    path: '/hi',
    operation: 'Hi',
    access: 'everyone',
    answer: () => ({ message: 'hi' }),
  },
];

const mostChannels = 255;

function sync(call: Call): object {
  const { state, body } = call;
  const cids = optionalTexts(body, 'channel_cids', { max: mostChannels });
  if (cids === undefined || cids.length === 0) throw fieldError('channel_cids', 'is a required field');
  const since = parseTime(requiredText(body, 'last_sync_at'));
  if (since === undefined) throw fieldError('last_sync_at', 'must be a valid date');
  const open: Channel[] = [];
  const closed: string[] = [];
  for (const cid of cids) {
    const channel = state.channels.get(cid);
    const readable =
      channel !== undefined &&
      channel.deleted_at === undefined &&
      judgeOf(state, call.caller, { type: channel.type, channel })('ReadChannel');
    if (readable) open.push(channel);
    else closed.push(cid);
  }
  const missed = open
    .flatMap((channel) => eventsSince(call, channel, since))
    .sort((left, right) => left.at - right.at);
  const withClosed =
    call.query['with_inaccessible_cids'] === 'true' || body['with_inaccessible_cids'] === true;
  return { events: missed.map((one) => one.event), ...(withClosed ? { inaccessible_cids: closed } : {}) };
}

function eventsSince(
  call: Call,
  channel: Channel,
  since: Micros,
): readonly { readonly at: Micros; readonly event: JsonObject }[] {
  const { state } = call;
  return [...channel.messages].flatMap((id) => {
    const message = state.messages.get(id);
    const happened = message === undefined ? undefined : lastEvent(message, since);
    if (message === undefined || happened === undefined) return [];
    const event = {
      type: happened.type,
      cid: channel.cid,
      channel_id: channel.id,
      channel_type: channel.type,
      message: messageAnswer(state, message, callingUser(call)),
      user: userById(state, message.user_id),
      created_at: timeText(happened.at),
    };
    return [{ at: happened.at, event }];
  });
}

/** No log of events is kept: what a message is now tells the last thing that happened to it. */
function lastEvent(
  message: Message,
  since: Micros,
): { readonly type: string; readonly at: Micros } | undefined {
  const { created_at, updated_at, deleted_at } = message;
  if (deleted_at !== undefined && deleted_at > since) return { type: 'message.deleted', at: deleted_at };
  if (created_at > since) return { type: 'message.new', at: created_at };
  return updated_at > since ? { type: 'message.updated', at: updated_at } : undefined;
}
