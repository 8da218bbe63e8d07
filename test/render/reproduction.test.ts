import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { reproductionOf } from '../../src/render/reproduction.ts';
import { testApp, type TestApp } from '../support/world.ts';

let app: TestApp;
beforeEach(async () => {
  app = await testApp();
});
afterEach(() => app.close());

interface Reproduction {
  readonly objects: readonly {
    readonly kind: string;
    readonly object: string;
    readonly planned: string;
    readonly before?: Readonly<Record<string, unknown>>;
    readonly wished: Readonly<Record<string, unknown>>;
    readonly now?: Readonly<Record<string, unknown>>;
    readonly differs: readonly string[];
  }[];
}

/** As if a first plan had been applied and a second one still found these differences. */
async function reproduced(first: string, second = first): Promise<Reproduction> {
  const planned = await app.plan(first);
  const outcomes = planned.changes.map((change): Outcome => ({ status: 'applied', change }));
  return reproductionOf(await app.plan(second), outcomes, registry, '1.2.3') as Reproduction;
}

describe('a reproduction', () => {
  it('tells what differs in both forms, without a name, a text or a number of the app', async () => {
    await app.apply(`
      users: { lena-private: { name: Lena Private } }
      channels: { messaging: { case-4711: { created_by: lena-private, name: Old Secret Name } } }
    `);
    const found = await reproduced(`
      app: { settings: { datadog_info: { api_key: key-of-datadog } } }
      users: { lena-private: { name: Private Lena, custom: { telephone: 491701234567, vip: true } } }
      channels: { messaging: { case-4711: { name: New Secret Name, cooldown: 30, members: [lena-private] } } }
    `);
    const text = JSON.stringify(found);
    for (const told of ['rivate', 'ecret', '4711', 'telephone', '491701234567', 'key-of', 'vip'])
      expect(text).not.toContain(told);
    expect(found.objects.map(({ kind }) => kind)).toEqual(['app_settings', 'user', 'channel']);
    const channel = found.objects.at(-1);
    expect(channel).toMatchObject({ planned: 'update', before: { cooldown: 0 }, wished: { cooldown: 30 } });
    expect(channel?.differs.slice(0, 1)).toEqual(['cooldown']);
  });

  it('keeps what is equal equal, what is not different, and the words that are Stream its own', async () => {
    await app.apply('users: { lena: { name: Same }, ben: { name: Other } }');
    const found = await reproduced(`
      users: { lena: { name: Other, image: Other, status: deactivated }, ben: { name: Same } }
    `);
    const [ben, lena] = found.objects;
    expect(lena?.wished['name']).toBe(ben?.now?.['name']);
    expect(lena?.now?.['name']).toBe(ben?.wished['name']);
    expect(lena?.wished['name']).not.toBe(lena?.now?.['name']);
    expect(lena?.wished['image']).toBe(lena?.wished['name']);
    expect(lena?.wished['status']).toBe('deactivated');
  });

  it('says of a number of one of the own fields that it is one', async () => {
    await app.apply('users: { lena: {} }');
    const { objects } = await reproduced('users: { lena: { custom: { age: 42, years: 42, text: "42" } } }');
    const custom = Object.values(objects[0]?.wished['custom'] as object) as readonly unknown[];
    expect(custom[0]).toEqual({ $number: expect.stringMatching(/^text-\d+$/) });
    expect(custom.filter((value) => JSON.stringify(value) === JSON.stringify(custom[0]))).toHaveLength(2);
  });

  it('of what nobody planned says that it was to stay', async () => {
    await app.apply('users: { lena: { name: Lena } }');
    const { objects } = await reproduced(
      'users: { lena: { name: Lena } }',
      'users: { lena: { name: Else } }',
    );
    expect(objects).toMatchObject([{ kind: 'user', planned: 'keep', differs: ['name'] }]);
  });
});
