import { describe, expect, test } from 'vitest';
import { colorFor } from '../../src/cli/color.ts';
import { createProgress } from '../../src/cli/progress.ts';
import type { ApplyEvent } from '../../src/model/outcome.ts';
import { ioFor } from './io.ts';

const events: readonly ApplyEvent[] = [
  { type: 'started', steps: 3 },
  { type: 'sent', step: 'UpdateApp app_settings/app', done: 1, steps: 3 },
  { type: 'waiting', why: 'limit', seconds: 11.2 },
  { type: 'failed', step: 'UpdateUsers user/a\u001b[2J', message: 'no\r\nway', done: 2, steps: 3 },
  { type: 'sent', step: 'CreateChannelType channel_type/x', done: 3, steps: 3 },
  { type: 'verifying' },
];

describe('progress', () => {
  test('without a terminal is one line for each event', () => {
    const { io, stdout, stderr } = ioFor({});
    const progress = createProgress(io);
    for (const event of events) progress.show(event);
    progress.end();
    expect(stderr().split('\n')).toEqual([
      'applying 3 steps',
      '1/3 UpdateApp app_settings/app',
      "waiting 12 s for Stream's rate limit",
      '2/3 failed: UpdateUsers user/a\\u{1b}[2J: no\\u{d}\\nway',
      '3/3 CreateChannelType channel_type/x',
      'reading the app again',
      '',
    ]);
    expect(stdout()).toBe('');
  });

  test('on a terminal is one line that keeps failures above it', () => {
    const { io, stderr } = ioFor({ terminal: true, columns: 50 });
    const progress = createProgress(io);
    for (const event of events) progress.show(event);
    progress.end();
    const drawn = stderr().split('\r\u001b[2K');
    expect(drawn[1]).toBe('[------------------------] 0/3  applying 3 steps');
    expect(drawn).toContain('failed: UpdateUsers user/a\\u{1b}[2J: no\\u{d}\\nway\n');
    expect(drawn.at(-1)).toBe('');
    for (const line of drawn.filter((text) => text.startsWith('['))) expect(line.length).toBeLessThan(50);
  });

  test('is drawn at most ten times a second', () => {
    const made = ioFor({ terminal: true });
    let now = 0;
    const progress = createProgress({ ...made.io, now: () => now });
    progress.show({ type: 'started', steps: 5000 });
    for (let done = 1; done <= 5000; done += 1) {
      now += 1;
      progress.show({ type: 'sent', step: 'UpdateUsers', done, steps: 5000 });
    }
    expect(made.stderr().split('\r').length).toBeLessThan(60);
    expect(made.stderr()).toContain('5000/5000');
  });
});

describe('colour', () => {
  const terminal = { write: () => undefined, isTTY: true, columns: 80 };
  const file = { ...terminal, isTTY: false };

  test.each([
    ['a terminal', terminal, {}, true, true],
    ['a file', file, {}, true, false],
    ['--no-color', terminal, { FORCE_COLOR: '1' }, false, false],
    ['NO_COLOR', terminal, { NO_COLOR: '1' }, true, false],
    ['an empty NO_COLOR', terminal, { NO_COLOR: '' }, true, true],
    ['FORCE_COLOR', file, { FORCE_COLOR: '1' }, true, true],
    ['FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, true, false],
    ['both', file, { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    ['a dumb terminal', terminal, { TERM: 'dumb' }, true, false],
  ])('%s', (_, output, env, allowed, expected) => {
    expect(colorFor(output, env, allowed)).toBe(expected);
  });
});
