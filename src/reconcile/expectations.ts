import { addressOf, partsOf, type Address } from '../model/address.ts';
import type { Rights } from '../model/danger.ts';
import type { Diagnostic, SourceSpan } from '../model/diagnostic.ts';
import { grouped } from '../model/grouped.ts';
import type { Kind, Registry } from '../model/kind.ts';
import { covers } from '../model/permission-id.ts';
import type { Plan } from '../model/plan.ts';
import type { Expectation } from '../model/policy.ts';
import type { Manifest, Removal, Resource } from '../model/resource.ts';
import type { ReadStream } from '../model/stream.ts';

/** What is known of the rights in one scope; `absent`: there is no such scope. */
export type ScopeRights = 'absent' | ((role: string) => Rights[string] | undefined);

/**
 * Holds expectations against the rights of their scopes: `can` needs the permission or one that covers it, `cannot`
 * that no role holds either. Where nothing is known nothing is claimed, and one note says how many could not be tested.
 */
export function checkExpectations(
  expectations: readonly Expectation[],
  rightsFor: (scope: Address) => ScopeRights | undefined,
): readonly Diagnostic[] {
  const failed: Diagnostic[] = [];
  const untested: SourceSpan[] = [];
  for (const expectation of expectations) {
    const rights = rightsFor(scopeOf(expectation));
    if (rights === 'absent') {
      failed.push(
        failure(
          expectation,
          `there is no channel type ${expectation.channelType ?? ''}`,
          'Declare it, or change the expectation.',
        ),
      );
      continue;
    }
    const roles = rolesOf(expectation).map((role) => ({ role, held: rights?.(role) }));
    const known = roles.every(({ held }) => held !== undefined);
    for (const permission of expectation.can) {
      if (grantOf(permission, roles) !== undefined) continue;
      if (known) failed.push(lacking(expectation, permission, roles));
      else untested.push(expectation.at);
    }
    for (const permission of expectation.cannot) {
      const grant = grantOf(permission, roles);
      if (grant !== undefined) failed.push(holding(expectation, permission, grant));
      else if (!known) untested.push(expectation.at);
    }
  }
  return [...failed, ...untestedNote(expectations, untested)];
}

/** Tests what the manifests say alone: a role is known where its whole list is declared. */
export function expectationsOffline(
  manifest: Manifest,
  registry: Registry,
  expectations: readonly Expectation[],
): readonly Diagnostic[] {
  const resources = new Map(manifest.resources.map((resource) => [resource.address, resource]));
  return checkExpectations(expectations, (scope) => {
    const resource = resources.get(scope);
    return resource === undefined || kindOf(scope, registry) === undefined
      ? undefined
      : (role) => declaredRights(resource, role);
  });
}

/** Tests what will be once the plan is applied; scopes that it does not touch are read. Rejects when a read fails. */
export async function expectationsAfter(
  plan: Plan,
  registry: Registry,
  reader: ReadStream,
  expectations: readonly Expectation[],
): Promise<readonly Diagnostic[]> {
  const planned = new Map(
    plan.changes.map((change) => [change.address, rightsAfter(change, plan, registry)]),
  );
  const open = expectations.filter((expectation) => !planned.has(scopeOf(expectation)));
  const live = await liveRights(registry, reader, open);
  return checkExpectations(expectations, (scope) =>
    planned.has(scope) ? planned.get(scope) : live.get(scope),
  );
}

/** Tests the live app as it is. Rejects when a read fails. */
export async function expectationsLive(
  registry: Registry,
  reader: ReadStream,
  expectations: readonly Expectation[],
): Promise<readonly Diagnostic[]> {
  const live = await liveRights(registry, reader, expectations);
  return checkExpectations(expectations, (scope) => live.get(scope));
}

function scopeOf({ channelType }: Expectation): Address {
  return channelType === undefined
    ? addressOf('app_settings', 'app')
    : addressOf('channel_type', channelType);
}

function rolesOf({ role, channelRole }: Expectation): readonly string[] {
  return channelRole === undefined ? [role] : [role, channelRole];
}

interface RoleRights {
  readonly role: string;
  readonly held: Rights[string] | undefined;
}

interface Grant {
  readonly role: string;
  readonly permission: string;
}

/** The grant by which one of these roles may do it: of the permission itself rather than of a wider one. */
function grantOf(wanted: string, roles: readonly RoleRights[]): Grant | undefined {
  const grants = roles.flatMap(({ role, held = {} }) =>
    Object.keys(held)
      .filter((permission) => covers(permission, wanted))
      .map((permission) => ({ role, permission })),
  );
  return grants.find(({ permission }) => permission === wanted) ?? grants[0];
}

function holding(expectation: Expectation, permission: string, grant: Grant): Diagnostic {
  return failure(
    expectation,
    `${whoIn(expectation)} can ${permission} ${whereIn(expectation)}, through ${grant.permission} of ${grant.role}`,
    `Take ${grant.permission} from ${grant.role}, or change the expectation.`,
  );
}

function lacking(expectation: Expectation, permission: string, roles: readonly RoleRights[]): Diagnostic {
  const holders = roles.map(({ role }) => role);
  return failure(
    expectation,
    `${whoIn(expectation)} cannot ${permission} ${whereIn(expectation)}`,
    `Grant ${permission} to ${holders.join(' or ')}, or change the expectation.`,
  );
}

function whoIn({ role, channelRole }: Expectation): string {
  return channelRole === undefined ? role : `${role} with ${channelRole}`;
}

function whereIn({ channelType }: Expectation): string {
  return channelType === undefined ? 'in the app' : `in channels of type ${channelType}`;
}

function failure(expectation: Expectation, message: string, help: string): Diagnostic {
  const { at } = expectation;
  return { severity: 'error', code: 'expectation-failed', message, help, at, address: scopeOf(expectation) };
}

function untestedNote(
  expectations: readonly Expectation[],
  untested: readonly SourceSpan[],
): readonly Diagnostic[] {
  const [at] = untested;
  if (at === undefined) return [];
  const all = expectations.reduce((sum, { can, cannot }) => sum + can.length + cannot.length, 0);
  return [
    {
      severity: 'note',
      code: 'expectation-unknown',
      message: `${untested.length} of ${all} expected rights could not be tested: it is not known here what the roles hold`,
      help: 'Declare the whole lists of these roles; a plan reads the live app as well.',
      at,
    },
  ];
}

/** A list that a lifecycle rule leaves alone says nothing about what will be. */
function declaredRights({ declared, lifecycle }: Resource, role: string): Rights[string] | undefined {
  const { create_only, ignore_changes } = lifecycle;
  if (create_only || ignore_changes.some((path) => ['all', 'grants', `grants.${role}`].includes(path)))
    return undefined;
  const grants = entryOf(declared, 'grants');
  const list = entryOf(grants, role);
  return Array.isArray(list)
    ? Object.fromEntries(list.map((permission) => [String(permission), true]))
    : undefined;
}

function entryOf(tree: unknown, key: string): unknown {
  const isTree = typeof tree === 'object' && tree !== null && !Array.isArray(tree);
  return isTree && Object.hasOwn(tree, key) ? (tree as Readonly<Record<string, unknown>>)[key] : undefined;
}

function rightsAfter(
  change: Plan['changes'][number],
  plan: Plan,
  registry: Registry,
): ScopeRights | undefined {
  const kind = kindOf(change.address, registry);
  if (kind === undefined) return undefined;
  switch (change.action) {
    case 'create': {
      // Stream gives a new type more than was declared: of roles that are not named nothing is known.
      const rights = kind.rights(change.desired);
      return (role) => ownRights(rights, role);
    }
    case 'update':
      return whole(kind.rights(change.desired));
    case 'delete':
      return change.how === 'reset' ? undefined : 'absent';
    case 'keep': {
      const read = plan.world.read(change.address);
      return read?.state === 'present' ? whole(kind.rights(read.live)) : undefined;
    }
  }
}

function whole(rights: Rights): ScopeRights {
  return (role) => ownRights(rights, role) ?? {};
}

function ownRights(rights: Rights, role: string): Rights[string] | undefined {
  return Object.hasOwn(rights, role) ? rights[role] : undefined;
}

/** The rights of these scopes in the live app, one read a kind. */
async function liveRights(
  registry: Registry,
  reader: ReadStream,
  expectations: readonly Expectation[],
): Promise<ReadonlyMap<Address, ScopeRights>> {
  const wanted = new Map(expectations.map((one) => [scopeOf(one), one.at]));
  const byKind = grouped([...wanted], ([scope]) => partsOf(scope).kind);
  const found = new Map<Address, ScopeRights>();
  await Promise.all(
    [...byKind.values()].map(async (scopes) => {
      const kind = kindOf(scopes[0]![0], registry);
      if (kind === undefined) return;
      for (const [scope, read] of await kind.read(reader, scopes.map(asked))) {
        if (read.state === 'absent') found.set(scope, 'absent');
        if (read.state === 'present') found.set(scope, whole(kind.rights(read.live)));
      }
    }),
  );
  return found;
}

/** Reading takes what is declared or to be removed; this is neither, and nothing but its address is looked at. */
function asked([address, at]: readonly [Address, SourceSpan]): Removal {
  return { address, ...partsOf(address), mode: 'soft', because: '', at };
}

type RightsKind = Kind & Required<Pick<Kind, 'rights'>>;

function kindOf(scope: Address, registry: Registry): RightsKind | undefined {
  const found = registry.kinds.find(({ name }) => name === partsOf(scope).kind);
  return found?.rights === undefined ? undefined : (found as RightsKind);
}
