import { addressOf } from '../../model/address.ts';
import type { Kind, Read, Reference, World } from '../../model/kind.ts';
import { isUnset, text } from '../../model/schema.ts';
import type { ReadStream } from '../../model/stream.ts';
import { held } from '../answers.ts';
import { typeReach } from '../channel-reach.ts';
import { commandReferences, commandsForm } from '../commands.ts';
import { grantReferences, heldIn, liveGrants, type GrantsForm } from '../grants.ts';
import { provenRoles } from '../proven-roles.ts';
import { setForm, type SetForm } from '../sets.ts';
import { textAt, treeAt, type Tree } from '../values.ts';
import { channelTypeDangers, channelTypeRemarks, reopensType } from './dangers.ts';
import { builtInTypes, channelTypeSchema, type ChannelType } from './fields.ts';
import { desiredForm, liveForm, type ChannelTypeForm } from './form.ts';
import { channelsOf, typeObstacles } from './in-the-way.ts';
import { channelTypeSteps } from './steps.ts';

/** Channel types: one list call reads them all, a PUT changes what it names, deleting a built-in resets it. */
export const channelType: Kind<ChannelType, ChannelTypeForm> = {
  name: 'channel_type',
  section: 'channel_types',
  layout: 'named',
  names: text('1 to 64 letters, digits, _ and -.', { pattern: '^[\\w-]{1,64}$' }),
  schema: channelTypeSchema,
  samples: [
    {
      max_message_length: 2000,
      reactions: false,
      quotes: false,
      reminders: true,
      commands: ['giphy', 'moderation_set'],
      grants: {
        channel_member: ['create-message', 'read-channel'],
        guest: [],
        user: { remove: ['create-channel'] },
      },
      partition_ttl: '24h',
      allowed_flag_reasons: ['spam'],
      automod_thresholds: { toxic: { flag: 0.5, block: 0.9 } },
    },
    {},
  ],
  can: { create: true, update: true, delete: 'delete' },
  key: (name) => name,

  references({ declared }, live, world): readonly Reference[] {
    const held = heldBy(allTypes(world));
    return [
      ...grantReferences(declared.grants ?? {}, provenRoles(held.roles, world), held.permissions),
      ...(declared.commands === undefined
        ? []
        : commandReferences(declared.commands, { ...held.commands, ...live?.commands })),
      ...blocklistReferences(declared, live),
    ];
  },

  async read(stream, wanted) {
    const types = await listTypes(stream);
    return new Map(
      await Promise.all(
        wanted.map(async (one) => {
          const read = readingOf(types, one.key);
          const goes = !('declared' in one) && read.state === 'present' && !builtInTypes.has(one.key);
          return [one.address, goes ? { ...read, inUse: await channelsOf(stream, one.key) } : read] as const;
        }),
      ),
    );
  },

  async known(stream) {
    return new Set(Object.keys(await listTypes(stream)));
  },

  desired(resource, live, world) {
    return { value: desiredForm(resource.declared, live, messagingGrants(world), world), diagnostics: [] };
  },

  deletion: (removal) => (builtInTypes.has(removal.key) ? 'reset' : 'delete'),

  obstacles: typeObstacles,

  dangers: (changes, world) => channelTypeDangers(changes, messagingGrants(world)),
  remarks: (changes, world) => channelTypeRemarks(changes, messagingGrants(world)),
  reopens: reopensType,
  reach: typeReach,
  rights: (form) => form.grants ?? {},

  steps: channelTypeSteps,
};

/** What Stream gives a new type, unless the type says otherwise. */
function messagingGrants(world: World): GrantsForm {
  return liveGrants(treeAt(allTypes(world)['messaging'])['grants']);
}

async function listTypes(stream: ReadStream): Promise<Tree> {
  return held(await stream.read('ListChannelTypes'), 'ListChannelTypes', 'channel_types');
}

/** What the live types prove to exist; computed once for an answer, since every type asks. */
function heldBy(types: Tree): {
  readonly roles: ReadonlySet<string>;
  readonly permissions: ReadonlySet<string>;
  readonly commands: SetForm;
} {
  const known = heldByTypes.get(types);
  if (known !== undefined) return known;
  const grants = Object.values(types).map((raw) => treeAt(treeAt(raw)['grants']));
  const held = {
    roles: new Set(grants.flatMap((one) => Object.keys(one))),
    permissions: new Set(grants.flatMap((one) => heldIn(liveGrants(one)))),
    commands: setForm(
      Object.values(types).flatMap((raw) => Object.keys(commandsForm(treeAt(raw)['commands']))),
    ),
  };
  heldByTypes.set(types, held);
  return held;
}

const heldByTypes = new WeakMap<Tree, ReturnType<typeof heldBy>>();

function allTypes(world: World): Tree {
  return treeAt(world.answer('ListChannelTypes')?.['channel_types']);
}

function readingOf(types: Tree, key: string): Read<ChannelTypeForm> {
  if (!Object.hasOwn(types, key)) return { state: 'absent' };
  const raw = treeAt(types[key]);
  const createdAt = textAt(raw, 'created_at');
  return { state: 'present', live: liveForm(raw), raw, ...(createdAt === undefined ? {} : { createdAt }) };
}

function blocklistReferences(declared: ChannelType, live: ChannelTypeForm | undefined): readonly Reference[] {
  const references: Reference[] = [];
  const { blocklist, blocklists } = declared;
  if (
    blocklist !== undefined &&
    !isUnset(blocklist) &&
    blocklist !== '' &&
    live?.['blocklist'] !== blocklist
  ) {
    references.push({ address: addressOf('blocklist', blocklist), path: ['blocklist'] });
  }
  for (const { blocklist: name } of blocklists ?? []) {
    if (name === undefined || live?.blocklists?.[name] !== undefined) continue;
    references.push({ address: addressOf('blocklist', name), path: ['blocklists'] });
  }
  return references;
}
