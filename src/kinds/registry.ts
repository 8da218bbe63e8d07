import type { Kind, Registry } from '../model/kind.ts';
import { appSettings } from './app-settings/index.ts';
import { channelType } from './channel-type/index.ts';
import { channel } from './channel/index.ts';
import { distinctChannel } from './distinct-channel/index.ts';
import { catalogues } from './names.ts';
import { role } from './role/index.ts';
import { user } from './user/index.ts';

/** Every kind, in the order in which plans show them. A new kind is a folder beside these and a line here. */
export const registry: Registry = {
  kinds: [appSettings, role, channelType, user, channel, distinctChannel] as readonly Kind[],
  catalogues,
  planned: [
    'blocklists',
    'commands',
    'event_hooks',
    'external_storages',
    'moderation_configs',
    'permissions',
    'predefined_filters',
    'push_providers',
    'push_templates',
    'retention_policies',
    'user_groups',
  ],
};
