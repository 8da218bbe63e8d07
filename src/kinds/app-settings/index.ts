import type { Kind } from '../../model/kind.ts';
import { addressOf } from '../../model/address.ts';
import { held } from '../answers.ts';
import { grantReferences, heldIn, liveGrants, type GrantsForm } from '../grants.ts';
import { provenRoles } from '../proven-roles.ts';
import { namedElements } from '../sets.ts';
import { treeAt } from '../values.ts';
import { appSettingsDangers, appSettingsRemarks, reopensApp } from './dangers.ts';
import { appSettingsSchema, type AppSettings } from './fields.ts';
import { desiredForm, liveForm, type AppSettingsForm } from './form.ts';
import { appSettingsSteps } from './steps.ts';

/** The app's own settings: always there, read with GET /app, changed by a PATCH that never answers them. */
export const appSettings: Kind<AppSettings, AppSettingsForm> = {
  name: 'app_settings',
  section: 'app',
  layout: 'one',
  schema: appSettingsSchema,
  samples: [
    {
      multi_tenant_enabled: true,
      enforce_unique_usernames: 'app',
      image_upload_config: {
        allowed_file_extensions: ['.png'],
        allowed_mime_types: ['image/png'],
        size_limit: 1024,
      },
      reminders_interval: 3600,
      user_search_disallowed_roles: ['guest'],
      custom_action_handler_url: 'https://commands.example.com/{type}',
      push_config: { version: 'v2', offline_only: true },
      grants: { guest: [], user: { remove: ['search-user'] } },
      revoke_tokens_issued_before: '2026-01-01T00:00:00Z',
    },
    { reminders_max_members: 20, moderation_enabled: false },
  ],
  can: { create: false, update: true, delete: false },
  key: () => 'app',

  references({ declared }, live, world) {
    const raw = treeAt(treeAt(world.answer('GetApp')?.['app'])['grants']);
    const known = declared.user_search_disallowed_roles;
    const disallowed = provenRoles(Object.keys(treeAt(live?.['user_search_disallowed_roles'])), world);
    return [
      ...grantReferences(
        declared.grants ?? {},
        provenRoles(Object.keys(raw), world),
        new Set(heldIn(liveGrants(raw))),
      ),
      ...(known === undefined ? [] : namedElements(known))
        .filter((role) => !disallowed.has(role))
        .map((role) => ({ address: addressOf('role', role), path: ['user_search_disallowed_roles', role] })),
    ];
  },

  async read(stream, wanted) {
    const raw = held(await stream.read('GetApp'), 'GetApp', 'app');
    return new Map(
      wanted.map(({ address }) => [address, { state: 'present', live: liveForm(raw), raw }] as const),
    );
  },

  desired: (resource, live) => desiredForm(resource, live ?? {}),

  dangers: appSettingsDangers,
  remarks: appSettingsRemarks,
  reopens: reopensApp,
  rights: (form) => treeAt(form['grants']) as GrantsForm,
  rightsBasis(form) {
    if (form['disable_permissions_checks'] === true) return 'nothing';
    return form['permission_version'] === 'v1' ? 'policies' : 'grants';
  },

  steps: appSettingsSteps,
};
