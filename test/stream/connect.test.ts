import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startEmulator, type Emulator } from '../../src/emulator/index.ts';
import type { ReadStream } from '../../src/model/stream.ts';
import { connect } from '../../src/stream/connect.ts';
import { apiKey, apiSecret, connectTo, failureOf, json, standIn, token } from './stand-in.ts';

afterEach(() => vi.unstubAllEnvs());

describe('the one origin', () => {
  test.each([
    ['http://chat.stream-io-api.com', /not encrypted/],
    ['http://192.168.0.7:3030', /not encrypted/],
    ['http://127.0.0.1.example.com', /not encrypted/],
    ['http://localhost.example.com', /not encrypted/],
    ['https://user:password@chat.stream-io-api.com', /user name or a password/],
    ['https://chat.stream-io-api.com/v1', /must end after the host/],
    ['https://chat.stream-io-api.com?api_key=1', /must end after the host/],
    ['https://chat.stream-io-api.com/?', /must end after the host/],
    ['https://chat.stream-io-api.com#x', /must end after the host/],
    ['ftp://chat.stream-io-api.com', /must look like/],
    ['chat.stream-io-api.com', /must look like/],
    ['', /must look like/],
  ])('%s is refused', async (baseUrl, message) => {
    await expect(connect({ apiKey, apiSecret, baseUrl })).rejects.toThrow(message);
    await expect(connect({ apiKey, apiSecret, baseUrl })).rejects.toMatchObject({
      name: 'ConnectionUsageError',
    });
  });

  test.each([
    'http://127.0.0.1:1',
    'http://127.1:1',
    'http://localhost:1/',
    'http://[::1]:1',
    'https://chat.stream-io-api.com/',
  ])('%s is accepted', async (baseUrl) => {
    (await connect({ apiKey, apiSecret, baseUrl })).close();
  });

  test('a refused URL does not show what was in it', async () => {
    await expect(
      connect({ apiKey, apiSecret, baseUrl: 'https://me:hunter2@stream.test' }),
    ).rejects.not.toThrow(/hunter2/);
  });

  test('environment variables that the SDK obeys lead no request elsewhere', async () => {
    const right = await standIn((_, response) => json(response, 200, { app: {} }));
    const wrong = await standIn((_, response) => json(response, 200, { app: {} }));
    vi.stubEnv('STREAM_LOCAL_TEST_RUN', 'true');
    vi.stubEnv('STREAM_LOCAL_TEST_HOST', new URL(wrong.url).host);
    const connection = await connectTo(right.url);
    await connection.reader.read('GetApp');
    await connection.stream.write('UpdateApp', { body: {} });
    expect(right.requests).toHaveLength(2);
    expect(wrong.requests).toEqual([]);
  });

  test('a proxy in the environment is not asked for what is on this machine', async () => {
    const right = await standIn((_, response) => json(response, 200, { app: {} }));
    const proxy = await standIn((_, response) => json(response, 200, { app: {} }));
    vi.stubEnv('HTTP_PROXY', proxy.url);
    vi.stubEnv('http_proxy', proxy.url);
    vi.stubEnv('NO_PROXY', '');
    vi.stubEnv('no_proxy', '');
    await (await connectTo(right.url)).reader.read('GetApp');
    expect(right.requests).toHaveLength(1);
    expect(proxy.requests).toEqual([]);
  });

  test('a proxy in the environment sees a tunnel, and neither the key nor the token', async () => {
    const seen: string[] = [];
    const proxy = createServer((request) => seen.push(`${request.method} ${request.url}`));
    proxy.on('connect', (request, socket) => {
      seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    for (const name of ['HTTPS_PROXY', 'https_proxy']) {
      vi.stubEnv(name, `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    }
    for (const name of ['NO_PROXY', 'no_proxy']) vi.stubEnv(name, '');
    const { stream } = await connectTo('https://stream.invalid');
    const failure = await failureOf(stream.write('UpdateApp', { body: {} }));
    expect(failure).toMatchObject({
      reason: 'unsent',
      message: 'cannot reach https://stream.invalid: the proxy refused to connect to it (HTTP 403)',
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatch(/^CONNECT stream\.invalid:443 /);
    for (const canary of [apiKey, apiSecret, token]) expect(seen[0] + failure.message).not.toContain(canary);
  });

  test('a redirect is an error that names where it leads, and is not followed', async () => {
    const elsewhere = await standIn((_, response) => json(response, 200, { app: {} }));
    const server = await standIn((request, response) => {
      response.writeHead(307, { location: `${elsewhere.url}${request.url}` }).end();
    });
    const connection = await connectTo(server.url);
    await expect(connection.reader.read('GetApp')).rejects.toMatchObject({ reason: 'unclear', status: 307 });
    await expect(connection.reader.read('GetApp')).rejects.toThrow(`redirect to ${elsewhere.url} (HTTP 307)`);
    expect(elsewhere.requests).toEqual([]);
    expect(server.requests).toHaveLength(2);
  });

  test.each([
    ['', apiSecret, /API key is missing/],
    [apiKey, '', /API secret is missing/],
    [apiKey, `${apiSecret}\n`, /API secret begins or ends with white space/],
  ])('credentials that cannot work are refused before anything is sent', async (key, secret, message) => {
    await expect(connect({ apiKey: key, apiSecret: secret })).rejects.toThrow(message);
  });
});

describe('what is sent', () => {
  test('a request carries the server token and the key, and no user', async () => {
    let headers: Record<string, unknown> = {};
    const server = await standIn((request, response) => {
      headers = request.headers;
      json(response, 200, { app: {} });
    });
    await (await connectTo(server.url)).reader.read('GetApp');
    expect(headers).toMatchObject({ authorization: token, 'stream-auth-type': 'jwt' });
    expect(server.requests).toEqual([`GET /app?api_key=${apiKey}`]);
  });

  test('path parts are encoded, so an id cannot name another path', async () => {
    const server = await standIn((_, response) => json(response, 200, {}));
    const { reader } = await connectTo(server.url);
    await reader.read('GetChannelType', { path: { name: 'a/../b?c#d é' } });
    expect(server.requests).toEqual([`GET /channeltypes/a%2F..%2Fb%3Fc%23d%20%C3%A9?api_key=${apiKey}`]);
    for (const name of ['.', '..', '']) {
      await expect(reader.read('GetChannelType', { path: { name } })).rejects.toThrow(/cannot be sent/);
    }
    expect(server.requests).toHaveLength(1);
  });

  test('queries that Stream wants as JSON go out in one parameter', async () => {
    const server = await standIn((_, response) => json(response, 200, { users: [] }));
    const { reader } = await connectTo(server.url);
    const query = { filter_conditions: { id: { $in: ['a b', 'c&d'] } }, limit: 2 };
    await reader.read('QueryUsers', { query });
    const sent = new URL(server.requests[0]!.split(' ')[1]!, server.url);
    expect(JSON.parse(sent.searchParams.get('payload')!)).toEqual(query);
  });

  test('writes carry their body and, when they have one, their query', async () => {
    const server = await standIn((_, response) => json(response, 200, {}));
    const { stream } = await connectTo(server.url);
    const path = { type: 'support', id: 'case-1' };
    await stream.write('UpdateMemberPartial', {
      path,
      query: { user_id: 'lena', left_out: undefined },
      body: { set: { a: 1 } },
    });
    await stream.write('DeleteChannelType', { path: { name: 'support' } });
    expect(server.requests).toEqual([
      `PATCH /channels/support/case-1/member?user_id=lena&api_key=${apiKey}`,
      `DELETE /channeltypes/support?api_key=${apiKey}`,
    ]);
    expect(server.bodies).toEqual(['{"set":{"a":1}}', '']);
  });

  test('an answer keeps fields that nobody knows, and needs no duration', async () => {
    const body = { app: { name: 'Acme', brand_new: [1] }, another: null };
    const server = await standIn((_, response) => json(response, 200, body));
    expect(await (await connectTo(server.url)).reader.read('GetApp')).toEqual(body);
  });
});

describe('the read-only guard', () => {
  test('a reader refuses everything that is not a read before a socket is opened', async () => {
    const server = await standIn((_, response) => json(response, 200, {}));
    const { reader } = await connectTo(server.url);
    const forced = reader as unknown as { read(operation: string, input?: unknown): Promise<unknown> };
    for (const operation of [
      'UpdateApp',
      'DeleteChannels',
      'GetOrCreateChannel',
      'Nonsense',
      'constructor',
      '__proto__',
    ]) {
      await expect(forced.read(operation, { body: {} })).rejects.toThrow(
        /not among the operations that read/,
      );
    }
    expect(server.requests).toEqual([]);
    expect(Object.keys(reader)).toEqual(['read']);
    expect(() => Object.assign(reader, { read: () => undefined })).toThrow();
  });

  test('a body arrives with all its keys, whatever they are called', async () => {
    const server = await standIn((_, response) => json(response, 201, {}));
    const { stream } = await connectTo(server.url);
    const body = JSON.parse('{"users":{"constructor":{"prototype":1,"__proto__":{"a":2}}}}') as Record<
      string,
      unknown
    >;
    await stream.write('UpdateUsers', { body });
    expect(server.bodies.map((text): unknown => JSON.parse(text))).toEqual([body]);
    expect(server.bodies[0]).toContain('__proto__');
  });

  test('a stream does not send reads as writes', async () => {
    const server = await standIn((_, response) => json(response, 200, {}));
    const { stream } = await connectTo(server.url);
    const forced = stream as unknown as { write(operation: string): Promise<unknown> };
    await expect(forced.write('GetApp')).rejects.toThrow(/not among the operations that write/);
    expect(server.requests).toEqual([]);
  });

  test('a reader sends queries, which are reads although they are POSTs', async () => {
    const server = await standIn((_, response) => json(response, 201, { channels: [] }));
    const reader: ReadStream = (await connectTo(server.url)).reader;
    expect(await reader.read('QueryChannels', { body: { filter_conditions: {} } })).toEqual({ channels: [] });
    expect(server.bodies).toEqual(['{"filter_conditions":{}}']);
  });
});

test('a fingerprint is the same for the same value, and another for another app', async () => {
  const [one, again, other] = await Promise.all(
    [apiSecret, apiSecret, 'another'].map((secret) => connectTo('http://127.0.0.1:1', { apiSecret: secret })),
  );
  expect(one!.fingerprint('hunter2')).toMatch(/^[0-9a-f]{12}$/);
  expect(one!.fingerprint('hunter2')).toBe(again!.fingerprint('hunter2'));
  expect(one!.fingerprint('hunter3')).not.toBe(one!.fingerprint('hunter2'));
  expect(other!.fingerprint('hunter2')).not.toBe(one!.fingerprint('hunter2'));
  const signed = token.split('.');
  expect(Buffer.from(signed[2]!, 'base64url').toString('hex')).not.toContain(
    one!.fingerprint(`${signed[0]}.${signed[1]}`),
  );
});

describe('with the emulator', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator({ app: { id: 7, name: 'Acme' } });
    return () => emulator.close();
  });

  test('an app is read, changed and read again', async () => {
    const connection = await connectTo(emulator.url, {
      apiKey: emulator.apiKey,
      apiSecret: emulator.apiSecret,
    });
    const before = await connection.reader.read('GetApp');
    expect(before).toMatchObject({ app: { id: 7, name: 'Acme' } });
    await connection.stream
      .write('UpdateApp', { body: { custom_events_enabled: true } })
      .catch(() => undefined);
    await connection.stream.write('CreateChannelType', { body: { name: 'support' } });
    expect(await connection.reader.read('GetChannelType', { path: { name: 'support' } })).toMatchObject({
      name: 'support',
    });
    expect(connection.requests()).toBe(4);
    expect(connection.limits().get('GetApp')).toMatchObject({ limit: 10_000, remaining: 9_999 });
  });

  test('what does not exist is missing, and a wrong secret is not accepted', async () => {
    const known = { apiKey: emulator.apiKey, apiSecret: emulator.apiSecret };
    const connection = await connectTo(emulator.url, known);
    await expect(
      connection.reader.read('GetChannelType', { path: { name: 'nothing' } }),
    ).rejects.toMatchObject({
      reason: 'missing',
      code: 16,
      status: 404,
    });
    const stranger = await connectTo(emulator.url, { ...known, apiSecret: 'wrong' });
    await expect(stranger.reader.read('GetApp')).rejects.toMatchObject({
      reason: 'unauthorized',
      status: 401,
    });
  });
});
