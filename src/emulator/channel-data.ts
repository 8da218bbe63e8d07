import { expandCommands } from './channel-types.ts';
import { checkCustomSize } from './custom-data.ts';
import { fieldError, inputError, notAllowed, plainNotFound } from './errors.ts';
import { type Json, type JsonObject, isObject } from './json.ts';
import type { Caller } from './router.ts';
import type { Channel, ChannelType, State } from './state.ts';
import {
  type Rule,
  flag,
  integer,
  listOf,
  object,
  oneOf,
  optionalFlag,
  optionalText,
  optionalTexts,
  text,
} from './validate.ts';

/** What a channel's `data` says, apart from its members and creator. */
export interface ChannelData {
  readonly custom: JsonObject;
  readonly team?: string;
  readonly frozen?: boolean;
  readonly disabled?: boolean;
  readonly auto_translation_enabled?: boolean;
  readonly auto_translation_language?: string;
  readonly filter_tags?: readonly string[];
  readonly config_overrides?: JsonObject;
}

/** Fields that have a meaning of their own in `data`; everything else is custom. */
const known = new Set([
  'team',
  'frozen',
  'disabled',
  'auto_translation_enabled',
  'auto_translation_language',
  'filter_tags',
  'config_overrides',
  'created_by',
  'created_by_id',
  'members',
  'invites',
  'truncated_by_id',
]);

/** Computed fields, which no write may carry. */
export const reservedChannelFields: ReadonlySet<string> = new Set([
  'id',
  'cid',
  'type',
  'created_at',
  'updated_at',
  'deleted_at',
  'last_message_at',
  'member_count',
  'message_count',
  'own_capabilities',
  'config',
  'hidden',
  'blocked',
  'muted',
  'mute_expires_at',
  'truncated_at',
  'truncated_by',
]);

const mostFilterTags = 10;
/** Seconds of slow mode that Stream takes at most. */
export const longestCooldown = 120;

/** Reads `data` of a create or a full update; throws 400/4 for reserved fields, 413/22 for too much custom data. */
export function readChannelData(state: State, data: JsonObject, caller: Caller): ChannelData {
  const refused = Object.keys(data).filter((key) => key === 'cooldown' || reservedChannelFields.has(key));
  if (refused.length > 0)
    throw inputError(refused.map((key) => `data.${key} is a reserved field`).join(', '));
  const custom: Record<string, Json> = {};
  for (const [key, value] of Object.entries(data)) if (!known.has(key)) custom[key] = value;
  checkCustomSize(custom, 'channel');
  const disabled = optionalFlag(data, 'disabled');
  if (disabled !== undefined && caller.kind !== 'server') {
    throw notAllowed('changing channel disabled is not allowed client-side');
  }
  const overrides = data['config_overrides'];
  if (overrides !== undefined && caller.kind !== 'server') {
    throw notAllowed('field `config_overrides` can only be updated using server-side auth');
  }
  const read = {
    team: optionalText(data, 'team'),
    frozen: optionalFlag(data, 'frozen'),
    disabled,
    auto_translation_enabled: optionalFlag(data, 'auto_translation_enabled'),
    auto_translation_language: optionalText(data, 'auto_translation_language'),
    filter_tags: optionalTexts(data, 'filter_tags', { max: mostFilterTags }),
    config_overrides: overrides === undefined ? undefined : readOverrides(state, overrides),
  };
  return {
    custom,
    ...(Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) as object),
  };
}

const overrideRules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    'count_messages quotes reactions replies shared_locations typing_events uploads url_enrichment user_message_reminders'
      .split(' ')
      .map((name) => [name, flag]),
  ),
  blocklist: text(),
  blocklist_behavior: oneOf(['flag', 'block']),
  chat_preferences: object,
  grants: (value, field) => {
    for (const [role, ids] of Object.entries(object(value, field) as JsonObject))
      listOf(text())(ids, `${field}.${role}`);
    return value;
  },
  max_message_length: integer({ max: 20_000 }),
  push_level: oneOf(['all', 'all_mentions', 'mentions', 'direct_mentions', 'none']),
};

/** The overrides after a write, which replaces them all; keys that cannot be overridden are dropped. */
export function readOverrides(state: State, sent: Json): JsonObject {
  if (sent === null) return {};
  if (!isObject(sent)) throw fieldError('config_overrides', 'must be an object');
  const overrides: Record<string, Json> = {};
  for (const [key, rule] of Object.entries(overrideRules)) {
    const value = sent[key];
    if (value !== undefined && value !== null) overrides[key] = rule(value, `config_overrides.${key}`);
  }
  const { commands, grants } = sent;
  if (commands !== undefined && commands !== null) overrides['commands'] = expandCommands(state, commands);
  for (const role of isObject(grants) ? Object.keys(grants) : []) {
    if (state.roles.seen(role) === undefined) throw inputError(`role "${role}" does not exist`);
  }
  return overrides;
}

/** The tags of a channel, deduplicated; throws when there are more than a channel may have. */
export function readFilterTags(value: Json): readonly string[] {
  return [...new Set(listOf(text(), { max: mostFilterTags })(value, 'filter_tags') as readonly string[])];
}

/** The type a channel operation works with; one that is unknown, or not propagated yet, gives 404/16. */
export function typeOf(state: State, name: string): ChannelType {
  const type = state.channelTypes.seen(name);
  if (type === undefined) throw plainNotFound(`${name}: channel type does not exist`);
  return type;
}

/** The live channel of a request's path; a missing or soft-deleted one gives 404/16. */
export function channelOf(state: State, parameters: Readonly<Record<string, string>>): Channel {
  const type = parameters['type'] ?? '';
  const cid = `${type}:${parameters['id'] ?? ''}`;
  const channel = state.channels.get(cid);
  if (channel === undefined || channel.deleted_at !== undefined) {
    throw plainNotFound(`Can't find channel with id ${cid}`);
  }
  typeOf(state, type);
  return channel;
}
