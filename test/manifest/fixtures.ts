import type { Diagnostic, Result } from '../../src/model/diagnostic.ts';
import type { Kind, Registry } from '../../src/model/kind.ts';
import type { Manifest, Resource } from '../../src/model/resource.ts';
import {
  anything,
  changeableSet,
  clearable,
  flag,
  integer,
  list,
  map,
  object,
  sensitive,
  setOf,
  text,
  word,
  type JsonSchema,
} from '../../src/model/schema.ts';
import { loadManifest } from '../../src/manifest/load.ts';

/** Small kinds, one for each layout: enough of Stream's words to read like manifests. */

const grants = map(changeableSet(text('A permission.'), 'What this role may do.'), 'Permissions by role.');
const custom = map(anything('Any value, or `!unset`.'), 'Your own data.');

export const appSettings = kind('app_settings', 'app', 'one', {
  multi_tenant_enabled: flag('Teams.'),
  webhook_url: clearable(text('Where events go.')),
  reminders_interval: integer('Seconds.', { minimum: 60 }),
  api_key: sensitive(text('A secret.', { maxLength: 10 })),
  image_upload_config: object(
    { allowed_file_extensions: setOf(text('An extension.'), 'Extensions.'), size_limit: integer('Bytes.') },
    'Images.',
  ),
  grants,
});

export const channelType = kind('channel_type', 'channel_types', 'named', {
  reactions: flag('Whether users may react.'),
  max_message_length: integer('Longest message.', { minimum: 1, maximum: 20000 }),
  message_retention: text('How long messages stay.', { 'x-streambed-inferred': { maxLength: 8 } }),
  push_level: word(['all', 'all_mentions', 'none'], 'What is pushed.'),
  commands: setOf(text('A command.'), 'Commands.'),
  factor: { type: 'number', description: 'A number.' },
  grants,
});

export const user = kind(
  'user',
  'users',
  'named',
  {
    name: clearable(text('What others see.', { maxLength: 255 })),
    role: text('The role.'),
    teams: setOf(text('A team.', { maxLength: 20 }), 'Teams.'),
    language: clearable(word(['en', 'de', 'no'], 'A language.')),
    custom,
  },
  {
    check: ({ key, locate }) =>
      /^[\w@-]+$/.test(key)
        ? []
        : [
            {
              severity: 'error',
              code: 'bad-id',
              message: 'not a user id',
              help: 'Use letters.',
              at: locate([], 'name'),
            },
          ],
  },
);

const member: JsonSchema = {
  type: ['string', 'object'],
  description: 'A user, or a user with a role.',
  properties: { user_id: text('The user.'), channel_role: text('The role.') },
  required: ['user_id'],
  additionalProperties: false,
};

export const channel = kind(
  'channel',
  'channels',
  'typed',
  {
    name: text('The title.'),
    created_by: text('Who makes it.'),
    members: { ...list(member, 'Members.'), 'x-streambed-set': true },
    frozen: flag('Nobody may write.'),
    custom,
  },
  { key: (name, _declared, parent) => `${parent ?? ''}:${name}` },
);

export const distinctChannel = kind(
  'distinct_channel',
  'distinct_channels',
  'named',
  {
    type: text('The type.'),
    members: setOf(text('A user.'), 'Members.', { minItems: 2 }),
    created_by: text('Who.'),
  },
  {
    required: ['type', 'members'],
    key: (_name, declared) => {
      const { type, members } = declared as { type: string; members: readonly string[] };
      return `${type}:${members.toSorted().join(',')}`;
    },
    removalKey: (written) => {
      const [type = '', members = ''] = written.split(':');
      const known = members.split(',').map((member) => member.trim());
      return known.length > 1 ? `${type}:${known.toSorted().join(',')}` : undefined;
    },
  },
);

export const registry: Registry = {
  kinds: [appSettings, channelType, user, channel, distinctChannel],
  catalogues: [],
  planned: ['roles', 'commands'],
};

interface More {
  readonly required?: readonly string[];
  readonly key?: Kind['key'];
  readonly check?: NonNullable<Kind['check']>;
  readonly removalKey?: NonNullable<Kind['removalKey']>;
}

function kind(
  name: string,
  section: string,
  layout: Kind['layout'],
  properties: Readonly<Record<string, JsonSchema>>,
  more: More = {},
): Kind {
  return {
    name,
    section,
    layout,
    schema: object(properties, `A ${name}.`, more.required === undefined ? {} : { required: more.required }),
    samples: [{}],
    can: { create: true, update: true, delete: layout === 'one' ? false : 'delete' },
    key: more.key ?? ((own) => own),
    ...(more.check === undefined ? {} : { check: more.check }),
    ...(more.removalKey === undefined ? {} : { removalKey: more.removalKey }),
    read: async () => new Map(),
    desired: () => ({ value: {}, diagnostics: [] }),
    steps: () => [],
  };
}

/** Loads manifests given as texts; one text is the file `m.yaml`. */
export function load(files: string | Readonly<Record<string, string>>): Result<Manifest> {
  const texts = typeof files === 'string' ? { 'm.yaml': files } : files;
  return loadManifest(
    Object.entries(texts).map(([file, content]) => ({ file, text: content })),
    registry,
  );
}

/** What was declared, by address. */
export function declaredIn(
  files: string | Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const { value, diagnostics } = load(files);
  if (diagnostics.length > 0) throw new Error(problemsIn(files).join('\n'));
  return Object.fromEntries(value.resources.map((resource) => [resource.address, plain(resource.declared)]));
}

/** The one resource of a valid manifest. */
export function resourceIn(files: string | Readonly<Record<string, string>>): Resource {
  const { value } = load(files);
  const [resource] = value.resources;
  if (resource === undefined) throw new Error(problemsIn(files).join('\n'));
  return resource;
}

/** Problems as lines: `error unknown-field m.yaml:2:3 message | help`. */
export function problemsIn(files: string | Readonly<Record<string, string>>): readonly string[] {
  return load(files).diagnostics.map(lineOf);
}

export function lineOf({ severity, code, at, message, help }: Diagnostic): string {
  const place = at === undefined ? '' : ` ${at.file}:${at.line}:${at.column}`;
  return `${severity} ${code}${place} ${message} | ${help ?? ''}`;
}

/** A copy with ordinary prototypes, so that expectations can be written as literals. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
