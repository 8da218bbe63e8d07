import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseArguments } from '../src/cli/program.ts';

const root = fileURLToPath(new URL('../examples/ci/', import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\.ya?ml$/.test(name),
);
const workflows = files.filter((name) => name.startsWith('github/') && !name.endsWith('action.yml'));

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly concurrency?: unknown;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const textOf = (name: string): string => readFileSync(root + name, 'utf8');
const workflow = (name: string): Workflow => parse(textOf(name)) as Workflow;
const jobsOf = (name: string): readonly (readonly [string, Job])[] => Object.entries(workflow(name).jobs);
const holdsKey = (job: unknown): boolean => /secrets\.|STREAM_API_SECRET/.test(JSON.stringify(job));
const canWrite = ({ permissions = {} }: Job): boolean => Object.values(permissions).includes('write');

/** Every value under this key, wherever it stands. */
function valuesAt(key: string, value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, below]) => [
    ...(name === key ? [below] : []),
    ...valuesAt(key, below),
  ]);
}

/** All that is given to a shell: `run` on GitHub, `script` and `before_script` on GitLab. */
function shellOf(name: string): readonly string[] {
  const document: unknown = parse(textOf(name));
  return ['run', 'script', 'before_script']
    .flatMap((key) => valuesAt(key, document))
    .flat()
    .filter((text): text is string => typeof text === 'string');
}

/** The words of each streambed command in a shell script, variables as they are written. */
function commandsIn(script: string): readonly (readonly string[])[] {
  return script
    .replaceAll('\\\n', ' ')
    .split(/\n|&&|\|\||[;|]/)
    .map((line) => line.trim().replace(/\s+\d?>.*$/, ''))
    .filter((line) => /^streambed\s/.test(line))
    .map((line) =>
      [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
        .map(([, double, single, plain]) => double ?? single ?? plain ?? '')
        .slice(1),
    );
}

test('there are examples for both, and each is YAML', () => {
  expect(files.toSorted()).toEqual([
    'github/action.yml',
    'github/apply.yml',
    'github/comment.yml',
    'github/drift.yml',
    'github/fork.yml',
    'github/plan.yml',
    'gitlab/.gitlab-ci.yml',
  ]);
  for (const name of files) expect(parse(textOf(name))).toBeTypeOf('object');
});

describe.each(files)('examples/ci/%s', (name) => {
  test('runs only actions that are pinned by their commit, with the version beside it', () => {
    const used = valuesAt('uses', parse(textOf(name)));
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    const lines = textOf(name).match(/^\s*- uses: (?!\.\/).*$/gm) ?? [];
    expect(lines).toHaveLength(used.length);
    for (const line of lines) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('installs an exact version of streambed, without scripts', () => {
    const installs = shellOf(name).flatMap((script) => script.match(/npm install.*|npx.*/g) ?? []);
    for (const install of installs) {
      expect(install).toMatch(
        /^npm install --global --ignore-scripts (?:streambed@\d+\.\d+\.\d+|"streambed@\$STREAMBED_VERSION")$/,
      );
    }
  });

  test('gives the shell no expression as text', () => {
    for (const script of shellOf(name)) expect(script).not.toContain('${{');
  });

  test('writes only command lines that streambed understands', () => {
    const commands = shellOf(name).flatMap(commandsIn);
    expect(commands).not.toEqual([]);
    for (const words of commands) {
      // The action is given its words by others.
      if (words[0] === '$STREAMBED_ARGUMENTS') continue;
      const parsed = parseArguments(words, '0.0.0', 100);
      expect(parsed.type === 'usage' ? parsed.message : 'understood', words.join(' ')).toBe('understood');
    }
  });
});

describe.each(workflows)('examples/ci/%s', (name) => {
  test('is not run with the rights of the base for code of somebody else', () => {
    expect(Object.keys(workflow(name).on)).not.toContain('pull_request_target');
    expect(textOf(name)).not.toContain('pull_request_target');
  });

  test('gives no permission but those that a job asks for', () => {
    expect(workflow(name).permissions).toEqual({});
    for (const [, { permissions }] of jobsOf(name)) expect(permissions).toBeTypeOf('object');
  });

  test('never lets a job hold the key of the app and a token that can write', () => {
    for (const [job, value] of jobsOf(name))
      expect([job, holdsKey(value) && canWrite(value)]).toEqual([job, false]);
  });
});

describe('the jobs', () => {
  const jobs = workflows.flatMap((name) =>
    jobsOf(name).map(([job, value]) => [`${name} ${job}`, value] as const),
  );

  test('that hold the key are these, and those that can write are others', () => {
    expect(jobs.filter(([, job]) => holdsKey(job)).map(([name]) => name)).toEqual([
      'github/apply.yml apply',
      'github/drift.yml drift',
      'github/plan.yml plan',
    ]);
    expect(jobs.filter(([, job]) => canWrite(job)).map(([name]) => name)).toEqual([
      'github/apply.yml record',
      'github/comment.yml comment',
    ]);
  });

  test('that comments runs on what the default branch says, and checks nothing out', () => {
    const { on, jobs: own } = workflow('github/comment.yml');
    expect(Object.keys(on)).toEqual(['workflow_run']);
    expect((on['workflow_run'] as { workflows: string[] }).workflows).toEqual([
      (parse(textOf('github/plan.yml')) as { name: string }).name,
    ]);
    expect(JSON.stringify(own)).not.toContain('actions/checkout');
  });

  test('that applies is never cancelled, and that for forks needs no token', () => {
    expect((parse(textOf('github/apply.yml')) as Job).concurrency).toMatchObject({
      'cancel-in-progress': false,
    });
    const fork = textOf('github/fork.yml');
    expect(fork).toContain('--live base');
    expect(fork).not.toMatch(/secrets\.|github\.token|GITHUB_TOKEN/);
  });

  test('leave the plan behind also when it failed', () => {
    const { steps } = workflow('github/plan.yml').jobs['plan']!;
    const upload = steps.find(({ uses = '' }) => uses.startsWith('actions/upload-artifact@'));
    expect(upload).toMatchObject({ if: '${{ !cancelled() }}', with: { path: 'plan.json' } });
  });
});
