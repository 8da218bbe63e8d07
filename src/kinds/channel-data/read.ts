import type { Address } from '../../model/address.ts';
import type { Removal, Resource } from '../../model/resource.ts';
import { StreamFailure, type Answer, type ReadStream } from '../../model/stream.ts';
import { inGroups } from '../batches.ts';
import { textAt, treeAt, type Tree } from '../values.ts';
import type { DeclaredChannel } from './form.ts';

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
  const overriding = wanted.filter((one) => 'declared' in one && one.declared.config_overrides !== undefined);
  if (overriding.length === 0) return new Map();
  const types = treeAt((await stream.read('ListChannelTypes'))['channel_types']);
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
  const channels = answer['channels'];
  if (!Array.isArray(channels)) {
    throw new StreamFailure(
      'unclear',
      'QueryChannels',
      'the answer to a query of channels holds no list of channels',
    );
  }
  return channels.map(treeAt);
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

/** The row with all its members, when they are wanted. */
export async function completed(stream: ReadStream, raw: Answer, withMembers: boolean): Promise<ChannelRow> {
  const channel = treeAt(raw['channel']);
  if (!withMembers) return { raw, channel, members: undefined };
  const listed = raw['members'];
  const first = Array.isArray(listed) ? listed.map(treeAt) : [];
  const count = channel['member_count'];
  // Without a count, only a row that is not full is known to be complete.
  const complete = typeof count === 'number' ? first.length >= count : first.length < MEMBERS;
  if (complete) return { raw, channel, members: first };
  const all = await everyMember(stream, channel);
  if (typeof count !== 'number' || all.length >= count) return { raw, channel, members: all };
  return { raw, channel, members: undefined, why: `Stream told ${all.length} of ${count} members` };
}

/** Every member, by pages in the order of their ids: other orders can repeat and skip members who joined together. */
async function everyMember(stream: ReadStream, channel: Tree): Promise<readonly Tree[]> {
  const all: Tree[] = [];
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
    const listed = answer['members'];
    if (!Array.isArray(listed)) {
      throw new StreamFailure(
        'unclear',
        'QueryMembers',
        'the answer to a query of members holds no list of members',
      );
    }
    const page = listed.map(treeAt);
    all.push(...page);
    const next = textAt(page.at(-1) ?? {}, 'user_id');
    if (page.length < MEMBERS || next === undefined || next === last) return all;
    last = next;
  }
}
