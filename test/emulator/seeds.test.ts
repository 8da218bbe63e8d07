import type { StreamChat } from 'stream-chat';
import { expect, test } from 'vitest';
import { connect, deviceOf, next, raw, refusal, signIn } from './connection.ts';

const any = (values: object) => values as never;

/** A back end after its set-up: users, a group and a type that everybody may join. */
async function backEnd() {
  const { client: server, emulator } = await connect();
  await server.upsertUsers([
    { id: 'john', name: 'John', role: 'user' },
    { id: 'thierry', role: 'user' },
    { id: 'tommaso', role: 'user' },
  ]);
  await server.createChannelType(
    any({
      name: 'public',
      commands: [],
      grants: {
        user: [
          'create-channel',
          'read-channel',
          'create-message',
          'add-own-channel-membership',
          'update-channel-members-owner',
        ],
      },
    }),
  );
  const general = server.channel(
    'messaging',
    'general',
    any({ created_by_id: 'thierry', members: ['john', 'thierry', 'tommaso'], name: 'General' }),
  );
  await general.create();
  return { server, emulator, general };
}

test('a token without an end and one that ends in an hour let john in, and one that has ended does not', async () => {
  const { server, emulator } = await backEnd();
  const now = Math.floor(Date.now() / 1000);
  for (const token of [server.createToken('john'), server.createToken('john', now + 3600, now)]) {
    const device = deviceOf(emulator);
    expect((await device.connectUser({ id: 'john' }, token))?.me).toMatchObject({ id: 'john', name: 'John' });
  }
  const late = deviceOf(emulator).connectUser({ id: 'john' }, server.createToken('john', now - 1));
  expect((await refusal(late)).message).toContain('"StatusCode":401');
});

test('the back end sends a message with an attachment, a mention and fields of its own, and reads it again', async () => {
  const { server, emulator, general } = await backEnd();
  const john = await signIn(emulator, server, 'john');
  await john.channel('messaging', 'general').watch();
  const came = next(john, 'message.new');
  const { message } = await general.sendMessage(
    any({
      text: '@john look',
      user_id: 'thierry',
      attachments: [{ type: 'image', asset_url: 'https://example.com/cat.png', myCustomField: 123 }],
      mentioned_users: ['john'],
      anotherCustomField: 234,
    }),
  );
  const expected = {
    text: '@john look',
    user: { id: 'thierry' },
    attachments: [{ type: 'image', asset_url: 'https://example.com/cat.png', myCustomField: 123 }],
    mentioned_users: [{ id: 'john', name: 'John' }],
    anotherCustomField: 234,
  };
  expect((await came).message).toMatchObject(expected);
  expect((await server.getMessage(message.id)).message).toMatchObject(expected);
  expect((await john.getMessage(message.id)).message).toMatchObject(expected);
  expect((await general.getMessagesById([message.id])).messages).toMatchObject([expected]);
});

test('a message deleted softly is marked, and one deleted for good is gone', async () => {
  const { server, emulator, general } = await backEnd();
  const john = await signIn(emulator, server, 'john');
  const { message } = await general.sendMessage({ text: 'oops', user_id: 'thierry' });
  await server.deleteMessage(message.id);
  expect((await john.getMessage(message.id)).message).toMatchObject({
    type: 'deleted',
    deleted_at: expect.any(String),
  });
  await server.deleteMessage(message.id, true);
  expect(await refusal(john.getMessage(message.id))).toMatchObject({ status: 404, code: 16 });
});

test('a user creates a channel, and another finds it, joins it and is heard there', async () => {
  const { server, emulator } = await backEnd();
  const [john, tommaso] = [await signIn(emulator, server, 'john'), await signIn(emulator, server, 'tommaso')];
  const made = john.channel('public', 'chess', any({ name: 'Chess', members: ['john'] }));
  await made.watch();
  expect(made.data).toMatchObject({ name: 'Chess', created_by: { id: 'john' } });
  const [found] = await tommaso.queryChannels({ type: 'public' });
  const joined = next(john, 'member.added');
  await found?.addMembers(['tommaso']);
  expect((await joined).member?.user_id).toBe('tommaso');
  const heard = next(john, 'message.new');
  await found?.sendMessage({ text: 'e4' });
  expect((await heard).message).toMatchObject({ text: 'e4', user: { id: 'tommaso' } });
});

test('two users have one conversation whoever of them starts it', async () => {
  const { server, emulator } = await backEnd();
  const [john, tommaso] = [await signIn(emulator, server, 'john'), await signIn(emulator, server, 'tommaso')];
  const added = next(tommaso, 'notification.added_to_channel');
  const one = john.channel('messaging', any({ members: ['john', 'tommaso'] }));
  await one.watch();
  expect((await added).cid).toBe(one.cid);
  const other = tommaso.channel('messaging', any({ members: ['tommaso', 'john'] }));
  await other.watch();
  expect(other.cid).toBe(one.cid);
});

test('a long conversation is read page by page', async () => {
  const { server, emulator, general } = await backEnd();
  for (let index = 1; index <= 25; index += 1) {
    await general.sendMessage({ id: `m${index}`, text: `${index}`, user_id: 'thierry' });
  }
  const john = await signIn(emulator, server, 'john');
  const channel = john.channel('messaging', 'general');
  const texts = async (messages: object) =>
    (await channel.query(any({ messages }))).messages.map((message) => Number(message.text));
  expect(await texts({ limit: 10 })).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
  expect(await texts({ limit: 10, id_lt: 'm16' })).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  expect(await texts({ limit: 10, id_lt: 'm6' })).toEqual([1, 2, 3, 4, 5]);
  expect(await texts({ limit: 3, id_lte: 'm6' })).toEqual([4, 5, 6]);
  expect(await texts({ limit: 3, id_gt: 'm6' })).toEqual([7, 8, 9]);
  expect(await texts({ limit: 3, id_gte: 'm24' })).toEqual([24, 25]);
  expect(await texts({ limit: 5, id_around: 'm10' })).toEqual([8, 9, 10, 11, 12]);
  const { message } = await john.getMessage('m10');
  expect(await texts({ limit: 2, created_at_before: message.created_at })).toEqual([8, 9]);
  expect(await texts({ limit: 2, created_at_after_or_equal: message.created_at })).toEqual([10, 11]);
  expect(await refusal(channel.query({ messages: { id_lt: 'nothing' } }))).toMatchObject({ status: 400 });
});

async function unreadOf(client: StreamChat): Promise<Record<string, number>> {
  const channels = await client.queryChannels({ members: { $in: [client.userID ?? ''] } }, {});
  return Object.fromEntries(channels.map((channel) => [channel.cid, channel.countUnread()]));
}

test('every user sees how much he has not read in each of his channels', async () => {
  const { server, emulator, general } = await backEnd();
  const news = server.channel(
    'messaging',
    'news',
    any({ created_by_id: 'thierry', members: ['john', 'thierry'] }),
  );
  await news.create();
  await general.sendMessage({ text: 'one', user_id: 'thierry' });
  await general.sendMessage({ text: 'two', user_id: 'tommaso' });
  await general.sendMessage({ text: 'quiet', user_id: 'tommaso', silent: true });
  await news.sendMessage({ text: 'three', user_id: 'thierry' });
  const john = await signIn(emulator, server, 'john');
  expect(john.user).toMatchObject({ total_unread_count: 3, unread_channels: 2 });
  expect(await unreadOf(john)).toEqual({ 'messaging:general': 2, 'messaging:news': 1 });
  const thierry = await signIn(emulator, server, 'thierry');
  expect(await unreadOf(thierry)).toEqual({ 'messaging:general': 1, 'messaging:news': 0 });
  await john.channel('messaging', 'general').markRead();
  const again = await signIn(emulator, server, 'john');
  expect(again.user).toMatchObject({ total_unread_count: 1, unread_channels: 1 });
  expect(await unreadOf(again)).toEqual({ 'messaging:general': 0, 'messaging:news': 1 });
  await server.channel('messaging', 'news').markRead({ user_id: 'john' });
  expect(await server.getUnreadCount('john')).toMatchObject({ total_unread_count: 0 });
  const unknown = server.channel('messaging', 'news').markRead({ user_id: 'nobody' });
  expect((await refusal(unknown)).message).toContain('the user nobody does not exist');
});

test('what the back end does is told to the apps, and costs nothing while no app is there', async () => {
  const { server, emulator } = await backEnd();
  const tommaso = await signIn(emulator, server, 'tommaso');
  await tommaso.channel('messaging', 'general').watch();
  const told = next(tommaso, 'user.updated');
  await server.partialUpdateUser({ id: 'john', set: any({ book: 'dune' }) });
  expect((await told).user).toMatchObject({ id: 'john', book: 'dune' });
  const rows = await raw(server, 'post', '/channels', { filter_conditions: { type: 'messaging' } });
  expect(rows['channels']).toMatchObject([{ read: [], watcher_count: 1, channel: { own_capabilities: [] } }]);
});
