import type { Address } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import type { Bounded, Reach } from '../model/danger.ts';
import { StreamFailure, type ReadStream } from '../model/stream.ts';
import { heldList } from './answers.ts';
import { treeAt, type Tree } from './values.ts';

/** Rows that a query answers at most. */
const PAGE = 30;
/** The last offset that a query takes. */
const FARTHEST = 1000;
/** Objects of a kind that are counted for; every one costs up to 11 requests. */
const MOST = 20;

/** The members that Stream told along with a channel that exists; costs no request. */
export async function channelReach(
  _stream: ReadStream,
  changes: readonly Change[],
): Promise<ReadonlyMap<Address, Reach>> {
  const reach = new Map<Address, Reach>();
  for (const change of changes) {
    if (change.action !== 'update' && change.action !== 'delete') continue;
    const members = memberCount(change.raw);
    if (members === undefined) continue;
    reach.set(change.address, {
      channels: { count: 1, more: false },
      members: { count: members, more: false },
    });
  }
  return reach;
}

/** The channels of each of these types, and the members of the first of them. */
export async function typeReach(
  stream: ReadStream,
  changes: readonly Change[],
): Promise<ReadonlyMap<Address, Reach>> {
  const known = changes.filter(({ action }) => action === 'update' || action === 'delete');
  return eachReach(known, async ({ key }) => counted(stream, { type: key }));
}

/** The channels that each of these users is a member of. */
export async function userReach(
  stream: ReadStream,
  changes: readonly Change[],
): Promise<ReadonlyMap<Address, Reach>> {
  // Of many users who change, the first twenty would say nothing about the rest.
  if (changes.length > MOST) return new Map();
  return eachReach(changes, async ({ key }) => {
    const { channels } = await counted(stream, { members: { $in: [key] } });
    return channels === undefined ? {} : { channels };
  });
}

/** Whatever cannot be counted is left out: this only informs. */
async function eachReach(
  changes: readonly Change[],
  reachOf: (change: Change) => Promise<Reach>,
): Promise<ReadonlyMap<Address, Reach>> {
  const reach = new Map<Address, Reach>();
  await Promise.all(
    changes.slice(0, MOST).map(async (change) => {
      try {
        reach.set(change.address, await reachOf(change));
      } catch (error) {
        if (!(error instanceof StreamFailure) || error.reason === 'aborted') throw error;
      }
    }),
  );
  return reach;
}

/** Channels for which a filter holds, but for disabled ones, which queries leave out. */
async function counted(stream: ReadStream, filter: Tree): Promise<Reach> {
  const rows = await channelPage(stream, filter, { limit: PAGE });
  const channels =
    rows.length < PAGE ? { count: rows.length, more: false } : await channelCount(stream, filter);
  const counts = rows.map(memberCount);
  const members = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const more = channels.more || channels.count > rows.length || counts.includes(undefined);
  return { channels, members: { count: members, more } };
}

/** The first offset at which nothing is found is the number of channels. */
async function channelCount(stream: ReadStream, filter: Tree): Promise<Bounded> {
  let low = PAGE;
  let high = FARTHEST + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const rows = await channelPage(stream, filter, { limit: 1, offset: middle });
    if (rows.length > 0) low = middle + 1;
    else high = middle;
  }
  return low > FARTHEST ? { count: FARTHEST, more: true } : { count: low, more: false };
}

/** One page of the channels for which a filter holds, without what is in them. */
export async function channelPage(
  stream: ReadStream,
  filter: Tree,
  window: { readonly limit: number; readonly offset?: number },
): Promise<readonly Tree[]> {
  const answer = await stream.read('QueryChannels', {
    body: {
      filter_conditions: filter,
      sort: [],
      state: false,
      watch: false,
      presence: false,
      member_limit: 0,
      message_limit: 0,
      ...window,
    },
  });
  return heldList(answer, 'QueryChannels', 'channels');
}

function memberCount(row: Tree): number | undefined {
  const count = treeAt(row['channel'])['member_count'];
  return typeof count === 'number' ? count : undefined;
}
