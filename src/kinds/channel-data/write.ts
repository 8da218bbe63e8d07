import type { Path } from '../../model/address.ts';
import type { FieldChange } from '../../model/change.ts';
import { StreamFailure, type Stream } from '../../model/stream.ts';
import { heldList } from '../answers.ts';
import { inGroups } from '../batches.ts';
import { emptyMap, listOf } from '../sets.ts';
import { defined, treeAt, type Tree } from '../values.ts';
import { memberId, type ChannelForm, type MemberForm } from './form.ts';

/** Members that one call takes. */
const BATCH = 100;

/** Where a channel is on the wire. */
export interface ChannelPlace {
  readonly type: string;
  readonly id: string;
}

/** The smallest partial update for these differences, or nothing; a full update would wipe custom data. */
export function patchOf(
  fields: readonly (FieldChange | { readonly path: Path })[],
  desired: ChannelForm,
  overrides: Tree | undefined,
): { readonly set?: Tree; readonly unset?: readonly string[] } | undefined {
  const set: Record<string, unknown> = emptyMap();
  const unset: string[] = [];
  for (const { path } of fields) {
    const [field = '', key = ''] = path;
    if (field === 'members' || field === 'created_by') continue;
    if (field === 'filter_tags') set['filter_tags'] = listOf(desired.filter_tags);
    else if (field === 'config_overrides') {
      if (overrides !== undefined) set['config_overrides'] = overrides;
    } else {
      const name = field === 'custom' ? key : field;
      const value = field === 'custom' ? desired.custom?.[key] : desired[field];
      if (value === undefined) unset.push(name);
      else set[name] = value;
    }
  }
  if (Object.keys(set).length === 0 && unset.length === 0) return undefined;
  return { ...(Object.keys(set).length > 0 ? { set } : {}), ...(unset.length > 0 ? { unset } : {}) };
}

/** What has to happen to the members of a channel. */
export interface MemberWork {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Members whose role changes. */
  readonly assign: readonly string[];
  /** Members whose custom data changes. */
  readonly custom: readonly string[];
}

/** Reads the work off the differences of `members`. */
export function memberWork(fields: readonly FieldChange[]): MemberWork {
  const work = {
    add: [] as string[],
    remove: [] as string[],
    assign: new Set<string>(),
    custom: new Set<string>(),
  };
  for (const field of fields) {
    if (field.path[0] !== 'members') continue;
    if (field.op === 'elements') {
      work.add.push(...field.added.map(({ name }) => name));
      work.remove.push(...field.removed.map(({ name }) => name));
    } else {
      (field.path[2] === 'channel_role' ? work.assign : work.custom).add(field.path[1] ?? '');
    }
  }
  return { ...work, assign: [...work.assign].toSorted(), custom: [...work.custom].toSorted() };
}

/** A member as Stream takes it: custom data lies flat beside the role. */
export function wireMember(id: string, form: MemberForm | undefined): Tree {
  return defined([
    ...Object.entries(form?.custom ?? {}),
    ['user_id', id],
    ['channel_role', form?.channel_role],
  ]);
}

/** Adds members, 100 a call. */
export async function addMembers(
  stream: Stream,
  place: ChannelPlace,
  ids: readonly string[],
  members: ChannelForm['members'],
): Promise<void> {
  await inParts(ids, async (group) => {
    const add_members = group.map((id) => wireMember(id, members?.[id]));
    await stream.write('UpdateChannel', { path: { ...place }, body: { add_members } });
  });
}

/** Removes members, 100 a call; whoever is gone is removed. */
export async function removeMembers(
  stream: Stream,
  place: ChannelPlace,
  ids: readonly string[],
): Promise<void> {
  await inParts(
    ids,
    async (group) => {
      await stream.write('UpdateChannel', { path: { ...place }, body: { remove_members: group } });
    },
    (id) => isGone(stream, place, id),
  );
}

/** Gives members their roles, 100 a call; whoever is gone has no more than a plain member has. */
export async function assignRoles(
  stream: Stream,
  place: ChannelPlace,
  ids: readonly string[],
  members: ChannelForm['members'],
): Promise<void> {
  const roleOf = (id: string) => members?.[id]?.channel_role ?? 'channel_member';
  await inParts(
    ids,
    async (group) => {
      const assign_roles = group.map((id) => ({ user_id: id, channel_role: roleOf(id) }));
      await stream.write('UpdateChannel', { path: { ...place }, body: { assign_roles } });
    },
    async (id) => roleOf(id) === 'channel_member' && (await isGone(stream, place, id)),
  );
}

/**
 * Sends ids, 100 a call. A call that Stream refuses is halved until the guilty id stands alone, so that one does not
 * take the others along; the first refusal is thrown once all others are done, unless the id needs no call any more.
 */
async function inParts(
  ids: readonly string[],
  send: (ids: readonly string[]) => Promise<void>,
  needless: (id: string) => Promise<boolean> = async () => false,
): Promise<void> {
  const refusals: StreamFailure[] = [];
  const attempt = async (group: readonly string[]): Promise<void> => {
    try {
      await send(group);
    } catch (error) {
      if (!(error instanceof StreamFailure) || error.reason !== 'refused') throw error;
      const [only = ''] = group;
      if (group.length > 1) {
        for (const half of inGroups(group, Math.ceil(group.length / 2))) await attempt(half);
      } else if (!(await needless(only))) refusals.push(error);
    }
  };
  for (const group of inGroups(ids, BATCH)) await attempt(group);
  const [first] = refusals;
  if (first !== undefined) throw first;
}

async function isGone(stream: Stream, place: ChannelPlace, id: string): Promise<boolean> {
  const query = { ...place, filter_conditions: { user_id: id }, sort: [], limit: 1 };
  const found = heldList(await stream.read('QueryMembers', { query }), 'QueryMembers', 'members');
  return !found.some((member) => memberId(member) === id);
}

/** Sets a member's custom data, one call each, changed keys only. */
export async function writeMemberData(
  stream: Stream,
  place: ChannelPlace,
  id: string,
  fields: readonly FieldChange[],
  desired: MemberForm | undefined,
): Promise<void> {
  const keys = fields
    .filter(({ path }) => path[0] === 'members' && path[1] === id && path[2] === 'custom')
    .map(({ path }) => path[3]);
  const set: Record<string, unknown> = emptyMap();
  const unset: string[] = [];
  for (const key of keys) {
    if (key === undefined) continue;
    const value = treeAt(desired?.custom)[key];
    if (value === undefined) unset.push(key);
    else set[key] = value;
  }
  await stream.write('UpdateMemberPartial', {
    path: { ...place },
    query: { user_id: id },
    body: { ...(Object.keys(set).length > 0 ? { set } : {}), ...(unset.length > 0 ? { unset } : {}) },
  });
}
