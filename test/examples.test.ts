import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { load, schemas } from '../src/index.ts';
import { hasErrors } from '../src/model/diagnostic.ts';
import { registry } from '../src/kinds/registry.ts';
import { applyPlan } from '../src/reconcile/apply.ts';
import { makePlan } from '../src/reconcile/plan.ts';
import { linesOf, testApp, wordsOf } from './support/world.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const examples = readdirSync(`${root}examples`, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !['ci', 'dangers'].includes(entry.name))
  .map(({ name }) => name);

describe.each(examples)('examples/%s', (name) => {
  it('loads without a word', async () => {
    const { diagnostics } = await load([`examples/${name}`], { cwd: root });
    expect(wordsOf(diagnostics)).toBe('');
  });

  it('is made so in one apply, and the next plan is empty', async () => {
    const app = await testApp();
    try {
      const { value: manifest } = await load([`examples/${name}`], { cwd: root });
      const plan = await makePlan(manifest, registry, app.connection.reader);
      expect(hasErrors(plan.diagnostics), wordsOf(plan.diagnostics)).toBe(false);
      const result = await applyPlan(plan, registry, app.connection);
      expect(result.outcomes.filter(({ status }) => status !== 'applied')).toEqual([]);
      expect(result.verified).toBe('converged');
      expect(linesOf(await makePlan(manifest, registry, app.connection.reader))).toEqual([]);
    } finally {
      await app.close();
    }
  });

  it('is valid under the published schema with ajv alone', () => {
    const schema: unknown = JSON.parse(readFileSync(`${root}schema/manifest.schema.json`, 'utf8'));
    const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema as object);
    for (const file of readdirSync(`${root}examples/${name}`).filter((entry) =>
      /\.(ya?ml|json)$/.test(entry),
    )) {
      for (const document of parseAllDocuments(readFileSync(`${root}examples/${name}/${file}`, 'utf8'))) {
        expect(validate(document.toJS()), JSON.stringify(validate.errors)).toBe(true);
      }
    }
  });
});

describe('the published schemas', () => {
  it.each(['manifest', 'plan', 'project'] as const)(
    '%s.schema.json is fresh: `npm run schema` writes it',
    (name) => {
      const written: unknown = JSON.parse(readFileSync(`${root}schema/${name}.schema.json`, 'utf8'));
      expect(written).toEqual(JSON.parse(JSON.stringify(schemas[name]())));
    },
  );

  it('of project files accepts the examples with ajv alone', () => {
    const schema: unknown = JSON.parse(readFileSync(`${root}schema/project.schema.json`, 'utf8'));
    const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema as object);
    const folder = `${root}examples/dangers/rules-changed/`;
    for (const name of ['base', 'bad', 'good']) {
      const written = parse(readFileSync(`${folder}${name}.streambed.yaml`, 'utf8')) as object;
      expect(validate(written), JSON.stringify(validate.errors)).toBe(true);
      expect(validate({ ...written, protct: [] })).toBe(false);
    }
  });

  it.each(['manifest', 'project'] as const)('of a %s describes every field', (name) => {
    const schema = schemas[name]();
    const bare: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, below] of Object.entries(value)) {
        if (key === 'properties' && !Array.isArray(below)) {
          for (const [name, field] of Object.entries(
            below as Record<string, { description?: string; $ref?: string }>,
          )) {
            if (field.description === undefined && field.$ref === undefined) bare.push(`${path}/${name}`);
          }
        }
        visit(below, `${path}/${key}`);
      }
    };
    visit(schema, '');
    expect(bare).toEqual([]);
  });
});
