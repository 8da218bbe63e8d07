import type { Json, JsonObject } from './json.ts';
import type { Channel, ChannelType, Command, State } from './state.ts';
import { timeText } from './time.ts';

/** A type's settings as a channel's `config` and `app.channel_configs` show them: no grants, no legacy policies. */
export function channelConfig(
  type: ChannelType,
  commands: readonly Json[],
  overrides: JsonObject = {},
): JsonObject {
  const { permissions: _policies, ...settings } = type.settings;
  const { commands: _names, ...rest } = overrides;
  return {
    created_at: timeText(type.created_at),
    updated_at: timeText(type.updated_at),
    name: type.name,
    ...settings,
    ...rest,
    commands,
  };
}

/** The commands as objects, for the answers that describe them; unknown names are left out. */
export function commandObjects(state: State, names: readonly string[]): readonly JsonObject[] {
  return names.flatMap((name) => {
    const command = state.commands.seen(name) ?? state.commands.fresh(name);
    return command === undefined ? [] : [commandAnswer(command)];
  });
}

/** A command as every answer shows it; the built-in ones have no timestamps. */
export function commandAnswer(command: Command): JsonObject {
  return {
    name: command.name,
    description: command.description,
    args: command.args,
    set: command.set,
    ...(command.created_at === undefined ? {} : { created_at: timeText(command.created_at) }),
    ...(command.updated_at === undefined ? {} : { updated_at: timeText(command.updated_at) }),
  };
}

/** The type's config with the channel's overrides laid over it; overridden grants are the only ones shown. */
export function effectiveConfig(state: State, channel: Channel): JsonObject {
  const type = state.channelTypes.seen(channel.type) ?? state.channelTypes.fresh(channel.type);
  if (type === undefined) return {};
  const overridden = channel.config_overrides['commands'];
  const names = Array.isArray(overridden) ? (overridden as readonly string[]) : type.commands;
  return channelConfig(type, commandObjects(state, names), channel.config_overrides);
}
