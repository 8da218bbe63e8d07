import { inspect } from 'node:util';
import { createServer as createTlsServer } from 'node:tls';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FailureReason } from '../../src/model/stream.ts';
import { apiKey, apiSecret, connectTo, failureOf, json, refusal, standIn, token } from './stand-in.ts';

const html = '<!DOCTYPE html><html><body>Not found</body></html>';

describe('why a request failed', () => {
  const answers: readonly [string, FailureReason, number | undefined, (response: ServerResponse) => void][] =
    [
      ['404 with code 16', 'missing', 16, (r) => json(r, 404, refusal(16, 404, "Can't find channel"))],
      ['404 with another code', 'refused', 4, (r) => json(r, 404, refusal(4, 404, 'no such endpoint'))],
      [
        '400 with code 16',
        'refused',
        16,
        (r) => json(r, 400, refusal(16, 400, 'channel type does not exist')),
      ],
      ['a 404 page of a proxy', 'unclear', undefined, (r) => r.writeHead(404).end(html)],
      [
        'a 404 of another JSON API',
        'unclear',
        undefined,
        (r) => json(r, 404, { error: 'no route', code: '16' }),
      ],
      ['a 404 with nothing', 'unclear', undefined, (r) => r.writeHead(404).end()],
      ['401', 'unauthorized', 5, (r) => json(r, 401, refusal(5, 401, 'signature is wrong'))],
      ['a 401 page', 'unauthorized', undefined, (r) => r.writeHead(401).end(html)],
      ['407 of a proxy', 'unsent', undefined, (r) => r.writeHead(407).end(html)],
      ['403', 'refused', 17, (r) => json(r, 403, refusal(17, 403, 'not allowed'))],
      ['413', 'refused', 22, (r) => json(r, 413, refusal(22, 413, 'too big'))],
      ['408', 'unclear', 23, (r) => json(r, 408, refusal(23, 408, 'timed out'))],
      ['500', 'unclear', -1, (r) => json(r, 500, refusal(-1, 500, 'internal'))],
      ['a 502 page', 'unclear', undefined, (r) => r.writeHead(502).end(html)],
      [
        'a 200 page',
        'unclear',
        undefined,
        (r) => r.writeHead(200, { 'content-type': 'text/html' }).end(html),
      ],
      ['truncated JSON', 'unclear', undefined, (r) => r.writeHead(200).end('{"app":{"na')],
      ['a list', 'unclear', undefined, (r) => json(r, 200, [])],
      ['null', 'unclear', undefined, (r) => json(r, 200, null)],
      ['a 500 that says null', 'unclear', undefined, (r) => json(r, 500, null)],
      ['204', 'unclear', undefined, (r) => r.writeHead(204).end()],
      ['a broken connection', 'unclear', undefined, (r) => r.destroy()],
      [
        'half an answer',
        'unclear',
        undefined,
        (r) => r.writeHead(200, { 'content-length': 100 }).write('{"a":', () => r.destroy()),
      ],
    ];

  test.each(answers)('%s → %s', async (_, reason, code, answer) => {
    const server = await standIn((_request, response) => answer(response));
    const { stream } = await connectTo(server.url);
    const failure = await failureOf(stream.write('UpdateApp', { body: {} }));
    expect(failure).toMatchObject({ reason, code, operation: 'UpdateApp' });
    expect(server.requests).toHaveLength(1);
  });

  test('no server → unsent, in words', async () => {
    const failure = await failureOf((await connectTo('http://127.0.0.1:1')).stream.write('UpdateApp'));
    expect(failure).toMatchObject({
      reason: 'unsent',
      message: 'cannot reach http://127.0.0.1:1: connection refused',
    });
  });

  test('no such host → unsent', async () => {
    const failure = await failureOf((await connectTo('https://stream.invalid')).stream.write('UpdateApp'));
    expect(failure.reason).toBe('unsent');
    expect(failure.message).toMatch(/^cannot reach https:\/\/stream\.invalid: /);
  });

  test('a server that does not speak TLS → unsent', async () => {
    const server = await standIn((_, response) => json(response, 200, {}));
    const failure = await failureOf(
      (await connectTo(server.url.replace('http:', 'https:'))).stream.write('UpdateApp'),
    );
    expect(failure.reason).toBe('unsent');
    expect(server.requests).toEqual([]);
  });

  test('a server without a certificate → not done, and not left open', async () => {
    const server = createTlsServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await failureOf((await connectTo(url)).stream.write('UpdateApp'))).reason).toBe('unsent');
  });

  test.each([
    ['before the headers', () => undefined],
    ['inside the body', (response: ServerResponse) => void response.writeHead(200).write('{"app":')],
  ])('a server that stops answering %s → unclear after the time allowed', async (_, begin) => {
    const server = await standIn((_request, response) => begin(response));
    const { stream } = await connectTo(server.url, { timeoutMs: 100 });
    const failure = await failureOf(stream.write('UpdateApp', { body: {} }));
    expect(failure).toMatchObject({ reason: 'unclear', status: undefined });
    expect(failure.message).toBe(`${server.url} did not answer within 0.1 s`);
  });
});

describe('what a failure says', () => {
  test("Stream's own words, on one line", async () => {
    const said = 'UpdateApp failed with error: "bad\u001b[31m\r\nfield\u0000 \u009b2J"';
    const server = await standIn((_, response) => json(response, 400, refusal(4, 400, said)));
    const failure = await failureOf((await connectTo(server.url)).stream.write('UpdateApp'));
    expect(failure.message).toBe('UpdateApp failed with error: "bad [31m field   2J"');
  });

  test('what came instead of an answer, without repeating it', async () => {
    const server = await standIn((_, response) => response.writeHead(200).end(html));
    const failure = await failureOf((await connectTo(server.url)).stream.write('UpdateApp'));
    expect(failure.message).toBe(
      `${server.url} answered HTTP 200 with a web page, not with what Stream answers`,
    );
  });

  test('never the secret, the token, the query or the body, even when the server repeats them', async () => {
    const server = await standIn((request, response, count) => {
      const echo = `you sent ${request.headers.authorization} ${apiSecret}`;
      if (count === 1) json(response, 400, refusal(4, 400, echo), { 'x-echo': token });
      else if (count === 2)
        response.writeHead(302, { location: `/login?token=${token}&was=${request.url}` }).end();
      else if (count === 3) response.writeHead(500).end(echo);
      else if (count === 4) json(response, 429, refusal(9, 429, echo), { 'x-ratelimit-limit': 60 });
      else response.destroy();
    });
    const { stream, reader, events } = await connectTo(server.url);
    const body = { agora_options: { app_certificate: 'canary-body' } };
    const failures = [
      await failureOf(stream.write('UpdateApp', { body })),
      await failureOf(stream.write('UpdateApp', { body })),
      await failureOf(stream.write('UpdateApp', { body })),
      await failureOf(stream.write('UpdateApp', { body })),
      await failureOf(reader.read('QueryUsers', { query: { filter: 'canary-query' } })),
      await failureOf((await connectTo('http://127.0.0.1:1')).stream.write('UpdateApp', { body })),
    ];
    const seen = [...failures, ...events]
      .flatMap((one) => [
        inspect(one, { depth: 20, showHidden: true }),
        JSON.stringify(one),
        String(one),
        String((one as Error).stack),
      ])
      .join('\n');
    for (const canary of [
      apiSecret,
      token,
      token.split('.')[2]!,
      'canary-body',
      'canary-query',
      'authorization',
      apiKey,
    ]) {
      expect(seen).not.toContain(canary);
    }
  });

  test.each([
    ['the secret in base64', Buffer.from(apiSecret).toString('base64')],
    ['the parts of the token', token.split('.').join(' ')],
    ['the token in a URL', `token=${token.replaceAll('.', '%2E')}`],
  ])('never %s, also where a long message is cut', async (_, echo) => {
    const long = `${'x'.repeat(980)} ${echo} ${'y '.repeat(500)}`;
    const server = await standIn((_request, response, count) =>
      json(response, 400, refusal(4, 400, count === 1 ? `you sent ${echo}` : long)),
    );
    const { stream } = await connectTo(server.url);
    const short = await failureOf(stream.write('UpdateApp'));
    expect(short.message).toMatch(/^you sent (token=)?(\(hidden\)=*[ .]?)+$/);
    const cut = await failureOf(stream.write('UpdateApp'));
    for (const part of echo.split(/[ =]+/).filter((text) => text.length > 5))
      expect(cut.message).not.toContain(part.slice(0, 8));
  });
});
