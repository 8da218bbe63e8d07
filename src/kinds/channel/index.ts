import type { Kind, Read } from '../../model/kind.ts';
import type { Removal, Resource } from '../../model/resource.ts';
import { object, text, word } from '../../model/schema.ts';
import { channelReferences, checkChannel } from '../channel-data/check.ts';
import { channelDangers, channelRemarks, reopensChannel } from '../channel-data/dangers.ts';
import { commonSchemas, membersSchema, moderatorsSchema } from '../channel-data/fields.ts';
import { desiredForm, liveForm, type ChannelForm, type DeclaredChannel } from '../channel-data/form.ts';
import { fixedAtCreation, membersLost } from '../channel-data/notes.ts';
import { typeValues } from '../channel-data/overrides.ts';
import { overriddenTypes, queryChannels, type ChannelRow } from '../channel-data/read.ts';
import { rightsGiven } from '../channel-data/rights-given.ts';
import { channelSteps } from '../channel-data/steps.ts';
import { channelReach } from '../channel-reach.ts';
import { textAt, type Tree } from '../values.ts';

const schema = object(
  {
    ...commonSchemas,
    members: membersSchema,
    members_mode: word(
      ['additive', 'exact'],
      '`additive` adds the members and never removes any; `exact` unless given.',
    ),
    moderators: moderatorsSchema,
  },
  'A channel with an id of its own.',
);

/** Channels with an id: read 30 a request, made by get-or-create, changed by partial updates only. */
export const channel: Kind<DeclaredChannel, ChannelForm> = {
  name: 'channel',
  section: 'channels',
  layout: 'typed',
  names: text(
    '1 to 64 letters, digits, _, - and !; a leading ! is for distinct channels, which are declared by their members.',
    {
      pattern: '^[\\w-][\\w!-]{0,63}$',
    },
  ),
  schema,
  samples: [
    {
      name: 'Case 48213',
      image: 'https://images.example.com/case.png',
      created_by: 'sample-owner',
      members: ['sample-owner', { user_id: 'sample-guest', custom: { seat: 4 } }],
      moderators: ['sample-owner'],
      custom: { order: '48213', tags: ['a', 'b'], deep: { one: 1 } },
      cooldown: 30,
      filter_tags: ['vip'],
      frozen: true,
      config_overrides: { reactions: false, max_message_length: 100 },
    },
    { created_by: 'sample-owner' },
  ],
  lossWords: ['member'],
  can: { create: true, update: true, delete: 'soft' },
  key: (name, _declared, parent) => `${parent}:${name}`,

  check: checkChannel,

  references: (resource, live, world) =>
    channelReferences(typeOf(resource.key), resource.declared, live, world),

  async read(stream, wanted) {
    const members = new Set(wanted.filter(needsMembers).map(({ key }) => key));
    const [found, types] = await Promise.all([
      queryChannels(
        stream,
        wanted.map(({ key }) => key),
        (cid) => members.has(cid),
      ),
      overriddenTypes(stream, wanted),
    ]);
    return new Map(
      wanted.map((one) => [one.address, readingOf(found.get(one.key), types.get(one.address))] as const),
    );
  },

  desired(resource, live, world) {
    return {
      value: desiredForm(managed(resource, live), live, typeValues(typeOf(resource.key), world), world),
      diagnostics: fixedAtCreation(resource, live),
    };
  },

  deletion: (removal) => removal.mode,
  losses: membersLost,
  dangers: channelDangers,
  remarks: channelRemarks,
  reopens: reopensChannel,
  rightsGiven,
  reach: channelReach,

  steps: (changes, world) =>
    channelSteps(changes, world, {
      create: 'GetOrCreateChannel',
      distinct: false,
      path: (key) => ({ type: typeOf(key), id: idOf(key) }),
    }),
};

function typeOf(cid: string): string {
  return cid.slice(0, cid.indexOf(':'));
}

function idOf(cid: string): string {
  return cid.slice(cid.indexOf(':') + 1);
}

/** Moderators have no path of their own in the normal form, so ignoring them is to wish for those who are. */
function managed(
  { declared, lifecycle }: Resource<DeclaredChannel>,
  live: ChannelForm | undefined,
): DeclaredChannel {
  const { moderators } = declared;
  if (
    live?.members === undefined ||
    moderators === undefined ||
    !lifecycle.ignore_changes.includes('moderators')
  )
    return declared;
  const those = Object.entries(live.members).filter(
    ([, { channel_role }]) => channel_role === 'channel_moderator',
  );
  return { ...declared, moderators: those.map(([id]) => id) };
}

function needsMembers(wanted: Removal | Resource<DeclaredChannel>): boolean {
  if (!('declared' in wanted)) return true;
  return wanted.declared.members !== undefined || wanted.declared.moderators !== undefined;
}

function readingOf(row: ChannelRow | undefined, typeConfig: Tree | undefined): Read<ChannelForm> {
  if (row === undefined) return { state: 'absent' };
  if (row.why !== undefined) return { state: 'unknown', why: row.why };
  const createdAt = textAt(row.channel, 'created_at');
  return {
    state: 'present',
    live: liveForm(row.channel, row.members, typeConfig),
    raw: row.raw,
    ...(createdAt === undefined ? {} : { createdAt }),
  };
}
