import type { Address, Path } from '../model/address.ts';
import type { Change, FieldChange, ImpliedBy } from '../model/change.ts';
import type { Danger } from '../model/danger.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import { grouped } from '../model/grouped.ts';
import type { Environment, Kind, Read, Registry } from '../model/kind.ts';
import type { AppIdentity, Plan } from '../model/plan.ts';
import { noRules, type Rules } from '../model/policy.ts';
import type { AppGuard, Manifest, Removal, Resource } from '../model/resource.ts';
import type { Step } from '../model/step.ts';
import type { ReadOperation, ReadStream } from '../model/stream.ts';
import { contextOf, noContext } from './context.ts';
import { dangersOf, inOrderOfHarm, remarksOn } from './dangers.ts';
import { diff } from './diff.ts';
import { estimateOf } from './estimate.ts';
import { impliedBy, impliedNotes, prepared, withImplied } from './implied.ts';
import { withLifecycle } from '../model/lifecycle.ts';
import { lossesOf, shielded } from './losses.ts';
import { obstaclesTo, stayingBehind } from './obstacles.ts';
import { originsOf, type Revisions } from './origins.ts';
import { irreversibleIn } from './irreversible.ts';
import { judge } from './policy.ts';
import { readApp, readDeclared, type Reading } from './read.ts';
import { resolveReferences } from './references.ts';
import { removalOf } from './removal.ts';
import { whyNotUndone, wishOf } from './undo.ts';

/** What a plan may be told besides the manifests. */
export interface PlanOptions {
  /** Must match the live app, besides what the manifests say. */
  readonly app?: AppGuard | readonly AppGuard[];
  /** Objects whose write-only values are to be sent again. */
  readonly sendWriteOnly?: readonly Address[];
  /** What loading said: the plan tells it along with what it finds. */
  readonly diagnostics?: readonly Diagnostic[];
  /** Only these objects: for reading back what was written. */
  readonly only?: ReadonlySet<Address>;
  /** The environment that is planned. */
  readonly environment?: Environment;
  /** What the project allows; everything unless given. */
  readonly rules?: Rules;
  /** Objects that may be opened again although somebody closed them in the live app. */
  readonly reopen?: readonly Address[];
  /** Revisions that tell whose each change is. */
  readonly revisions?: Revisions;
  /** The same for callers who have to know the app first; asked while the app is read. */
  readonly revisionsOf?: (app: AppIdentity) => Promise<{
    readonly revisions?: Revisions;
    readonly diagnostics: readonly Diagnostic[];
  }>;
  /** Dangers that are known before anything is compared: of the project file. */
  readonly dangers?: readonly Danger[];
  /** Also reads what a reader wants to know of the changes: how much they touch, and the app's own limits. */
  readonly context?: boolean;
  /** The share of Stream's limits that an apply will use, for the estimate; the usual one unless given. */
  readonly quota?: number;
}

/**
 * Compares the manifests with the live app through a client that cannot write. Rejects with StreamFailure when a read
 * fails; everything that the user can mend is a diagnostic of the plan.
 */
export async function makePlan(
  manifest: Manifest,
  registry: Registry,
  reader: ReadStream,
  options: PlanOptions = {},
): Promise<Plan> {
  const reads: ReadOperation[] = [];
  const counted: ReadStream = {
    read: (operation, input) => {
      reads.push(operation);
      return reader.read(operation, input);
    },
  };
  const { app, stream } = await readApp(counted);
  const wrong = [manifest.guard, ...[options.app ?? []].flat()].flatMap((guard) => wrongApp(guard, app));
  if (wrong.length > 0) return emptyPlan(manifest, app, wrong, reads.length);

  const [reading, held] = await Promise.all([
    readDeclared(manifest, registry, app, stream, options),
    options.revisionsOf?.(app) ?? { revisions: options.revisions, diagnostics: [] },
  ]);
  const unread = unreadable(manifest, reading);
  if (unread.length > 0) return { ...emptyPlan(manifest, app, unread, reads.length), world: reading.world };
  const references = await resolveReferences(manifest, registry, reading.world, stream, options.only);

  const kinds = new Map(registry.kinds.map((kind) => [kind.name, kind]));
  const diagnostics: Diagnostic[] = [
    ...(options.diagnostics ?? []),
    ...held.diagnostics,
    ...references.diagnostics,
  ];
  const changes: Change[] = [];
  for (const removal of manifest.removals) {
    if (options.only?.has(removal.address) === false) continue;
    const { kind, read } = known(removal, kinds, reading);
    const { value, diagnostics: more } = removalOf(removal, kind, read);
    if (value !== undefined) changes.push(value);
    diagnostics.push(...more);
  }
  const { world } = reading;
  const implications = impliedBy(changes, kinds, world);
  const resources = withImplied(manifest.resources, implications).filter(
    ({ address }) => options.only?.has(address) !== false,
  );
  await reading.more(resources.filter(({ address }) => !reading.readings.has(address)));
  for (const resource of resources) {
    const { kind, read } = known(resource, kinds, reading);
    const implied = implications.get(resource.address) ?? [];
    const { value, diagnostics: more } = changeOf(resource, kind, read, reading, options, implied);
    changes.push(value);
    diagnostics.push(...more);
  }
  const staying = stayingBehind(changes, kinds, world);
  diagnostics.push(...staying);
  const possible = changes.filter(({ address }) => !staying.some((one) => one.address === address));
  const ordered = inReadingOrder(possible, registry);
  const losses = lossesOf(ordered, kinds);
  const hindered = obstaclesTo(ordered, references.needs, kinds, world);
  diagnostics.push(...impliedNotes(implications), ...hindered.diagnostics);
  const stray = strayWriteOnly(options.sendWriteOnly ?? [], changes);
  diagnostics.push(...shielded(losses), ...stray, ...remarksOn(ordered, kinds, world));
  const draft = { app, manifest, world, changes: ordered, losses, needs: hindered.needs };
  const whose = held.revisions === undefined ? undefined : originsOf(draft, held.revisions, registry);
  const found = [
    ...(options.dangers ?? []),
    ...dangersOf(ordered, losses, kinds, world),
    ...(whose?.dangers ?? []),
  ];
  const judged = judge(draft, inOrderOfHarm(found), options.rules ?? noRules, options.environment, {
    reopen: options.reopen ?? [],
    partial: options.only !== undefined,
  });
  diagnostics.push(...judged.diagnostics);
  if (options.only === undefined) diagnostics.push(...irreversibleIn(ordered, kinds));
  const again = [...reads];
  const context = options.context === true ? await contextOf(ordered, registry, stream) : noContext;
  const steps = hasErrors(diagnostics) ? [] : stepsOf(ordered, registry, reading);
  return {
    ...draft,
    ...context,
    steps,
    estimate: estimateOf({ ...draft, steps }, { ...context, quota: options.quota, reads: again }),
    dangers: judged.dangers,
    ...(whose === undefined ? {} : { origins: whose.origins }),
    diagnostics: diagnostics.toSorted(byPlace),
    reads: reads.length,
  };
}

/** In the order in which a reader of the manifests meets them; what has no place comes first. */
function byPlace({ at: one }: Diagnostic, { at: two }: Diagnostic): number {
  if (one === undefined || two === undefined)
    return (one === undefined ? 0 : 1) - (two === undefined ? 0 : 1);
  if (one.file !== two.file) return one.file < two.file ? -1 : 1;
  return one.line - two.line || one.column - two.column;
}

/** Every object has a kind, and its kind answers for it: anything else is a bug, and must not look like nothing to do. */
function known(
  one: Removal | Resource,
  kinds: ReadonlyMap<string, Kind>,
  reading: Reading,
): { readonly kind: Kind; readonly read: Read } {
  const kind = kinds.get(one.kind);
  const read = reading.readings.get(one.address);
  if (kind === undefined || read === undefined) throw new Error(`${one.address} was not read`);
  return { kind, read };
}

function emptyPlan(
  manifest: Manifest,
  app: AppIdentity,
  diagnostics: readonly Diagnostic[],
  reads: number,
): Plan {
  const world = { app, answer: () => undefined, read: () => undefined, declared: () => undefined };
  return {
    app,
    manifest,
    world,
    changes: [],
    steps: [],
    estimate: { seconds: 0 },
    needs: new Map(),
    losses: [],
    dangers: [],
    ...noContext,
    diagnostics,
    reads,
  };
}

function wrongApp(guard: AppGuard, app: AppIdentity): readonly Diagnostic[] {
  const other = (what: string, declared: number | string, live: number | string): Diagnostic => ({
    severity: 'error',
    code: 'wrong-app',
    message: `these manifests are for the app with ${what} ${declared}, and the credentials open the one with ${what} ${live}`,
    help: 'Use the credentials of the declared app; nothing was read or changed but its name.',
    ...(guard.at === undefined ? {} : { at: guard.at }),
  });
  return [
    ...(guard.id !== undefined && guard.id !== app.id ? [other('id', guard.id, app.id ?? '(not told)')] : []),
    ...(guard.name !== undefined && guard.name !== app.name
      ? [other('name', `"${guard.name}"`, `"${app.name}"`)]
      : []),
  ];
}

function unreadable(manifest: Manifest, reading: Reading): readonly Diagnostic[] {
  return [...manifest.resources, ...manifest.removals].flatMap((one): readonly Diagnostic[] => {
    const read = reading.readings.get(one.address);
    if (read?.state !== 'unknown') return [];
    return [
      {
        severity: 'error',
        code: 'incomplete-read',
        message: `${one.address} could not be read whole: ${read.why}`,
        help: 'Try again; nothing is planned from half an answer.',
        at: 'declared' in one ? one.locate([], 'name') : one.at,
        address: one.address,
      },
    ];
  });
}

function changeOf(
  resource: Resource,
  kind: Kind,
  read: Read,
  reading: Reading,
  options: PlanOptions,
  implied: readonly ImpliedBy[],
): { readonly value: Change; readonly diagnostics: readonly Diagnostic[] } {
  const { address, key, lifecycle } = resource;
  const common = {
    address,
    kind: kind.name,
    key,
    resource,
    uncompared: uncomparedPaths(resource, kind, read),
  };
  const live = read.state === 'present' ? read.live : undefined;
  const lost = whyNotUndone(resource, live);
  if (lost !== undefined) return { value: { ...common, action: 'keep' }, diagnostics: [lost] };
  const { value, diagnostics } = wishOf(resource, live, kind, reading.world);
  const wish = withLifecycle(lifecycle, value as object, live as object | undefined);
  const desired = prepared(wish, implied, kind, reading.world);
  if (read.state !== 'present') {
    const cannot = kind.can.create ? [] : [incapable(resource, 'creates')];
    const fields = diff({}, desired, kind.schema);
    return {
      value: { ...common, action: 'create', desired, fields },
      diagnostics: [...diagnostics, ...cannot],
    };
  }
  const fields: readonly FieldChange[] = diff(read.live as object, desired, kind.schema);
  const again = options.sendWriteOnly?.includes(address) === true && common.uncompared.length > 0;
  if (fields.length === 0 && !again) return { value: { ...common, action: 'keep' }, diagnostics };
  const cannot = kind.can.update ? [] : [incapable(resource, 'changes')];
  return {
    value: {
      ...common,
      action: 'update',
      desired,
      live: read.live,
      raw: read.raw,
      ...born(read),
      fields,
      ...(implied.length === 0 ? {} : { implied }),
    },
    diagnostics: [...diagnostics, ...cannot],
  };
}

function born({ createdAt }: Extract<Read, { readonly state: 'present' }>): { readonly createdAt?: string } {
  return createdAt === undefined ? {} : { createdAt };
}

/** Write-only values make no plan: they are named, and sent along when their object is written. */
function uncomparedPaths(resource: Resource, kind: Kind, read: Read): readonly Path[] {
  const properties = kind.schema.properties ?? {};
  const { create_only, ignore_changes } = resource.lifecycle;
  const ignored = read.state === 'present' ? ignore_changes : [];
  if (read.state === 'present' && (create_only || ignored.includes('all'))) return [];
  return Object.keys(resource.declared as object)
    .filter(
      (field) => Object.hasOwn(properties, field) && properties[field]?.['x-streambed-write-only'] === true,
    )
    .filter((field) => !ignored.includes(field))
    .toSorted()
    .map((field) => [field]);
}

function incapable(resource: Resource, verb: string): Diagnostic {
  return {
    severity: 'error',
    code: 'not-possible',
    message: `Stream's API has nothing that ${verb} ${resource.address}`,
    help: 'Take it out of the manifests.',
    at: resource.locate([], 'name'),
    address: resource.address,
  };
}

function strayWriteOnly(addresses: readonly Address[], changes: readonly Change[]): readonly Diagnostic[] {
  const known = new Map(changes.map((change) => [change.address, change]));
  return addresses.flatMap((address): readonly Diagnostic[] => {
    const change = known.get(address);
    if (change !== undefined && change.uncompared.length > 0) return [];
    return [
      {
        severity: 'error',
        code: 'nothing-to-send',
        message: `${address} ${change === undefined ? 'is not declared' : 'declares no write-only value'}, so there is nothing to send`,
        help: 'Name an object of the list "cannot be compared" in the plan.',
        address,
      },
    ];
  });
}

function stepsOf(changes: readonly Change[], registry: Registry, reading: Reading): readonly Step[] {
  const byKind = grouped(
    changes.filter(({ action }) => action !== 'keep'),
    ({ kind }) => kind,
  );
  return registry.kinds.flatMap((kind) => {
    const ours = byKind.get(kind.name);
    return ours === undefined ? [] : kind.steps(inReadingOrder(ours, registry), reading.world);
  });
}

function inReadingOrder(changes: readonly Change[], registry: Registry): readonly Change[] {
  const rank = new Map(registry.kinds.map((kind, index) => [kind.name, index]));
  return changes.toSorted(
    (one, two) =>
      (rank.get(one.kind) ?? 0) - (rank.get(two.kind) ?? 0) ||
      (one.key < two.key ? -1 : one.key > two.key ? 1 : 0),
  );
}
