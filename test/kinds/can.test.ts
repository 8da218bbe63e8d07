import { expect, onTestFinished, test } from 'vitest';
import type { StreamChat } from 'stream-chat';
import { notesOn } from '../../src/kinds/can-notes.ts';
import { standingOf, type Question } from '../../src/kinds/can.ts';
import { clientOf, raw, signIn } from '../emulator/connection.ts';
import { testApp } from '../support/world.ts';

/** Eva made support:case; john is a member of it, lena moderates it, and dan is neither. */
async function helpdesk() {
  const app = await testApp();
  onTestFinished(() => app.close());
  const server = clientOf(app.emulator);
  await server.upsertUsers([
    { id: 'john' },
    { id: 'eva' },
    { id: 'lena' },
    { id: 'dan' },
    { id: 'root', role: 'admin' },
  ]);
  await raw(server, 'post', '/channeltypes', {
    name: 'support',
    grants: {
      user: ['read-channel-owner', 'create-message-owner'],
      channel_member: [
        'read-channel',
        'create-message',
        'delete-message-owner',
        'create-reaction',
        'create-reply',
      ],
      channel_moderator: ['read-channel', 'create-message', 'delete-message', 'use-frozen-channel'],
      admin: ['read-channel-any-team', 'delete-message-any-team'],
      ...Object.fromEntries(['moderator', 'global_admin', 'global_moderator'].map((role) => [role, []])),
    },
  });
  const channel = server.channel('support', 'case', {
    created_by_id: 'eva',
    members: ['john', { user_id: 'lena', channel_role: 'channel_moderator' }],
  });
  await channel.create();
  const ask = (user: string, permission: string, cid?: string, more: Partial<Question> = {}) =>
    standingOf(app.connection.reader, { user, permission, ...(cid === undefined ? {} : { cid }), ...more });
  const answer = async (...question: Parameters<typeof ask>) => {
    const { value, diagnostics } = await ask(...question);
    if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join());
    return value;
  };
  const change = (body: object) => raw(server, 'patch', '/channels/support/case', body);
  const type = (body: object) => raw(server, 'put', '/channeltypes/support', body);
  const settings = (body: object) => raw(server, 'patch', '/app', body);
  return { app, server, channel, ask, answer, change, type, settings };
}

/** The codes of what else decides; those that stop the user are marked. */
const notesOf = ({
  notes,
}: {
  readonly notes: readonly { readonly code: string; readonly stops: boolean }[];
}) => notes.map(({ code, stops }) => (stops ? `! ${code}` : code));

const here = 'support:case';

test('a yes names the grant, a no names the roles, who may, and what is held in vain', async () => {
  const { answer } = await helpdesk();
  expect(await answer('john', 'create-message', here)).toMatchObject({
    app: { id: 1699146, name: 'Acme Chat' },
    verdict: 'yes',
    because: [{ role: 'channel_member', permission: 'create-message', from: 'type' }],
    scope: 'channel_type/support',
    roles: [
      { role: 'user', of: 'app' },
      { role: 'channel_member', of: 'channel' },
    ],
    notes: [],
  });
  expect(await answer('dan', 'create-message', here)).toMatchObject({
    verdict: 'no',
    because: [],
    useless: [{ role: 'user', permission: 'create-message-owner', why: 'not-own' }],
    roles: [{ role: 'user', of: 'app' }],
    who: [
      { role: 'channel_member', members: ['john'] },
      { role: 'channel_moderator', members: ['lena'] },
    ],
  });
  expect(await answer('john', 'delete-message', here)).toMatchObject({
    verdict: 'only-own',
    because: [{ permission: 'delete-message-owner' }],
    who: [
      { role: 'admin', onlyOwn: false },
      { role: 'channel_member', onlyOwn: true },
      { role: 'channel_moderator', onlyOwn: false },
    ],
  });
  expect((await answer('eva', 'create-message', here)).because).toMatchObject([
    { permission: 'create-message-owner' },
  ]);
});

test('names that the app does not have are errors, with the nearest one', async () => {
  const { ask } = await helpdesk();
  const refusal = async (...question: Parameters<typeof ask>) => {
    const { value, diagnostics } = await ask(...question);
    expect(value).toBeUndefined();
    return diagnostics
      .map(({ code, help = '' }) => `${code} ${/"(.*)"/.exec(help)?.[1] ?? ''}`.trim())
      .join();
  };
  expect(await refusal('nobody', 'create-message', here)).toBe('unknown-user');
  expect(await refusal('john', 'create-mesage', here)).toBe('unknown-permission create-message');
  expect(await refusal('john', 'create-message', 'suport:case')).toBe('unknown-type support');
  expect(await refusal('john', 'create-message', '__proto__:case')).toBe('unknown-type');
  expect(await refusal('john', 'create-message', 'support:other')).toBe('unknown-channel');
  expect(await refusal('john', 'create-message', 'support')).toBe('not-a-cid');
  expect(await refusal('john', 'create-message')).toBe('needs-channel');
  expect(await refusal('john', 'create-message', here, { app: { id: 7 } })).toBe('wrong-app');
  expect(await refusal('john', 'create-message', here, { app: { name: 'Other' } })).toBe('wrong-app');
});

test('a permission of the whole app is judged by the grants of the app', async () => {
  const { answer, settings } = await helpdesk();
  const asked = await answer('john', 'search-user');
  expect(asked).toMatchObject({
    verdict: 'yes',
    scope: 'app_settings/app',
    because: [{ role: 'user', from: 'app' }],
  });
  expect(await answer('john', 'search-user', '.app')).toEqual(asked);
  expect(await answer('john', 'update-user', '.app')).toMatchObject({ verdict: 'only-own' });
  expect(notesOf(await answer('john', 'search-user', here))).toEqual(['app-wide']);
  await settings({ grants: { user: [] } });
  expect((await answer('john', 'search-user')).verdict).toBe('no');
});

test('what a channel overrides counts, and is told as what the channel does', async () => {
  const { answer, change } = await helpdesk();
  await change({
    set: { config_overrides: { grants: { channel_member: ['!create-message'], user: ['pin-message'] } } },
  });
  expect(await answer('john', 'create-message', here)).toMatchObject({
    verdict: 'no',
    taken: [{ role: 'channel_member', permission: 'create-message' }],
  });
  expect(await answer('dan', 'pin-message', here)).toMatchObject({
    verdict: 'yes',
    because: [{ from: 'channel' }],
  });
});

test('teams count where the app has them, and a role in a team replaces the one in the app', async () => {
  const { answer, change, server, settings } = await helpdesk();
  await change({ set: { team: 'red' } });
  expect((await answer('john', 'create-message', here)).verdict).toBe('yes');
  await settings({ multi_tenant_enabled: true });
  expect(await answer('john', 'create-message', here)).toMatchObject({
    verdict: 'no',
    useless: [
      { permission: 'create-message-owner', why: 'not-own' },
      { permission: 'create-message', why: 'other-team' },
    ],
    who: [{ role: 'channel_member' }, { role: 'channel_moderator' }],
  });
  expect((await answer('root', 'delete-message', here)).verdict).toBe('yes');
  await server.upsertUsers([{ id: 'dan', teams: ['red'], teams_role: { red: 'admin' } }]);
  expect(await answer('dan', 'delete-message', here)).toMatchObject({
    verdict: 'yes',
    roles: [{ role: 'admin', of: 'team' }],
  });
});

test('what stops a user besides grants is said beside the right', async () => {
  const { answer, change, server, type } = await helpdesk();
  const noted = async (user: string, permission: string) => {
    const found = await answer(user, permission, here);
    expect(found.verdict).toBe('yes');
    return notesOf(found);
  };
  await change({ set: { frozen: true } });
  expect(await noted('john', 'create-message')).toEqual(['! frozen']);
  expect(await noted('lena', 'create-message')).toEqual([]);
  expect(await noted('john', 'read-channel')).toEqual([]);
  await change({ set: { frozen: false, config_overrides: { reactions: false } } });
  expect(await noted('john', 'create-reaction')).toEqual(['! feature-off']);
  await change({ set: { config_overrides: {} } });
  await type({ replies: false });
  expect((await answer('john', 'create-reply', here)).notes).toMatchObject([
    { message: 'replies are off in channels of type support' },
  ]);
  await change({ set: { disabled: true } });
  expect(await noted('john', 'read-channel')).toEqual(['! disabled']);
  await change({ set: { disabled: false } });
  await change({
    set: { config_overrides: { grants: { channel_member: ['!create-message', 'add-links'] } } },
  });
  expect(await noted('john', 'add-links')).toEqual(['! no-message']);
  await server.deactivateUser('john');
  expect(await noted('john', 'read-channel')).toEqual(['! deactivated']);
});

test('who is banned may still read, and who is shadow banned is told of', () => {
  const noted = (action: string, user: object, member: object = {}) =>
    notesOf({
      notes: notesOn({ app: {}, user: { ...user }, member: { ...member }, action, may: () => 'yes' }),
    });
  expect(noted('create-message', { banned: true })).toEqual(['! banned']);
  expect(noted('create-message', {}, { banned: true })).toEqual(['! banned']);
  expect(noted('read-channel', {}, { banned: true })).toEqual(['banned']);
  expect(noted('create-message', { shadow_banned: true })).toEqual(['shadow-banned']);
  expect(noted('create-message', {}, { shadow_banned: true })).toEqual(['shadow-banned']);
});

test('who is invited holds the role, and who declined does not', async () => {
  const { answer, app, channel, server } = await helpdesk();
  await channel.inviteMembers(['dan']);
  const invited = await answer('dan', 'create-message', here);
  expect([invited.verdict, ...notesOf(invited)]).toEqual(['yes', 'invited']);
  const client = await signIn(app.emulator, server, 'dan');
  await client.channel('support', 'case').rejectInvite();
  expect(await answer('dan', 'create-message', here)).toMatchObject({
    verdict: 'no',
    roles: [{ role: 'user' }],
  });
});

test('what a type grants counts in its channels, even where the app could grant it', async () => {
  const { answer, settings, type } = await helpdesk();
  await settings({ grants: { user: [] } });
  await type({ grants: { channel_member: ['flag-user'] } });
  expect(await answer('john', 'flag-user', here)).toMatchObject({
    verdict: 'yes',
    scope: 'channel_type/support',
  });
  expect((await answer('john', 'flag-user')).verdict).toBe('no');
});

test('an app without checks lets everybody do everything, and one on policies of old is not guessed at', async () => {
  const { answer, settings } = await helpdesk();
  await settings({ permission_version: 'v1' });
  expect(await answer('john', 'create-message', here)).toMatchObject({
    verdict: 'unknown',
    because: [],
    who: [],
  });
  await settings({ disable_permissions_checks: true });
  const open = await answer('dan', 'delete-message', here);
  expect([open.verdict, ...notesOf(open)]).toEqual(['yes', 'checks-off']);
});

test('a permission that the app made is known, and its condition is left to Stream', async () => {
  const { answer, server, type } = await helpdesk();
  const fix = { id: 'fix-typos', name: 'Fix typos', action: 'UpdateMessage', owner: false, same_team: true };
  await raw(server, 'post', '/permissions', { ...fix, condition: {} });
  await type({ grants: { channel_member: ['fix-typos'] } });
  expect((await answer('john', 'fix-typos', here)).because).toMatchObject([{ permission: 'fix-typos' }]);
  expect((await answer('john', 'update-message', here)).verdict).toBe('yes');
  await raw(server, 'put', '/permissions/fix-typos', { ...fix, condition: { '$subject.magic': true } });
  const open = await answer('john', 'update-message', here);
  expect([open.verdict, ...notesOf(open)]).toEqual(['unknown', 'condition']);
});

test('a channel that is not there yet can be asked about by whoever would make it', async () => {
  const { answer } = await helpdesk();
  expect((await answer('john', 'create-channel', 'support:new')).verdict).toBe('no');
  const made = await answer('john', 'create-channel', 'messaging:new');
  expect([made.verdict, ...notesOf(made)]).toEqual(['yes', 'no-channel']);
});

test('a member beyond the first hundred is found with one more question, and nobody else costs one', async () => {
  const { answer, app, channel, server } = await helpdesk();
  const many = Array.from({ length: 100 }, (_, index) => ({ id: `m${index}` }));
  await server.upsertUsers(many);
  await channel.addMembers(many.slice(0, 90).map(({ id }) => id));
  await channel.addMembers([...many.slice(90).map(({ id }) => id), 'dan']);
  const listed = await app.connection.reader.read('QueryChannels', {
    body: { filter_conditions: { cid: here }, limit: 1, member_limit: 100 },
  });
  const [row] = listed['channels'] as readonly {
    readonly members: readonly { readonly user_id: string }[];
  }[];
  const first = new Set(row?.members.map(({ user_id }) => user_id));
  const last = [...many.map(({ id }) => id), 'dan'].find((id) => !first.has(id)) ?? '';
  const asked = () => app.emulator.requests.filter(({ operation }) => operation === 'QueryMembers').length;
  expect(await answer(last, 'create-message', here)).toMatchObject({ verdict: 'yes' });
  expect(asked()).toBe(1);
  expect((await answer([...first][0] ?? '', 'create-message', here)).roles).toHaveLength(2);
  expect(asked()).toBe(1);
});

test('asking writes nothing', async () => {
  const { answer, app } = await helpdesk();
  const before = app.emulator.requests.length;
  await answer('john', 'create-message', here);
  const sent = app.emulator.requests.slice(before).map(({ operation }) => operation);
  expect(sent.toSorted()).toEqual([
    'GetApp',
    'ListChannelTypes',
    'ListPermissions',
    'QueryChannels',
    'QueryUsers',
  ]);
});

/** What a user tries with his own client; resolves with whether it was done. */
type Attempt = (
  client: StreamChat,
  message: { readonly own: string; readonly other: string },
) => Promise<unknown>;
const write: Attempt = async (client) => {
  const { message } = await client.channel('support', 'case').sendMessage({ text: 'hi' });
  // A frozen channel answers with a message that is an error.
  if (message.type === 'error') throw new Error(message.text);
};
const removeOther: Attempt = (client, { other }) => client.deleteMessage(other);
const removeOwn: Attempt = (client, { own }) => client.deleteMessage(own);
const react: Attempt = (client, { other }) =>
  client.channel('support', 'case').sendReaction(other, { type: 'love' });
const look: Attempt = (client) => client.channel('support', 'case').watch();
const make: Attempt = (client) => client.channel('support', 'another').create();

const attempts: readonly (readonly [string, string, Attempt])[] = [
  ['create-message', here, write],
  ['delete-message', here, removeOther],
  ['delete-message-owner', here, removeOwn],
  ['create-reaction', here, react],
  ['read-channel', here, look],
  ['create-channel', 'support:another', make],
];

test.each<readonly [string, (desk: Awaited<ReturnType<typeof helpdesk>>) => Promise<unknown>]>([
  ['as it is', async () => undefined],
  ['that is frozen', ({ change }) => change({ set: { frozen: true } })],
  ['that is disabled', ({ change }) => change({ set: { disabled: true } })],
  ['without reactions', ({ type }) => type({ reactions: false })],
  [
    'that takes and gives rights',
    ({ change }) =>
      change({
        set: {
          config_overrides: {
            grants: { channel_member: ['!create-message'], user: ['delete-message', 'read-channel'] },
          },
        },
      }),
  ],
  [
    'of another team',
    async ({ change, settings }) => {
      await change({ set: { team: 'red' } });
      await settings({ multi_tenant_enabled: true });
    },
  ],
  ['without any checks', ({ settings }) => settings({ disable_permissions_checks: true })],
])('in a channel %s, what is said is what happens', async (_what, prepare) => {
  const desk = await helpdesk();
  const { answer, app, channel, server } = desk;
  await prepare(desk);
  const said: string[] = [];
  const done: string[] = [];
  for (const user of ['john', 'eva', 'lena', 'dan', 'root']) {
    const client = await signIn(app.emulator, server, user);
    const send = async (id: string) => (await channel.sendMessage({ text: 'x', user_id: id })).message.id;
    for (const [permission, cid, attempt] of attempts) {
      const message = { own: await send(user), other: await send(user === 'lena' ? 'john' : 'lena') };
      const { verdict, notes } = await answer(user, permission, cid);
      const may = verdict === 'yes' && !notes.some(({ stops }) => stops);
      const did = await attempt(client, message).then(
        () => true,
        () => false,
      );
      said.push(`${user} ${permission} ${may}`);
      done.push(`${user} ${permission} ${did}`);
      if (did && permission === 'create-channel')
        await server.channel('support', 'another').delete({ hard_delete: true });
    }
  }
  expect(said).toEqual(done);
});
