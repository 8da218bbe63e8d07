import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Input, WriteOperation } from '../../src/model/stream.ts';
import { linesOf, testApp, wordsOf, type TestApp } from '../support/world.ts';
import {
  edits,
  manifest,
  possibleAfter,
  removalsAfter,
  surroundings,
  type Declared,
  type Edit,
  type GeneratedManifest,
} from './arbitraries.ts';
import { unmet } from './unmet.ts';
import { channelsOf, own, untouchedParts, type Snapshot } from './untouched.ts';

/** One seed for all, so that a failure is found again; the counts keep every property together under 25 s. */
const runs = (numRuns: number) => ({ seed: 20_260_911, numRuns });

const everythingMayGo = new Map([['member', 10_000]]);

/** An app in which the first manifest was applied and somebody else was at work. */
async function worldOf(first: GeneratedManifest, changes: readonly Edit[]): Promise<TestApp> {
  const app = await testApp();
  await app.apply(JSON.stringify(surroundings));
  await expectConverged(app, first);
  for (const change of changes) {
    const { operation, ...input } = change;
    // What does not apply is refused, and changes nothing.
    await app.connection.stream.write(operation as WriteOperation, input as Input).catch(() => undefined);
  }
  await showOverrides(app);
  return app;
}

/** Nobody can see an override that is as the type: such ones are taken away, since nothing can be promised about them. */
async function showOverrides(app: TestApp): Promise<void> {
  const { channels, channelTypes } = app.emulator.snapshot() as Snapshot;
  for (const channel of Object.values(channels)) {
    const type = channelTypes[channel.type];
    const config: Declared = { ...type?.settings, commands: type?.commands };
    const visible = Object.entries(channel.config_overrides).filter(
      ([key, value]) => !same(value, config[key]),
    );
    if (channel.deleted_at !== undefined || visible.length === Object.keys(channel.config_overrides).length)
      continue;
    await app.connection.stream.write('UpdateChannelPartial', {
      path: { type: channel.type, id: channel.id },
      body: { set: { config_overrides: Object.fromEntries(visible) } },
    });
  }
}

function same(one: unknown, two: unknown): boolean {
  const sorted = (value: unknown) => JSON.stringify(Array.isArray(value) ? value.toSorted() : value);
  return sorted(one) === sorted(two);
}

async function expectConverged(app: TestApp, wanted: GeneratedManifest) {
  const yaml = JSON.stringify(wanted);
  const result = await app.apply(yaml, { allowDestroy: everythingMayGo });
  const failed = result.outcomes.flatMap((outcome) =>
    outcome.status === 'applied'
      ? []
      : [outcome.status === 'failed' ? outcome.diagnostic.message : outcome.because],
  );
  expect(failed).toEqual([]);
  expect(
    result.remaining === undefined
      ? []
      : [...linesOf(result.remaining), wordsOf(result.remaining.diagnostics)],
  ).toEqual([]);
  expect(result.verified).toBe('converged');
  expect(linesOf(await app.plan(yaml))).toEqual([]);
  return result;
}

async function within<T>(app: TestApp, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await app.close();
  }
}

describe('any manifest', () => {
  it('converges from any live state in one apply, and touches nothing that it does not declare', async () => {
    await fc.assert(
      fc.asyncProperty(manifest, edits, manifest, async (first, changes, second) => {
        const app = await worldOf(first, changes);
        await within(app, async () => {
          const wanted = possibleAfter(first, second);
          const removed = removalsAfter(first, second);
          const before = app.emulator.snapshot() as Snapshot;
          app.emulator.clearRequests();
          const { plan } = await expectConverged(app, { ...wanted, removed });
          const after = app.emulator.snapshot() as Snapshot;

          expect(untouchedParts(after, wanted, removed, before)).toEqual(
            untouchedParts(before, wanted, removed, before),
          );
          expect(unmet(after, wanted)).toEqual([]);
          const lost = new Set(
            plan.losses.flatMap(({ names, change }) => names.map((name) => `${change.key} ${name}`)),
          );
          for (const [cid, { members }] of Object.entries(before.channels)) {
            const left = Object.keys(members).filter(
              (id) => own(own(after.channels, cid)?.members, id) === undefined,
            );
            const key = channelsOf(wanted, before).get(cid)?.key ?? cid;
            for (const id of left) expect(lost).toContain(`${key} ${id}`);
          }
          const deletes = app.emulator.requests.filter(({ operation }) => operation.startsWith('Delete'));
          const named = deletes.flatMap(
            ({ path, body }) => (body as { cids?: string[] } | undefined)?.cids ?? [path.split('/').at(-1)],
          );
          const approved = removed.map((line) => line['channel'] ?? line['channel_type'] ?? line['role']);
          for (const name of named) expect(approved).toContain(name);
        });
      }),
      runs(60),
    );
  }, 60_000);

  it('sends no field that it does not declare', async () => {
    await fc.assert(
      fc.asyncProperty(manifest, edits, manifest, async (first, changes, second) => {
        const app = await worldOf(first, changes);
        await within(app, async () => {
          const wanted = possibleAfter(first, second);
          app.emulator.clearRequests();
          await app.apply(JSON.stringify(wanted), { allowDestroy: everythingMayGo });
          for (const { operation, path, body } of app.emulator.requests) {
            const sent = body as Declared;
            switch (operation) {
              case 'UpdateApp':
                expectOnly(sent, {
                  ...wanted.app?.settings,
                  ...(wanted.app?.grants === undefined ? {} : { grants: 0 }),
                });
                expectOnly((sent['grants'] ?? {}) as Declared, wanted.app?.grants);
                break;
              case 'UpdateChannelType': {
                const declared = own(wanted.channel_types, path.split('/').at(-1) ?? '');
                expectOnly(sent, declared);
                expectOnly((sent['grants'] ?? {}) as Declared, declared?.['grants'] as Declared | undefined);
                break;
              }
              case 'UpdateUsersPartial':
                for (const { id, set = {}, unset = [] } of sent['users'] as {
                  id: string;
                  set?: Declared;
                  unset?: string[];
                }[]) {
                  const { custom, ...fields } = own(wanted.users, id) ?? {};
                  expectOnly(
                    { ...set, ...Object.fromEntries(unset.map((key) => [key, 0])) },
                    { ...(custom as Declared), ...fields },
                  );
                }
                break;
              case 'UpdateChannelPartial': {
                const { set = {}, unset = [] } = sent as { set?: Declared; unset?: string[] };
                const [, , type = '', id = ''] = path.split('/');
                const snapshot = app.emulator.snapshot() as Snapshot;
                const { custom, ...fields } =
                  channelsOf(wanted, snapshot).get(`${type}:${id}`)?.declared ?? {};
                expectOnly(
                  { ...set, ...Object.fromEntries(unset.map((key) => [key, 0])) },
                  { ...(custom as Declared), ...fields },
                );
                break;
              }
            }
          }
        });
      }),
      runs(20),
    );
  }, 60_000);

  it('says the same with its sets in any order and with repetitions', async () => {
    await fc.assert(
      fc.asyncProperty(manifest, fc.infiniteStream(fc.nat()), async (wanted, numbers) => {
        const app = await worldOf(wanted, []);
        await within(app, async () => {
          const next = () => Number(numbers.next().value);
          expect(linesOf(await app.plan(JSON.stringify(shuffled(wanted, next))))).toEqual([]);
        });
      }),
      runs(20),
    );
  }, 60_000);
});

describe('lifecycle', () => {
  it('create_only never writes to what exists', async () => {
    await fc.assert(
      fc.asyncProperty(manifest, edits, manifest, async (first, changes, second) => {
        const app = await worldOf(first, changes);
        await within(app, async () => {
          const before = app.emulator.snapshot() as Snapshot;
          const result = await app.apply(
            JSON.stringify(withLifecycle(second, () => ({ create_only: true }))),
          );
          expect(result.verified).toBe('converged');
          for (const { change } of result.outcomes) expect(change.action).toBe('create');
          const after = app.emulator.snapshot() as Snapshot;
          for (const section of ['channelTypes', 'channels', 'users'] as const) {
            expect(after[section]).toMatchObject(before[section]);
          }
          expect(after.app).toEqual(before.app);
        });
      }),
      runs(15),
    );
  }, 60_000);

  it('ignore_changes keeps the live value of each declared field that it names', async () => {
    await fc.assert(
      fc.asyncProperty(
        manifest,
        edits,
        manifest,
        fc.infiniteStream(fc.boolean()),
        async (first, changes, second, choices) => {
          const app = await worldOf(first, changes);
          await within(app, async () => {
            // Nothing about a deactivated user can change, so their coming back is not ignored.
            const ignored = (declared: Declared) =>
              Object.keys(declared).filter((field) => choices.next().value === true && field !== 'status');
            const wanted = withLifecycle(possibleAfter(first, second), (declared) => ({
              ignore_changes: ignored(declared),
            }));
            const before = app.emulator.snapshot() as Snapshot;
            await expectConverged(app, wanted);
            const after = app.emulator.snapshot() as Snapshot;
            const managed = withoutIgnored(wanted, before);
            expect(untouchedParts(after, managed, [], before)).toEqual(
              untouchedParts(before, managed, [], before),
            );
          });
        },
      ),
      runs(30),
    );
  }, 60_000);
});

function expectOnly(sent: Declared, declared: Declared | undefined): void {
  expect(Object.keys(declared ?? {})).toEqual(expect.arrayContaining(Object.keys(sent)));
}

/** Fields whose lists are sets. */
const sets: ReadonlySet<string> = new Set(
  `add allowed_file_extensions allowed_flag_reasons allowed_mime_types anonymous blocked_file_extensions blocked_mime_types
  channel_member commands filter_tags guest image_moderation_labels members moderators remove teams user
  user_search_disallowed_roles`.split(/\s+/),
);

function shuffled(value: unknown, next: () => number, field = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => shuffled(item, next));
    if (!sets.has(field)) return items;
    const again = items.filter((item) => typeof item === 'string' && next() % 2 === 0);
    return [...items, ...again]
      .map((item) => [next(), item] as const)
      .toSorted(([one], [two]) => one - two)
      .map(([, item]) => item);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === 'custom' ? one : shuffled(one, next, key)]),
  );
}

function withLifecycle(
  wanted: GeneratedManifest,
  lifecycle: (declared: Declared) => Declared,
): GeneratedManifest {
  const one = (declared: Declared) => ({ ...declared, lifecycle: lifecycle(declared) });
  const each = (objects: Readonly<Record<string, Declared>> | undefined) =>
    Object.fromEntries(Object.entries(objects ?? {}).map(([name, declared]) => [name, one(declared)]));
  const settings = { ...wanted.app?.settings, ...(wanted.app?.grants === undefined ? {} : { grants: 0 }) };
  return {
    ...wanted,
    ...(Object.keys(settings).length === 0
      ? { app: {} }
      : { app: { ...wanted.app, lifecycle: lifecycle(settings) } }),
    channel_types: each(wanted.channel_types),
    users: each(wanted.users),
    channels: Object.fromEntries(
      Object.entries(wanted.channels ?? {}).map(([type, some]) => [type, each(some)]),
    ),
    distinct_channels: each(wanted.distinct_channels),
  };
}

/** What is left to manage of objects that exist: an ignored field counts at creation only. */
function withoutIgnored(wanted: GeneratedManifest, before: Snapshot): GeneratedManifest {
  const one = (declared: Declared, exists: boolean): Declared => {
    const { lifecycle, ...fields } = declared;
    const { ignore_changes: ignored = [] } = (lifecycle ?? {}) as { ignore_changes?: readonly string[] };
    if (!exists) return fields;
    const kept = Object.entries(fields).filter(([field]) => !ignored.includes(field) || field === 'type');
    // Who is a member is one thing, said in three fields.
    const members = ignored.includes('members') ? ['moderators', 'members_mode'] : [];
    return Object.fromEntries(kept.filter(([field]) => !members.includes(field)));
  };
  const each = (objects: Readonly<Record<string, Declared>> | undefined, exists: (name: string) => boolean) =>
    Object.fromEntries(
      Object.entries(objects ?? {}).map(([name, declared]) => [name, one(declared, exists(name))]),
    );
  const app = one(
    { ...wanted.app?.settings, grants: wanted.app?.grants, lifecycle: wanted.app?.lifecycle },
    true,
  );
  const { grants, ...settings } = app;
  return {
    app: { settings, ...(grants === undefined ? {} : { grants: grants as Declared }) },
    channel_types: each(wanted.channel_types, (name) => Object.hasOwn(before.channelTypes, name)),
    users: each(wanted.users, (name) => Object.hasOwn(before.users, name)),
    channels: Object.fromEntries(
      Object.entries(wanted.channels ?? {}).map(([type, some]) => [
        type,
        each(some, (id) => Object.hasOwn(before.channels, `${type}:${id}`)),
      ]),
    ),
    // The members tell which channel it is.
    distinct_channels: Object.fromEntries(
      Object.entries(wanted.distinct_channels ?? {}).map(([name, declared]) => [
        name,
        { ...one(declared, true), members: declared['members'] },
      ]),
    ),
  };
}
