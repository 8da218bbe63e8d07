import { describe, expect, test } from 'vitest';
import { parseArguments, type Parsed } from '../../src/cli/program.ts';

function parse(...words: string[]): Parsed {
  return parseArguments(words, '1.2.3', 100);
}

function invocationOf(...words: string[]): unknown {
  const parsed = parse(...words);
  if (parsed.type !== 'invocation') throw new Error(`not an invocation: ${JSON.stringify(parsed)}`);
  return parsed.invocation;
}

describe('what a command line asks for', () => {
  test('plan with nothing but files', () => {
    expect(invocationOf('plan', 'a.yaml', 'b.yaml')).toEqual({
      command: 'plan',
      paths: ['a.yaml', 'b.yaml'],
      format: 'terminal',
      target: 'stream',
      app: undefined,
      environment: undefined,
      base: undefined,
      reopen: [],
      sendWriteOnly: [],
      quota: undefined,
      detail: 'normal',
      detailedExitCode: false,
      out: undefined,
      live: 'app',
      debug: false,
      color: true,
    });
  });

  test('plan with everything', () => {
    const words =
      'plan --format json --detailed-exitcode --app 1699146 --target emulator -v --debug --no-color -';
    expect(invocationOf(...words.split(' '))).toMatchObject({
      paths: ['-'],
      format: 'json',
      target: 'emulator',
      app: { id: 1_699_146 },
      detail: 'all',
      detailedExitCode: true,
      debug: true,
      color: false,
    });
  });

  test('a plan against a revision, and one that is saved', () => {
    expect(
      invocationOf('plan', '-e', 'production', '--base', 'origin/main', '--reopen', 'user/lena'),
    ).toMatchObject({
      environment: 'production',
      base: 'origin/main',
      reopen: ['user/lena'],
    });
    expect(invocationOf('plan', '--out', 'plan.json', 'a.yaml')).toMatchObject({ out: 'plan.json' });
    expect(invocationOf('plan', '--live', 'base', '--base', 'main')).toMatchObject({ live: 'base' });
    expect(invocationOf('apply', '--record', 'plan.json')).toMatchObject({
      record: true,
      paths: ['plan.json'],
    });
    expect(invocationOf('drift')).toMatchObject({ command: 'drift', paths: [] });
  });

  test('an app by its name, spaces included', () => {
    expect(invocationOf('plan', '--app', 'Acme Chat', 'a.yaml')).toMatchObject({
      app: { name: 'Acme Chat' },
    });
  });

  test('apply with approvals', () => {
    const words = [
      '--yes',
      '--allow-destroy',
      'member=3',
      '--allow-destroy=channel_type=0',
      '--send-write-only',
      'app_settings',
    ];
    expect(invocationOf('apply', ...words, '--send-write-only', 'event_hook/audit', 'a.yaml')).toMatchObject({
      yes: true,
      allowDestroy: new Map([
        ['member', 3],
        ['channel_type', 0],
      ]),
      sendWriteOnly: ['app_settings/app', 'event_hook/audit'],
    });
  });

  test('a share of the limits, as a percentage', () => {
    expect(invocationOf('plan', '--quota', '50%')).toMatchObject({ quota: 0.5 });
    expect(invocationOf('apply', '--quota=100')).toMatchObject({ quota: 1 });
    expect(invocationOf('drift', '--quota', '1')).toMatchObject({ quota: 0.01 });
  });

  test('two runs do not remember each other', () => {
    invocationOf('apply', '--allow-destroy', 'member=3', 'a.yaml');
    expect(invocationOf('apply', 'a.yaml')).toMatchObject({ allowDestroy: new Map(), sendWriteOnly: [] });
  });

  test('an emulator around a command, whose own flags are its own', () => {
    const words =
      'emulator --port 3030 --no-rate-limits --latency 5 --propagation 9 -- npm test --debug --port 1';
    expect(invocationOf(...words.split(' '))).toMatchObject({
      port: 3030,
      rateLimits: false,
      latencyMs: 5,
      propagationMs: 9,
      run: ['npm', 'test', '--debug', '--port', '1'],
      debug: false,
    });
  });

  test('flags for every command may stand before it', () => {
    expect(invocationOf('--debug', '--no-color', 'schema', 'plan')).toMatchObject({
      which: 'plan',
      debug: true,
      color: false,
    });
  });
});

describe('wrong usage is one line that helps', () => {
  test.each([
    [['pln', 'a.yaml'], /unknown command 'pln'.*Did you mean plan/],
    [['plan', '--fromat', 'json'], /unknown option '--fromat'.*Did you mean --format/],
    [['plan', '--format', 'xml'], /'xml' is invalid.*terminal, json, markdown, github/],
    [['plan', '--format'], /argument missing/],
    [['plan', '--target', 'stream'], /Allowed choices are emulator/],
    ...['0', '101%', '-5', '50.5', '0.5', 'half', '%', ''].map((quota): [string[], RegExp] => [
      ['apply', '--quota', quota],
      /must be a percentage from 1 to 100/,
    ]),
    [['can', 'a', 'b', '--quota', '50'], /unknown option '--quota'/],
    [['plan', '--yes'], /unknown option '--yes'/],
    [['plan', '--base', '-x'], /must be a git revision/],
    [['plan', '--live', 'base'], /needs --base/],
    [['apply', '--record', '--target', 'emulator'], /is about the real app/],
    [['plan', '--live', 'base', '--base', 'main', '--out', 'x'], /mean nothing with it/],
    [['plan', '-q', '-v'], /cannot be used with/],
    [['plan', '--app', ''], /must be the id or the name/],
    [['apply', '--allow-destroy', 'member'], /must look like member=3/],
    [['apply', '--allow-destroy', 'member=-1'], /must look like member=3/],
    [['apply', '--allow-destroy', 'member=1', '--allow-destroy', 'member=2'], /given twice/],
    [['apply', '--send-write-only', 'webhook'], /must look like channel_type\/support/],
    [['emulator', '--port', '70000'], /whole number up to 65535/],
    [['emulator', '--port', '1e3'], /whole number/],
    [['emulator', 'npm', 'test'], /put -- before the command: -- npm test/],
    [['schema'], /missing required argument/],
    [['schema', 'pln'], /Allowed choices are manifest, plan/],
    [['schema', 'plan', 'more'], /too many arguments/],
    [[], /no command was given/],
    [['--debug'], /no command was given/],
  ])('streambed %j', (words, message) => {
    const parsed = parse(...words);
    expect(parsed).toMatchObject({ type: 'usage', message: expect.stringMatching(message) });
    if (parsed.type !== 'usage') return;
    expect(parsed.message).not.toMatch(/\n|^error/);
    expect(parsed.hint).toMatch(/^see streambed .*--help$/);
  });
});

describe('help', () => {
  test.each(['validate', 'plan', 'apply', 'emulator', 'schema'])(
    'of %s ends with examples that the program understands',
    (name) => {
      const parsed = parse(name, '--help');
      if (parsed.type !== 'help') throw new Error('no help');
      const examples = parsed.text.split('Examples:\n')[1] ?? '';
      expect(parsed.text.trimEnd().endsWith(examples.trimEnd())).toBe(true);
      const commands = [...examples.matchAll(/streambed ((?:(?!\s{2}|[|>&]| -- streambed).)+)/g)].map(
        (match) => match[1]!.trim(),
      );
      expect(commands.length).toBeGreaterThan(1);
      for (const words of commands)
        expect(parse(...words.split(' ')), words).toMatchObject({ type: 'invocation' });
    },
  );

  test('of the program names every command, the variables and the exit codes', () => {
    for (const words of [['--help'], ['help'], ['-h']]) {
      const parsed = parse(...words);
      if (parsed.type !== 'help') throw new Error('no help');
      for (const part of [
        'validate',
        'plan',
        'apply',
        'emulator',
        'schema',
        'STREAM_API_SECRET',
        'STREAM_BASE_URL',
        '130',
      ]) {
        expect(parsed.text).toContain(part);
      }
    }
  });

  test('fits in 110 columns', () => {
    for (const name of ['validate', 'plan', 'apply', 'emulator', 'schema', undefined]) {
      const parsed = parseArguments(name === undefined ? ['--help'] : [name, '--help'], '1.2.3', 300);
      if (parsed.type !== 'help') throw new Error('no help');
      for (const line of parsed.text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(112);
    }
  });

  test('the version is printed alone', () => {
    expect(parse('--version')).toEqual({ type: 'help', text: '1.2.3\n' });
  });
});
