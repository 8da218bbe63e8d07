import { expect, test } from 'vitest';
import { connect, raw, refusal } from './connection.ts';

const any = (values: object) => values as never;
const ids = (users: readonly { id: string }[]) => users.map((user) => user.id);

test('a new user has the role user, no team and its custom fields beside the others', async () => {
  const { client } = await connect();
  const { users } = await client.upsertUsers([any({ id: 'eva', name: 'Eva', desk: { floor: 3 } })]);
  expect(users['eva']).toMatchObject({
    id: 'eva',
    name: 'Eva',
    role: 'user',
    teams: [],
    language: '',
    desk: { floor: 3 },
    mutes: [],
    devices: [],
  });
  expect(users['eva']).not.toHaveProperty('image');
});

test('an upsert replaces custom fields, name and image, and keeps role and teams', async () => {
  const { client } = await connect();
  await client.upsertUser(any({ id: 'eva', name: 'Eva', desk: 3, role: 'admin', teams: ['red'] }));
  const { users } = await client.upsertUsers([any({ id: 'eva', floor: 1 })]);
  expect(users['eva']).toMatchObject({ role: 'admin', teams: ['red'], floor: 1 });
  expect(users['eva']).not.toHaveProperty('desk');
  expect(users['eva']).not.toHaveProperty('name');
});

test('one bad user fails the whole batch', async () => {
  const { client, emulator } = await connect();
  const before = emulator.snapshot();
  const refused = await refusal(client.upsertUsers([any({ id: 'eva' }), any({ id: 'bob', role: 'nobody' })]));
  expect(refused).toMatchObject({
    code: 4,
    status: 400,
    message: expect.stringContaining('UpdateUsers failed with error: "role "nobody" does not exist"'),
  });
  expect(emulator.snapshot()).toEqual(before);
});

test.each([
  [{ id: 'eva', role: 'channel_member' }, 400],
  [{ id: 'two words' }, 400],
  [{ id: 'eva', created_at: '2020-01-01T00:00:00Z' }, 400],
  [{ id: 'eva', teams: ['x'.repeat(101)] }, 400],
  [{ id: 'eva', teams: Array.from({ length: 251 }, (_, index) => `t${index}`) }, 400],
  [{ id: 'eva', notes: 'x'.repeat(5200) }, 413],
])('an impossible user is refused', async (user, status) => {
  const { client } = await connect();
  expect(await refusal(client.upsertUser(any(user)))).toMatchObject({
    status,
    code: status === 413 ? 22 : 4,
  });
});

test('at most 100 users are written at once', async () => {
  const { client } = await connect();
  const users = Array.from({ length: 101 }, (_, index) => ({ id: `user-${index}` }));
  expect(await refusal(client.upsertUsers(users))).toMatchObject({ code: 4 });
  expect(Object.keys((await client.upsertUsers(users.slice(1))).users)).toHaveLength(100);
});

test('a partial update reaches nested fields with dots and leaves the rest', async () => {
  const { client } = await connect();
  await client.upsertUser(any({ id: 'eva', name: 'Eva', desk: { floor: 3, room: 'b' }, pet: 'cat' }));
  const { users } = await client.partialUpdateUser({
    id: 'eva',
    set: any({ 'desk.floor': 4, role: 'admin' }),
    unset: any(['pet', 'desk.room']),
  });
  expect(users['eva']).toMatchObject({ name: 'Eva', role: 'admin', desk: { floor: 4 } });
  expect(users['eva']).not.toHaveProperty('pet');
  expect(users['eva']?.['desk' as never]).toEqual({ floor: 4 });
  await client.partialUpdateUser({
    id: 'eva',
    set: any({ privacy_settings: { typing_indicators: { enabled: false } } }),
  });
  await client.partialUpdateUser({
    id: 'eva',
    set: any({ privacy_settings: { read_receipts: { enabled: true } } }),
  });
  const {
    users: [read],
  } = await client.queryUsers({ id: 'eva' });
  expect(read).toMatchObject({
    privacy_settings: { typing_indicators: { enabled: false }, read_receipts: { enabled: true } },
  });
});

test.each(['a..b', '.a', 'a.', 'a b', '__proto__.polluted'])(
  'a partial update refuses the key %j',
  async (key) => {
    const { client } = await connect();
    await client.upsertUser({ id: 'eva' });
    expect(await refusal(client.partialUpdateUser({ id: 'eva', set: any({ [key]: 1 }) }))).toMatchObject({
      code: 4,
      status: 400,
    });
  },
);

test('a partial update of a missing user gives 404', async () => {
  const { client } = await connect();
  expect(await refusal(client.partialUpdateUser({ id: 'nobody', set: any({ a: 1 }) }))).toMatchObject({
    code: 16,
    status: 404,
  });
});

test('users are found by id, role, teams, name and custom fields, newest first', async () => {
  const { client } = await connect();
  await client.upsertUsers([
    any({ id: 'ada', name: 'Ada L', role: 'admin' }),
    any({ id: 'bob', teams: ['red'], level: 2 }),
    any({ id: 'cy', teams: ['red', 'blue'], level: 5 }),
  ]);
  await client.upsertUser({ id: 'dan' });
  const found = async (filter: object, sort: object = [], options: object = {}) =>
    ids((await client.queryUsers(any(filter), any(sort), options)).users);
  expect(await found({})).toEqual(['dan', 'cy', 'bob', 'ada']);
  expect(await found({ id: { $in: ['bob', 'ada', 'none'] } }, [{ id: 1 }])).toEqual(['ada', 'bob']);
  expect(await found({ role: 'admin' })).toEqual(['ada']);
  expect(await found({ teams: { $contains: 'blue' } })).toEqual(['cy']);
  expect(await found({ teams: { $in: ['red'] } }, { id: 1 })).toEqual(['bob', 'cy']);
  expect(await found({ teams: null }, { id: 1 })).toEqual(['ada', 'dan']);
  expect(await found({ name: { $autocomplete: 'ad' } })).toEqual(['ada']);
  expect(await found({ level: { $gt: 2 } })).toEqual(['cy']);
  expect(await found({ level: { $exists: false } }, { id: 1 })).toEqual(['ada', 'dan']);
  expect(await found({ $or: [{ id: 'ada' }, { level: 2 }] }, { id: -1 })).toEqual(['bob', 'ada']);
  expect(await found({}, { id: 1 }, { limit: 2, offset: 1 })).toEqual(['bob', 'cy']);
});

test.each([
  [{ teams: '' }, {}, 'teams'],
  [{ id: 5 }, {}, 'field `id` contains type number. expecting string'],
  [{ level: { $autocomplete: 'x' } }, {}, 'search is not enabled for field users.level'],
  [{ level: { $exists: 'yes' } }, {}, '$exists operator only support boolean values'],
  [{}, { limit: 101 }, 'limit must be 100 or less'],
  [{}, { offset: 1001 }, 'offset must be 1000 or less'],
])('the query %j %j is refused', async (filter, options, text) => {
  const { client } = await connect();
  expect((await refusal(client.queryUsers(any(filter), [], options))).message).toContain(text);
});

test('a query gives 30 users unless asked for more', async () => {
  const { client } = await connect();
  await client.upsertUsers(Array.from({ length: 40 }, (_, index) => ({ id: `user-${index}` })));
  expect((await client.queryUsers({})).users).toHaveLength(30);
  expect((await client.queryUsers({}, [], { limit: 100 })).users).toHaveLength(40);
});

test('a deactivated user is hidden, refuses writes, and comes back', async () => {
  const { client } = await connect();
  await client.upsertUser({ id: 'eva' });
  expect((await client.deactivateUser('eva')).user).toMatchObject({
    id: 'eva',
    deactivated_at: expect.any(String),
  });
  expect((await client.queryUsers({ id: 'eva' })).users).toEqual([]);
  expect(
    (await client.queryUsers({ id: 'eva' }, [], { include_deactivated_users: true })).users,
  ).toHaveLength(1);
  for (const call of [
    client.upsertUser({ id: 'eva' }),
    client.partialUpdateUser({ id: 'eva', set: any({ a: 1 }) }),
  ]) {
    expect(await refusal(call)).toMatchObject({
      code: 4,
      status: 400,
      message: expect.stringContaining('was deactivated'),
    });
  }
  await client.reactivateUser('eva', { name: 'Eva' });
  expect((await client.queryUsers({ id: 'eva' })).users[0]).toMatchObject({ name: 'Eva' });
  expect((await refusal(client.reactivateUser('eva'))).message).toContain('is not deactivated');
});

test('many users are deactivated and reactivated as a task', async () => {
  const { client } = await connect();
  await client.upsertUsers([{ id: 'eva' }, { id: 'bob' }]);
  const { task_id } = await client.deactivateUsers(['eva', 'bob']);
  expect(await client.getTask(task_id)).toMatchObject({
    status: 'completed',
    result: { users: [{ id: 'eva' }, { id: 'bob' }] },
  });
  await client.reactivateUsers(['eva', 'bob'], {});
  expect((await client.queryUsers({})).users).toHaveLength(2);
});

test('a soft-deleted user is hidden, refuses writes, and can be restored', async () => {
  const { client } = await connect();
  await client.upsertUser({ id: 'eva' });
  const { task_id } = await client.deleteUsers(['eva', 'never-existed'], { user: 'soft' });
  expect(await client.getTask(task_id)).toMatchObject({
    status: 'completed',
    result: { eva: { status: 'ok' }, 'never-existed': { status: 'ok' } },
  });
  expect((await client.queryUsers({ id: 'eva' }, [], { include_deactivated_users: true })).users).toEqual([]);
  expect((await refusal(client.upsertUser({ id: 'eva' }))).message).toContain('was deleted');
  await client.restoreUsers(['eva']);
  expect((await client.queryUsers({ id: 'eva' })).users).toHaveLength(1);
  expect(await refusal(client.restoreUsers(['eva']))).toMatchObject({
    code: 4,
    message: expect.stringContaining(`user "eva" is not deleted, it can't be restored`),
  });
});

test('a hard-deleted user is gone, and its channels get another owner', async () => {
  const { client } = await connect();
  await client.upsertUsers([{ id: 'eva' }, { id: 'bob' }, { id: 'cy' }]);
  const channel = client.channel('team', 'one', any({ created_by_id: 'eva', members: ['eva', 'bob', 'cy'] }));
  await channel.create();
  expect(await refusal(client.deleteUsers(['eva'], { user: 'hard' }))).toMatchObject({ code: 4 });
  await client.deleteUsers(['eva'], {
    user: 'hard',
    messages: 'hard',
    conversations: 'hard',
    new_channel_owner_id: 'bob',
  });
  const read = (await raw(client, 'get', '/channels/team/one')) as {
    channel: { created_by: { id: string } };
    members: { user_id: string }[];
  };
  expect(read.channel.created_by.id).toBe('bob');
  expect(read.members.map((member) => member.user_id)).toEqual(['bob', 'cy']);
  expect((await client.deleteUser('cy')).user).toMatchObject({ id: 'cy', deleted_at: expect.any(String) });
});

test('unique names are compared without case and punctuation, once they are enforced', async () => {
  const { client } = await connect();
  await client.upsertUsers([
    { id: 'a', name: 'Jo-Ann' },
    { id: 'b', name: 'joann' },
  ]);
  await client.updateAppSettings({ enforce_unique_usernames: 'app' });
  expect(await refusal(client.upsertUser({ id: 'c', name: 'JO ANN' }))).toMatchObject({
    code: 6,
    status: 400,
    message: expect.stringContaining("username 'JO ANN' already exists"),
  });
  await client.updateAppSettings({ enforce_unique_usernames: 'team' });
  await client.upsertUser(any({ id: 'c', name: 'JO ANN', teams: ['red'] }));
  expect(
    (await refusal(client.upsertUser(any({ id: 'd', name: 'joann', teams: ['red'] })))).message,
  ).toContain("already exists in team 'red'");
});

test('leaving a team ends the memberships of its channels', async () => {
  const { client } = await connect();
  await client.upsertUser(any({ id: 'eva', teams: ['red'] }));
  await client.channel('team', 'one', any({ created_by_id: 'boss', team: 'red', members: ['eva'] })).create();
  const answer = await client.upsertUsers([any({ id: 'eva', teams: [] })]);
  expect((answer as unknown as { membership_deletion_task_id: string }).membership_deletion_task_id).not.toBe(
    '',
  );
  expect((await client.queryChannels({ cid: 'team:one' }))[0]?.state.members).toEqual({});
});
