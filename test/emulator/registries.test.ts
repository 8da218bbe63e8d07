import { expect, test } from 'vitest';
import { connect, raw, refusal } from './connection.ts';

const any = (values: object) => values as never;

test('the built-in roles are listed with the scopes they hold grants in', async () => {
  const { client } = await connect();
  const { roles } = (await client.listRoles()) as unknown as {
    roles: { name: string; custom: boolean; scopes: string[] }[];
  };
  expect(roles.map((role) => role.name).sort()).toEqual([
    'admin',
    'anonymous',
    'channel_member',
    'channel_moderator',
    'global_admin',
    'global_moderator',
    'global_read_only',
    'guest',
    'moderator',
    'user',
  ]);
  expect(roles.find((role) => role.name === 'anonymous')).toMatchObject({
    custom: false,
    scopes: ['livestream'],
  });
  expect(roles.find((role) => role.name === 'user')?.scopes).toContain('.app');
});

test('a role is created once and deleted only when nobody holds it and it grants nothing', async () => {
  const { client } = await connect();
  const created = await client.createRole('agent');
  expect(created).toMatchObject({ role: { name: 'agent', custom: true, scopes: [] } });
  expect((await refusal(client.createRole('agent'))).message).toContain(
    'CreateRole failed with error: "role "agent" already exists"',
  );
  await client.upsertUser({ id: 'eva', role: 'agent' });
  expect((await refusal(client.deleteRole('agent'))).message).toContain(
    'role "agent" cannot be deleted, at least one user is using this role (ie. "eva")',
  );
  await client.upsertUser({ id: 'eva', role: 'user' });
  await client.updateChannelType('team', any({ grants: { agent: ['read-channel'] } }));
  expect(await refusal(client.deleteRole('agent'))).toMatchObject({ code: 4, status: 400 });
  await client.updateChannelType('team', any({ grants: { agent: [] } }));
  expect((await client.getChannelType('team')).grants).toHaveProperty('agent', []);
  await client.deleteRole('agent');
  expect((await client.getChannelType('team')).grants).not.toHaveProperty('agent');
});

test('unknown and built-in roles cannot be deleted, with 400/4 as on the real service', async () => {
  const { client } = await connect();
  expect(await refusal(client.deleteRole('x'))).toMatchObject({
    code: 4,
    status: 400,
    message: expect.stringContaining('role "x" does not exist'),
  });
  expect((await refusal(client.deleteRole('admin'))).message).toContain(
    'role "admin" is a built-in role and cannot be deleted',
  );
});

test('at most 25 custom roles of at most 64 characters exist', async () => {
  const { client } = await connect();
  expect((await refusal(client.createRole('x'.repeat(65)))).message).toContain(
    'name must be a maximum of 64 characters in length',
  );
  for (let count = 0; count < 25; count += 1) await client.createRole(`role-${count}`);
  expect(await refusal(client.createRole('role-25'))).toMatchObject({ code: 4 });
});

test('roles are searched by a part of the name', async () => {
  const { client } = await connect();
  await client.createRole('agent-eu');
  await client.createRole('agent-us');
  const found = (await raw(client, 'get', '/roles/search', { query: 'agent', name_gt: 'agent-eu' })) as {
    roles: { name: string }[];
  };
  expect(found.roles.map((role) => role.name)).toEqual(['agent-us']);
  expect(await refusal(raw(client, 'get', '/roles/search'))).toMatchObject({ code: 4 });
});

test('a custom permission is created, read, replaced, granted and deleted', async () => {
  const { client } = await connect();
  const permission = {
    id: 'update-own-user',
    name: 'Update own',
    action: 'UpdateUser',
    condition: { '$subject.id': 'x' },
    description: 'd',
    owner: true,
  };
  expect(Object.keys(await client.createPermission(any(permission)))).toEqual(['duration']);
  expect(await client.getPermission('update-own-user')).toMatchObject({
    permission: { ...permission, custom: true, same_team: false },
  });
  await client.updatePermission(
    'update-own-user',
    any({ id: 'update-own-user', name: 'Other', action: 'UpdateUser', condition: {} }),
  );
  expect(await client.getPermission('update-own-user')).toMatchObject({
    permission: { name: 'Other', owner: false, description: '' },
  });
  await client.updateChannelType('team', any({ grants: { guest: ['update-own-user'] } }));
  expect(await refusal(client.deletePermission('update-own-user'))).toMatchObject({ code: 4 });
  await client.updateChannelType('team', any({ grants: null }));
  await client.deletePermission('update-own-user');
  expect(await refusal(client.getPermission('update-own-user'))).toMatchObject({
    code: 16,
    status: 404,
    message: expect.stringContaining('custom permission "update-own-user" not found'),
  });
});

test('built-in permissions are listed, read and protected', async () => {
  const { client } = await connect();
  expect(await client.getPermission('create-channel')).toMatchObject({
    permission: { custom: false, condition: null, action: 'CreateChannel', level: 'channel' },
  });
  const { permissions } = await client.listPermissions();
  const ids = new Set(permissions?.map((permission) => permission.id));
  const { grants } = await client.getChannelType('messaging');
  for (const id of Object.values(grants).flat()) expect(ids).toContain(id);
  expect(
    (
      await refusal(
        client.createPermission(
          any({ id: 'create-channel', name: 'n', action: 'CreateChannel', condition: {} }),
        ),
      )
    ).message,
  ).toContain('permission "create-channel" already exists');
  expect(
    (await refusal(client.createPermission(any({ id: 'p', name: 'n', action: 'Fly', condition: {} }))))
      .message,
  ).toContain('Fly is not a valid resource');
});

test('a command is created wrapped, read flat, and keeps what an update omits', async () => {
  const { client } = await connect();
  expect(
    await client.createCommand(
      any({ name: 'excuse', description: 'Makes one up', args: '[why]', set: 'fun' }),
    ),
  ).toMatchObject({ command: { name: 'excuse' } });
  await client.updateCommand('excuse', any({ description: 'Better', name: 'ignored' }));
  expect(await client.getCommand('excuse')).toMatchObject({
    name: 'excuse',
    description: 'Better',
    args: '[why]',
    set: 'fun',
    created_at: expect.any(String),
  });
  const { commands } = (await client.listCommands()) as unknown as {
    commands: { name: string; created_at?: string }[];
  };
  expect(commands.find((command) => command.name === 'giphy')).not.toHaveProperty('created_at');
  await client.createChannelType(any({ name: 'support', commands: ['excuse'] }));
  expect(await refusal(client.deleteCommand('excuse'))).toMatchObject({ code: 4, status: 400 });
  await client.deleteChannelType('support');
  expect(await client.deleteCommand('excuse')).toMatchObject({ name: 'excuse' });
  expect(await refusal(client.getCommand('excuse'))).toMatchObject({ code: 16, status: 404 });
});

test.each([
  [{ name: 'two words', description: 'd' }],
  [{ name: 'giphy', description: 'd' }],
  [{ name: 'all', description: 'd' }],
  [{ name: 'x' }],
  [{ name: 'x', description: 'd'.repeat(256) }],
])('an impossible command is refused: %j', async (command) => {
  const { client } = await connect();
  expect(await refusal(client.createCommand(any(command)))).toMatchObject({ code: 4, status: 400 });
});

test('a blocklist keeps the order of its words, and an update replaces them', async () => {
  const { client } = await connect();
  await client.createBlockList({ name: 'rude', words: ['zap', 'ant'] });
  expect(await client.getBlockList('rude')).toMatchObject({
    blocklist: { words: ['zap', 'ant'], type: 'word', is_leet_check_enabled: false },
  });
  await client.updateBlockList('rude', { words: ['ant'] });
  await raw(client, 'put', '/blocklists/rude', { is_leet_check_enabled: true });
  expect(await client.getBlockList('rude')).toMatchObject({
    blocklist: { words: ['ant'], is_leet_check_enabled: true },
  });
  await client.deleteBlockList('rude');
  expect(await refusal(client.getBlockList('rude'))).toMatchObject({ code: 16, status: 404 });
});

test('the built-in blocklist is listed and protected', async () => {
  const { client } = await connect();
  const { blocklists } = await client.listBlockLists();
  expect(blocklists.map((blocklist) => blocklist.name)).toEqual(['profanity_en_2020_v1']);
  expect(blocklists[0]).not.toHaveProperty('created_at');
  expect((await refusal(client.updateBlockList('profanity_en_2020_v1', { words: [] }))).message).toContain(
    'cannot update the builtin block list',
  );
  expect((await refusal(client.deleteBlockList('profanity_en_2020_v1'))).message).toContain(
    'cannot delete the builtin block list',
  );
});

test('blocklists are paged by cursor, and a team sees its own and the common ones', async () => {
  const { client } = await connect();
  for (const name of ['one', 'two', 'three']) await client.createBlockList({ name, words: ['a'] });
  await client.createBlockList({ name: 'one', words: ['b'], team: 'blue' });
  const names: string[] = [];
  let cursor: unknown;
  do {
    const page = (await raw(client, 'get', '/blocklists', {
      limit: 2,
      ...(cursor === undefined ? {} : { cursor }),
    })) as {
      blocklists: { name: string }[];
      next_cursor?: string;
    };
    names.push(...page.blocklists.map((blocklist) => blocklist.name));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  expect(names).toEqual(['profanity_en_2020_v1', 'one', 'two', 'three']);
  expect((await client.getBlockList('one', { team: 'blue' })).blocklist.words).toEqual(['b']);
  expect((await client.listBlockLists({ team: 'blue' })).blocklists).toHaveLength(5);
});

test('long words, many words and a sixteenth list are refused', async () => {
  const { client } = await connect();
  expect((await refusal(client.createBlockList({ name: 'x', words: ['w'.repeat(41)] }))).message).toContain(
    'words[0] must be a maximum of 40 characters in length',
  );
  const many = Array.from({ length: 10_001 }, (_, index) => `w${index}`);
  expect((await refusal(client.createBlockList({ name: 'x', words: many }))).message).toContain(
    'words must contain at maximum 10000 items',
  );
  for (let count = 0; count < 15; count += 1)
    await client.createBlockList({ name: `list-${count}`, words: [] });
  expect(await refusal(client.createBlockList({ name: 'x', words: [] }))).toMatchObject({ code: 4 });
});
