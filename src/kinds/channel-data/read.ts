import type { Address } from '../../model/address.ts';
import type { Removal, Resource } from '../../model/resource.ts';
import type { Answer, ReadStream } from '../../model/stream.ts';
import { held, heldList, heldText } from '../answers.ts';
import { inGroups } from '../batches.ts';
import { textAt, treeAt, type Tree } from '../values.ts';
import { memberId, type DeclaredChannel } from './form.ts';

/** Rows that a query answers at most: a larger limit is cut without a word. */
const PAGE = 30;
/** Members that a row or a page of members holds at most. */
const MEMBERS = 100;
/** Channel ids in the second question about channels that the first did not find. */
const SECOND_LOOK = 100;

/** A channel with its members; `members` is undefined when some could not be read, and `why` says so. */
export interface ChannelRow {
  readonly raw: Answer;
  readonly channel: Tree;
  readonly members: readonly Tree[] | undefined;
  readonly why?: string;
}

/**
 * These channels as Stream has them, by CID: 30 a request with up to 100 members each, the rest of a big channel by
 * pages. Queries leave disabled channels out, so those that are not found are asked for once more as disabled ones.
 */
export async function queryChannels(
  stream: ReadStream,
  cids: readonly string[],
  withMembers: (cid: string) => boolean,
): Promise<ReadonlyMap<string, ChannelRow>> {
  const pages = await Promise.all(
    inGroups(cids, PAGE).map((group) => rows(stream, { cid: { $in: group } }, group.some(withMembers))),
  );
  const found = new Map(pages.flat().map((row) => [cidOf(row), row]));
  const missing = cids.filter((cid) => !found.has(cid));
  const second = await Promise.all(
    inGroups(missing, SECOND_LOOK).map((group) => disabledRows(stream, group, group.some(withMembers))),
  );
  for (const row of second.flat()) found.set(cidOf(row), row);
  const whole = await Promise.all(
    [...found.values()].map((row) => completed(stream, row, withMembers(cidOf(row)))),
  );
  return new Map(whole.map((row) => [textAt(row.channel, 'cid') ?? '', row]));
}

/** The types of those whose overrides are declared, by address: what is overridden shows only beside the type. */
export async function overriddenTypes(
  stream: ReadStream,
  wanted: readonly (Removal | Resource<DeclaredChannel>)[],
): Promise<ReadonlyMap<Address, Tree>> {
  const overriding = wanted.filter((one) =>
    'declared' in one
      ? one.declared.config_overrides !== undefined
      : one.undoes?.some(({ path }) => path[0] === 'config_overrides') === true,
  );
  if (overriding.length === 0) return new Map();
  const types = held(await stream.read('ListChannelTypes'), 'ListChannelTypes', 'channel_types');
  return new Map(
    overriding.map(({ address, key }) => [address, treeAt(types[key.slice(0, key.indexOf(':'))])]),
  );
}

/** One page of rows for a filter. */
export async function rows(
  stream: ReadStream,
  filter: Tree,
  withMembers: boolean,
): Promise<readonly Answer[]> {
  const answer = await stream.read('QueryChannels', {
    body: {
      filter_conditions: filter,
      sort: [],
      state: true,
      watch: false,
      presence: false,
      limit: PAGE,
      member_limit: withMembers ? MEMBERS : 0,
      message_limit: 0,
    },
  });
  const found = heldList(answer, 'QueryChannels', 'channels');
  for (const row of found) heldText(held(row, 'QueryChannels', 'channel'), 'QueryChannels', 'cid');
  return found;
}

/** Disabled ones among these; a full page may hide others, so the group is then asked for in smaller parts. */
async function disabledRows(
  stream: ReadStream,
  cids: readonly string[],
  withMembers: boolean,
): Promise<readonly Answer[]> {
  const found = await rows(stream, { cid: { $in: cids }, disabled: true }, withMembers);
  if (found.length < PAGE || cids.length <= PAGE) return found;
  const parts = await Promise.all(
    inGroups(cids, PAGE).map((group) => disabledRows(stream, group, withMembers)),
  );
  return parts.flat();
}

function cidOf(row: Answer): string {
  return textAt(treeAt(row['channel']), 'cid') ?? '';
}

/** The row with all its members, when they are wanted; what may be a part of them only is told as unknown. */
export async function completed(stream: ReadStream, raw: Answer, withMembers: boolean): Promise<ChannelRow> {
  const channel = treeAt(raw['channel']);
  if (!withMembers) return { raw, channel, members: undefined };
  const listed = raw['members'];
  const told = channel['member_count'];
  const count = typeof told === 'number' ? told : undefined;
  if (!Array.isArray(listed)) {
    if (count === 0) return { raw, channel, members: [] };
    return { raw, channel, members: undefined, why: 'Stream told no members' };
  }
  const first = new Map<string, Tree>();
  gather(first, listed.map(treeAt));
  // A full list may be the first part of more, whatever a count says that is not of the same moment.
  if (count === undefined ? listed.length < MEMBERS : first.size === count)
    return { raw, channel, members: [...first.values()] };
  const { members, ended } = await everyMember(stream, channel, count);
  if (count === undefined ? ended : members.size >= count)
    return { raw, channel, members: [...members.values()] };
  return {
    raw,
    channel,
    members: undefined,
    why: `Stream told ${members.size} of ${count ?? 'an unknown number of'} members`,
  };
}

/**
 * Every member, by pages in the order of their ids: other orders can repeat and skip members who joined together. A
 * server that does not know `user_id_gt` answers the first page again and again; only an empty page is the end.
 */
async function everyMember(
  stream: ReadStream,
  channel: Tree,
  count: number | undefined,
): Promise<{ readonly members: ReadonlyMap<string, Tree>; readonly ended: boolean }> {
  const members = new Map<string, Tree>();
  for (let last: string | undefined = undefined; ;) {
    const answer: Answer = await stream.read('QueryMembers', {
      query: {
        type: channel['type'],
        id: channel['id'],
        filter_conditions: {},
        sort: [{ field: 'user_id', direction: 1 }],
        limit: MEMBERS,
        ...(last === undefined ? {} : { user_id_gt: last }),
      },
    });
    const page = heldList(answer, 'QueryMembers', 'members');
    const before = members.size;
    gather(members, page);
    const whole = count !== undefined && page.length < MEMBERS && members.size >= count;
    if (whole || members.size === before) return { members, ended: page.length === 0 };
    last = memberId(page.at(-1) ?? {});
  }
}

function gather(members: Map<string, Tree>, page: readonly Tree[]): void {
  for (const member of page) {
    const id = memberId(member);
    if (id !== undefined) members.set(id, member);
  }
}
