import { expect, onTestFinished, test } from 'vitest';
import { report } from '../../src/index.ts';
import type { PlanReport } from '../../src/model/report.ts';
import { renderJson } from '../../src/render/json.ts';
import { renderTerminal } from '../../src/render/terminal.ts';
import { testApp } from '../support/world.ts';

/** With `-v` a plan also tells what no difference shows: the fields that stay, and what Stream fills in. */
const live = `
channel_types: { support: { reactions: true, max_message_length: 4000, commands: [giphy], grants: { guest: [], user: [read-channel, create-message] } } }
users: { lena: { name: "Lena \\e[2J", custom: { desk: 4 } } }
app: { settings: { custom_action_handler_url: https://bot:hunter2hunter2@hooks.example.com/x, datadog_info: { api_key: datadog-canary, site: eu } } }
`;
const wanted = `${live
  .replace('reactions: true', 'reactions: false')
  .replace('desk: 4', 'desk: 5')
  .replace('site: eu }', 'site: us }')}
`.replace('channel_types: {', 'channel_types: { fresh: { uploads: false, grants: { user: [] } },');

async function planned(): Promise<PlanReport> {
  const app = await testApp();
  onTestFinished(() => app.close());
  await app.apply(live);
  const { fingerprint } = app.connection;
  return report(await app.plan(wanted), { command: 'plan', emulator: false, version: '1.2.3', fingerprint });
}

test('the fields that stay are shown with -v only, masked and escaped', async () => {
  const made = await planned();
  const [short, whole] = [false, true].map((verbose) =>
    renderTerminal(made, { color: false, width: 100, verbose }),
  );
  expect(whole).toContain('= commands  giphy');
  expect(whole).toContain('= grants.guest  none');
  expect(whole).toContain('= grants.user  create-message, read-channel');
  expect(whole).toContain('= max_message_length  4000');
  expect(whole).toContain('= name  "Lena \\u{1b}[2J"');
  expect(whole).toContain('= custom_action_handler_url  "https://***@hooks.example.com/x"');
  expect(short).not.toContain('= commands');
  expect(short).toMatch(/\d unchanged/);
  for (const text of [whole, short, renderJson(made)]) {
    for (const secret of ['hunter2', 'datadog-canary', '\u001b']) expect(text).not.toContain(secret);
  }
});

test('what Stream fills in is shown for a new object, and only what its manifest leaves out', async () => {
  const made = await planned();
  const fresh = made.changes.find(({ key }) => key === 'fresh');
  expect(fresh?.defaults).toContainEqual({ path: ['max_message_length'], value: 5000 });
  expect(fresh?.defaults?.map(({ path }) => path[0])).not.toContain('uploads');
  expect(made.changes.find(({ key }) => key === 'support')).not.toHaveProperty('defaults');
  const text = renderTerminal(made, { color: false, width: 100, verbose: true });
  expect(text).toContain("Stream's defaults, for what is not declared:\n        automod disabled,");
});
