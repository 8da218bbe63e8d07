import { describe, expect, test } from 'vitest';
import { connectTo, json, quickClock, refusal, standIn } from './stand-in.ts';

const start = 1_700_000_000_000;

const limits = (remaining: number, resetInSeconds: number) => ({
  'x-ratelimit-limit': 60,
  'x-ratelimit-remaining': remaining,
  'x-ratelimit-reset': start / 1000 + resetInSeconds,
});

/** A connection whose next write has to wait for twenty seconds. */
async function waiting() {
  const clock = quickClock(start);
  const server = await standIn((_, response, count) =>
    json(response, 200, {}, limits(count === 1 ? 0 : 59, count === 1 ? 20 : 80)),
  );
  const { stream } = await connectTo(server.url, { clock, random: () => 0 });
  await stream.write('UpdateApp');
  return { clock, server, stream };
}

describe('the last question before a write', () => {
  test('is asked once the limit lets it go, and before it leaves', async () => {
    const { clock, server, stream } = await waiting();
    const asked: unknown[] = [];
    await stream.write('UpdateApp', {}, async () => {
      asked.push([clock.now() - start, server.requests.length]);
    });
    expect(asked).toEqual([[20_000, 1]]);
    expect(server.requests).toHaveLength(2);
  });

  test('keeps the write back when it is answered with no, and lets the next one go', async () => {
    const { server, stream } = await waiting();
    const no = new Error('no');
    const kept = stream.write('UpdateApp', {}, () => Promise.reject(no));
    const next = stream.write('UpdateApp', { body: { name: 'next' } });
    await expect(kept).rejects.toBe(no);
    expect(await next).toEqual({});
    expect(server.bodies.slice(1)).toEqual(['{"name":"next"}']);
  });

  test('is asked again when Stream refused and the write waits once more', async () => {
    const clock = quickClock(start);
    const server = await standIn((_, response, count) =>
      count === 1
        ? json(response, 429, refusal(9, 429, 'Too many requests'), limits(0, 20))
        : json(response, 200, {}, limits(59, 80)),
    );
    const { stream } = await connectTo(server.url, { clock, random: () => 0 });
    const asked: number[] = [];
    await stream.write('UpdateApp', {}, async () => void asked.push(clock.now() - start));
    expect(asked).toEqual([0, 20_000]);
  });

  test('may read meanwhile, however few requests go at once', async () => {
    const server = await standIn((_, response) => json(response, 200, { ok: 1 }));
    const { reader, stream } = await connectTo(server.url, { concurrency: 1 });
    await stream.write('UpdateApp', {}, async () => void (await reader.read('GetApp')));
    expect(server.requests.map((request) => request.split(' ')[0])).toEqual(['GET', 'PATCH']);
  });
});
