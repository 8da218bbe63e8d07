import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import type { JournalEntry, JournalObject } from '../../src/model/journal.ts';
import type { Plan } from '../../src/model/plan.ts';
import { journalOf, shownEntry } from '../../src/render/journal.ts';
import { testApp, type TestApp } from '../support/world.ts';

let app: TestApp;
beforeEach(async () => {
  app = await testApp();
});
afterEach(() => app.close());

const fingerprint = (): string => 'fingerprint';
const context = {
  time: '2026-01-01T00:00:00Z',
  tool_version: '1.2.3',
  emulator: true,
  manifests: ['a.yaml'],
};
const entriesOf = (plan: Plan): readonly JournalEntry[] =>
  journalOf(plan, registry, { ...context, fingerprint });
const objectIn = (plan: Plan, address: string): JournalObject | undefined =>
  entriesOf(plan).find(
    (entry): entry is JournalObject => entry.type === 'object' && entry.address === address,
  );

describe('the beginning of a journal', () => {
  it('says which run it is, what was there, and what will be sent', async () => {
    await app.apply('users: { lena: { name: Lena } }');
    const plan = await app.plan('users: { lena: { name: Helena }, ben: {} }');
    const entries = entriesOf(plan);
    expect(entries[0]).toEqual({
      type: 'apply',
      format: 'streambed-journal',
      format_version: '1.0',
      app: { id: 1699146, name: 'Acme Chat' },
      ...context,
    });
    expect(entries.map(({ type }) => type)).toEqual([
      'apply',
      'object',
      'object',
      'planned',
      'planned',
      'ready',
    ]);
    expect(objectIn(plan, 'user/ben')).not.toHaveProperty('before');
    expect(objectIn(plan, 'user/lena')).toMatchObject({
      action: 'update',
      before: { name: 'Lena', role: 'user', status: 'active' },
      fields: [{ op: 'set', path: ['name'], before: 'Lena', after: 'Helena' }],
    });
  });

  it('holds no secret, neither the old one nor the new, and names the fields that it keeps back', async () => {
    await app.apply(`
      app: { settings: { datadog_info: { api_key: old-secret-1, site: eu } } }
      users: { lena: { image: 'https://lena:old-secret-2@h.example.com/a.png', custom: { note: plain } } }
    `);
    const plan = await app.plan(`
      app: { settings: { datadog_info: { api_key: new-secret-1, site: us }, channel_hide_members_only: true } }
      users: { lena: { image: 'https://lena:new-secret-2@h.example.com/a.png', custom: { note: other } } }
    `);
    expect(JSON.stringify(entriesOf(plan))).not.toMatch(/secret-[12]/);
    expect(objectIn(plan, 'app_settings/app')).toMatchObject({
      before: { datadog_info: { api_key: { $fingerprint: 'fingerprint' }, site: 'eu' } },
      fields: [{ op: 'set', path: ['datadog_info', 'site'], before: 'eu', after: 'us' }],
      withheld: ['channel_hide_members_only', 'datadog_info.api_key'],
    });
    expect(objectIn(plan, 'user/lena')).toMatchObject({
      fields: [{ path: ['custom', 'note'], before: 'plain', after: 'other' }],
      withheld: ['image'],
    });
  });

  it('of what will be deleted holds all that was there', async () => {
    await app.apply('channel_types: { support: { reactions: false } }');
    const plan = await app.plan('removed: [{ channel_type: support, because: over }]');
    expect(objectIn(plan, 'channel_type/support')).toMatchObject({
      action: 'delete',
      how: 'delete',
      before: { reactions: false, grants: { user: { 'create-channel': true } } },
      fields: [],
    });
  });
});

describe('what is appended to a journal', () => {
  it('holds no secret that Stream repeats in a refusal', async () => {
    const plan = await app.plan(
      'app: { settings: { datadog_info: { api_key: the-new-secret-key, site: eu } } }',
    );
    const shown = shownEntry(
      plan,
      registry,
      fingerprint,
    )({
      type: 'failed',
      time: '2026-01-01T00:00:00Z',
      step: 'UpdateApp',
      covers: ['app_settings/app'],
      because: 'datadog refused the-new-secret-key of https://lena:pass-word@h.example.com/x',
    });
    expect(JSON.stringify(shown)).not.toMatch(/the-new-secret-key|pass-word/);
    expect(JSON.stringify(shown)).toContain('datadog refused');
  });
});
