import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addMembers, assignRoles, removeMembers } from '../../src/kinds/channel-data/write.ts';
import { registry } from '../../src/kinds/registry.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { StreamFailure, type Stream } from '../../src/model/stream.ts';
import { applyPlan } from '../../src/reconcile/apply.ts';
import { testApp, wordsOf, writesOf, type TestApp } from '../support/world.ts';

/** What the kinds send, and in which order, when others are at work or an item is guilty. */

let app: TestApp;
beforeEach(async () => {
  app = await testApp();
});
afterEach(() => app.close());

const write: TestApp['connection']['stream']['write'] = (operation, input) =>
  app.connection.stream.write(operation, input);
const anyMember = { allowDestroy: new Map([['member', 1000]]) };

/** Plans and applies, with somebody else who acts right before the first step asks for anything. */
async function sentAfter(yaml: string, meanwhile: () => Promise<unknown>) {
  const plan = await app.plan(yaml);
  const { stream, reader } = app.connection;
  let before: Promise<unknown> | undefined;
  const acted = () => (before ??= meanwhile().then(() => app.emulator.clearRequests()));
  const late: typeof stream = {
    now: () => stream.now(),
    wait: (milliseconds) => stream.wait(milliseconds),
    read: async (operation, input) => (await acted(), stream.read(operation, input)),
    write: async (operation, input) => (await acted(), stream.write(operation, input)),
  };
  const result = await applyPlan(plan, registry, { reader, stream: late }, anyMember);
  return { ...result, sent: writesOf(app.emulator) };
}

async function callsOf(yaml: string) {
  return (await sentAfter(yaml, async () => undefined)).sent;
}

const room = (fields: string) => `channels: { messaging: { room: { created_by: lena, ${fields} } } }`;
const roomIs = { path: { type: 'messaging', id: 'room' } };

function problemsOf(yaml: string): string {
  return wordsOf(loadManifest([{ file: 'manifest.yaml', text: yaml }], registry).diagnostics);
}

describe('a user', () => {
  it('that is deleted for good takes conversations along, which no removed: line approves', async () => {
    await app.apply('users: { lena: {} }');
    const removal = (mode: string) => `removed: [{ user: lena, mode: ${mode}, because: over }]`;
    const plan = await app.plan(removal('hard'));
    expect(plan.losses).toMatchObject([
      { what: 'user', approved: true },
      { what: 'conversation', names: ['one-to-one channels of lena'], approved: false },
    ]);
    expect((await app.plan(removal('soft'))).losses).toMatchObject([{ what: 'user' }]);
  });

  it('that appeared keeps what is not declared and gets the differences only', async () => {
    const yaml =
      'users: { lena: { name: Lena, teams: { add: [red] }, teams_role: { red: admin }, custom: { desk: 4 } }, ben: {} }';
    const { sent, verified } = await sentAfter(yaml, () =>
      write('UpdateUsers', {
        body: {
          users: {
            lena: {
              id: 'lena',
              name: 'Lena',
              role: 'admin',
              teams: ['blue'],
              teams_role: { blue: 'user' },
              tea: 1,
            },
          },
        },
      }),
    );
    expect(verified).toBe('converged');
    expect(sent).toEqual([
      { call: 'POST /users', body: { users: { ben: { id: 'ben' } } } },
      {
        call: 'PATCH /users',
        body: {
          users: [
            {
              id: 'lena',
              set: { desk: 4, teams: ['blue', 'red'], teams_role: { blue: 'user', red: 'admin' } },
            },
          ],
        },
      },
    ]);
  });

  it('that appeared is left alone where the lifecycle says so', async () => {
    const yaml = `users:
      lena: { name: Lena, role: user, lifecycle: { ignore_changes: [name] } }
      ben: { name: Ben, lifecycle: { create_only: true } }`;
    const { sent } = await sentAfter(yaml, () =>
      write('UpdateUsers', {
        body: { users: { lena: { id: 'lena', name: 'L', role: 'admin' }, ben: { id: 'ben', name: 'B' } } },
      }),
    );
    expect(sent).toEqual([
      { call: 'PATCH /users', body: { users: [{ id: 'lena', set: { role: 'user' } }] } },
    ]);
  });

  it('that is restored keeps what it had, and the plan says that it may be', async () => {
    await app.apply('users: { lena: { name: Lena, teams: [blue] } }');
    await write('DeleteUsers', { body: { user_ids: ['lena'], user: 'soft' } });
    const yaml = 'users: { lena: { name: Lena, teams: { add: [red] }, status: active } }';
    expect(wordsOf((await app.plan(yaml)).diagnostics)).toContain('note[may-be-restored]');
    const sent = await callsOf(yaml);
    expect(sent.at(-1)).toEqual({
      call: 'PATCH /users',
      body: { users: [{ id: 'lena', set: { teams: ['blue', 'red'] } }] },
    });
    expect((await app.plan(yaml)).diagnostics).toEqual([]);
  });

  it('who only leaves teams is written before anything is given to others', async () => {
    await app.apply('users: { lena: { teams: [red, blue] }, ben: {}, ida: {} }');
    const sent = await callsOf(
      'users: { lena: { teams: [red] }, ben: { role: admin }, ida: { status: deactivated } }\napp: { settings: { moderation_enabled: false } }',
    );
    expect(sent.map(({ call, body }) => [call, JSON.stringify(body)])).toEqual([
      ['PATCH /users', expect.stringContaining('lena')],
      ['POST /users/deactivate', expect.stringContaining('ida')],
      ['PATCH /users', expect.stringContaining('ben')],
      ['PATCH /app', expect.anything()],
    ]);
  });

  it('who gets another role is written before roles are given more, also with another name', async () => {
    await app.apply('users: { lena: { role: admin }, ben: {}, ida: { role: admin } }');
    const sent = await callsOf(`
      channel_types: { messaging: { grants: { admin: { add: [create-call-any-team] } } } }
      users: { lena: { role: user, name: Lena, custom: { desk: 4 } }, ben: { role: admin }, ida: { role: guest } }
    `);
    expect(sent.map(({ call, body }) => [call, JSON.stringify(body)])).toEqual([
      ['PATCH /users', expect.stringMatching(/ben.*ida.*lena/)],
      ['PUT /channeltypes/messaging', expect.anything()],
    ]);
  });

  it('gets no role that everybody has before that one has lost what it is to lose', async () => {
    await app.apply(`
      roles: { clerk: {} }
      channel_types: { support: { grants: { user: [read-channel, ban-user] } } }
      users: { lena: { role: clerk } }
    `);
    const [kind, status, code] = ['status', 400, 4] as const;
    app.emulator.addFault({ operation: 'UpdateChannelType', kind, status, code, times: 9 });
    const yaml = `
      channel_types: { support: { grants: { user: [read-channel] } } }
      users: { lena: { role: user } }
    `;
    expect((await callsOf(yaml)).map(({ call }) => call)).toEqual(['PUT /channeltypes/support']);
    app.emulator.clearFaults();
    expect((await callsOf(yaml)).map(({ call }) => call)).toEqual([
      'PUT /channeltypes/support',
      'PATCH /users',
    ]);
  });

  it('who could not be narrowed keeps every role from being given more', async () => {
    await app.apply('users: { lena: { role: admin, teams: [red] }, ben: { role: admin }, ida: {} }');
    const fault = { kind: 'status', status: 400, code: 4, message: 'no', times: 9 } as const;
    for (const users of ['lena: { role: user }', 'lena: { teams: [] }', 'ben: { status: deactivated }']) {
      for (const operation of ['UpdateUsersPartial', 'DeactivateUsers'])
        app.emulator.addFault({ operation, ...fault });
      const sent = await callsOf(`
        channel_types: { messaging: { grants: { admin: { add: [create-call-any-team] } } } }
        users: { ${users} }
      `);
      expect([users, sent.map(({ call }) => call)]).toEqual([
        users,
        [expect.stringMatching(/^(PATCH \/users|POST \/users\/deactivate)$/)],
      ]);
      app.emulator.clearFaults();
    }
  });
});

describe('a channel', () => {
  beforeEach(async () => {
    await app.apply('users: { lena: {}, ben: {}, ida: {} }');
  });

  it('that appeared keeps what is not declared and gets the differences only', async () => {
    const yaml = room(
      'name: Room, filter_tags: { add: [a] }, custom: { ours: 1 }, cooldown: 5, config_overrides: { grants: { user: ["!create-message"] } }, members: [lena]',
    );
    const { sent } = await sentAfter(yaml, () =>
      write('GetOrCreateChannel', {
        ...roomIs,
        body: {
          data: {
            created_by_id: 'ida',
            name: 'Room',
            filter_tags: ['b'],
            theirs: 2,
            ours: 0,
            members: ['ben'],
            config_overrides: { uploads: false, grants: { guest: ['!read-channel'] } },
          },
        },
      }),
    );
    expect(sent.slice(1)).toEqual([
      {
        call: 'PATCH /channels/messaging/room',
        body: {
          set: {
            cooldown: 5,
            filter_tags: ['a', 'b'],
            ours: 1,
            config_overrides: {
              uploads: false,
              grants: { guest: ['!read-channel'], user: ['!create-message'] },
            },
          },
        },
      },
      { call: 'POST /channels/messaging/room', body: { add_members: [{ user_id: 'lena' }] } },
    ]);
  });

  it('that appeared is left alone where it is only to be created; a new one gets all of it', async () => {
    const yaml = room(
      'name: Room, cooldown: 5, members: [lena], lifecycle: { create_only: true, ignore_changes: [cooldown] }',
    );
    const { sent } = await sentAfter(yaml, () =>
      write('GetOrCreateChannel', { ...roomIs, body: { data: { created_by_id: 'ida', name: 'Theirs' } } }),
    );
    expect(sent.map(({ call }) => call)).toEqual(['POST /channels/messaging/room/query']);
    const fresh = await callsOf(yaml.replaceAll('room', 'other'));
    expect(fresh.at(-1)).toEqual({
      call: 'PATCH /channels/messaging/other',
      body: { set: { cooldown: 5 } },
    });
  });

  it('loses all overrides but the ignored ones', async () => {
    await app.apply(room('config_overrides: { reactions: false, uploads: false }'));
    const sent = await callsOf(
      room('config_overrides: !unset, lifecycle: { ignore_changes: [config_overrides.uploads] }'),
    );
    expect(sent).toEqual([
      { call: 'PATCH /channels/messaging/room', body: { set: { config_overrides: { uploads: false } } } },
    ]);
  });

  it('is closed before it is opened: overrides first with what they take away', async () => {
    await app.apply(room('config_overrides: { uploads: false, grants: { user: [ban-user] } }'));
    const sent = await callsOf(
      room(
        'config_overrides: { uploads: true, reactions: false, grants: { user: ["!create-message", pin-message] } }',
      ),
    );
    const call = 'PATCH /channels/messaging/room';
    expect(sent).toEqual([
      {
        call,
        body: {
          set: {
            config_overrides: { grants: { user: ['!create-message'] }, reactions: false, uploads: false },
          },
        },
      },
      {
        call,
        body: {
          set: {
            config_overrides: {
              grants: { user: ['!create-message', 'pin-message'] },
              reactions: false,
              uploads: true,
            },
          },
        },
      },
    ]);
    expect(await callsOf(room('config_overrides: { uploads: false }'))).toHaveLength(1);
  });

  it('that only takes away is written before anything is given elsewhere', async () => {
    await app.apply(
      room('config_overrides: {}, members: [{ user_id: ben, channel_role: channel_moderator }]'),
    );
    const sent = await callsOf(
      `app: { settings: { moderation_enabled: false } }\n${room('config_overrides: { grants: { user: ["!create-message"] } }, members: [{ user_id: ben, channel_role: guest_star }]')}`.replace(
        'guest_star',
        'channel_member',
      ),
    );
    expect(sent.map(({ call }) => call)).toEqual([
      'PATCH /channels/messaging/room',
      'POST /channels/messaging/room',
      'PATCH /app',
    ]);
  });

  it('one member whom Stream refuses does not take the others along', async () => {
    await app.apply(room('members: []'));
    const { outcomes } = await sentAfter(room('members: [lena, ben, ida]'), () =>
      write('DeleteUsers', {
        body: { user_ids: ['ben'], user: 'hard', messages: 'hard', conversations: 'hard' },
      }),
    );
    expect(outcomes).toMatchObject([
      { status: 'failed', diagnostic: { message: expect.stringContaining('could not find user ben') } },
    ]);
    const live = await app.connection.reader.read('GetChannel', roomIs);
    expect(live['members']).toMatchObject([{ user_id: 'ida' }, { user_id: 'lena' }]);
  });

  it('a member who is gone needs no demotion', async () => {
    const moderators = (ids: string) => room(`members_mode: additive, members: [lena], moderators: [${ids}]`);
    await app.apply(moderators('ben, ida'));
    const { outcomes } = await sentAfter(moderators(''), () =>
      write('UpdateChannel', { ...roomIs, body: { remove_members: ['ben'] } }),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['applied']);
    const live = await app.connection.reader.read('GetChannel', roomIs);
    expect(live['members']).toMatchObject([
      { user_id: 'ida', channel_role: 'channel_member' },
      { user_id: 'lena' },
    ]);
  });

  it('that is gone already is deleted, and so are the others of its batch', async () => {
    await app.apply('channels: { messaging: { one: { created_by: lena }, two: { created_by: lena } } }');
    const { outcomes } = await sentAfter(
      'removed: [{ channel: "messaging:one", because: over }, { channel: "messaging:two", because: over }]',
      () => write('DeleteChannels', { body: { cids: ['messaging:one'], hard_delete: true } }),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['applied', 'applied']);
  });

  it('names users and types that can be', () => {
    const pair = (fields: string) => `distinct_channels: { pair: { created_by: lena, ${fields} } }`;
    expect(problemsOf(pair('type: messaging, members: [lena, ben@x]'))).toBe('');
    expect(problemsOf(room('members: [lena, { user_id: ben }], moderators: [lena]'))).toBe('');
    for (const yaml of [
      pair('type: messaging, members: ["lena,ben", ida]'),
      pair('type: "messaging:x", members: [lena, ben]'),
      room('members: ["le na"]'),
      room('members: [{ user_id: "le,na" }]'),
      room('moderators: ["le/na"]'),
      'channels: { messaging: { room: { created_by: "le na" } } }',
    ])
      expect(problemsOf(yaml), yaml).toContain('error[');
  });
});

describe('app settings', () => {
  const bodies = async (settings: string) =>
    (await callsOf(`app: { settings: { ${settings} } }\nusers: { lena: {} }`)).map(({ call, body }) =>
      call === 'PATCH /app' ? Object.keys(body as object) : call,
    );

  it('switched on they come first, and switched off with what widens', async () => {
    expect(
      await bodies('multi_tenant_enabled: true, push_config: { version: v3 }, moderation_enabled: false'),
    ).toEqual([['multi_tenant_enabled', 'push_config'], ['moderation_enabled'], 'POST /users']);
    expect(
      await bodies(
        'multi_tenant_enabled: false, push_config: { version: v2 }, guest_user_creation_disabled: true',
      ),
    ).toEqual([['guest_user_creation_disabled'], ['multi_tenant_enabled', 'push_config']]);
  });

  it('that let fewer search or upload less go before those that give', async () => {
    expect(
      await bodies(
        'user_search_disallowed_roles: [guest], file_upload_config: { blocked_file_extensions: [.exe] }, image_upload_config: { size_limit: 5 }, moderation_enabled: false',
      ),
    ).toEqual([
      ['file_upload_config', 'image_upload_config', 'user_search_disallowed_roles'],
      ['moderation_enabled'],
      'POST /users',
    ]);
    expect(
      await bodies(
        'user_search_disallowed_roles: [], file_upload_config: { blocked_file_extensions: [] }, image_upload_config: { size_limit: 0 }, moderation_enabled: true',
      ),
    ).toEqual([
      ['moderation_enabled'],
      ['file_upload_config', 'image_upload_config', 'user_search_disallowed_roles'],
    ]);
  });

  it('that exchange roles who may not search never let both search', async () => {
    await callsOf('app: { settings: { user_search_disallowed_roles: [guest] } }');
    expect(await callsOf('app: { settings: { user_search_disallowed_roles: [user] } }')).toEqual([
      { call: 'PATCH /app', body: { user_search_disallowed_roles: ['guest', 'user'] } },
      { call: 'PATCH /app', body: { user_search_disallowed_roles: ['user'] } },
    ]);
  });
});

describe('calls for members', () => {
  const place = { type: 'a', id: 'b' };
  const no = new StreamFailure('refused', 'UpdateChannel', 'no');
  /** Stream with these members, which refuses calls that name one of the guilty. */
  const refusing = (members: readonly string[], guilty: readonly string[]) => {
    const sent: unknown[] = [];
    const stream: Stream = {
      now: () => 0,
      wait: async () => undefined,
      read: async (_operation, input) => {
        const { user_id = '' } = (input?.query?.['filter_conditions'] ?? {}) as { user_id?: string };
        return { members: members.includes(user_id) ? [{ user_id }] : [] };
      },
      write: async (_operation, input) => {
        const [ids] = Object.values(input?.body ?? {}) as (readonly (string | { user_id: string })[])[];
        const named = (ids ?? []).map((one) => (typeof one === 'string' ? one : one.user_id));
        if (named.some((id) => guilty.includes(id))) throw no;
        sent.push(...named);
        return {};
      },
    };
    return { stream, sent };
  };

  it('are halved down to the guilty ones; those who are gone already are done', async () => {
    const gone = refusing(['a', 'c', 'd'], ['b']);
    await removeMembers(gone.stream, place, ['a', 'b', 'c', 'd']);
    expect(gone.sent).toEqual(['a', 'c', 'd']);
    const there = refusing(['a', 'b', 'c'], ['b']);
    await expect(removeMembers(there.stream, place, ['a', 'b', 'c'])).rejects.toBe(no);
    expect(there.sent).toEqual(['a', 'c']);
  });

  it('take a missing member for done only where less is wanted', async () => {
    const role = (channel_role: string) => ({ b: { channel_role } });
    const { stream, sent } = refusing(['a', 'c'], ['b']);
    await assignRoles(stream, place, ['a', 'b', 'c'], role('channel_member'));
    await expect(assignRoles(stream, place, ['b'], role('channel_moderator'))).rejects.toBe(no);
    await expect(addMembers(stream, place, ['b', 'd'], {})).rejects.toBe(no);
    expect(sent).toEqual(['a', 'c', 'd']);
  });
});
