import { request } from 'node:http';
import { JWTServerToken } from 'stream-chat';
import { WebSocket } from 'ws';
import { expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { connect, deviceOf, next, refusal, signIn } from './connection.ts';

/** The frames of a connection until it is closed, or until as many have come as are wanted. */
function frames(
  emulator: Emulator,
  query: Record<string, string>,
  options: { wanted?: number; headers?: Record<string, string> } = {},
): Promise<{ frames: Record<string, unknown>[]; code: number | undefined; status: number | undefined }> {
  const socket = new WebSocket(addressOf(emulator, query), { headers: options.headers ?? {} });
  const found: Record<string, unknown>[] = [];
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      resolve({ frames: found, code: undefined, status: response.statusCode });
    });
    socket.on('error', reject);
    socket.on('message', (data) => {
      found.push(JSON.parse((data as Buffer).toString()) as Record<string, unknown>);
      if (found.length === options.wanted) socket.close(1000);
    });
    socket.on('close', (code) => resolve({ frames: found, code, status: 101 }));
  });
}

function addressOf(emulator: Emulator, query: Record<string, string>): string {
  const all = new URLSearchParams({ api_key: emulator.apiKey, 'stream-auth-type': 'jwt', ...query });
  return `${emulator.url.replace('http', 'ws')}/connect?${all.toString()}`;
}

const detailsOf = (id: string, details: object = {}) =>
  JSON.stringify({ user_id: id, user_details: { id, ...details } });

test('a user connects, is made and is told who he is', async () => {
  const { client, emulator } = await connect({ now: () => 1_700_000_000_000 });
  const device = await signIn(emulator, client, 'john', { name: 'John', likes: ['tea'] });
  expect(device.user).toMatchObject({
    id: 'john',
    name: 'John',
    likes: ['tea'],
    role: 'user',
    online: true,
    last_active: expect.stringContaining('2023-11-14T22:13:20'),
    total_unread_count: 0,
    mutes: [],
    channel_mutes: [],
    devices: [],
  });
  expect((await client.queryUsers({ id: 'john' })).users[0]).toMatchObject({ name: 'John', online: true });
  expect(JSON.stringify(emulator.snapshot())).not.toContain('online');
  const { operation, status, query } = emulator.requests[0] ?? {};
  expect({ operation, status }).toEqual({ operation: 'Connect', status: 101 });
  expect(JSON.stringify(query)).not.toContain(client.createToken('john'));
});

test('connecting merges what the user says of himself and changes nothing when he says nothing new', async () => {
  const { client, emulator } = await connect();
  await client.upsertUser({ id: 'john', name: 'John', role: 'admin', book: 'dune' } as never);
  const before = (await client.queryUsers({ id: 'john' })).users[0];
  const device = await signIn(emulator, client, 'john', { role: 'user', name: 'John' });
  expect(device.user).toMatchObject({ role: 'admin', book: 'dune', updated_at: before?.updated_at });
  await device.disconnectUser();
  const again = await signIn(emulator, client, 'john', { color: 'red' });
  expect(again.user).toMatchObject({ name: 'John', book: 'dune', color: 'red' });
  expect(again.user?.updated_at).not.toBe(before?.updated_at);
});

test('teams cannot be changed by connecting, and their order says nothing', async () => {
  const { client, emulator } = await connect();
  await client.upsertUser({ id: 'john', teams: ['red', 'blue'] });
  await signIn(emulator, client, 'john', { teams: ['blue', 'red'] });
  await signIn(emulator, client, 'john', { teams: [] });
  const refused = await refusal(signIn(emulator, client, 'john', { teams: ['green'] }));
  expect(refused.message).toContain('user teams cannot be changed at connection time');
});

test.each([
  ['a bad signature', (token: string) => `${token.slice(0, -3)}xxx`, {}, 43, 401],
  ['a development token', (token: string) => token.replace(/[^.]*$/, 'devtoken'), {}, 5, 401],
  ['a reserved field', undefined, { created_at: '2020-01-01T00:00:00Z' }, 4, 400],
  ['too much data', undefined, { notes: 'x'.repeat(6000) }, 22, 413],
  ["another user's id", undefined, { id: 'eva' }, 5, 401],
])('a connection with %s is refused in the first frame', async (_what, change, details, code, status) => {
  const { client, emulator } = await connect();
  const before = emulator.snapshot();
  const token = client.createToken('john');
  const authorization = change === undefined ? token : change(token);
  const result = await frames(emulator, { authorization, json: detailsOf('john', details) });
  expect(result).toMatchObject({
    code: 1000,
    frames: [{ type: 'connection.error', connection_id: '', error: { code, StatusCode: status } }],
  });
  expect(emulator.snapshot()).toEqual(before);
});

test('an expired token is refused with the code that makes clients ask for another', async () => {
  const { client, emulator } = await connect();
  const device = deviceOf(emulator);
  const tokens = [client.createToken('john', 1), client.createToken('john')];
  await device.connectUser({ id: 'john' }, () => Promise.resolve(tokens.shift() ?? ''));
  expect(device.user).toMatchObject({ id: 'john', online: true });
  const expired = deviceOf(emulator);
  const refused = await refusal(expired.connectUser({ id: 'john' }, client.createToken('john', 1)));
  expect(refused.message).toContain('"code":40');
});

test('a user who was deactivated cannot connect, and one who is connected is sent away', async () => {
  const { client, emulator } = await connect();
  await client.upsertUsers([{ id: 'john' }, { id: 'eva' }]);
  const open = frames(emulator, { authorization: client.createToken('eva'), json: detailsOf('eva') });
  await signIn(emulator, client, 'john');
  await client.deactivateUser('eva');
  expect((await open).code).toBe(1000);
  const refused = await refusal(signIn(emulator, client, 'eva'));
  expect(refused.message).toContain('was deactivated');
});

test('a ping is answered without telling the user who he is again', async () => {
  const { client, emulator } = await connect();
  const socket = new WebSocket(
    addressOf(emulator, { authorization: client.createToken('john'), json: detailsOf('john') }),
  );
  const read = () =>
    new Promise<Record<string, unknown>>((resolve) => {
      socket.once('message', (data) => resolve(JSON.parse((data as Buffer).toString())));
    });
  const first = await read();
  const answer = read();
  socket.send('not json');
  socket.send(JSON.stringify([{ type: 'health.check', client_id: 'john--1' }]));
  expect(await answer).toEqual({
    type: 'health.check',
    connection_id: first['connection_id'],
    cid: '*',
    created_at: expect.any(String),
  });
  socket.terminate();
});

test('pages and names from elsewhere cannot connect', async () => {
  const { client, emulator } = await connect();
  const query = { authorization: client.createToken('john'), json: detailsOf('john') };
  const far = await frames(emulator, query, { headers: { origin: 'https://evil.example' } });
  expect(far.status).toBe(403);
  const named = await frames(emulator, query, { headers: { host: 'evil.example' } });
  expect(named.status).toBe(403);
  const near = await frames(emulator, query, { wanted: 1, headers: { origin: 'http://localhost:5173' } });
  expect(near.frames[0]).toMatchObject({ type: 'health.check' });
});

test('an HTTP request that offers another protocol is answered as if it had not', async () => {
  const { emulator } = await connect();
  const body = JSON.stringify({ name: 'clerk' });
  const status = await new Promise((resolve, reject) => {
    const sent = request(
      `${emulator.url}/roles?api_key=${emulator.apiKey}`,
      {
        method: 'POST',
        headers: {
          authorization: JWTServerToken(emulator.apiSecret),
          'stream-auth-type': 'jwt',
          connection: 'Upgrade, HTTP2-Settings',
          upgrade: 'h2c',
          'http2-settings': 'AAMAAABkAARAAAAAAAIAAAAA',
        },
      },
      (response) => resolve(response.resume().statusCode),
    );
    sent.on('error', reject);
    sent.end(body);
  });
  expect(status).toBe(201);
  expect(emulator.requests[0]).toMatchObject({ operation: 'CreateRole', body: { name: 'clerk' } });
});

test('anonymous visitors connect, and nothing of them is kept', async () => {
  const { emulator } = await connect();
  const before = emulator.snapshot();
  const device = deviceOf(emulator);
  await device.connectAnonymousUser();
  expect(device.user).toMatchObject({ id: expect.stringMatching(/^!anon/), role: 'anonymous' });
  expect(emulator.snapshot()).toEqual(before);
});

test('guests need no server, unless the app has switched them off', async () => {
  const { client, emulator } = await connect();
  const device = deviceOf(emulator);
  await device.setGuestUser({ id: 'john', name: 'John' });
  expect(device.user).toMatchObject({
    id: expect.stringMatching(/^guest-.*-john$/),
    role: 'guest',
    name: 'John',
  });
  await client.updateAppSettings({ guest_user_creation_disabled: true } as never);
  expect(await refusal(deviceOf(emulator).setGuestUser({ id: 'eva' }))).toMatchObject({
    status: 403,
    code: 17,
  });
});

test('a user is online until the last of his devices is gone, for those who asked', async () => {
  const { client, emulator } = await connect();
  await client.upsertUsers([{ id: 'john' }, { id: 'eva' }]);
  await client.channel('messaging', 'a', { created_by_id: 'eva', members: ['eva', 'john'] }).create();
  const eva = await signIn(emulator, client, 'eva');
  await eva.channel('messaging', 'a').watch({ presence: true });
  const heard: unknown[] = [];
  eva.on('user.presence.changed', (event) => {
    heard.push(event.user?.online);
  });
  const came = next(eva, 'user.presence.changed');
  const phone = await signIn(emulator, client, 'john');
  expect((await came).user).toMatchObject({ id: 'john', online: true });
  const laptop = await signIn(emulator, client, 'john');
  await phone.disconnectUser();
  expect((await client.queryUsers({ id: 'john' })).users[0]?.online).toBe(true);
  const left = next(eva, 'user.presence.changed');
  await laptop.disconnectUser();
  expect((await left).user).toMatchObject({ id: 'john', online: false });
  expect(heard).toEqual([true, false]);
});

test('closing the emulator closes its connections', async () => {
  const { client, emulator } = await connect();
  const open = frames(emulator, { authorization: client.createToken('john'), json: detailsOf('john') });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await emulator.close();
  expect(await open).toMatchObject({ code: 1001, frames: [{ type: 'health.check' }] });
});
