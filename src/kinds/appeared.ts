import type { Path } from '../model/address.ts';
import { withLifecycle } from '../model/lifecycle.ts';
import type { Lifecycle } from '../model/resource.ts';
import { same, treeAt, type Tree } from './values.ts';

/** What becomes of an object that was not there when the plan was made and is now, and where that is different. */
export interface Adopted<F> {
  readonly desired: F;
  readonly fields: readonly { readonly path: Path }[];
}

/** Between plan and write an object can appear: then it is changed as one that existed, ignored paths and all. */
export function adopted<F extends Tree>(live: F, wanted: F, lifecycle: Lifecycle): Adopted<F> {
  const desired = withLifecycle(lifecycle, wanted, live) as F;
  return { desired, fields: differences(live, desired) };
}

/** Custom data differs by key, everything else by field. */
function differences(live: Tree, desired: Tree): readonly { readonly path: Path }[] {
  const { custom: before, ...one } = live;
  const { custom: after, ...two } = desired;
  return [
    ...differing(one, two).map((field) => ({ path: [field] })),
    ...differing(treeAt(before), treeAt(after)).map((key) => ({ path: ['custom', key] })),
  ];
}

function differing(one: Tree, two: Tree): readonly string[] {
  const keys = new Set([...Object.keys(one), ...Object.keys(two)]);
  return [...keys].filter((key) => !same(one[key], two[key]));
}
