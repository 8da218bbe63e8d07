import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { registry as everyKind } from '../../src/kinds/registry.ts';
import { manifestSchema } from '../../src/manifest/json-schema.ts';
import { partNames } from '../../src/manifest/parts.ts';
import { precompiledModule } from '../../src/manifest/precompile.ts';
import { validate } from '../../src/manifest/validator.ts';
import type { JsonSchema } from '../../src/model/schema.ts';
import { registry } from './fixtures.ts';

const accepts = new Ajv2020({ strict: false, allErrors: true }).compile(manifestSchema(registry));

test.each([
  {},
  { $schema: 'x', 'x-free': [null] },
  {
    users: { lena: { name: 'Lena', custom: { a: [1, { b: true }] }, lifecycle: { ignore_changes: 'all' } } },
  },
  {
    users: ['lena', 'ben'],
    channels: { support: ['a'], other: { b: { members: ['x', { user_id: 'y' }] } } },
  },
  {
    users: { lena: { name: { $unset: true }, language: { $unset: true }, custom: { a: { $unset: true } } } },
  },
  {
    app: {
      id: 1,
      name: 'Acme',
      settings: { multi_tenant_enabled: true },
      grants: { guest: [], user: { add: ['x'] } },
    },
  },
  {
    defaults: {
      users: { role: 'x' },
      channels: { support: { created_by: 'y' } },
      distinct_channels: { type: 'm' },
    },
  },
  { removed: [{ channel: 'a:b', because: 'x' }] },
])('an editor accepts %j', (manifest) => {
  accepts(manifest);
  expect(accepts.errors ?? []).toEqual([]);
});

test.each([
  { usrs: {} },
  { roles: [] },
  { users: 3 },
  { users: { lena: { nam: 'x' } } },
  { users: { lena: null } },
  { app: { settings: { grants: {} } } },
  { app: { webhook_url: 'x' } },
  { channels: { support: { a: { frozen: 'yes' } } } },
  { defaults: { app: {} } },
  { removed: [{ channel: 'a:b' }] },
  { removed: [{ app_settings: 'app', because: 'x' }] },
  { distinct_channels: { a: {} } },
])('an editor refuses %j', (manifest) => {
  expect(accepts(manifest)).toBe(false);
});

test('every field has a title and a description', () => {
  const bare: string[] = [];
  const visit = (schema: JsonSchema, path: string): void => {
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      const here = `${path}.${name}`;
      if (
        field.$ref === undefined &&
        (field.title === undefined || field.description === undefined) &&
        name !== '$unset'
      )
        bare.push(here);
      visit(field, here);
    }
    for (const [name, inner] of Object.entries(schema.$defs ?? {})) visit(inner, name);
    if (schema.items !== undefined) visit(schema.items, `${path}[]`);
    if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties, `${path}.*`);
  };
  visit(manifestSchema(registry), '');
  expect(bare).toEqual([]);
});

test('an editor explains how objects may be called, in maps and in lists', () => {
  const { properties = {} } = manifestSchema(everyKind);
  for (const { layout, names, section } of everyKind.kinds) {
    if (layout === 'one' || names === undefined) continue;
    const objects = layout === 'named' ? properties[section] : properties[section]?.additionalProperties;
    expect(objects, section).toMatchObject({
      propertyNames: { description: names.description },
      items: { type: 'string', description: names.description },
    });
  }
  expect(everyKind.kinds.filter(({ names }) => names?.description !== undefined).length).toBeGreaterThan(2);
});

test('code that was compiled before finds what the compiler finds', async () => {
  const folder = await mkdtemp(join(import.meta.dirname, 'tmp-'));
  try {
    await mkdir(join(folder, 'dist'));
    await writeFile(join(folder, 'dist', 'validator.js'), precompiledModule(registry));
    await writeFile(
      join(folder, 'dist', 'raw-issue.js'),
      "export { rawIssues } from '../../../../src/manifest/raw-issue.ts';\n",
    );
    const module = (await import(join(folder, 'dist', 'validator.js'))) as { validate: typeof validate };
    const values: readonly (readonly [string, unknown])[] = [
      ['user', {}],
      ['user', { name: 'x'.repeat(300), role: 3, teams: ['a', 1], language: 'xx', custom: [], nam: 1 }],
      ['user', { name: { $unset: true }, language: { $unset: true } }],
      [
        'user',
        Object.assign(Object.create(null) as object, { language: { $unset: 1 }, name: '😀'.repeat(255) }),
      ],
      [
        'channel_type',
        {
          max_message_length: 0,
          message_retention: 'a long time',
          grants: { user: { add: [] } },
          push_level: 1,
        },
      ],
      ['channel', { members: ['a', { user_id: 'b', x: 1 }, {}, null] }],
      ['distinct_channel', {}],
      [
        'app_settings',
        { grants: { user: 'x', guest: { ad: [] } }, image_upload_config: { size_limit: 1.5 } },
      ],
      [partNames.lifecycle, { ignore_changes: 3, x: 1 }],
      [partNames.removal, { user: '', mode: 'x', created_before: 'x' }],
      ['unknown', { a: 1 }],
    ];
    for (const [name, value] of values) {
      const expected = validate(name, value, registry);
      expect(module.validate(name, value, registry), name).toEqual(expected);
    }
    expect(validate('channel_type', { message_retention: 'a long time' }, registry)).toMatchObject([
      { path: ['message_retention'], keyword: 'maxLength', severity: 'warning' },
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
