import { addressOf } from '../../model/address.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Kind, Read, Reference, World } from '../../model/kind.ts';
import { isUnset } from '../../model/schema.ts';
import type { ReadStream } from '../../model/stream.ts';
import { grantReferences, heldIn, liveGrants } from '../grants.ts';
import { namedElements } from '../sets.ts';
import { textAt, treeAt, type Tree } from '../values.ts';
import { builtInTypes, channelTypeSchema, type ChannelType } from './fields.ts';
import { desiredForm, liveForm, type ChannelTypeForm } from './form.ts';
import { channelTypeSteps } from './steps.ts';

/** Channel types: one list call reads them all, a PUT changes what it names, deleting a built-in resets it. */
export const channelType: Kind<ChannelType, ChannelTypeForm> = {
  name: 'channel_type',
  section: 'channel_types',
  layout: 'named',
  schema: channelTypeSchema,
  samples: [
    {
      max_message_length: 2000,
      reactions: false,
      quotes: false,
      reminders: true,
      commands: ['giphy', 'moderation_set'],
      grants: { channel_member: ['create-message', 'read-channel'], guest: [], user: { remove: ['create-channel'] } },
      partition_ttl: '24h',
      allowed_flag_reasons: ['spam'],
      automod_thresholds: { toxic: { flag: 0.5, block: 0.9 } },
    },
    {},
  ],
  can: { create: true, update: true, delete: 'delete' },
  key: (name) => name,

  check(resource): readonly Diagnostic[] {
    if (/^[\w-]{1,64}$/.test(resource.key)) return [];
    return [
      {
        severity: 'error',
        code: 'bad-key',
        message: `"${resource.key}" cannot name a channel type`,
        help: 'Use 1 to 64 letters, digits, _ and -.',
        at: resource.locate([], 'name'),
        address: resource.address,
      },
    ];
  },

  references({ declared }, live, world): readonly Reference[] {
    const all = Object.values(allTypes(world)).map((raw) => liveGrants(treeAt(raw)['grants']));
    const heldRoles = new Set(Object.values(allTypes(world)).flatMap((raw) => Object.keys(treeAt(treeAt(raw)['grants']))));
    const heldPermissions = new Set(all.flatMap(heldIn));
    return [
      ...grantReferences(declared.grants ?? {}, heldRoles, heldPermissions),
      ...commandReferences(declared, live),
      ...blocklistReferences(declared, live),
    ];
  },

  async read(stream, wanted) {
    const types = await listTypes(stream);
    return new Map(wanted.map(({ address, key }) => [address, readingOf(types, key)]));
  },

  async known(stream) {
    return new Set(Object.keys(await listTypes(stream)));
  },

  desired(resource, live, world) {
    const messaging = liveGrants(treeAt(allTypes(world)['messaging'])['grants']);
    const value = desiredForm(resource.declared, live, { expand: expander(live, world), messaging });
    return { value, diagnostics: [] };
  },

  deletion: (removal) => (builtInTypes.has(removal.key) ? 'reset' : 'delete'),

  steps: channelTypeSteps,
};

async function listTypes(stream: ReadStream): Promise<Tree> {
  return treeAt((await stream.read('ListChannelTypes'))['channel_types']);
}

function allTypes(world: World): Tree {
  return treeAt(world.answer('ListChannelTypes')?.['channel_types']);
}

function readingOf(types: Tree, key: string): Read<ChannelTypeForm> {
  if (!Object.hasOwn(types, key)) return { state: 'absent' };
  const raw = treeAt(types[key]);
  const createdAt = textAt(raw, 'created_at');
  return { state: 'present', live: liveForm(raw), raw, ...(createdAt === undefined ? {} : { createdAt }) };
}

/** Names that live holds are commands; anything else is looked up, since it may be a set. */
function commandReferences(declared: ChannelType, live: ChannelTypeForm | undefined): readonly Reference[] {
  if (declared.commands === undefined) return [];
  const named = declared.commands === 'all' ? ['all'] : namedElements(declared.commands);
  return named
    .filter((name) => live?.commands?.[name] !== true)
    .map((name) => ({ address: addressOf('command', name), path: ['commands', name] }));
}

function blocklistReferences(declared: ChannelType, live: ChannelTypeForm | undefined): readonly Reference[] {
  const references: Reference[] = [];
  const { blocklist, blocklists } = declared;
  if (blocklist !== undefined && !isUnset(blocklist) && blocklist !== '' && live?.['blocklist'] !== blocklist) {
    references.push({ address: addressOf('blocklist', blocklist), path: ['blocklist'] });
  }
  for (const { blocklist: name } of blocklists ?? []) {
    if (name === undefined || live?.blocklists?.[name] !== undefined) continue;
    references.push({ address: addressOf('blocklist', name), path: ['blocklists'] });
  }
  return references;
}

/** Stream expands sets and `all` when it stores them, so they are expanded here before they are compared. */
function expander(live: ChannelTypeForm | undefined, world: World): (name: string) => readonly string[] {
  const answer = world.answer('ListCommands')?.['commands'];
  const commands = Array.isArray(answer) ? answer.map(treeAt) : [];
  return (name) => {
    if (live?.commands?.[name] === true || commands.some((command) => command['name'] === name)) return [name];
    const members = name === 'all' ? commands : commands.filter((command) => command['set'] === name);
    return members.length === 0 ? [name] : members.flatMap((command) => textAt(command, 'name') ?? []);
  };
}

