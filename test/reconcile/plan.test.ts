import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StreamFailure } from '../../src/model/stream.ts';
import { linesOf, testApp, wordsOf, writesOf, type TestApp } from '../support/world.ts';

let app: TestApp;
beforeEach(async () => {
  app = await testApp();
});
afterEach(() => app.close());

describe('a plan', () => {
  it('names what would be made, with all that is declared of it', async () => {
    const plan = await app.plan(`
      users: { lena: { name: Lena } }
      channels: { messaging: { general: { created_by: lena, members: [lena] } } }
    `);
    expect(linesOf(plan)).toEqual([
      '+ user/lena name: Lena',
      '+ channel/messaging:general created_by: lena',
      '+ channel/messaging:general members: +lena',
    ]);
  });

  it('sends nothing but reads', async () => {
    await app.plan('users: { lena: { name: Lena } }\nchannel_types: { support: { reactions: false } }');
    expect(writesOf(app.emulator)).toEqual([]);
  });

  it('of types and settings makes two requests', async () => {
    const yaml = `
      app: { settings: { multi_tenant_enabled: false } }
      channel_types:
        messaging: { reactions: true, commands: [giphy], grants: { user: { add: [create-channel] } } }
        team: { max_message_length: 5000 }
    `;
    const plan = await app.plan(yaml);
    expect(linesOf(plan)).toEqual([]);
    expect(plan.reads).toBe(2);
    expect(app.emulator.requests.map(({ operation }) => operation).toSorted()).toEqual([
      'GetApp',
      'ListChannelTypes',
    ]);
  });

  it('says the same twice', async () => {
    const yaml =
      'users: { b: {}, a: { custom: { z: 1, y: [2] } } }\nchannel_types: { x: { uploads: false } }';
    expect(linesOf(await app.plan(yaml))).toEqual(linesOf(await app.plan(yaml)));
  });

  it('for another app ends after the one request that told so', async () => {
    for (const guard of ['id: 7', 'name: Other']) {
      app.emulator.clearRequests();
      const plan = await app.plan(`app: { ${guard} }\nusers: { lena: {} }`);
      expect(wordsOf(plan.diagnostics)).toContain('wrong-app');
      expect(plan.changes).toEqual([]);
      expect(app.emulator.requests).toHaveLength(1);
    }
  });

  it('for another app than the flag names ends after one request, whatever the manifests say', async () => {
    const plan = await app.plan('app: { name: Acme Chat }\nusers: { lena: {} }', {
      app: { name: 'Staging' },
    });
    expect(wordsOf(plan.diagnostics)).toContain('Staging');
    expect(app.emulator.requests).toHaveLength(1);
  });
});

describe('a failed read is never absence', () => {
  const yaml =
    'users: { lena: {} }\nchannel_types: { support: {} }\nchannels: { messaging: { a: { created_by: lena } } }';
  const operations = ['GetApp', 'ListChannelTypes', 'QueryUsers', 'QueryChannels'];
  const kinds = ['status', 'html', 'truncate', 'reset-before', 'reset-after'] as const;
  for (const operation of operations) {
    it.each(kinds)(`when ${operation} answers with %s`, async (kind) => {
      app.emulator.addFault({ operation, kind, status: 500, times: 50 });
      await expect(app.plan(yaml)).rejects.toBeInstanceOf(StreamFailure);
    });
  }

  it('when a channel tells fewer members than it has', async () => {
    const ids = Array.from({ length: 120 }, (_, index) => `user-${String(index).padStart(3, '0')}`);
    const users = Object.fromEntries(ids.map((id) => [id, {}]));
    const wanted = JSON.stringify({
      users,
      channels: { messaging: { big: { created_by: 'user-000', members: ids } } },
    });
    await app.apply(wanted);
    app.emulator.addFault({ operation: 'QueryMembers', kind: 'status', status: 500, times: 50 });
    await expect(app.plan(wanted)).rejects.toBeInstanceOf(StreamFailure);
  });
});

describe('references', () => {
  it('that nothing declares or holds are errors at their place, with the name that was meant', async () => {
    const yaml = [
      'channel_types:',
      '  support:',
      '    commands: [gihpy]',
      '    grants: { usr: [create-mesage] }',
      'channels:',
      '  messaging:',
      '    a: { created_by: nobody, members: [no-one] }',
      '  suport:',
      '    b: { created_by: nobody }',
    ].join('\n');
    const plan = await app.plan(yaml);
    expect(wordsOf(plan.diagnostics).split('\n')).toEqual([
      expect.stringContaining('manifest.yaml:3:16 command "gihpy" does not exist'),
      expect.stringContaining('note[starts-as-messaging] manifest.yaml:4:5 '),
      expect.stringContaining('manifest.yaml:4:15 role "usr" does not exist'),
      expect.stringContaining('manifest.yaml:4:21 permission "create-mesage" does not exist'),
      expect.stringContaining('manifest.yaml:7:10 user "nobody" does not exist'),
      expect.stringContaining('manifest.yaml:7:40 user "no-one" does not exist'),
      expect.stringContaining('manifest.yaml:9:5 channel_type "suport" does not exist'),
      expect.stringContaining('manifest.yaml:9:10 user "nobody" does not exist'),
    ]);
    expect(plan.diagnostics.map(({ help }) => help)).toContain('Did you mean "giphy"?');
    expect(plan.steps).toEqual([]);
  });

  it('to what is listed under removed are errors', async () => {
    await app.apply('users: { lena: {}, ben: {} }\nchannels: { messaging: { a: { created_by: lena } } }');
    const plan = await app.plan(`
      channels: { messaging: { a: { members: [ben] } } }
      removed: [{ user: ben, because: he left }]
    `);
    expect(wordsOf(plan.diagnostics)).toContain('which is listed under removed');
  });

  it('that live already holds need no look-up', async () => {
    const yaml = `
      users: { lena: {} }
      channels: { messaging: { a: { created_by: lena, members: [lena], moderators: [lena] } } }
    `;
    await app.apply(yaml);
    app.emulator.clearRequests();
    await app.plan(
      'channels: { messaging: { a: { created_by: lena, members: [lena], moderators: [lena] } } }',
    );
    expect(app.emulator.requests.map(({ operation }) => operation)).toEqual(['GetApp', 'QueryChannels']);
  });
});

describe('lifecycle', () => {
  const declared = (extra: string) =>
    `channels: { messaging: { a: { created_by: lena, name: Declared, custom: { status: open, kind: x }, ${extra} } } }`;

  beforeEach(async () => {
    await app.apply(`users: { lena: {} }\n${declared('')}`);
    await app.connection.stream.write('UpdateChannelPartial', {
      path: { type: 'messaging', id: 'a' },
      body: { set: { name: 'Live', status: 'closed', kind: 'y' } },
    });
  });

  it('ignore_changes keeps the live value of a path, and no other', async () => {
    const plan = await app.plan(declared('lifecycle: { ignore_changes: [custom.status, name] }'));
    expect(linesOf(plan)).toEqual(['~ channel/messaging:a custom.kind: y → x']);
  });

  it('ignore_changes: all keeps every live value', async () => {
    expect(linesOf(await app.plan(declared('lifecycle: { ignore_changes: all }')))).toEqual([]);
  });

  it('create_only never updates what exists', async () => {
    expect(linesOf(await app.plan(declared('lifecycle: { create_only: true }')))).toEqual([]);
  });

  it('ignore_changes counts only once the object exists', async () => {
    const plan = await app.plan(
      'channels: { messaging: { b: { created_by: lena, name: New, lifecycle: { ignore_changes: [name] } } } }',
    );
    expect(linesOf(plan)).toContain('+ channel/messaging:b name: New');
  });

  it('ignore_changes keeps a reference that is not to be made from being looked up', async () => {
    const plan = await app.plan(declared('members: [ghost], lifecycle: { ignore_changes: all }'));
    expect(wordsOf(plan.diagnostics)).toBe('');
    const members = await app.plan(declared('members: [ghost], lifecycle: { ignore_changes: [members] }'));
    expect(wordsOf(members.diagnostics)).toBe('');
  });

  it('prevent_destroy refuses the loss of members, whatever approves it', async () => {
    await app.apply('users: { ben: {} }\nchannels: { messaging: { a: { members: [lena, ben] } } }');
    const plan = await app.plan(
      'channels: { messaging: { a: { members: [lena], lifecycle: { prevent_destroy: true } } } }',
    );
    expect(wordsOf(plan.diagnostics)).toContain('prevent-destroy');
  });
});

describe('removals', () => {
  it('of what is gone ask for their line to be deleted', async () => {
    const plan = await app.plan('removed: [{ channel: "messaging:gone", because: done }]');
    expect(linesOf(plan)).toEqual([]);
    expect(plan.diagnostics).toMatchObject([
      { severity: 'note', code: 'already-removed', help: 'Delete this line.' },
    ]);
  });

  it('spare a namesake that was created later', async () => {
    await app.apply('channel_types: { support: {} }');
    const plan = await app.plan(
      'removed: [{ channel_type: support, because: RFC 9, created_before: "2020-01-01T00:00:00Z" }]',
    );
    expect(linesOf(plan)).toEqual([]);
    expect(plan.diagnostics).toMatchObject([{ code: 'spared' }]);
  });
});

describe('write-only values', () => {
  const yaml = 'app: { settings: { reminders_max_members: 10 } }';

  it('never make a plan, and are named', async () => {
    const plan = await app.plan(yaml);
    expect(linesOf(plan)).toEqual([]);
    expect(plan.changes).toMatchObject([{ action: 'keep', uncompared: [['reminders_max_members']] }]);
  });

  it('go along with every write to their object', async () => {
    await app.apply('app: { settings: { reminders_max_members: 10, reminders_interval: 600 } }');
    expect(writesOf(app.emulator)).toEqual([
      { call: 'PATCH /app', body: { reminders_interval: 600, reminders_max_members: 10 } },
    ]);
  });

  it('are sent alone when asked for by address', async () => {
    const result = await app.apply(yaml, { sendWriteOnly: ['app_settings/app'] });
    expect(writesOf(app.emulator)).toEqual([{ call: 'PATCH /app', body: { reminders_max_members: 10 } }]);
    expect(result.verified).toBe('converged');
  });

  it('cannot be asked for where there are none', async () => {
    const plan = await app.plan('users: { lena: {} }', { sendWriteOnly: ['user/lena'] });
    expect(wordsOf(plan.diagnostics)).toContain('nothing-to-send');
  });
});
