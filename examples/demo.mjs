// @ts-check
// The main job, as a user types it, against the local Stream that `streambed emulator -- node examples/demo.mjs` gives.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = fileURLToPath(new URL('../dist/cli/bin.js', import.meta.url));

step('What would change in a fresh app?', ['plan', 'examples/quickstart']);
step('Make it so.', ['apply', 'examples/quickstart', '--yes']);
step('And again: nothing is left to do.', ['plan', 'examples/quickstart']);
step('A colleague opens a pull request. This is what its reviewer sees:', [
  'plan',
  'examples/quickstart-change',
]);

/**
 * @param {string} title
 * @param {readonly string[]} args
 */
function step(title, args) {
  console.log(`\n# ${title}\n$ streambed ${args.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, [cli, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
