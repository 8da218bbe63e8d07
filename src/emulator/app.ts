import { appFields, defaultSettings, emptyUploadConfig } from './app-fields.ts';
import { channelConfig } from './channel-config.ts';
import { defaultAppGrants } from './default-grants.ts';
import { legacyPolicies } from './default-types.ts';
import { fieldError, inputError } from './errors.ts';
import { replaceEventHooks, shownHooks } from './event-hooks.ts';
import { changeGrants } from './grants.ts';
import { type Json, type JsonObject, isObject } from './json.ts';
import { changePush, pushKeys, pushNotifications } from './push-settings.ts';
import type { Call, Route } from './router.ts';
import type { State } from './state.ts';
import { parseTime, timeText } from './time.ts';
import { integer, listOf, shape, text } from './validate.ts';

/** Reading and writing the app's settings. */
export const appRoutes: readonly Route[] = [
  { method: 'GET', path: '/app', operation: 'GetApp', access: 'everyone', answer: getApp },
  { method: 'PATCH', path: '/app', operation: 'UpdateApp', access: 'server', answer: updateApp },
];

const uploadKeys = ['file_upload_config', 'image_upload_config'] as const;
const mimeType = /^[\w.+-]+\/[\w.+*-]+$/;
const imageTypes = new Set(
  ['bmp', 'gif', 'jpeg', 'png', 'webp', 'heic', 'heic-sequence', 'heif', 'heif-sequence', 'svg+xml'].map(
    (name) => `image/${name}`,
  ),
);

/** What a client with a user's token may learn about the app. */
const publicKeys = [
  'name',
  'file_upload_config',
  'image_upload_config',
  'auto_translation_enabled',
  'async_url_enrich_enabled',
];

/** How often the fences of an app were read; not part of its state, because reading must not change that. */
const fenceReads = new WeakMap<State, number>();

function getApp(call: Call): object {
  const app = appAnswer(call.state);
  if (call.caller.kind === 'server') return { app };
  return { app: Object.fromEntries(publicKeys.map((key) => [key, app[key]])) };
}

function appAnswer(state: State): Record<string, unknown> {
  const { app } = state;
  const shown: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(appFields)) {
    if (field.shown && app.settings[key] !== undefined) shown[key] = app.settings[key];
  }
  if (shown['before_message_send_hook_url'] === '') delete shown['before_message_send_hook_url'];
  const types = state.channelTypes.allSeen();
  return {
    id: app.id,
    name: app.name,
    organization: 'Emulated organization',
    placement: 'us-east.c1',
    suspended: false,
    suspended_explanation: '',
    use_hook_v2: true,
    campaign_enabled: false,
    allow_multi_user_devices: false,
    call_types: {},
    search_backend: 'internal',
    poll_enabled: true,
    moderation_bulk_submit_action_enabled: false,
    moderation_llm_configurability_enabled: false,
    moderation_multitenant_blocklist_enabled: false,
    moderation_video_call_moderation_enabled: false,
    moderation_audio_call_moderation_enabled: false,
    ...shown,
    sqs_secret: '',
    sns_secret: '',
    file_upload_config: app.settings['file_upload_config'],
    image_upload_config: app.settings['image_upload_config'],
    revoke_tokens_issued_before: app.settings['revoke_tokens_issued_before'],
    event_hooks: shownHooks(app.settings['event_hooks']),
    push_notifications: pushNotifications(app.settings),
    grants: app.grants,
    channel_configs: Object.fromEntries(types.map((type) => [type.name, channelConfig(type, type.commands)])),
    policies: Object.fromEntries(types.map((type) => [type.name, legacyPolicies(timeText(type.created_at))])),
    geofences: geofences(state),
  };
}

/** Two fences whose order differs between two reads in a row, as the real service's does. */
function geofences(state: State): readonly object[] {
  const reads = (fenceReads.get(state) ?? 0) + 1;
  fenceReads.set(state, reads);
  const fences = [
    { name: 'canada', description: 'Canada', type: 'country', country_codes: ['CA'] },
    { name: 'us', description: 'United States', type: 'country', country_codes: ['US'] },
  ];
  return reads % 2 === 0 ? fences.toReversed() : fences;
}

function updateApp(call: Call): object {
  const { state, body, time } = call;
  // Everything is computed first, so that a refused write changes nothing.
  const settings: Record<string, Json> = { ...state.app.settings };
  const written = new Set<string>();
  for (const [key, field] of Object.entries(appFields)) {
    const value = body[key];
    if (value === undefined) continue;
    written.add(key);
    if (value !== null) settings[key] = field.rule(value, key);
    else {
      const reset = field.reset ?? field.initial;
      if (reset === undefined) delete settings[key];
      else settings[key] = reset;
    }
  }
  for (const key of uploadKeys) if (body[key] !== undefined) settings[key] = uploadConfig(key, body[key]);
  const revoked = body['revoke_tokens_issued_before'];
  if (revoked !== undefined) settings['revoke_tokens_issued_before'] = revokedBefore(revoked);
  if (body['event_hooks'] !== undefined) {
    settings['event_hooks'] = replaceEventHooks(settings['event_hooks'], body['event_hooks'], time);
  }
  refuseMixedHooks(settings, written);
  for (const key of pushKeys) {
    const value = body[key];
    if (value !== undefined) settings[key] = changePush(key, settings[key], value, pushVersion(settings));
  }
  const grants = changeGrants(state, state.app.grants, body['grants'], defaultAppGrants);
  state.app.settings = settings;
  state.app.grants = grants;
  return {};
}

function pushVersion(settings: JsonObject): string {
  const config = settings['push_config'];
  return isObject(config) ? String(config['version'] ?? 'v2') : 'v2';
}

function revokedBefore(value: Json): Json {
  if (value === null) return null;
  const time = typeof value === 'string' ? parseTime(value) : undefined;
  if (time === undefined) throw fieldError('revoke_tokens_issued_before', 'must be a valid date');
  return timeText(time);
}

/** The five keys of an upload config, replaced together: what the write leaves out becomes empty. */
function uploadConfig(key: (typeof uploadKeys)[number], value: Json): Json {
  if (value === null) return emptyUploadConfig;
  const names = listOf(text());
  const checked = shape({
    size_limit: integer({ min: 0, max: 104_857_600 }),
    allowed_file_extensions: names,
    blocked_file_extensions: names,
    allowed_mime_types: names,
    blocked_mime_types: names,
  })(value, key) as JsonObject;
  const config = { ...emptyUploadConfig, ...checked };
  for (const [part, words] of [
    ['file_extensions', 'file extensions'],
    ['mime_types', 'mime types'],
  ] as const) {
    if (isFilled(config[`allowed_${part}`]) && isFilled(config[`blocked_${part}`])) {
      throw inputError(`Cannot specify both allowed ${words} and blocked ${words}`);
    }
  }
  for (const part of ['allowed_mime_types', 'blocked_mime_types']) {
    for (const type of config[part] as readonly string[]) {
      if (!mimeType.test(type)) throw inputError(`${key}.${part}: ${type} is not a valid mime type`);
      if (key === 'image_upload_config' && !imageTypes.has(type)) {
        throw inputError(`${key}.${part}: ${type} is not an image mime type`);
      }
    }
  }
  return config;
}

function isFilled(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length > 0;
}

const legacyHookKeys = ['webhook_url', 'sqs_url', 'sns_topic_arn'];

function refuseMixedHooks(settings: JsonObject, written: ReadonlySet<string>): void {
  const legacy = legacyHookKeys.find((key) => written.has(key) && settings[key] !== defaultSettings[key]);
  if (legacy !== undefined && isFilled(settings['event_hooks'])) {
    throw inputError(`cannot set ${legacy} together with event_hooks in hook v2 system`);
  }
}
