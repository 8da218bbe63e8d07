import type { Channel } from 'stream-chat';
import { expect, test } from 'vitest';
import { connect, next, raw, refusal, signIn } from './connection.ts';

/** A server, and john and eva with their own clients, both members of messaging:a and watching it. */
async function conversation() {
  const { client: server, emulator } = await connect();
  await server.upsertUsers([{ id: 'john' }, { id: 'eva' }, { id: 'dan' }]);
  await server.channel('messaging', 'a', { created_by_id: 'dan', members: ['john', 'eva'] }).create();
  const john = await signIn(emulator, server, 'john');
  const eva = await signIn(emulator, server, 'eva');
  const ofJohn = john.channel('messaging', 'a');
  const ofEva = eva.channel('messaging', 'a');
  await ofJohn.watch();
  await ofEva.watch();
  return { server, emulator, john, eva, ofJohn, ofEva };
}

const idOf = (sent: { message: { id: string } }) => sent.message.id;

test('a message reaches those who watch, and counts as unread until they say otherwise', async () => {
  const { server, john, eva, ofJohn, ofEva } = await conversation();
  const [seen, own] = [next(eva, 'message.new'), next(john, 'message.new')];
  await ofJohn.sendMessage({ text: 'hi' });
  expect(await seen).toMatchObject({
    cid: 'messaging:a',
    channel_id: 'a',
    channel_type: 'messaging',
    message: { text: 'hi', user: { id: 'john' } },
    user: { id: 'john' },
    watcher_count: 2,
    total_unread_count: 1,
    unread_channels: 1,
  });
  expect(await own).toMatchObject({ total_unread_count: 0, unread_channels: 0 });
  expect(ofEva.state.messages.at(-1)?.text).toBe('hi');
  expect([ofEva.countUnread(), ofJohn.countUnread()]).toEqual([1, 0]);
  const again = await raw(eva, 'post', '/channels/messaging/a/query', {});
  expect(again['read']).toContainEqual(
    expect.objectContaining({ user: expect.objectContaining({ id: 'eva' }), unread_messages: 1 }),
  );
  const [told, counted] = [next(john, 'message.read'), next(eva, 'notification.mark_read')];
  const answer = await ofEva.markRead();
  expect(answer?.event).toMatchObject({ type: 'message.read', user: { id: 'eva' } });
  expect(await told).toMatchObject({ user: { id: 'eva' }, last_read_message_id: expect.any(String) });
  expect(await counted).toMatchObject({ total_unread_count: 0, unread_channels: 0 });
  expect(ofEva.countUnread()).toBe(0);
  expect(await server.getUnreadCount('eva')).toMatchObject({ total_unread_count: 0, channels: [] });
});

test('members who do not watch are notified, and other people are not', async () => {
  const { server, emulator, ofJohn, eva, ofEva } = await conversation();
  const dan = await signIn(emulator, server, 'dan');
  const heard: string[] = [];
  dan.on((event) => {
    heard.push(event.type);
  });
  const stopped = next(ofJohn.getClient(), 'user.watching.stop');
  await ofEva.stopWatching();
  expect(await stopped).toMatchObject({ user: { id: 'eva' }, watcher_count: 1 });
  const notified = next(eva, 'notification.message_new');
  await ofJohn.sendMessage({ text: 'are you there?' });
  expect(await notified).toMatchObject({
    cid: 'messaging:a',
    channel: { id: 'a', config: { name: 'messaging' } },
    message: { text: 'are you there?' },
    total_unread_count: 1,
  });
  expect(heard).toEqual([]);
});

test('typing is shown to those who watch', async () => {
  const { eva, ofJohn, ofEva } = await conversation();
  const started = next(eva, 'typing.start');
  await ofJohn.keystroke();
  expect(await started).toMatchObject({ cid: 'messaging:a', user: { id: 'john' } });
  expect(Object.keys(ofEva.state.typing)).toEqual(['john']);
  const stopped = next(eva, 'typing.stop');
  await ofJohn.stopTyping();
  await stopped;
  expect(ofEva.state.typing).toEqual({});
});

test('custom events pass through with their data', async () => {
  const { eva, ofJohn } = await conversation();
  const came = next(eva, 'friendship.request');
  await ofJohn.sendEvent({ type: 'friendship.request', warmth: 7 } as never);
  expect(await came).toMatchObject({ warmth: 7, user: { id: 'john' } });
  const refused = await refusal(ofJohn.sendEvent({ type: 'message.new' }));
  expect(refused).toMatchObject({ status: 400, code: 4 });
});

test('reactions are added, counted, replaced and taken back', async () => {
  const { eva, john, ofJohn, ofEva } = await conversation();
  const id = idOf(await ofJohn.sendMessage({ text: 'hi' }));
  const added = next(john, 'reaction.new');
  const { message, reaction } = await ofEva.sendReaction(id, { type: 'love', color: 'red' } as never);
  expect(reaction).toMatchObject({ type: 'love', score: 1, user_id: 'eva', color: 'red', message_id: id });
  expect(message).toMatchObject({
    reaction_counts: { love: 1 },
    reaction_scores: { love: 1 },
    reaction_groups: { love: { count: 1, sum_scores: 1 } },
    own_reactions: [{ type: 'love' }],
    latest_reactions: [{ user: { id: 'eva' } }],
  });
  expect(await added).toMatchObject({ reaction: { type: 'love' }, user: { id: 'eva' }, message: { id } });
  expect(ofJohn.state.messages.at(-1)?.own_reactions).toEqual([]);
  const replaced = next(john, 'reaction.updated');
  await ofEva.sendReaction(id, { type: 'sad' }, { enforce_unique: true });
  expect((await replaced).message?.reaction_counts).toEqual({ sad: 1 });
  expect((await ofJohn.getReactions(id, {})).reactions).toHaveLength(1);
  const removed = next(eva, 'reaction.deleted');
  expect((await ofEva.deleteReaction(id, 'sad')).message.reaction_counts).toEqual({});
  await removed;
  expect(await refusal(ofEva.deleteReaction(id, 'sad'))).toMatchObject({ status: 404, code: 16 });
});

test('changed and deleted messages change where they are shown', async () => {
  const { server, eva, john, ofJohn, ofEva } = await conversation();
  const id = idOf(await ofJohn.sendMessage({ text: 'first' }));
  const shown = () => ofEva.state.messages.map((message) => `${message.type} ${message.text}`);
  const updated = next(eva, 'message.updated');
  await john.updateMessage({ id, text: 'second' });
  await updated;
  expect(shown()).toEqual(['regular second']);
  const deleted = next(eva, 'message.deleted');
  await john.deleteMessage(id);
  expect((await deleted).hard_delete).toBeUndefined();
  expect(shown()).toEqual(['deleted second']);
  const gone = next(eva, 'message.deleted');
  await server.deleteMessage(id, true);
  expect((await gone).hard_delete).toBe(true);
  expect(shown()).toEqual([]);
});

test('pinned messages are listed apart', async () => {
  const { john, ofJohn, ofEva } = await conversation();
  const { message } = await ofJohn.sendMessage({ text: 'rules' });
  await ofJohn.sendMessage({ text: 'hi' });
  await john.pinMessage(message.id);
  expect((await ofEva.query({})).pinned_messages).toMatchObject([
    { text: 'rules', pinned_by: { id: 'john' } },
  ]);
});

test('replies make a thread, stay out of the channel and are counted on their parent', async () => {
  const { eva, ofJohn, ofEva } = await conversation();
  const parent_id = idOf(await ofJohn.sendMessage({ text: 'question' }));
  const counted = next(eva, 'message.updated');
  await ofEva.sendMessage({ text: 'answer', parent_id });
  expect((await counted).message).toMatchObject({ id: parent_id, reply_count: 1 });
  await ofEva.sendMessage({ text: 'loud answer', parent_id, show_in_channel: true });
  const { messages } = await ofJohn.getReplies(parent_id, { limit: 10 });
  expect(messages.map((message) => message.text)).toEqual(['answer', 'loud answer']);
  const queried = await ofJohn.query({});
  expect(queried.messages.map((message) => message.text)).toEqual(['question', 'loud answer']);
  const nested = messages[0]?.id ?? '';
  expect(await refusal(ofJohn.sendMessage({ text: 'x', parent_id: nested }))).toMatchObject({ code: 21 });
});

test('coming, going and being removed are told to those concerned', async () => {
  const { server, emulator, john, eva } = await conversation();
  const dan = await signIn(emulator, server, 'dan');
  const owned = dan.channel('messaging', 'a');
  const watching = next(eva, 'user.watching.start');
  await owned.watch();
  expect(await watching).toMatchObject({ user: { id: 'dan' }, watcher_count: 3 });
  const [added, joined] = [next(eva, 'member.added'), next(dan, 'notification.added_to_channel')];
  await owned.addMembers(['dan']);
  expect(await added).toMatchObject({ member: { user_id: 'dan' }, user: { id: 'dan' } });
  expect(await joined).toMatchObject({ channel: { member_count: 3 }, member: { user_id: 'dan' } });
  const removed = next(john, 'member.removed', (event) => event.user?.id === 'eva');
  const told = next(eva, 'notification.removed_from_channel');
  await owned.removeMembers(['eva']);
  await removed;
  await told;
  const returning = eva.channel('messaging', 'a').query({});
  expect(await refusal(returning)).toMatchObject({ status: 403, code: 17 });
  const invited = next(eva, 'notification.invited');
  await owned.inviteMembers(['eva']);
  await invited;
  const accepted = next(dan, 'notification.invite_accepted');
  await eva.channel('messaging', 'a').acceptInvite();
  expect(await accepted).toMatchObject({ member: { user_id: 'eva', status: 'member' } });
});

test('changes of a channel reach those who watch, with their own capabilities untouched', async () => {
  const { server, eva, ofEva } = await conversation();
  const before = ofEva.data?.own_capabilities;
  const updated = next(eva, 'channel.updated');
  await server.channel('messaging', 'a').updatePartial({ set: { name: 'A' } as never });
  await updated;
  expect(ofEva.data).toMatchObject({ name: 'A', own_capabilities: before });
  const truncated = next(eva, 'channel.truncated');
  await server.channel('messaging', 'a').truncate({ message: { text: 'empty', user_id: 'dan' } });
  expect((await truncated).message?.text).toBe('empty');
  expect(ofEva.state.messages.map((message) => message.text)).toEqual(['empty']);
  const deleted = next(eva, 'channel.deleted');
  await server.channel('messaging', 'a').delete();
  await deleted;
  expect(eva.activeChannels['messaging:a']).toBeUndefined();
});

test('a client that was away learns what it missed', async () => {
  const { server, ofJohn, eva } = await conversation();
  const since = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const id = idOf(await ofJohn.sendMessage({ text: 'hi' }));
  await server.channel('messaging', 'b', { created_by_id: 'dan' }).create();
  const answer = await eva.sync(['messaging:a', 'messaging:b'], since, { with_inaccessible_cids: true });
  expect(answer.events).toMatchObject([{ type: 'message.new', message: { id } }]);
  expect(answer.inaccessible_cids).toEqual(['messaging:b']);
});

test('unread counts can be set back, and cleared everywhere at once', async () => {
  const { eva, ofJohn, ofEva } = await conversation();
  const first = idOf(await ofJohn.sendMessage({ text: 'one' }));
  await ofJohn.sendMessage({ text: 'two' });
  await ofEva.markRead();
  const back = next(eva, 'notification.mark_unread');
  await ofEva.markUnread({ message_id: first });
  expect(await back).toMatchObject({ unread_messages: 2, first_unread_message_id: first });
  expect((await eva.getUnreadCount()).channels).toMatchObject([
    { channel_id: 'messaging:a', unread_count: 2 },
  ]);
  await eva.markChannelsRead();
  expect((await eva.getUnreadCount()).total_unread_count).toBe(0);
  const rows = await eva.queryChannels({ members: { $in: ['eva'] }, has_unread: true });
  expect(rows).toEqual([]);
});

test('devices are kept for their user', async () => {
  const { server, emulator, john } = await conversation();
  await john.addDevice('phone', 'firebase', undefined, 'main');
  expect((await server.getDevices('john')).devices).toMatchObject([
    { id: 'phone', push_provider: 'firebase', push_provider_name: 'main', user_id: 'john' },
  ]);
  await john.removeDevice('phone');
  expect((await john.getDevices()).devices).toEqual([]);
  expect(emulator.snapshot()).toMatchObject({ devices: {} });
});

test('watching needs a connection of the caller, and leaves no trace in the state', async () => {
  const { server, emulator, john, ofJohn } = await conversation();
  const before = emulator.snapshot();
  await ofJohn.watch();
  await john.queryChannels({ members: { $in: ['john'] } });
  expect(emulator.snapshot()).toEqual(before);
  const ofJohns = emulator.requests.findLast((request) => request.query['user_id'] === 'john');
  const watchWith = async (connection_id: string) => {
    const query = new URLSearchParams({ connection_id, api_key: emulator.apiKey });
    const answer = await fetch(`${emulator.url}/channels/messaging/a/query?${query.toString()}`, {
      method: 'POST',
      body: JSON.stringify({ watch: true }),
      headers: { authorization: server.createToken('eva'), 'stream-auth-type': 'jwt' },
    });
    return [answer.status, ((await answer.json()) as { code: number }).code];
  };
  expect(await watchWith(ofJohns?.query['connection_id'] ?? '')).toEqual([400, 46]);
  expect(await watchWith('unknown')).toEqual([400, 46]);
  expect(await watchWith('')).toEqual([400, 4]);
  expect(emulator.snapshot()).toEqual(before);
});

test('what was read, reacted and registered outlives the emulator', async () => {
  const { mkdtemp, rm } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const folder = await mkdtemp(`${tmpdir()}/emulator-`);
  const { client: server, emulator } = await connect({ folder });
  await server.upsertUsers([{ id: 'john' }, { id: 'eva' }]);
  const channel: Channel = server.channel('messaging', 'a', {
    created_by_id: 'eva',
    members: ['john', 'eva'],
  });
  await channel.create();
  const id = idOf(await channel.sendMessage({ text: 'hi', user_id: 'eva' }));
  const john = await signIn(emulator, server, 'john');
  await john.channel('messaging', 'a').watch();
  await john.channel('messaging', 'a').sendReaction(id, { type: 'love' });
  await raw(john, 'post', '/channels/messaging/a/read');
  await john.addDevice('phone', 'apn');
  const before = emulator.snapshot();
  await john.disconnectUser();
  await emulator.close();
  const { emulator: second } = await connect({ folder });
  expect(second.snapshot()).toEqual(before);
  await rm(folder, { recursive: true });
});
