import { randomUUID } from 'node:crypto';
import { inputError } from './errors.ts';
import { type Json, type JsonObject, isObject } from './json.ts';
import { type Micros, timeText } from './time.ts';

const authTypes = ['keys', 'resource', 'role'];
const callbackModes = ['CALLBACK_MODE_NONE', 'CALLBACK_MODE_REST', 'CALLBACK_MODE_TWIRP'];
const hookTypes = ['webhook', 'sqs', 'sns', 'pending_message', 'gcp_pubsub'];
const products = ['all', 'chat', 'video', 'feeds', 'moderation'];
const longestPendingHooks = 2;

/**
 * The hooks after a write. The array replaces everything, as on the real service: hooks it does not list are gone, a
 * hook without an id gets a new one, and every hook is checked again whether it changed or not.
 */
export function replaceEventHooks(
  current: Json | undefined,
  sent: Json,
  time: Micros,
): readonly JsonObject[] {
  if (sent === null) return [];
  if (!Array.isArray(sent)) throw inputError('event_hooks must be a list');
  const known = new Map(hooksOf(current).map((hook) => [hook['id'], hook]));
  const hooks = (sent as readonly Json[]).map((hook) => {
    if (!isObject(hook)) throw inputError('event_hooks must hold objects');
    const id = typeof hook['id'] === 'string' && hook['id'] !== '' ? hook['id'] : randomUUID();
    const before = known.get(id);
    checkHook(hook, id, before !== undefined);
    return {
      ...hook,
      id,
      enabled: hook['enabled'] ?? false,
      created_at: before?.['created_at'] ?? timeText(time),
      updated_at: timeText(time),
    };
  });
  if (new Set(hooks.map((hook) => hook.id)).size < hooks.length)
    throw inputError('event_hooks has duplicate ids');
  if (
    hooks.filter((hook) => (hook as JsonObject)['hook_type'] === 'pending_message').length >
    longestPendingHooks
  ) {
    throw inputError(`event_hooks can hold at most ${longestPendingHooks} pending_message hooks`);
  }
  return hooks;
}

/** The hooks as `GET /app` shows them: in stored order, without what no read gives back. */
export function shownHooks(stored: Json | undefined): readonly JsonObject[] {
  return hooksOf(stored).map((hook) => {
    const shown: Record<string, Json> = {};
    for (const [key, value] of Object.entries(hook))
      if (!/_secret$|_credentials$/.test(key)) shown[key] = value;
    return shown;
  });
}

function hooksOf(stored: Json | undefined): readonly JsonObject[] {
  return Array.isArray(stored) ? (stored as readonly JsonObject[]) : [];
}

function checkHook(hook: JsonObject, id: string, known: boolean): void {
  const type = hook['hook_type'];
  if (typeof type !== 'string' || !hookTypes.includes(type)) {
    throw inputError(`hook_type must be one of [${hookTypes.join(' ')}]`);
  }
  for (const key of ['created_at', 'updated_at']) {
    if (typeof hook[key] === 'number') throw inputError('Time.UnmarshalJSON: input is not a JSON string');
  }
  const product = hook['product'];
  if (product !== undefined && product !== null && !products.includes(String(product))) {
    throw inputError(`product must be one of [${products.join(' ')}]`);
  }
  const events = hook['event_types'];
  if (events !== undefined && events !== null && !Array.isArray(events))
    throw inputError('event_types must be a list');
  if (type === 'webhook') checkAddress(hook, id);
  if (type === 'sqs') checkQueue(hook, 'sqs', 'sqs_queue_url', known);
  if (type === 'sns') checkQueue(hook, 'sns', 'sns_topic_arn', known);
  if (type === 'pending_message') checkPending(hook, id);
}

function checkQueue(hook: JsonObject, prefix: 'sqs' | 'sns', target: string, known: boolean): void {
  for (const key of [target, `${prefix}_region`, `${prefix}_auth_type`]) {
    if (!isFilled(hook[key])) throw inputError(`${key} is a required field`);
  }
  const auth = String(hook[`${prefix}_auth_type`]);
  if (!authTypes.includes(auth))
    throw inputError(`${prefix}_auth_type must be one of [${authTypes.join(' ')}]`);
  // A read never shows the secret, so a hook that is only echoed back cannot carry it.
  if (auth === 'keys' && !known) {
    for (const key of [`${prefix}_key`, `${prefix}_secret`]) {
      if (!isFilled(hook[key])) throw inputError(`${key} is a required field`);
    }
  }
  if (auth === 'role' && !isFilled(hook[`${prefix}_role_arn`])) {
    throw inputError(`${prefix}_role_arn is a required field`);
  }
}

function checkPending(hook: JsonObject, id: string): void {
  if (typeof hook['timeout_ms'] !== 'number') throw inputError('timeout_ms is a required field');
  const callback = hook['callback'];
  const mode = isObject(callback) ? callback['mode'] : undefined;
  if (typeof mode !== 'string' || !callbackModes.includes(mode)) {
    throw inputError(`callback.mode must be one of [${callbackModes.join(' ')}]`);
  }
  if (mode !== 'CALLBACK_MODE_NONE') checkAddress(hook, id);
}

/** Nothing is resolved here; names that cannot be public are refused with the text of a failed resolution. */
function checkAddress(hook: JsonObject, id: string): void {
  const address = String(hook['webhook_url'] ?? '');
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || !isPublicName(url.hostname)) {
    throw inputError(
      `webhook URL for hook ${id} must be a publicly accessible HTTP/HTTPS URL: unable to resolve url ${address}`,
    );
  }
}

function isPublicName(host: string): boolean {
  if (/^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01]))\./.test(host) || host.startsWith('['))
    return false;
  return host.includes('.') && !/\.(invalid|localhost|local|internal|test)$/.test(host);
}

function isFilled(value: Json | undefined): boolean {
  return typeof value === 'string' && value !== '';
}
