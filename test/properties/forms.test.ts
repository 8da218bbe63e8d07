import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import type { Kind, World } from '../../src/model/kind.ts';
import type { Resource } from '../../src/model/resource.ts';
import { diff } from '../../src/reconcile/diff.ts';
import { manifestOf } from '../support/world.ts';
import { manifest, type GeneratedManifest } from './arbitraries.ts';

const nothingKnown: World = {
  app: { id: undefined, name: '' },
  answer: () => undefined,
  read: () => undefined,
  declared: () => undefined,
};

/** The normal forms of everything that a manifest declares, as if none of it existed. */
function formsOf(
  wanted: GeneratedManifest,
): ReadonlyMap<string, { readonly kind: Kind; readonly form: object }> {
  const kinds = new Map(registry.kinds.map((kind) => [kind.name, kind]));
  return new Map(
    manifestOf(JSON.stringify(wanted)).resources.map((resource: Resource) => {
      const kind = kinds.get(resource.kind)!;
      return [
        resource.address,
        { kind, form: kind.desired(resource, undefined, nothingKnown).value as object },
      ] as const;
    }),
  );
}

/** The same form with prototypes, and with its keys in another order. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, below]) => [key, copied(below)]),
  );
}

describe('the difference of normal forms', () => {
  it('is nothing between a form and its copy, whatever the order of keys', () => {
    fc.assert(
      fc.property(manifest, (wanted) => {
        for (const { kind, form } of formsOf(wanted).values()) {
          expect(diff(form, copied(form) as object, kind.schema)).toEqual([]);
        }
      }),
      { seed: 20_260_911, numRuns: 60 },
    );
  });

  it('leads from one set to the other, element by element, and tells both sizes', () => {
    fc.assert(
      fc.property(manifest, manifest, (one, two) => {
        const after = formsOf(two);
        for (const [address, { kind, form }] of formsOf(one)) {
          const target = after.get(address);
          if (target === undefined) continue;
          for (const change of diff(form, target.form, kind.schema)) {
            if (change.op !== 'elements') continue;
            const names = new Set(elementsAt(form, change.path));
            expect(names.size).toBe(change.before);
            for (const { name } of change.removed) expect(names.delete(name)).toBe(true);
            for (const { name } of change.added) expect(names.size).toBeLessThan(names.add(name).size);
            expect(names.size).toBe(change.after);
            expect([...names].toSorted()).toEqual(elementsAt(target.form, change.path).toSorted());
          }
        }
      }),
      { seed: 20_260_911, numRuns: 60 },
    );
  });
});

function elementsAt(form: object, path: readonly string[]): readonly string[] {
  let here: unknown = form;
  for (const step of path) {
    here =
      typeof here === 'object' && here !== null && Object.hasOwn(here, step)
        ? (here as Record<string, unknown>)[step]
        : {};
  }
  return Object.keys(here as object);
}
