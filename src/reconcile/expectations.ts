import { addressOf, partsOf, type Address } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import type { Rights } from '../model/danger.ts';
import type { Diagnostic, SourceSpan } from '../model/diagnostic.ts';
import { grouped } from '../model/grouped.ts';
import type { Kind, Read, Registry, RightsBasis, World } from '../model/kind.ts';
import { withLifecycle } from '../model/lifecycle.ts';
import { covers } from '../model/permission-id.ts';
import type { Plan } from '../model/plan.ts';
import type { Expectation } from '../model/policy.ts';
import type { Manifest, Removal, Resource } from '../model/resource.ts';
import type { ReadStream } from '../model/stream.ts';

/** What is known of the rights in one scope; `absent`: there is no such scope. */
export type ScopeRights = 'absent' | ((role: string) => Rights[string] | undefined);

/** What one object gives in its scope, beyond what the scope grants. */
export interface Given {
  readonly address: Address;
  readonly rights: Rights;
}

/** What decides about rights besides the grants of a scope. */
export interface Surroundings {
  /** `grants` unless told. */
  readonly basis?: RightsBasis | undefined;
  readonly givenIn?: (scope: Address) => readonly Given[];
  /** The permissions whose ids say what they allow; all of them unless given. */
  readonly builtIn?: ReadonlySet<string> | undefined;
}

/**
 * Holds expectations against the rights of their scopes: `can` needs the permission or one that covers it, `cannot`
 * that no role holds either, and that no object gives it. Where nothing is known nothing is claimed, and a note says
 * how many could not be tested.
 */
export function checkExpectations(
  expectations: readonly Expectation[],
  rightsFor: (scope: Address) => ScopeRights | undefined,
  { basis = 'grants', givenIn = () => [], builtIn }: Surroundings = {},
): readonly Diagnostic[] {
  if (basis === 'policies') return policiesNote(expectations);
  const failed: Diagnostic[] = [];
  const untested: SourceSpan[] = [];
  const unproven: Unproven[] = [];
  for (const expectation of expectations) {
    const { at } = expectation;
    const scope = scopeOf(expectation);
    const rights = rightsFor(scope);
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
    if (basis === 'nothing') {
      failed.push(...expectation.cannot.map((permission) => unchecked(expectation, permission)));
      continue;
    }
    const roles = rolesOf(expectation).map((role) => ({ role, held: rights?.(role) }));
    const known = roles.every(({ held }) => held !== undefined);
    for (const permission of expectation.can) {
      if (grantOf(permission, roles) !== undefined) continue;
      if (known) failed.push(lacking(expectation, permission, roles));
      else untested.push(at);
    }
    const given = givenIn(scope).map(({ address, rights: more }) => ({
      address,
      roles: rolesOf(expectation).map((role) => ({ role, held: ownRights(more, role) })),
    }));
    const custom = customIn([...roles, ...given.flatMap((one) => one.roles)], builtIn);
    for (const permission of expectation.cannot) {
      const grant = grantOf(permission, roles);
      const givers = given.flatMap(({ address, roles: those }) => {
        const gift = grantOf(permission, those);
        return gift === undefined ? [] : [giving(expectation, permission, gift, address)];
      });
      failed.push(...(grant === undefined ? [] : [holding(expectation, permission, grant)]), ...givers);
      if (grant !== undefined || givers.length > 0) continue;
      if (!known) untested.push(at);
      else if (custom !== undefined) unproven.push({ at, custom });
    }
  }
  return [...failed, ...untestedNote(expectations, untested), ...unprovenNote(expectations, unproven)];
}

/** Tests what the manifests say alone: a role is known where its whole list is declared. */
export function expectationsOffline(
  manifest: Manifest,
  registry: Registry,
  expectations: readonly Expectation[],
): readonly Diagnostic[] {
  const resources = new Map(manifest.resources.map((resource) => [resource.address, resource]));
  const settings = resources.get(appScope);
  const around = {
    basis: settings === undefined ? undefined : basisOf(managedPart(settings, settings.declared), registry),
    givenIn: givenBy(
      manifest.resources.map((resource) => ({
        address: resource.address,
        form: (kind) => managedPart(resource, kind.desired(resource, undefined, offline).value),
      })),
      registry,
    ),
    builtIn: builtInPermissions(registry),
  };
  return checkExpectations(
    expectations,
    (scope) => {
      const resource = resources.get(scope);
      return resource === undefined || kindOf(scope, registry) === undefined
        ? undefined
        : (role) => declaredRights(resource, role);
    },
    around,
  );
}

/** Tests what will be once the plan is applied; scopes that it does not touch are read. Rejects when a read fails. */
export async function expectationsAfter(
  plan: Plan,
  registry: Registry,
  reader: ReadStream,
  expectations: readonly Expectation[],
): Promise<readonly Diagnostic[]> {
  const changes = new Map(plan.changes.map((change) => [change.address, change]));
  const live = await liveForms(registry, answeredFirst(plan, reader), expectations, (scope) =>
    changes.has(scope),
  );
  const settings = changes.get(appScope);
  const around = {
    basis: basisOf(settings === undefined ? presentIn(live, appScope) : formAfter(settings, plan), registry),
    givenIn: givenBy(
      plan.changes.map((change) => ({ address: change.address, form: () => formAfter(change, plan) })),
      registry,
    ),
    builtIn: builtInPermissions(registry),
  };
  return checkExpectations(
    expectations,
    (scope) => {
      const change = changes.get(scope);
      return change === undefined
        ? rightsIn(live.get(scope), scope, registry)
        : rightsAfter(change, plan, registry);
    },
    around,
  );
}

/** Tests the live app as it is, without what single channels give. Rejects when a read fails. */
export async function expectationsLive(
  registry: Registry,
  reader: ReadStream,
  expectations: readonly Expectation[],
): Promise<readonly Diagnostic[]> {
  const live = await liveForms(registry, reader, expectations);
  return checkExpectations(expectations, (scope) => rightsIn(live.get(scope), scope, registry), {
    basis: basisOf(presentIn(live, appScope), registry),
    builtIn: builtInPermissions(registry),
  });
}

const appScope = addressOf('app_settings', 'app');

function scopeOf({ channelType }: Expectation): Address {
  return channelType === undefined ? appScope : addressOf('channel_type', channelType);
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

function giving(expectation: Expectation, permission: string, gift: Grant, address: Address): Diagnostic {
  return {
    ...failure(
      expectation,
      `${whoIn(expectation)} can ${permission} in ${address}, which gives ${gift.permission} to ${gift.role}`,
      `Take ${gift.permission} from ${gift.role} there, or change the expectation.`,
    ),
    address,
  };
}

function unchecked(expectation: Expectation, permission: string): Diagnostic {
  return failure(
    expectation,
    `${whoIn(expectation)} can ${permission} ${whereIn(expectation)}: the app checks no permissions, so everybody may do everything`,
    'Set disable_permissions_checks to false, or change the expectation.',
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
  return [
    {
      severity: 'note',
      code: 'expectation-unknown',
      message: `${untested.length} of ${rightsOf(expectations)} expected rights could not be tested: it is not known here what the roles hold`,
      help: 'Declare the whole lists of these roles; a plan reads the live app as well.',
      at,
    },
  ];
}

interface Unproven {
  readonly at: SourceSpan;
  /** A permission that may allow it. */
  readonly custom: string;
}

function unprovenNote(
  expectations: readonly Expectation[],
  unproven: readonly Unproven[],
): readonly Diagnostic[] {
  const [first] = unproven;
  if (first === undefined) return [];
  return [
    {
      severity: 'note',
      code: 'expectation-unknown',
      message: `${unproven.length} of ${rightsOf(expectations)} expected rights could not be proven: the roles hold permissions that are the app's own, such as ${first.custom}`,
      help: 'Their ids do not say what they allow: look at their actions.',
      at: first.at,
    },
  ];
}

function policiesNote(expectations: readonly Expectation[]): readonly Diagnostic[] {
  const [first] = expectations;
  if (first === undefined) return [];
  const { length } = expectations;
  return [
    {
      severity: 'warning',
      code: 'expectation-unknown',
      message: `${length} ${length === 1 ? 'expectation' : 'expectations'} could not be tested: the app is on permissions v1, where policies of old decide, and no grants`,
      help: 'Move the app to permissions v2, or expect nothing of its roles.',
      at: first.at,
    },
  ];
}

function rightsOf(expectations: readonly Expectation[]): number {
  return expectations.reduce((sum, { can, cannot }) => sum + can.length + cannot.length, 0);
}

/** A permission among these that the app may have defined itself: its id does not say what it allows. */
function customIn(
  roles: readonly RoleRights[],
  builtIn: ReadonlySet<string> | undefined,
): string | undefined {
  if (builtIn === undefined) return undefined;
  return roles.flatMap(({ held = {} }) => Object.keys(held)).find((permission) => !builtIn.has(permission));
}

function builtInPermissions({ kinds, catalogues }: Registry): ReadonlySet<string> | undefined {
  return [...kinds, ...catalogues].find(({ name }) => name === 'permission')?.everywhere;
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

/** What the manifests alone decide of an object that may exist: not what a lifecycle rule leaves to the live app. */
function managedPart({ lifecycle }: Resource, wish: unknown): object {
  return withLifecycle(lifecycle, wish as object, {});
}

const offline: World = {
  answer: () => undefined,
  read: () => undefined,
  declared: () => undefined,
  app: { id: undefined, name: '' },
};

/** The object once the plan is applied; undefined when it is gone. */
function formAfter(change: Change, { world }: Plan): unknown {
  switch (change.action) {
    case 'create':
    case 'update':
      return change.desired;
    case 'keep': {
      const read = world.read(change.address);
      return read?.state === 'present' ? read.live : undefined;
    }
    case 'delete':
      return undefined;
  }
}

function rightsAfter(change: Change, plan: Plan, registry: Registry): ScopeRights | undefined {
  const kind = kindOf(change.address, registry);
  if (kind === undefined) return undefined;
  if (change.action === 'delete') return change.how === 'reset' ? undefined : 'absent';
  const form = formAfter(change, plan);
  if (form === undefined) return undefined;
  const rights = kind.rights(form);
  // Stream gives a new type more than was declared: of roles that are not named nothing is known.
  return change.action === 'create' ? (role) => ownRights(rights, role) : whole(rights);
}

function whole(rights: Rights): ScopeRights {
  return (role) => ownRights(rights, role) ?? {};
}

function ownRights(rights: Rights, role: string): Rights[string] | undefined {
  return Object.hasOwn(rights, role) ? rights[role] : undefined;
}

function basisOf(form: unknown, registry: Registry): RightsBasis | undefined {
  return form === undefined ? undefined : kindNamed(appScope, registry)?.rightsBasis?.(form);
}

/** What these objects give in the scope of their channel type; nothing is asked of them before a scope is. */
function givenBy(
  objects: readonly { readonly address: Address; readonly form: (kind: Kind) => unknown }[],
  registry: Registry,
): (scope: Address) => readonly Given[] {
  let byScope: ReadonlyMap<Address, readonly Given[]> | undefined;
  return (scope) => (byScope ??= grouped(objects.flatMap(givenIn), typeScope)).get(scope) ?? [];

  function givenIn({ address, form: formIn }: (typeof objects)[number]): readonly Given[] {
    const kind = kindNamed(address, registry);
    if (kind?.rightsGiven === undefined) return [];
    const form = formIn(kind);
    const rights = form === undefined ? {} : kind.rightsGiven(form);
    return Object.keys(rights).length === 0 ? [] : [{ address, rights }];
  }
}

/** The channel type that an object is of: its key begins with it. */
function typeScope({ address }: Given): Address {
  const { key } = partsOf(address);
  return addressOf('channel_type', key.slice(0, key.indexOf(':')));
}

/** What the plan has read already is not asked again. */
function answeredFirst({ world }: Plan, reader: ReadStream): ReadStream {
  return {
    read: async (operation, input) =>
      (input === undefined ? world.answer(operation) : undefined) ?? reader.read(operation, input),
  };
}

/** The scopes of these expectations in the live app, and the app itself, one read a kind. */
async function liveForms(
  registry: Registry,
  reader: ReadStream,
  expectations: readonly Expectation[],
  isKnown: (scope: Address) => boolean = () => false,
): Promise<ReadonlyMap<Address, Read>> {
  const wanted = new Map(
    expectations
      .flatMap((one) => [appScope, scopeOf(one)].map((scope) => [scope, one.at] as const))
      .filter(([scope]) => !isKnown(scope)),
  );
  const byKind = grouped([...wanted], ([scope]) => partsOf(scope).kind);
  const found = await Promise.all(
    [...byKind.values()].map(async (scopes): Promise<readonly (readonly [Address, Read])[]> => {
      const kind = kindOf(scopes[0]![0], registry);
      return kind === undefined ? [] : [...(await kind.read(reader, scopes.map(asked)))];
    }),
  );
  return new Map(found.flat());
}

function presentIn(live: ReadonlyMap<Address, Read>, scope: Address): unknown {
  const read = live.get(scope);
  return read?.state === 'present' ? read.live : undefined;
}

function rightsIn(read: Read | undefined, scope: Address, registry: Registry): ScopeRights | undefined {
  if (read?.state === 'absent') return 'absent';
  const kind = kindOf(scope, registry);
  return read?.state === 'present' && kind !== undefined ? whole(kind.rights(read.live)) : undefined;
}

/** Reading takes what is declared or to be removed; this is neither, and nothing but its address is looked at. */
function asked([address, at]: readonly [Address, SourceSpan]): Removal {
  return { address, ...partsOf(address), mode: 'soft', because: '', at };
}

type RightsKind = Kind & Required<Pick<Kind, 'rights'>>;

function kindOf(scope: Address, registry: Registry): RightsKind | undefined {
  const found = kindNamed(scope, registry);
  return found?.rights === undefined ? undefined : (found as RightsKind);
}

function kindNamed(address: Address, registry: Registry): Kind | undefined {
  return registry.kinds.find(({ name }) => name === partsOf(address).kind);
}
