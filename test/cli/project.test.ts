import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { baseProjectIn, projectFor, type BaseProject, type ProjectChoice } from '../../src/cli/project.ts';
import { Stop } from '../../src/cli/stop.ts';
import { disk } from '../../src/manifest/file-tree.ts';
import { ioFor, temporaryFolder } from './io.ts';

const two = `
manifests: [chat/]
environments:
  staging: { app: { id: 1, name: Acme staging }, hosts: [staging.example.com, shared.example.com] }
  production:
    app: { id: 2 }
    production: true
    manifests: [chat/, prod/]
    hosts: [acme.example.com, shared.example.com]
policies: [{ danger: loss, action: block }]
protect: [user/ada]
expect: [{ role: user, cannot: [search-user] }]
`;

interface Given {
  readonly environment?: string;
  readonly paths?: readonly string[];
  readonly needsEnvironment?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly base?: BaseProject;
}

async function choose(text: string | undefined, given: Given = {}): Promise<ProjectChoice> {
  const cwd = temporaryFolder();
  if (text !== undefined) writeFileSync(join(cwd, 'streambed.yaml'), text);
  const { io } = ioFor({ cwd, env: given.env ?? {} });
  const { environment, paths = [], needsEnvironment = true, base } = given;
  const readBase = base === undefined ? undefined : () => Promise.resolve(base);
  return projectFor(io, { environment, paths, needsEnvironment }, readBase);
}

async function stopOf(choice: Promise<unknown>): Promise<string> {
  const error = await choice.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Stop)) throw new Error('it went on');
  expect(error.exitCode).toBe(exitCodes.usage);
  const { code, message, help } = error.diagnostic;
  return `${code}: ${message} | ${help ?? ''}`;
}

describe('the environment', () => {
  test('that is named gives the app, the manifests and the hosts of all others', async () => {
    const { environment, guard, paths, rules, expectations, diagnostics, dangers, project } = await choose(
      two,
      {
        environment: 'production',
      },
    );
    expect(environment).toEqual({
      name: 'production',
      production: true,
      foreignHosts: ['staging.example.com'],
    });
    expect(guard).toMatchObject({ id: 2, at: { file: 'streambed.yaml', line: 6 } });
    expect(paths).toEqual(['chat/', 'prod/']);
    expect(rules.policies).toHaveLength(1);
    expect(rules.protect.map(({ pattern }) => pattern)).toEqual(['user/ada']);
    expect(expectations).toHaveLength(1);
    expect(project?.file).toBe('streambed.yaml');
    expect([...diagnostics, ...dangers]).toEqual([]);
  });

  test('without manifests of its own has those of the project', async () => {
    expect((await choose(two, { environment: 'staging' })).paths).toEqual(['chat/']);
  });

  test('is the only one, whatever manifests are named', async () => {
    const one = 'manifests: [chat/]\nenvironments: { eu: { app: { id: 1 } } }\nprotect: [user/ada]';
    expect((await choose(one)).environment?.name).toBe('eu');
    const named = await choose(one, { paths: ['a.yaml'] });
    expect(named.environment?.name).toBe('eu');
    expect(named.guard).toMatchObject({ id: 1 });
    expect(named.paths).toEqual(['a.yaml']);
    expect(named.rules.protect, 'the rules of the project hold all the same').toHaveLength(1);
    const both = await choose(one, { paths: ['a.yaml'], environment: 'eu' });
    expect(both.environment?.name).toBe('eu');
    expect(both.paths).toEqual(['a.yaml']);
  });

  test('must be named when there are several', async () => {
    expect(await stopOf(choose(two))).toBe(
      'no-environment: streambed.yaml has 2 environments, and none was named | Name one: -e staging, or -e production.',
    );
    const validated = await choose(two, { needsEnvironment: false });
    expect(validated.environment).toBeUndefined();
    expect(validated.paths).toEqual(['chat/']);
  });

  test('must exist', async () => {
    expect(await stopOf(choose(two, { environment: 'prodution' }))).toBe(
      'unknown-environment: streambed.yaml has no environment "prodution" | Did you mean production?',
    );
    expect(await stopOf(choose(two, { environment: 'mars' }))).toMatch(/Name one of staging, production\.$/);
    expect(await stopOf(choose('manifests: [a]', { environment: 'eu' }))).toMatch(/Add it under/);
    expect(await stopOf(choose(undefined, { environment: 'eu', paths: ['a.yaml'] }))).toMatch(
      /^no-project: /,
    );
  });
});

describe('without', () => {
  test('a project file, arguments are all there is', async () => {
    const { paths, rules, project, environment } = await choose(undefined, { paths: ['a.yaml'] });
    expect(paths).toEqual(['a.yaml']);
    expect(rules).toEqual({ policies: [], protect: [] });
    expect([project, environment]).toEqual([undefined, undefined]);
  });

  test('a project file and arguments there is nothing to do', async () => {
    expect(await stopOf(choose(undefined))).toMatch(/^no-manifests: no manifests were named/);
  });

  test('manifests in the project file somebody must name them', async () => {
    expect(await stopOf(choose('protect: [user/ada]'))).toMatch(/^no-manifests: streambed\.yaml names no/);
    expect(await stopOf(choose('environments: { eu: {} }'))).toMatch(
      /^no-manifests: environment eu names no/,
    );
  });
});

test('an invalid project file is told with its places, and nothing of it is used', async () => {
  const choice = await choose('manifest: [chat/]\nprotect: [user/ada]', { environment: 'eu' });
  expect(choice.diagnostics.map(({ code, at }) => `${code} ${at?.file}:${at?.line}`)).toEqual([
    'unknown-field streambed.yaml:1',
  ]);
  expect(choice.rules.protect).toEqual([]);
  expect(choice.sources.get('streambed.yaml')).toContain('manifest: [chat/]');
});

test('a project file that is no text is told', async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'streambed.yaml'), Buffer.from([0xff, 0xfe, 0x00]));
  const { diagnostics } = await projectFor(ioFor({ cwd }).io, { environment: undefined, paths: [] });
  expect(diagnostics.map(({ code }) => code)).toEqual(['file-not-utf8']);
});

describe('in CI the base revision', () => {
  const CI = { CI: 'true' };
  const base = (text: string | undefined): BaseProject => ({ ref: 'main', text });
  const looser = two
    .replace('protect: [user/ada]\n', '')
    .replace('    production: true\n', '')
    .replace('app: { id: 2 }', 'app: { id: 3, name: New }')
    .replace('staging.example.com, ', '')
    .replace('cannot: [search-user]', 'can: [search-user]');

  test('judges: its rules and expectations count, and what changes in them is a danger', async () => {
    const { rules, expectations, dangers } = await choose(looser, {
      environment: 'production',
      env: CI,
      base: base(two),
    });
    expect(rules.protect.map(({ pattern, at }) => `${pattern} ${at.file}:${at.line}`)).toEqual([
      'user/ada main:streambed.yaml:11',
    ]);
    expect(expectations.map(({ cannot }) => cannot)).toEqual([['search-user']]);
    expect(dangers.map(({ path }) => path.join('.'))).toEqual([
      'protect',
      'expect',
      'environments.staging.hosts',
      'environments.production.app.id',
      'environments.production.production',
      'expect',
      'environments.production.app.name',
    ]);
  });

  test('keeps an environment as strict as it was', async () => {
    const { environment, guard } = await choose(looser, {
      environment: 'production',
      env: { CI: '1' },
      base: base(two),
    });
    expect(environment).toEqual({
      name: 'production',
      production: true,
      foreignHosts: ['staging.example.com'],
    });
    expect(guard).toMatchObject({ id: 2, name: 'New' });
  });

  test('knows an environment under its new name by its app', async () => {
    const renamed = two.replace('  production:\n', '  prod:\n').replace('    production: true\n', '');
    const { environment } = await choose(renamed, { environment: 'prod', env: CI, base: base(two) });
    expect(environment).toEqual({ name: 'prod', production: true, foreignHosts: ['staging.example.com'] });
  });

  test('does not matter elsewhere, nor when nobody knows it', async () => {
    for (const given of [{ base: base(two) }, { env: { CI: 'false' }, base: base(two) }, { env: CI }]) {
      const { rules, dangers, environment } = await choose(looser, { ...given, environment: 'production' });
      expect(rules.protect).toEqual([]);
      expect(dangers).toEqual([]);
      expect(environment?.production).toBe(false);
    }
  });

  test('without a project file has no rules, and one that goes still judges', async () => {
    const added = await choose(two, { environment: 'production', env: CI, base: base(undefined) });
    expect(added.rules).toEqual({ policies: [], protect: [] });
    expect(added.dangers.map(({ message }) => message)).toEqual([
      expect.stringContaining('streambed.yaml is new') as unknown,
    ]);
    const gone = await choose(undefined, { paths: ['a.yaml'], env: CI, base: base(two) });
    expect(gone.rules.protect).toHaveLength(1);
    expect(gone.dangers[0]?.message).toContain('streambed.yaml is deleted');
  });

  test('with a broken project file cannot judge, and a warning says so', async () => {
    const { rules, dangers, diagnostics } = await choose(two, {
      environment: 'production',
      env: CI,
      base: base('protect: [nothing]'),
    });
    expect(rules.protect).toHaveLength(1);
    expect(dangers).toEqual([]);
    expect(diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      'warning base-project-invalid',
    ]);
  });

  test('is read from the tree of its commit', async () => {
    const cwd = temporaryFolder();
    expect(await baseProjectIn('main', disk, cwd)).toEqual({ ref: 'main', text: undefined });
    writeFileSync(join(cwd, 'streambed.yaml'), 'protect: [user/ada]');
    expect(await baseProjectIn('main', disk, cwd)).toEqual({ ref: 'main', text: 'protect: [user/ada]' });
  });
});
