import type { Emulator } from '../../src/emulator/index.ts';
import type { Manifest, Resource } from '../../src/model/resource.ts';
import { clientOf } from '../emulator/connection.ts';

/** Changes by hand what the manifests manage, in both directions, and beside it what they do not. */
export async function meddle(emulator: Emulator, { resources, removals }: Manifest): Promise<void> {
  const client = clientOf(emulator);
  await client.upsertUser({ id: 'stray' });
  for (const resource of resources) await meddlers[resource.kind]?.(client, resource);
  for (const { kind, key } of removals) {
    const [type = '', id = ''] = key.split(':');
    if (kind === 'channel') await client.channel(type, id, any({ created_by_id: 'stray' })).create();
  }
}

/** The names of what `addForeign` adds. */
export const foreignObjects: readonly string[] = [
  'blocklists/["","foreign-words"]',
  'channelTypes/foreign-type',
  'channels/messaging:foreign-room',
  'channels/messaging:foreign-room/members/foreign-ann',
  'channels/messaging:foreign-room/members/foreign-bob',
  'messages/foreign-hello',
  'roles/foreign-role',
  'users/foreign-ann',
  'users/foreign-bob',
];

/** Adds objects that no manifest knows: an apply must leave them as they are, to the byte. */
export async function addForeign(emulator: Emulator): Promise<void> {
  const client = clientOf(emulator);
  await client.createRole('foreign-role');
  await client.createBlockList({ name: 'foreign-words', words: ['fudge'] });
  await client.createChannelType(any({ name: 'foreign-type', grants: { guest: ['read-channel'] } }));
  await client.upsertUsers([any({ id: 'foreign-ann', diet: 'vegan' }), { id: 'foreign-bob', role: 'admin' }]);
  const room = client.channel(
    'messaging',
    'foreign-room',
    any({ created_by_id: 'foreign-ann', members: ['foreign-ann', 'foreign-bob'], topic: 'tea' }),
  );
  await room.create();
  await room.sendMessage({ id: 'foreign-hello', text: 'hello', user_id: 'foreign-ann' });
}

type Client = ReturnType<typeof clientOf>;
type Declared = Readonly<Record<string, unknown>>;

const meddlers: Readonly<Record<string, (client: Client, resource: Resource) => Promise<unknown>>> = {
  async app_settings(client, { declared }) {
    const { app } = await client.getAppSettings();
    await client.updateAppSettings(any(otherwise(declared as Declared, app as Declared)));
  },
  async channel_type(client, { key, declared }) {
    const live = (await client.getChannelType(key)) as unknown as Declared;
    await client.updateChannelType(key, any(otherwise(declared as Declared, live)));
  },
  async user(client, { key, declared }) {
    const { role, status } = declared as Declared;
    await client.partialUpdateUser({
      id: key,
      set: any({
        name: `Not ${key}`,
        desk: 99,
        theirs: 'kept',
        ...(role === 'admin' ? { role: 'user' } : {}),
      }),
    });
    if (status === 'active') await client.deactivateUsers([key], {});
  },
  async channel(client, { key, declared }) {
    const [type = '', id = ''] = key.split(':');
    const { members = [], moderators = [] } = declared as Readonly<Record<string, readonly string[]>>;
    const channel = client.channel(type, id);
    await channel.updatePartial({ set: any({ name: 'Not this', order: '0', theirs: 'kept' }) });
    await channel.addMembers(['stray']);
    await channel.addModerators(['stray']);
    const [first] = members;
    if (first !== undefined) await channel.removeMembers([first]);
    const leading = moderators.find((moderator) => moderator !== first);
    if (leading !== undefined) await channel.demoteModerators([leading]);
  },
  async distinct_channel(client, { declared }) {
    const { type, members } = declared as { readonly type: string; readonly members: readonly string[] };
    const [found] = await client.queryChannels(any({ type, members: { $eq: members } }));
    await found?.updatePartial({ set: any({ title: 'Not this', theirs: 'kept', frozen: true }) });
  },
};

/** Other values for what is declared: switches turned, texts and numbers changed, sets with more and with less. */
function otherwise(declared: Declared, live: Declared): Declared {
  return Object.fromEntries(
    Object.keys(declared).flatMap((field): readonly (readonly [string, unknown])[] => {
      const value = live[field];
      if (field === 'grants') return [[field, otherGrants(declared[field] as Declared, value as Grants)]];
      if (field === 'commands') return [[field, []]];
      if (field === 'automod') return [[field, 'disabled']];
      if (field.endsWith('_upload_config')) return [[field, otherUploads(value as Declared)]];
      if (typeof value === 'boolean') return [[field, !value]];
      if (typeof value === 'number') return [[field, value - 1]];
      return [];
    }),
  );
}

type Grants = Readonly<Record<string, readonly string[]>>;

function otherGrants(declared: Declared, live: Grants): Grants {
  return Object.fromEntries(
    Object.entries(declared).map(([role, change]) => {
      const removed = (change as { readonly remove?: readonly string[] }).remove ?? [];
      const kept = (live[role] ?? []).filter((_, index) => index % 3 !== 0);
      return [role, [...new Set([...kept, ...removed, 'ban-user', 'update-channel'])]];
    }),
  );
}

function otherUploads(live: Declared): Declared {
  const list = (field: string): readonly unknown[] => (live[field] as readonly unknown[]).slice(1);
  return {
    ...live,
    allowed_file_extensions: [...list('allowed_file_extensions'), '.svg'],
    allowed_mime_types: [...list('allowed_mime_types'), 'image/svg+xml'],
  };
}

/** The SDK's types know neither custom data nor everything that Stream takes. */
function any(value: object): never {
  return value as never;
}
