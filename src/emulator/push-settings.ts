import { inputError } from './errors.ts';
import { type Json, type JsonObject, isObject } from './json.ts';
import { type Rule, flag, oneOf, shape, text } from './validate.ts';

/** The push keys of `PATCH /app`; all of them are read back under other names, inside `push_notifications`. */
export const pushKeys = [
  'push_config',
  'apn_config',
  'firebase_config',
  'huawei_config',
  'xiaomi_config',
] as const;

type PushKey = (typeof pushKeys)[number];

const rules: Readonly<Record<PushKey, Rule>> = {
  push_config: shape({ version: oneOf(['v1', 'v2', 'v3']), offline_only: flag }, ['version']),
  apn_config: shape({
    auth_type: oneOf(['certificate', 'token']),
    p12_cert: text(),
    auth_key: text(),
    key_id: text(),
    team_id: text(),
    bundle_id: text(),
    development: flag,
    host: text(),
    notification_template: text(),
    disabled: flag,
  }),
  firebase_config: shape({
    credentials_json: text(),
    server_key: text(),
    notification_template: text(),
    data_template: text(),
    apn_template: text(),
    disabled: flag,
  }),
  huawei_config: shape({ id: text(), secret: text(), disabled: flag }),
  xiaomi_config: shape({ package_name: text(), secret: text(), disabled: flag }),
};

const credentials: Readonly<Record<Exclude<PushKey, 'push_config'>, readonly string[]>> = {
  apn_config: ['p12_cert', 'auth_key', 'key_id', 'team_id', 'bundle_id'],
  firebase_config: ['credentials_json', 'server_key'],
  huawei_config: ['id', 'secret'],
  xiaomi_config: ['package_name', 'secret'],
};

/**
 * One push key after a write. Provider configs merge key by key, and a write of credentials alone switches a disabled
 * provider on again, as the real service does.
 */
export function changePush(key: PushKey, current: Json | undefined, sent: Json, version: string): JsonObject {
  if (sent === null) return key === 'push_config' ? { version: 'v2', offline_only: false } : {};
  if (!isObject(sent)) throw inputError(`${key} must be an object`);
  // The spec spells the switch `Disabled`, the SDKs send `disabled`; the real decoder does not mind the case.
  const { Disabled: spelled, ...rest } = sent;
  const checked = rules[key](
    spelled === undefined ? rest : { disabled: spelled, ...rest },
    key,
  ) as JsonObject;
  const merged: Record<string, Json> = { ...(isObject(current) ? current : {}), ...checked };
  if (key === 'push_config') return merged;
  if (checked['disabled'] === undefined && credentials[key].some((name) => checked[name] !== undefined)) {
    merged['disabled'] = false;
  }
  checkProvider(key, checked, merged, version);
  return merged;
}

/** The answer's `push_notifications`, which never holds a credential. */
export function pushNotifications(settings: JsonObject): JsonObject {
  const of = (key: PushKey): JsonObject => {
    const value = settings[key];
    return isObject(value) ? value : {};
  };
  const apn = of('apn_config');
  const firebase = of('firebase_config');
  return {
    version: of('push_config')['version'] ?? 'v2',
    offline_only: of('push_config')['offline_only'] ?? false,
    apn: {
      enabled: isEnabled('apn_config', apn),
      development: apn['development'] ?? false,
      ...pick(apn, ['auth_type', 'bundle_id', 'team_id', 'key_id']),
      host: `https://api${apn['development'] === true ? '.development' : ''}.push.apple.com`,
      notification_template: apn['notification_template'] ?? '',
    },
    firebase: {
      enabled: isEnabled('firebase_config', firebase),
      notification_template: firebase['notification_template'] ?? '',
      data_template: firebase['data_template'] ?? '',
      ...pick(firebase, ['apn_template']),
    },
    huawei: { enabled: isEnabled('huawei_config', of('huawei_config')) },
    xiaomi: { enabled: isEnabled('xiaomi_config', of('xiaomi_config')) },
    providers: [],
  };
}

function isEnabled(key: keyof typeof credentials, config: JsonObject): boolean {
  return config['disabled'] !== true && credentials[key].some((name) => (config[name] ?? '') !== '');
}

function checkProvider(key: PushKey, sent: JsonObject, merged: JsonObject, version: string): void {
  if (key === 'apn_config' && merged['disabled'] !== true) {
    if (merged['auth_type'] === 'token') {
      for (const name of ['auth_key', 'key_id', 'team_id', 'bundle_id']) {
        if ((merged[name] ?? '') === '') throw inputError(`apn_config.${name} is a required field`);
      }
    }
    if (sent['auth_type'] === 'certificate' && version !== 'v1') {
      throw inputError('apn_config.auth_type certificate is not supported with this push version');
    }
  }
  if (key === 'firebase_config') {
    if ((sent['server_key'] ?? '') !== '' && version !== 'v1') {
      throw inputError('firebase_config.server_key is not supported with this push version');
    }
    const secret = sent['credentials_json'];
    if (typeof secret === 'string' && secret !== '' && !isJsonObject(secret)) {
      throw inputError('firebase_config.credentials_json is invalid');
    }
  }
}

function isJsonObject(value: string): boolean {
  try {
    return isObject(JSON.parse(value));
  } catch {
    return false;
  }
}

function pick(from: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])));
}
