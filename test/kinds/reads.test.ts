import { describe, expect, it } from 'vitest';
import { completed, queryChannels } from '../../src/kinds/channel-data/read.ts';
import { catalogues } from '../../src/kinds/names.ts';
import { registry } from '../../src/kinds/registry.ts';
import { queryUsers } from '../../src/kinds/user/read.ts';
import type { Kind } from '../../src/model/kind.ts';
import type { Answer, Input, ReadStream } from '../../src/model/stream.ts';

/** What half an answer is taken for: never for absence, and never for the whole. */

function streamOf(answer: (input: Input) => Answer): ReadStream {
  return { read: async (_operation, input = {}) => answer(input) };
}

const kindOf = (name: string) => registry.kinds.find((kind) => kind.name === name) as Kind;
const unclear = (operation: string) => ({ reason: 'unclear', operation });

describe('an answer without its payload', () => {
  it.each([
    ['nothing', {}],
    ['null', { app: null, channel_types: null, users: null, channels: null }],
    ['something else', { app: [], channel_types: [], users: {}, channels: {} }],
  ])('is not taken for absence: %s', async (_name, answer) => {
    const stream = streamOf(() => answer);
    await expect(kindOf('app_settings').read(stream, [])).rejects.toMatchObject(unclear('GetApp'));
    await expect(kindOf('channel_type').read(stream, [])).rejects.toMatchObject(unclear('ListChannelTypes'));
    await expect(kindOf('channel_type').known?.(stream, [])).rejects.toMatchObject(
      unclear('ListChannelTypes'),
    );
    await expect(queryUsers(stream, ['lena'])).rejects.toMatchObject(unclear('QueryUsers'));
    await expect(queryChannels(stream, ['a:b'], () => false)).rejects.toMatchObject(unclear('QueryChannels'));
    for (const catalogue of catalogues)
      await expect(catalogue.known(stream, ['x']), catalogue.name).rejects.toMatchObject({
        reason: 'unclear',
      });
  });

  it('is none either when its rows say nothing about whom they are of', async () => {
    await expect(
      queryUsers(
        streamOf(() => ({ users: [{}] })),
        ['lena'],
      ),
    ).rejects.toMatchObject(unclear('QueryUsers'));
    await expect(
      queryChannels(
        streamOf(() => ({ channels: [{ channel: {} }] })),
        ['a:b'],
        () => false,
      ),
    ).rejects.toMatchObject(unclear('QueryChannels'));
  });
});

describe('the members of a channel', () => {
  const ids = Array.from({ length: 230 }, (_, index) => `m-${String(index).padStart(3, '0')}`);
  const rows = (some: readonly string[]) => some.map((user_id) => ({ user_id }));
  const row = (member_count: number | undefined, members: unknown) => ({
    channel: { type: 'a', id: 'b', cid: 'a:b', ...(member_count === undefined ? {} : { member_count }) },
    ...(members === undefined ? {} : { members }),
  });
  let asked = 0;
  /** A server of pages, which may know `user_id_gt` or not. */
  const pages = (knows: boolean, all = ids, size = 100) => {
    asked = 0;
    return streamOf(({ query }) => {
      asked++;
      const after = knows ? String(query?.['user_id_gt'] ?? '') : '';
      return { members: rows(all.filter((id) => id > after).slice(0, size)) };
    });
  };
  const none = streamOf(() => {
    throw new Error('nothing to ask for');
  });

  it('are whole when all of them came, by one list or by pages, of any size', async () => {
    const whole = [
      await completed(pages(true), row(230, rows(ids.slice(0, 100))), true),
      await completed(pages(true), row(undefined, rows(ids.slice(0, 100))), true),
      await completed(pages(true, ids, 30), row(230, rows(ids.slice(0, 30))), true),
    ];
    for (const { members } of whole) expect(members).toHaveLength(230);
    expect((await completed(none, row(2, rows(['a', 'b'])), true)).members).toHaveLength(2);
    expect((await completed(none, row(undefined, rows(['a'])), true)).members).toHaveLength(1);
    expect((await completed(none, row(100, rows(ids.slice(0, 100))), true)).members).toHaveLength(100);
  });

  it('are unknown when pages repeat, with a count and without', async () => {
    for (const count of [230, undefined]) {
      const { members, why } = await completed(pages(false), row(count, rows(ids.slice(0, 100))), true);
      expect(members).toBeUndefined();
      expect(why).toContain('Stream told 100 of');
      expect(asked).toBe(2);
    }
  });

  it('are unknown when one is told twice and another not at all', async () => {
    const { members } = await completed(pages(true, ['a', 'b']), row(3, rows(['a', 'b', 'b'])), true);
    expect(members).toBeUndefined();
  });

  it('are unknown when the row has no list of them, unless there are none', async () => {
    expect((await completed(none, row(2, undefined), true)).why).toBe('Stream told no members');
    expect((await completed(none, row(undefined, undefined), true)).why).toBe('Stream told no members');
    expect(await completed(none, row(0, undefined), true)).toMatchObject({ members: [] });
    expect((await completed(none, row(2, undefined), false)).why).toBeUndefined();
  });
});
