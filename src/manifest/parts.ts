import { dangerRules } from '../model/danger.ts';
import type { Registry } from '../model/kind.ts';
import { projectSchema } from './project-schema.ts';
import { flag, list, object, text, word, type JsonSchema } from '../model/schema.ts';

/** How far the tool may go with one object; every body may hold it as `lifecycle`. */
export const lifecycleSchema: JsonSchema = object(
  {
    ignore_changes: list(
      text('A path inside the object: `custom.status`.'),
      'Paths that keep their live value once the object exists; `all` for every one.',
      {
        type: ['array', 'string'],
        'x-streambed-set': true,
      },
    ),
    prevent_destroy: flag(
      'Refuses deletes, resets and losses inside the object, whatever else approves them.',
    ),
    create_only: flag('Creates the object when it is absent and never touches it afterwards.'),
  },
  'How far Streambed may go with this object.',
);

/** One line of `removed:`: a kind's name with the key of an object, and the reason. */
export function removalSchema(registry: Registry): JsonSchema {
  const kinds: Record<string, JsonSchema> = {};
  for (const kind of registry.kinds) {
    if (kind.can.delete !== false)
      kinds[kind.name] = text(`The ${kind.name.replaceAll('_', ' ')} that must not exist.`, { minLength: 1 });
  }
  return object(
    {
      ...kinds,
      because: text('Why it goes, for whoever reads this later.', { minLength: 1 }),
      mode: word(['soft', 'hard'], 'Soft keeps what Stream can restore; hard does not.', { default: 'soft' }),
      created_before: text('Spares a namesake that was created at this time or later.', {
        pattern: String.raw`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[-+]\d\d:\d\d)$`,
        examples: ['2026-01-31T00:00:00Z'],
      }),
    },
    'A deletion, by name, with its reason.',
    { required: ['because'] },
  );
}

/** Codes of dangers that a manifest can accept: a change to the rules is judged by the rules before it. */
export const acceptable: readonly string[] = Object.keys(dangerRules).filter(
  (code) => code !== 'rules-changed',
);

/** One line of `accepted:`: a danger, the objects that it is accepted for, and the reason. */
export const acceptanceSchema: JsonSchema = object(
  {
    danger: word(acceptable, 'The code of the danger, as plans print it: `rights-gained`.'),
    on: text('The object, in which `*` stands for any characters: `channel_type/support`.', {
      minLength: 1,
      examples: ['channel_type/support'],
    }),
    because: text('Why it is accepted, for whoever reads this later.', { minLength: 1 }),
  },
  'A danger that is meant, with its reason.',
  { required: ['danger', 'on', 'because'] },
);

/** Names under which the validator knows what is not a kind. */
export const partNames = {
  lifecycle: '#lifecycle',
  removal: '#removal',
  acceptance: '#acceptance',
  project: '#project',
  nameOf: (kind: string) => `${kind}#name`,
} as const;

/** Every schema that a manifest is validated with, by the name of its kind or part. */
export function schemasOf(registry: Registry): Readonly<Record<string, JsonSchema>> {
  return {
    ...Object.fromEntries(registry.kinds.map((kind) => [kind.name, kind.schema])),
    ...Object.fromEntries(registry.kinds.map((kind) => [partNames.nameOf(kind.name), kind.names ?? {}])),
    [partNames.lifecycle]: lifecycleSchema,
    [partNames.removal]: removalSchema(registry),
    [partNames.acceptance]: acceptanceSchema,
    [partNames.project]: projectSchema(registry),
  };
}
