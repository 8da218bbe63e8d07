import {
  changeableSet,
  clearable,
  flag,
  guards,
  integer,
  list,
  map,
  object,
  setOf,
  text,
  word,
  type Schema,
  type Unset,
} from '../../model/schema.ts';
import { customField } from '../custom.ts';

/** The fields of a channel that are Stream's own; on the wire, custom data and `name` and `image` lie among them. */
export const ownFields: ReadonlySet<string> = new Set(
  `auto_translation_enabled auto_translation_language blocked cid config config_overrides cooldown created_at created_by
  created_by_id deleted_at disabled duration filter_tags frozen hidden hide_messages_before id image invites
  last_message_at member_count members message_count mute_expires_at muted name own_capabilities team truncated_at
  truncated_by truncated_by_id type updated_at`.split(/\s+/),
);

/** The fields of a membership that are Stream's own. */
export const memberFields: ReadonlySet<string> = new Set(
  `archived_at ban_expires ban_from_future_channels banned channel_role created_at deleted_at deleted_messages
  future_channel_ban_expires invite_accepted_at invite_rejected_at invited is_global_banned is_moderator
  notifications_muted pinned_at role shadow_banned status updated_at user user_id`.split(/\s+/),
);

/** A user's id: other characters are in no id, and a `,` would make two of one in the key of a distinct channel. */
export function userId(what: string): Schema<string> {
  return text(`${what} An id has letters, digits, @, _ and -.`, { pattern: '^[A-Za-z0-9@_-]+$' });
}

const modifier = text('A permission id; with `!` in front it is taken away: `"!create-message"`.', {
  pattern: '^!?[a-z0-9-]{1,255}$',
});

/** What a channel may have otherwise than its type; only the server may set it. */
export const overrideSchemas = {
  blocklist: text('The block list that messages are checked against.'),
  blocklist_behavior: word(['flag', 'block'], 'What the block list does to a message.'),
  chat_preferences: map(text('A level.'), 'When users get a push.'),
  commands: setOf(text('A command.'), 'The slash commands of this channel; `[]` for none.'),
  count_messages: flag('The channel counts its messages.'),
  grants: map(
    setOf(modifier, 'The modifiers of this role, all of them.'),
    'Rights that roles have more, or with `!` less, than by the type.',
  ),
  max_message_length: integer('Characters in a message.', { minimum: 1, maximum: 20_000 }),
  push_level: word(['all', 'all_mentions', 'mentions', 'direct_mentions', 'none'], 'Which messages push.'),
  quotes: flag('Quoting messages.'),
  reactions: flag('Reactions to messages.'),
  replies: flag('Threads.'),
  shared_locations: flag('Sharing locations.'),
  typing_events: flag('Typing indicators.'),
  uploads: flag('Files and images in messages.'),
  url_enrichment: flag('Previews of links.'),
  user_message_reminders: flag('Users may set reminders on messages.'),
} as const;

/** The keys of `config_overrides`. */
export const overrideKeys = Object.keys(overrideSchemas) as readonly (keyof typeof overrideSchemas)[];

/** A member with more than an id. */
export interface MemberEntry {
  readonly user_id: string;
  readonly channel_role?: string;
  readonly custom?: Readonly<Record<string, unknown | Unset>>;
}

const member: Schema<string | MemberEntry> = {
  type: ['object', 'string'],
  description:
    'A user id (letters, digits, @, _ and -), or an object to give the member a role or custom data as well.',
  pattern: '^[A-Za-z0-9@_-]+$',
  properties: {
    user_id: userId('The user.'),
    channel_role: text(
      'The role in this channel: `channel_member`, `channel_moderator`, a custom one. Managed only where it is written.',
      {
        maxLength: 64,
        default: 'channel_member',
      },
    ),
    custom: customField(memberFields),
  },
  required: ['user_id'],
  additionalProperties: false,
};

/** The members of a channel: ids, or objects for those with a role or data of their own. */
export const membersSchema: Schema<readonly (string | MemberEntry)[]> = guards(
  list(
    member,
    'Exactly these members. Lists within the list are flattened; invited users who have not answered count as members.',
    { 'x-streambed-set': true },
  ),
);

/** The fields that channels with and without an id of their own share. */
export const commonSchemas = {
  name: clearable(text('The name that members see.')),
  image: clearable(text('The URL of a picture.')),
  custom: customField(ownFields),
  team: guards(
    clearable(
      text('The team that the channel belongs to, in apps with several tenants.', { maxLength: 100 }),
    ),
  ),
  frozen: guards(flag('Nobody may write or react; the history stays.', { default: false })),
  disabled: guards(flag('Users cannot open the channel at all.', { default: false })),
  cooldown: integer('Seconds between two messages of a user; 0 is no slow mode.', {
    minimum: 0,
    maximum: 120,
    default: 0,
  }),
  filter_tags: changeableSet(text('A tag.'), 'Tags to filter channels by; at most 10.', { maxItems: 10 }),
  config_overrides: guards(
    clearable(
      object(overrideSchemas, 'What is otherwise than in the type; `!unset` takes all overrides away.'),
    ),
  ),
  created_by: userId('The user who owns the channel. Sent at creation only: Stream does not change it.'),
} as const;

/** Who moderates a channel; the roles that `members` give come from there. */
export const moderatorsSchema = guards(
  setOf(
    userId('A user.'),
    'Exactly these members hold `channel_moderator`; others who hold it become plain members and are never removed.',
  ),
);
