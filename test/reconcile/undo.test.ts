import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import {
  JournalFailure,
  type JournalEntry,
  type JournalLines,
  type JournalObject,
} from '../../src/model/journal.ts';
import { makePlan } from '../../src/reconcile/plan.ts';
import { applyPlan, type ApplyResult } from '../../src/reconcile/apply.ts';
import { rollbackManifest } from '../../src/reconcile/rollback.ts';
import { journalOf } from '../../src/render/journal.ts';
import type { Plan } from '../../src/model/plan.ts';
import {
  manifest,
  possibleAfter,
  removalsAfter,
  surroundings,
  type GeneratedManifest,
} from '../properties/arbitraries.ts';
import { linesOf, testApp, wordsOf, type TestApp } from '../support/world.ts';

const everythingMayGo = new Map(
  ['member', 'channel', 'distinct_channel', 'user', 'role', 'channel_type', 'conversation'].map(
    (what) => [what, 10_000] as const,
  ),
);

/** Applies a plan, and returns what its journal says, as it would be read from a disk that takes so many lines. */
async function journalled(
  app: TestApp,
  plan: Plan,
  room = Number.POSITIVE_INFINITY,
): Promise<{ readonly result: ApplyResult; readonly journal: JournalLines }> {
  const entries: JournalEntry[] = [];
  const { connection } = app;
  const result = await applyPlan(plan, registry, connection, {
    allowDestroy: everythingMayGo,
    journal: async () => {
      const context = { time: '2026-01-01T00:00:00Z', tool_version: '0', emulator: true, manifests: [] };
      const { fingerprint } = connection;
      entries.push(...journalOf(plan, registry, { ...context, fingerprint }));
      return {
        append: async (entry) => {
          if (entries.length >= room) throw new JournalFailure('the disk is full');
          entries.push(entry);
        },
      };
    },
  });
  return { result, journal: linesIn(entries) };
}

function linesIn(entries: readonly JournalEntry[]): JournalLines {
  const read = JSON.parse(JSON.stringify(entries)) as readonly JournalEntry[];
  const [head] = read;
  if (head?.type !== 'apply') throw new Error('a journal begins with its run');
  return { file: 'run.jsonl', head, lines: read.map((entry, index) => ({ line: index + 1, entry })) };
}

async function wayBack(app: TestApp, journal: JournalLines): Promise<Plan> {
  const { value, diagnostics } = rollbackManifest(journal, registry);
  return makePlan(value, registry, app.connection.reader, { diagnostics });
}

const objectsOf = ({ lines }: JournalLines): readonly JournalObject[] =>
  lines.flatMap(({ entry }) => (entry.type === 'object' ? [entry] : []));

async function within<T>(work: (app: TestApp) => Promise<T>): Promise<T> {
  const app = await testApp();
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}

/**
 * The parts of two forms that both know: how much is read of an object depends on who asks. Overrides are seen only
 * where they differ from their type, so nobody can promise them when that moved too.
 */
function shared(form: unknown, other: unknown, typeMoved: boolean): unknown {
  const known = new Set(Object.keys(other ?? {}));
  if (typeMoved) known.delete('config_overrides');
  return Object.fromEntries(Object.entries(form ?? {}).filter(([field]) => known.has(field)));
}

/** A journal holds a fingerprint in place of the only secret among these. */
function withoutSecrets(form: unknown): unknown {
  return form === undefined
    ? undefined
    : JSON.parse(JSON.stringify(form, (key, value: unknown) => (key === 'api_key' ? undefined : value)));
}

describe('a rollback of any apply', () => {
  it('gives every object back what it had, without a conflict, and a second one has nothing to do', async () => {
    await fc.assert(
      fc.asyncProperty(manifest, manifest, async (first, second) => {
        await within(async (app) => {
          await app.apply(JSON.stringify(surroundings));
          await app.apply(JSON.stringify(first), { allowDestroy: everythingMayGo });
          const removed = removalsAfter(first, second);
          const wanted: GeneratedManifest = { ...possibleAfter(first, second), removed };
          const plan = await app.plan(JSON.stringify(wanted));
          if (plan.diagnostics.some(({ severity }) => severity === 'error')) return;
          const { journal } = await journalled(app, plan);
          const back = await wayBack(app, journal);
          const wrong = back.diagnostics.filter(
            ({ code, severity }) => code === 'rollback-conflict' || severity === 'error',
          );
          expect(wordsOf(wrong)).toBe('');
          const { result } = await journalled(app, back);
          const failed = result.outcomes.flatMap((one) => (one.status === 'failed' ? [one.diagnostic] : []));
          expect(wordsOf(failed)).toBe('');
          const again = await wayBack(app, journal);
          expect(linesOf(again)).toEqual([]);
          const stays = new Set(
            [...back.diagnostics, ...again.diagnostics].flatMap(({ code, address }) =>
              code === 'cannot-be-undone' ? [address] : [],
            ),
          );
          const touched = new Set<string>(objectsOf(journal).map(({ address }) => address));
          for (const { address, action, before } of objectsOf(journal)) {
            const read = again.world.read(address);
            if (stays.has(address)) continue;
            expect([address, read?.state]).toEqual([address, action === 'create' ? 'absent' : 'present']);
            if (read?.state !== 'present') continue;
            const live = withoutSecrets(read.live);
            const typeMoved = touched.has(`channel_type/${address.split(/[/:]/)[1]}`);
            const held = withoutSecrets(before);
            const [now, then] = [shared(live, held, typeMoved), shared(held, live, typeMoved)];
            expect([address, now]).toEqual([address, then]);
          }
        });
      }),
      { numRuns: Number(process.env['RUNS'] ?? 12) },
    );
  }, 120_000);
});

const before = `
  roles: [clerk]
  users: { lena: { name: Lena }, ben: { name: Ben }, noa: {} }
  channel_types:
    messaging: { grants: { clerk: [read-channel] } }
    support: { reactions: false, grants: { user: [read-channel], guest: [] } }
  channels: { messaging: { a: { created_by: lena, members: [lena, ben], moderators: [lena], cooldown: 5 } } }
`;
const after = `
  app: { settings: { allowed_flag_reasons: [spam], custom_action_handler_url: 'https://acme.example.com/h' } }
  users: { lena: { name: Helena, teams: [red] }, ben: { status: deactivated } }
  channel_types:
    messaging: { reactions: false, polls: true, grants: { user: { add: [pin-message], remove: [create-channel] } } }
    desk: { grants: { user: [] } }
  channels: { messaging: { a: { members: [lena, noa], moderators: [noa], cooldown: 0, custom: { k: 1 } } } }
  removed:
    - { role: clerk, because: over }
    - { channel_type: support, because: over }
    - { channel_type: livestream, because: fresh, created_before: 2030-01-01T00:00:00Z }
`;

/** What Stream holds, but for when it changed; an empty value and none are the same. */
function told(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(told);
  if (typeof value !== 'object' || value === null) return value === '' || value === 'no' ? undefined : value;
  const entries = Object.entries(value)
    .filter(([key]) => !/^(created|updated)_at$/.test(key))
    .map(([key, below]) => [key, key === 'deactivated_at' ? true : told(below)] as const)
    .filter(([, below]) => below !== undefined)
    .toSorted(([one], [two]) => (one < two ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function stateOf({ emulator }: TestApp): unknown {
  const { app, channelTypes, channels, roles, users } = emulator.snapshot() as Record<string, unknown>;
  return told({ app, channelTypes, channels, roles, users });
}

function withoutTypes(state: unknown, names: readonly string[]): unknown {
  const { channelTypes, ...rest } = state as { readonly channelTypes: object };
  const kept = Object.entries(channelTypes).filter(([name]) => !names.includes(name));
  return { ...rest, channelTypes: Object.fromEntries(kept) };
}

describe('a rollback takes away nothing that somebody else made', () => {
  const yaml = `
    roles: { vip: {} }
    users: { eva: { name: Eva } }
    channels: { messaging: { room: { created_by: eva } } }
  `;

  it('before the apply, although the apply wanted to make it', async () => {
    let ago = 2 * 60 * 60_000;
    const app = await testApp({ now: () => Date.now() - ago });
    try {
      const plan = await app.plan(yaml);
      await app.apply(
        'users: { eva: { name: Somebody } }\nchannels: { messaging: { room: { created_by: eva } } }',
      );
      ago = 0;
      const { journal, result } = await journalled(app, plan);
      expect(result.outcomes.map(({ status }) => status)).toEqual(['applied', 'applied', 'applied']);
      const back = await wayBack(app, journal);
      expect(linesOf(back)).toEqual(['- role/vip']);
      const kept = back.diagnostics.filter(({ code }) => code === 'rollback-conflict');
      expect(kept.map(({ address, message }) => [address, message])).toEqual([
        ['user/eva', expect.stringContaining('before the apply, so somebody else made it')],
        ['channel/messaging:room', expect.stringContaining('before the apply, so somebody else made it')],
      ]);
    } finally {
      await app.close();
    }
  });

  it('where making it failed', async () => {
    await within(async (app) => {
      const plan = await app.plan('channel_types: { support: { max_message_length: 100 } }');
      await app.apply('channel_types: { support: { max_message_length: 200 } }');
      const { journal, result } = await journalled(app, plan);
      expect(result.outcomes.map(({ status }) => status)).toEqual(['failed']);
      await app.apply('channel_types: { support: { max_message_length: 100 } }');
      const back = await wayBack(app, journal);
      expect(linesOf(back)).toEqual([]);
      expect(back.diagnostics).toMatchObject([
        { code: 'cannot-be-undone', message: expect.stringContaining('nobody knows who made it') },
      ]);
    });
  });

  it('where it was announced and never sent', async () => {
    await within(async (app) => {
      const { journal } = await journalled(app, await app.plan('users: { eva: {} }'));
      const unsent = journal.lines.map(({ line, entry }) => ({
        line,
        entry:
          entry.type === 'done' ? { ...entry, type: 'skipped' as const, because: 'lost the app' } : entry,
      }));
      const back = await wayBack(app, { ...journal, lines: unsent });
      expect(linesOf(back)).toEqual([]);
      expect(back.diagnostics).toEqual([]);
    });
  });
});

describe('a run that was cut off', () => {
  it('after any line of its journal goes back to what was there', { timeout: 120_000 }, async () => {
    const lines = await within(async (app) => {
      await app.apply(before);
      const { journal } = await journalled(app, await app.plan(after));
      return journal.lines.map(({ entry }) => entry.type);
    });
    const begins = lines.indexOf('ready') + 1;
    expect(lines.length - begins).toBeGreaterThan(20);
    for (let room = begins; room <= lines.length; room++) {
      await within(async (app) => {
        await app.apply(before);
        const state = stateOf(app);
        const { journal } = await journalled(app, await app.plan(after), room);
        expect(journal.lines.length).toBeLessThanOrEqual(room);
        const back = await wayBack(app, journal);
        const { result } = await journalled(app, back);
        const failed = result.outcomes.flatMap((one) => (one.status === 'failed' ? [one.diagnostic] : []));
        expect([room, wordsOf(failed)]).toEqual([room, '']);
        const lost = back.diagnostics.flatMap(({ code, address }) =>
          code === 'cannot-be-undone' ? [address] : [],
        );
        // The one thing that a cut takes along: what a reset left is written down after it.
        const reset = lost.includes('channel_type/livestream') ? ['livestream'] : [];
        expect([room, withoutTypes(stateOf(app), reset)]).toEqual([room, withoutTypes(state, reset)]);
      });
    }
  });
});
