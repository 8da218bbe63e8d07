import type { Change, Create, Delete, FieldChange, Update } from '../../model/change.ts';
import type { World } from '../../model/kind.ts';
import type { Step } from '../../model/step.ts';
import type { Lifecycle } from '../../model/resource.ts';
import { StreamFailure, type Answer, type OperationName, type Stream } from '../../model/stream.ts';
import { held } from '../answers.ts';
import { adopted } from '../appeared.ts';
import { batched, inGroups } from '../batches.ts';
import { listOf } from '../sets.ts';
import { finished } from '../tasks.ts';
import { defined, same, textAt, treeAt, type Tree } from '../values.ts';
import { desiredForm, liveForm, memberId, type ChannelForm, type DeclaredChannel } from './form.ts';
import {
  overridesLacking,
  overridesNarrowed,
  overridesToSend,
  typeValues,
  wireOverrides,
  type TypeValues,
} from './overrides.ts';
import { queryChannels } from './read.ts';
import {
  addMembers,
  assignRoles,
  memberWork,
  patchOf,
  removeMembers,
  wireMember,
  writeMemberData,
  type ChannelPlace,
} from './write.ts';

const BATCH = 100;

type ChannelChange = Change<DeclaredChannel, ChannelForm>;

/** How a kind of channel is made and found; the rest is the same for channels with and without an id of their own. */
export interface ChannelCalls {
  readonly create: 'GetOrCreateChannel' | 'GetOrCreateDistinctChannel';
  /** Whether Stream knows the channel by its members. */
  readonly distinct: boolean;
  /** Where a new channel of this key is asked for. */
  path(key: string): Readonly<Record<string, string>>;
}

/** The writes for these changes: what takes access away apart from the rest. */
export function channelSteps(
  changes: readonly ChannelChange[],
  world: World,
  calls: ChannelCalls,
): readonly Step[] {
  const deletes = changes.filter((change) => change.action === 'delete');
  return [
    ...changes.flatMap((change) => {
      if (change.action === 'create') return [creation(change, world, calls)];
      return change.action === 'update' ? updates(change, world) : [];
    }),
    ...(['soft', 'hard'] as const).flatMap((how) =>
      batched(
        deletes.filter((change) => change.how === how),
        BATCH,
        (group) => deletion(group, how),
      ),
    ),
  ];
}

/**
 * Get-or-create never updates: when the channel was there after all, what differs is sent as an update, and everybody
 * and everything in it stays.
 */
function creation(change: Create<DeclaredChannel, ChannelForm>, world: World, calls: ChannelCalls): Step {
  const { desired } = change;
  const ids = Object.keys(desired.members ?? {}).toSorted();
  // Stream finds a distinct channel by its members, so all of them go into the one call.
  const [first = [], ...more] = calls.distinct ? [ids] : inGroups(ids, BATCH);
  const cooldown = desired['cooldown'];
  const slow = typeof cooldown === 'number' && cooldown > 0;
  return {
    id: `${calls.create} ${change.address}`,
    kind: change.kind,
    effect: 'create',
    requests: [
      calls.create,
      // No create takes a cooldown.
      ...(slow ? (['UpdateChannelPartial'] as const) : []),
      ...more.map(() => 'UpdateChannel' as const),
    ],
    covers: [change.address],
    after: [],
    // Every call of it leaves the same channel when it is made twice.
    repeat: 'safe',
    async send(stream) {
      const data = createData(desired, first);
      const answer = await stream.write(calls.create, {
        path: calls.path(change.key),
        body: { data, state: false, watch: false, presence: false },
      });
      const channel = held(answer, calls.create, 'channel');
      const place = placeOf(channel);
      const { patch, members } = lacking(change, channel, typeValues(place.type, world), world);
      if (patch !== undefined)
        await stream.write('UpdateChannelPartial', { path: { ...place }, body: patch });
      if (calls.distinct) return refuseLeft(calls, missing(answer, first));
      if (!members) return;
      await addMembers(stream, place, [...missing(answer, first), ...more.flat()], desired.members);
      await assignRoles(stream, place, otherwise(answer, desired), desired.members);
    },
  };
}

/**
 * Whoever left a distinct channel did so for a reason, and nobody is put back. Since Stream tells such a channel only
 * to those who create it, a plan cannot see it: saying so here is all that can be done.
 */
function refuseLeft(calls: ChannelCalls, left: readonly string[]): void {
  if (left.length === 0) return;
  throw new StreamFailure(
    'refused',
    calls.create,
    `${left.join(', ')} left this channel, and nobody is put back; a channel that somebody left is not read by its members any more, so take it out of the manifests`,
  );
}

function createData(desired: ChannelForm, members: readonly string[]): Tree {
  const {
    config_overrides,
    cooldown: _,
    created_by,
    custom,
    filter_tags,
    members: forms,
    ...plain
  } = desired;
  return defined([
    ...Object.entries(custom ?? {}),
    ...Object.entries(plain),
    ['created_by_id', created_by],
    ['filter_tags', filter_tags === undefined ? undefined : listOf(filter_tags)],
    ['config_overrides', config_overrides === undefined ? undefined : wireOverrides(config_overrides)],
    ['members', members.length === 0 ? undefined : members.map((id) => wireMember(id, forms?.[id]))],
  ]);
}

const unlimited: Lifecycle = { ignore_changes: [], prevent_destroy: false, create_only: false };

/** What a channel that was just made or found still lacks, and whether its members are ours to manage. */
function lacking(
  { resource }: Create<DeclaredChannel, ChannelForm>,
  channel: Tree,
  type: TypeValues,
  world: World,
): { readonly patch: ReturnType<typeof patchOf>; readonly members: boolean } {
  const live = liveForm(channel, undefined, undefined);
  const { members: _, config_overrides: _o, ...wanted } = desiredForm(resource.declared, live, type, world);
  const under = (lifecycle: Lifecycle) => {
    const { desired, fields } = adopted<ChannelForm>(live, wanted, lifecycle);
    const overrides = overridesLacking({ ...resource, lifecycle }, treeAt(channel['config']), type, world);
    const all = overrides === undefined ? fields : [...fields, { path: ['config_overrides'] }];
    return { fields: all, patch: patchOf(all, desired, overrides) };
  };
  const { fields, patch } = under(unlimited);
  // A channel that holds all that the call carried is ours; in any other, what is to be ignored or left alone stays.
  if (fields.every(({ path }) => path[0] === 'cooldown')) return { patch, members: true };
  const { create_only, ignore_changes } = resource.lifecycle;
  const ignored = ignore_changes.some((path) => path === 'all' || path === 'members');
  return { patch: under(resource.lifecycle).patch, members: !create_only && !ignored };
}

function missing(answer: Answer, wanted: readonly string[]): readonly string[] {
  const listed = answer['members'];
  if (!Array.isArray(listed)) return [];
  const present = new Set(listed.map((member) => memberId(treeAt(member))));
  // A full page may leave members out; adding a member again does nothing.
  return wanted.filter((id) => !present.has(id));
}

/** Members who were there already, with another role: adding them again would not change it. */
function otherwise(answer: Answer, { members }: ChannelForm): readonly string[] {
  const listed = answer['members'];
  if (!Array.isArray(listed) || members === undefined) return [];
  return listed.map(treeAt).flatMap((member) => {
    const id = memberId(member) ?? '';
    const role = members[id]?.channel_role;
    return role === undefined || role === (textAt(member, 'channel_role') ?? 'channel_member') ? [] : [id];
  });
}

function updates(change: Update<DeclaredChannel, ChannelForm>, world: World): readonly Step[] {
  const place = placeOf(treeAt(change.raw['channel']));
  const { desired } = change;
  const { config_overrides: live } = change.live;
  const type = typeValues(place.type, world);
  const overrides = overridesToSend(change.resource, desired.config_overrides ?? {}, live, type, world);
  const narrowed = overridesNarrowed(change.fields, overrides, live);
  const [first, last] = [wireOverrides(narrowed ?? overrides), wireOverrides(overrides)];
  const inFirst = (field: FieldChange) => closes(field) || (isOverride(field) && narrowed !== undefined);
  const inLast = (field: FieldChange) => !inFirst(field) || (isOverride(field) && !same(first, last));
  const steps: Step[] = [];
  for (const [effect, all, sent] of [
    ['narrow', change.fields.filter(inFirst), first],
    ['update', change.fields.filter(inLast), last],
  ] as const) {
    const patch = patchOf(all, desired, sent);
    const work = memberWork(all);
    const add = effect === 'update' ? work.add : [];
    const remove = effect === 'narrow' ? memberWork(change.fields).remove : [];
    const requests: OperationName[] = [
      ...(patch === undefined ? [] : (['UpdateChannelPartial'] as const)),
      ...[remove, add, work.assign].flatMap((ids) =>
        inGroups(ids, BATCH).map(() => 'UpdateChannel' as const),
      ),
      ...work.custom.map(() => 'UpdateMemberPartial' as const),
    ];
    if (requests.length === 0) continue;
    steps.push({
      id: `UpdateChannel ${change.address} ${effect}`,
      kind: change.kind,
      effect,
      requests,
      covers: [change.address],
      after: steps.map(({ id }) => id),
      // Every call of it sets what should be, so it may be made twice.
      repeat: 'safe',
      async send(stream: Stream) {
        if (patch !== undefined)
          await stream.write('UpdateChannelPartial', { path: { ...place }, body: patch });
        await removeMembers(stream, place, remove);
        await addMembers(stream, place, add, desired.members);
        await assignRoles(stream, place, work.assign, desired.members);
        for (const id of work.custom) await writeMemberData(stream, place, id, all, desired.members?.[id]);
      },
    });
  }
  return steps;
}

function isOverride({ path }: FieldChange): boolean {
  return path[0] === 'config_overrides';
}

/** Takes access away: a channel that freezes or closes, a member who leaves, becomes a plain member or no moderator. */
function closes(field: FieldChange): boolean {
  const [first = '', , third] = field.path;
  if (first === 'frozen' || first === 'disabled') return field.op === 'set' && field.after === true;
  if (first !== 'members') return false;
  if (field.op === 'elements') return field.added.length === 0;
  if (third !== 'channel_role' || field.op !== 'set') return false;
  return field.after === 'channel_member' || field.before === 'channel_moderator';
}

function deletion(group: readonly Delete<DeclaredChannel, ChannelForm>[], how: 'hard' | 'soft'): Step {
  const cids = group.map(({ raw }) => textAt(treeAt(raw['channel']), 'cid') ?? '');
  return {
    id: `DeleteChannels ${how} ${group[0]?.address ?? ''}${group.length > 1 ? ` and ${group.length - 1} more` : ''}`,
    kind: group[0]?.kind ?? 'channel',
    effect: 'delete',
    requests: ['DeleteChannels'],
    covers: group.map(({ address }) => address),
    after: [],
    repeat: { doneWhen: async (stream) => (await queryChannels(stream, cids, () => false)).size === 0 },
    async send(stream) {
      try {
        const answer = await stream.write('DeleteChannels', { body: { cids, hard_delete: how === 'hard' } });
        await finished(stream, 'DeleteChannels', answer);
      } catch (error) {
        // One that is gone makes Stream refuse all; alone it is what was wanted.
        const gone = error instanceof StreamFailure && error.reason === 'missing' && cids.length === 1;
        if (!gone) throw error;
      }
    },
  };
}

function placeOf(channel: Tree): ChannelPlace {
  return { type: textAt(channel, 'type') ?? '', id: textAt(channel, 'id') ?? '' };
}
