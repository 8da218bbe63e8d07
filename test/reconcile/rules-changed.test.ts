import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { registry } from '../../src/kinds/registry.ts';
import { loadProject } from '../../src/manifest/project.ts';
import { dangerRules } from '../../src/model/danger.ts';
import type { Project } from '../../src/model/project.ts';
import { rulesChanged } from '../../src/reconcile/rules-changed.ts';
import { testApp, wordsOf } from '../support/world.ts';

function projectOf(text: string): Project {
  const { value, diagnostics } = loadProject({ file: 'streambed.yaml', text }, registry);
  if (value === undefined) throw new Error(wordsOf(diagnostics));
  return value;
}

const suffix = '; until that is merged, the rules of the base revision judge';

/** What changes between two project files, in words. */
function changes(before: string | undefined, after: string | undefined): readonly string[] {
  const dangers = rulesChanged(
    before === undefined ? undefined : projectOf(before),
    after === undefined ? undefined : projectOf(after),
  );
  for (const { code, address, message } of dangers) {
    expect(code).toBe('rules-changed');
    expect(address).toBe('project/streambed.yaml');
    expect(message.endsWith(suffix)).toBe(true);
  }
  return dangers.map(({ path, message }) => `${path.join('.')}: ${message.slice(0, -suffix.length)}`);
}

describe('rules that a branch changes', () => {
  it('are none when the files say the same in other words and at other lines', () => {
    const before =
      'policies: [{ danger: loss, action: block }]\nprotect: [user/a, user/b]\nmanifests: [x, y]\nexpect: [{ role: user, can: [a, b] }]';
    const after =
      '# moved\nmanifests: [y, x]\nexpect: [{ role: user, can: [b] }, { role: user, can: [a] }]\nprotect: [user/b, user/a]\npolicies:\n  - danger: loss\n    action: block\n';
    expect(changes(before, after)).toEqual([]);
    expect(changes(undefined, undefined)).toEqual([]);
  });

  it.each([
    [
      'policies: [{ danger: loss, action: block }]',
      '{}',
      ['policies: the policy { danger: loss, action: block } is removed'],
    ],
    [
      'policies: [{ danger: loss, environment: production, action: block }]',
      'policies: [{ danger: loss, environment: production, action: warn }]',
      [
        'policies: the policy { danger: loss, environment: production, action: block } becomes { danger: loss, environment: production, action: warn }',
      ],
    ],
    [
      'policies: [{ losses: member, more_than: 3, action: block }, { changes: any, more_than: 10%, action: warn }]',
      'policies: [{ losses: member, more_than: 30, action: block }, { changes: any, more_than: 5%, action: warn }]',
      [
        'policies: the policy { losses: member, more_than: 3, action: block } becomes { losses: member, more_than: 30, action: block }',
        'policies: the policy { changes: any, more_than: 10%, action: warn } becomes { changes: any, more_than: 5%, action: warn }',
      ],
    ],
    [
      'policies: [{ danger: loss, action: block }, { danger: "*", action: warn }]',
      'policies: [{ danger: "*", action: warn }, { danger: loss, action: block }]',
      ['policies: policies change places, and the last one that matches decides'],
    ],
    [
      '{}',
      'policies: [{ danger: rights-gained, kind: channel_type, action: block }]',
      ['policies: the policy { danger: rights-gained, kind: channel_type, action: block } is added'],
    ],
    [
      'protect: [user/a, user/b, user/c]',
      'protect: [user/c, user/d]',
      ['protect: user/a, user/b are no longer protected', 'protect: user/d will be protected'],
    ],
    [
      'expect: [{ role: user, cannot: [delete-message] }]',
      'expect: [{ role: user, channel_type: x, channel_role: m, cannot: [delete-message] }]',
      [
        'expect: it is no longer expected that role user in the app cannot delete-message',
        'expect: it will be expected that role user as m in channels of type x cannot delete-message',
      ],
    ],
    [
      'manifests: [chat/, prod/]',
      'manifests: [chat/]',
      ['manifests: the project no longer reads prod/: nothing in it is managed any more'],
    ],
    [
      'environments: { eu: { app: { id: 1, name: A }, production: true, hosts: [a.example.com], manifests: [x] } }',
      'environments: { eu: { app: { id: 2 }, hosts: [b.example.com] } }',
      [
        'environments.eu.app.id: environment eu is for another app: id 1 → 2',
        'environments.eu.app.name: environment eu is for another app: name A → (any)',
        'environments.eu.production: environment eu is no longer marked as production',
        'environments.eu.manifests: environment eu has no manifests of its own any more: x',
        'environments.eu.hosts: a.example.com no longer belongs to environment eu: elsewhere it is no danger',
        'environments.eu.hosts: b.example.com will belong to environment eu',
      ],
    ],
    [
      'environments: { eu: {} }',
      'environments: { us: {} }',
      ['environments.eu: environment eu is removed', 'environments.us: environment us is new'],
    ],
    [
      'environments: { eu: {} }',
      'environments: { eu: { manifests: [x], production: true } }',
      [
        'environments.eu.manifests: environment eu gets manifests of its own: x',
        'environments.eu.production: environment eu will be marked as production',
      ],
    ],
  ])('%s → %s', (before, after, said) => {
    expect(changes(before, after)).toEqual(said);
  });

  it('are named with what becomes looser first', () => {
    const [first, second] = changes(
      'manifests: [a]\nprotect: [user/a]',
      'manifests: [a, b]\npolicies: [{ danger: loss, action: block }]',
    );
    expect(first).toContain('no longer protected');
    expect(second).toContain('is added');
  });

  it('that lift a block by coming last count as looser', () => {
    const [first] = changes(
      'policies: [{ danger: loss, action: block }]\nmanifests: [a]',
      'policies: [{ danger: loss, action: block }, { danger: "*", action: allow }]\nmanifests: [a, b]',
    );
    expect(first).toBe('policies: the policy { danger: *, action: allow } is added');
  });

  it('go one by one when the whole file goes', () => {
    expect(changes('protect: [user/a]', undefined)).toEqual([
      ': streambed.yaml is deleted',
      'protect: user/a is no longer protected',
    ]);
    expect(changes(undefined, 'protect: [user/a]')).toEqual([': streambed.yaml is new']);
  });
});

describe('examples/dangers/rules-changed', () => {
  const folder = fileURLToPath(new URL('../../examples/dangers/rules-changed/', import.meta.url));
  const read = (name: string): Project => projectOf(readFileSync(`${folder}${name}.streambed.yaml`, 'utf8'));

  it('begins with its code and its title', () => {
    const [heading, , title] = readFileSync(`${folder}README.md`, 'utf8').split('\n');
    expect(heading).toBe('# rules-changed');
    expect(title?.toLowerCase()).toBe(`${dangerRules['rules-changed']}.`.toLowerCase());
  });

  it('shows the rules of a branch that changes them, in a plan that changes nothing else', async () => {
    const app = await testApp();
    try {
      const plan = await app.plan('users: {}', { dangers: rulesChanged(read('base'), read('bad')) });
      const page = readFileSync(`${folder}README.md`, 'utf8').replace(/\s+/g, ' ');
      expect(plan.dangers.length).toBeGreaterThan(0);
      for (const { message } of plan.dangers) expect(page).toContain(message.slice(0, -suffix.length));
    } finally {
      await app.close();
    }
  });

  it('has nothing to say about a file that only moves its rules around', () => {
    expect(rulesChanged(read('base'), read('good'))).toEqual([]);
  });
});
