import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of this machine: what `CHROMIUM` names, or one in a usual place. */
export const executable = process.env['CHROMIUM'] || usual.find((path) => existsSync(path));

/** Nobody may take a run without a browser for one in which the pages were looked at. */
export const mayBeMissing = executable === undefined && process.env['CI'] !== 'true';

/** What a run without a browser says. */
export const missing =
  'no browser: install one (apt-get install chromium), or name one: CHROMIUM=/path/to/chromium npx vitest run test/browser';

/** Starts the browser with a profile of its own; it asks nobody for anything. */
export function launch(): Promise<Browser> {
  if (executable === undefined) throw new Error(missing);
  return chromium.launch({
    executablePath: executable,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
