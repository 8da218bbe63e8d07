import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Kind, Read } from '../../model/kind.ts';
import { object, setOf, text, type Infer } from '../../model/schema.ts';
import type { Answer, ReadStream } from '../../model/stream.ts';
import { channelReferences, checkChannel } from '../channel-data/check.ts';
import { channelDangers, channelRemarks, reopensChannel } from '../channel-data/dangers.ts';
import { commonSchemas, userId } from '../channel-data/fields.ts';
import { desiredForm, liveForm, type ChannelForm, type DeclaredChannel } from '../channel-data/form.ts';
import { fixedAtCreation } from '../channel-data/notes.ts';
import { typeValues } from '../channel-data/overrides.ts';
import { completed, overriddenTypes, rows } from '../channel-data/read.ts';
import { rightsGiven } from '../channel-data/rights-given.ts';
import { channelSteps } from '../channel-data/steps.ts';
import { channelReach } from '../channel-reach.ts';
import { textAt, treeAt, type Tree } from '../values.ts';

const schema = object(
  {
    ...commonSchemas,
    type: text('The channel type: 1 to 64 letters, digits, _ and -.', { pattern: '^[\\w-]{1,64}$' }),
    members: setOf(userId('A user.'), 'The members, who identify the channel and never change.', {
      minItems: 2,
    }),
  },
  'A channel without an id of its own: there is one for each type and set of members.',
  { required: ['type', 'members'] },
);

type DistinctChannel = Infer<typeof schema> & DeclaredChannel;

/** Channels that are known by their members: found by asking for exactly these, and never changed in who they are. */
export const distinctChannel: Kind<DistinctChannel, ChannelForm> = {
  name: 'distinct_channel',
  section: 'distinct_channels',
  layout: 'named',
  schema,
  samples: [
    {
      type: 'messaging',
      members: ['sample-owner', 'sample-guest'],
      created_by: 'sample-owner',
      name: 'Two of us',
      custom: { title: 'Just a test' },
    },
  ],
  can: { create: true, update: true, delete: 'soft' },
  key: (_name, { type, members }) => `${type}:${[...new Set(members)].toSorted().join(',')}`,

  check(resource): readonly Diagnostic[] {
    const members = new Set(resource.declared.members);
    const diagnostics = [...checkChannel(resource)];
    if (members.size < 2) {
      diagnostics.push({
        severity: 'error',
        code: 'too-few-members',
        message: 'a distinct channel is known by its members and needs at least two different ones',
        help: 'Add a member, or declare it under channels with an id.',
        at: resource.locate(['members']),
        address: resource.address,
      });
    }
    return diagnostics;
  },

  references: ({ key, declared }, live, world) =>
    channelReferences(partsOfKey(key).type, declared, live, world),

  async read(stream, wanted) {
    const types = await overriddenTypes(stream, wanted);
    const readings = wanted.map(
      async ({ address, key }) => [address, await reading(stream, key, types.get(address))] as const,
    );
    return new Map(await Promise.all(readings));
  },

  desired(resource, live, world) {
    const { members, ...changeable } = resource.declared;
    // Who a distinct channel is for never changes: members are what it is found by, and no difference.
    const declared = live === undefined && members !== undefined ? { ...changeable, members } : changeable;
    return {
      value: desiredForm(declared, live, typeValues(partsOfKey(resource.key).type, world), world),
      diagnostics: fixedAtCreation(resource, live),
    };
  },

  removalKey(written) {
    const { type, members } = partsOfKey(written);
    const known = [...new Set(members.map((member) => member.trim()))].toSorted();
    const possible = written.includes(':') && type !== '' && known.length > 1 && !known.includes('');
    return possible ? `${type}:${known.join(',')}` : undefined;
  },

  deletion: (removal) => removal.mode,
  dangers: channelDangers,
  remarks: channelRemarks,
  reopens: reopensChannel,
  rightsGiven,
  reach: channelReach,

  steps: (changes, world) =>
    channelSteps(changes, world, {
      create: 'GetOrCreateDistinctChannel',
      distinct: true,
      path: (key) => ({ type: partsOfKey(key).type }),
    }),
};

/** The type and the sorted members that a key stands for. */
function partsOfKey(key: string): { readonly type: string; readonly members: readonly string[] } {
  const colon = key.indexOf(':');
  return { type: key.slice(0, colon), members: key.slice(colon + 1).split(',') };
}

async function reading(
  stream: ReadStream,
  key: string,
  typeConfig: Tree | undefined,
): Promise<Read<ChannelForm>> {
  const { type, members } = partsOfKey(key);
  // Any number of channels with ids of their own can have the same members. A distinct channel that somebody left has
  // other members now and looks absent here; only asking to create it would find it, and that is a write. So a plan
  // makes it anew each time, and the apply says who left.
  const filter = { type, members: { $eq: members }, distinct: true };
  const row =
    distinct(await rows(stream, filter, true)) ??
    distinct(await rows(stream, { ...filter, disabled: true }, true));
  if (row === undefined) return { state: 'absent' };
  const whole = await completed(stream, row, true);
  if (whole.members === undefined)
    return { state: 'unknown', why: whole.why ?? 'its members could not be read' };
  const live = liveForm(whole.channel, whole.members, typeConfig);
  const createdAt = textAt(whole.channel, 'created_at');
  return { state: 'present', live, raw: row, ...(createdAt === undefined ? {} : { createdAt }) };
}

/** Only ids that Stream made from members start with `!members-`. */
function distinct(found: readonly Answer[]): Answer | undefined {
  return found.find((row) => textAt(treeAt(row['channel']), 'id')?.startsWith('!members-'));
}
