import type { Danger } from '../model/danger.ts';
import type { Registry } from '../model/kind.ts';
import type { Origins } from '../model/origin.ts';
import type { Plan } from '../model/plan.ts';
import type { Manifest } from '../model/resource.ts';

/** Revisions of the manifests to hold a plan against. */
export interface Revisions {
  /** What this branch is compared with. */
  readonly base?: { readonly ref: string; readonly commit: string; readonly manifest: Manifest };
  /** What the last recorded apply left in the live app. */
  readonly applied?: { readonly commit: string; readonly manifest: Manifest };
}

/** Tells whose each difference is, and what leaves management; dangers are those that follow from it. */
export function originsOf(
  _plan: Pick<Plan, 'changes' | 'manifest' | 'world'>,
  revisions: Revisions,
  _registry: Registry,
): { readonly origins: Origins; readonly dangers: readonly Danger[] } {
  const { base, applied } = revisions;
  return {
    origins: {
      ...(base === undefined ? {} : { base: { ref: base.ref, commit: base.commit } }),
      ...(applied === undefined ? {} : { applied: applied.commit }),
      changes: new Map(),
      leaving: [],
    },
    dangers: [],
  };
}
