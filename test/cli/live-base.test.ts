import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { withStandIn, type StandIn } from '../../src/cli/live-base.ts';
import { apply, load, plan } from '../../src/index.ts';
import { hasErrors } from '../../src/model/diagnostic.ts';
import type { Manifest } from '../../src/model/resource.ts';
import { linesOf, manifestOf, testApp, wordsOf } from '../support/world.ts';
import { ioFor } from './io.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a plan of the head says when the base stands in for the live app. */
async function changed(base: Manifest, head: Manifest) {
  const { io, stdout, stderr } = ioFor({});
  // Every look at a key is the end of the test.
  const env = new Proxy<Record<string, string>>(
    {},
    { get: () => expect.unreachable('the environment was read') },
  );
  const keyless = { ...io, env };
  const result = await withStandIn({ base, head }, keyless, async (target: StandIn) => {
    const made = await plan(head, target.connection);
    return { made, lines: linesOf(made), diagnostics: target.diagnostics };
  });
  expect(stdout() + stderr()).toBe('');
  return {
    ...result,
    errors: wordsOf(result.made.diagnostics.filter(({ severity }) => severity === 'error')),
  };
}

const between = (base: string, head: string) => changed(manifestOf(base), manifestOf(head));

describe('the base revision in place of the live app', () => {
  test('plans the same as an app that it was applied to', async () => {
    const { value: base } = await load(['examples/quickstart'], { cwd: root });
    const { value: head } = await load(['examples/quickstart-change'], { cwd: root });
    const app = await testApp();
    try {
      await apply(await plan(base, app.connection), app.connection);
      const live = linesOf(await plan(head, app.connection));
      const { lines, diagnostics, errors } = await changed(base, head);
      expect(lines).toEqual(live);
      expect(lines).toContain('~ channel_type/support reactions: true → false');
      expect(errors + wordsOf(diagnostics)).toBe('');
    } finally {
      await app.close();
    }
  });

  test('has nothing to change when nothing changed', async () => {
    const yaml = 'channel_types: { support: { reactions: false, grants: { guest: [] } } }';
    expect(await between(yaml, yaml)).toMatchObject({ lines: [], diagnostics: [], errors: '' });
  });

  test('knows what changes inside a set of a built-in type', async () => {
    const { lines, errors } = await between(
      'channel_types: { messaging: { grants: { user: { remove: [create-channel] } } } }',
      'channel_types: { messaging: { grants: { user: { remove: [create-channel, pin-message-owner, add-links-owner], add: [read-flag-reports] } } } }',
    );
    expect(errors).toBe('');
    expect(lines).toEqual([
      '~ channel_type/messaging grants.user: -add-links-owner -pin-message-owner +read-flag-reports',
    ]);
  });

  test('takes what the base refers to and does not declare for what is there', async () => {
    const { lines, diagnostics, errors } = await between(
      `channel_types: { support: { commands: [ticket], blocklist: rude, grants: { agent: [read-channel, close-case] } } }
users: { lena: { role: agent } }
channels: { other: { room: { created_by: lena, members: [lena, ben] } } }`,
      `channel_types: { support: { commands: [ticket], blocklist: rude, grants: { agent: [read-channel] } } }
users: { lena: { role: agent } }
channels: { other: { room: { created_by: lena, members: [lena] } } }`,
    );
    expect({ lines, diagnostics, errors }).toEqual({
      lines: ['~ channel_type/support grants.agent: -close-case', '~ channel/other:room members: -ben'],
      diagnostics: [],
      errors: '',
    });
  });

  test('takes what only the new revision refers to as well, and says that nobody confirmed it', async () => {
    const { lines, diagnostics, errors } = await between(
      `channel_types: { support: { grants: { agent: [read-channel] } } }`,
      `channel_types: { support: { grants: { agent: [read-channel], agnet: [read-channel] } } }
channels: { support: { case: { created_by: lena, members: [lena, ben] } } }`,
    );
    expect(errors).toBe('');
    expect(lines).toContain('~ channel_type/support grants.agnet: +read-channel');
    expect(wordsOf(diagnostics)).toBe(
      'note[not-confirmed] manifest.yaml:1:62 nobody asked the live app whether role "agnet" (or "agent"?) exists: the base does not refer to it\n' +
        'note[not-confirmed] manifest.yaml:2:32 nobody asked the live app whether user "lena", "ben" exists: the base does not refer to it',
    );
  });

  test('shows the first declaration of what was there before as a change, and a new object as new', async () => {
    const { lines } = await between(
      'channels: { messaging: { room: { created_by: lena, members: [lena] } } }',
      `users: { lena: { name: Lena }, noa: { name: Noa } }
channels: { messaging: { room: { created_by: lena, members: [lena, noa] } } }`,
    );
    expect(lines).toEqual([
      '~ user/lena name: Lena',
      '+ user/noa name: Noa',
      '~ channel/messaging:room members: +noa',
    ]);
  });

  test('shows a removal of what the base declared', async () => {
    const { lines, errors } = await between(
      'channel_types: { old: { reactions: false } }',
      "removed: [{ channel_type: old, because: 'RFC 1' }]",
    );
    expect(errors).toBe('');
    expect(lines.every((line) => line.startsWith('- channel_type/old'))).toBe(true);
    expect(lines).not.toEqual([]);
  });

  test('is the app that the base is for', async () => {
    const { made } = await between('app: { id: 12, name: Acme }', 'app: { id: 12, name: Acme }');
    expect(made.app).toEqual({ id: 12, name: 'Acme' });
    const moved = await between('app: { id: 12 }', 'app: { id: 13 }');
    expect(moved.errors).toContain('error[wrong-app]');
    expect((await between('users: {}', 'users: {}')).made.app).toEqual({ id: 0, name: 'base revision' });
  });

  test('tells which objects could not be made, and plans the rest', async () => {
    const roles = Array.from({ length: 26 }, (_, index) => `role-${String(index).padStart(2, '0')}`);
    const base = `users: {${roles.map((role) => `u-${role}: { role: ${role} }`).join(', ')}, ben: { name: Ben }}`;
    const { lines, diagnostics } = await between(base, base.replace('name: Ben', 'name: Benjamin'));
    expect(diagnostics).toMatchObject([
      { severity: 'warning', code: 'not-in-stand-in', address: 'user/u-role-25' },
    ]);
    expect(lines).toContain('~ user/ben name: Ben → Benjamin');
  });

  test('is quick for a large app', async () => {
    const types = Array.from(
      { length: 45 },
      (_, index) => `t${index}: { grants: { guest: [] }, reactions: false }`,
    );
    const channels = (name: string): string =>
      Array.from(
        { length: 1000 },
        (_, index) => `c${index}: { created_by: lena, name: ${name}, members: [lena] }`,
      ).join('\n    ');
    const yaml = (name: string): string =>
      `channel_types:\n  ${types.join('\n  ')}\nchannels:\n  t0:\n    ${channels(name)}\n`;
    const before = performance.now();
    const { made, lines } = await between(
      yaml('old'),
      yaml('old').replace('c7: { created_by: lena, name: old', 'c7: { created_by: lena, name: new'),
    );
    expect(hasErrors(made.diagnostics)).toBe(false);
    expect(lines).toEqual(['~ channel/t0:c7 name: old → new']);
    expect(performance.now() - before).toBeLessThan(15_000);
  });
});
