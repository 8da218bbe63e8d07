import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import { roleObstacles } from '../../src/kinds/role/going.ts';
import type { World } from '../../src/model/kind.ts';
import type { Stream } from '../../src/model/stream.ts';
import { applyPlan } from '../../src/reconcile/apply.ts';
import { linesOf, testApp, wordsOf, writesOf, type TestApp } from '../support/world.ts';

/** Roles: made before what needs them, emptied and given up before they go. */

let app: TestApp;
beforeEach(async () => {
  app = await testApp();
});
afterEach(() => app.close());

const write: Stream['write'] = (operation, input) => app.connection.stream.write(operation, input);
const agentGoes = 'removed: [{ role: agent, because: over }]';
const approved = { allowDestroy: new Map([['member', 100]]) };

async function sentFor(yaml: string) {
  app.emulator.clearRequests();
  const result = await app.apply(yaml, approved);
  const sent = writesOf(app.emulator);
  expect(result.outcomes.filter(({ status }) => status !== 'applied')).toEqual([]);
  expect(result.verified).toBe('converged');
  expect(linesOf(await app.plan(yaml))).toEqual([]);
  return sent;
}

async function roleNames(): Promise<readonly string[]> {
  const { roles } = await app.connection.reader.read('ListRoles');
  return (roles as readonly { readonly name: string }[]).map(({ name }) => name);
}

async function grantsOf(type: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const { grants } = await app.connection.reader.read('GetChannelType', { path: { name: type } });
  return grants as Readonly<Record<string, readonly string[]>>;
}

/** Somebody made a role in the dashboard and gave it rights in two types and in the app. */
async function grantedRole(): Promise<void> {
  await write('CreateRole', { body: { name: 'agent' } });
  for (const name of ['messaging', 'team']) {
    const body = { grants: { agent: ['read-channel', 'create-message'] } };
    await write('UpdateChannelType', { path: { name }, body });
  }
  await write('UpdateApp', { body: { grants: { agent: ['search-user'] } } });
}

describe('a role', () => {
  it('is a name in a list, or a map from names to nothing', async () => {
    expect(linesOf(await app.plan('roles: [agent, clerk]'))).toEqual(['+ role/agent', '+ role/clerk']);
    expect(linesOf(await app.plan('roles: { agent: {}, clerk: {} }'))).toEqual([
      '+ role/agent',
      '+ role/clerk',
    ]);
  });

  it('that exists, or came with the app, is left as it is', async () => {
    await write('CreateRole', { body: { name: 'agent' } });
    expect(linesOf(await app.plan('roles: [agent, admin, channel_member]'))).toEqual([]);
  });

  it('is made before the grants and the users that name it', async () => {
    const yaml = `
      roles: [agent]
      app: { grants: { agent: [search-user] } }
      channel_types: { support: { commands: [], grants: { agent: [read-channel] } }, team: { grants: { agent: [read-channel] } } }
      users: { lena: { role: agent } }`;
    const calls = (await sentFor(yaml)).map(({ call }) => call);
    expect(calls[0]).toBe('POST /roles');
    expect(calls.at(-1)).toBe('POST /users');
    expect((await app.plan(yaml)).needs.get('user/lena')).toBeUndefined();
    expect((await app.plan('roles: [clerk]\nusers: { ben: { role: clerk } }')).needs.get('user/ben')).toEqual(
      ['role/clerk'],
    );
  });

  it('that cannot be made takes along whoever needs it, and nobody else', async () => {
    const plan = await app.plan('roles: [agent]\nusers: { lena: { role: agent }, ben: {} }');
    for (let index = 0; index < 25; index++) await write('CreateRole', { body: { name: `other-${index}` } });
    const { outcomes } = await applyPlan(plan, registry, app.connection);
    expect(outcomes).toMatchObject([
      { status: 'failed', diagnostic: { message: expect.stringContaining('at most 25 custom roles') } },
      { status: 'applied', change: { address: 'user/ben' } },
      { status: 'skipped', change: { address: 'user/lena' }, because: 'role/agent failed' },
    ]);
  });

  it('is waited for until users can be given it', async () => {
    await app.close();
    app = await testApp({ propagationMs: 150 });
    await app.apply('roles: [agent]\nusers: { lena: { role: agent } }');
    const { users } = app.emulator.snapshot() as { users: Record<string, { role: string }> };
    expect(users['lena']?.role).toBe('agent');
  });

  it('that was made although the answer was lost is not an error', async () => {
    for (const propagationMs of [0, 300]) {
      await app.close();
      app = await testApp({ propagationMs });
      const plan = await app.plan('roles: [agent]');
      app.emulator.addFault({ operation: 'CreateRole', kind: 'reset-after' });
      const { outcomes, verified } = await applyPlan(plan, registry, app.connection);
      expect(outcomes).toMatchObject([{ status: 'applied' }]);
      expect(verified).toBe('converged');
    }
  });

  it('that is there by the time it is made is what was wanted', async () => {
    const plan = await app.plan('roles: [agent]');
    await write('CreateRole', { body: { name: 'agent' } });
    const { outcomes, verified } = await applyPlan(plan, registry, app.connection);
    expect(outcomes).toMatchObject([{ status: 'applied' }]);
    expect(verified).toBe('converged');
  });

  it('that is not declared and not in the app is named with its near miss', async () => {
    const plan = await app.plan('roles: [support_agent]\nusers: { lena: { role: suport_agent } }');
    expect(wordsOf(plan.diagnostics)).toContain('role "suport_agent" does not exist in this app');
  });
});

describe('a role that goes', () => {
  it('is emptied first, in every scope, on objects that nobody declares', async () => {
    await grantedRole();
    const plan = await app.plan(agentGoes);
    expect(linesOf(plan)).toEqual([
      '~ app_settings/app grants.agent: -search-user',
      '- role/agent',
      '~ channel_type/messaging grants.agent: -create-message -read-channel',
      '~ channel_type/team grants.agent: -create-message -read-channel',
    ]);
    expect(wordsOf(plan.diagnostics)).toContain(
      'before role/agent can go, this changes: grants.agent of app_settings/app, grants.agent of channel_type/messaging, grants.agent of channel_type/team',
    );
    for (const change of plan.changes) {
      if (change.action === 'update')
        expect(change.resource.locate(['grants', 'agent'])).toMatchObject({ line: 1 });
    }
    const sent = await sentFor(agentGoes);
    expect(sent.at(-1)).toEqual({ call: 'DELETE /roles/agent', body: '' });
    expect(sent.slice(0, -1)).toEqual(
      expect.arrayContaining([
        { call: 'PATCH /app', body: { grants: { agent: [] } } },
        { call: 'PUT /channeltypes/messaging', body: { grants: { agent: [] } } },
        { call: 'PUT /channeltypes/team', body: { grants: { agent: [] } } },
      ]),
    );
    expect(await roleNames()).not.toContain('agent');
  });

  it('is emptied within the change of a type that is declared, whatever that ignores', async () => {
    await grantedRole();
    const yaml = `
      channel_types:
        messaging: { reactions: false, grants: { user: { remove: [create-channel] } } }
        team: { typing_events: false, lifecycle: { ignore_changes: [grants, typing_events] } }
      ${agentGoes}`;
    const before = await grantsOf('team');
    expect(linesOf(await app.plan(yaml))).toEqual([
      '~ app_settings/app grants.agent: -search-user',
      '- role/agent',
      '~ channel_type/messaging grants.agent: -create-message -read-channel',
      '~ channel_type/messaging grants.user: -create-channel',
      '~ channel_type/messaging reactions: true → false',
      '~ channel_type/team grants.agent: -create-message -read-channel',
    ]);
    await sentFor(yaml);
    const { agent: _, ...others } = before;
    expect(await grantsOf('team')).toEqual(others);
  });

  it('is emptied in one write together with others that go', async () => {
    await grantedRole();
    await write('CreateRole', { body: { name: 'clerk' } });
    await write('UpdateChannelType', {
      path: { name: 'team' },
      body: { grants: { clerk: ['read-channel'] } },
    });
    const yaml = 'removed: [{ role: agent, because: over }, { role: clerk, because: over }]';
    const toTeam = (await sentFor(yaml)).filter(({ call }) => call === 'PUT /channeltypes/team');
    expect(toTeam.map(({ body }) => body)).toEqual([{ grants: { agent: [], clerk: [] } }]);
    expect(await roleNames()).toHaveLength(10);
  });

  it('is not emptied in a type that goes with it', async () => {
    await app.apply(
      'roles: [agent]\nchannel_types: { support: { commands: [], grants: { agent: [read-channel] } } }',
    );
    const yaml = 'removed: [{ role: agent, because: over }, { channel_type: support, because: over }]';
    expect(linesOf(await app.plan(yaml)).map((line) => line.slice(0, 22))).not.toContain(
      '~ channel_type/support',
    );
    expect((await sentFor(yaml)).map(({ call }) => call)).toEqual([
      'DELETE /channeltypes/support',
      'DELETE /roles/agent',
    ]);
  });

  it('must not be granted anything by the same manifests', async () => {
    await grantedRole();
    await write('UpdateApp', { body: { grants: { agent: [] } } });
    const granted = await app.plan(
      `channel_types: { messaging: { grants: { agent: [read-channel] } } }\napp: { grants: { agent: [search-user] } }\n${agentGoes}`,
    );
    expect(wordsOf(granted.diagnostics)).toContain(
      'error[dangling-reference] manifest.yaml:1:41 channel_type/messaging needs role/agent, which is listed under removed',
    );
    expect(wordsOf(granted.diagnostics)).toContain(
      'error[dangling-reference] manifest.yaml:2:18 app_settings/app needs role/agent, which is listed under removed',
    );
    expect(granted.steps).toEqual([]);
  });

  it('must not be held by a user that the same manifests declare with it', async () => {
    await app.apply('roles: [agent]\nusers: { lena: { role: agent } }');
    const plan = await app.plan(`users: { lena: { role: agent } }\n${agentGoes}`);
    expect(wordsOf(plan.diagnostics)).toContain('user/lena needs role/agent, which is listed under removed');
  });

  it('is refused while users hold it, deactivated ones too, with up to five of them', async () => {
    await app.apply(`
      roles: [agent]
      users: { ada: { role: agent }, ben: { role: agent, status: deactivated } }`);
    const two = await app.plan(agentGoes);
    expect(wordsOf(two.diagnostics)).toBe(
      'error[in-use] manifest.yaml:1:11 2 users hold role agent: ada, ben',
    );
    expect(two.steps).toEqual([]);
    const more = ['c', 'd', 'e', 'f', 'g'].map((id) => `${id}: { role: agent }`).join(', ');
    await app.apply(`users: { ${more} }`);
    expect(wordsOf((await app.plan(agentGoes)).diagnostics)).toContain(
      '7 users hold role agent: ada, ben, c, d, e, 2 more',
    );
  });

  it('waits for the users whom the same plan gives another role or deletes', async () => {
    await app.apply(
      'roles: [agent]\nusers: { ada: { role: agent }, ben: { role: agent }, cy: { role: agent } }',
    );
    const yaml = (users: string) => `
      users: { ${users} }
      removed: [{ role: agent, because: over }, { user: cy, because: left }]`;
    expect(wordsOf((await app.plan(yaml('ada: { role: user }'))).diagnostics)).toContain(
      '1 user holds role agent: ben',
    );
    const moved = yaml('ada: { role: user }, ben: { role: admin }');
    expect((await app.plan(moved)).needs.get('role/agent')?.toSorted()).toEqual([
      'user/ada',
      'user/ben',
      'user/cy',
    ]);
    expect((await sentFor(moved)).map(({ call }) => call)).toEqual([
      'PATCH /users',
      'POST /users/delete',
      'DELETE /roles/agent',
    ]);
  });

  it('stays when a user could not be given another role', async () => {
    await app.apply('roles: [agent]\nusers: { ada: { role: agent } }');
    const plan = await app.plan(`users: { ada: { role: user } }\n${agentGoes}`);
    app.emulator.addFault({ operation: 'UpdateUsersPartial', kind: 'status', status: 400, times: 9 });
    const { outcomes } = await applyPlan(plan, registry, app.connection);
    expect(outcomes).toMatchObject([
      { status: 'skipped', change: { address: 'role/agent' }, because: 'user/ada failed' },
      { status: 'failed', change: { address: 'user/ada' } },
    ]);
    expect(await roleNames()).toContain('agent');
  });

  it('cannot be one that came with the app', async () => {
    const plan = await app.plan('removed: [{ role: guest, because: nobody comes }]');
    expect(wordsOf(plan.diagnostics)).toBe(
      'error[not-possible] manifest.yaml:1:11 role guest is built in, and a built-in role cannot be deleted',
    );
    expect(linesOf(plan)).toEqual(['- role/guest']);
  });

  it('goes although Stream sees its emptied grants only later', async () => {
    await app.close();
    app = await testApp({ propagationMs: 150 });
    await app.apply('roles: [agent]\nchannel_types: { team: { grants: { agent: [read-channel] } } }');
    app.emulator.clearRequests();
    const result = await app.apply(agentGoes);
    expect(result.outcomes.filter(({ status }) => status !== 'applied')).toEqual([]);
    const deletes = app.emulator.requests.filter(({ operation }) => operation === 'DeleteRole');
    expect(deletes.map(({ status }) => status).at(0)).toBe(400);
    expect(result.verified).toBe('converged');
  });

  it('that is gone is a line to delete', async () => {
    expect(wordsOf((await app.plan(agentGoes)).diagnostics)).toContain('note[already-removed]');
  });

  it('may take its time: what it empties is not taken for somebody else’s work', async () => {
    await grantedRole();
    let now = 0;
    // Every look at the clock is a quarter of a minute later, so that each step is looked at again.
    const slow = await app.connect({ clock: { now: () => (now += 15_000), sleep: async () => undefined } });
    const plan = await app.plan(`channel_types: { team: { reactions: false } }\n${agentGoes}`);
    const { outcomes, verified } = await applyPlan(plan, registry, slow);
    expect(outcomes.filter(({ status }) => status !== 'applied')).toEqual([]);
    expect(verified).toBe('converged');
    slow.close();
  });

  it('stays when somebody grants it something else while it is being emptied', async () => {
    await grantedRole();
    let now = 0;
    const slow = await app.connect({ clock: { now: () => (now += 15_000), sleep: async () => undefined } });
    const body = { grants: { agent: ['ban-user'] } };
    let meddled = false;
    const stream: Stream = {
      ...slow.stream,
      async write(operation, input) {
        if (!meddled) await write('UpdateChannelType', { path: { name: 'team' }, body });
        meddled = true;
        return slow.stream.write(operation, input);
      },
    };
    const plan = await app.plan(`app: { settings: { multi_tenant_enabled: true } }\n${agentGoes}`);
    const { outcomes } = await applyPlan(plan, registry, { reader: slow.reader, stream });
    expect(outcomes).toMatchObject([
      { status: 'applied', change: { address: 'app_settings/app' } },
      { status: 'skipped', because: 'channel_type/team was skipped' },
      { status: 'applied', change: { address: 'channel_type/messaging' } },
      { status: 'skipped', because: expect.stringContaining('somebody changed it since the plan') },
    ]);
    expect(await grantsOf('team')).toMatchObject(body.grants);
    slow.close();
  });

  it('is not touched when somebody granted it something since the plan', async () => {
    await grantedRole();
    const plan = await app.plan(agentGoes);
    await write('UpdateChannelType', { path: { name: 'team' }, body: { grants: { agent: ['ban-user'] } } });
    app.emulator.clearRequests();
    const { outcomes } = await applyPlan(plan, registry, app.connection);
    expect(outcomes.map(({ status }) => status)).not.toContain('applied');
    expect(writesOf(app.emulator)).toEqual([]);
  });

  it('is refused while a thousand users and more hold it, whomever the plan moves', async () => {
    await write('CreateRole', { body: { name: 'agent' } });
    for (let page = 0; page < 10; page++) {
      const ids = Array.from({ length: 100 }, (_, index) => `u${page}-${String(index).padStart(2, '0')}`);
      await write('UpdateUsers', {
        body: { users: Object.fromEntries(ids.map((id) => [id, { id, role: 'agent' }])) },
      });
    }
    expect(wordsOf((await app.plan(agentGoes)).diagnostics)).toContain(
      'at least 1000 users hold role agent: u0-00, u0-01, u0-02, u0-03, u0-04, 995 or more',
    );
    const moved = Array.from({ length: 1000 }, (_, index) => {
      const id = `u${Math.floor(index / 100)}-${String(index % 100).padStart(2, '0')}`;
      return `${id}: { role: user }`;
    });
    const plan = await app.plan(`users: { ${moved.join(', ')} }\n${agentGoes}`);
    expect(wordsOf(plan.diagnostics)).toContain('other users hold role agent');
  });

  it('is refused while it has grants where no manifest reaches', () => {
    const raw = { name: 'agent', custom: true, scopes: ['video:default', '.app', 'team'] };
    const world: World = {
      app: { id: 1, name: 'Acme Chat' },
      answer: (operation) => (operation === 'ListChannelTypes' ? { channel_types: { team: {} } } : undefined),
      read: () => undefined,
      declared: () => undefined,
    };
    const change = {
      action: 'delete',
      address: 'role/agent',
      kind: 'role',
      key: 'agent',
      raw,
      live: {},
      inUse: { ids: [], more: false },
    } as unknown as Parameters<typeof roleObstacles>[0];
    expect(roleObstacles(change, [], world).refusals).toMatchObject([
      { code: 'in-use', message: 'role agent has grants in video:default, which no manifest can change' },
    ]);
  });
});
