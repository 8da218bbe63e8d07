import { expect, test } from 'vitest';
import { connect, raw, refusal } from './connection.ts';

const type = (values: object) => values as never;

/** What of a type is not its own name, age and commands. */
function strip(read: object): object {
  const own = new Set(['name', 'created_at', 'updated_at', 'duration', 'commands', 'permissions']);
  return Object.fromEntries(Object.entries(read).filter(([key]) => !own.has(key)));
}

test.each([
  [
    'messaging',
    {
      user: 30,
      guest: 0,
      anonymous: 0,
      admin: 42,
      moderator: 42,
      channel_member: 21,
      channel_moderator: 37,
      global_admin: 42,
      global_moderator: 42,
      global_read_only: 4,
    },
  ],
  [
    'livestream',
    {
      user: 24,
      guest: 5,
      anonymous: 3,
      admin: 42,
      moderator: 35,
      channel_member: 1,
      channel_moderator: 19,
      global_admin: 41,
      global_moderator: 34,
      global_read_only: 4,
    },
  ],
  [
    'gaming',
    {
      user: 23,
      guest: 0,
      anonymous: 0,
      admin: 42,
      moderator: 35,
      channel_member: 20,
      channel_moderator: 34,
      global_admin: 42,
      global_moderator: 35,
      global_read_only: 4,
    },
  ],
  [
    'commerce',
    {
      user: 25,
      guest: 15,
      anonymous: 0,
      admin: 42,
      moderator: 39,
      channel_member: 19,
      channel_moderator: 37,
      global_admin: 42,
      global_moderator: 39,
      global_read_only: 4,
    },
  ],
])('the built-in type %s has as many grants per role as on the real service', async (name, counts) => {
  const { client } = await connect();
  const { grants } = await client.getChannelType(name);
  expect(Object.fromEntries(Object.entries(grants).map(([role, ids]) => [role, ids.length]))).toEqual(counts);
  for (const ids of Object.values(grants)) expect(ids).toEqual(ids.toSorted());
});

test('a new type equals messaging, without commands when none are named', async () => {
  const { client } = await connect();
  const created = await client.createChannelType(type({ name: 'support', commands: [] }));
  const messaging = await client.getChannelType('messaging');
  expect(strip(created)).toEqual(strip(messaging));
  expect(created.commands).toEqual([]);
  expect(created.created_at).toBe(created.updated_at);
  expect((messaging as unknown as { permissions: unknown[] }).permissions).toHaveLength(7);
});

test('creation ignores the four fields that only an update can set', async () => {
  const { client } = await connect();
  await client.createChannelType(
    type({
      name: 'support',
      quotes: false,
      reminders: true,
      allowed_flag_reasons: ['spam'],
      automod_thresholds: { spam: { flag: 0.5 } },
    }),
  );
  const read = await client.getChannelType('support');
  expect(read).toMatchObject({ quotes: true, reminders: false });
  expect(read).not.toHaveProperty('allowed_flag_reasons');
  expect(read).not.toHaveProperty('automod_thresholds');
  await client.updateChannelType(
    'support',
    type({ quotes: false, reminders: true, automod_thresholds: { spam: { flag: 0.5 } } }),
  );
  expect(await client.getChannelType('support')).toMatchObject({
    quotes: false,
    reminders: true,
    automod_thresholds: { spam: { flag: 0.5 } },
  });
});

test('an update merges, and null removes thresholds', async () => {
  const { client } = await connect();
  await client.createChannelType(type({ name: 'support', uploads: false, max_message_length: 30_000 }));
  await client.updateChannelType(
    'support',
    type({ automod_thresholds: { spam: { flag: 0.5, block: 0.9 } } }),
  );
  await client.updateChannelType('support', type({ replies: false }));
  expect(await client.getChannelType('support')).toMatchObject({
    uploads: false,
    replies: false,
    max_message_length: 30_000,
    automod_thresholds: { spam: { flag: 0.5, block: 0.9 } },
  });
  await client.updateChannelType('support', type({ automod_thresholds: null }));
  expect(await client.getChannelType('support')).not.toHaveProperty('automod_thresholds');
  await client.updateChannelType('support', type({}));
});

test.each([
  [{ name: 'other' }, 'name'],
  [{ updated_at: 'yesterday' }, 'updated_at'],
  [{ max_message_length: 20_001 }, 'max_message_length must be 20000 or less'],
  [{ automod: 'sometimes' }, 'automod must be one of [disabled simple AI]'],
  [{ push_level: 'loud' }, 'push_level must be one of [all all_mentions mentions direct_mentions none]'],
  [{ typing_events: 'yes' }, 'typing_events'],
  [{ commands: ['no-such-command'] }, 'no-such-command'],
  [{ blocklist: 'no-such-list' }, 'no-such-list'],
  [{ partition_ttl: 'a while' }, 'partition_ttl'],
  [{ grants: { nobody: [] } }, 'role "nobody" does not exist'],
  [{ grants: { user: ['no-such-permission'] } }, 'no-such-permission'],
])('an update with %j is refused with 400/4 and changes nothing', async (body, text) => {
  const { client, emulator } = await connect();
  await client.createChannelType(type({ name: 'support' }));
  const before = emulator.snapshot();
  const refused = await refusal(client.updateChannelType('support', type(body)));
  expect(refused).toMatchObject({ code: 4, status: 400 });
  expect(refused.message).toContain('UpdateChannelType failed with error: ');
  expect(refused.message).toContain(text);
  expect(emulator.snapshot()).toEqual(before);
});

test('sets and all become the names of their commands at the time of the write', async () => {
  const { client } = await connect();
  await client.createCommand({ name: 'excuse', description: 'Makes one up', args: '', set: '' } as never);
  const created = await client.createChannelType(
    type({ name: 'support', commands: ['excuse', 'fun_set', 'ban', 'giphy'] }),
  );
  expect(created.commands).toEqual(['excuse', 'giphy', 'ban']);
  const updated = await client.updateChannelType('support', type({ commands: ['moderation_set'] }));
  expect((updated as unknown as { commands: string[] }).commands).toEqual(['ban', 'unban', 'mute', 'unmute']);
  const all = await client.createChannelType({ name: 'everything' });
  expect(all.commands).toEqual(['giphy', 'ban', 'unban', 'mute', 'unmute', 'flag', 'excuse']);
  await client.createCommand({ name: 'later', description: 'Comes later', args: '', set: '' } as never);
  expect(
    (await client.getChannelType('everything')).commands?.map(
      (command) => (command as { name: string }).name,
    ),
  ).not.toContain('later');
});

test('writes answer commands by name and reads describe them', async () => {
  const { client } = await connect();
  await client.createChannelType(type({ name: 'support', commands: ['giphy'] }));
  const giphy = {
    name: 'giphy',
    description: 'Post a random gif to the channel',
    args: '[text]',
    set: 'fun_set',
  };
  expect((await client.getChannelType('support')).commands).toEqual([giphy]);
  expect((await client.listChannelTypes()).channel_types['support']?.commands).toEqual([giphy]);
});

test('grants replace one role, sorted, and null brings the defaults of the type back', async () => {
  const { client } = await connect();
  const { grants: defaults } = await client.getChannelType('livestream');
  await client.updateChannelType(
    'livestream',
    type({ grants: { guest: ['read-channel', 'create-message'] } }),
  );
  expect((await client.getChannelType('livestream')).grants).toEqual({
    ...defaults,
    guest: ['create-message', 'read-channel'],
  });
  await client.updateChannelType('livestream', type({ grants: { guest: [] } }));
  expect((await client.getChannelType('livestream')).grants?.['guest']).toEqual([]);
  await client.updateChannelType('livestream', type({ grants: null }));
  expect((await client.getChannelType('livestream')).grants).toEqual(defaults);
});

test('a type created with some grants keeps the defaults of messaging for the other roles', async () => {
  const { client } = await connect();
  await client.createChannelType(type({ name: 'support', grants: { user: ['read-channel'] } }));
  const { grants: messaging } = await client.getChannelType('messaging');
  expect((await client.getChannelType('support')).grants).toEqual({ ...messaging, user: ['read-channel'] });
});

test('a partition lifetime reads in canonical spelling and null removes it', async () => {
  const { client } = await connect();
  await client.createChannelType(type({ name: 'support', partition_size: 100, partition_ttl: '24h' }));
  expect(await client.getChannelType('support')).toMatchObject({
    partition_ttl: '24h0m0s',
    partition_size: 100,
  });
  await client.updateChannelType('support', type({ partition_ttl: '90m' }));
  expect(await client.getChannelType('support')).toMatchObject({ partition_ttl: '1h30m0s' });
  await client.updateChannelType('support', type({ partition_ttl: null }));
  expect(await client.getChannelType('support')).not.toHaveProperty('partition_ttl');
});

test('an existing name, a missing name and the fifty-first type are refused', async () => {
  const { client } = await connect();
  expect(await refusal(client.createChannelType(type({ name: 'messaging' })))).toMatchObject({
    code: 4,
    status: 400,
  });
  expect((await refusal(raw(client, 'post', '/channeltypes'))).message).toContain('name is a required field');
  for (let count = 5; count < 50; count += 1) await client.createChannelType(type({ name: `type-${count}` }));
  expect(await refusal(client.createChannelType(type({ name: 'one-more' })))).toMatchObject({
    code: 4,
    status: 400,
  });
});

test('a missing type gives 404/16', async () => {
  const { client } = await connect();
  for (const call of [
    client.getChannelType('none'),
    client.updateChannelType('none', type({})),
    client.deleteChannelType('none'),
  ]) {
    const refused = await refusal(call);
    expect(refused).toMatchObject({ code: 16, status: 404 });
    expect(refused.message).toContain('none is not a defined channel type');
  }
});

test('deleting a built-in type resets it', async () => {
  const { client } = await connect();
  await client.updateChannelType('team', type({ uploads: false, commands: [] }));
  expect(Object.keys(await client.deleteChannelType('team'))).toEqual(['duration']);
  expect(await client.getChannelType('team')).toMatchObject({ uploads: true, commands: [{ name: 'giphy' }] });
});

test('a type with channels cannot be deleted, and soft-deleted ones do not count', async () => {
  const { client } = await connect();
  await client.createChannelType(type({ name: 'support' }));
  const channel = client.channel('support', 'one', { created_by_id: 'eva' } as never);
  await channel.create();
  const refused = await refusal(client.deleteChannelType('support'));
  expect(refused).toMatchObject({ code: 4, status: 400 });
  expect(refused.message).toContain('channels of that type exist');
  await channel.delete();
  await client.deleteChannelType('support');
  expect(await refusal(client.getChannelType('support'))).toMatchObject({ status: 404 });
});

test('a deleted blocklist disappears from the types that named it', async () => {
  const { client } = await connect();
  await client.createBlockList({ name: 'rude', words: ['darn'] });
  await client.createBlockList({ name: 'ruder', words: ['drat'] });
  const blocklists = [
    { blocklist: 'rude', behavior: 'flag' },
    { blocklist: 'ruder', behavior: 'block' },
  ];
  await client.createChannelType(type({ name: 'support', blocklist: 'rude', blocklists }));
  await client.deleteBlockList('rude');
  const read = await client.getChannelType('support');
  expect(read).not.toHaveProperty('blocklist');
  expect(read).toMatchObject({ blocklists: [{ blocklist: 'ruder', behavior: 'block' }] });
  await client.updateChannelType('support', type({ blocklist: 'ruder' }));
  await client.updateChannelType('support', type({ blocklist: '' }));
  expect(await client.getChannelType('support')).not.toHaveProperty('blocklist');
});

test('forty-five types with their grants are listed quickly', async () => {
  const { client } = await connect();
  for (let count = 0; count < 45; count += 1) await client.createChannelType(type({ name: `type-${count}` }));
  const started = performance.now();
  await client.listChannelTypes();
  expect(performance.now() - started).toBeLessThan(500);
});
