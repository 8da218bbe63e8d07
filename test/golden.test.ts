import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { report } from '../src/index.ts';
import { hasErrors } from '../src/model/diagnostic.ts';
import { renderGithub } from '../src/render/github.ts';
import { renderJson } from '../src/render/json.ts';
import { renderMarkdown } from '../src/render/markdown.ts';
import { renderTerminal } from '../src/render/terminal.ts';
import { registry } from '../src/kinds/registry.ts';
import { makePlan } from '../src/reconcile/plan.ts';
import { manifestOf, testApp, wordsOf } from './support/world.ts';

/**
 * Plans as their readers see them. Each folder holds `live.yaml`, which is applied to a fresh app, and `wanted.yaml`,
 * whose plan must be `plan.txt`, `plan.json`, `plan.md` and `plan.github.txt`, to the letter.
 * `npx vitest run test/golden.test.ts -u` writes them anew: read the diff as a reviewer would.
 */
const folder = fileURLToPath(new URL('golden/', import.meta.url));
const cases = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe.each(cases)('%s', (name) => {
  it('is planned to the letter', async () => {
    const app = await testApp();
    try {
      await app.apply(readFileSync(`${folder}${name}/live.yaml`, 'utf8'));
      const wanted = manifestOf(readFileSync(`${folder}${name}/wanted.yaml`, 'utf8'), 'wanted.yaml');
      const plan = await makePlan(wanted, registry, app.connection.reader);
      expect(hasErrors(plan.diagnostics), wordsOf(plan.diagnostics)).toBe(name.startsWith('refused-'));
      const seen = report(plan, {
        command: 'plan',
        emulator: false,
        version: '1.2.3',
        fingerprint: () => 'fingerprint',
      });
      const text = renderTerminal(seen, { color: false, width: 80, verbose: false });
      await expect(text).toMatchFileSnapshot(`${folder}${name}/plan.txt`);
      await expect(renderJson(seen)).toMatchFileSnapshot(`${folder}${name}/plan.json`);
      await expect(renderMarkdown(seen)).toMatchFileSnapshot(`${folder}${name}/plan.md`);
      await expect(renderGithub(seen)).toMatchFileSnapshot(`${folder}${name}/plan.github.txt`);
    } finally {
      await app.close();
    }
  });
});
