import { defaultTypeGrants } from './default-grants.ts';
import type { Json, JsonObject } from './json.ts';
import type { ChannelType } from './state.ts';
import type { Micros } from './time.ts';

const messagingSettings: JsonObject = {
  typing_events: true,
  read_events: true,
  connect_events: true,
  delivery_events: true,
  search: true,
  reactions: true,
  replies: true,
  quotes: true,
  mutes: true,
  uploads: true,
  url_enrichment: true,
  custom_events: true,
  push_notifications: true,
  reminders: false,
  mark_messages_pending: false,
  polls: false,
  user_message_reminders: false,
  shared_locations: false,
  count_messages: false,
  message_retention: 'infinite',
  max_message_length: 5000,
  automod: 'disabled',
  automod_behavior: 'flag',
  blocklist_behavior: 'flag',
  skip_last_msg_update_for_system_msgs: false,
  push_level: 'all',
};

const quietSettings: JsonObject = {
  ...messagingSettings,
  typing_events: false,
  read_events: false,
  connect_events: false,
  delivery_events: false,
  search: false,
  max_message_length: 280,
};

const moderation = ['ban', 'unban', 'mute', 'unmute'];

const builtIn: Readonly<
  Record<string, { readonly settings: JsonObject; readonly commands: readonly string[] }>
> = {
  messaging: { settings: messagingSettings, commands: ['giphy'] },
  team: { settings: messagingSettings, commands: ['giphy'] },
  livestream: { settings: { ...quietSettings, url_enrichment: false }, commands: ['giphy', ...moderation] },
  gaming: { settings: quietSettings, commands: ['giphy', ...moderation] },
  commerce: { settings: messagingSettings, commands: moderation },
};

/** The channel types every app has; deleting one resets it. */
export const builtInTypes: readonly string[] = Object.keys(builtIn);

/** A channel type as a fresh app has it, or as a new custom one starts: with the settings of `messaging`, no command. */
export function defaultType(name: string, time: Micros): ChannelType {
  const own = builtInTypes.includes(name) ? builtIn[name] : undefined;
  return {
    name,
    settings: own?.settings ?? messagingSettings,
    commands: own?.commands ?? [],
    grants: defaultTypeGrants(name),
    created_at: time,
    updated_at: time,
  };
}

/** The legacy policy list which every channel type still carries in reads. */
export function legacyPolicies(time: string): readonly Record<string, Json>[] {
  const rows: readonly (readonly [string, readonly string[], readonly string[], string, boolean, number])[] =
    [
      ['Admin users can perform any action', ['*'], ['admin'], 'Allow', false, 600],
      ['Anonymous users are not allowed', ['*'], ['anonymous'], 'Deny', false, 500],
      ['Users can modify their own messages', ['*'], ['user'], 'Allow', true, 400],
      ['Users can create channels', ['CreateChannel'], ['user'], 'Allow', false, 300],
      ['Channel Members', ['ReadChannel', 'CreateMessage'], ['channel_member'], 'Allow', false, 200],
      ['Channel Moderators', ['*'], ['channel_moderator'], 'Allow', false, 150],
      ['Deny all', ['*'], ['*'], 'Deny', false, 100],
    ];
  return rows.map(([name, resources, roles, action, owner, priority]) => ({
    name,
    resources,
    roles,
    action,
    owner,
    priority,
    created_at: time,
    updated_at: time,
  }));
}
