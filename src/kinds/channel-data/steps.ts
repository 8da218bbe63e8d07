import type { Change, Create, Delete, FieldChange, Update } from '../../model/change.ts';
import type { World } from '../../model/kind.ts';
import type { Step } from '../../model/step.ts';
import type { Answer, OperationName, Stream } from '../../model/stream.ts';
import { batched, inGroups } from '../batches.ts';
import { listOf } from '../sets.ts';
import { finished } from '../tasks.ts';
import { defined, textAt, treeAt, type Tree } from '../values.ts';
import { liveForm, type ChannelForm, type DeclaredChannel } from './form.ts';
import {
  overridesLacking,
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

/** Get-or-create never updates: when the channel was there after all, what differs is sent as an update. */
function creation(change: Create<DeclaredChannel, ChannelForm>, world: World, calls: ChannelCalls): Step {
  const { desired } = change;
  const ids = Object.keys(desired.members ?? {}).toSorted();
  const [first = [], ...more] = inGroups(ids, BATCH);
  const cooldown = desired['cooldown'];
  const slow = typeof cooldown === 'number' && cooldown > 0;
  return {
    id: `${calls.create} ${change.address}`,
    kind: change.kind,
    effect: 'create',
    requests: [
      calls.create,
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
      const channel = treeAt(answer['channel']);
      const place = placeOf(channel);
      const patch = {
        ...differing(desired, channel, typeValues(place.type, world)),
        ...(slow ? { cooldown } : {}),
      };
      if (Object.keys(patch).length > 0) {
        await stream.write('UpdateChannelPartial', { path: { ...place }, body: { set: patch } });
      }
      await addMembers(stream, place, [...missing(answer, first), ...more.flat()], desired.members);
      await assignRoles(stream, place, otherwise(answer, desired), desired.members);
    },
  };
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

/** The declared fields that a channel which was there already has otherwise. */
function differing(desired: ChannelForm, channel: Tree, type: TypeValues): Tree {
  const live = liveForm(channel, undefined, undefined);
  const {
    config_overrides,
    cooldown: _c,
    created_by: _b,
    custom,
    filter_tags,
    members: _m,
    ...plain
  } = desired;
  const other = (one: unknown, two: unknown) => JSON.stringify(one) !== JSON.stringify(two);
  return defined([
    ...Object.entries(custom ?? {}).filter(([key, value]) => other(value, live.custom?.[key])),
    ...Object.entries(plain).filter(([key, value]) => other(value, live[key]) && value !== ''),
    [
      'filter_tags',
      filter_tags !== undefined && other(listOf(filter_tags), listOf(live.filter_tags))
        ? listOf(filter_tags)
        : undefined,
    ],
    ['config_overrides', overridesLacking(config_overrides ?? {}, treeAt(channel['config']), type)],
  ]);
}

function missing(answer: Answer, wanted: readonly string[]): readonly string[] {
  const listed = answer['members'];
  if (!Array.isArray(listed)) return [];
  const present = new Set(listed.map((member) => textAt(treeAt(member), 'user_id')));
  // A full page may leave members out; adding a member again does nothing.
  return wanted.filter((id) => !present.has(id));
}

/** Members who were there already, with another role: adding them again would not change it. */
function otherwise(answer: Answer, { members }: ChannelForm): readonly string[] {
  const listed = answer['members'];
  if (!Array.isArray(listed) || members === undefined) return [];
  return listed.map(treeAt).flatMap((member) => {
    const id = textAt(member, 'user_id') ?? '';
    const role = members[id]?.channel_role;
    return role === undefined || role === (textAt(member, 'channel_role') ?? 'channel_member') ? [] : [id];
  });
}

function updates(change: Update<DeclaredChannel, ChannelForm>, world: World): readonly Step[] {
  const place = placeOf(treeAt(change.raw['channel']));
  const closing = change.fields.filter(closes);
  const rest = change.fields.filter((field) => !closing.includes(field));
  const { desired } = change;
  const overrides = overridesToSend(
    change.resource,
    desired.config_overrides ?? {},
    change.live.config_overrides,
    typeValues(place.type, world),
    world,
  );
  const steps: Step[] = [];
  for (const [effect, all] of [
    ['narrow', closing],
    ['update', rest],
  ] as const) {
    const patch = patchOf(all, desired, overrides);
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

/** Takes access away: a channel that freezes or closes, a member who leaves or becomes a plain member. */
function closes(field: FieldChange): boolean {
  const [first = '', , third] = field.path;
  if (first === 'frozen' || first === 'disabled') return field.op === 'set' && field.after === true;
  if (first !== 'members') return false;
  if (field.op === 'elements') return field.added.length === 0;
  return third === 'channel_role' && field.op === 'set' && field.after === 'channel_member';
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
      const answer = await stream.write('DeleteChannels', { body: { cids, hard_delete: how === 'hard' } });
      await finished(stream, 'DeleteChannels', answer);
    },
  };
}

function placeOf(channel: Tree): ChannelPlace {
  return { type: textAt(channel, 'type') ?? '', id: textAt(channel, 'id') ?? '' };
}
