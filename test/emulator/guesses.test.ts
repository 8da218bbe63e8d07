import { expect, test } from 'vitest';
import { guesses } from '../../src/emulator/index.ts';

test('every guess is one sentence and names where it shows', () => {
  for (const guess of guesses) {
    expect(guess.says).toMatch(/^[A-Z][^\n]*\.$/);
    expect(guess.where.length).toBeGreaterThan(0);
  }
});
