import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanReport } from '../../src/model/report.ts';
import { renderHtml } from '../../src/render/html/page.ts';
import { hostileTexts } from '../render/hostile.ts';
import { launch, mayBeMissing, missing } from './chromium.ts';
import { hostileReport, largeReport, supportReport } from './reports.ts';

if (mayBeMissing) console.warn(`skipped: ${missing}`);

/** Each would set `__pwned`, open a dialog, or send a request, if it were more than text. */
const attacks = [
  '<img src=x onerror="window.__pwned=1">',
  '"><script>window.__pwned=1</script>',
  "' autofocus onfocus='window.__pwned=1",
  '</style><script>window.__pwned=1</script>',
  '</title><script>alert(1)</script>',
  '<svg onload=window.__pwned=1>',
  '<iframe srcdoc="<script>parent.__pwned=1</script>"></iframe>',
  '<base href="https://evil.example/">',
  '<meta http-equiv=refresh content="0;url=https://evil.example/">',
  '<link rel=stylesheet href=https://evil.example/x.css>',
  '<form action=https://evil.example><input name=q></form>',
  'javascript:window.__pwned=1',
  '${window.__pwned=1}',
  'x" style="background:url(https://evil.example/x)',
];

describe.skipIf(mayBeMissing)('a report in a browser', () => {
  let browser: Browser;
  let folder: string;
  let support: PlanReport;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'streambed-page-'));
    browser = await launch();
    support = await supportReport();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens the page of a report from a file, and tells everything that it did besides being shown. */
  async function opened(report: PlanReport, options: BrowserContextOptions = {}): Promise<Opened> {
    const file = join(folder, 'report.html');
    writeFileSync(file, renderHtml(report));
    const url = pathToFileURL(file).href;
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const deeds: string[] = [];
    page.on('console', (message) => deeds.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => deeds.push(`error: ${error.message}`));
    page.on('request', (request) => request.url() === url || deeds.push(`request: ${request.url()}`));
    page.on('dialog', (dialog) => {
      deeds.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(url);
    return { page, deeds, [Symbol.asyncDispose]: () => context.close() };
  }

  it('breaks none of its own rules, and asks for nothing', async () => {
    await using one = await opened(support);
    await one.page.locator('#search').fill('support');
    expect(one.deeds).toEqual([]);
    expect(await one.page.locator('#count').textContent()).toMatch(/^\d+ of \d+ shown$/);
  });

  it('finds cards by address, by field and by value', async () => {
    await using one = await opened(support);
    const found = async (text: string): Promise<readonly string[]> => {
      await one.page.locator('#search').fill(text);
      return shownIn(one.page);
    };
    expect(await found('channel_type/support')).toEqual(['channel_type/support']);
    expect(await found('custom.terms')).toEqual(['channel/support:case-1']);
    expect(await found('LENA ek')).toEqual(['user/lena']);
    expect(await found('noa moderator')).toContain('user/noa');
    // A right that stays is no finding.
    expect(await found('pin-message')).toContain('channel_type/support');
    expect(await found('add-links')).not.toContain('channel_type/support');
    expect(await found('nowhere-to-be-found')).toEqual([]);
    expect(await one.page.locator('#none').isVisible()).toBe(true);
    await one.page.locator('#search').press('Escape');
    expect(await shownIn(one.page)).toHaveLength(support.changes.length);
  });

  it('filters by kind, action, danger, loss and origin, and says how many cards are left', async () => {
    await using one = await opened(support);
    const { page } = one;
    const press = (name: string): Promise<void> => page.getByRole('button', { name }).click();
    const addresses = (fits: (change: PlanReport['changes'][number]) => boolean): readonly string[] =>
      support.changes.filter(fits).map(({ address }) => address);

    await press('create');
    expect(await shownIn(page)).toEqual(addresses(({ action }) => action === 'create'));
    expect(await page.getByRole('button', { name: 'create' }).getAttribute('aria-pressed')).toBe('true');
    await press('reset');
    expect(await shownIn(page)).toEqual(
      addresses(({ action, how }) => action === 'create' || how === 'reset'),
    );
    await press('user');
    expect(await shownIn(page)).toEqual(
      addresses(({ action, kind }) => action === 'create' && kind === 'user'),
    );
    expect(await page.locator('#count').textContent()).toBe(`1 of ${support.changes.length} shown`);
    await press('Show all');

    await press('dangers');
    expect(await shownIn(page)).toEqual(
      addresses(({ address }) => support.dangers.some((danger) => danger.address === address)),
    );
    await press('Show all');
    await press('losses');
    expect(await shownIn(page)).toEqual(
      addresses(({ address }) => support.losses.some((loss) => loss.address === address)),
    );
    await press('Show all');
    await press('drift');
    expect(await shownIn(page)).toEqual(
      addresses(({ address }) => ['app_settings/app', 'channel_type/support'].includes(address)),
    );
  });

  it('can be searched without a mouse, and leads to cards that a filter hid', async () => {
    await using one = await opened(support);
    const { page } = one;
    await page.keyboard.press('/');
    await page.keyboard.type('lena');
    await expect.poll(() => shownIn(page)).not.toContain('channel_type/support');
    expect(await page.locator('#search').inputValue()).toBe('lena');
    await page.locator('#caution a').first().click();
    expect(await shownIn(page)).toContain('channel_type/support');
    expect(await page.evaluate('document.querySelector(":target").dataset.address')).toBe(
      'channel_type/support',
    );
  });

  it('shows the matrix with changed rows only when asked to', async () => {
    await using one = await opened(support);
    const card = one.page.locator('article[data-address="channel_type/support"]');
    const row = (permission: string) =>
      card.locator('.matrix tr').filter({ has: one.page.getByText(permission, { exact: true }) });
    expect(await row('create-channel').locator('.lost').count()).toBe(1);
    expect(await row('create-message').locator('.gained').textContent()).toBe('+gained');
    expect(await row('add-links').isVisible()).toBe(true);
    await card.getByRole('button', { name: 'Changed rows only' }).click();
    expect(await row('add-links').isVisible()).toBe(false);
    expect(await row('create-channel').isVisible()).toBe(true);
  });

  it('keeps the names of roles and permissions in sight while the matrix scrolls', async () => {
    await using one = await opened(support, { viewport: { width: 400, height: 800 } });
    // How far each is from the corner of the box, before and after.
    const moved = await one.page.evaluate(`(() => {
      const box = document.querySelector('article[data-address="channel_type/support"] .matrix');
      const from = () => ['thead th', 'thead th + th', 'tbody th', 'tbody td'].map((selector) => {
        const { x, y } = box.querySelector(selector).getBoundingClientRect();
        return [x - box.getBoundingClientRect().x, y - box.getBoundingClientRect().y];
      });
      const before = from();
      box.scrollTo(200, 6);
      return from().map(([x, y], index) => [x - before[index][0], y - before[index][1]]);
    })()`);
    expect(moved).toEqual([
      [0, 0],
      [-200, 0],
      [0, -6],
      [-200, -6],
    ]);
  });

  it.each([
    ['a support desk', () => support],
    ['hostile texts', () => hostileReport([...hostileTexts, ...attacks])],
  ])('needs no horizontal scrolling on a telephone: %s', async (_name, report) => {
    await using one = await opened(report(), { viewport: { width: 400, height: 800 } });
    // Cards far away have no size of their own before they are drawn.
    await one.page.evaluate('document.querySelectorAll(".card").forEach((card) => card.scrollIntoView())');
    expect(await one.page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    const wide = await one.page.evaluate(
      '[...document.querySelectorAll("header, main > *, .card > *")].filter((one) => one.scrollWidth > one.clientWidth + 1 && !one.matches(".matrix")).map((one) => one.outerHTML.slice(0, 80))',
    );
    expect(wide).toEqual([]);
  });

  it('runs nothing that a name holds', async () => {
    await using one = await opened(hostileReport([...attacks, ...hostileTexts]));
    await one.page.locator('#search').fill('window.__pwned');
    await one.page.locator('article:visible h3').first().hover();
    expect(await one.page.evaluate('typeof window.__pwned')).toBe('undefined');
    expect(one.deeds).toEqual([]);
    const foreign =
      'img, iframe, svg, base, link, object, embed, form, a:not([href^="#"]), [style], [onerror], [onload]';
    expect(await one.page.locator(foreign).count()).toBe(0);
    expect(await one.page.locator('script').count()).toBe(1);
    expect(await one.page.locator('meta').count()).toBe(5);
    for (const attack of attacks.filter((text) => !/["'\\]/.test(text)))
      expect(await one.page.locator('#caution').textContent()).toContain(attack);
  });

  it('shows everything when scripts are off', async () => {
    await using one = await opened(support, { javaScriptEnabled: false });
    expect(await one.page.locator('article:visible').count()).toBe(support.changes.length);
    expect(await one.page.locator('#controls').isVisible()).toBe(false);
    expect(await one.page.getByRole('button').count()).toBe(0);
    const rows = support.changes.reduce((sum, { fields }) => sum + fields.length, 0);
    expect(await one.page.locator('.fields tbody tr:visible').count()).toBe(rows);
  });

  it('prints what was folded', async () => {
    await using one = await opened(support);
    expect(await one.page.locator('details[open]').count()).toBe(0);
    await one.page.evaluate('dispatchEvent(new Event("beforeprint"))');
    expect(await one.page.locator('details:not([open])').count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)('can be read on a %s background', async (colorScheme) => {
    await using one = await opened(support, { colorScheme });
    const ratios = (await one.page.evaluate(contrasts)) as Readonly<Record<string, number>>;
    expect(Object.keys(ratios).length).toBeGreaterThan(15);
    for (const [selector, ratio] of Object.entries(ratios))
      expect(ratio, selector).toBeGreaterThanOrEqual(4.5);
    const white =
      (await one.page.evaluate('getComputedStyle(document.body).backgroundColor')) === 'rgb(255, 255, 255)';
    expect(white).toBe(colorScheme === 'light');
  });

  it('has its headings in order, and a name for each part', async () => {
    await using one = await opened(support);
    const levels = (await one.page.evaluate(
      '[...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((one) => Number(one.tagName[1]))',
    )) as number[];
    let last = 0;
    for (const level of levels) {
      expect(level).toBeLessThanOrEqual(last + 1);
      last = level;
    }
    for (const role of ['banner', 'main', 'contentinfo', 'search'] as const)
      expect(await one.page.getByRole(role).count(), role).toBe(1);
    expect(await one.page.getByRole('region', { name: 'Caution' }).count()).toBe(1);
  });

  it('stays usable with ten thousand changes', async () => {
    await using one = await opened(largeReport(10_000));
    await one.page.locator('#search').fill('buyer-9999');
    await expect.poll(() => one.page.locator('#count').textContent()).toBe('1 of 10,001 shown');
    expect(one.deeds).toEqual([]);
  }, 60_000);
});

interface Opened {
  readonly page: Page;
  /** What it said, asked for or ran into. */
  readonly deeds: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** The addresses of the cards that are there to be seen, after the next frame. */
async function shownIn(page: Page): Promise<readonly string[]> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  return (await page.evaluate(
    '[...document.querySelectorAll("article")].filter((one) => !one.hidden).map((one) => one.dataset.address)',
  )) as string[];
}

/** The contrast of the first element of each sort with what lies behind it, as WCAG counts it. */
const contrasts = `(() => {
  const sorts = ['body', 'h1', '.quiet', '.verdict', '.banner', '.counts li', '.counts li.remove', '.counts li.warn',
    '.badge.plain', '.badge.remove', '.badge.warn', 'a', '.help', '.place', '.before > code', '.after > code', '.chips.add li',
    '.chips.remove li', '.chips.add small', '.gained', '.lost', 'td.kept', 'td.gained', 'td.lost', '.fate.create', '.fate.delete',
    '.fate.update', 'button[data-group]', 'button small', 'summary', 'dt', '.long code'];
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [red, green, blue] = numbers(color).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (one) => {
    const { backgroundColor } = getComputedStyle(one);
    return numbers(backgroundColor)[3] === 0 && one.parentElement !== null ? behind(one.parentElement) : backgroundColor;
  };
  return Object.fromEntries(sorts.flatMap((sort) => {
    const one = document.querySelector(sort);
    if (one === null) return [[sort, 0]];
    const [low, high] = [luminance(getComputedStyle(one).color), luminance(behind(one))].sort((a, b) => a - b);
    return [[sort, (high + 0.05) / (low + 0.05)]];
  }));
})()`;
