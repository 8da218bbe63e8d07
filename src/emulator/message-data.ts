import type { Call } from './router.ts';
import { checkCustomSize } from './custom-data.ts';
import { StreamError, fieldError } from './errors.ts';
import { type Json, type JsonObject, isObject } from './json.ts';
import type { Channel, Message } from './state.ts';
import { parseTime } from './time.ts';
import { listOf, object, oneOf, optionalFlag, optionalText, optionalTexts } from './validate.ts';

const mostAttachments = 30;

const known = new Set([
  'id',
  'text',
  'type',
  'user',
  'user_id',
  'attachments',
  'mentioned_users',
  'silent',
  'parent_id',
  'show_in_channel',
  'pinned',
  'pinned_at',
  'pinned_by',
  'pin_expires',
  'html',
  'mml',
]);

/** Fields that no write of a message may carry. */
export const reservedMessageFields = ['created_at', 'updated_at', 'i18n'];

/** What reads of a message give beyond what can be written; a full update that echoes them is not refused. */
const computed = new Set([
  'cid',
  'member',
  'latest_reactions',
  'own_reactions',
  'reaction_counts',
  'reaction_scores',
  'reaction_groups',
  'reply_count',
  'deleted_reply_count',
  'deleted_at',
  'shadowed',
  'mentioned_channel',
  'mentioned_here',
  'restricted_visibility',
]);

/** What a write of a message says about it. */
export type Written = Omit<
  Message,
  'id' | 'cid' | 'user_id' | 'created_at' | 'updated_at' | 'deleted_at' | 'reactions' | 'replies'
>;

/** Reads a message as it was sent; throws 400/4, 400/20 and 413/22 for what the real service would refuse. */
export function readMessage(call: Call, channel: Channel, sent: JsonObject): Written {
  const custom: Record<string, Json> = {};
  for (const [key, value] of Object.entries(sent)) {
    if (!known.has(key) && !computed.has(key) && !reservedMessageFields.includes(key)) custom[key] = value;
  }
  checkCustomSize(custom, 'message');
  const text = optionalText(sent, 'text') ?? '';
  const longest =
    channel.config_overrides['max_message_length'] ??
    call.state.channelTypes.seen(channel.type)?.settings['max_message_length'];
  if (typeof longest === 'number' && text.length > longest) {
    throw new StreamError(400, 20, `message text is longer than ${longest} characters`);
  }
  const parent_id = optionalText(sent, 'parent_id');
  const pinned = optionalFlag(sent, 'pinned') ?? false;
  const given =
    sent['type'] === undefined || sent['type'] === null || sent['type'] === '' ? undefined : sent['type'];
  const type =
    given === undefined
      ? 'regular'
      : (oneOf(['regular', 'system', 'reply'])(given, 'message.type') as string);
  return {
    text,
    type: parent_id === undefined || type === 'system' ? type : 'reply',
    attachments: listOf(object, { max: mostAttachments })(
      sent['attachments'] ?? [],
      'message.attachments',
    ) as readonly Json[],
    mentioned_users: mentions(sent['mentioned_users']),
    silent: optionalFlag(sent, 'silent') ?? false,
    ...(parent_id === undefined ? {} : { parent_id }),
    ...(parent_id !== undefined && optionalFlag(sent, 'show_in_channel') === true
      ? { show_in_channel: true }
      : {}),
    ...pin(call, pinned, sent['pin_expires']),
    custom,
  };
}

/** The SDK sends ids, and echoes of reads carry users. */
function mentions(sent: Json | undefined): readonly string[] {
  const list = Array.isArray(sent)
    ? sent.map((one: Json) => (isObject(one) ? (one['id'] ?? '') : one))
    : (sent ?? []);
  return optionalTexts({ mentioned_users: list }, 'mentioned_users', { max: 100 }) ?? [];
}

function pin(
  call: Call,
  pinned: boolean,
  expires: Json | undefined,
): Pick<Message, 'pinned' | 'pinned_at' | 'pinned_by_id' | 'pin_expires'> {
  if (!pinned) return { pinned };
  const user = call.caller.kind === 'user' ? call.caller.id : speaker(call.body);
  const until = typeof expires === 'string' ? parseTime(expires) : undefined;
  if (typeof expires === 'string' && until === undefined)
    throw fieldError('pin_expires', 'must be a valid date');
  return {
    pinned,
    pinned_at: call.time,
    ...(user === undefined ? {} : { pinned_by_id: user }),
    ...(until === undefined ? {} : { pin_expires: until }),
  };
}

function speaker(body: JsonObject): string | undefined {
  const message = isObject(body['message']) ? body['message'] : body;
  const user = isObject(message['user']) ? message['user']['id'] : message['user_id'];
  return typeof user === 'string' ? user : undefined;
}
