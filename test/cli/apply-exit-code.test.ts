import { expect, test } from 'vitest';
import { applyExitCode } from '../../src/cli/applying.ts';
import { planExitCode } from '../../src/cli/commands/plan.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Change } from '../../src/model/change.ts';

const change: Change = { action: 'keep', address: 'user/a', kind: 'user', key: 'a', uncompared: [] };
const applied: Outcome = { status: 'applied', change };
const skipped: Outcome = { status: 'skipped', change, because: 'another failed' };
const diagnostic = { severity: 'error', code: 'refused', message: 'no' } as const;
const failed: Outcome = { status: 'failed', change, diagnostic, done: [] };

test.each([
  ['everything applied and read back', [applied], 'converged', true, 0],
  ['applied, but not what a second plan finds', [applied], 'differs', true, 7],
  ['applied, and no second plan could be made', [applied], 'unknown', true, 7],
  ['one failed after something was written', [applied, failed], 'converged', true, 6],
  ['one skipped after something was written', [applied, skipped], 'unknown', true, 6],
  ['everything failed, and a write may have been done', [failed], 'converged', true, 6],
  ['everything failed, and no write was sent', [failed, skipped], 'converged', false, 1],
] as const)('an apply with %s', (_, outcomes, verified, wrote, code) => {
  expect(applyExitCode({ outcomes, verified, wrote })).toBe(code);
});

test.each([
  ['no-changes', 0, 0],
  ['changes', 0, 2],
  ['invalid', 3, 3],
  ['blocked', 4, 4],
  ['error', 1, 1],
] as const)('a plan with the verdict %s', (verdict, plain, detailed) => {
  expect([planExitCode(verdict, false), planExitCode(verdict, true)]).toEqual([plain, detailed]);
});
