import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasErrors } from '../../src/model/diagnostic.ts';
import type { ApplyEvent } from '../../src/model/outcome.ts';
import type { Plan } from '../../src/model/plan.ts';
import { StreamFailure, type Stream } from '../../src/model/stream.ts';
import { registry } from '../../src/kinds/registry.ts';
import { applyPlan } from '../../src/reconcile/apply.ts';
import { unapproved } from '../../src/reconcile/losses.ts';
import { linesOf, testApp, wordsOf, writesOf, type TestApp } from '../support/world.ts';

let app: TestApp;
beforeEach(async () => {
  app = await testApp();
});
afterEach(() => app.close());

const statuses = (result: {
  readonly outcomes: readonly { status: string; change: { address: string } }[];
}) => Object.fromEntries(result.outcomes.map(({ status, change }) => [change.address, status]));

describe('an apply', () => {
  it('makes what is missing in the order of its needs, and the next plan is empty', async () => {
    const yaml = `
      channel_types: { support: { grants: { guest: [], user: [read-channel] } } }
      users: { lena: { name: Lena } }
      channels: { support: { a: { created_by: lena, members: [lena] } } }
    `;
    const result = await app.apply(yaml);
    expect(result.verified).toBe('converged');
    expect(writesOf(app.emulator).map(({ call }) => call)).toEqual([
      'POST /channeltypes',
      'POST /users',
      'POST /channels/support/a/query',
    ]);
    expect(linesOf(await app.plan(yaml))).toEqual([]);
  });

  it('gives a locked type its grants in the create call, so that it is never open in between', async () => {
    await app.apply('channel_types: { vault: { grants: { user: [], guest: [] }, quotes: false } }');
    const [create, update] = writesOf(app.emulator);
    expect(create).toMatchObject({
      call: 'POST /channeltypes',
      body: { name: 'vault', grants: { user: [], guest: [] } },
    });
    expect(update).toEqual({ call: 'PUT /channeltypes/vault', body: { quotes: false } });
  });

  it('takes rights away before it gives any', async () => {
    await app.apply('channel_types: { room: { grants: { user: [read-channel, create-message] } } }');
    app.emulator.clearRequests();
    await app.apply(
      'channel_types: { room: { grants: { user: [read-channel, pin-message] }, reactions: false, polls: true } }',
    );
    expect(writesOf(app.emulator)).toEqual([
      { call: 'PUT /channeltypes/room', body: { reactions: false, grants: { user: ['read-channel'] } } },
      {
        call: 'PUT /channeltypes/room',
        body: { polls: true, grants: { user: ['pin-message', 'read-channel'] } },
      },
    ]);
  });

  it('batches users and members by the hundred', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => `user-${String(index).padStart(3, '0')}`);
    const yaml = JSON.stringify({
      users: Object.fromEntries(ids.map((id) => [id, { name: id }])),
      channels: { messaging: { big: { created_by: 'user-000', members: ids } } },
    });
    const result = await app.apply(yaml);
    expect(result.verified).toBe('converged');
    expect(writesOf(app.emulator).map(({ call }) => call)).toEqual([
      'POST /users',
      'POST /users',
      'POST /users',
      'POST /channels/messaging/big/query',
      'POST /channels/messaging/big',
      'POST /channels/messaging/big',
    ]);
    expect(linesOf(await app.plan(yaml))).toEqual([]);
  });

  it('splits a batch that Stream refuses until the guilty item stands alone', async () => {
    await app.apply('users: { old: {} }');
    await app.connection.stream.write('DeleteUsers', { body: { user_ids: ['old'], user: 'soft' } });
    const ids = Array.from({ length: 9 }, (_, index) => `fresh-${index}`);
    const yaml = JSON.stringify({
      users: Object.fromEntries([...ids, 'old'].map((id) => [id, { name: id }])),
    });
    const result = await app.apply(yaml);
    expect(statuses(result)).toEqual({
      ...Object.fromEntries(ids.map((id) => [`user/${id}`, 'applied'])),
      'user/old': 'failed',
    });
    const failed = result.outcomes.find(({ status }) => status === 'failed');
    expect(failed).toMatchObject({ diagnostic: { message: expect.stringContaining('was deleted') } });
  });

  it('goes on past a failure, skips what depends on it, and names both', async () => {
    app.emulator.addFault({
      operation: 'CreateChannelType',
      kind: 'status',
      status: 400,
      code: 4,
      message: 'no',
    });
    const result = await app.apply(`
      users: { lena: {} }
      channel_types: { support: {} }
      channels: { support: { a: { created_by: lena } }, messaging: { b: { created_by: lena } } }
    `);
    expect(statuses(result)).toEqual({
      'channel_type/support': 'failed',
      'user/lena': 'applied',
      'channel/messaging:b': 'applied',
      'channel/support:a': 'skipped',
    });
    const skipped = result.outcomes.find(({ status }) => status === 'skipped');
    expect(skipped).toMatchObject({ because: 'channel_type/support failed' });
    expect(result.wrote).toBe(true);
  });

  it('after a failure finishes the job when it is run again', async () => {
    const yaml =
      'users: { lena: {} }\nchannels: { messaging: { a: { created_by: lena, members: [lena], cooldown: 5 } } }';
    app.emulator.addFault({
      operation: 'UpdateChannelPartial',
      kind: 'status',
      status: 400,
      code: 4,
      message: 'no',
    });
    expect(statuses(await app.apply(yaml))).toMatchObject({ 'channel/messaging:a': 'failed' });
    const second = await app.apply(yaml);
    expect(second.verified).toBe('converged');
    expect(linesOf(await app.plan(yaml))).toEqual([]);
  });

  it('that nothing reached Stream says that nothing was written', async () => {
    app.emulator.addFault({ operation: 'UpdateUsers', kind: 'status', status: 400, code: 4, message: 'no' });
    const result = await app.apply('users: { lena: {} }');
    expect(result.wrote).toBe(false);
  });

  it.each(['reset-before', 'reset-after', 'status', 'html', 'truncate'] as const)(
    'survives an answer that is lost (%s) and makes nothing twice',
    async (kind) => {
      for (const operation of ['CreateChannelType', 'UpdateUsers', 'GetOrCreateChannel', 'UpdateApp']) {
        app.emulator.addFault({ operation, kind, status: 500 });
      }
      const result = await app.apply(`
        app: { settings: { reminders_interval: 600 } }
        channel_types: { support: { reactions: false } }
        users: { lena: { name: Lena } }
        channels: { support: { a: { created_by: lena, members: [lena] } } }
      `);
      expect(result.outcomes.filter(({ status }) => status !== 'applied')).toEqual([]);
      expect(result.verified).toBe('converged');
    },
  );

  it('takes a type for its own that an earlier run made and nobody sees yet', async () => {
    const slow = await testApp({ propagationMs: 300 });
    try {
      const yaml = 'channel_types: { support: { reactions: false, grants: { user: [read-channel] } } }';
      const planned = await slow.plan(yaml);
      await applyPlan(planned, registry, slow.connection);
      // A plan that was made before sends the create again.
      const again = await applyPlan(planned, registry, slow.connection);
      expect(again.outcomes.map(({ status }) => status)).toEqual(['applied']);
      expect(again.verified).toBe('converged');
    } finally {
      await slow.close();
    }
  });

  it('leaves a type alone that somebody else made since the plan', async () => {
    const planned = await app.plan('channel_types: { support: { reactions: false } }');
    await app.connection.stream.write('CreateChannelType', { body: { name: 'support', reactions: true } });
    app.emulator.clearRequests();
    const result = await applyPlan(planned, registry, app.connection);
    expect(result.outcomes).toMatchObject([{ status: 'failed' }]);
    expect(writesOf(app.emulator).map(({ call }) => call)).toEqual(['POST /channeltypes']);
  });

  it('opens nothing as long as anything that was to be closed is not', async () => {
    await app.apply(`
      users: { lena: {} }
      channel_types: { support: { url_enrichment: false } }
      channels: { support: { one: { created_by: lena } } }
    `);
    app.emulator.addFault({
      operation: 'UpdateChannelPartial',
      kind: 'status',
      status: 400,
      code: 4,
      times: 9,
    });
    const yaml = `
      channel_types: { support: { url_enrichment: true } }
      channels: { support: { one: { config_overrides: { url_enrichment: false, grants: { user: ['!pin-message'] } } } } }
    `;
    const stuck = await app.apply(yaml);
    expect(stuck.outcomes.map(({ status, change }) => [change.address, status])).toEqual([
      ['channel_type/support', 'skipped'],
      ['channel/support:one', 'failed'],
    ]);
    app.emulator.clearFaults();
    expect((await app.apply(yaml)).verified).toBe('converged');
  });

  it('gives nobody a role, makes nothing and thaws nothing while the role still may too much', async () => {
    await app.apply(`
      roles: { vip: {} }
      users: { lena: {} }
      channel_types: { support: { grants: { vip: [read-channel, delete-message] } } }
      channels: { messaging: { room: { created_by: lena, frozen: true } } }
    `);
    app.emulator.addFault({ operation: 'UpdateChannelType', kind: 'status', status: 400, code: 4, times: 9 });
    const yaml = `
      users: { lena: { role: vip }, ben: { role: vip } }
      channel_types: { support: { grants: { vip: [read-channel] } } }
      channels: { messaging: { room: { frozen: false } } }
    `;
    const stuck = await app.apply(yaml);
    expect(statuses(stuck)).toEqual({
      'channel_type/support': 'failed',
      'user/lena': 'skipped',
      'user/ben': 'skipped',
      'channel/messaging:room': 'skipped',
    });
    expect(stuck.wrote).toBe(false);
    app.emulator.clearFaults();
    expect((await app.apply(yaml)).verified).toBe('converged');
  });

  it('tells of an object that was only narrowed that it failed, and what was done', async () => {
    await app.apply(`
      channel_types:
        support: { grants: { user: [read-channel], guest: [read-channel] } }
        team: { grants: { user: [read-channel] } }
    `);
    const planned = await app.plan(`
      channel_types:
        support: { grants: { user: [read-channel, create-message], guest: [] } }
        team: { grants: { user: [] } }
    `);
    const steps = planned.steps.map((step) =>
      step.covers.includes('channel_type/team')
        ? { ...step, send: () => Promise.reject(new StreamFailure('refused', 'UpdateChannelType', 'no')) }
        : step,
    );
    const { outcomes } = await applyPlan({ ...planned, steps }, registry, app.connection);
    expect(outcomes).toMatchObject([
      {
        change: { address: 'channel_type/support' },
        status: 'failed',
        diagnostic: { code: 'partly', message: expect.stringContaining('only a part was done') },
        done: ['UpdateChannelType channel_type/support narrow'],
      },
      { change: { address: 'channel_type/team' }, status: 'failed', done: [] },
    ]);
  });

  it('has patience with nodes that lag for each object, however many wait', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `case-${index}`);
    app.emulator.addFault({
      operation: 'GetOrCreateChannel',
      kind: 'status',
      status: 400,
      code: 16,
      message: 'channel type support does not exist',
      times: 3 * ids.length,
    });
    const result = await app.apply(
      JSON.stringify({
        users: { lena: {} },
        channel_types: { support: {} },
        channels: { support: Object.fromEntries(ids.map((id) => [id, { created_by: 'lena' }])) },
      }),
    );
    expect(Object.values(statuses(result)).filter((status) => status !== 'applied')).toEqual([]);
  });

  it('patches a user who appeared between the plan and the write, and wipes nothing', async () => {
    const planned = await app.plan('users: { lena: { name: Lena } }');
    await app.connection.stream.write('UpdateUsers', {
      body: { users: { lena: { id: 'lena', name: 'Other', favourite: 'tea' } } },
    });
    const result = await applyPlan(planned, registry, app.connection);
    expect(result.verified).toBe('converged');
    const answer = await app.connection.reader.read('QueryUsers', {
      query: { filter_conditions: { id: 'lena' }, sort: [] },
    });
    expect(answer['users']).toMatchObject([{ name: 'Lena', favourite: 'tea' }]);
  });

  it('updates a channel that appeared between the plan and the write, and wipes nothing', async () => {
    await app.apply('users: { lena: {}, ben: {} }');
    const yaml =
      'channels: { messaging: { a: { created_by: lena, name: A, members: [lena], custom: { x: 1 } } } }';
    const planned = await app.plan(yaml);
    await app.connection.stream.write('GetOrCreateChannel', {
      path: { type: 'messaging', id: 'a' },
      body: { data: { created_by_id: 'ben', name: 'B', other: 2 } },
    });
    const result = await applyPlan(planned, registry, app.connection);
    expect(result.verified).toBe('converged');
    const answer = await app.connection.reader.read('GetChannel', { path: { type: 'messaging', id: 'a' } });
    expect(answer['channel']).toMatchObject({ name: 'A', x: 1, other: 2 });
  });

  it('waits for a type that it has just made until every node knows it', async () => {
    await app.close();
    app = await testApp({ propagationMs: 150 });
    const result = await app.apply(`
      users: { lena: {} }
      channel_types: { support: { quotes: false } }
      channels: { support: { a: { created_by: lena } } }
    `);
    expect(result.outcomes.filter(({ status }) => status !== 'applied')).toEqual([]);
    expect(result.verified).toBe('converged');
  });

  it('waits on 429 until the reset, and then goes on', async () => {
    app.emulator.addFault({ operation: 'UpdateUsers', kind: 'rate-limit', resetAfterMs: 1000 });
    const result = await app.apply('users: { lena: {} }');
    expect(result.outcomes.map(({ status }) => status)).toEqual(['applied']);
  });

  it('that is interrupted sends nothing more and says what was not done', async () => {
    const stop = new AbortController();
    const result = await app.apply('channel_types: { one: {} }\nusers: { lena: {} }', {
      signal: stop.signal,
      onEvent: (event: ApplyEvent) => {
        if (event.type === 'sent') stop.abort();
      },
    });
    expect(result.interrupted).toBe(true);
    expect(statuses(result)).toEqual({ 'channel_type/one': 'applied', 'user/lena': 'skipped' });
    expect(writesOf(app.emulator)).toHaveLength(1);
  });

  it('tells its progress by counts', async () => {
    const events: ApplyEvent[] = [];
    await app.apply('users: { lena: {} }\nchannel_types: { one: {} }', {
      onEvent: (event) => events.push(event),
    });
    expect(events[0]).toEqual({ type: 'started', steps: 2 });
    expect(events.filter(({ type }) => type === 'sent')).toMatchObject([
      { done: 1, steps: 2 },
      { done: 2, steps: 2 },
    ]);
    expect(events.at(-1)).toEqual({ type: 'verifying' });
  });
});

describe('what moved between the plan and the write', () => {
  const grants = (id: string) =>
    app.connection.reader.read('GetChannelType', { path: { name: id } }).then((type) => type['grants']);
  const applied = async (planned: Plan) => applyPlan(planned, registry, app.connection);

  it('is not overwritten: nothing at all is written, and the objects are named', async () => {
    await app.apply('channel_types: { room: { grants: { user: [read-channel, create-channel] } } }');
    const planned = await app.plan(
      'users: { lena: {} }\nchannel_types: { room: { grants: { user: { add: [pin-message] } } } }',
    );
    await app.connection.stream.write('UpdateChannelType', {
      path: { name: 'room' },
      body: { grants: { user: ['read-channel'] } },
    });
    app.emulator.clearRequests();
    const result = await applied(planned);
    expect(statuses(result)).toEqual({ 'channel_type/room': 'failed', 'user/lena': 'skipped' });
    expect(result.outcomes).toMatchObject([{ diagnostic: { code: 'moved-since-plan' } }, {}]);
    expect(writesOf(app.emulator)).toEqual([]);
    expect(await grants('room')).toMatchObject({ user: ['read-channel'] });
  });

  it('does not count where the plan touches nothing', async () => {
    await app.apply(
      'users: { lena: {}, ben: {} }\nchannels: { messaging: { a: { created_by: lena, members: [lena] } } }',
    );
    const planned = await app.plan('channels: { messaging: { a: { name: New, moderators: [lena] } } }');
    const place = { path: { type: 'messaging', id: 'a' } };
    await app.connection.stream.write('UpdateChannelPartial', {
      ...place,
      body: { set: { topic: 'theirs' } },
    });
    await app.connection.stream.write('UpdateChannel', {
      ...place,
      body: { add_members: [{ user_id: 'ben' }] },
    });
    const result = await applied(planned);
    expect(result.verified).toBe('converged');
    const { channel } = await app.connection.reader.read('GetChannel', place);
    expect(channel).toMatchObject({ name: 'New', topic: 'theirs', member_count: 2 });
  });

  it('counts when it went away', async () => {
    await app.apply('channel_types: { room: {} }');
    const planned = await app.plan('channel_types: { room: { reactions: false } }');
    await app.connection.stream.write('DeleteChannelType', { path: { name: 'room' } });
    expect(statuses(await applied(planned))).toEqual({ 'channel_type/room': 'failed' });
  });
});

describe('one failure', () => {
  it('of a user in a batch leaves the other users of the batch whole', async () => {
    await app.apply('users: { old: {} }');
    await app.connection.stream.write('DeleteUsers', { body: { user_ids: ['old'], user: 'soft' } });
    const ids = ['a', 'b', 'c', 'old'];
    const yaml = JSON.stringify({
      users: Object.fromEntries(ids.map((id) => [id, { status: 'deactivated' }])),
    });
    const result = await app.apply(yaml);
    expect(statuses(result)).toEqual({
      'user/a': 'applied',
      'user/b': 'applied',
      'user/c': 'applied',
      'user/old': 'failed',
    });
    expect(result.verified).toBe('unknown');
  });

  it('of all leaves nothing to read back, and nothing is said of the app', async () => {
    app.emulator.addFault({ operation: 'UpdateUsers', kind: 'status', status: 400, code: 4, message: 'no' });
    expect((await app.apply('users: { lena: {} }')).verified).toBe('unknown');
  });

  it('of a deletion that somebody was faster with leaves the others deleted', async () => {
    await app.apply(
      'users: { a: {} }\nchannels: { messaging: { one: { created_by: a }, two: { created_by: a }, three: { created_by: a } } }',
    );
    const planned = await app.plan(
      JSON.stringify({
        removed: ['one', 'two', 'three'].map((id) => ({ channel: `messaging:${id}`, because: 'over' })),
      }),
    );
    const steps = planned.steps.map((step) => ({
      ...step,
      send: async (stream: Stream) => {
        await stream
          .write('DeleteChannels', { body: { cids: ['messaging:two'], hard_delete: true } })
          .catch(() => undefined);
        await step.send(stream);
      },
    }));
    const result = await applyPlan({ ...planned, steps }, registry, app.connection);
    expect(statuses(result)).toEqual({
      'channel/messaging:one': 'applied',
      'channel/messaging:three': 'applied',
      'channel/messaging:two': 'applied',
    });
  });
});

it('takes a type for deleted that somebody else was faster with', async () => {
  await app.apply('channel_types: { support: {} }');
  const planned = await app.plan('removed: [{ channel_type: support, because: over }]');
  const steps = planned.steps.map((step) => ({
    ...step,
    send: async (stream: Stream) => {
      await app.connection.stream.write('DeleteChannelType', { path: { name: 'support' } });
      await step.send(stream);
    },
  }));
  const result = await applyPlan({ ...planned, steps }, registry, app.connection);
  expect(statuses(result)).toEqual({ 'channel_type/support': 'applied' });
  expect(result.verified).toBe('converged');
});

it('removes channels before the type that they are of, in one apply', async () => {
  await app.apply(
    'users: { a: {} }\nchannel_types: { old: {} }\nchannels: { old: { one: { created_by: a } } }',
  );
  const result = await app.apply(`
    removed:
      - { channel_type: old, because: RFC 1 }
      - { channel: "old:one", mode: hard, because: RFC 1 }
      - { user: a, because: RFC 1 }
  `);
  expect(Object.values(statuses(result))).toEqual(['applied', 'applied', 'applied']);
});

it('tells an interrupted step that has written from one that was not begun', async () => {
  await app.apply('users: { a: {}, b: {} }');
  const stop = new AbortController();
  const planned = await app.plan('removed: [{ user: a, mode: soft, because: asked }]');
  const steps = planned.steps.map((step) => ({
    ...step,
    send: async (stream: Stream) => {
      await step.send({
        ...stream,
        write: async (operation, input) => {
          const answer = await stream.write(operation, input);
          stop.abort();
          return answer;
        },
      });
    },
  }));
  const connection = await app.connect({ signal: stop.signal });
  const result = await applyPlan({ ...planned, steps }, registry, connection, { signal: stop.signal });
  expect(result).toMatchObject({ interrupted: true, wrote: true, verified: 'unknown' });
  expect(statuses(result)).toEqual({ 'user/a': 'failed' });
});

describe('losses', () => {
  const three =
    'users: { a: {}, b: {}, c: {} }\nchannels: { messaging: { room: { created_by: a, members: [a, b, c] } } }';
  const one = 'channels: { messaging: { room: { members: [a] } } }';

  it('are refused with the flags that would approve them', async () => {
    await app.apply(three);
    const plan = await app.plan(one);
    expect(unapproved(plan, new Map())).toMatchObject([
      {
        code: 'unapproved-loss',
        message: expect.stringContaining('channel/messaging:room (b, c)'),
        help: 'If that is meant, add --allow-destroy member=2',
      },
    ]);
    expect(unapproved(plan, new Map([['member', 1]]))).toHaveLength(1);
    expect(unapproved(plan, new Map([['member', 2]]))).toEqual([]);
  });

  it('do not happen when nobody approved them', async () => {
    await app.apply(three);
    app.emulator.clearRequests();
    await expect(app.apply(one)).rejects.toThrow(/blocked/);
    expect(writesOf(app.emulator)).toEqual([]);
  });

  it('happen when they are approved', async () => {
    await app.apply(three);
    const result = await app.apply(one, { allowDestroy: new Map([['member', 2]]) });
    expect(result.verified).toBe('converged');
  });

  it('need no flag where a removed: line names them', async () => {
    await app.apply(three);
    const plan = await app.plan('removed: [{ channel: "messaging:room", because: over }]');
    expect(hasErrors([...plan.diagnostics, ...unapproved(plan, new Map())]), wordsOf(plan.diagnostics)).toBe(
      false,
    );
    expect(plan.losses).toMatchObject([{ what: 'channel', names: ['messaging:room'], approved: true }]);
  });

  it('never follow from leaving an object or a field out', async () => {
    await app.apply(`${three}\nchannel_types: { extra: {} }`);
    app.emulator.clearRequests();
    for (const yaml of [
      'users: {}',
      'x-nothing: true',
      'channels: { messaging: { room: {} } }',
      'users: { a: {} }',
    ]) {
      expect(linesOf(await app.plan(yaml))).toEqual([]);
    }
    expect(writesOf(app.emulator)).toEqual([]);
  });
});
