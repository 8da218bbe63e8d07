import {
  changeableSet,
  clearable,
  flag,
  guards,
  integer,
  list,
  number,
  object,
  text,
  word,
  type Infer,
  type Schema,
  type SetChange,
} from '../../model/schema.ts';
import { grantsField } from '../grants.ts';

const pushLevels = ['all', 'all_mentions', 'mentions', 'direct_mentions', 'none'] as const;

const commandName = text('A command, a set of commands (`fun_set`, `moderation_set`), or `all`.');

const commands: Schema<'all' | readonly string[] | SetChange> = {
  ...changeableSet(
    commandName,
    'The slash commands of this type: names, sets, or `all`; `[]` for none, `{add, remove}` to change what is there. Sets and `all` mean the commands that exist when the plan is made.',
  ),
  type: ['array', 'object', 'string'],
  pattern: '^all$',
};

const threshold = object(
  {
    flag: number('From this score on, the message is flagged.', { minimum: 0, maximum: 1 }),
    block: number('From this score on, the message is blocked.', { minimum: 0, maximum: 1 }),
  },
  'Scores from 0 to 1.',
);

const preference = (what: string) => text(`Push for ${what}: \`all\`, \`none\` …`);

/** Every feature that a channel type switches on or off, with the default of a new type. */
export const featureSchemas = {
  connect_events: flag('Events when users start and stop watching.', { default: true }),
  count_messages: flag('Channels count their messages.', { default: false }),
  custom_events: flag('Users may send custom events.', { default: true }),
  delivery_events: flag('Delivery receipts (the dashboard says "read receipts").', { default: true }),
  mark_messages_pending: flag('Messages wait for your backend before others see them.', { default: false }),
  mutes: flag('Users may mute others.', { default: true }),
  polls: flag('Polls in messages.', { default: false }),
  push_notifications: flag('Push notifications for messages.', { default: true }),
  quotes: flag('Quoting messages. Stream cannot set it at creation: a new type gets it by an update.', {
    default: true,
  }),
  reactions: flag('Reactions to messages.', { default: true }),
  read_events: flag('Events when users read messages.', { default: true }),
  reminders: flag(
    'Unread reminders for channels of up to 10 members. Stream cannot set it at creation: a new type gets it by an update.',
    { default: false },
  ),
  replies: flag('Threads.', { default: true }),
  search: flag('Messages can be searched.', { default: true }),
  shared_locations: flag('Sharing locations (the dashboard says "location sharing").', { default: false }),
  skip_last_msg_update_for_system_msgs: flag('System messages do not move a channel up.', { default: false }),
  typing_events: flag('Typing indicators.', { default: true }),
  uploads: flag('Files and images in messages.', { default: true }),
  url_enrichment: flag('Previews of links.', { default: true }),
  user_message_reminders: flag('Users may set reminders on messages.', { default: false }),
} as const;

/** The features' names, as Stream spells them. */
export const features = Object.keys(featureSchemas) as readonly (keyof typeof featureSchemas)[];

/** What a manifest may declare of a channel type. */
export const channelTypeSchema = object(
  {
    ...featureSchemas,
    allowed_flag_reasons: changeableSet(
      text('A reason.'),
      'The reasons that users may give when they flag. Stream cannot set it at creation: a new type gets it by an update.',
    ),
    automod: guards(
      word(['disabled', 'simple', 'AI'], 'Automatic moderation; `AI` is a paid feature.', {
        default: 'disabled',
      }),
    ),
    automod_behavior: guards(
      word(['flag', 'block', 'shadow_block'], 'What automatic moderation does to a message.', {
        default: 'flag',
      }),
    ),
    automod_thresholds: guards(
      clearable(
        object(
          { explicit: threshold, spam: threshold, toxic: threshold },
          'Scores for `automod: AI`. Stream cannot set it at creation: a new type gets it by an update.',
        ),
      ),
    ),
    blocklist: guards(clearable(text('The block list that messages are checked against.'))),
    blocklist_behavior: guards(
      word(['flag', 'block', 'shadow_block'], 'What the block list does to a message.', {
        default: 'flag',
      }),
    ),
    blocklists: guards(
      list(
        object(
          {
            blocklist: text('The block list.'),
            behavior: word(['flag', 'block', 'shadow_block'], 'What it does to a message.'),
          },
          'One block list.',
          { required: ['blocklist', 'behavior'] },
        ),
        'Several block lists, each with its behaviour; `[]` for none.',
        { 'x-streambed-set': true },
      ),
    ),
    chat_preferences: object(
      {
        channel_mentions: preference('mentions of the channel'),
        default_preference: preference('everything else'),
        direct_mentions: preference('mentions of the user'),
        distinct_channel_messages: preference('messages in distinct channels'),
        group_mentions: preference('mentions of a user group'),
        here_mentions: preference('mentions of those who are online'),
        role_mentions: preference('mentions of a role'),
        thread_replies: preference('replies in threads'),
      },
      'When users of this type get a push, unless they choose otherwise.',
    ),
    commands,
    grants: guards(grantsField),
    max_message_length: integer('Characters in a message.', { minimum: 1, maximum: 20_000, default: 5000 }),
    message_retention: text('`infinite`, or how long messages are kept, as a number in text.', {
      pattern: '^(infinite|[0-9]+)$',
      default: 'infinite',
    }),
    partition_size: integer('Messages in a partition of a channel.', { minimum: 0 }),
    partition_ttl: clearable(
      text('How long a partition lives, as a Go duration such as `24h`.', {
        pattern: '^([0-9]+(\\.[0-9]+)?(h|m|s|ms))+$',
      }),
    ),
    push_level: word(pushLevels, 'Which messages push.', { default: 'all' }),
  },
  "A channel type: the features, limits and grants that all its channels share. Names follow Stream's API.",
);

/** What a manifest declares of a channel type. */
export type ChannelType = Infer<typeof channelTypeSchema>;

/** Stream ignores these when a type is created; they need an update afterwards. */
export const updateOnly: ReadonlySet<string> = new Set([
  'allowed_flag_reasons',
  'automod_thresholds',
  'quotes',
  'reminders',
]);

/** Types that every app has; deleting one only resets it. */
export const builtInTypes: ReadonlySet<string> = new Set([
  'messaging',
  'livestream',
  'team',
  'gaming',
  'commerce',
]);
