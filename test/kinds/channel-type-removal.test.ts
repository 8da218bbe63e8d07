import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import type { Stream } from '../../src/model/stream.ts';
import { applyPlan } from '../../src/reconcile/apply.ts';
import { linesOf, testApp, wordsOf, type TestApp } from '../support/world.ts';

/** A channel type goes only when no channel of it is left. */

let app: TestApp;
beforeEach(async () => {
  app = await testApp();
  await app.apply('channel_types: { support: { commands: [] } }\nusers: { lena: {}, ben: {} }');
});
afterEach(() => app.close());

const write: Stream['write'] = (operation, input) => app.connection.stream.write(operation, input);
const approved = { allowDestroy: new Map([['member', 1000]]) };
const supportGoes = '{ channel_type: support, because: over }';

async function makeChannels(count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, index) => `case-${String(index).padStart(3, '0')}`);
  for (const id of ids) {
    const data = { created_by_id: 'lena' };
    await write('GetOrCreateChannel', { path: { type: 'support', id }, body: { data } });
  }
  return ids;
}

async function typeNames(): Promise<readonly string[]> {
  const { channel_types } = await app.connection.reader.read('ListChannelTypes');
  return Object.keys(channel_types as object);
}

describe('a channel type that goes', () => {
  it('is refused while channels of it exist, with up to five of them', async () => {
    const [first = ''] = await makeChannels(7);
    const plan = await app.plan(`removed: [${supportGoes}]`);
    expect(wordsOf(plan.diagnostics)).toBe(
      'error[in-use] manifest.yaml:1:11 7 channels of type support exist: support:case-000, support:case-001, support:case-002, support:case-003, support:case-004, 2 more',
    );
    expect(plan.steps).toEqual([]);
    expect(first).toBe('case-000');
  });

  it('is refused for a channel that queries show only among disabled ones', async () => {
    await makeChannels(1);
    await write('UpdateChannelPartial', {
      path: { type: 'support', id: 'case-000' },
      body: { set: { disabled: true } },
    });
    expect(wordsOf((await app.plan(`removed: [${supportGoes}]`)).diagnostics)).toContain(
      '1 channel of type support exists: support:case-000',
    );
  });

  it('waits for the channels that the same plan deletes, however many and of whichever kind', async () => {
    const ids = await makeChannels(35);
    await app.apply(
      'distinct_channels: { pair: { type: support, members: [lena, ben], created_by: lena } }',
      approved,
    );
    const lines = (some: readonly string[]) =>
      some.map((id) => `{ channel: 'support:${id}', because: over }`).join(', ');
    const pair = "{ distinct_channel: 'support:ben,lena', because: over }";
    const partly = await app.plan(`removed: [${supportGoes}, ${pair}, ${lines(ids.slice(1))}]`);
    expect(wordsOf(partly.diagnostics)).toContain('1 channel of type support exists: support:case-000');
    const yaml = `removed: [${supportGoes}, ${pair}, ${lines(ids)}]`;
    const result = await app.apply(yaml, approved);
    expect(result.plan.needs.get('channel_type/support')).toHaveLength(36);
    expect(result.outcomes.filter(({ status }) => status !== 'applied')).toEqual([]);
    expect(result.verified).toBe('converged');
    expect(await typeNames()).not.toContain('support');
    expect(linesOf(await app.plan(yaml))).toEqual([]);
  });

  it('stays when one of its channels could not be deleted', async () => {
    await makeChannels(1);
    const yaml = `removed: [${supportGoes}, { channel: 'support:case-000', because: over }]`;
    const plan = await app.plan(yaml);
    app.emulator.addFault({ operation: 'DeleteChannels', kind: 'status', status: 400, code: 4, times: 9 });
    const { outcomes } = await applyPlan(plan, registry, app.connection, approved);
    expect(outcomes).toMatchObject([
      { status: 'skipped', because: 'channel/support:case-000 failed' },
      { status: 'failed' },
    ]);
    expect(await typeNames()).toContain('support');
  });

  it('is tried again while Stream still sees the channels that went', async () => {
    await makeChannels(1);
    app.emulator.addFault({
      operation: 'DeleteChannelType',
      kind: 'status',
      status: 400,
      code: 4,
      message: 'support cannot be deleted, channels of that type exist',
      times: 3,
    });
    const yaml = `removed: [${supportGoes}, { channel: 'support:case-000', because: over }]`;
    expect((await app.apply(yaml, approved)).verified).toBe('converged');
  });

  it('says where to look when Stream knows of channels that no query shows', async () => {
    app.emulator.addFault({
      operation: 'DeleteChannelType',
      kind: 'status',
      status: 400,
      code: 4,
      message: 'support cannot be deleted, channels of that type exist',
    });
    const { outcomes } = await app.apply(`removed: [${supportGoes}]`);
    expect(outcomes).toMatchObject([
      {
        status: 'failed',
        diagnostic: {
          message: expect.stringMatching(
            /channels of that type exist.*such as hidden or softly deleted ones; delete each by its id/,
          ),
        },
      },
    ]);
  });

  it('returns to its defaults when it is built in, which needs no look at channels', async () => {
    app.emulator.clearRequests();
    const plan = await app.plan(
      'removed: [{ channel_type: team, because: anew, created_before: 2999-01-01T00:00:00Z }]',
    );
    expect(plan.changes).toMatchObject([{ action: 'delete', how: 'reset' }]);
    expect(app.emulator.requests.map(({ operation }) => operation)).not.toContain('QueryChannels');
  });
});
