import {
  anything,
  changeableSet,
  clearable,
  flag,
  guards,
  integer,
  map,
  object,
  sensitive,
  setOf,
  text,
  word,
  writeOnly,
  type Infer,
  type Schema,
  type SetChange,
} from '../../model/schema.ts';
import { grantsField } from '../grants.ts';

/** Stream reads an empty allow-list as "everything", so none is written as a list and all of it as a word. */
function allowed(element: Schema<string>, what: string): Schema<'all' | readonly string[] | SetChange> {
  return {
    ...changeableSet(element, `${what}: a list, \`all\`, or \`{add, remove}\`.`, { minItems: 1 }),
    type: ['array', 'object', 'string'],
    pattern: '^all$',
  };
}

const extension = text('With its dot: `.png`.', { pattern: '^\\.' });
const mimeType = text('As `type/subtype`.', { pattern: '^[^/\\s]+/[^/\\s]+$' });

const uploadConfig = (what: string) =>
  object(
    {
      allowed_file_extensions: allowed(extension, 'The only extensions that may be uploaded'),
      allowed_mime_types: allowed(mimeType, 'The only MIME types that may be uploaded'),
      blocked_file_extensions: changeableSet(
        extension,
        'Extensions that may not be uploaded; `[]` for none.',
      ),
      blocked_mime_types: changeableSet(mimeType, 'MIME types that may not be uploaded; `[]` for none.'),
      size_limit: integer("Bytes in a file; 0 is Stream's own limit.", {
        minimum: 0,
        maximum: 104_857_600,
        default: 0,
      }),
    },
    `What ${what} may be, in every channel of every type: Stream has no upload rules per type. Allow or block, not both.`,
  );

const url = (description: string) =>
  clearable(text(`${description} An https URL.`, { pattern: '^$|^https?://' }));

/** Fields that Stream answers under the name they are written with. */
export const readableSchemas = {
  allowed_flag_reasons: changeableSet(text('A reason.'), 'The reasons that users may give when they flag.'),
  async_url_enrich_enabled: flag('Links are enriched after the message was sent.'),
  auto_translation_enabled: flag('Messages are translated.'),
  before_message_send_hook_attempt_timeout_ms: integer(
    'Milliseconds that the hook before sending may take.',
    {
      minimum: 0,
    },
  ),
  before_message_send_hook_url: guards(url('Called before a message is sent; it may change or refuse it.')),
  cdn_expiration_seconds: integer('Seconds that links to uploads stay valid.', {
    minimum: 14_400,
    maximum: 1_209_600,
    default: 1_209_600,
  }),
  chat_primary_use_case: word(
    [
      'messaging',
      'customer-support',
      'community',
      'marketplace',
      'gaming',
      'telehealth',
      'on-demand',
      'workforce-management',
      'dating',
      'education',
      'financial',
      'sports',
      'real-money-gaming',
    ],
    'What the app is for.',
  ),
  custom_action_handler_url: guards(url('Receives custom commands; `{type}` stands for the command.')),
  disable_auth_checks: guards(
    flag('DANGER: accepts every token, signed or not. For development only.', {
      default: false,
    }),
  ),
  disable_permissions_checks: guards(
    flag('DANGER: everybody may do everything. For development only.', {
      default: false,
    }),
  ),
  enforce_unique_usernames: word(['no', 'app', 'team'], 'Where two users may not share a name.', {
    default: 'no',
  }),
  feed_audit_logs_enabled: flag('Audit logs of feeds.'),
  guest_user_creation_disabled: guards(flag('Nobody may come as a guest.', { default: false })),
  image_moderation_enabled: guards(flag('Images are moderated.', { default: false })),
  image_moderation_labels: changeableSet(text('A label.'), 'What images are flagged for.'),
  max_aggregated_activities_length: integer('Activities in an aggregated feed.', { minimum: 0 }),
  member_custom_on_mentioned_users_enabled: flag('Mentioned users carry their custom data as members.', {
    default: false,
  }),
  member_custom_on_messages_enabled: flag("Messages carry their sender's custom data as a member.", {
    default: false,
  }),
  member_custom_on_typing_events_enabled: flag(
    "Typing events carry their sender's custom data as a member.",
    {
      default: false,
    },
  ),
  moderation_dashboard_preferences: map(anything('A value.'), 'How the moderation dashboard works, per key.'),
  moderation_enabled: guards(flag('Moderation as a whole.', { default: true })),
  moderation_onboarding_complete: flag("The dashboard's moderation tour is done."),
  moderation_s3_image_access_role_arn: clearable(text('The AWS role with which moderation reads images.')),
  moderation_webhook_url: guards(url('Receives moderation events.')),
  multi_tenant_enabled: guards(flag('Users and channels belong to teams.', { default: false })),
  permission_version: guards(word(['v1', 'v2'], 'v2 are grants, v1 the policies of old.', { default: 'v2' })),
  reminders_interval: integer('Seconds until an unread message is reminded of.', {
    minimum: 60,
    maximum: 86_400,
    default: 300,
  }),
  user_response_time_enabled: flag('Users show how fast they answer.', { default: false }),
  user_search_disallowed_roles: guards(
    changeableSet(
      text('A role.', { maxLength: 100 }),
      'Roles whose users cannot search for users; at most 10.',
      { maxItems: 10 },
    ),
  ),
  video_primary_use_case: word(
    ['video-calling', 'voice-calling', 'livestreaming', 'audio-rooms', 'ai-agents', 'live-shopping', 'other'],
    'What the app uses video for.',
  ),
} as const;

/** Fields that Stream accepts and never answers. */
export const writeOnlySchemas = {
  async_moderation_config: guards(
    writeOnly(
      object(
        {
          callback: object(
            {
              mode: word(
                ['CALLBACK_MODE_NONE', 'CALLBACK_MODE_REST', 'CALLBACK_MODE_TWIRP'],
                'How it is called.',
              ),
              server_url: text('What is called.'),
            },
            'What decides about a pending message.',
          ),
          timeout_ms: integer('Milliseconds until a pending message is decided without it.', { minimum: 0 }),
        },
        'Pending messages, the older way.',
      ),
    ),
  ),
  channel_hide_members_only: writeOnly(flag('Only members may hide a channel.')),
  enable_hook_payload_compression: writeOnly(flag('Webhook bodies are compressed.')),
  feeds_moderation_enabled: writeOnly(flag('Feeds are moderated.')),
  feeds_v2_region: writeOnly(text('Where feeds are kept.')),
  image_moderation_block_labels: writeOnly(setOf(text('A label.'), 'What images are blocked for.')),
  migrate_permissions_to_v2: writeOnly(
    flag('An action, not a setting: turns the policies of old into grants.'),
  ),
  moderation_analytics_enabled: writeOnly(flag('Moderation is counted.')),
  reminders_max_members: writeOnly(
    integer('Channels with more members are not reminded of.', { minimum: 2 }),
  ),
  reminders_max_per_user: writeOnly(
    integer('Message reminders that a user may have.', { minimum: 1, maximum: 100_000 }),
  ),
} as const;

/** What a manifest may declare of the app's settings, those that Stream never tells included. */
export const appSettingsSchema = object(
  {
    ...readableSchemas,
    ...writeOnlySchemas,
    activity_metrics_config: map(integer('A number.'), 'Metrics of feeds, per name.'),
    datadog_info: object(
      {
        api_key: sensitive(text('The key of your Datadog account.')),
        enabled: flag('Metrics go to Datadog.'),
        site: text('Your Datadog site.'),
      },
      'Metrics to Datadog.',
    ),
    file_upload_config: guards(uploadConfig('files')),
    grants: guards(grantsField),
    image_upload_config: guards(uploadConfig('images')),
    push_config: object(
      {
        offline_only: flag('Users who are online get no push.'),
        version: word(['v1', 'v2', 'v3'], 'The generation of push notifications.'),
      },
      'Push notifications as a whole.',
    ),
    revoke_tokens_issued_before: clearable(
      text('User tokens issued before this time are refused; RFC 3339. `!unset` accepts them again.', {
        pattern:
          '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$',
        examples: ['2026-01-31T00:00:00Z'],
      }),
    ),
  },
  "Settings of the whole app, and the grants of its `.app` scope. Names follow Stream's API.",
);

/** What manifests declare under `app`, flat: the settings, and `grants`. */
export type AppSettings = Infer<typeof appSettingsSchema>;

/** The two upload configs; Stream takes each as a whole. */
export const uploadConfigs = ['file_upload_config', 'image_upload_config'] as const;

/** The sets of an upload config. */
export const uploadSets = [
  'allowed_file_extensions',
  'allowed_mime_types',
  'blocked_file_extensions',
  'blocked_mime_types',
] as const;
