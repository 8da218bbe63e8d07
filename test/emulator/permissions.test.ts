import type { ChannelData, StreamChat } from 'stream-chat';
import { expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { connect, next, refusal, signIn } from './connection.ts';

const any = (values: object) => values as never;

/** A server, a type `public` whose grants start empty, and john and eva signed in; dan owns public:a. */
async function town(grants: Record<string, string[]> = {}, type: object = {}, channel: object = {}) {
  const { client: server, emulator } = await connect();
  await server.createRole('resident');
  await server.createChannelType(
    any({
      name: 'public',
      commands: [],
      grants: { user: [], channel_member: [], guest: [], resident: [], ...grants },
      ...type,
    }),
  );
  await server.upsertUsers([{ id: 'john' }, { id: 'eva' }, { id: 'dan' }]);
  await server.channel('public', 'a', any({ created_by_id: 'dan', members: ['eva'], ...channel })).create();
  const sent = await server.channel('public', 'a').sendMessage({ id: 'welcome', text: 'hi', user_id: 'dan' });
  return { server, emulator, message: sent.message };
}

const channelOf = (client: StreamChat, id = 'a') => client.channel('public', id);

type Action = (client: StreamChat) => Promise<unknown>;

const actions: readonly (readonly [string, string[], Action, string])[] = [
  ['read a channel', ['read-channel'], (john) => channelOf(john).query({}), 'ReadChannel'],
  [
    'create a channel',
    ['create-channel', 'read-channel-owner'],
    (john) => channelOf(john, 'new').create(),
    'CreateChannel',
  ],
  ['write', ['create-message'], (john) => channelOf(john).sendMessage({ text: 'x' }), 'CreateMessage'],
  [
    'attach files',
    ['create-message', 'create-attachment'],
    (john) => channelOf(john).sendMessage({ text: 'x', attachments: [{ type: 'image' }] }),
    'CreateMessage',
  ],
  [
    'type',
    ['create-message'],
    (john) => channelOf(john).sendEvent({ type: 'typing.start' }),
    'CreateMessage',
  ],
  [
    'send custom events',
    ['send-custom-event'],
    (john) => channelOf(john).sendEvent(any({ type: 'my.event' })),
    'SendCustomEvent',
  ],
  [
    'react',
    ['create-reaction'],
    (john) => channelOf(john).sendReaction('welcome', { type: 'love' }),
    'CreateReaction',
  ],
  [
    'change messages of others',
    ['update-message'],
    (john) => john.partialUpdateMessage('welcome', { set: any({ text: 'x' }) }),
    'UpdateMessage',
  ],
  [
    'pin',
    ['pin-message'],
    (john) => john.partialUpdateMessage('welcome', { set: any({ pinned: true }) }),
    'PinMessage',
  ],
  ['delete messages of others', ['delete-message'], (john) => john.deleteMessage('welcome'), 'DeleteMessage'],
  [
    'change a channel',
    ['update-channel'],
    (john) => channelOf(john).updatePartial({ set: any({ name: 'X' }) }),
    'UpdateChannel',
  ],
  [
    'freeze a channel',
    ['update-channel-frozen'],
    (john) => channelOf(john).updatePartial({ set: any({ frozen: true }) }),
    'UpdateChannelFrozen',
  ],
  [
    'slow a channel down',
    ['update-channel-cooldown'],
    (john) => channelOf(john).enableSlowMode(5),
    'UpdateChannelCooldown',
  ],
  [
    'add others',
    ['update-channel-members'],
    (john) => channelOf(john).addMembers(['dan']),
    'UpdateChannelMembers',
  ],
  [
    'remove others',
    ['update-channel-members'],
    (john) => channelOf(john).removeMembers(['eva']),
    'UpdateChannelMembers',
  ],
  [
    'join',
    ['add-own-channel-membership'],
    (john) => channelOf(john).addMembers(['john']),
    'AddOwnChannelMembership',
  ],
  ['empty a channel', ['truncate-channel'], (john) => channelOf(john).truncate(), 'TruncateChannel'],
  ['delete a channel', ['delete-channel'], (john) => channelOf(john).delete(), 'DeleteChannel'],
];

/** The client checks itself that a channel was queried, which these users may not do. */
function known(client: StreamChat): StreamChat {
  channelOf(client).initialized = true;
  return client;
}

test.each(actions)('a user may %s only with %s', async (_what, needed, act, action) => {
  const { server, emulator } = await town();
  const john = known(await signIn(emulator, server, 'john'));
  const before = emulator.snapshot();
  const refused = await refusal(act(john));
  expect(refused).toMatchObject({ status: 403, code: 17 });
  expect(refused.message).toContain(
    `User 'john' with role 'user' is not allowed to perform action ${action} in scope 'public'`,
  );
  expect(emulator.snapshot()).toEqual(before);
  await server.updateChannelType('public', { grants: { user: needed } });
  await act(john);
});

test('without permission checks everybody may do everything', async () => {
  const { server, emulator } = await town();
  await server.updateAppSettings({ disable_permissions_checks: true });
  const john = known(await signIn(emulator, server, 'john'));
  for (const [what, , act] of actions.filter(([what]) => !/freeze|slow/.test(what))) {
    await act(john).catch((error: Error) => {
      throw new Error(`${what}: ${error.message}`);
    });
  }
});

test('who holds a permission for owners may change his own messages and no others', async () => {
  const { server, emulator } = await town({
    user: ['create-message', 'update-message-owner', 'delete-message-owner'],
  });
  const john = known(await signIn(emulator, server, 'john'));
  const { message } = await channelOf(john).sendMessage({ text: 'mine' });
  await john.updateMessage({ id: message.id, text: 'still mine' });
  await john.deleteMessage(message.id);
  expect(await refusal(john.updateMessage({ id: 'welcome', text: 'x' }))).toMatchObject({ code: 17 });
  expect(await refusal(john.deleteMessage('welcome'))).toMatchObject({ code: 17 });
  expect((await refusal(john.deleteMessage('welcome', true))).message).toContain('server side auth');
});

test("a member's permissions are those of his role in the app and of his role in the channel", async () => {
  const { server, emulator } = await town({ channel_member: ['read-channel'], resident: ['create-message'] });
  const eva = await signIn(emulator, server, 'eva');
  const channel = channelOf(eva);
  await channel.watch();
  expect(channel.data?.own_capabilities).not.toContain('send-message');
  expect(await refusal(channel.sendMessage({ text: 'x' }))).toMatchObject({ code: 17 });
  const changed = next(eva, 'member.updated');
  await server.channel('public', 'a').assignRoles([{ user_id: 'eva', channel_role: 'resident' }]);
  expect((await changed).member).toMatchObject({ channel_role: 'resident' });
  await channel.sendMessage({ text: 'x' });
});

test('a channel can take permissions of its type away and add others', async () => {
  const { server, emulator } = await town({ channel_member: ['read-channel', 'create-message'] });
  const eva = await signIn(emulator, server, 'eva');
  const channel = channelOf(eva);
  await channel.watch();
  await server.channel('public', 'a').updatePartial({
    set: any({ config_overrides: { grants: { channel_member: ['!create-message', 'create-reaction'] } } }),
  });
  expect(await refusal(channel.sendMessage({ text: 'x' }))).toMatchObject({ code: 17 });
  await channel.sendReaction('welcome', { type: 'love' });
});

test('a custom permission is granted like a built-in one', async () => {
  const { server, emulator } = await town();
  await server.createPermission(
    any({
      id: 'write-in-town',
      name: 'Write in town',
      action: 'CreateMessage',
      condition: { '$subject.citizen': { $eq: true } },
    }),
  );
  await server.updateChannelType('public', { grants: { user: ['write-in-town'] } });
  const john = known(await signIn(emulator, server, 'john'));
  expect(await refusal(channelOf(john).sendMessage({ text: 'x' }))).toMatchObject({ code: 17 });
  await server.partialUpdateUser({ id: 'john', set: any({ citizen: true }) });
  await channelOf(john).sendMessage({ text: 'x' });
});

test('with teams, a plain permission ends at the border of the team', async () => {
  const { server, emulator } = await town({ user: ['read-channel'] }, {}, { team: 'red' });
  await server.updateAppSettings({ multi_tenant_enabled: true });
  await server.upsertUsers([
    { id: 'eva', teams: ['red'] },
    { id: 'john', teams: ['blue'] },
  ]);
  const eva = await signIn(emulator, server, 'eva');
  const john = await signIn(emulator, server, 'john');
  await channelOf(eva).watch();
  expect(await refusal(channelOf(john).watch())).toMatchObject({ code: 17 });
  await server.updateChannelType('public', { grants: { user: ['read-channel-any-team'] } });
  await channelOf(john).watch();
});

test('a query that meets a channel the user may not read is refused as a whole', async () => {
  const { server, emulator } = await town({ channel_member: ['read-channel'] });
  const [john, eva] = [await signIn(emulator, server, 'john'), await signIn(emulator, server, 'eva')];
  expect(await refusal(john.queryChannels({ type: 'public' }))).toMatchObject({ status: 403, code: 70 });
  expect(await john.queryChannels({ members: { $in: ['john'] } })).toEqual([]);
  expect(await eva.queryChannels({ members: { $in: ['eva'] } })).toHaveLength(1);
});

test.each([
  ['reactions', 19, (eva: StreamChat) => channelOf(eva).sendReaction('welcome', { type: 'love' })],
  ['replies', 19, (eva: StreamChat) => channelOf(eva).sendMessage({ text: 'x', parent_id: 'welcome' })],
  [
    'quotes',
    19,
    (eva: StreamChat) => channelOf(eva).sendMessage({ text: 'x', quoted_message_id: 'welcome' }),
  ],
  ['typing_events', 18, (eva: StreamChat) => channelOf(eva).sendEvent({ type: 'typing.start' })],
  ['custom_events', 18, (eva: StreamChat) => channelOf(eva).sendEvent(any({ type: 'my.event' }))],
  ['read_events', 18, (eva: StreamChat) => eva.post(`${eva.baseURL}/channels/public/a/read`, {})],
])('a type without %s refuses with code %i what needs them', async (feature, code, act) => {
  const everything = [
    'read-channel',
    'create-message',
    'create-reply',
    'create-reaction',
    'send-custom-event',
  ];
  const { server, emulator } = await town({ channel_member: everything });
  const eva = known(await signIn(emulator, server, 'eva'));
  await act(eva);
  await server.updateChannelType('public', any({ [feature]: false }));
  expect(await refusal(Promise.resolve(act(eva)))).toMatchObject({ status: 400, code });
});

test('a frozen channel takes no writes from users, and a disabled one not even reads', async () => {
  const { server, emulator } = await town({
    channel_member: ['read-channel', 'create-message', 'create-reaction'],
  });
  const eva = await signIn(emulator, server, 'eva');
  await channelOf(eva).watch();
  await server.channel('public', 'a').updatePartial({ set: any({ frozen: true }) });
  const before = emulator.snapshot();
  const answer = await channelOf(eva).sendMessage({ text: 'x' });
  expect(answer.message).toMatchObject({ type: 'error', text: expect.stringContaining('frozen') });
  expect(emulator.snapshot()).toEqual(before);
  expect(await refusal(channelOf(eva).sendReaction('welcome', { type: 'love' }))).toMatchObject({ code: 17 });
  await server.updateChannelType('public', { grants: { user: ['use-frozen-channel'] } });
  expect((await channelOf(eva).sendMessage({ text: 'x' })).message.type).toBe('regular');
  await server.channel('public', 'a').updatePartial({ set: any({ disabled: true }) });
  for (const call of [() => channelOf(eva).watch(), () => channelOf(eva).sendMessage({ text: 'x' })]) {
    const refused = await refusal(call());
    expect(refused).toMatchObject({ code: 17, message: expect.stringContaining('is disabled') });
  }
});

test('slow mode makes users wait, unless they may skip it', async () => {
  const { server, emulator } = await town({ channel_member: ['read-channel', 'create-message'] });
  await server.channel('public', 'a').enableSlowMode(60);
  const eva = await signIn(emulator, server, 'eva');
  await channelOf(eva).watch();
  expect(channelOf(eva).data?.own_capabilities).toContain('slow-mode');
  await channelOf(eva).sendMessage({ text: 'one' });
  expect(await refusal(channelOf(eva).sendMessage({ text: 'two' }))).toMatchObject({ status: 403, code: 60 });
  await server.updateChannelType('public', { grants: { user: ['skip-channel-cooldown'] } });
  await channelOf(eva).sendMessage({ text: 'two' });
});

test("roles in a channel are the server's to give", async () => {
  const { server, emulator } = await town({ user: ['update-channel-members', 'read-channel'] });
  const john = await signIn(emulator, server, 'john');
  await channelOf(john).watch();
  for (const call of [
    () => channelOf(john).addModerators(['eva']),
    () => channelOf(john).demoteModerators(['eva']),
    () => channelOf(john).assignRoles([{ user_id: 'eva', channel_role: 'channel_moderator' }]),
  ]) {
    expect(await refusal(call())).toMatchObject({ status: 403, code: 17 });
  }
});

async function capabilitiesOf(emulator: Emulator, server: StreamChat, id: string, type: string) {
  const client = await signIn(emulator, server, id);
  const channel = client.channel(type, 'x');
  await channel.watch();
  return (channel.data as ChannelData & { own_capabilities: string[] }).own_capabilities;
}

test("capabilities follow from the type's grants and switches", async () => {
  const { client: server, emulator } = await connect();
  await server.upsertUsers([{ id: 'owner' }, { id: 'member' }, { id: 'boss', role: 'admin' }]);
  const made = server.channel('messaging', 'x', any({ created_by_id: 'owner', members: ['member'] }));
  await made.create();
  const member = await capabilitiesOf(emulator, server, 'member', 'messaging');
  const owner = await capabilitiesOf(emulator, server, 'owner', 'messaging');
  const boss = await capabilitiesOf(emulator, server, 'boss', 'messaging');
  expect(member).toEqual([...member].sort());
  expect(member).toEqual(
    expect.arrayContaining([
      'connect-events',
      'delete-own-message',
      'leave-channel',
      'quote-message',
      'read-events',
      'search-messages',
      'send-links',
      'send-message',
      'send-reaction',
      'send-reply',
      'send-typing-events',
      'typing-events',
      'update-own-message',
      'upload-file',
    ]),
  );
  for (const id of [
    'delete-any-message',
    'update-channel',
    'update-channel-members',
    'freeze-channel',
    'send-poll',
  ])
    expect(member).not.toContain(id);
  expect(owner).toEqual(
    expect.arrayContaining(['update-channel', 'update-channel-members', 'delete-channel']),
  );
  expect(owner).not.toContain('update-any-message');
  expect(boss).toEqual(
    expect.arrayContaining([
      'delete-any-message',
      'update-any-message',
      'ban-channel-members',
      'skip-slow-mode',
    ]),
  );
  expect((await server.channel('messaging', 'x').query({})).channel?.own_capabilities).toEqual([]);
});

test('a visitor may look at a livestream and nothing else', async () => {
  const { client: server, emulator } = await connect();
  await server.upsertUser({ id: 'owner' });
  await server.channel('livestream', 'x', any({ created_by_id: 'owner' })).create();
  await server.channel('messaging', 'x', any({ created_by_id: 'owner' })).create();
  const visitor = await signIn(emulator, server, 'unused');
  await visitor.disconnectUser();
  await visitor.connectAnonymousUser();
  const channel = visitor.channel('livestream', 'x');
  await channel.watch();
  const came = next(visitor, 'message.new');
  await server.channel('livestream', 'x').sendMessage({ text: 'hi', user_id: 'owner' });
  expect((await came).message?.text).toBe('hi');
  expect(await refusal(channel.sendMessage({ text: 'x' }))).toMatchObject({
    code: 17,
    message: expect.stringContaining("with role 'anonymous' is not allowed to perform action CreateMessage"),
  });
  expect(await refusal(visitor.channel('messaging', 'x').watch())).toMatchObject({ code: 17 });
});
