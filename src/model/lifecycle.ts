import type { Lifecycle } from './resource.ts';

type Tree = Readonly<Record<string, unknown>>;

/**
 * What is left of the wish once the lifecycle has had its say: an object that exists keeps the live value of every
 * ignored path, and all of it when it is only to be created.
 */
export function withLifecycle(lifecycle: Lifecycle, desired: object, live: object | undefined): object {
  if (live === undefined) return desired;
  if (lifecycle.create_only || lifecycle.ignore_changes.includes('all')) return live;
  let form = desired as Tree;
  for (const path of lifecycle.ignore_changes) form = keepingLive(form, live as Tree, path.split('.'));
  return form;
}

function keepingLive(form: Tree, live: Tree | undefined, path: readonly string[]): Tree {
  const [key, ...below] = path;
  if (key === undefined) return form;
  const copy: Record<string, unknown> = Object.assign(Object.create(null) as Record<string, unknown>, form);
  const there = live !== undefined && Object.hasOwn(live, key);
  if (below.length === 0) {
    if (there) copy[key] = live[key];
    else delete copy[key];
    return copy;
  }
  const inside = Object.hasOwn(form, key) ? form[key] : undefined;
  if (typeof inside !== 'object' || inside === null || Array.isArray(inside)) return form;
  copy[key] = keepingLive(inside as Tree, there ? (live[key] as Tree) : undefined, below);
  return copy;
}
