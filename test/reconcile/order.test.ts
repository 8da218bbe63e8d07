import { expect, it } from 'vitest';
import type { Step } from '../../src/model/step.ts';
import { inPhases } from '../../src/reconcile/order.ts';

/** When each step is sent, and what cannot be sent at all. */

function step(id: string, more: Partial<Step>): Step {
  return {
    id,
    kind: 'user',
    effect: 'update',
    requests: [],
    covers: [],
    after: [],
    repeat: 'safe',
    send: async () => undefined,
    ...more,
  };
}

it('a step that comes after another one is sent in a phase that is not before', () => {
  const role = step('CreateRole role/agent', { kind: 'role', effect: 'create' });
  const narrow = step('UpdateUsers user/lena', { effect: 'narrow', after: ['late'] });
  const late = step('late', { kind: 'channel', effect: 'update' });
  expect(inPhases([narrow, late, role]).map((phase) => phase.map(({ id }) => id))).toEqual([
    ['CreateRole role/agent'],
    ['UpdateUsers user/lena', 'late'],
  ]);
});

it('steps that wait for each other are named with what they write to', () => {
  const steps = [
    step('first', { after: ['UpdateApp narrow'] }),
    step('UpdateApp narrow', {
      kind: 'app_settings',
      effect: 'narrow',
      covers: ['app_settings/app'],
      after: ['UpdateUsers user/lena'],
    }),
    step('UpdateUsers user/lena', { covers: ['user/lena'], after: ['UpdateApp narrow'] }),
  ];
  expect(() => inPhases(steps)).toThrow(
    'these steps wait for each other: UpdateApp narrow of app_settings/app → UpdateUsers user/lena → UpdateApp narrow of app_settings/app',
  );
  expect(() => inPhases([step('alone', { after: ['alone'], covers: ['user/a'] })])).toThrow(
    'alone of user/a → alone of user/a',
  );
});
