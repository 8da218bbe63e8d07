import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Emulator, type Fault, startEmulator } from '../../src/emulator/index.ts';
import { clientOf, connect, raw, refusal } from './connection.ts';

const any = (values: object) => values as never;

function token(claims: object, secret: string, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const signed = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function ask(
  emulator: Emulator,
  path: string,
  headers: Record<string, string>,
  method = 'GET',
  body?: string,
): Promise<Response> {
  return fetch(`${emulator.url}${path}${path.includes('?') ? '&' : '?'}api_key=${emulator.apiKey}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
}

const asServer = (emulator: Emulator): Record<string, string> => ({
  authorization: token({ server: true }, emulator.apiSecret),
  'stream-auth-type': 'jwt',
});

test('a wrong key gives 401/2 and a wrong secret 401/43', async () => {
  const { emulator } = await connect();
  expect(await refusal(clientOf(emulator, emulator.apiSecret, 'wrong').getAppSettings())).toMatchObject({
    status: 401,
    code: 2,
  });
  expect(await refusal(clientOf(emulator, 'wrong').getAppSettings())).toMatchObject({
    status: 401,
    code: 43,
  });
});

test.each([
  ['no token', {}, 5],
  ['a token that is none', { authorization: 'abc' }, 5],
  [
    'a development token',
    { authorization: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoiZXZhIn0.devtoken' },
    5,
  ],
])('%s gives 401/5', async (_name, headers, code) => {
  const { emulator } = await connect();
  const answer = await ask(emulator, '/app', { 'stream-auth-type': 'jwt', ...headers });
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({
    code,
    StatusCode: 401,
    details: [],
    duration: '0.00ms',
    more_info: expect.stringContaining('https://'),
  });
});

test('an unsigned token is refused, and expired and early ones have their own codes', async () => {
  const { emulator } = await connect();
  const code = async (authorization: string) =>
    (
      (await (await ask(emulator, '/app', { 'stream-auth-type': 'jwt', authorization })).json()) as {
        code: number;
      }
    ).code;
  expect(await code(token({ server: true }, emulator.apiSecret, { alg: 'none' }))).toBe(5);
  const now = Date.now() / 1000;
  expect(await code(token({ user_id: 'eva', exp: now - 10 }, emulator.apiSecret))).toBe(40);
  expect(await code(token({ user_id: 'eva', nbf: now + 60 }, emulator.apiSecret))).toBe(41);
  expect(await code(token({ user_id: 'eva', iat: now + 60 }, emulator.apiSecret))).toBe(42);
});

test('any truthy server claim is a server, and header names may be spelled in any case', async () => {
  const { emulator } = await connect();
  const answer = await ask(emulator, '/roles', {
    Authorization: token({ server: 'true' }, emulator.apiSecret),
    'Stream-Auth-Type': 'jwt',
  });
  expect(answer.status).toBe(200);
});

test('an app without auth checks takes wrong signatures', async () => {
  const { client, emulator } = await connect();
  await client.updateAppSettings({ disable_auth_checks: true });
  expect(await clientOf(emulator, 'wrong').getAppSettings()).toHaveProperty('app');
});

function withHost(emulator: Emulator, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(
      `${emulator.url}/app?api_key=${emulator.apiKey}`,
      { headers: { ...asServer(emulator), host } },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    )
      .on('error', reject)
      .end();
  });
}

test('only loopback names are served', async () => {
  const { emulator } = await connect();
  for (const host of ['localhost', 'LOCALHOST:3030', '127.0.0.1:1', '[::1]:1'])
    expect(await withHost(emulator, host)).toBe(200);
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io', '10.0.0.1'])
    expect(await withHost(emulator, host)).toBe(403);
});

test('browsers are answered on loopback origins only', async () => {
  const { emulator } = await connect();
  const preflight = await fetch(`${emulator.url}/channels`, {
    method: 'OPTIONS',
    headers: { origin: 'http://localhost:5173' },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
  expect(preflight.headers.get('access-control-allow-headers')).toBe(
    'authorization, stream-auth-type, x-stream-client, x-client-request-id, content-type',
  );
  const near = await ask(emulator, '/app', { ...asServer(emulator), origin: 'http://127.0.0.1:5173' });
  expect(near.headers.get('access-control-allow-origin')).toBe('http://127.0.0.1:5173');
  for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example']) {
    const far = await ask(emulator, '/app', { ...asServer(emulator), origin });
    expect(far.status).toBe(403);
    expect(far.headers.get('access-control-allow-origin')).toBeNull();
  }
});

test('POST and PUT answer 201, the rest 200, and every answer has a duration and limit headers', async () => {
  const { emulator } = await connect({ rateLimits: 'documented' });
  const status = async (method: string, path: string, body?: string) => {
    const answer = await ask(
      emulator,
      path,
      { ...asServer(emulator), 'content-type': 'application/json' },
      method,
      body,
    );
    expect(await answer.json()).toHaveProperty('duration');
    expect(Number(answer.headers.get('x-ratelimit-remaining'))).toBe(
      Number(answer.headers.get('x-ratelimit-limit')) - 1,
    );
    expect(Number(answer.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000 - 1);
    return answer.status;
  };
  expect(await status('POST', '/roles', '{"name":"agent"}')).toBe(201);
  expect(await status('PUT', '/channeltypes/team', '{}')).toBe(201);
  expect(await status('GET', '/app')).toBe(200);
  expect(await status('PATCH', '/app', '{}')).toBe(200);
  expect(await status('DELETE', '/roles/agent')).toBe(200);
});

test('a body that is no JSON gives 400/4, one that is too large 413/22, an unknown path 404', async () => {
  const { emulator } = await connect();
  const bad = await ask(emulator, '/roles', asServer(emulator), 'POST', '{"name":');
  expect([bad.status, ((await bad.json()) as { code: number }).code]).toEqual([400, 4]);
  const large = await ask(
    emulator,
    '/roles',
    asServer(emulator),
    'POST',
    JSON.stringify({ name: 'x'.repeat(6_000_000) }),
  );
  expect([large.status, ((await large.json()) as { code: number }).code]).toEqual([413, 22]);
  expect((await ask(emulator, '/nowhere', asServer(emulator))).status).toBe(404);
});

test('the documented limit of an operation is enforced per minute and told by the answers', async () => {
  let now = 1_800_000_000_000;
  const { client } = await connect({ rateLimits: { ListRoles: 2 }, now: () => now });
  await client.listRoles();
  await client.listRoles();
  const limited = await client.listRoles().then(
    () => undefined,
    (error: {
      status: number;
      code: number;
      message: string;
      response: { headers: Record<string, string> };
    }) => error,
  );
  expect(limited).toMatchObject({
    status: 429,
    code: 9,
    message: expect.stringContaining('Too many requests'),
  });
  expect(limited?.response.headers).toMatchObject({
    'x-ratelimit-limit': '2',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(now / 1000 + 60),
  });
  await client.getAppSettings();
  now += 60_000;
  await client.listRoles();
});

test('the limits are read by operation and platform', async () => {
  const { client } = await connect({ rateLimits: 'documented' });
  await client.getAppSettings();
  const limits = (await client.getRateLimits({
    serverSide: true,
    endpoints: ['GetApp', 'UpdateApp', 'ListRoles'],
  })) as unknown as { server_side: object };
  expect(limits.server_side).toMatchObject({
    GetApp: { limit: 10_000, remaining: 9_999 },
    UpdateApp: { limit: 60, remaining: 60 },
    ListRoles: { limit: 60 },
  });
  expect(limits).not.toHaveProperty('web');
});

test('the cap per second is a thirtieth of the limit, when it is enforced', async () => {
  const now = 1_800_000_000_000;
  const { client } = await connect({ rateLimits: 'documented', perSecond: true, now: () => now });
  await client.listRoles();
  await client.listRoles();
  expect(await refusal(client.listRoles())).toMatchObject({ status: 429 });
});

const role = (fault: Partial<Fault>): Fault => ({ operation: 'CreateRole', kind: 'status', ...fault });

test('a fault hits the operation it names, after the skipped requests, as often as it says', async () => {
  const { client, emulator } = await connect({
    faults: [role({ skip: 1, times: 2, status: 503, code: -1, message: 'busy' })],
  });
  await client.createRole('a');
  for (let count = 0; count < 2; count += 1) {
    expect(await refusal(client.createRole('b'))).toMatchObject({
      status: 503,
      code: -1,
      message: expect.stringContaining('CreateRole failed with error: "busy"'),
    });
  }
  await client.createRole('b');
  expect(emulator.requests.map((one) => one.status)).toEqual([201, 503, 503, 201]);
  expect(emulator.requests.map((one) => one.fault)).toEqual([undefined, 'status', 'status', undefined]);
});

test.each([
  ['reset-before', false],
  ['reset-after', true],
  ['timeout-before', false],
  ['timeout-after', true],
  ['truncate', true],
] as const)('after %s the client has no answer, and the work was done: %s', async (kind, done) => {
  const { emulator } = await connect();
  const client = clientOf(emulator);
  client.axiosInstance.defaults.timeout = 150;
  emulator.addFault(role({ kind }));
  const refused = await refusal(client.createRole('agent'));
  expect(refused.status).toBeUndefined();
  expect(emulator.requests[0]).toMatchObject({ operation: 'CreateRole', body: { name: 'agent' }, status: 0 });
  expect(JSON.stringify((await client.listRoles()).roles).includes('agent')).toBe(done);
});

test('limits and pages of an edge are answered as the edge does', async () => {
  const now = 1_800_000_000_000;
  const { client, emulator } = await connect({ now: () => now });
  emulator.addFault(role({ kind: 'rate-limit', resetAfterMs: 5000 }));
  emulator.addFault(role({ kind: 'not-json-429' }));
  emulator.addFault(role({ kind: 'html' }));
  const error = (await client.createRole('a').catch((caught: unknown) => caught)) as {
    code: number;
    response: { headers: Record<string, string> };
  };
  expect(error.code).toBe(9);
  expect(error.response.headers).toMatchObject({
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(now / 1000 + 5),
  });
  expect(await refusal(client.createRole('a'))).toMatchObject({
    status: 429,
    message: 'StreamChat error HTTP code: 429',
  });
  expect(await refusal(client.createRole('a'))).toMatchObject({
    status: 502,
    message: 'StreamChat error HTTP code: 502',
  });
  emulator.addFault(role({}));
  emulator.clearFaults();
  await client.createRole('a');
});

test('a stale read is answered as it was the last time, and what was never asked before as usual', async () => {
  const { client, emulator } = await connect();
  const roles = async () => (await client.listRoles()).roles.map(({ name }) => name);
  const fresh = await roles();
  await client.createRole('agent');
  emulator.addFault({ operation: 'ListRoles', kind: 'stale', times: 2 });
  emulator.addFault({ operation: 'ListPermissions', kind: 'stale' });
  expect(await roles()).toEqual(fresh);
  expect(await roles()).toEqual(fresh);
  expect(await roles()).toContain('agent');
  expect((await client.listPermissions()).permissions).not.toEqual([]);
});

test('a stale fault leaves writes alone', async () => {
  const { client, emulator } = await connect();
  emulator.addFault(role({ kind: 'stale' }));
  await client.createRole('agent');
  expect(emulator.requests).toMatchObject([{ operation: 'CreateRole', status: 201 }]);
});

test('an observer sees every request before it did anything, and once it is done', async () => {
  const seen: string[] = [];
  const { client } = await connect({
    observe: async ({ operation, moment }) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      seen.push(`${moment} ${operation}`);
    },
  });
  await client.createRole('agent');
  await client.listRoles();
  expect(seen).toEqual(['before CreateRole', 'after CreateRole', 'before ListRoles', 'after ListRoles']);
});

test.each([
  ['before', false],
  ['after', true],
] as const)(
  'an observer that rejects %s breaks the connection, and the work was done: %s',
  async (at, done) => {
    const { client, emulator } = await connect({
      observe: ({ operation, moment }) => {
        if (operation === 'CreateRole' && moment === at) throw new Error('the client died');
      },
    });
    expect((await refusal(client.createRole('agent'))).status).toBeUndefined();
    expect(JSON.stringify(emulator.snapshot()).includes('"agent"')).toBe(done);
  },
);

test('latency and delays hold answers back', async () => {
  const { client, emulator } = await connect({ latencyMs: 30 });
  emulator.addFault(role({ kind: 'delay', delayMs: 60 }));
  const started = performance.now();
  await client.createRole('a');
  expect(performance.now() - started).toBeGreaterThanOrEqual(85);
});

test('requests are recorded with operation, query and body, and never with the token', async () => {
  const { client, emulator } = await connect();
  await client.createRole('agent');
  await client.queryUsers({ id: 'eva' });
  expect(emulator.requests).toMatchObject([
    { method: 'POST', path: '/roles', operation: 'CreateRole', body: { name: 'agent' }, status: 201 },
    { method: 'GET', path: '/users', operation: 'QueryUsers', status: 200 },
  ]);
  expect(JSON.stringify(emulator.requests)).not.toContain(
    token({ server: true }, emulator.apiSecret).split('.')[2],
  );
  emulator.clearRequests();
  expect(emulator.requests).toEqual([]);
});

test('a new type, role or command reaches other operations late', async () => {
  let now = 1_800_000_000_000;
  const { client } = await connect({ propagationMs: 10_000, now: () => now });
  await client.createChannelType(any({ name: 'support', commands: [] }));
  expect(
    await refusal(client.channel('support', 'one', any({ created_by_id: 'eva' })).create()),
  ).toMatchObject({
    code: 16,
    status: 404,
    message: expect.stringContaining('support: channel type does not exist'),
  });
  expect(await refusal(client.getChannelType('support'))).toMatchObject({ status: 404 });
  const answer = await client.updateChannelType('support', any({ uploads: false }));
  expect(answer).toMatchObject({ uploads: false });
  await client.createRole('agent');
  expect((await refusal(client.updateChannelType('team', any({ grants: { agent: [] } })))).message).toContain(
    'role "agent" does not exist',
  );
  await client.createCommand(any({ name: 'excuse', description: 'd', args: '', set: '' }));
  expect((await refusal(client.updateChannelType('team', any({ commands: ['excuse'] })))).status).toBe(400);
  now += 10_000;
  expect(await client.getChannelType('support')).toMatchObject({ uploads: false });
  await client.channel('support', 'one', any({ created_by_id: 'eva' })).create();
  await client.updateChannelType(
    'team',
    any({ grants: { agent: [] }, commands: ['excuse'], replies: false }),
  );
  expect(await client.getChannelType('team')).toMatchObject({ replies: true });
  now += 10_000;
  expect(await client.getChannelType('team')).toMatchObject({ replies: false });
});

test('a task runs until the propagation time has passed, and a batch says so only inside', async () => {
  let now = 1_800_000_000_000;
  const { client } = await connect({ propagationMs: 5_000, now: () => now });
  await client.channel('team', 'a', any({ created_by_id: 'eva' })).create();
  const { task_id } = (await raw(client, 'put', '/channels/batch', {
    operation: 'updateData',
    filter: { cids: { $in: ['team:a'] } },
    data: { frozen: true },
  })) as { task_id: string };
  const deleted = await client.deleteChannels(['team:a'], { hard_delete: true });
  expect(await client.getTask(task_id)).toMatchObject({ status: 'completed', result: { status: 'started' } });
  expect(await client.getTask(deleted.task_id ?? '')).toMatchObject({ status: 'running' });
  now += 5_000;
  expect(await client.getTask(task_id)).toMatchObject({
    result: { status: 'completed', success_channels_count: 1 },
  });
  expect(await client.getTask(deleted.task_id ?? '')).toMatchObject({ status: 'completed' });
  expect(await refusal(client.getTask('none'))).toMatchObject({
    code: 16,
    message: expect.stringContaining(`Can't find task with id none`),
  });
});

test('a folder keeps everything across a restart, in one file that is never half', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'emulator-'));
  try {
    const { client, emulator } = await connect({ folder, app: { name: 'Kept' } });
    await client.createRole('agent');
    await client.createChannelType(any({ name: 'support', commands: ['giphy'] }));
    await client.createBlockList({ name: 'rude', words: ['darn'] });
    await client.updateAppSettings(any({ reminders_interval: 90 }));
    await client.upsertUsers([any({ id: 'eva', name: 'Eva', role: 'agent' }), { id: 'bob' }]);
    const channel = client.channel('support', 'one', any({ created_by_id: 'eva', members: ['eva', 'bob'] }));
    await channel.create();
    await channel.sendMessage(any({ id: 'm', text: 'hi', user_id: 'eva' }));
    await channel.hide('bob');
    const before = emulator.snapshot();
    await emulator.close();
    expect(await readdir(folder)).toEqual(['state.json']);
    const again = await connect({ folder });
    expect(again.emulator.snapshot()).toEqual(before);
    const found = (await raw(again.client, 'post', '/channels', {
      filter_conditions: { members: { $in: ['bob'] } },
    })) as { channels: object[] };
    expect(found.channels).toMatchObject([{ channel: { cid: 'support:one' }, messages: [{ text: 'hi' }] }]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the folder is written behind the requests, once for many', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'emulator-'));
  try {
    const { client } = await connect({ folder });
    for (const name of ['a', 'b', 'c']) await client.createRole(name);
    expect(await readdir(folder)).toEqual([]);
    await expect.poll(() => readFile(join(folder, 'state.json'), 'utf8').catch(() => '')).toContain('"c"');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a state file that cannot be read is named and left alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'emulator-'));
  try {
    await writeFile(join(folder, 'state.json'), '{"half');
    await expect(startEmulator({ folder })).rejects.toThrow('state.json is not readable as JSON');
    expect(await readFile(join(folder, 'state.json'), 'utf8')).toBe('{"half');
  } finally {
    await rm(folder, { recursive: true });
  }
});
