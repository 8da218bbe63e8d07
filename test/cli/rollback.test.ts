import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEmulator, type Emulator } from '../../src/emulator/index.ts';
import { connect } from '../../src/index.ts';
import type { Input, WriteOperation } from '../../src/model/stream.ts';
import { run, temporaryFolder, type Ran } from './io.ts';

/** A folder with manifests in front of an app of its own. */
async function desk() {
  const emulator = await startEmulator({ rateLimits: 'none', app: { id: 7, name: 'Acme' } });
  onTestFinished(() => emulator.close());
  const cwd = temporaryFolder();
  const { apiKey, apiSecret, url } = emulator;
  const env = { STREAM_API_KEY: apiKey, STREAM_API_SECRET: apiSecret, STREAM_BASE_URL: url };
  return {
    emulator,
    cwd,
    /** What somebody else does, in the dashboard for example. */
    async meddle(operation: WriteOperation, input: Input): Promise<void> {
      const connection = await connect({ apiKey, apiSecret, baseUrl: url });
      await connection.stream.write(operation, input);
      connection.close();
    },
    streambed: (...words: readonly string[]): Promise<Ran> => run(words, { cwd, env }),
    async apply(yaml: string, ...words: readonly string[]): Promise<string> {
      writeFileSync(join(cwd, 'chat.yaml'), yaml);
      const before = journalsIn(cwd);
      const ran = await run(['apply', '--yes', 'chat.yaml', ...words], { cwd, env });
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      return journalsIn(cwd).find((file) => !before.includes(file)) ?? '';
    },
  };
}

function journalsIn(cwd: string): readonly string[] {
  try {
    return readdirSync(join(cwd, '.streambed/applies'))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => `.streambed/applies/${name}`);
  } catch {
    return [];
  }
}

/** What the app holds, but for when it changed; an empty value and none are the same to Stream. */
function stateOf({ snapshot }: Emulator): unknown {
  const { app, blocklists, channelTypes, channels, roles, users } = snapshot() as Record<string, unknown>;
  return told({ app, blocklists, channelTypes, channels, roles, users });
}

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

const people = 'users: { lena: { name: Lena, teams: [red] }, ben: { name: Ben }, noa: {} }\n';

test.each<{
  readonly what: string;
  readonly before: string;
  readonly after: string;
  readonly flags?: readonly string[];
  readonly approve?: readonly string[];
}>([
  {
    what: 'settings and grants of a built-in type',
    before: people,
    after: `channel_types: { messaging: { reactions: false, max_message_length: 100, automod: disabled, commands: [mute], allowed_flag_reasons: [spam], blocklists: [{ blocklist: profanity_en_2020_v1, behavior: flag }], automod_thresholds: { toxic: { flag: 0.5, block: 0.9 } }, chat_preferences: {}, grants: { user: { remove: [read-channel], add: [pin-message] }, guest: [], channel_member: [create-message] } } }`,
  },
  {
    what: 'users',
    before: people,
    after: `users: { lena: { name: Helena, role: admin, teams: [blue], custom: { desk: 4, constructor: { a: [1] } } }, ben: { status: deactivated, name: Benno }, noa: { image: 'https://x.example.com/a.png' } }`,
  },
  {
    what: 'a user who came back',
    before: 'users: { ben: { name: Ben, status: deactivated, custom: { a: 1 } } }',
    after: `users: { ben: { status: active, name: Benno, custom: { a: !unset , b: 2 } } }`,
  },
  {
    what: 'channels',
    before: `${people}
channels: { messaging: { a: { created_by: lena, name: A, members: [lena, { user_id: ben, custom: { seat: 4 } }], moderators: [lena], custom: { k: 1, gone: [1, { a: 2 }] }, cooldown: 5, filter_tags: [vip], config_overrides: { reactions: false, commands: [mute] } } } }`,
    after: `channels: { messaging: { a: { name: !unset , image: 'https://x.example.com/a.png', members: [lena, noa], moderators: [noa], custom: { k: 2, gone: !unset , more: x }, cooldown: 0, frozen: true, filter_tags: [eu], config_overrides: { reactions: true, max_message_length: 5, grants: { user: ['!read-channel'] } } } } }`,
    flags: ['--allow-destroy', 'member=1'],
    approve: ['--allow-destroy', 'member=1'],
  },
  {
    what: 'app settings',
    before: 'users: { lena: {} }',
    after: `app: { settings: { permission_version: v2, moderation_enabled: false, user_search_disallowed_roles: [guest], allowed_flag_reasons: [spam], image_upload_config: { allowed_file_extensions: [.png], size_limit: 100 }, file_upload_config: { blocked_file_extensions: [.exe], allowed_mime_types: [image/png] }, push_config: { version: v3, offline_only: true }, revoke_tokens_issued_before: 2026-01-01T00:00:00Z, enforce_unique_usernames: app, moderation_dashboard_preferences: { a: true }, reminders_interval: 300, custom_action_handler_url: 'https://x.example.com/h' }, grants: { user: { add: [search-user] } } }`,
  },
  {
    what: 'a role that went, with its grants',
    before: `roles: [clerk]
app: { grants: { clerk: [search-user] } }
channel_types: { messaging: { grants: { clerk: [read-channel, create-message] } }, support: { grants: { clerk: [read-channel] } } }`,
    after: 'removed: [{ role: clerk, because: gone }]',
  },
  {
    what: 'a custom type that went',
    before: `channel_types: { support: { reactions: false, grants: { user: [read-channel], guest: [] }, commands: [giphy], partition_ttl: 24h, partition_size: 5, automod_behavior: shadow_block, automod_thresholds: { toxic: { flag: 0.5 } }, blocklists: [{ blocklist: profanity_en_2020_v1, behavior: flag }] } }`,
    after: 'removed: [{ channel_type: support, because: gone }]',
  },
  {
    what: 'a built-in type that was reset',
    before: `channel_types: { livestream: { reactions: false, typing_events: false, max_message_length: 12, grants: { user: [read-channel], guest: [] }, commands: [mute] } }`,
    after: `removed: [{ channel_type: livestream, because: fresh, created_before: 2030-01-01T00:00:00Z }]`,
  },
  {
    what: 'what was made',
    before: people,
    after: `roles: [clerk]
channel_types: { support: { reactions: false, grants: { clerk: [read-channel] } } }`,
    approve: ['--allow-destroy', 'role=1', '--allow-destroy', 'channel_type=1'],
  },
])(
  'an apply and its rollback leave the app as it was: $what',
  async ({ before, after, flags = [], approve = [] }) => {
    const { apply, emulator, streambed } = await desk();
    await apply(before);
    const state = stateOf(emulator);
    const journal = await apply(after, ...flags);
    expect(stateOf(emulator)).not.toEqual(state);
    const ran = await streambed('rollback', '--yes', ...approve, journal);
    expect(stateOf(emulator)).toEqual(state);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  },
);

describe('a rollback', () => {
  test('leaves what somebody changed since, lists it, and takes the rest back', async () => {
    const { apply, emulator, meddle, streambed } = await desk();
    await apply(`${people}
channels: { messaging: { a: { created_by: lena, name: A, members: [lena], cooldown: 5, custom: { k: 1 } } } }`);
    const journal = await apply(
      `channels: { messaging: { a: { name: B, members: [lena, ben, noa], cooldown: 0, custom: { k: 2 } } } }`,
    );
    const path = { type: 'messaging', id: 'a' };
    await meddle('UpdateChannelPartial', { path, body: { set: { name: 'Theirs' } } });
    await meddle('UpdateChannel', { path, body: { add_moderators: ['noa'] } });
    const { code, stdout } = await streambed('rollback', '--yes', '--allow-destroy', 'member=1', journal);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('name of channel/messaging:a is not what the apply left');
    expect(stdout).toContain('members noa of channel/messaging:a is not what the apply left');
    const { channels } = emulator.snapshot() as { readonly channels: Record<string, { members: object }> };
    expect(channels['messaging:a']).toMatchObject({ cooldown: 5, custom: { name: 'Theirs', k: 1 } });
    expect(Object.keys(channels['messaging:a']?.members ?? {})).toEqual(['lena', 'noa']);
  });

  test('keeps an allow-list closed when its own part is all that is left of it', async () => {
    const { apply, emulator, meddle, streambed } = await desk();
    const settings = (list: string) =>
      `app: { settings: { image_upload_config: { allowed_file_extensions: ${list} } } }`;
    await apply(settings('[.png]'));
    const journal = await apply(settings('[.png, .jpg]'));
    const image_upload_config = { allowed_file_extensions: ['.jpg'] };
    await meddle('UpdateApp', { body: { image_upload_config } });
    const { code, stdout } = await streambed('rollback', '--yes', journal);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('image_upload_config.allowed_file_extensions of app_settings/app is not what');
    expect(emulator.snapshot()).toMatchObject({ app: { settings: { image_upload_config } } });
  });

  test('takes away what the apply made only when that is approved, and leaves what grew since', async () => {
    const { apply, emulator, meddle, streambed } = await desk();
    await apply(people);
    const journal = await apply(`
channel_types: { desk: { reactions: false } }
channels:
  desk:
    quiet: { created_by: lena, members: [lena], config_overrides: { quotes: false, replies: true } }
    busy: { created_by: lena, members: [lena] }`);
    const refused = await streambed('rollback', '--yes', journal);
    expect(refused.code).toBe(4);
    expect(refused.stdout).toContain('--allow-destroy channel_type=1 --allow-destroy channel=2');
    await meddle('UpdateChannel', { path: { type: 'desk', id: 'busy' }, body: { add_members: ['ben'] } });
    const approved = ['--allow-destroy', 'channel=2', '--allow-destroy', 'channel_type=1'];
    const ran = await streambed('rollback', '--yes', ...approved, journal);
    expect(ran.code, ran.stdout).toBe(0);
    expect(ran.stdout).toContain('members of channel/desk:busy is not what the apply left');
    expect(ran.stdout).toContain('channel_type/desk stays: 1 channel of type desk exists: desk:busy');
    const { channelTypes, channels } = emulator.snapshot() as Record<string, Record<string, object>>;
    expect(Object.keys(channelTypes ?? {})).toContain('desk');
    expect(channels?.['desk:busy']).not.toHaveProperty('deleted_at');
    expect(channels?.['desk:quiet']).toHaveProperty('deleted_at');
  });

  test('can itself be taken back', async () => {
    const { apply, cwd, emulator, streambed } = await desk();
    const made = await apply(people);
    const journal = await apply(
      `users: { lena: { name: Helena, teams: [blue], custom: { k: 1 } }, ben: { status: deactivated } }`,
    );
    const state = stateOf(emulator);
    expect((await streambed('rollback', '--yes', journal)).code).toBe(0);
    expect(stateOf(emulator)).not.toEqual(state);
    const last = journalsIn(cwd).find((file) => file !== journal && file !== made) ?? '';
    expect(readFileSync(join(cwd, last), 'utf8')).toContain(`"rolls_back":"${journal}"`);
    expect((await streambed('rollback', '--yes', last)).code).toBe(0);
    expect(stateOf(emulator)).toEqual(state);
  });

  test('twice has nothing to do, and writes no journal', async () => {
    const { apply, cwd, streambed } = await desk();
    await apply(people);
    const journal = await apply('users: { lena: { name: Helena } }');
    await streambed('rollback', '--yes', journal);
    const journals = journalsIn(cwd);
    expect(await streambed('rollback', '--yes', journal)).toMatchObject({ code: 0 });
    expect(journalsIn(cwd)).toEqual(journals);
  });

  test('with --dry-run shows the way back and writes nothing', async () => {
    const { apply, emulator, streambed } = await desk();
    const journal = await apply(people);
    emulator.clearRequests();
    const { code, stdout } = await streambed('rollback', '--dry-run', journal);
    expect(code).toBe(4);
    expect(stdout).toContain('- user lena');
    expect(stdout).toContain('If that is meant, add --allow-destroy user=3');
    const approved = await streambed('rollback', '--dry-run', '--allow-destroy', 'user=3', journal);
    expect(approved.code).toBe(0);
    expect(emulator.requests.map(({ operation }) => operation)).not.toContain('DeleteUsers');
  });

  test('tells what does not come back, as the apply told before it', async () => {
    const { apply, cwd, streambed } = await desk();
    const made = await apply(`${people}channels: { messaging: { a: { created_by: lena } } }`);
    writeFileSync(
      join(cwd, 'chat.yaml'),
      `app: { settings: { channel_hide_members_only: true } }
channel_types: { messaging: { partition_size: 50 } }
removed: [{ channel: messaging:a, because: over }, { user: noa, mode: hard, because: over }]`,
    );
    const { stdout } = await streambed('plan', 'chat.yaml');
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'note[cannot-be-undone]: a rollback cannot take back: ' +
        'channel_type/messaging partition_size (not set before, and Stream has no way to clear it), ' +
        'user/noa (deleted for good), channel/messaging:a (deleted)',
    );
    await streambed('apply', '--yes', '--allow-destroy', 'conversation=1', 'chat.yaml');
    const journal = journalsIn(cwd).find((file) => file !== made) ?? '';
    const ran = await streambed('rollback', '--yes', journal);
    expect(ran.stdout).toContain('channel/messaging:a does not go back: what was deleted does not come back');
    expect(ran.stdout).toContain('user/noa does not go back');
    expect(ran.stdout).toContain('partition_size of channel_type/messaging stays as it is');
  });

  test('keeps to the policies of the environment that was applied, which it needs to know', async () => {
    const { apply, cwd, emulator, streambed } = await desk();
    writeFileSync(
      join(cwd, 'streambed.yaml'),
      `environments: { production: { app: { id: 7 }, production: true } }
policies: [{ danger: rights-gained, action: block }]`,
    );
    const journal = await apply(
      'channel_types: { messaging: { grants: { user: { remove: [create-channel] } } } }',
      '-e',
      'production',
    );
    const state = stateOf(emulator);
    const { code, stdout } = await streambed('rollback', '--yes', journal);
    expect(code).toBe(4);
    expect(stdout).toContain(
      'rights-gained on channel_type/messaging is blocked by the policy at streambed.yaml',
    );
    expect(stdout).toContain('A rollback cannot accept it');
    rmSync(join(cwd, 'streambed.yaml'));
    const lost = await streambed('rollback', '--yes', journal);
    expect(lost.code).toBe(64);
    expect(lost.stderr).toContain('this apply was to environment "production"');
    expect(stateOf(emulator)).toEqual(state);
  });

  test('is refused for another app, and for a stand-in of it', async () => {
    const { apply, cwd, streambed } = await desk();
    const journal = await apply(people);
    const other = await desk();
    const text = readFileSync(join(cwd, journal), 'utf8');
    writeFileSync(join(other.cwd, 'run.jsonl'), text.replace('"id":7', '"id":8'));
    const wrong = await other.streambed('rollback', '--yes', 'run.jsonl');
    expect(wrong).toMatchObject({ code: 4, stdout: expect.stringContaining('wrong-app') });
    const standIn = await streambed('rollback', '--yes', '--target', 'emulator', journal);
    expect(standIn.code).toBe(4);
    expect(standIn.stderr).toContain('this is the journal of an apply to the real app');
  });
});

describe('a journal that was edited', () => {
  test('is refused at its line, and nothing is written', { timeout: 60_000 }, async () => {
    const { apply, cwd, emulator, streambed } = await desk();
    await apply(`${people}channel_types: { livestream: { reactions: false } }`);
    const journal = await apply(`
users: { lena: { name: Helena, teams: [blue] }, new: {} }
removed: [{ channel_type: livestream, because: fresh, created_before: 2030-01-01T00:00:00Z }]`);
    const lines = readFileSync(join(cwd, journal), 'utf8').trimEnd().split('\n');
    const state = stateOf(emulator);
    let tried = 0;
    for (const [index, line] of lines.entries()) {
      for (const wrong of wrongOnes(JSON.parse(line) as Record<string, unknown>)) {
        const edited = lines.with(index, JSON.stringify(wrong));
        writeFileSync(join(cwd, 'edited.jsonl'), `${edited.join('\n')}\n`);
        const { code, stdout, stderr } = await streambed('rollback', '--yes', 'edited.jsonl');
        expect([JSON.stringify(wrong), code, stderr + stdout]).toEqual([
          JSON.stringify(wrong),
          3,
          expect.stringContaining(`edited.jsonl:${index + 1}:1`),
        ]);
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(100);
    expect(stateOf(emulator)).toEqual(state);
  });

  test('by a later minor version, which only adds, is read without what it added', async () => {
    const { apply, cwd, emulator, streambed } = await desk();
    await apply('users: { lena: { name: Lena } }');
    const state = stateOf(emulator);
    const journal = await apply('users: { lena: { name: Helena } }');
    const [head = '', ...rest] = readFileSync(join(cwd, journal), 'utf8').trimEnd().split('\n');
    const later = JSON.stringify({ ...(JSON.parse(head) as object), format_version: '1.7', more: 1 });
    const added = JSON.stringify({ type: 'added-later', address: 4 });
    writeFileSync(join(cwd, 'later.jsonl'), `${[later, added, ...rest].join('\n')}\n`);
    expect(await streambed('rollback', '--yes', 'later.jsonl')).toMatchObject({ code: 0 });
    expect(stateOf(emulator)).toEqual(state);
    // What this version would have had to know is not overlooked.
    writeFileSync(join(cwd, 'now.jsonl'), `${[head, added, ...rest].join('\n')}\n`);
    const now = await streambed('rollback', '--yes', 'now.jsonl');
    expect([now.code, now.stderr]).toEqual([3, expect.stringContaining('now.jsonl:2:1')]);
  });

  test.each<readonly [string, string]>([
    ['no text', ''],
    ['another kind of JSON', '[]\n'],
    ['half a first line', '{"type":"apply","format":"streambed-jour'],
    ['a line that is deep', `${'['.repeat(200_000)}${']'.repeat(200_000)}\n`],
    ['bytes', '\u0000\u0000\u0001'],
  ])('is refused at its first line: %s', async (_, text) => {
    const { cwd, streambed } = await desk();
    writeFileSync(join(cwd, 'edited.jsonl'), text);
    const { code, stderr } = await streambed('status', 'edited.jsonl');
    expect([code, stderr]).toEqual([3, expect.stringContaining('edited.jsonl:1:1')]);
  });

  test('that asks for what no object has, in names that every object inherits, writes nothing', async () => {
    const { apply, cwd, emulator, streambed } = await desk();
    await apply(people);
    const journal = await apply('users: { lena: { name: Helena } }');
    const text = readFileSync(join(cwd, journal), 'utf8');
    const state = stateOf(emulator);
    for (const path of [['__proto__', 'admin'], ['constructor'], ['toString'], ['nope'], ['$unset']]) {
      const fields = [{ op: 'remove', path, before: true }];
      writeFileSync(
        join(cwd, 'edited.jsonl'),
        text.replace(/"fields":\[\{.*?\}\]/, `"fields":${JSON.stringify(fields)}`),
      );
      const { code, stderr, stdout } = await streambed('rollback', '--yes', 'edited.jsonl');
      expect([path, code, stdout + stderr]).toEqual([path, 3, expect.stringContaining('edited.jsonl:2:1')]);
    }
    expect(stateOf(emulator)).toEqual(state);
    expect(({} as { readonly admin?: unknown }).admin).toBeUndefined();
  });
});

const optional = new Set(['id', 'environment', 'rolls_back', 'because', 'value']);

/** The entry with each of its parts in turn gone or of another type. */
function wrongOnes(entry: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  return Object.entries(entry).flatMap(([key, value]) => {
    const { [key]: _, ...without } = entry;
    const inside = (Array.isArray(value) && key === 'fields' ? value : []).flatMap((field: object, index) =>
      wrongOnes({ ...field }).map((wrong) => ({ ...entry, [key]: (value as unknown[]).with(index, wrong) })),
    );
    const gone = optional.has(key) ? [] : [without];
    return [...gone, ...inside, { ...entry, [key]: { a: [1] } }, { ...entry, [key]: 7.5 }];
  });
}
