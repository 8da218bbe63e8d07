import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registry } from '../src/kinds/registry.ts';
import { loadManifest } from '../src/manifest/load.ts';
import { applyPlan } from '../src/reconcile/apply.ts';
import { connect } from '../src/stream/connect.ts';
import { linesOf, testApp, wordsOf, writesOf, type TestApp } from './support/world.ts';

/**
 * The ways in which a naive comparison with Stream goes wrong, by their numbers in the API reference. Each prepares the
 * live state as somebody in the dashboard would, and then looks at the plan and at what was sent.
 */

let app: TestApp;
beforeEach(async () => {
  app = await testApp();
});
afterEach(() => app.close());

const write: TestApp['connection']['stream']['write'] = (operation, input) =>
  app.connection.stream.write(operation, input);
const anyMember = { allowDestroy: new Map([['member', 1000]]) };

async function liveUser(id: string): Promise<unknown> {
  const answer = await app.connection.reader.read('QueryUsers', {
    query: { filter_conditions: { id }, sort: [], include_deactivated_users: true },
  });
  return (answer['users'] as readonly unknown[])[0];
}

async function liveChannel(type: string, id: string): Promise<Readonly<Record<string, unknown>>> {
  return await app.connection.reader.read('GetChannel', { path: { type, id } });
}

async function liveType(name: string): Promise<unknown> {
  return app.connection.reader.read('GetChannelType', { path: { name } });
}

/** Plans, applies, and tells what was sent; the next plan must be empty. */
async function sentFor(yaml: string, options: Parameters<TestApp['apply']>[1] = {}) {
  app.emulator.clearRequests();
  const result = await app.apply(yaml, options);
  expect(result.outcomes.filter(({ status }) => status !== 'applied')).toEqual([]);
  expect(result.verified).toBe('converged');
  const sent = writesOf(app.emulator);
  expect(linesOf(await app.plan(yaml))).toEqual([]);
  return sent;
}

async function expectNothing(yaml: string): Promise<void> {
  expect(linesOf(await app.plan(yaml))).toEqual([]);
}

function problemsOf(yaml: string): string {
  return wordsOf(loadManifest([{ file: 'manifest.yaml', text: yaml }], registry).diagnostics);
}

describe('app settings', () => {
  it('trap 1: what GET /app never tells makes no plan, and goes along when something else is written', async () => {
    const quiet = `
      app: { settings: { channel_hide_members_only: true, reminders_max_members: 10, image_moderation_block_labels: [x],
        enable_hook_payload_compression: true, async_moderation_config: { timeout_ms: 100 } } }`;
    const plan = await app.plan(quiet);
    expect(linesOf(plan)).toEqual([]);
    expect(plan.changes[0]?.uncompared.flat()).toEqual([
      'async_moderation_config',
      'channel_hide_members_only',
      'enable_hook_payload_compression',
      'image_moderation_block_labels',
      'reminders_max_members',
    ]);
    expect(await sentFor('app: { settings: { reminders_interval: 60, reminders_max_members: 10 } }')).toEqual(
      [{ call: 'PATCH /app', body: { reminders_interval: 60, reminders_max_members: 10 } }],
    );
  });

  it('trap 1: an ignored write-only value is not sent', async () => {
    const yaml = `app: { lifecycle: { ignore_changes: [reminders_max_members] },
      settings: { reminders_interval: 60, reminders_max_members: 10 } }`;
    expect(await sentFor(yaml)).toEqual([{ call: 'PATCH /app', body: { reminders_interval: 60 } }]);
  });

  it('trap 2: push_config is written under that name and read under push_notifications, and keeps what is not declared', async () => {
    await write('UpdateApp', { body: { push_config: { version: 'v3', offline_only: false } } });
    await expectNothing('app: { settings: { push_config: { version: v3 } } }');
    expect(await sentFor('app: { settings: { push_config: { offline_only: true } } }')).toEqual([
      { call: 'PATCH /app', body: { push_config: { version: 'v3', offline_only: true } } },
    ]);
  });

  it('trap 3: enforce_unique_usernames "" and "no" are the same', async () => {
    const yaml = 'app: { settings: { enforce_unique_usernames: no } }';
    const answer = await app.connection.reader.read('GetApp');
    expect(answer['app']).toMatchObject({ enforce_unique_usernames: '' });
    await expectNothing(yaml);
    await write('UpdateApp', { body: { enforce_unique_usernames: 'no' } });
    await expectNothing(yaml);
  });

  it('trap 4: an absent value and a declared zero are the same', async () => {
    await expectNothing(`
      app:
        settings:
          before_message_send_hook_url: ""
          before_message_send_hook_attempt_timeout_ms: 0
          custom_action_handler_url: !unset
          moderation_webhook_url: ""
          moderation_s3_image_access_role_arn: !unset
          revoke_tokens_issued_before: !unset
          allowed_flag_reasons: []
          image_moderation_labels: []
          activity_metrics_config: {}
          moderation_onboarding_complete: false
          feed_audit_logs_enabled: false
    `);
  });

  it('trap 5: null is sent only to clear revoked tokens, never for what is not declared', async () => {
    await write('UpdateApp', {
      body: {
        revoke_tokens_issued_before: '2026-01-01T00:00:00Z',
        custom_action_handler_url: 'https://example.com',
      },
    });
    const yaml =
      'app: { settings: { revoke_tokens_issued_before: !unset, custom_action_handler_url: !unset } }';
    expect(await sentFor(yaml)).toEqual([
      { call: 'PATCH /app', body: { custom_action_handler_url: '', revoke_tokens_issued_before: null } },
    ]);
  });

  it('trap 6: an upload config is sent with all five keys, and turned from blocking to allowing in one write', async () => {
    await write('UpdateApp', {
      body: {
        file_upload_config: {
          blocked_file_extensions: ['.exe'],
          blocked_mime_types: ['text/html'],
          size_limit: 5,
        },
      },
    });
    const yaml = `app: { settings: { file_upload_config: {
      allowed_file_extensions: [.pdf, .doc], blocked_file_extensions: [] } } }`;
    expect(await sentFor(yaml)).toEqual([
      {
        call: 'PATCH /app',
        body: {
          file_upload_config: {
            allowed_file_extensions: ['.doc', '.pdf'],
            allowed_mime_types: [],
            blocked_file_extensions: [],
            blocked_mime_types: ['text/html'],
            size_limit: 5,
          },
        },
      },
    ]);
  });

  it('trap 6: allowing beside what is blocked live is refused before anything is sent', async () => {
    await write('UpdateApp', { body: { file_upload_config: { blocked_file_extensions: ['.exe'] } } });
    const plan = await app.plan(
      'app: { settings: { file_upload_config: { allowed_file_extensions: [.pdf] } } }',
    );
    expect(wordsOf(plan.diagnostics)).toContain('allowed-and-blocked');
    expect(plan.steps).toEqual([]);
  });

  it('traps 9 and 10: geofences in another order and channel_configs beside the types plan nothing', async () => {
    const yaml =
      'app: { settings: { multi_tenant_enabled: false } }\nchannel_types: { messaging: { reactions: true } }';
    for (const _ of [1, 2, 3]) await expectNothing(yaml);
    await write('UpdateChannelType', { path: { name: 'messaging' }, body: { polls: true } });
    await expectNothing(yaml);
  });

  it('trap 38: times are compared as instants, whatever their digits and zones', async () => {
    await write('UpdateApp', { body: { revoke_tokens_issued_before: '2026-01-01T00:00:00.000000Z' } });
    await expectNothing(
      'app: { settings: { revoke_tokens_issued_before: "2026-01-01T02:00:00.000+02:00" } }',
    );
    expect(problemsOf('app: { settings: { revoke_tokens_issued_before: "2026-01-01T02:00:00" } }')).toContain(
      'error[',
    );
  });

  it('revoking tokens comes before anything is given', async () => {
    const yaml = `app: { settings: { revoke_tokens_issued_before: "2026-01-01T00:00:00Z", moderation_enabled: false } }`;
    expect((await sentFor(yaml)).map(({ body }) => Object.keys(body as object))).toEqual([
      ['revoke_tokens_issued_before'],
      ['moderation_enabled'],
    ]);
  });
});

describe('channel types', () => {
  it('trap 11: sets and `all` mean the commands that they open to, in any order', async () => {
    await expectNothing('channel_types: { livestream: { commands: [mute, moderation_set, fun_set] } }');
    await sentFor('channel_types: { livestream: { commands: all } }');
    await write('CreateChannelType', { body: { name: 'later', commands: ['all'] } });
    await expectNothing('channel_types: { later: { commands: all } }');
    await write('UpdateChannelType', {
      path: { name: 'livestream' },
      body: { commands: ['fun_set', 'moderation_set'] },
    });
    expect(
      await sentFor('channel_types: { livestream: { commands: { remove: [moderation_set] } } }'),
    ).toEqual([{ call: 'PUT /channeltypes/livestream', body: { commands: ['giphy'] } }]);
    expect(await sentFor('channel_types: { livestream: { commands: [fun_set, ban] } }')).toEqual([
      { call: 'PUT /channeltypes/livestream', body: { commands: ['ban', 'giphy'] } },
    ]);
  });

  it('trap 12: commands that are not declared are not sent, and never `all`', async () => {
    const [create] = await sentFor('channel_types: { support: {} }');
    expect(create).toEqual({ call: 'POST /channeltypes', body: { name: 'support' } });
    expect(await liveType('support')).toMatchObject({ commands: [] });
  });

  it('trap 13: what a create ignores follows in an update', async () => {
    const yaml = `channel_types: { support: { quotes: false, reminders: true, allowed_flag_reasons: [spam],
      automod_thresholds: { toxic: { flag: 0.5 } }, polls: true } }`;
    expect(await sentFor(yaml)).toEqual([
      { call: 'POST /channeltypes', body: { name: 'support', polls: true } },
      {
        call: 'PUT /channeltypes/support',
        body: {
          quotes: false,
          reminders: true,
          allowed_flag_reasons: ['spam'],
          automod_thresholds: { toxic: { flag: 0.5 } },
        },
      },
    ]);
  });

  it('trap 14: "24h" equals "24h0m0s"', async () => {
    await write('UpdateChannelType', { path: { name: 'team' }, body: { partition_ttl: '24h' } });
    expect(await liveType('team')).toMatchObject({ partition_ttl: '24h0m0s' });
    for (const ttl of ['24h', '24h0m0s', '1440m', '86400s'])
      await expectNothing(`channel_types: { team: { partition_ttl: ${ttl} } }`);
    expect(await sentFor('channel_types: { team: { partition_ttl: !unset } }')).toEqual([
      { call: 'PUT /channeltypes/team', body: { partition_ttl: null } },
    ]);
  });

  it('trap 15: grants have no order, an empty role is an absent one, and other roles keep theirs', async () => {
    await write('UpdateChannelType', {
      path: { name: 'team' },
      body: { grants: { guest: ['read-channel', 'create-message'] } },
    });
    await expectNothing(
      'channel_types: { team: { grants: { guest: [create-message, read-channel, create-message], anonymous: [] } } }',
    );
    expect(
      await sentFor('channel_types: { team: { grants: { guest: [], user: { add: [ban-user] } } } }'),
    ).toEqual([
      { call: 'PUT /channeltypes/team', body: { grants: { guest: [] } } },
      {
        call: 'PUT /channeltypes/team',
        body: { grants: { user: expect.arrayContaining(['ban-user', 'send-poll']) } },
      },
    ]);
  });

  it('trap 16: default grants are never assumed: {add, remove} changes what is live', async () => {
    await write('UpdateChannelType', {
      path: { name: 'messaging' },
      body: { grants: { user: ['read-channel', 'pin-message'] } },
    });
    expect(
      await sentFor('channel_types: { messaging: { grants: { user: { remove: [pin-message] } } } }'),
    ).toEqual([{ call: 'PUT /channeltypes/messaging', body: { grants: { user: ['read-channel'] } } }]);
    const [create] = await sentFor(
      'channel_types: { fresh: { grants: { user: { add: [create-message] } } } }',
    );
    expect(create?.body).toMatchObject({ grants: { user: ['create-message', 'read-channel'] } });
  });

  it('trap 17: removing a built-in type is a reset, and needs to say which time it means', async () => {
    await write('UpdateChannelType', { path: { name: 'gaming' }, body: { polls: true } });
    const undated = await app.plan('removed: [{ channel_type: gaming, because: RFC 3 }]');
    expect(wordsOf(undated.diagnostics)).toContain('reset-needs-a-date');
    expect(undated.steps).toEqual([]);
    const yaml = `removed: [{ channel_type: gaming, because: RFC 3, created_before: "${new Date(Date.now() + 50).toISOString()}" }]`;
    const plan = await app.plan(yaml);
    expect(plan.changes).toMatchObject([{ action: 'delete', how: 'reset' }]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    await app.apply(yaml);
    expect(await liveType('gaming')).toMatchObject({ polls: false });
    const again = await app.plan(yaml);
    expect(linesOf(again)).toEqual([]);
    expect(wordsOf(again.diagnostics)).toContain('spared');
  });

  it('trap 18: legacy permissions in the answers are no difference', async () => {
    expect(await liveType('messaging')).toMatchObject({ permissions: expect.any(Array) });
    await expectNothing('channel_types: { messaging: { push_level: all } }');
  });

  it('trap 19: thresholds echoed while automod is off are compared only when declared, and cleared by null', async () => {
    await write('UpdateChannelType', {
      path: { name: 'team' },
      body: { automod_thresholds: { spam: { flag: 0.5, block: 0.9 } } },
    });
    await expectNothing('channel_types: { team: { automod: disabled } }');
    await expectNothing(
      'channel_types: { team: { automod_thresholds: { spam: { block: 0.9 }, toxic: {} } } }',
    );
    expect(
      await sentFor('channel_types: { team: { automod_thresholds: { spam: { flag: 0.25 } } } }'),
    ).toEqual([
      { call: 'PUT /channeltypes/team', body: { automod_thresholds: { spam: { flag: 0.25, block: 0.9 } } } },
    ]);
    expect(await sentFor('channel_types: { team: { automod_thresholds: !unset } }')).toEqual([
      { call: 'PUT /channeltypes/team', body: { automod_thresholds: null } },
    ]);
  });

  it('trap 20: max_message_length 20001 is refused offline, for a new type too', () => {
    expect(problemsOf('channel_types: { brand-new: { max_message_length: 20001 } }')).toContain(
      '20000 or less',
    );
    expect(problemsOf('channel_types: { brand-new: { max_message_length: 20000 } }')).toBe('');
  });

  it('trap 39: reads that lag behind the writes end in convergence, not in phantom differences', async () => {
    await app.close();
    app = await testApp({ propagationMs: 100 });
    const result = await app.apply(
      'channel_types: { messaging: { polls: true, grants: { guest: [read-channel] } }, new: { quotes: false } }',
    );
    expect(result.verified).toBe('converged');
  });

  it('trap 41: a create whose answer is lost is not repeated blindly', async () => {
    const hasty = await connect({
      apiKey: app.emulator.apiKey,
      apiSecret: app.emulator.apiSecret,
      baseUrl: app.emulator.url,
      timeoutMs: 300,
    });
    for (const operation of ['CreateChannelType', 'UpdateUsers', 'GetOrCreateChannel']) {
      app.emulator.addFault({ operation, kind: 'timeout-after' });
    }
    const plan = await app.plan(`
      channel_types: { support: {} }
      users: { lena: { name: Lena } }
      channels: { support: { a: { created_by: lena, members: [lena] } } }
    `);
    const result = await applyPlan(plan, registry, hasty);
    hasty.close();
    expect(result.outcomes.filter(({ status }) => status !== 'applied')).toEqual([]);
    expect(result.verified).toBe('converged');
    const calls = writesOf(app.emulator).map(({ call }) => call);
    expect(calls.filter((call) => call === 'POST /channeltypes')).toHaveLength(1);
    expect(calls.filter((call) => call === 'POST /users')).toHaveLength(1);
  });

  it('trap 41: "already exists" after a lost answer is success, also while no node shows the type yet', async () => {
    await app.close();
    app = await testApp({
      propagationMs: 150,
      faults: [{ operation: 'CreateChannelType', kind: 'reset-after' }],
    });
    const result = await app.apply('channel_types: { support: { quotes: false } }');
    expect(result.outcomes.map(({ status }) => status)).toEqual(['applied']);
    expect(result.verified).toBe('converged');
  });

  it('trap 41: a type that somebody else made in between is not taken for ours', async () => {
    const plan = await app.plan('channel_types: { support: { polls: true } }');
    await write('CreateChannelType', { body: { name: 'support', commands: [] } });
    const result = await applyPlan(plan, registry, app.connection);
    expect(result.outcomes).toMatchObject([
      { status: 'failed', diagnostic: { message: expect.stringContaining('already exists') } },
    ]);
  });

  it('a feature that takes away when it is on comes before what gives', async () => {
    const yaml = 'channel_types: { team: { mark_messages_pending: true, polls: true, reactions: false } }';
    expect(await sentFor(yaml)).toEqual([
      { call: 'PUT /channeltypes/team', body: { mark_messages_pending: true, reactions: false } },
      { call: 'PUT /channeltypes/team', body: { polls: true } },
    ]);
  });
});

describe('roles', () => {
  it('trap 15: a role that was emptied lingers as [], which is nothing to empty', async () => {
    await write('CreateRole', { body: { name: 'agent' } });
    for (const list of [['read-channel'], []])
      await write('UpdateChannelType', { path: { name: 'team' }, body: { grants: { agent: list } } });
    expect(await liveType('team')).toMatchObject({ grants: { agent: [] } });
    expect(await sentFor('removed: [{ role: agent, because: over }]')).toEqual([
      { call: 'DELETE /roles/agent', body: '' },
    ]);
  });

  it('trap 23: the scopes and times of a role are no difference', async () => {
    await write('CreateRole', { body: { name: 'agent' } });
    await expectNothing('roles: [agent]');
    await write('UpdateChannelType', {
      path: { name: 'team' },
      body: { grants: { agent: ['read-channel'] } },
    });
    await expectNothing('roles: [agent]');
  });

  it('trap 41: a role whose creation timed out and was done is there, and is not refused', async () => {
    app.emulator.addFault({ operation: 'CreateRole', kind: 'reset-after' });
    await app.apply('roles: [agent]');
    await expectNothing('roles: [agent]');
  });
});

describe('users', () => {
  it('trap 27: known users are patched, never upserted, and keep their undeclared data', async () => {
    await write('UpdateUsers', {
      body: { users: { lena: { id: 'lena', name: 'Lena', favourite: 'tea', desk: 1 } } },
    });
    expect(await sentFor('users: { lena: { role: admin, custom: { desk: 4 } } }')).toEqual([
      { call: 'PATCH /users', body: { users: [{ id: 'lena', set: { desk: 4, role: 'admin' } }] } },
    ]);
    expect(await liveUser('lena')).toMatchObject({ name: 'Lena', favourite: 'tea', desk: 4, role: 'admin' });
  });

  it('trap 27: teams are a set', async () => {
    await sentFor('users: { lena: { teams: [red, blue] } }');
    await expectNothing('users: { lena: { teams: [blue, red] } }');
    expect(await sentFor('users: { lena: { teams: { remove: [red] } } }')).toEqual([
      { call: 'PATCH /users', body: { users: [{ id: 'lena', set: { teams: ['blue'] } }] } },
    ]);
  });

  it('trap 27: deactivated users are seen, come back only when asked, and are patched after that', async () => {
    await sentFor('users: { lena: { name: Lena, status: deactivated } }');
    await expectNothing('users: { lena: { name: Lena } }');
    const warned = await app.plan('users: { lena: { name: Other } }');
    expect(wordsOf(warned.diagnostics)).toContain('warning[deactivated-user]');
    expect(
      (await sentFor('users: { lena: { name: Other, status: active } }')).map(({ call }) => call),
    ).toEqual(['POST /users/reactivate', 'PATCH /users']);
  });

  it('trap 27: a soft-deleted user looks absent; `status: active` brings it back, and without it the refusal is told', async () => {
    await sentFor('users: { lena: { name: Lena, custom: { desk: 4 } } }');
    await write('DeleteUsers', { body: { user_ids: ['lena'], user: 'soft' } });
    const refused = await app.apply('users: { lena: { name: New } }');
    expect(refused.outcomes).toMatchObject([
      { status: 'failed', diagnostic: { message: expect.stringContaining('was deleted') } },
    ]);
    await sentFor('users: { lena: { name: New, status: active } }');
    expect(await liveUser('lena')).toMatchObject({ name: 'New', desk: 4 });
  });

  it("trap 28: custom data lies among Stream's fields, so only declared keys are compared and own names are refused", async () => {
    await write('UpdateUsers', { body: { users: { lena: { id: 'lena', a_new_api_field: true } } } });
    await expectNothing('users: { lena: { custom: {} } }');
    for (const key of ['role', 'banned', 'last_active', 'name']) {
      expect(problemsOf(`users: { lena: { custom: { ${key}: 1 } } }`)).toContain('bad-key');
    }
  });

  it('trap 42: texts that look like numbers or flags stay texts, and numbers stay numbers', async () => {
    const yaml =
      'users: { 042: { name: no, custom: { order: "48213", count: 7, flag: "true", deep: ["1e3", 1, { x: "~" }] } } }';
    await sentFor(yaml);
    expect(await liveUser('042')).toMatchObject({
      id: '042',
      name: 'no',
      order: '48213',
      count: 7,
      flag: 'true',
      deep: ['1e3', 1, { x: '~' }],
    });
    expect(linesOf(await app.plan('users: { 042: { custom: { order: 48213 } } }'))).toEqual([
      '~ user/042 custom.order: 48213 → 48213',
    ]);
  });

  it('trap 38: year 0001 means that the user was never deactivated', async () => {
    const { liveForm } = await import('../src/kinds/user/form.ts');
    expect(liveForm({ id: 'lena', deactivated_at: '0001-01-01T00:00:00Z' })['status']).toBe('active');
    expect(liveForm({ id: 'lena', deactivated_at: '2026-01-01T00:00:00.123456789Z' })['status']).toBe(
      'deactivated',
    );
  });
});

describe('channels', () => {
  beforeEach(async () => {
    await app.apply('users: { lena: {}, ben: {}, ida: {} }');
  });
  const room = (fields: string) => `channels: { messaging: { room: { created_by: lena, ${fields} } } }`;

  it('trap 29: undeclared custom data survives, and a full update is never sent', async () => {
    await sentFor(room('name: Room, custom: { ours: 1, tags: [a] }'));
    await write('UpdateChannelPartial', {
      path: { type: 'messaging', id: 'room' },
      body: { set: { theirs: 2 } },
    });
    expect(
      await sentFor(room('name: !unset, frozen: true, custom: { ours: { deep: 1 }, tags: !unset }')),
    ).toEqual([
      { call: 'PATCH /channels/messaging/room', body: { set: { frozen: true } } },
      {
        call: 'PATCH /channels/messaging/room',
        body: { set: { ours: { deep: 1 } }, unset: ['tags', 'name'] },
      },
    ]);
    expect((await liveChannel('messaging', 'room'))['channel']).toMatchObject({
      theirs: 2,
      ours: { deep: 1 },
    });
  });

  it('trap 30: an override is compared with what is in effect, and sent as a whole', async () => {
    await sentFor(
      room(
        'config_overrides: { reactions: false, commands: [fun_set], grants: { user: ["!create-message"] } }',
      ),
    );
    await write('UpdateChannelPartial', {
      path: { type: 'messaging', id: 'room' },
      body: {
        set: {
          config_overrides: { reactions: false, commands: ['ban'], grants: { user: ['!create-message'] } },
        },
      },
    });
    await expectNothing(room('config_overrides: { reactions: false }'));
    expect(await sentFor(room('config_overrides: { uploads: false }'))).toEqual([
      {
        call: 'PATCH /channels/messaging/room',
        body: {
          set: {
            config_overrides: {
              commands: ['ban'],
              grants: { user: ['!create-message'] },
              reactions: false,
              uploads: false,
            },
          },
        },
      },
    ]);
    expect(await sentFor(room('config_overrides: !unset'))).toEqual([
      { call: 'PATCH /channels/messaging/room', body: { set: { config_overrides: {} } } },
    ]);
  });

  it('trap 30: a declared override that is as the type is sent along with the others', async () => {
    await sentFor(room('config_overrides: { replies: true }'));
    const [sent] = await sentFor(room('config_overrides: { replies: true, uploads: false }'));
    expect(sent?.body).toEqual({ set: { config_overrides: { replies: true, uploads: false } } });
  });

  it('trap 30: an override holds when the same manifest changes the type under it', async () => {
    await sentFor(room(''));
    const yaml = (more: string) => `
      channel_types: { messaging: { reactions: false, uploads: false, commands: [fun_set, ban] } }
      ${room(`config_overrides: { reactions: true, uploads: false, commands: [giphy] ${more} }`)}`;
    const sent = await sentFor(yaml(''));
    expect(sent.at(-1)).toEqual({
      call: 'PATCH /channels/messaging/room',
      body: { set: { config_overrides: { commands: ['giphy'], reactions: true, uploads: false } } },
    });
    expect((await liveChannel('messaging', 'room'))['channel']).toMatchObject({
      config: { reactions: true, uploads: false },
    });
    expect(await sentFor(yaml(', quotes: false'))).toHaveLength(1);
  });

  it('trap 30: one override that is in effect already is sent when the type is about to change', async () => {
    await sentFor(room(''));
    await sentFor(
      `channel_types: { messaging: { reactions: false } }\n${room('config_overrides: { reactions: true }')}`,
    );
    await sentFor(
      `channel_types: { messaging: { reactions: true } }\n${room('config_overrides: { reactions: true }')}`,
    );
    await sentFor(
      `channel_types: { messaging: { commands: [ban] } }\n${room('config_overrides: { commands: [giphy] }')}`,
    );
  });

  it('trap 30: a type whose change is ignored does not change under an override', async () => {
    await sentFor(room(''));
    const yaml = `channel_types: { messaging: { reactions: false, lifecycle: { ignore_changes: [reactions] } } }`;
    expect(await sentFor(`${yaml}\n${room('config_overrides: { reactions: true }')}`)).toEqual([]);
  });

  it('trap 30: taking all overrides away is verified although the type itself was not touched', async () => {
    await sentFor(room('config_overrides: { reactions: false }'));
    const yaml = `channel_types: { messaging: { reactions: true } }\n${room('config_overrides: !unset')}`;
    await sentFor(yaml);
  });

  it('trap 31: disabled channels are found, changed and opened again', async () => {
    await sentFor(room('disabled: true'));
    await expectNothing(room('disabled: true'));
    expect(await sentFor(room('disabled: false, name: Open'))).toEqual([
      { call: 'PATCH /channels/messaging/room', body: { set: { disabled: false, name: 'Open' } } },
    ]);
  });

  it('trap 31: many disabled and missing channels are asked for in few requests', async () => {
    const ids = Array.from({ length: 120 }, (_, index) => `c-${String(index).padStart(3, '0')}`);
    const yaml = JSON.stringify({
      channels: {
        messaging: Object.fromEntries(
          ids.map((id, index) => [id, { created_by: 'lena', disabled: index % 2 === 0 }]),
        ),
      },
    });
    app.emulator.clearRequests();
    await app.plan(yaml);
    // 120 by 30, then all 120 missing ones by 100.
    expect(app.emulator.requests.filter(({ operation }) => operation === 'QueryChannels')).toHaveLength(6);
    await app.apply(yaml);
    await expectNothing(yaml);
  });

  it('trap 31: a soft-deleted channel looks absent and is made again', async () => {
    await sentFor(room('name: Room'));
    await sentFor('removed: [{ channel: "messaging:room", because: over }]');
    expect((await sentFor(room('name: Again'))).map(({ call }) => call)).toEqual([
      'POST /channels/messaging/room/query',
    ]);
  });

  it('trap 32: zero and absent are the same', async () => {
    await sentFor(room(''));
    await expectNothing(
      room('cooldown: 0, filter_tags: [], frozen: false, disabled: false, name: "", team: !unset'),
    );
    await sentFor(room('cooldown: 5, filter_tags: [a, b]'));
    expect(await sentFor(room('cooldown: 0, filter_tags: []'))).toEqual([
      { call: 'PATCH /channels/messaging/room', body: { set: { cooldown: 0, filter_tags: [] } } },
    ]);
  });

  it('trap 33: more than 100 members are read by pages, and only the differences are sent', async () => {
    const ids = Array.from({ length: 230 }, (_, index) => `m-${String(index).padStart(3, '0')}`);
    const yaml = (members: readonly string[]) =>
      JSON.stringify({
        users: Object.fromEntries(ids.map((id) => [id, {}])),
        channels: { messaging: { room: { created_by: 'lena', members } } },
      });
    await sentFor(yaml(ids));
    await expectNothing(yaml(ids.toReversed()));
    expect(await sentFor(yaml(ids.slice(1)), anyMember)).toEqual([
      { call: 'POST /channels/messaging/room', body: { remove_members: ['m-000'] } },
    ]);
    expect(await sentFor(yaml(ids))).toEqual([
      { call: 'POST /channels/messaging/room', body: { add_members: [{ user_id: 'm-000' }] } },
    ]);
  });

  it('trap 33: a role is given by assign_roles, since adding a member again changes nothing', async () => {
    await sentFor(room('members: [lena, ben]'));
    expect(await sentFor(room('members: [lena, { user_id: ben, channel_role: channel_moderator }]'))).toEqual(
      [
        {
          call: 'POST /channels/messaging/room',
          body: { assign_roles: [{ user_id: 'ben', channel_role: 'channel_moderator' }] },
        },
      ],
    );
    expect(await sentFor(room('moderators: [lena]'))).toEqual([
      {
        call: 'POST /channels/messaging/room',
        body: { assign_roles: [{ user_id: 'ben', channel_role: 'channel_member' }] },
      },
      {
        call: 'POST /channels/messaging/room',
        body: { assign_roles: [{ user_id: 'lena', channel_role: 'channel_moderator' }] },
      },
    ]);
  });

  it('trap 33: who is a member of a channel that was there after all still gets the declared role', async () => {
    const plan = await app.plan(
      room('members: [lena], moderators: [lena, ben], config_overrides: { replies: false }'),
    );
    await write('GetOrCreateChannel', {
      path: { type: 'messaging', id: 'room' },
      body: { data: { created_by_id: 'ida', members: ['ben'], config_overrides: { uploads: false } } },
    });
    const result = await applyPlan(plan, registry, app.connection);
    expect(result.verified).toBe('converged');
    expect((await liveChannel('messaging', 'room'))['channel']).toMatchObject({
      config: { replies: false, uploads: false },
    });
  });

  it('trap 34: the owner is no moderator and no member by being the owner', async () => {
    await sentFor(room(''));
    await expectNothing(room('members: [], moderators: []'));
    await sentFor(room('members: [lena]'));
    await expectNothing(room('members: [{ user_id: lena, channel_role: channel_member }]'));
  });

  it('trap 35: invited users who have not answered count as members', async () => {
    await sentFor(room('members: [lena]'));
    await write('UpdateChannel', { path: { type: 'messaging', id: 'room' }, body: { invites: ['ben'] } });
    await expectNothing(room('members: [lena, ben]'));
    const plan = await app.plan(room('members: [lena]'));
    expect(plan.losses).toMatchObject([{ what: 'member', names: ['ben'] }]);
  });

  it('trap 36: a distinct channel is known by its members, in any order, among channels with the same ones', async () => {
    const pair = (members: string, more = '') =>
      `distinct_channels: { pair: { type: messaging, created_by: lena, members: [${members}] ${more} } }`;
    for (let index = 0; index < 31; index++) {
      await write('GetOrCreateChannel', {
        path: { type: 'messaging', id: `own-${index}` },
        body: { data: { created_by_id: 'lena', members: ['ben', 'lena'] } },
      });
    }
    expect(linesOf(await app.plan(pair('ben, lena')))).toContain(
      '+ distinct_channel/messaging:ben,lena members: +ben +lena',
    );
    await sentFor(pair('ben, lena'));
    await write('UpdateChannelPartial', {
      path: { type: 'messaging', id: 'own-0' },
      body: { set: { noise: 1 } },
    });
    await expectNothing(pair('lena, ben'));
    expect(linesOf(await app.plan(pair('lena, ben, ida')))).toHaveLength(2);
    expect(await sentFor(pair('lena, ben', ', name: Two'))).toMatchObject([
      { body: { set: { name: 'Two' } } },
    ]);
  });

  it('trap 36: a distinct channel that somebody left looks absent; nobody is put back, and the apply says so', async () => {
    const yaml = (name: string) =>
      `distinct_channels: { pair: { type: messaging, created_by: lena, members: [ben, lena], name: ${name} } }`;
    await sentFor(yaml('Two'));
    const found = (
      await app.connection.reader.read('QueryChannels', { body: { filter_conditions: { distinct: true } } })
    )['channels'];
    const [{ channel }] = found as [{ channel: { id: string } }];
    await write('UpdateChannel', {
      path: { type: 'messaging', id: channel.id },
      body: { remove_members: ['ben'] },
    });
    app.emulator.clearRequests();
    const result = await app.apply(yaml('One'));
    expect(result.outcomes).toMatchObject([
      { status: 'failed', diagnostic: { message: expect.stringContaining('ben left this channel') } },
    ]);
    expect(writesOf(app.emulator).map(({ call }) => call)).toEqual([
      'POST /channels/messaging/query',
      `PATCH /channels/messaging/${encodeURIComponent(channel.id)}`,
    ]);
    const live = await liveChannel('messaging', channel.id);
    expect(live['members']).toMatchObject([{ user_id: 'lena' }]);
    // The plan cannot see it, and wishes for it each time.
    expect((await app.plan(yaml('One'))).changes).toMatchObject([{ action: 'create' }]);
  });

  it('trap 40: what the manifest declares is the same after it was sent', async () => {
    const yaml = room('name: Room, custom: { list: [1, { a: 2 }] }, members: [lena]');
    const plan = await app.plan(yaml);
    const before = JSON.stringify(plan.manifest.resources);
    await applyPlan(plan, registry, app.connection);
    expect(JSON.stringify(plan.manifest.resources)).toBe(before);
  });

  it("trap 42: members' and channels' custom data keep their types", async () => {
    const yaml = room(
      'custom: { no: "no", n: 1, s: "1" }, members: [{ user_id: ben, custom: { seat: "007" } }]',
    );
    await sentFor(yaml);
    const live = await liveChannel('messaging', 'room');
    expect(live['channel']).toMatchObject({ no: 'no', n: 1, s: '1' });
    expect(live['members']).toMatchObject([{ user_id: 'ben', seat: '007' }]);
  });
});
