import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEmulator, type Emulator } from '../../src/emulator/index.ts';
import type { SavedPlan } from '../../src/model/saved-plan.ts';
import { run, temporaryFolder, type Ran } from './io.ts';

/**
 * A saved plan is an assertion, never an instruction: it is held against a new plan of the manifests that are there,
 * and anything but the same plan ends with 5 and no write.
 */

const before = `users: { lena: { name: Lena }, ben: {} }
channel_types:
  support: { reactions: true, max_message_length: 4000, grants: { guest: [], user: [read-channel, create-message] } }
channels:
  support:
    case-1: { created_by: lena, members: [lena, ben], name: Case 1, custom: { order: 1 } }
app:
  settings:
    custom_action_handler_url: https://bot:hunter2hunter2@hooks.example.com/{type}
    datadog_info: { api_key: datadog-canary-key, site: eu }
`;
const wanted = before
  .replace('reactions: true', 'reactions: false')
  .replace('create-message]', 'create-message, add-links]')
  .replace('name: Case 1', 'name: Case One')
  .replace('datadog-canary-key', 'datadog-canary-next');

interface World {
  readonly stream: Emulator;
  readonly cwd: string;
  streambed(...words: string[]): Promise<Ran>;
  manifest(text: string): void;
  /** Somebody else changes the app, behind the manifests' back. */
  dashboard(text: string): Promise<void>;
  saved(): SavedPlan;
  edit(change: (saved: Record<string, unknown>) => void): void;
  writes(): number;
}

async function world(): Promise<World> {
  const stream = await startEmulator({ rateLimits: 'none', app: { id: 77, name: 'Acme Chat' } });
  onTestFinished(() => stream.close());
  const cwd = temporaryFolder();
  const env = {
    STREAM_API_KEY: stream.apiKey,
    STREAM_API_SECRET: stream.apiSecret,
    STREAM_BASE_URL: stream.url,
  };
  const streambed = (...words: string[]): Promise<Ran> => run(words, { cwd, env });
  const manifest = (text: string): void => writeFileSync(join(cwd, 'chat.yaml'), text);
  const plan = join(cwd, 'plan.json');
  manifest(before);
  expect((await streambed('apply', '--yes', 'chat.yaml')).code).toBe(0);
  manifest(wanted);
  return {
    stream,
    cwd,
    streambed,
    manifest,
    dashboard: async (text) => {
      writeFileSync(join(cwd, 'dashboard.yaml'), text);
      expect((await streambed('apply', '--yes', '--allow-destroy', 'member=9', 'dashboard.yaml')).code).toBe(
        0,
      );
    },
    saved: () => JSON.parse(readFileSync(plan, 'utf8')) as SavedPlan,
    edit: (change) => {
      const value = JSON.parse(readFileSync(plan, 'utf8')) as Record<string, unknown>;
      change(value);
      writeFileSync(plan, JSON.stringify(value));
    },
    writes: () =>
      stream.requests.filter(({ method, operation }) => method !== 'GET' && operation !== 'QueryChannels')
        .length,
  };
}

async function planned(): Promise<World> {
  const made = await world();
  expect(await made.streambed('plan', '--out', 'plan.json', 'chat.yaml')).toMatchObject({
    code: 0,
    stderr: 'saved to plan.json: streambed apply plan.json\n',
  });
  return made;
}

/** Applies the saved plan, which must be refused for this reason, without a write. */
async function refused({ streambed, writes }: World, reason: string): Promise<void> {
  const sent = writes();
  const { code, stderr } = await streambed('apply', 'plan.json');
  expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining(reason) });
  expect(writes()).toBe(sent);
}

describe('a saved plan', () => {
  test('is applied without a question when nothing moved, and only once', async () => {
    const { streambed } = await planned();
    const first = await streambed('apply', 'plan.json');
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toContain('the app is what the manifests say');
    expect((await streambed('plan', '--detailed-exitcode', 'chat.yaml')).code).toBe(0);
    const again = await streambed('apply', 'plan.json');
    expect(again.code).toBe(5);
    expect(again.stderr).toContain('nothing of that is left to do');
  });

  test('is not stale when somebody changes what it does not touch, and that survives', async () => {
    const { streambed, dashboard } = await planned();
    await dashboard(`channel_types: { support: { replies: false } }
channels: { support: { case-1: { custom: { status: open } } } }
users: { zoe: {} }`);
    const ran = await streambed('apply', 'plan.json');
    expect(ran.code, ran.stderr).toBe(0);
    const check = await streambed('plan', '--detailed-exitcode', 'dashboard.yaml');
    expect(check.code, check.stdout).toBe(0);
  });

  test.each([
    ['a planned value', 'channel_types: { support: { reactions: false } }', 'reactions no longer differs'],
    ['a value to be', 'channels: { support: { case-1: { name: Other } } }', 'name has moved in the live app'],
    [
      'the rest of a list that is sent whole',
      'channel_types: { support: { grants: { user: [read-channel, create-message, pin-message] } } }',
      'grants.user',
    ],
    [
      'another declared value',
      'channel_types: { support: { max_message_length: 5000 } }',
      'max_message_length',
    ],
    [
      'an object that was as declared',
      'users: { lena: { name: Magdalena } }',
      'which the saved plan does not say',
    ],
  ])('is stale when somebody changed %s', async (_, text, reason) => {
    const made = await planned();
    await made.dashboard(text);
    await refused(made, reason);
  });

  test('is stale when the manifests ask for something else by now', async () => {
    const made = await planned();
    made.manifest(wanted.replace('Case One', 'Case Uno'));
    await refused(made, 'name would become another value than was planned');
    made.manifest(`${wanted}x-note: nothing\n`.replace('ben: {}', 'ben: {}, zoe: {}'));
    await refused(made, 'user/zoe would be created, which the saved plan does not say');
    made.manifest(wanted.replace('datadog-canary-next', 'datadog-canary-third'));
    await refused(made, 'datadog_info');
  });

  test.each<readonly [string, (saved: Record<string, unknown>) => void]>([
    ['a path', (saved) => (saved['manifests'] = ['other.yaml'])],
    ['an approval', (saved) => (saved['losses'] = { member: 1000 })],
    ['a change', (saved) => (saved['changes'] = [])],
    ['the report that people read', (saved) => (saved['report'] = {})],
    ['a field that nobody knows', (saved) => (saved['more'] = 1)],
    ['the seal', (saved) => (saved['seal'] = 'x')],
  ])('with %s edited is not believed', async (_, change) => {
    const made = await planned();
    made.edit(change);
    await refused(made, 'was edited');
  });

  test('of another app ends with 4 after one request, and with another major version with 5', async () => {
    const made = await planned();
    const other = await startEmulator({ rateLimits: 'none', app: { id: 78, name: 'Other' } });
    onTestFinished(() => other.close());
    const env = {
      STREAM_API_KEY: other.apiKey,
      STREAM_API_SECRET: other.apiSecret,
      STREAM_BASE_URL: other.url,
    };
    const ran = await run(['apply', 'plan.json'], { cwd: made.cwd, env });
    expect(ran).toMatchObject({ code: 4, stderr: expect.stringContaining('wrong-app') });
    expect(other.requests.map(({ operation }) => operation)).toEqual(['GetApp']);
    made.edit((saved) => (saved['format_version'] = '2.0'));
    await refused(made, 'does not understand');
  });

  test('approves the losses that were reviewed with it, and no others', async () => {
    const made = await world();
    const without = wanted.replace('members: [lena, ben]', 'members: [lena]');
    made.manifest(without);
    expect((await made.streambed('apply', '--yes', 'chat.yaml')).code).toBe(4);
    expect((await made.streambed('plan', '--out', 'plan.json', 'chat.yaml')).code).toBe(0);
    expect(made.saved().losses).toEqual({ member: 1 });
    const ran = await made.streambed('apply', 'plan.json');
    expect(ran.code, ran.stderr).toBe(0);
  });

  test('holds no secret and no value outside the masked report', async () => {
    const { saved } = await planned();
    const { report, ...assertions } = saved();
    const text = JSON.stringify(assertions);
    for (const value of ['hunter2', 'datadog-canary', 'Case One', 'add-links'])
      expect(text).not.toContain(value);
    expect(JSON.stringify(report)).not.toMatch(/hunter2|datadog-canary/);
    expect(assertions.changes.map(({ address }) => address)).toEqual([
      'app_settings/app',
      'channel_type/support',
      'channel/support:case-1',
    ]);
  });

  test('is not written when the plan is refused or the folder is missing', async () => {
    const made = await world();
    const invalid = wanted.replace('user: [read-channel', 'user: [no-such-permission');
    made.manifest(invalid);
    expect((await made.streambed('plan', '--out', 'plan.json', 'chat.yaml')).code).toBe(3);
    expect(() => made.saved()).toThrow('ENOENT');
    made.manifest(wanted);
    const ran = await made.streambed('plan', '--out', 'no/such/plan.json', 'chat.yaml');
    expect(ran).toMatchObject({ code: 64, stderr: expect.stringContaining('cannot be saved') });
  });
});
