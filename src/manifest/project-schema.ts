import { dangerRules, type DangerAction, type DangerCode } from '../model/danger.ts';
import type { Registry } from '../model/kind.ts';
import { flag, integer, list, map, object, setOf, text, word, type Schema } from '../model/schema.ts';

/** What `streambed.yaml` may hold; which environments it may name only the file itself knows. */
export function projectSchema(registry: Registry) {
  const kinds = registry.kinds.map(({ name }) => name);
  const policy = object(
    {
      danger: word(
        [...(Object.keys(dangerRules) as DangerCode[]), '*'],
        'The code of a danger, as plans print it, or `*` for all of them.',
      ),
      losses: word([...lossWordsOf(registry), 'any'], 'What is lost: a word of these, or `any`.'),
      changes: word(
        [...kinds, 'any'],
        'Objects of what kind are changed or deleted, or `any`; new ones do not count.',
      ),
      more_than: text('A number, or a share of the declared objects in percent: `30%`.', {
        type: ['integer', 'string'],
        minimum: 0,
        pattern: String.raw`^(?:\d{1,9}|(?:100|\d{1,2})(?:\.\d{1,3})?%)$`,
        examples: ['30%'],
      }),
      kind: word(kinds, 'Only dangers of objects of this kind.'),
      environment: text('Only in this environment; `production` means all that are marked so.', {
        minLength: 1,
      }),
      action: word(
        ['allow', 'warn', 'block'] as const satisfies readonly DangerAction[],
        '`block` refuses an apply, `warn` asks for a look, `allow` only tells.',
      ),
    },
    'What is to be done about a danger, or about how much is lost or changed; the last one that matches a danger decides.',
    { required: ['action'] },
  );
  const expectation = object(
    {
      role: text('A role of users: `user`.', { minLength: 1 }),
      channel_role: text('The role in the channel; without it, somebody who is no member.', { minLength: 1 }),
      channel_type: text('The channel type; without it, what holds in the whole app.', { minLength: 1 }),
      can: permissions('What they may do.'),
      cannot: permissions('What they may not do.'),
    },
    'What a role may and may not do: a plan that makes it otherwise is refused.',
    { required: ['role'] },
  );
  const environment = object(
    {
      app: object(
        {
          id: integer('The id of the app, as the dashboard shows it.', { minimum: 1 }),
          name: text('The name of the app.', { minLength: 1 }),
        },
        'The app that is meant: no other is touched.',
      ),
      production: flag('Whether people depend on it: what is closed there is not opened by accident.'),
      manifests: manifests('Files and folders, instead of the list above.'),
      hosts: setOf(
        text('A host, without scheme, port and path.', {
          pattern: String.raw`^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$`,
          examples: ['acme.example.com'],
        }),
        'Hosts that belong to this environment: in any other one they are a danger.',
      ),
    },
    'One app that the manifests are for.',
  );
  return object(
    {
      $schema: text('Where the schema of this file lies, for editors.'),
      manifests: manifests('Files and folders of manifests, relative to this file.'),
      environments: map(environment, 'The apps that the manifests are for, by name.', {
        propertyNames: {
          type: 'string',
          pattern: '^[A-Za-z][A-Za-z0-9_-]*$',
          description: 'Name an environment with letters, digits, `-` and `_`.',
        },
      }),
      policies: list(policy, 'What is to be done about dangers, losses and many changes.'),
      protect: setOf(
        text('An address, in which `*` stands for any characters: `channel_type/messaging`.', {
          minLength: 1,
        }),
        'Objects that are never deleted, reset or emptied.',
      ),
      expect: list(expectation, 'Tests on permissions, made with every plan.'),
    },
    'The project: where the manifests are, which apps they are for, and what may happen to these.',
    { patternProperties: { '^x-': { description: 'Anything: for anchors and notes.' } } },
  );
}

/** What can be lost: kinds that can be deleted, and what goes with their changes. */
export function lossWordsOf(registry: Registry): readonly string[] {
  return registry.kinds.flatMap(({ name, can, lossWords = [] }) => [
    ...(can.delete === false ? [] : [name]),
    ...lossWords,
  ]);
}

function manifests(description: string): Schema<readonly string[]> {
  return setOf(text('A file or a folder.', { minLength: 1 }), description, { minItems: 1 });
}

function permissions(description: string): Schema<readonly string[]> {
  return setOf(text('A permission: `create-channel`.', { minLength: 1 }), description, { minItems: 1 });
}
