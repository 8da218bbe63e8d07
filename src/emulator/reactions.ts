import { authorizeIn, authorizeReading, isFrozenFor, refuseDisabled } from './authorize.ts';
import { callingUser, requiredUser } from './callers.ts';
import { checkCustomSize } from './custom-data.ts';
import { inputError, notAllowed, notFound } from './errors.ts';
import { tellWatchers } from './events.ts';
import { type Json, type JsonObject, isObject } from './json.ts';
import { messageAnswer, reactionAnswer } from './message-answers.ts';
import { requireFeature } from './message-rules.ts';
import { messageOf } from './messages.ts';
import type { Call, Route } from './router.ts';
import type { Channel, Message, Reaction } from './state.ts';
import { ensureUser } from './user-data.ts';
import { optionalFlag, optionalInteger, optionalObject, requiredText } from './validate.ts';

/** Reacting to messages. */
export const reactionRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/messages/:id/reaction',
    operation: 'SendReaction',
    access: 'everyone',
    answer: send,
  },
  {
    method: 'DELETE',
    path: '/messages/:id/reaction/:type',
    operation: 'DeleteReaction',
    access: 'everyone',
    answer: remove,
  },
  {
    method: 'GET',
    path: '/messages/:id/reactions',
    operation: 'GetReactions',
    access: 'everyone',
    answer: list,
  },
];

const fields = new Set(['type', 'score', 'user', 'user_id', 'message_id', 'created_at', 'updated_at']);

function send(call: Call): object {
  const { state, time } = call;
  const { message, channel } = messageOf(state, call.parameters['id'] ?? '');
  const sent = optionalObject(call.body, 'reaction') ?? {};
  const type = requiredText(sent, 'type', 100);
  const score = optionalInteger(sent, 'score') ?? 1;
  const custom: Record<string, Json> = {};
  for (const [key, value] of Object.entries(sent)) if (!fields.has(key)) custom[key] = value;
  checkCustomSize(custom, 'reaction');
  const unique = optionalFlag(call.body, 'enforce_unique') === true;
  authorizeChange(call, 'CreateReaction', channel, undefined);
  if (call.caller.kind !== 'server') requireFeature(state, channel, 'reactions');
  if (message.deleted_at !== undefined) throw inputError(`message with id ${message.id} was deleted`);
  const user_id = ensureUser(state, { id: reactor(call, sent) }, time).id;
  const own = (message.reactions ?? []).filter((one) => one.user_id === user_id);
  const before = own.find((one) => one.type === type);
  const replaced = unique ? own : own.filter((one) => one.type === type);
  const reaction: Reaction = {
    type,
    user_id,
    score,
    custom,
    created_at: before?.created_at ?? time,
    updated_at: time,
  };
  const changed: Message = {
    ...message,
    reactions: [...(message.reactions ?? []).filter((one) => !replaced.includes(one)), reaction],
  };
  state.messages.set(message.id, changed);
  tellOf(call, channel, unique && own.length > 0 ? 'reaction.updated' : 'reaction.new', changed, reaction);
  return answerOf(call, changed, reaction);
}

/** A server names the user beside the reaction or in it. */
function reactor(call: Call, sent: JsonObject): string {
  const user = sent['user_id'] ?? (isObject(sent['user']) ? sent['user']['id'] : undefined);
  return call.caller.kind === 'server' && typeof user === 'string' ? user : requiredUser(call);
}

function remove(call: Call): object {
  const { state } = call;
  const { message, channel } = messageOf(state, call.parameters['id'] ?? '');
  const type = call.parameters['type'] ?? '';
  // Who moderates names another's reaction by the user's id, like a server.
  const owner = call.query['user_id'] ?? requiredUser(call);
  const reaction = message.reactions?.find((one) => one.user_id === owner && one.type === type);
  authorizeChange(call, 'DeleteReaction', channel, owner);
  if (reaction === undefined) throw notFound(`reaction ${type} of user ${owner} not found`);
  const { reactions = [], ...rest } = message;
  const left = reactions.filter((one) => one !== reaction);
  const changed: Message = left.length === 0 ? rest : { ...rest, reactions: left };
  state.messages.set(message.id, changed);
  tellOf(call, channel, 'reaction.deleted', changed, reaction);
  return answerOf(call, changed, reaction);
}

function authorizeChange(call: Call, action: string, channel: Channel, owner: string | undefined): void {
  refuseDisabled(call, channel);
  if (isFrozenFor(call, channel)) throw notAllowed(`channel ${channel.cid} is frozen`);
  authorizeIn(call, action, channel, owner);
}

function tellOf(call: Call, channel: Channel, type: string, message: Message, reaction: Reaction): void {
  const { state, time } = call;
  const fields = (): JsonObject => {
    const shown = reactionAnswer(state, message, reaction);
    return { message: messageAnswer(state, message), reaction: shown, user: shown['user'] ?? null };
  };
  tellWatchers(state, channel, { type, time, fields });
}

function answerOf(call: Call, message: Message, reaction: Reaction): object {
  const { state } = call;
  return {
    message: messageAnswer(state, message, callingUser(call) ?? reaction.user_id),
    reaction: reactionAnswer(state, message, reaction),
  };
}

const usualLimit = 25;

function list(call: Call): object {
  const { state, query } = call;
  const { message, channel } = messageOf(state, call.parameters['id'] ?? '');
  authorizeReading(call, channel);
  const limit = Number(query['limit'] ?? usualLimit);
  const offset = Number(query['offset'] ?? 0);
  if (!Number.isInteger(limit) || !Number.isInteger(offset) || limit < 0 || offset < 0) {
    throw inputError('limit and offset must be 0 or greater');
  }
  const newest = (message.reactions ?? []).toReversed().slice(offset, offset + limit);
  return { reactions: newest.map((reaction) => reactionAnswer(state, message, reaction)) };
}
