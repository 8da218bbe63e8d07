import type { Kind, Registry } from '../model/kind.ts';
import type { JsonSchema } from '../model/schema.ts';
import { acceptanceSchema, lifecycleSchema, removalSchema } from './parts.ts';
import { projectSchema } from './project-schema.ts';

/**
 * The JSON Schema of a manifest file (draft 2020-12), for editors and other tools. What no schema can say (unique
 * names over several files, references, cut-off comments) only this tool finds. `!unset` needs the editor's setting
 * for custom tags; `{"$unset": true}` needs none.
 */
export function manifestSchema(registry: Registry): JsonSchema {
  const defs: Record<string, JsonSchema> = {
    lifecycle: { title: 'lifecycle', ...titled(lifecycleSchema) },
    removal: { title: 'removed', ...titled(removalSchema(registry)) },
    acceptance: { title: 'accepted', ...titled(acceptanceSchema) },
    free: { description: 'Anything: for anchors and notes.' },
  };
  const sections: Record<string, JsonSchema> = {};
  const defaults: Record<string, JsonSchema> = {};
  for (const kind of registry.kinds) {
    if (kind.layout === 'one') {
      sections[kind.section] = appSchema(kind);
      continue;
    }
    defs[kind.name] = fieldsOf(kind);
    const objects = objectsSchema(kind);
    sections[kind.section] = kind.layout === 'named' ? objects : byType(kind, objects);
    const fields: JsonSchema = { $ref: `#/$defs/${kind.name}` };
    defaults[kind.section] = kind.layout === 'named' ? fields : byType(kind, fields);
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:streambed:manifest:1',
    title: 'Streambed manifest',
    description: 'What a Stream Chat app should look like: settings, channel types, users, channels.',
    type: 'object',
    properties: {
      $schema: { type: 'string', title: '$schema', description: 'Where this schema lies, for editors.' },
      ...sections,
      defaults: {
        title: 'defaults',
        description:
          'Fields for all objects of a section that do not declare them; for sections with types by type.',
        type: 'object',
        properties: defaults,
        additionalProperties: false,
      },
      removed: {
        title: 'removed',
        description: 'Objects that must not exist, by name, with the reason.',
        type: 'array',
        items: { $ref: '#/$defs/removal' },
      },
      accepted: {
        title: 'accepted',
        description: 'Dangers that are meant, each with the object and the reason.',
        type: 'array',
        items: { $ref: '#/$defs/acceptance' },
      },
    },
    patternProperties: { '^x-': { $ref: '#/$defs/free' } },
    additionalProperties: false,
    $defs: defs,
  };
}

/** The JSON Schema of `streambed.yaml`, for editors and other tools. */
export function projectFileSchema(registry: Registry): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:streambed:project:1',
    title: 'Streambed project',
    ...titled(projectSchema(registry)),
  };
}

/** What a kind's body may hold; what it must hold is said where it is used, because defaults need not. */
function fieldsOf(kind: Kind): JsonSchema {
  const { required: _required, minProperties: _minimum, ...fields } = titled(kind.schema);
  return {
    title: kind.name,
    ...fields,
    properties: { ...fields.properties, lifecycle: { $ref: '#/$defs/lifecycle' } },
  };
}

/** A map from names to bodies, or a list of names; one schema with both, because editors explain it better than oneOf. */
function objectsSchema(kind: Kind): JsonSchema {
  return {
    title: kind.layout === 'named' ? kind.section : kind.name,
    description: `${kind.schema.description ?? kind.name} By name; a list of names where there is nothing but the name.`,
    type: ['object', 'array'],
    additionalProperties: {
      $ref: `#/$defs/${kind.name}`,
      ...(kind.schema.required === undefined ? {} : { required: kind.schema.required }),
    },
    ...(kind.names === undefined ? {} : { propertyNames: kind.names }),
    items: { type: 'string', ...kind.names },
  };
}

function byType(kind: Kind, inner: JsonSchema): JsonSchema {
  return {
    title: kind.section,
    description: `${kind.schema.description ?? kind.name} By channel type.`,
    type: 'object',
    additionalProperties: inner,
  };
}

function appSchema(kind: Kind): JsonSchema {
  const { properties: { grants, ...settings } = {}, ...rest } = titled(kind.schema);
  return {
    title: kind.section,
    description: 'The app itself: which one it is, its settings, and its grants.',
    type: 'object',
    properties: {
      id: {
        title: 'id',
        type: 'integer',
        description: 'The app that these manifests are for; no other is touched.',
      },
      name: {
        title: 'name',
        type: 'string',
        description: 'The name of the app that these manifests are for.',
      },
      settings: { title: 'settings', ...rest, properties: settings },
      ...(grants === undefined ? {} : { grants }),
      lifecycle: { $ref: '#/$defs/lifecycle' },
    },
    additionalProperties: false,
  };
}

/** Titles from names, all the way down: editors show them above the description. */
function titled(schema: JsonSchema): JsonSchema {
  const { properties, items, additionalProperties } = schema;
  return {
    ...schema,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, inner]) => [name, { title: name, ...titled(inner) }]),
          ),
        }),
    ...(items === undefined
      ? {}
      : { items: schema['x-streambed-set'] === true ? nestable(titled(items)) : titled(items) }),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: titled(additionalProperties) }
      : {}),
  };
}

/** Lists within a set are flattened, so that an anchor can stand for a few of its elements. */
function nestable(item: JsonSchema): JsonSchema {
  return item.type === undefined
    ? item
    : { ...item, type: [...new Set([...[item.type].flat(), 'array' as const])] };
}
