import { expect, test } from 'vitest';
import type { Outcome } from '../../src/model/outcome.ts';
import { renderTerminal } from '../../src/render/terminal.ts';
import { create, planOf, problem, report, resource, update } from './fixtures.ts';

const options = { color: false, width: 92, verbose: false };
const type = update(resource('channel_type', 'support', {}), []);
const channels = Array.from({ length: 14 }, (_, index) =>
  create(resource('channel', `support:case-${index + 10}`, {}), []),
);
const user = create(resource('user', 'lena', {}), []);

function shown(outcomes: readonly Outcome[], verified?: 'converged' | 'differs' | 'unknown'): string {
  const made = report(planOf([type, user, ...channels]), {
    command: 'apply',
    outcomes,
    ...(verified === undefined ? {} : { verified }),
  });
  return `\n${renderTerminal(made, options)}`;
}

test('an apply that did everything says so and needs nothing more', () => {
  expect(shown([{ status: 'applied', change: type }], 'converged')).toMatchInlineSnapshot(`
    "
    1 applied
    read back: the app is what the manifests say
    "
  `);
});

test('each failure has its message and what to do, and one reason stands for all that it stopped', () => {
  const diagnostic = problem('refused', 'UpdateChannelType: max_message_length must be 20000 or less', {
    help: 'Correct the value, then apply again.',
  });
  expect(
    shown(
      [
        { status: 'failed', change: type, diagnostic, done: ['CreateChannelType channel_type/support'] },
        { status: 'applied', change: user },
        ...channels.map((change): Outcome => ({
          status: 'skipped',
          change,
          because: 'channel_type/support failed',
        })),
      ],
      'differs',
    ),
  ).toMatchInlineSnapshot(`
    "
    1 applied · 1 failed · 14 skipped
    failed ~ channel_type support [refused]: UpdateChannelType: max_message_length must be 20000 or less
      help: Correct the value, then apply again.
      already done for it: CreateChannelType channel_type/support
    skipped 14: channel_type/support failed
      + channel support:case-10, + channel support:case-11, + channel support:case-12,
      + channel support:case-13, + channel support:case-14, + channel support:case-15,
      + channel support:case-16, + channel support:case-17, + channel support:case-18,
      + channel support:case-19, + channel support:case-20, + channel support:case-21,
      (2 more: -v)
    read back: the app is not yet what the manifests say
    Next: settle what failed, then streambed apply; it goes on with what is left
    "
  `);
});

test('what nobody could read back is not called done', () => {
  expect(shown([{ status: 'applied', change: user }], 'unknown')).toMatchInlineSnapshot(`
    "
    1 applied
    read back: not possible, so nobody knows whether the app is what the manifests say
    Next: streambed plan, to see what is different now
    "
  `);
});

test.each(['converged', 'unknown'] as const)(
  'an apply that left something out never says that the app is right: %s',
  (verified) => {
    expect(
      shown(
        [
          { status: 'applied', change: user },
          { status: 'skipped', change: type, because: 'stopped' },
        ],
        verified,
      ),
    ).toBe(`
1 applied · 1 skipped
skipped ~ channel_type support: stopped
read back: not everything was applied, so nobody judged the app as a whole
Next: settle what failed, then streambed apply; it goes on with what is left
`);
  },
);
