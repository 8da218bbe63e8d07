import { addressOf } from '../model/address.ts';
import type { World } from '../model/kind.ts';
import { withLifecycle } from '../model/lifecycle.ts';
import { desiredGrants, liveGrants, type DeclaredGrants, type GrantsForm } from './grants.ts';
import { emptyMap } from './sets.ts';
import { treeAt } from './values.ts';

/** What roles hold in channels of a type once the plan is applied; undefined where the types were not read. */
export function typeGrants(type: string, world: World): GrantsForm | undefined {
  const types = treeAt(world.answer('ListChannelTypes')?.['channel_types']);
  const live = grantsIn(types, type);
  const resource = world.declared(addressOf('channel_type', type));
  const messaging = grantsIn(types, 'messaging');
  // A declaration alone does not tell what the roles that it leaves out hold.
  if (resource === undefined || (live ?? messaging) === undefined) return live;
  const declared = (treeAt(resource.declared)['grants'] ?? {}) as DeclaredGrants;
  const desired = desiredGrants(declared, live, messaging);
  if (live === undefined) return Object.assign(emptyMap<GrantsForm[string]>(), messaging, desired);
  const after = withLifecycle(resource.lifecycle, { grants: desired }, { grants: live });
  return (after as { readonly grants: GrantsForm }).grants;
}

function grantsIn(types: ReturnType<typeof treeAt>, type: string): GrantsForm | undefined {
  return Object.hasOwn(types, type) ? liveGrants(treeAt(types[type])['grants']) : undefined;
}
