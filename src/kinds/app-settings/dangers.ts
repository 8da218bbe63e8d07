import { valueAfter, valueBefore, type Change, type FieldChange, type Update } from '../../model/change.ts';
import type { Danger, DangerCode, Remark } from '../../model/danger.ts';
import type { World } from '../../model/kind.ts';
import type { GrantsForm } from '../grants.ts';
import { grantsDangers, type GrantsChange } from '../grants-dangers.ts';
import { grantsRemarks } from '../grants-remarks.ts';
import { elsewhereDangers, handlerDangers } from '../handler-urls.ts';
import { textAt, treeAt } from '../values.ts';
import { uploadConfigs, type AppSettings } from './fields.ts';
import type { AppSettingsForm } from './form.ts';
import { uploadDangers, widensUploads } from './upload-rules.ts';

type AppChange = Change<AppSettings, AppSettingsForm>;
type AppUpdate = Update<AppSettings, AppSettingsForm>;

/** Switches that open the app: the value that opens, the rule, and what is said. */
const switches: readonly {
  readonly field: keyof AppSettings;
  readonly opens: boolean;
  readonly code: DangerCode;
  readonly message: string;
}[] = [
  {
    field: 'disable_auth_checks',
    opens: true,
    code: 'auth-checks-off',
    message: 'anybody can connect as any user: tokens are no longer checked',
  },
  {
    field: 'disable_permissions_checks',
    opens: true,
    code: 'permission-checks-off',
    message: 'every user may do everything: grants are no longer checked',
  },
  {
    field: 'multi_tenant_enabled',
    opens: false,
    code: 'multi-tenancy-off',
    message: 'users of one team can reach users and channels of the others',
  },
  {
    field: 'guest_user_creation_disabled',
    opens: false,
    code: 'guests-let-in',
    message: 'anybody can come as a guest, without an account',
  },
  {
    field: 'moderation_enabled',
    opens: false,
    code: 'moderation-off',
    message: 'nothing is moderated any more',
  },
  {
    field: 'image_moderation_enabled',
    opens: false,
    code: 'moderation-off',
    message: 'images are no longer moderated',
  },
];

const handlers = [
  'before_message_send_hook_url',
  'custom_action_handler_url',
  'moderation_webhook_url',
] as const;

/** What changes of the app's settings mean for the people in it. */
export function appSettingsDangers(changes: readonly AppChange[], world: World): readonly Danger[] {
  return changes.flatMap((change) => {
    if (change.action !== 'update') return [];
    return [
      ...switched(change),
      ...others(change),
      ...handlersOf(change, world),
      ...uploadDangers(change),
      ...grantsDangers(grantsOf(change)),
    ];
  });
}

/** Who keeps a right in another way, and how far upload rules reach. */
export function appSettingsRemarks(changes: readonly AppChange[]): readonly Remark[] {
  return changes.flatMap((change) => {
    if (change.action !== 'update') return [];
    const { address } = change;
    const uploads = uploadConfigs
      .filter((config) => change.fields.some(({ path }) => path[0] === config))
      .map((config) => {
        const message = `${config} holds in every channel of every type; files that are there stay`;
        return { address, path: [config], code: 'app-wide', message };
      });
    return [...grantsRemarks(grantsOf(change)), ...uploads];
  });
}

/** True when this difference opens what the live app has closed. */
export function reopensApp(field: FieldChange): boolean {
  const [name] = field.path;
  if (name === 'grants') return field.op === 'add' || (field.op === 'elements' && field.added.length > 0);
  if (name === 'user_search_disallowed_roles') return field.op === 'elements' && field.removed.length > 0;
  if (uploadConfigs.some((config) => config === name)) return widensUploads(field);
  if (name === 'revoke_tokens_issued_before') return acceptsTokensAgain(field);
  if (name === 'enforce_unique_usernames') return sharesNames(field);
  return switches.some((one) => one.field === name && isSet(field, one.opens));
}

/** Names that were taken in the whole app, or in a team, may be taken again. */
function sharesNames(field: FieldChange): boolean {
  const strict: readonly unknown[] = ['no', 'team', 'app'];
  return strict.indexOf(valueAfter(field)) < strict.indexOf(valueBefore(field));
}

/** A time that goes or moves back lets in whoever was logged out by it. */
function acceptsTokensAgain(field: FieldChange): boolean {
  if (field.op === 'remove') return true;
  return field.op === 'set' && Date.parse(String(field.after)) < Date.parse(String(field.before));
}

function isSet(field: FieldChange, value: boolean): boolean {
  return (field.op === 'set' || field.op === 'add') && field.after === value;
}

function switched({ address, fields }: AppUpdate): readonly Danger[] {
  return switches
    .filter(({ field, opens }) => fields.some((change) => change.path[0] === field && isSet(change, opens)))
    .map(({ field, code, message }) => ({ code, address, path: [field], message }));
}

function others(change: AppUpdate): readonly Danger[] {
  const { address, live, desired, fields, resource, uncompared } = change;
  const dangers: Danger[] = [];
  const found = (code: DangerCode, field: keyof AppSettings, message: string): void => {
    dangers.push({ code, address, path: [field], message });
  };
  const version = 'permission_version';
  if (desired[version] === 'v1' && live[version] !== 'v1')
    found('permissions-v1', version, 'the policies of old decide, and grants no longer do');

  const revoking = 'revoke_tokens_issued_before';
  const [from, to] = [textAt(live, revoking), textAt(desired, revoking)];
  if (to !== undefined && !(from !== undefined && Date.parse(to) <= Date.parse(from)))
    found('tokens-revoked', revoking, `whoever has a token of before ${to} must log in again`);

  const searching = 'user_search_disallowed_roles';
  const search = fields.find(({ path }) => path[0] === searching);
  const freed = search?.op === 'elements' ? search.removed.map(({ name }) => name) : [];
  if (freed.length > 0) found('search-opened', searching, `${freed.join(', ')} may search for users`);

  const migrating = 'migrate_permissions_to_v2';
  // Stream never tells this one, so it acts whenever anything is sent.
  if (resource.declared[migrating] === true && uncompared.some(([field]) => field === migrating)) {
    const message = 'Stream turns the policies of old into grants, and cannot turn them back';
    found('permissions-migrated', migrating, message);
  }
  return dangers;
}

function handlersOf(change: AppUpdate, world: World): readonly Danger[] {
  const { address, live, desired, resource, uncompared } = change;
  const compared = handlers.flatMap((name) => {
    const [before, after] = [textAt(live, name), textAt(desired, name)];
    return handlerDangers({ address, path: [name], name, before, after }, world);
  });
  const name = 'async_moderation_config';
  if (!uncompared.some(([field]) => field === name)) return compared;
  const after = resource.declared[name]?.callback?.server_url;
  const path = [name, 'callback', 'server_url'];
  return [...compared, ...elsewhereDangers({ address, path, name, after }, world)];
}

function grantsOf({ address, live, desired }: AppUpdate): GrantsChange {
  const [before, after] = [live, desired].map((form) => treeAt(form['grants']) as GrantsForm);
  return { address, where: 'in the app', before: before ?? {}, after: after ?? {} };
}
