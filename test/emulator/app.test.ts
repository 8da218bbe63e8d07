import { expect, test } from 'vitest';
import { connect, raw, refusal } from './connection.ts';

const settings = (values: object) => values as never;

test('a fresh app reads with the defaults of the real service', async () => {
  const { client } = await connect({ app: { id: 42, name: 'Support' } });
  const { app } = await client.getAppSettings();
  expect(app).toMatchObject({
    id: 42,
    name: 'Support',
    placement: 'us-east.c1',
    enforce_unique_usernames: '',
    permission_version: 'v2',
    moderation_enabled: true,
    multi_tenant_enabled: false,
    reminders_interval: 300,
    cdn_expiration_seconds: 1_209_600,
    webhook_url: '',
    event_hooks: [],
    revoke_tokens_issued_before: null,
    use_hook_v2: true,
  });
  expect(app).not.toHaveProperty('before_message_send_hook_url');
  expect(app).not.toHaveProperty('allowed_flag_reasons');
});

test('a write answers with nothing but the duration', async () => {
  const { client } = await connect();
  expect(Object.keys(await client.updateAppSettings({ multi_tenant_enabled: true }))).toEqual(['duration']);
});

test('absent keys stay and null resets to the zero value', async () => {
  const { client } = await connect();
  await client.updateAppSettings(
    settings({ multi_tenant_enabled: true, custom_action_handler_url: 'https://a.example' }),
  );
  await client.updateAppSettings({});
  expect((await client.getAppSettings()).app).toMatchObject({
    custom_action_handler_url: 'https://a.example',
  });
  await client.updateAppSettings(settings({ multi_tenant_enabled: null, custom_action_handler_url: null }));
  expect((await client.getAppSettings()).app).toMatchObject({
    multi_tenant_enabled: false,
    custom_action_handler_url: '',
  });
});

test('write-only fields are stored and never returned', async () => {
  const { client, emulator } = await connect();
  await client.updateAppSettings(settings({ reminders_max_members: 7, sqs_secret: 'hush' }));
  const { app } = await client.getAppSettings();
  expect(app).not.toHaveProperty('reminders_max_members');
  expect(app).toHaveProperty('sqs_secret', '');
  expect(JSON.stringify(emulator.snapshot())).toContain('hush');
});

test('unknown and read-only keys are ignored', async () => {
  const { client, emulator } = await connect();
  const before = emulator.snapshot();
  await client.updateAppSettings(
    settings({ id: 1, name: 'x', organization: 'y', no_such_key: 1, push_notifications: {} }),
  );
  expect(emulator.snapshot()).toEqual(before);
});

test('what a read gives can be written back after the legacy hook keys are dropped', async () => {
  const { client, emulator } = await connect();
  await client.updateAppSettings(
    settings({ event_hooks: [{ hook_type: 'webhook', webhook_url: 'https://a.example/h' }] }),
  );
  const { app } = await client.getAppSettings();
  const kept = Object.entries(app ?? {}).filter(
    ([key]) => !/^(webhook_|sqs_|sns_|async_moderation)/.test(key),
  );
  await client.updateAppSettings(settings(Object.fromEntries(kept)));
  const { app: again } = await client.getAppSettings();
  const { geofences: _one, event_hooks: hooks, ...rest } = app as unknown as Record<string, unknown>;
  expect(again).toMatchObject(rest);
  expect((again as unknown as { event_hooks: { id: string }[] }).event_hooks[0]?.id).toBe(
    (hooks as { id: string }[])[0]?.id,
  );
  expect(emulator.requests.at(-2)?.status).toBe(200);
});

test('a bad value is refused with 400/4, names the choices, and changes nothing', async () => {
  const { client, emulator } = await connect();
  const before = emulator.snapshot();
  const refused = await refusal(
    client.updateAppSettings(settings({ multi_tenant_enabled: true, enforce_unique_usernames: 'maybe' })),
  );
  expect(refused).toMatchObject({ code: 4, status: 400 });
  expect(refused.message).toContain(
    'UpdateApp failed with error: "enforce_unique_usernames must be one of [no app team]"',
  );
  expect(emulator.snapshot()).toEqual(before);
  expect((await refusal(client.updateAppSettings(settings({ sqs_url: 'nope' })))).message).toContain(
    'sqs_url must be a valid URL',
  );
});

test('an upload config is replaced as a whole', async () => {
  const { client } = await connect();
  await client.updateAppSettings(
    settings({
      file_upload_config: {
        size_limit: 10,
        allowed_file_extensions: ['.Pdf', '.csv'],
        allowed_mime_types: ['text/csv'],
      },
    }),
  );
  await client.updateAppSettings(settings({ file_upload_config: { blocked_file_extensions: ['.exe'] } }));
  expect((await client.getAppSettings()).app?.file_upload_config).toEqual({
    size_limit: 0,
    allowed_file_extensions: [],
    blocked_file_extensions: ['.exe'],
    allowed_mime_types: [],
    blocked_mime_types: [],
  });
});

test.each([
  [
    { allowed_file_extensions: ['.a'], blocked_file_extensions: ['.b'] },
    'Cannot specify both allowed file extensions and blocked file extensions',
  ],
  [
    { allowed_mime_types: ['a/a'], blocked_mime_types: ['b/b'] },
    'Cannot specify both allowed mime types and blocked mime types',
  ],
])('an upload config that allows and blocks the same kind is refused: %j', async (config, text) => {
  const { client } = await connect();
  const refused = await refusal(client.updateAppSettings(settings({ image_upload_config: config })));
  expect(refused).toMatchObject({ code: 4, status: 400 });
  expect(refused.message).toContain(text);
});

test('grants of the app replace one role and leave the others, and null brings the defaults back', async () => {
  const { client } = await connect();
  const before = (await client.getAppSettings()).app?.grants;
  await client.updateAppSettings(settings({ grants: { guest: ['search-user', 'flag-user'] } }));
  expect((await client.getAppSettings()).app?.grants).toEqual({
    ...before,
    guest: ['flag-user', 'search-user'],
  });
  await client.updateAppSettings(settings({ grants: { guest: [] } }));
  expect((await client.getAppSettings()).app?.grants?.['guest']).toEqual([]);
  await client.updateAppSettings(settings({ grants: {} }));
  expect((await client.getAppSettings()).app?.grants?.['guest']).toEqual([]);
  await client.updateAppSettings(settings({ grants: null }));
  expect((await client.getAppSettings()).app?.grants).toEqual(before);
  const refused = await refusal(client.updateAppSettings(settings({ grants: { nobody: [] } })));
  expect(refused.message).toContain('role "nobody" does not exist');
});

test('geofences change their order from read to read', async () => {
  const { client } = await connect();
  const first = (await client.getAppSettings()).app as unknown as { geofences: unknown[] };
  const second = (await client.getAppSettings()).app as unknown as { geofences: unknown[] };
  expect(second.geofences).toEqual(first.geofences.toReversed());
});

test('channel configs hold every type with its commands by name and no grants', async () => {
  const { client } = await connect();
  await client.createChannelType({ name: 'support', commands: ['giphy'] } as never);
  const configs = (await client.getAppSettings()).app?.channel_configs as Record<string, object>;
  expect(Object.keys(configs).sort()).toEqual([
    'commerce',
    'gaming',
    'livestream',
    'messaging',
    'support',
    'team',
  ]);
  expect(configs['support']).toMatchObject({ commands: ['giphy'] });
  expect(configs['support']).not.toHaveProperty('grants');
});

test('event hooks are replaced as a whole, and a hook without id gets a new one each time', async () => {
  const { client } = await connect();
  const hooks = async () =>
    ((await client.getAppSettings()).app as unknown as { event_hooks: Record<string, unknown>[] })
      .event_hooks;
  const hook = {
    hook_type: 'webhook',
    enabled: true,
    webhook_url: 'https://hooks.example.com/a',
    event_types: ['message.new'],
  };
  await client.updateAppSettings(settings({ event_hooks: [hook] }));
  const [first] = await hooks();
  expect(first).toMatchObject({ ...hook, id: expect.any(String), created_at: expect.any(String) });
  await client.updateAppSettings(settings({ event_hooks: [hook] }));
  expect((await hooks())[0]?.['id']).not.toBe(first?.['id']);
  await client.updateAppSettings(settings({ event_hooks: [{ ...hook, id: 'mine', sqs_secret: 'x' }] }));
  expect((await hooks())[0]).toMatchObject({ id: 'mine' });
  expect((await hooks())[0]).not.toHaveProperty('sqs_secret');
  await client.updateAppSettings(settings({ event_hooks: [] }));
  expect(await hooks()).toEqual([]);
});

test.each([
  [
    { hook_type: 'webhook', id: 'h', webhook_url: 'https://gone.invalid/x' },
    'webhook URL for hook h must be a publicly accessible HTTP/HTTPS URL: unable to resolve url',
  ],
  [{ hook_type: 'sqs', sqs_queue_url: 'https://q' }, 'sqs_region is a required field'],
  [
    { hook_type: 'webhook', webhook_url: 'https://a.example', created_at: 1 },
    'Time.UnmarshalJSON: input is not a JSON string',
  ],
  [{ hook_type: 'pending_message', timeout_ms: 1 }, 'callback.mode must be one of'],
])('an impossible hook is refused: %j', async (hook, text) => {
  const { client } = await connect();
  expect((await refusal(client.updateAppSettings(settings({ event_hooks: [hook] })))).message).toContain(
    text,
  );
});

test('push settings are read under other names, merge per key and never show a credential', async () => {
  const { client } = await connect();
  const push = async () =>
    (await client.getAppSettings()).app?.push_notifications as unknown as Record<
      string,
      Record<string, unknown>
    >;
  await client.updateAppSettings(settings({ push_config: { version: 'v3', offline_only: true } }));
  expect(await push()).toMatchObject({ version: 'v3', offline_only: true, apn: { enabled: false } });
  const token = {
    auth_type: 'token',
    auth_key: 'hush',
    key_id: 'k',
    team_id: 't',
    bundle_id: 'b',
    development: true,
  };
  await client.updateAppSettings(settings({ apn_config: token }));
  await client.updateAppSettings(settings({ apn_config: { team_id: 't2' } }));
  expect((await push())['apn']).toMatchObject({
    enabled: true,
    team_id: 't2',
    key_id: 'k',
    host: 'https://api.development.push.apple.com',
  });
  expect(JSON.stringify(await push())).not.toContain('hush');
  await client.updateAppSettings(settings({ apn_config: { disabled: true } }));
  expect((await push())['apn']).toMatchObject({ enabled: false });
  await client.updateAppSettings(settings({ apn_config: token }));
  expect((await push())['apn']).toMatchObject({ enabled: true });
  expect(await refusal(client.updateAppSettings(settings({ push_config: { version: 'v9' } })))).toMatchObject(
    { status: 400 },
  );
});

test('a client with a user token reads a part of the app and cannot write it', async () => {
  const { client, emulator } = await connect();
  await client.upsertUser({ id: 'eva' });
  const token = client.createToken('eva');
  const ask = (method: string) =>
    fetch(`${emulator.url}/app?api_key=${emulator.apiKey}`, {
      method,
      headers: { authorization: token, 'stream-auth-type': 'jwt' },
      ...(method === 'PATCH' ? { body: '{}' } : {}),
    });
  expect(Object.keys(((await (await ask('GET')).json()) as { app: object }).app)).not.toContain('grants');
  const refused = await ask('PATCH');
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({
    code: 17,
    message: expect.stringContaining('this endpoint can only be called server side'),
  });
});

test('reading leaves the state as it is, byte for byte', async () => {
  const { client, emulator } = await connect();
  const before = JSON.stringify(emulator.snapshot());
  await client.getAppSettings();
  await client.listChannelTypes();
  await raw(client, 'get', '/roles');
  await client.queryUsers({});
  expect(JSON.stringify(emulator.snapshot())).toBe(before);
});
