import type { ApplyResult, Connection, ConnectOptions, Plan } from '../index.ts';
import { partsOf, type Address } from '../model/address.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import { grouped } from '../model/grouped.ts';
import type { Kind, Reference, Registry, World } from '../model/kind.ts';
import { nearest } from '../model/nearest.ts';
import type { AppGuard, Manifest, Resource } from '../model/resource.ts';
import { StreamFailure, type Input, type Stream, type WriteOperation } from '../model/stream.ts';
import { quoted, visible } from '../render/escape.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { Stop } from './stop.ts';
import type { Target } from './target.ts';

/** The manifests of two revisions. */
export interface StandInOptions {
  /** What the live app is taken to be. */
  readonly base: Manifest;
  /** What will be planned against it. */
  readonly head: Manifest;
  /** The app that is meant, where the manifests do not say. */
  readonly app?: AppGuard;
}

/** An app in this process that is as the base revision declares it, as far as it could be made so. */
export interface StandIn extends Omit<Target, 'apart'> {
  /** What is not in it, and what nobody could confirm. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Lets the base revision stand in for the live app, for runs that hold no key: for pull requests from forks. What the
 * manifests refer to and do not declare is taken to exist, since nobody can ask. Reads no credentials, and talks to
 * nothing but an emulator of its own, which is gone afterwards.
 */
export async function withStandIn<T>(
  { base, head, app = {} }: StandInOptions,
  io: Pick<Io, 'now' | 'signal'>,
  use: (target: StandIn) => Promise<T>,
): Promise<T> {
  const [{ connect, registry }, { startEmulator }] = await Promise.all([
    import('../index.ts'),
    import('../emulator/index.ts'),
  ]);
  const emulator = await startEmulator({
    rateLimits: 'none',
    app: identityOf([app, head.guard, base.guard]),
  });
  try {
    const { apiKey, apiSecret, url } = emulator;
    const clock = impatient(io);
    const connection = await connect({ apiKey, apiSecret, baseUrl: url, signal: io.signal, clock });
    try {
      const references = await makeReferences(base, head, registry, connection);
      const missing = await makeBase(base, connection);
      const diagnostics = [...references, ...missingOf(missing, head)];
      return await use({ connection, emulator: true, tellWaits: () => undefined, diagnostics });
    } finally {
      connection.close();
    }
  } finally {
    await emulator.close();
  }
}

/** Without a name of its own it is always the same app, so that two runs say the same. */
function identityOf(guards: readonly AppGuard[]): { readonly id: number; readonly name: string } {
  return guards.reduce<{ readonly id: number; readonly name: string }>(
    (known, { id = known.id, name = known.name }) => ({ id, name }),
    { id: 0, name: 'base revision' },
  );
}

/** What is written to an app in this process can be seen at once: there is nothing to wait for. */
function impatient({ now }: Pick<Io, 'now'>): NonNullable<ConnectOptions['clock']> {
  return { now, sleep: () => new Promise((resolve) => void setImmediate(resolve)) };
}

interface Request {
  readonly operation: WriteOperation;
  readonly body: NonNullable<Input['body']>;
}

/** How things are made of which only the names are known; users are many, and Stream takes a hundred at once. */
const creators: Readonly<Record<string, (names: readonly string[]) => readonly Request[]>> = {
  role: (names) => names.map((name) => ({ operation: 'CreateRole', body: { name } })),
  permission: (ids) =>
    ids.map((id, index) => ({
      operation: 'CreatePermission',
      body: { id, name: `${index} ${id}`.slice(0, 100), action: 'ReadChannel', condition: {} },
    })),
  command: (names) =>
    names.map((name) => ({
      operation: 'CreateCommand',
      body: { name, description: 'Only its name is known.' },
    })),
  blocklist: (names) => names.map((name) => ({ operation: 'CreateBlockList', body: { name, words: [] } })),
  channel_type: (names) => names.map((name) => ({ operation: 'CreateChannelType', body: { name } })),
  user: (ids) =>
    Array.from({ length: Math.ceil(ids.length / 100) }, (_, index) =>
      ids.slice(index * 100, index * 100 + 100),
    ).map((batch) => ({
      operation: 'UpdateUsers',
      body: { users: Object.fromEntries(batch.map((id) => [id, { id }])) },
    })),
};

interface Need extends Reference {
  readonly of: Resource;
}

/** Makes what the manifests refer to and do not declare; tells what only the new revision refers to. */
async function makeReferences(
  base: Manifest,
  head: Manifest,
  registry: Registry,
  connection: Connection,
): Promise<readonly Diagnostic[]> {
  const declaredBefore = new Set(base.resources.map(({ address }) => address));
  const declared = new Set([...declaredBefore, ...head.resources.map(({ address }) => address)]);
  // What the base refers to was there, though the new revision is the first to declare it.
  const before = needsOf(base, registry).filter(({ address }) => !declaredBefore.has(address));
  const after = needsOf(head, registry).filter(({ address }) => !declared.has(address));
  const merged = new Set(before.map(({ address }) => address));
  const open = grouped([...before, ...after], ({ address }) => partsOf(address).kind);

  const diagnostics: Diagnostic[] = [];
  for (const [kind, create] of Object.entries(creators)) {
    const needs = open.get(kind);
    const known = knownBy(kind, registry);
    if (needs === undefined || known === undefined) continue;
    const wanted = [...new Set(needs.map(({ address }) => partsOf(address).key))];
    const there = await known(connection.reader, wanted);
    const absent = wanted.filter((key) => !there.has(key));
    for (const request of create(absent)) await send(request, connection.stream);

    const fresh = needs.filter(
      ({ address }) => !merged.has(address) && absent.includes(partsOf(address).key),
    );
    const others = [...declared, ...merged].map(partsOf).filter((one) => one.kind === kind);
    const names = new Set([...there, ...others.map(({ key }) => key)]);
    if (fresh.length > 0) diagnostics.push(unconfirmed(kind, fresh, names));
  }
  return diagnostics;
}

/** What cannot be made, the plan will miss, and say so. */
async function send({ operation, body }: Request, stream: Stream): Promise<void> {
  try {
    await stream.write(operation, { body });
  } catch (error) {
    if (!(error instanceof StreamFailure) || error.reason === 'aborted') throw error;
  }
}

function needsOf({ resources }: Manifest, registry: Registry): readonly Need[] {
  const nothing: World = {
    app: { id: undefined, name: '' },
    answer: () => undefined,
    read: () => undefined,
    declared: () => undefined,
  };
  const kinds = new Map(registry.kinds.map((kind) => [kind.name, kind]));
  return resources.flatMap((of) =>
    (kinds.get(of.kind)?.references?.(of, undefined, nothing) ?? []).map((need) => ({ ...need, of })),
  );
}

/** A kind that can be declared answers for its name, and otherwise a catalogue does. */
function knownBy(name: string, { catalogues, kinds }: Registry): Kind['known'] {
  return (kinds.find((kind) => kind.name === name) ?? catalogues.find((one) => one.name === name))?.known;
}

/** Names in one message; the manifests have them all. */
const most = 10;

function unconfirmed(kind: string, needs: readonly Need[], known: ReadonlySet<string>): Diagnostic {
  const keys = [...new Set(needs.map(({ address }) => partsOf(address).key))];
  const shown = keys.slice(0, most).map((key) => {
    const near = nearest(key, known);
    return near === undefined ? quoted(key) : `${quoted(key)} (or ${quoted(near)}?)`;
  });
  const rest = keys.length > most ? ` and ${keys.length - most} more` : '';
  const [first] = needs;
  return {
    severity: 'note',
    code: 'not-confirmed',
    message: `nobody asked the live app whether ${kind} ${shown.join(', ')}${rest} exists: the base does not refer to it`,
    help: 'A plan with a key checks it.',
    ...(first === undefined ? {} : { at: first.of.locate(first.path), address: first.of.address }),
  };
}

/** Applies the base, and tells which of its objects are not there as declared, and why. */
async function makeBase(base: Manifest, connection: Connection): Promise<ReadonlyMap<Address, string>> {
  const { apply, lossWords, plan } = await import('../index.ts');
  const missing = new Map<Address, string>();
  const planWithout = (): Promise<Plan> => {
    const resources = base.resources.filter(({ address }) => !missing.has(address));
    // What it removes is not there.
    return plan({ ...base, resources, removals: [] }, connection);
  };
  let planned = await planWithout();
  while (hasErrors(planned.diagnostics)) {
    const errors = planned.diagnostics.filter(({ severity }) => severity === 'error');
    const before = missing.size;
    for (const { address, message } of errors) if (address !== undefined) missing.set(address, message);
    if (missing.size === before) throw unusable(errors);
    planned = await planWithout();
  }
  const allowDestroy = new Map(lossWords.map((word) => [word, Number.POSITIVE_INFINITY]));
  const result = await apply(planned, connection, { allowDestroy });
  for (const [address, why] of unmade(result)) missing.set(address, why);
  return missing;
}

function unmade({ outcomes, remaining }: ApplyResult): readonly (readonly [Address, string])[] {
  return [
    ...(remaining?.changes ?? [])
      .filter(({ action }) => action !== 'keep')
      .map(({ address }) => [address, 'it does not become what is declared'] as const),
    ...outcomes.flatMap((outcome) => {
      const { address } = outcome.change;
      if (outcome.status === 'applied') return [];
      return [[address, outcome.status === 'failed' ? outcome.diagnostic.message : outcome.because] as const];
    }),
  ];
}

function unusable([first]: readonly Diagnostic[]): Stop {
  return new Stop(exitCodes.failed, {
    code: 'no-stand-in',
    message: `the base revision cannot stand in for the live app: ${first?.message ?? 'it has errors'}`,
    help: 'Plan against the app itself, with its key.',
  });
}

/** More warnings than this say no more than their number. */
const mostWarnings = 20;

function missingOf(missing: ReadonlyMap<Address, string>, head: Manifest): readonly Diagnostic[] {
  const declared = new Map(head.resources.map((resource) => [resource.address, resource]));
  const all = [...missing].map(([address, why]): Diagnostic => {
    const at = declared.get(address)?.locate([], 'name');
    return {
      severity: 'warning',
      code: 'not-in-stand-in',
      message: `${visible(address)} is not there as the base declares it, so its changes may look larger: ${why}`,
      help: 'Plan against the app itself to see them as they are.',
      address,
      ...(at === undefined ? {} : { at }),
    };
  });
  if (all.length <= mostWarnings) return all;
  const rest: Diagnostic = {
    severity: 'warning',
    code: 'not-in-stand-in',
    message: `${all.length - mostWarnings} more objects are not there as the base declares them`,
  };
  return [...all.slice(0, mostWarnings), rest];
}
