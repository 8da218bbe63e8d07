import { addressOf, partsOf, type Address } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import type { Rights } from '../model/danger.ts';
import type { Diagnostic, SourceSpan } from '../model/diagnostic.ts';
import { grouped } from '../model/grouped.ts';
import type { Kind, Read, Registry, RightsBasis, World } from '../model/kind.ts';
import { withLifecycle } from '../model/lifecycle.ts';
import type { Plan } from '../model/plan.ts';
import type { Expectation } from '../model/policy.ts';
import type { Manifest, Removal, Resource } from '../model/resource.ts';
import type { ReadStream } from '../model/stream.ts';
import {
  appScope,
  checkExpectations,
  ownRights,
  scopeOf,
  type Given,
  type ScopeRights,
} from './check-expectations.ts';

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
