import type { StreamChat } from 'stream-chat';
import { expect, test } from 'vitest';
import { clientOf, connect, raw, refusal } from './connection.ts';

const any = (values: object) => values as never;

interface Row {
  readonly channel: Record<string, unknown>;
  readonly members: { readonly user_id: string; readonly channel_role: string }[];
  readonly messages: { readonly text: string }[];
}

async function withUsers(): Promise<{
  client: StreamChat;
  emulator: Awaited<ReturnType<typeof connect>>['emulator'];
}> {
  const { client, emulator } = await connect();
  await client.upsertUsers(['eva', 'bob', 'cy', 'dan'].map((id) => ({ id })));
  return { client, emulator };
}

async function find(client: StreamChat, filter: object, options: object = {}): Promise<Row[]> {
  const { channels } = (await raw(client, 'post', '/channels', {
    filter_conditions: filter,
    ...options,
  })) as unknown as { channels: Row[] };
  return channels;
}

const read = async (client: StreamChat, path: string) =>
  (await raw(client, 'get', `/channels/${path}`)) as unknown as Row;

test('get-or-create makes a channel with flat custom fields, and its creator is no member', async () => {
  const { client } = await withUsers();
  const made = await client
    .channel('team', 'one', any({ created_by_id: 'eva', name: 'One', topic: { id: 7 } }))
    .create();
  expect(made.channel).toMatchObject({
    cid: 'team:one',
    name: 'One',
    topic: { id: 7 },
    frozen: false,
    disabled: false,
    member_count: 0,
    created_by: { id: 'eva' },
    config: { name: 'team', commands: [{ name: 'giphy' }] },
  });
  for (const key of ['cooldown', 'filter_tags', 'message_count', 'team', 'deleted_at'])
    expect(made.channel).not.toHaveProperty(key);
  expect(made.channel?.config).not.toHaveProperty('grants');
  expect(made.members).toEqual([]);
});

test('get-or-create does not update a channel that exists', async () => {
  const { client, emulator } = await withUsers();
  await client.channel('team', 'one', any({ created_by_id: 'eva', name: 'One' })).create();
  const before = emulator.snapshot();
  const again = await client
    .channel('team', 'one', any({ created_by_id: 'bob', name: 'Two', members: ['bob'] }))
    .create();
  expect(again.channel).toMatchObject({ name: 'One', created_by: { id: 'eva' } });
  expect(emulator.snapshot()).toEqual(before);
});

test('a server must name one creator, who is made when unknown', async () => {
  const { client } = await connect();
  expect(await refusal(client.channel('team', 'one').create())).toMatchObject({
    code: 4,
    message: expect.stringContaining(
      'GetOrCreateChannel failed with error: "either data.created_by or data.created_by_id must be provided when using server side auth."',
    ),
  });
  expect(
    (
      await refusal(
        client.channel('team', 'one', any({ created_by_id: 'a', created_by: { id: 'a' } })).create(),
      )
    ).message,
  ).toContain('cannot set both data.created_by and data.created_by_id.');
  await client.channel('team', 'one', any({ created_by: { id: 'new', name: 'New' } })).create();
  expect((await client.queryUsers({ id: 'new' })).users[0]).toMatchObject({ name: 'New' });
});

test('members must exist before the channel', async () => {
  const { client, emulator } = await withUsers();
  const before = emulator.snapshot();
  const refused = await refusal(
    client.channel('team', 'one', any({ created_by_id: 'zoe', members: ['eva', 'x', 'y'] })).create(),
  );
  expect(refused).toMatchObject({ code: 4, status: 400 });
  expect(refused.message).toContain(
    `The following users are involved in channel create operation, but don't exist: [x y]. Please create the user objects before setting up the channel.`,
  );
  expect(emulator.snapshot()).toEqual(before);
});

test.each([
  ['no-such-type', 'one', {}, 404, 'no-such-type: channel type does not exist'],
  ['team', '!mine', {}, 400, '!mine'],
  ['team', 'one', { cooldown: 5 }, 400, 'data.cooldown is a reserved field'],
  ['team', 'one', { notes: 'x'.repeat(5200) }, 413, '5120'],
  ['team', 'one', { config_overrides: { commands: ['nope'] } }, 400, 'nope'],
  [
    'team',
    'one',
    { members: [{ user_id: 'eva', channel_role: 'nobody' }] },
    400,
    'role "nobody" does not exist',
  ],
  ['team', 'one', { members: [{ user_id: 'eva', channel_role: 'admin' }] }, 400, 'admin'],
])('creating %s:%s is refused', async (type, id, data, status, text) => {
  const { client } = await withUsers();
  const refused = await refusal(client.channel(type, id, any({ created_by_id: 'eva', ...data })).create());
  expect(refused).toMatchObject({ status, message: expect.stringContaining(text) });
});

test('a distinct channel has one id for its members in any order, and keeps outsiders out', async () => {
  const { client } = await withUsers();
  const one = await client
    .channel('messaging', any({ members: ['eva', 'bob'], created_by_id: 'eva' }))
    .create();
  const two = await client
    .channel('messaging', any({ members: ['bob', 'eva'], created_by_id: 'bob' }))
    .create();
  expect(one.channel?.id).toMatch(/^!members-[\w-]{43}$/);
  expect(two.channel?.id).toBe(one.channel?.id);
  const channel = client.channel('messaging', one.channel?.id);
  await channel.removeMembers(['bob']);
  await channel.addMembers(['bob']);
  expect(await refusal(channel.addMembers(['cy']))).toMatchObject({
    code: 17,
    status: 403,
    message: expect.stringContaining("cannot add members to the distinct channel they don't belong to"),
  });
  expect(await refusal(channel.inviteMembers(['cy']))).toMatchObject({ code: 17, status: 403 });
  expect(
    (await refusal(client.channel('messaging', any({ members: ['eva'], created_by_id: 'eva' })).create()))
      .message,
  ).toContain('When using member based IDs specify at least 2 members');
  const found = await find(client, { type: 'messaging', members: { $eq: ['bob', 'eva'] } });
  expect(found.map((row) => row.channel['cid'])).toEqual([one.channel?.cid]);
});

test('a full update replaces custom data and leaves members and flags', async () => {
  const { client } = await withUsers();
  const channel = client.channel(
    'team',
    'one',
    any({ created_by_id: 'eva', name: 'One', topic: 1, frozen: true, members: ['bob'] }),
  );
  await channel.create();
  await channel.update(any({ name: 'Two' }));
  const { channel: now, members } = await read(client, 'team/one');
  expect(now).toMatchObject({ name: 'Two', frozen: true });
  expect(now).not.toHaveProperty('topic');
  expect(members).toHaveLength(1);
  expect((await refusal(channel.update(any({ muted: true, hidden: false })))).message).toContain(
    'data.muted is a reserved field, data.hidden is a reserved field',
  );
});

test('a partial update sets and unsets with dots, and refuses reserved fields with 403/17', async () => {
  const { client } = await withUsers();
  const channel = client.channel(
    'team',
    'one',
    any({ created_by_id: 'eva', topic: { a: 1, b: 2 }, team: 'red' }),
  );
  await channel.create();
  await channel.updatePartial(
    any({
      set: { 'topic.a': 5, frozen: true, cooldown: 10, disabled: false, filter_tags: ['x'] },
      unset: ['topic.b', 'team'],
    }),
  );
  const { channel: now } = await read(client, 'team/one');
  expect(now).toMatchObject({ topic: { a: 5 }, frozen: true, cooldown: 10, filter_tags: ['x'] });
  expect(now['topic']).toEqual({ a: 5 });
  expect(now).not.toHaveProperty('team');
  expect(await refusal(channel.updatePartial(any({ set: { member_count: 4 } })))).toMatchObject({
    code: 17,
    status: 403,
    message: expect.stringContaining('field `member_count` is reserved and cannot updated'),
  });
  const missing = await refusal(client.channel('team', 'none').updatePartial(any({ set: { a: 1 } })));
  expect(missing).toMatchObject({
    code: 16,
    status: 404,
    message: expect.stringContaining(`Can't find channel with id team:none`),
  });
});

test('overrides show only in the effective config, and an empty object takes them back', async () => {
  const { client } = await withUsers();
  const channel = client.channel('team', 'one', any({ created_by_id: 'eva' }));
  await channel.create();
  const config = async () => (await read(client, 'team/one')).channel['config'];
  const before = await config();
  await channel.updatePartial(
    any({
      set: {
        config_overrides: {
          uploads: false,
          max_message_length: 20,
          commands: ['ban'],
          grants: { user: ['!create-message'] },
          polls: true,
        },
      },
    }),
  );
  expect(await config()).toMatchObject({
    uploads: false,
    max_message_length: 20,
    commands: [{ name: 'ban' }],
    grants: { user: ['!create-message'] },
    polls: false,
  });
  expect((await read(client, 'team/one')).channel).not.toHaveProperty('config_overrides');
  await channel.updatePartial(any({ set: { config_overrides: { typing_events: false } } }));
  expect(await config()).toMatchObject({ uploads: true, typing_events: false });
  await channel.updatePartial(any({ set: { config_overrides: {} } }));
  expect(await config()).toEqual(before);
});

test('cooldown and filter tags are changed beside the data, and vanish when empty', async () => {
  const { client } = await withUsers();
  const channel = client.channel('team', 'one', any({ created_by_id: 'eva' }));
  await channel.create();
  await channel.enableSlowMode(7);
  await raw(client, 'post', '/channels/team/one', { add_filter_tags: ['a', 'b'], remove_filter_tags: ['a'] });
  expect((await read(client, 'team/one')).channel).toMatchObject({ cooldown: 7, filter_tags: ['b'] });
  await channel.disableSlowMode();
  expect((await read(client, 'team/one')).channel).not.toHaveProperty('cooldown');
  expect((await refusal(channel.enableSlowMode(121))).message).toContain('cooldown must be 120 or less');
});

test('members come with roles and custom data, and adding one again changes nothing', async () => {
  const { client } = await withUsers();
  await client.createRole('agent');
  const channel = client.channel('team', 'one', any({ created_by_id: 'eva' }));
  await channel.create();
  await channel.addMembers(any(['eva', { user_id: 'bob', channel_role: 'agent', shift: 'late' }]));
  await channel.addMembers(any([{ user_id: 'bob', channel_role: 'channel_moderator' }]));
  const { members, channel: now } = await read(client, 'team/one');
  expect(members).toMatchObject([
    {
      user_id: 'eva',
      channel_role: 'channel_member',
      role: 'owner',
      status: 'member',
      notifications_muted: false,
      banned: false,
    },
    { user_id: 'bob', channel_role: 'agent', role: 'member', shift: 'late' },
  ]);
  expect(now).toMatchObject({ member_count: 2 });
  await channel.assignRoles([{ user_id: 'bob', channel_role: 'channel_moderator' }]);
  await channel.addModerators(['cy']);
  await channel.demoteModerators(['bob']);
  await channel.removeMembers(['eva', 'never-there']);
  expect((await read(client, 'team/one')).members).toMatchObject([
    { user_id: 'bob', channel_role: 'channel_member' },
    { user_id: 'cy', channel_role: 'channel_moderator', is_moderator: true, role: 'moderator' },
  ]);
});

test.each([
  [{ add_members: ['ghost'] }, 'could not find user ghost from add_members'],
  [{ add_members: ['eva'], remove_members: ['eva'] }, 'eva'],
  [{ assign_roles: [{ user_id: 'dan', channel_role: 'channel_member' }] }, 'dan'],
  [
    { add_members: Array.from({ length: 101 }, (_, index) => `u${index}`) },
    'add_members must contain at maximum 100 items',
  ],
  [{ accept_invite: true, user_id: 'dan' }, 'not invited'],
])('the membership change %j is refused as a whole', async (body, text) => {
  const { client, emulator } = await withUsers();
  await client.channel('team', 'one', any({ created_by_id: 'eva' })).create();
  const before = emulator.snapshot();
  const refused = await refusal(
    raw(client, 'post', '/channels/team/one', { add_moderators: ['bob'], ...body }),
  );
  expect(refused).toMatchObject({ code: 4, status: 400, message: expect.stringContaining(text) });
  expect(emulator.snapshot()).toEqual(before);
});

test('an invited user counts as a member, pending until he answers', async () => {
  const { client } = await withUsers();
  const channel = client.channel('team', 'one', any({ created_by_id: 'eva' }));
  await channel.create();
  await channel.inviteMembers(['bob', 'cy']);
  expect(await read(client, 'team/one')).toMatchObject({
    channel: { member_count: 2 },
    members: [{ status: 'pending', invited: true }, {}],
  });
  await channel.acceptInvite({ user_id: 'bob' });
  await channel.acceptInvite({ user_id: 'bob' });
  await channel.rejectInvite({ user_id: 'cy' });
  expect((await read(client, 'team/one')).members).toMatchObject([
    { user_id: 'bob', status: 'member', invite_accepted_at: expect.any(String) },
    { user_id: 'cy', status: 'rejected', invite_rejected_at: expect.any(String) },
  ]);
});

test('one member is changed by both path forms', async () => {
  const { client } = await withUsers();
  const channel = client.channel('team', 'one', any({ created_by_id: 'eva', members: ['bob'] }));
  await channel.create();
  expect(
    await channel.updateMemberPartial(
      any({ set: { shift: { from: 9 }, channel_role: 'channel_moderator' } }),
      { userId: 'bob' },
    ),
  ).toMatchObject({
    channel_member: { user_id: 'bob', shift: { from: 9 }, channel_role: 'channel_moderator' },
  });
  await raw(client, 'patch', '/channels/team/one/member/bob', { set: { 'shift.to': 17, pinned: true } });
  await raw(client, 'patch', '/channels/team/one/member/bob', { unset: ['shift.from'] });
  expect((await read(client, 'team/one')).members).toMatchObject([
    { shift: { to: 17 }, pinned_at: expect.any(String) },
  ]);
});

test('members are queried by filter, order, page and edge', async () => {
  const { client } = await withUsers();
  const channel = client.channel('team', 'one', any({ created_by_id: 'eva', members: ['dan', 'bob'] }));
  await channel.create();
  await channel.addMembers(any([{ user_id: 'cy', shift: 'late' }]));
  await channel.addModerators(['dan']);
  const found = async (filter: object, sort: object = {}, options: object = {}) =>
    (await channel.queryMembers(any(filter), any(sort), any(options))).members.map(
      (member) => member.user_id,
    );
  expect(await found({})).toEqual(['dan', 'bob', 'cy']);
  expect(await found({}, { user_id: 1 })).toEqual(['bob', 'cy', 'dan']);
  expect(await found({}, { user_id: 1 }, { limit: 1, offset: 1 })).toEqual(['cy']);
  expect(await found({}, { user_id: 1 }, { user_id_gt: 'bob' })).toEqual(['cy', 'dan']);
  expect(await found({ channel_role: 'channel_moderator' })).toEqual(['dan']);
  expect(await found({ id: { $in: ['bob'] } })).toEqual(['bob']);
  expect(await found({ shift: 'late' })).toEqual(['cy']);
  expect((await refusal(channel.queryMembers(any({ id: { $q: 'b' } })))).message).toContain(
    'operator "$q" is not allowed for field "id"',
  );
  expect((await refusal(channel.queryMembers(any({ cid: 'x' })))).message).toContain('cannot search by cid');
});

test('a query gives 10 channels, 30 at most however many are asked for, newest first', async () => {
  const { client } = await withUsers();
  for (let count = 0; count < 35; count += 1)
    await client.channel('team', `c${count}`, any({ created_by_id: 'eva' })).create();
  expect(await find(client, {})).toHaveLength(10);
  expect(await find(client, {}, { limit: 100 })).toHaveLength(30);
  expect((await find(client, {}, { limit: 2 })).map((row) => row.channel['id'])).toEqual(['c34', 'c33']);
  expect(await find(client, {}, { limit: 30, offset: 30 })).toHaveLength(5);
  expect(
    (await find(client, {}, { limit: 1, sort: [{ field: 'created_at', direction: 1 }] }))[0]?.channel['id'],
  ).toBe('c0');
});

test('channels are found by what they are, have and hold', async () => {
  const { client } = await withUsers();
  await client
    .channel(
      'team',
      'a',
      any({ created_by_id: 'eva', members: ['bob', 'cy'], level: 1, team: 'red', filter_tags: ['vip'] }),
    )
    .create();
  await client
    .channel(
      'team',
      'b',
      any({ created_by_id: 'bob', members: ['bob'], level: 2, frozen: true, name: 'Help desk' }),
    )
    .create();
  await client.channel('messaging', 'c', any({ created_by_id: 'cy' })).create();
  const found = async (filter: object) => (await find(client, filter)).map((row) => row.channel['id']).sort();
  expect(await found({ cid: { $in: ['team:a', 'messaging:c', 'team:none'] } })).toEqual(['a', 'c']);
  expect(await found({ type: 'team' })).toEqual(['a', 'b']);
  expect(await found({ id: 'b' })).toEqual(['b']);
  expect(await found({ members: { $in: ['bob'] } })).toEqual(['a', 'b']);
  expect(await found({ members: { $eq: ['bob'] } })).toEqual(['b']);
  expect(await found({ $and: [{ type: 'team' }, { level: { $gte: 2 } }] })).toEqual(['b']);
  expect(await found({ frozen: true })).toEqual(['b']);
  expect(await found({ team: 'red' })).toEqual(['a']);
  expect(await found({ filter_tags: { $in: ['vip'] } })).toEqual(['a']);
  expect(await found({ name: { $autocomplete: 'help' } })).toEqual(['b']);
  expect(await found({ created_by_id: 'cy' })).toEqual(['c']);
  expect(await found({ created_at: { $gt: '2000-01-01T00:00:00Z' } })).toEqual(['a', 'b', 'c']);
  expect(await found({ level: { $exists: false } })).toEqual(['c']);
});

test.each([
  [{ filter_conditions: { id: 5 } }, 'field `id` contains type number. expecting string'],
  [{ filter_conditions: { muted: true } }, 'muted requires a valid user'],
  [{ member_limit: 101 }, 'member_limit must be 100 or less'],
  [{ offset: 1001 }, 'offset must be 1000 or less'],
  [{ watch: true }, 'watch'],
])('the query %j is refused', async (body, text) => {
  const { client } = await connect();
  expect(await refusal(raw(client, 'post', '/channels', body))).toMatchObject({
    code: 4,
    message: expect.stringContaining(text),
  });
});

test('a row carries as many members as asked for', async () => {
  const { client } = await withUsers();
  await client.channel('team', 'a', any({ created_by_id: 'eva', members: ['bob', 'cy', 'dan'] })).create();
  expect((await find(client, { id: 'a' }, { member_limit: 2 }))[0]).toMatchObject({
    channel: { member_count: 3 },
    members: [{ user_id: 'bob' }, { user_id: 'cy' }],
  });
});

test('disabled channels are left out unless asked for, and a direct read gives them', async () => {
  const { client } = await withUsers();
  await client.channel('team', 'a', any({ created_by_id: 'eva', disabled: true })).create();
  expect(await find(client, { cid: 'team:a' })).toEqual([]);
  expect(await find(client, { cid: 'team:a', disabled: true })).toHaveLength(1);
  expect((await read(client, 'team/a')).channel).toMatchObject({ disabled: true });
});

test('a hidden channel is left out for that user until it is shown', async () => {
  const { client } = await withUsers();
  const channel = client.channel('team', 'a', any({ created_by_id: 'eva', members: ['bob'] }));
  await channel.create();
  await channel.hide('bob');
  expect(await find(client, {}, { user_id: 'bob' })).toEqual([]);
  expect(await find(client, {})).toHaveLength(1);
  expect(await find(client, { hidden: true }, { user_id: 'bob' })).toHaveLength(1);
  await channel.show('bob');
  expect(await find(client, {}, { user_id: 'bob' })).toHaveLength(1);
});

test('a soft-deleted channel disappears, and comes back empty', async () => {
  const { client } = await withUsers();
  const channel = client.channel('team', 'a', any({ created_by_id: 'eva', members: ['bob'], topic: 1 }));
  await channel.create();
  const deleted = await channel.delete();
  expect(deleted.channel).toMatchObject({ cid: 'team:a', deleted_at: expect.any(String), created_by: null });
  expect(deleted.channel).not.toHaveProperty('topic');
  expect(await find(client, { cid: 'team:a' })).toEqual([]);
  expect(await refusal(read(client, 'team/a'))).toMatchObject({ code: 16, status: 404 });
  expect(await refusal(channel.updatePartial(any({ set: { a: 1 } })))).toMatchObject({
    code: 16,
    message: expect.stringContaining(`Can't find channel`),
  });
  const revived = await client.channel('team', 'a', any({ created_by_id: 'bob' })).create();
  expect(revived).toMatchObject({ channel: { member_count: 0, created_by: { id: 'bob' } }, members: [] });
  expect(revived.channel).not.toHaveProperty('topic');
});

test('many channels are deleted as a task, soft-deleted ones too', async () => {
  const { client } = await withUsers();
  for (const id of ['a', 'b']) await client.channel('team', id, any({ created_by_id: 'eva' })).create();
  await client.channel('team', 'a').delete();
  const { task_id = '' } = await client.deleteChannels(['team:a', 'team:b'], { hard_delete: true });
  expect(await client.getTask(task_id)).toMatchObject({
    status: 'completed',
    result: { 'team:a': { status: 'ok' }, 'team:b': { status: 'ok' } },
  });
  expect(await refusal(client.deleteChannels(['team:a']))).toMatchObject({
    code: 16,
    status: 404,
    message: expect.stringContaining('channels not found'),
  });
});

test('a batch update reports inside its result', async () => {
  const { client } = await withUsers();
  for (const id of ['a', 'b'])
    await client.channel('team', id, any({ created_by_id: 'eva', old: 1 })).create();
  const run = async (body: object) =>
    (await client.getTask(
      ((await raw(client, 'put', '/channels/batch', body)) as { task_id: string }).task_id,
    )) as object;
  const filter = { cids: { $in: ['team:a', 'team:b'] } };
  expect(await run({ operation: 'addMembers', filter, members: [{ user_id: 'bob' }] })).toMatchObject({
    status: 'completed',
    result: { status: 'completed', operation: 'addMembers', success_channels_count: 2, failed_channels: [] },
  });
  await run({
    operation: 'assignRoles',
    filter,
    members: [{ user_id: 'bob', channel_role: 'channel_moderator' }],
  });
  await run({ operation: 'updateData', filter, data: { frozen: true, custom_set: { fresh: 2 } } });
  expect(await read(client, 'team/b')).toMatchObject({
    channel: { frozen: true, old: 1, fresh: 2 },
    members: [{ channel_role: 'channel_moderator' }],
  });
  await run({ operation: 'updateData', filter, data: { custom: { x: 1 } } });
  expect((await read(client, 'team/a')).channel).toMatchObject({ custom: { x: 1 } });
  expect((await read(client, 'team/a')).channel).not.toHaveProperty('old');
  await run({ operation: 'removeMembers', filter, members: [{ user_id: 'bob' }] });
  expect((await read(client, 'team/a')).members).toEqual([]);
});

test('truncating empties the channel and leaks the zero time', async () => {
  const { client } = await withUsers();
  const channel = client.channel('team', 'a', any({ created_by_id: 'eva' }));
  await channel.create();
  await channel.sendMessage(any({ text: 'hi', user_id: 'eva' }));
  await channel.truncate();
  expect(await read(client, 'team/a')).toMatchObject({
    channel: { truncated_at: expect.any(String), last_message_at: '0001-01-01T00:00:00Z' },
    messages: [],
  });
  expect((await refusal(channel.truncate(any({ truncated_at: '2001-01-01T00:00:00Z' })))).message).toContain(
    'must be more recent than previous one',
  );
});

test('a message is sent once, read, pinned and deleted', async () => {
  const { client } = await withUsers();
  const channel = client.channel('team', 'a', any({ created_by_id: 'eva', members: ['eva'] }));
  await channel.create();
  const before = (await read(client, 'team/a')).channel['updated_at'];
  const sent = await channel.sendMessage(any({ id: 'welcome', text: 'a < b', user_id: 'eva', mood: 'fine' }));
  expect(sent.message).toMatchObject({
    id: 'welcome',
    text: 'a < b',
    html: '<p>a &lt; b</p>\n',
    type: 'regular',
    user: { id: 'eva' },
    mood: 'fine',
    pinned: false,
    pinned_at: null,
    cid: 'team:a',
  });
  expect(await refusal(channel.sendMessage(any({ id: 'welcome', text: 'x', user_id: 'eva' })))).toMatchObject(
    { code: 4, message: expect.stringContaining('a message with ID welcome already exists') },
  );
  expect((await refusal(channel.sendMessage(any({ text: 'x' })))).message).toContain(
    'either message.user or message.user_id must be provided when using server side auth.',
  );
  expect((await read(client, 'team/a')).channel['updated_at']).toBe(before);
  await client.partialUpdateMessage('welcome', any({ set: { pinned: true } }), 'eva');
  expect((await client.getMessage('welcome')).message).toMatchObject({
    pinned: true,
    pinned_by: { id: 'eva' },
    mood: 'fine',
  });
  await client.updateMessage(any({ id: 'welcome', text: 'new', user_id: 'eva' }));
  expect((await client.getMessage('welcome')).message).toMatchObject({ text: 'new', pinned: false });
  expect((await client.deleteMessage('welcome')).message).toMatchObject({ type: 'deleted', text: 'new' });
  await client.deleteMessage('welcome', true);
  expect(await refusal(client.getMessage('welcome'))).toMatchObject({
    code: 16,
    message: expect.stringContaining('message with id welcome not found'),
  });
});

test('a user token may use a channel and may not administer it', async () => {
  const { client, emulator } = await withUsers();
  await client.channel('team', 'a', any({ created_by_id: 'eva', members: ['bob'] })).create();
  const asBob = (method: string, path: string, body?: object) =>
    fetch(`${emulator.url}${path}?api_key=${emulator.apiKey}`, {
      method,
      headers: {
        authorization: client.createToken('bob'),
        'stream-auth-type': 'jwt',
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  expect((await asBob('POST', '/channels/team/a/message', { message: { text: 'hi' } })).status).toBe(201);
  expect((await asBob('POST', '/channels/team/b/query', { data: { name: 'B' } })).status).toBe(201);
  expect((await read(client, 'team/b')).channel).toMatchObject({ created_by: { id: 'bob' } });
  const refused = await asBob('PATCH', '/channels/team/a', { set: { disabled: true } });
  expect(await refused.json()).toMatchObject({
    code: 17,
    message: expect.stringContaining('field `disabled` can only be updated using server-side auth'),
  });
});

test('the paths of the second API version lead to the same place', async () => {
  const { client } = await withUsers();
  await raw(client, 'post', '/api/v2/chat/channels/team/a/query', { data: { created_by_id: 'eva' } });
  expect((await read(client, 'team/a')).channel).toMatchObject({ cid: 'team:a' });
  expect(await raw(client, 'get', '/api/v2/app')).toHaveProperty('app');
  expect(await raw(client, 'get', '/api/v2/chat/channeltypes')).toHaveProperty('channel_types');
});

test(
  'ten thousand channels of ten members answer a query by CID in milliseconds',
  { timeout: 20_000 },
  async () => {
    const { client, emulator } = await connect();
    const users = Array.from({ length: 100 }, (_, index) => `user-${index}`);
    await client.upsertUsers(users.map((id) => ({ id })));
    const fast = clientOf(emulator);
    for (let start = 0; start < 10_000; start += 50) {
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          raw(fast, 'post', `/channels/team/c${start + index}/query`, {
            data: { created_by_id: 'user-0', members: users.slice(index, index + 10) },
            members: { limit: 0 },
          }),
        ),
      );
    }
    const cids = Array.from({ length: 30 }, (_, index) => `team:c${index * 300}`);
    const ask = () =>
      raw(fast, 'post', '/channels', { filter_conditions: { cid: { $in: cids } }, limit: 30 });
    await ask();
    const started = performance.now();
    for (let round = 0; round < 10; round += 1) expect((await ask())['channels']).toHaveLength(30);
    expect((performance.now() - started) / 10).toBeLessThan(50);
  },
);
