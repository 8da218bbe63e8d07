import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { registry } from '../src/kinds/registry.ts';
import { dangerRules, type DangerCode } from '../src/model/danger.ts';
import { hasErrors } from '../src/model/diagnostic.ts';
import { makePlan, type PlanOptions } from '../src/reconcile/plan.ts';
import { manifestOf, testApp, wordsOf, type TestApp } from './support/world.ts';

/**
 * Every rule has a folder with a page, a manifest that breaks it and one that does not. `before.yaml` is what the app
 * is made of first, and `base.yaml` what the branch is compared with.
 */
const folder = fileURLToPath(new URL('../examples/dangers/', import.meta.url));
const pages = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name as DangerCode);

// What breaks it is a project file, not a manifest.
const withManifests = pages.filter((code) => code !== 'rules-changed');

it('every rule has its page and its manifests', () => {
  const expected = Object.keys(dangerRules).filter((code) => code !== 'rules-changed');
  expect(withManifests.toSorted()).toEqual(expected.toSorted());
});

describe.each(withManifests)('examples/dangers/%s', (code) => {
  const read = (file: string): string => readFileSync(`${folder}${code}/${file}`, 'utf8');
  const has = (file: string): boolean => existsSync(`${folder}${code}/${file}`);

  async function planned(app: TestApp, file: string): Promise<readonly DangerCode[]> {
    const base = has('base.yaml')
      ? { ref: 'main', commit: '0'.repeat(40), manifest: manifestOf(read('base.yaml'), 'base.yaml') }
      : undefined;
    const options: PlanOptions = base === undefined ? {} : { revisions: { base } };
    const plan = await makePlan(manifestOf(read(file), file), registry, app.connection.reader, options);
    expect(hasErrors(plan.diagnostics), wordsOf(plan.diagnostics)).toBe(false);
    return plan.dangers.map((danger) => danger.code);
  }

  it('bad.yaml trips the rule, and good.yaml does not', async () => {
    const app = await testApp();
    try {
      if (has('before.yaml')) expect((await app.apply(read('before.yaml'))).verified).toBe('converged');
      expect(await planned(app, 'bad.yaml')).toContain(code);
      expect(await planned(app, 'good.yaml')).not.toContain(code);
    } finally {
      await app.close();
    }
  });
});

it.each(pages)(
  'examples/dangers/%s/README.md begins with the code, tells its title, and shows how to accept it',
  (code) => {
    const page = readFileSync(`${folder}${code}/README.md`, 'utf8');
    expect(page.startsWith(`# ${code}\n`)).toBe(true);
    expect(page.replace(/\s+/g, ' ').toLowerCase()).toContain(dangerRules[code].toLowerCase());
    expect(page).toMatch(new RegExp(`danger: ${code}\\b`));
  },
);
