import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registry } from '../src/kinds/registry.ts';
import type { Kind } from '../src/model/kind.ts';
import { phases } from '../src/reconcile/order.ts';
import { linesOf, testApp, wordsOf, type TestApp } from './support/world.ts';

/** What the samples refer to: users and a type that every kind may use. */
const surroundings = JSON.stringify({
  users: { 'sample-owner': { name: 'Owner' }, 'sample-guest': { name: 'Guest' } },
});

function manifestFor(kind: Kind, sample: object): string {
  if (kind.layout === 'one') {
    const { grants, ...settings } = sample as Record<string, unknown>;
    return JSON.stringify({ [kind.section]: { settings, ...(grants === undefined ? {} : { grants }) } });
  }
  if (kind.layout === 'typed')
    return JSON.stringify({ [kind.section]: { messaging: { 'sample-one': sample } } });
  return JSON.stringify({ [kind.section]: { 'sample-one': sample } });
}

function removalFor(kind: Kind, sample: object): string {
  const key = kind.key('sample-one', sample, 'messaging');
  return JSON.stringify({ removed: [{ [kind.name]: key, because: 'the sample is over' }] });
}

describe.each(registry.kinds.map((kind) => [kind.name, kind] as const))('kind %s', (_name, kind) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await testApp();
    await app.apply(surroundings);
  });
  afterAll(() => app.close());

  it('has a phase for each of its effects', () => {
    expect(phases[kind.name]).toBeDefined();
  });

  it('describes every field', () => {
    for (const [field, schema] of Object.entries(kind.schema.properties ?? {})) {
      expect(schema.description, field).toMatch(/\w/);
    }
  });

  for (const [index, sample] of (kind.samples as readonly object[]).entries()) {
    it(`makes sample ${index + 1} so in one apply, and the next plan is empty`, async () => {
      const yaml = manifestFor(kind, sample);
      const result = await app.apply(yaml);
      expect(result.outcomes.filter(({ status }) => status !== 'applied')).toEqual([]);
      expect(result.verified).toBe('converged');
      expect(linesOf(await app.plan(yaml))).toEqual([]);
    });

    it(`wishes for sample ${index + 1} what is already there, once it is`, async () => {
      const yaml = manifestFor(kind, sample);
      await app.apply(yaml);
      const again = await app.plan(yaml);
      for (const change of again.changes) expect(change.action, change.address).toBe('keep');
    });
  }

  it('changes one sample into another in one apply', async () => {
    const [first, ...others] = (kind.samples as readonly object[]).map((sample) => manifestFor(kind, sample));
    for (const other of others) {
      await app.apply(first ?? '');
      const result = await app.apply(other);
      expect(result.verified).toBe('converged');
    }
  });

  it.skipIf(kind.can.delete === false)(
    'deletes what removed: names, and then has nothing left to do',
    async () => {
      const [sample = {}] = kind.samples as readonly object[];
      await app.apply(manifestFor(kind, sample));
      const removal = removalFor(kind, sample);
      const result = await app.apply(removal);
      expect(result.outcomes.map(({ status }) => status)).toEqual(['applied']);
      const again = await app.plan(removal);
      expect(linesOf(again)).toEqual([]);
      expect(wordsOf(again.diagnostics)).toContain('already-removed');
    },
  );
});
