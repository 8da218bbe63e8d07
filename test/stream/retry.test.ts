import { describe, expect, test } from 'vitest';
import { connectTo, failureOf, json, quickClock, refusal, standIn } from './stand-in.ts';

const start = 1_700_000_000_000;

function limitHeaders(limit: number, remaining: number, resetInSeconds: number): Record<string, number> {
  return {
    'x-ratelimit-limit': limit,
    'x-ratelimit-remaining': remaining,
    'x-ratelimit-reset': start / 1000 + resetInSeconds,
  };
}

describe('what is repeated', () => {
  test.each([
    ['a broken connection', (r: { destroy(): void }) => r.destroy()],
    ['a 500', (r: Parameters<typeof json>[0]) => json(r, 500, refusal(-1, 500, 'internal'))],
    ['a page', (r: Parameters<typeof json>[0]) => r.writeHead(200).end('<html>')],
  ])('a read after %s', async (_, odd) => {
    const server = await standIn((_request, response, count) =>
      count < 4 ? odd(response) : json(response, 200, { ok: 1 }),
    );
    const clock = quickClock();
    const { reader, requests, events } = await connectTo(server.url, { clock });
    expect(await reader.read('GetApp')).toEqual({ ok: 1 });
    expect(requests()).toBe(4);
    expect(clock.slept).toEqual([200, 400, 800]);
    expect(events.filter((event) => event.type === 'answered').map((event) => event.attempt)).toEqual([
      1, 2, 3, 4,
    ]);
  });

  test('a read at most four times', async () => {
    const server = await standIn((_, response) => response.destroy());
    expect((await failureOf((await connectTo(server.url)).reader.read('GetApp'))).reason).toBe('unclear');
    expect(server.requests).toHaveLength(4);
  });

  test('no read that Stream refused', async () => {
    const server = await standIn((_, response) => json(response, 403, refusal(17, 403, 'no')));
    await failureOf((await connectTo(server.url)).reader.read('GetApp'));
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['a broken connection', (r: { destroy(): void }) => r.destroy()],
    ['a 500', (r: Parameters<typeof json>[0]) => json(r, 500, refusal(-1, 500, 'internal'))],
  ])('no write after %s', async (_, odd) => {
    const server = await standIn((_request, response) => odd(response));
    expect((await failureOf((await connectTo(server.url)).stream.write('UpdateApp'))).reason).toBe('unclear');
    expect(server.requests).toHaveLength(1);
  });
});

describe('429, which did nothing', () => {
  test('a write is repeated at the reset that the answer names', async () => {
    const server = await standIn((_, response, count) =>
      count === 1
        ? json(response, 429, refusal(9, 429, 'Too many requests'), limitHeaders(60, 0, 20))
        : json(response, 200, { ok: 1 }),
    );
    const clock = quickClock(start);
    const { stream, events } = await connectTo(server.url, { clock, random: () => 0 });
    expect(await stream.write('UpdateApp')).toEqual({ ok: 1 });
    expect(clock.slept).toEqual([20_000]);
    expect(events).toContainEqual({
      type: 'waiting',
      operation: 'UpdateApp',
      why: 'limit',
      milliseconds: 20_000,
    });
  });

  test('Retry-After counts before the reset', async () => {
    const server = await standIn((_, response, count) =>
      count === 1
        ? json(response, 429, refusal(9, 429, 'no'), { 'retry-after': 3 })
        : json(response, 200, {}),
    );
    const clock = quickClock();
    await (await connectTo(server.url, { clock, random: () => 0 })).stream.write('UpdateApp');
    expect(clock.slept).toEqual([3000]);
  });

  test('without a hint a whole minute is waited, and the eighth refusal is the last', async () => {
    const server = await standIn((_, response) => response.writeHead(429).end('slow down'));
    const clock = quickClock();
    const failure = await failureOf(
      (await connectTo(server.url, { clock, random: () => 0 })).stream.write('UpdateApp'),
    );
    expect(failure).toMatchObject({ reason: 'limited', status: 429 });
    expect(clock.slept).toEqual(Array.from({ length: 7 }, () => 60_000));
    expect(server.requests).toHaveLength(8);
  });

  test('without a hint the reset counts that an earlier answer named', async () => {
    const server = await standIn((_, response, count) =>
      count === 2
        ? response.writeHead(429).end('slow down')
        : json(response, 200, {}, limitHeaders(300, 200, count === 1 ? 40 : 100)),
    );
    const clock = quickClock(start);
    const { stream } = await connectTo(server.url, { clock, quota: 1, random: () => 0 });
    await stream.write('UpdateUsers');
    await stream.wait(10_000);
    await stream.write('UpdateUsers');
    expect(clock.slept).toEqual([10_000, 30_000]);
  });

  test.each([
    ['seconds', '3', 3000],
    ['a date', new Date(start + 7000).toUTCString(), 7000],
    ['a date that is over, which is the next second', new Date(start - 7000).toUTCString(), 1000],
    ['words, which are no hint', 'soon', 60_000],
    ['an hour, which nobody waits for', '3600', 120_000],
  ])('Retry-After may be %s', async (_, after, waited) => {
    const server = await standIn((_request, response, count) =>
      count === 1
        ? json(response, 429, refusal(9, 429, 'no'), { 'retry-after': after })
        : json(response, 200, {}),
    );
    const clock = quickClock(start);
    await (await connectTo(server.url, { clock, random: () => 0 })).stream.write('UpdateApp');
    expect(clock.slept).toEqual([waited]);
  });

  test('with something left of the minute it was the second, so the next one will do', async () => {
    const server = await standIn((_, response, count) =>
      count === 1
        ? json(response, 429, refusal(9, 429, 'no'), limitHeaders(60, 50, 45))
        : json(response, 200, {}),
    );
    const clock = quickClock(start);
    await (await connectTo(server.url, { clock, random: () => 0 })).stream.write('UpdateApp');
    expect(clock.slept).toEqual([1000]);
  });

  test('holds back whatever waits for the same operation, so that it is refused once', async () => {
    const clock = quickClock(start);
    let refused = 0;
    const server = await standIn((_, response) => {
      if (clock.now() >= start + 20_000) return json(response, 200, {}, limitHeaders(300, 200, 80));
      refused += 1;
      return json(response, 429, refusal(9, 429, 'no'), limitHeaders(300, 0, 20));
    });
    const { stream } = await connectTo(server.url, { clock, random: () => 0, concurrency: 1 });
    await Promise.all(Array.from({ length: 5 }, () => stream.write('UpdateUsers')));
    expect(refused).toBe(1);
    expect(server.requests).toHaveLength(6);
  });
});

describe('limits', () => {
  test('with nothing left the next request waits for the reset instead of being refused', async () => {
    const clock = quickClock(start);
    const server = await standIn((_, response, count) =>
      json(response, 200, {}, limitHeaders(60, count === 1 ? 0 : 59, count === 1 ? 15 : 75)),
    );
    const { stream, limits } = await connectTo(server.url, { clock, random: () => 0 });
    await stream.write('UpdateApp');
    expect(limits().get('UpdateApp')).toEqual({ limit: 60, remaining: 0, resetAt: start + 15_000 });
    await stream.write('UpdateApp');
    expect(clock.slept).toEqual([15_000]);
  });

  test('what is left counts for requests that are under way, too', async () => {
    const clock = quickClock(start);
    let count = 0;
    const server = await standIn((_, response) => {
      count += 1;
      const left = clock.now() < start + 30_000 ? Math.max(0, 100 - 97 - count) : 50;
      json(response, 200, {}, limitHeaders(100, left, clock.now() < start + 30_000 ? 30 : 90));
    });
    const { stream } = await connectTo(server.url, { clock, random: () => 0 });
    await stream.write('UpdateUsers', { body: {} });
    await Promise.all(Array.from({ length: 5 }, () => stream.write('UpdateUsers', { body: {} })));
    expect(server.requests).toHaveLength(6);
    expect(clock.slept.some((slept) => slept === 30_000)).toBe(true);
  });

  test('one operation that waits does not hold another', async () => {
    const server = await standIn((request, response) => {
      const empty = request.url?.startsWith('/channeltypes') === true;
      json(response, 200, {}, empty ? limitHeaders(60, 0, 40) : limitHeaders(10_000, 9000, 40));
    });
    const clock = quickClock(start);
    const { reader } = await connectTo(server.url, { clock });
    await reader.read('ListChannelTypes');
    await reader.read('GetApp');
    expect(clock.slept).toEqual([]);
  });

  test('the share of a thirtieth that a second allows is spread evenly, even when it is less than one', async () => {
    const clock = quickClock(start);
    const times: number[] = [];
    const server = await standIn((_, response, count) => {
      times.push(clock.now() - start);
      json(response, 200, {}, limitHeaders(60, 60 - count, 50));
    });
    const { stream } = await connectTo(server.url, { clock, random: () => 0, quota: 0.25 });
    for (let count = 0; count < 3; count += 1) await stream.write('UpdateApp');
    expect(times).toEqual([0, 2000, 4000]);
  });

  test('a new minute is waited for when only the reserve of the live application is left', async () => {
    const clock = quickClock(start);
    const left = [31, 30, 59];
    const server = await standIn((_, response, count) =>
      json(response, 200, {}, limitHeaders(60, left[count - 1] ?? 0, count < 3 ? 30 : 90)),
    );
    const { stream } = await connectTo(server.url, { clock, random: () => 0, quota: 0.5 });
    for (let count = 0; count < 3; count += 1) await stream.write('UpdateApp');
    expect(clock.slept).toEqual([1000, 29_000]);
  });

  test('a broken answer that tells no limits does not mean that there are none', async () => {
    const clock = quickClock(start);
    const server = await standIn((_, response) => json(response, 502, {}));
    const { stream } = await connectTo(server.url, { clock, random: () => 0 });
    for (let count = 0; count < 3; count += 1) await failureOf(stream.write('UpdateApp'));
    expect(clock.slept).toEqual([625, 625]);
  });

  test('a limit of one a minute lets one go, however small the share', async () => {
    const clock = quickClock(start);
    const server = await standIn((_, response, count) =>
      json(response, 200, {}, limitHeaders(1, 0, count * 60)),
    );
    const { stream } = await connectTo(server.url, { clock, random: () => 0, quota: 0.5 });
    await stream.write('UpdateApp');
    await stream.write('UpdateApp');
    expect(clock.slept).toEqual([60_000]);
  });

  test('what GET /rate_limits tells of servers holds from the first request on', async () => {
    const clock = quickClock(start);
    const told = (remaining: unknown) => ({ limit: 60, remaining, reset: start / 1000 + 20 });
    const server = await standIn((_, response) =>
      json(response, 200, {
        server_side: { UpdateApp: told(0), CreateRole: told('many'), NotOurs: told(0) },
        ios: { CreateChannelType: told(0) },
      }),
    );
    const { reader, stream, limits } = await connectTo(server.url, { clock, random: () => 0 });
    await reader.read('GetRateLimits', { query: { server_side: true } });
    expect([...limits().keys()]).toEqual(['UpdateApp']);
    await stream.write('CreateChannelType');
    await stream.write('CreateRole');
    expect(clock.slept).toEqual([]);
    await stream.write('UpdateApp');
    expect(clock.slept).toEqual([20_000]);
  });

  test('whoever waits for a reset comes a little after it', async () => {
    const clock = quickClock(start);
    const server = await standIn((_, response, count) =>
      json(response, 200, {}, limitHeaders(60, count === 1 ? 0 : 59, count === 1 ? 15 : 75)),
    );
    const { stream } = await connectTo(server.url, { clock, random: () => 0.5 });
    await stream.write('UpdateApp');
    await stream.write('UpdateApp');
    expect(clock.slept).toEqual([15_100]);
  });

  test('an app that tells no limits is not held back', async () => {
    const clock = quickClock(start);
    const server = await standIn((_, response) => json(response, 200, {}));
    const { stream } = await connectTo(server.url, { clock });
    for (let count = 0; count < 100; count += 1) await stream.write('UpdateApp');
    expect(clock.slept).toEqual([]);
  });

  test.each([0, 1.01, -1, Number.NaN])('a share of %s is no share', async (quota) => {
    await expect(connectTo('http://127.0.0.1:1', { quota })).rejects.toThrow(/quota must be above 0/);
  });

  test('a server whose clock is far ahead costs no more than a minute', async () => {
    const clock = quickClock(start);
    const server = await standIn((_, response, count) =>
      json(response, 200, {}, limitHeaders(60, count === 1 ? 0 : 9, 90_000)),
    );
    const { stream } = await connectTo(server.url, { clock, random: () => 0 });
    await stream.write('UpdateApp');
    await stream.write('UpdateApp');
    expect(clock.slept).toEqual([60_000]);
  });

  test('odd header values are no limits', async () => {
    const server = await standIn((_, response) =>
      json(
        response,
        200,
        {},
        { 'x-ratelimit-limit': 'many', 'x-ratelimit-remaining': '-1', 'x-ratelimit-reset': '1e9' },
      ),
    );
    const { reader, limits } = await connectTo(server.url);
    await reader.read('GetApp');
    expect(limits().size).toBe(0);
  });

  test('so many requests are under way at once, and no more', async () => {
    let underWay = 0;
    let most = 0;
    const server = await standIn((_, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      setTimeout(() => {
        underWay -= 1;
        json(response, 200, {});
      }, 10);
    });
    const { reader, requests } = await connectTo(server.url, { concurrency: 3 });
    await Promise.all(Array.from({ length: 12 }, () => reader.read('GetApp')));
    expect(requests()).toBe(12);
    expect(most).toBe(3);
  });
});

describe('a run that is stopped', () => {
  test('sends nothing more, and lets finish what is under way', async () => {
    const stop = new AbortController();
    const server = await standIn((_, response) => {
      stop.abort();
      setTimeout(() => json(response, 200, { done: true }), 30);
    });
    const { stream } = await connectTo(server.url, { signal: stop.signal, concurrency: 1 });
    const first = stream.write('UpdateApp');
    const second = failureOf(stream.write('UpdateUsers', { body: {} }));
    expect(await first).toEqual({ done: true });
    expect((await second).reason).toBe('aborted');
    expect((await failureOf(stream.read('GetApp'))).reason).toBe('aborted');
    expect(server.requests).toHaveLength(1);
  });

  test('ends every wait at once', async () => {
    const stop = new AbortController();
    const server = await standIn((_, response) =>
      json(response, 429, refusal(9, 429, 'no'), { 'retry-after': 60 }),
    );
    const { systemClock } = await import('../../src/stream/clock.ts');
    const { stream } = await connectTo(server.url, { signal: stop.signal, clock: systemClock });
    const began = Date.now();
    const waits = [failureOf(stream.write('UpdateApp')), failureOf(stream.wait(60_000))];
    setTimeout(() => stop.abort(), 50);
    expect((await Promise.all(waits)).map((failure) => failure.reason)).toEqual(['aborted', 'aborted']);
    expect(Date.now() - began).toBeLessThan(5000);
    expect(server.requests).toHaveLength(1);
  });

  test('sends nothing of what waits for a limit, or behind what does', async () => {
    const stop = new AbortController();
    const server = await standIn((_, response) => json(response, 200, {}, limitHeaders(60, 0, 30)));
    const { systemClock } = await import('../../src/stream/clock.ts');
    const { stream, events } = await connectTo(server.url, {
      signal: stop.signal,
      clock: { now: () => start, sleep: systemClock.sleep },
    });
    await stream.write('UpdateApp');
    const waits = [failureOf(stream.write('UpdateApp')), failureOf(stream.write('UpdateApp'))];
    await new Promise((resolve) => setImmediate(resolve));
    expect(events.at(-1)).toMatchObject({ type: 'waiting', why: 'limit' });
    stop.abort();
    expect((await Promise.all(waits)).map(({ reason }) => reason)).toEqual(['aborted', 'aborted']);
    expect(server.requests).toHaveLength(1);
  });

  test('every request that leaves is told, and what became of it', async () => {
    const server = await standIn((_, response, count) =>
      count === 1 ? response.destroy() : json(response, 200, {}),
    );
    const { reader, events } = await connectTo(server.url);
    await reader.read('GetApp');
    expect(events.map(({ type }) => type)).toEqual(['sent', 'answered', 'waiting', 'sent', 'answered']);
  });

  test('a wait resolves when nobody stops it', async () => {
    const clock = quickClock();
    const { stream } = await connectTo('http://127.0.0.1:1', { clock });
    await stream.wait(500);
    expect(clock.slept).toEqual([500]);
  });
});
