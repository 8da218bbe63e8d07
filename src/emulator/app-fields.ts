import type { Json } from './json.ts';
import { type Rule, flag, integer, listOf, object, oneOf, shape, text, webAddress } from './validate.ts';

/** How one key of `PATCH /app` is checked, what a null turns it into, and whether `GET /app` gives it back. */
export interface AppField {
  readonly rule: Rule;
  /** What a fresh app has; absent: the key is missing from reads until it is written. */
  readonly initial?: Json;
  /** What an explicit null writes; absent: the initial value. */
  readonly reset?: Json;
  /** False for fields that the real service accepts and never shows. */
  readonly shown: boolean;
}

const shownFlag = (initial: boolean): AppField => ({ rule: flag, initial, reset: false, shown: true });
const writeOnly = (rule: Rule): AppField => ({ rule, shown: false });
const optional = (rule: Rule): AppField => ({ rule, shown: true });
const cleared = (rule: Rule, initial: Json): AppField => ({ rule, initial, shown: true });

/** The empty text, which an app reads before its first write, is accepted back. */
const uniqueNames: Rule = (value, field) =>
  value === '' ? value : oneOf(['no', 'app', 'team'])(value, field);

const chatUses = [
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
];
const videoUses = [
  'video-calling',
  'voice-calling',
  'livestreaming',
  'audio-rooms',
  'ai-agents',
  'live-shopping',
  'other',
];

/** Every plain key `PATCH /app` accepts; unknown and read-only keys are ignored, as on the real service. */
export const appFields: Readonly<Record<string, AppField>> = {
  disable_auth_checks: shownFlag(false),
  disable_permissions_checks: shownFlag(false),
  multi_tenant_enabled: shownFlag(false),
  permission_version: cleared(oneOf(['v1', 'v2']), 'v2'),
  migrate_permissions_to_v2: writeOnly(flag),
  enforce_unique_usernames: cleared(uniqueNames, ''),
  guest_user_creation_disabled: shownFlag(false),
  user_search_disallowed_roles: cleared(listOf(text({ max: 100 }), { max: 10 }), []),
  async_url_enrich_enabled: shownFlag(false),
  auto_translation_enabled: shownFlag(false),
  user_response_time_enabled: shownFlag(false),
  member_custom_on_messages_enabled: shownFlag(false),
  member_custom_on_typing_events_enabled: shownFlag(false),
  member_custom_on_mentioned_users_enabled: shownFlag(false),
  channel_hide_members_only: writeOnly(flag),
  custom_action_handler_url: cleared(webAddress, ''),
  before_message_send_hook_url: optional(webAddress),
  before_message_send_hook_attempt_timeout_ms: optional(integer({ min: 0 })),
  webhook_url: cleared(webAddress, ''),
  webhook_events: cleared(listOf(text()), []),
  sqs_url: cleared(webAddress, ''),
  sqs_key: cleared(text(), ''),
  sqs_secret: writeOnly(text()),
  sns_topic_arn: cleared(text(), ''),
  sns_key: cleared(text(), ''),
  sns_secret: writeOnly(text()),
  enable_hook_payload_compression: writeOnly(flag),
  moderation_webhook_url: cleared(webAddress, ''),
  cdn_expiration_seconds: cleared(integer({ min: 14_400, max: 1_209_600 }), 1_209_600),
  image_moderation_enabled: shownFlag(false),
  image_moderation_labels: optional(listOf(text())),
  image_moderation_block_labels: writeOnly(listOf(text())),
  allowed_flag_reasons: optional(listOf(text())),
  moderation_enabled: shownFlag(true),
  moderation_analytics_enabled: writeOnly(flag),
  feeds_moderation_enabled: writeOnly(flag),
  feeds_v2_region: writeOnly(text()),
  moderation_dashboard_preferences: optional(object),
  moderation_onboarding_complete: optional(flag),
  moderation_s3_image_access_role_arn: optional(text()),
  async_moderation_config: writeOnly(
    shape({ callback: shape({ mode: text(), server_url: text() }), timeout_ms: integer({ min: 0 }) }),
  ),
  reminders_interval: cleared(integer({ min: 60, max: 86_400 }), 300),
  reminders_max_members: writeOnly(integer({ min: 2 })),
  reminders_max_per_user: writeOnly(integer({ min: 1, max: 100_000 })),
  datadog_info: optional(shape({ api_key: text(), site: text(), enabled: flag })),
  activity_metrics_config: optional(object),
  feed_audit_logs_enabled: shownFlag(false),
  max_aggregated_activities_length: cleared(integer({ min: 0 }), 0),
  chat_primary_use_case: optional(oneOf(chatUses)),
  video_primary_use_case: optional(oneOf(videoUses)),
};

/** The empty upload config: five keys, nothing allowed or blocked in particular, the platform's size limit. */
export const emptyUploadConfig: Readonly<Record<string, Json>> = {
  size_limit: 0,
  allowed_file_extensions: [],
  blocked_file_extensions: [],
  allowed_mime_types: [],
  blocked_mime_types: [],
};

/** The settings of a fresh app, by the names they are written with. */
export const defaultSettings: Readonly<Record<string, Json>> = {
  ...Object.fromEntries(
    Object.entries(appFields).flatMap(([key, field]) =>
      field.initial === undefined ? [] : [[key, field.initial]],
    ),
  ),
  file_upload_config: emptyUploadConfig,
  image_upload_config: emptyUploadConfig,
  event_hooks: [],
  revoke_tokens_issued_before: null,
  push_config: { version: 'v2', offline_only: false },
  apn_config: {},
  firebase_config: {},
  huawei_config: {},
  xiaomi_config: {},
};
