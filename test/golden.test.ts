import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { load, report } from '../src/index.ts';
import { registry } from '../src/kinds/registry.ts';
import { hasErrors } from '../src/model/diagnostic.ts';
import type { PlanReport } from '../src/model/report.ts';
import type { Manifest } from '../src/model/resource.ts';
import { applyPlan } from '../src/reconcile/apply.ts';
import { makePlan } from '../src/reconcile/plan.ts';
import { renderGithub } from '../src/render/github.ts';
import { renderHtml } from '../src/render/html/page.ts';
import { renderJson } from '../src/render/json.ts';
import { renderMarkdown } from '../src/render/markdown.ts';
import { renderTerminal } from '../src/render/terminal.ts';
import { testApp, wordsOf, type TestApp } from './support/world.ts';

/**
 * Plans as their readers see them, in every format. Each folder holds `live.yaml`, which is applied to a fresh app, and
 * `wanted.yaml`, whose plan must be `plan.txt`, `plan.json`, `plan.md`, `plan.github.txt` and `plan.html`, to the letter.
 * Every folder of examples/ is a case as well: planned against a fresh app, or, for one that ends in `-change`, against
 * the example that it changes.
 * `npx vitest run test/golden.test.ts -u` writes them anew: read the diff as a reviewer would.
 */
const root = fileURLToPath(new URL('..', import.meta.url));

interface Case {
  readonly name: string;
  /** Where the expected texts are. */
  readonly folder: string;
  readonly live: readonly string[];
  readonly wanted: readonly string[];
}

function foldersIn(folder: string): readonly string[] {
  return readdirSync(`${root}${folder}`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

const written = foldersIn('test/golden')
  .filter((name) => name !== 'examples')
  .map((name): Case => {
    const folder = `test/golden/${name}`;
    return { name, folder, live: [`${folder}/live.yaml`], wanted: [`${folder}/wanted.yaml`] };
  });
const examples = foldersIn('examples')
  .filter((name) => !['ci', 'dangers'].includes(name))
  .map((name): Case => {
    const before = name.replace(/-change$/, '');
    return {
      name: `examples/${name}`,
      folder: `test/golden/examples/${name}`,
      live: before === name ? [] : [`examples/${before}`],
      wanted: [`examples/${name}`],
    };
  });

/** Manifests as if they lay in the folder where the plan is made. */
async function manifestAt(paths: readonly string[]): Promise<Manifest | undefined> {
  const [path] = paths;
  if (path === undefined) return undefined;
  const file = path.endsWith('.yaml');
  const cwd = file ? join(root, dirname(path)) : join(root, path);
  const { value, diagnostics } = await load([file ? basename(path) : '.'], { cwd });
  expect(wordsOf(diagnostics.filter(({ severity }) => severity === 'error'))).toBe('');
  return value;
}

describe.each([...written, ...examples])('$name', ({ name, folder, live, wanted }) => {
  it('is planned to the letter, twice', async () => {
    const app = await testApp();
    try {
      const before = await manifestAt(live);
      if (before !== undefined) await applied(before, app);
      const manifest = (await manifestAt(wanted))!;
      const seen = async (): Promise<PlanReport> => {
        const plan = await makePlan(manifest, registry, app.connection.reader, { context: true });
        expect(hasErrors(plan.diagnostics), wordsOf(plan.diagnostics)).toBe(name.startsWith('refused-'));
        const fingerprint = (): string => 'fingerprint';
        return report(plan, { command: 'plan', emulator: false, version: '1.2.3', fingerprint });
      };
      const [first, second] = [await seen(), await seen()];
      for (const [file, render] of Object.entries(formats)) {
        await expect(render(first)).toMatchFileSnapshot(`${root}${folder}/${file}`);
        expect(render(second)).toBe(render(first));
      }
    } finally {
      await app.close();
    }
  });
});

const formats: Readonly<Record<string, (report: PlanReport) => string>> = {
  'plan.txt': (one) => renderTerminal(one, { color: false, width: 80, verbose: false }),
  'plan.json': renderJson,
  'plan.md': renderMarkdown,
  'plan.github.txt': renderGithub,
  // Its style and script are the same in each, and have tests of their own.
  'plan.html': (one) => renderHtml(one).replace(/<(style|script)>[\s\S]*?<\/\1>/g, '<$1>…</$1>'),
};

async function applied(manifest: Manifest, app: TestApp): Promise<void> {
  const plan = await makePlan(manifest, registry, app.connection.reader);
  const { outcomes } = await applyPlan(plan, registry, app.connection);
  expect(outcomes.filter(({ status }) => status !== 'applied')).toEqual([]);
}
