import { blocklistExists } from './blocklists.ts';
import { channelConfig, commandObjects } from './channel-config.ts';
import { defaultTypeGrants } from './default-grants.ts';
import { builtInTypes, defaultType, legacyPolicies } from './default-types.ts';
import { fieldError, inputError, notFound } from './errors.ts';
import { changeGrants } from './grants.ts';
import type { Json, JsonObject } from './json.ts';
import type { Call, Route } from './router.ts';
import type { ChannelType, State } from './state.ts';
import { durationText, timeText } from './time.ts';
import { type Rule, flag, integer, listOf, oneOf, requiredText, shape, text } from './validate.ts';

/** Creating, reading, changing and deleting channel types. */
export const channelTypeRoutes: readonly Route[] = [
  { method: 'POST', path: '/channeltypes', operation: 'CreateChannelType', access: 'server', answer: create },
  { method: 'GET', path: '/channeltypes', operation: 'ListChannelTypes', access: 'server', answer: list },
  { method: 'GET', path: '/channeltypes/:name', operation: 'GetChannelType', access: 'server', answer: get },
  {
    method: 'PUT',
    path: '/channeltypes/:name',
    operation: 'UpdateChannelType',
    access: 'server',
    answer: update,
  },
  {
    method: 'DELETE',
    path: '/channeltypes/:name',
    operation: 'DeleteChannelType',
    access: 'server',
    answer: remove,
  },
];

const mostTypes = 50;

const partitionTtl: Rule = (value, field) => {
  const normal = typeof value === 'string' ? durationText(value) : undefined;
  if (normal === undefined) throw fieldError(field, 'must be a valid duration');
  return normal;
};

const retention: Rule = (value, field) => {
  if (value !== 'infinite' && !(typeof value === 'string' && /^\d+$/.test(value))) {
    throw fieldError(field, 'must be infinite or a number of days');
  }
  return value;
};

const threshold = shape({ flag: number01, block: number01 });
const behavior = oneOf(['flag', 'block', 'shadow_block']);

function number01(value: Json, field: string): Json {
  if (typeof value !== 'number' || value < 0 || value > 1) throw fieldError(field, 'must be between 0 and 1');
  return value;
}

const flags = (
  'connect_events count_messages custom_events delivery_events mark_messages_pending mutes polls push_notifications ' +
  'reactions read_events replies search shared_locations skip_last_msg_update_for_system_msgs typing_events uploads ' +
  'url_enrichment user_message_reminders'
).split(' ');

const sharedRules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(flags.map((name) => [name, flag])),
  automod: oneOf(['disabled', 'simple', 'AI']),
  blocklist: text(),
  blocklist_behavior: behavior,
  blocklists: listOf(shape({ blocklist: text(), behavior }, ['blocklist', 'behavior'])),
  chat_preferences: shape(
    Object.fromEntries(
      'channel_mentions default_preference direct_mentions distinct_channel_messages group_mentions here_mentions role_mentions thread_replies'
        .split(' ')
        .map((name) => [name, text()]),
    ),
  ),
  message_retention: retention,
  partition_ttl: partitionTtl,
  permissions: listOf((value) => value),
  push_level: oneOf(['all', 'all_mentions', 'mentions', 'direct_mentions', 'none']),
};

/** Quotes, reminders, thresholds and flag reasons are missing here: creation ignores them, as the real service does. */
const createRules: Readonly<Record<string, Rule>> = {
  ...sharedRules,
  automod_behavior: oneOf(['flag', 'block']),
  max_message_length: integer(),
  partition_size: integer({ min: 10 }),
};

const updateRules: Readonly<Record<string, Rule>> = {
  ...sharedRules,
  automod_behavior: behavior,
  max_message_length: integer({ max: 20_000 }),
  partition_size: integer({ min: 0 }),
  quotes: flag,
  reminders: flag,
  automod_thresholds: shape({ explicit: threshold, spam: threshold, toxic: threshold }),
  allowed_flag_reasons: listOf(text()),
};

/** A null removes these; for every other field a null is taken as "not sent". */
const clearedByNull: ReadonlySet<string> = new Set(['automod_thresholds', 'partition_ttl', 'blocklist']);

function create({ state, body, time }: Call): object {
  const name = requiredText(body, 'name', 64);
  if (!/^[\w-]+$/.test(name)) throw fieldError('name', 'may only hold letters, digits, _ and -');
  if (state.channelTypes.fresh(name) !== undefined) throw inputError(`channel type "${name}" already exists`);
  if (state.channelTypes.allFresh().length >= mostTypes) {
    throw inputError(`an app can have at most ${mostTypes} channel types`);
  }
  const type = changed(state, defaultType(name, time), body, createRules);
  state.channelTypes.set(name, type);
  return { ...typeAnswer(type), commands: type.commands };
}

function update({ state, parameters, body, time }: Call): object {
  const name = parameters['name'] ?? '';
  const current = state.channelTypes.fresh(name);
  if (current === undefined) throw undefinedType(name);
  for (const key of ['name', 'updated_at']) {
    if (body[key] !== undefined) throw inputError(`${key} is a reserved field`);
  }
  const type = { ...changed(state, current, body, updateRules), updated_at: time };
  state.channelTypes.set(name, type);
  return { ...typeAnswer(type), commands: type.commands };
}

function get({ state, parameters }: Call): object {
  const name = parameters['name'] ?? '';
  const type = state.channelTypes.seen(name);
  if (type === undefined) throw undefinedType(name);
  return { ...typeAnswer(type), commands: commandObjects(state, type.commands) };
}

function list({ state }: Call): object {
  const types = state.channelTypes.allSeen();
  return {
    channel_types: Object.fromEntries(
      types.map((type) => [
        type.name,
        { ...typeAnswer(type), commands: commandObjects(state, type.commands) },
      ]),
    ),
  };
}

function remove({ state, parameters, time }: Call): object {
  const name = parameters['name'] ?? '';
  if (state.channelTypes.fresh(name) === undefined) throw undefinedType(name);
  for (const cid of state.index.byType.get(name) ?? []) {
    if (state.channels.get(cid)?.deleted_at === undefined) {
      throw inputError(`${name} cannot be deleted, channels of that type exist`);
    }
  }
  if (builtInTypes.includes(name)) state.channelTypes.set(name, defaultType(name, time));
  else state.channelTypes.delete(name);
  return {};
}

function undefinedType(name: string): Error {
  return notFound(`${name} is not a defined channel type`);
}

function typeAnswer(type: ChannelType): JsonObject {
  return {
    ...channelConfig(type, []),
    permissions: type.settings['permissions'] ?? legacyPolicies(timeText(type.created_at)),
    grants: type.grants,
  };
}

/** The type with the sent fields laid over it; fields without a rule are ignored. */
function changed(
  state: State,
  current: ChannelType,
  body: JsonObject,
  rules: Readonly<Record<string, Rule>>,
): ChannelType {
  const settings: Record<string, Json> = { ...current.settings };
  for (const [key, rule] of Object.entries(rules)) {
    const value = body[key];
    if (value === undefined) continue;
    if (value !== null) settings[key] = rule(value, key);
    else if (clearedByNull.has(key)) delete settings[key];
  }
  if (settings['blocklist'] === '') delete settings['blocklist'];
  checkBlocklists(state, settings, body);
  const commands = body['commands'];
  return {
    ...current,
    settings,
    commands:
      commands === undefined || commands === null ? current.commands : expandCommands(state, commands),
    grants: changeGrants(state, current.grants, body['grants'], defaultTypeGrants(current.name)),
  };
}

function checkBlocklists(state: State, settings: JsonObject, sent: JsonObject): void {
  const named: string[] = [];
  if (sent['blocklist'] !== undefined && typeof settings['blocklist'] === 'string')
    named.push(settings['blocklist']);
  if (sent['blocklists'] !== undefined && Array.isArray(settings['blocklists'])) {
    for (const entry of settings['blocklists'] as readonly JsonObject[])
      named.push(String(entry['blocklist']));
  }
  for (const name of named) {
    if (!blocklistExists(state, name)) throw inputError(`blocklist "${name}" does not exist`);
  }
}

/** Names of commands, of sets and `all` become command names at the time of the write; later commands do not join. */
export function expandCommands(state: State, sent: Json): readonly string[] {
  const names = listOf(text())(sent, 'commands') as readonly string[];
  const commands = state.commands.allSeen();
  const expanded = new Set<string>();
  for (const name of names) {
    const found = commands.filter((command) => name === 'all' || command.name === name);
    const inSet =
      found.length > 0 || name === '' ? found : commands.filter((command) => command.set === name);
    if (inSet.length === 0) throw inputError(`command "${name}" does not exist`);
    for (const command of inSet) expanded.add(command.name);
  }
  return [...expanded];
}
