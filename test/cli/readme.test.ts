import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/program.ts';

const readme = readFileSync('README.md', 'utf8');

/** The words of every command in a block of the README or in its prose, without what a shell does with them. */
const commands = [
  ...[...readme.matchAll(/^(?:- run: |\$ )?(?:npx )?streambed (.+)$/gm)].map(([, words = '']) => words),
  ...[...readme.matchAll(/`(?:npx )?streambed ([^`]+)`/g)].map(([, words = '']) => words),
]
  .map((words) => words.replace(/\s+#.*$/, '').replaceAll('…', 'x'))
  // The first line of what a command prints.
  .filter((words) => !words.includes('·'));

test('the README has commands', () => {
  expect(commands.length).toBeGreaterThan(10);
});

test.each(commands)('the README tells to type what is understood: streambed %s', (words) => {
  const parsed = parseArguments(words.split(/\s+/), '1.2.3', 100);
  expect(parsed).toMatchObject({ type: 'invocation' });
});
