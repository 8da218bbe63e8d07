import { describe, expect, test } from 'vitest';
import { scrubberFor } from '../../src/render/scrub.ts';
import { formsOf } from '../support/canaries.ts';
import { registry, resource } from './fixtures.ts';

const key = [
  '-----BEGIN PRIVATE KEY-----',
  'MIIEvQ"<w&s>kanarie/one+two\'%41',
  'kanarie ünd 🔑 \\n\\\\ three == four',
  '',
  '-----END PRIVATE KEY-----',
].join('\n');
const password = 'p%w <&"kanarie\'s>';

const scrubbed = scrubberFor(
  [
    resource('app_settings', 'app', { webhook_secret: key }),
    resource('user', 'lena', {
      name: `see https://bot:${encodeURIComponent(password)}@h.io/x or https://other:kanarie-five@h.io`,
      custom: { link: 'https://spaced out:kanarie six@h.io' },
    }),
  ],
  registry,
);

describe('what Stream says is without the secrets that it was sent', () => {
  const secrets = [key, password, 'kanarie-five', 'kanarie six', 'spaced out:kanarie six'];
  test.each(secrets.flatMap(formsOf))('%j', (form) => {
    expect(scrubbed(`Value "${form}" is bad`)).toMatch(/^Value "\*\*\*=*" is bad$/);
  });

  test('also on one line, with white space written in two ways', () => {
    expect(scrubbed(`bad: ${key.replace(/[\r\n]+/g, ' ')}.`)).toBe('bad: ***.');
    expect(scrubbed(`bad: ${key.replaceAll('\n', '\\r\\n')}.`)).toBe('bad: ***.');
  });

  test('and each line of a long one', () => {
    const lines = key.split('\n').filter((line) => line !== '');
    for (const line of lines) expect(scrubbed(`line: ${line}!`)).toBe('line: ***!');
  });

  test('and the beginning of one where the message was cut', () => {
    const first = key.replace(/\s+/g, ' ').slice(0, 70);
    expect(scrubbed(`bad: ${first.replace(/\S+$/, '')}… (HTTP 400)`)).toBe('bad: ***… (HTTP 400)');
    expect(scrubbed('about spaced…')).toBe('about ***…');
  });

  test('although a part of one looks like the end of a URL', () => {
    const odd = 'k://a@kanarie';
    const hide = scrubberFor([resource('app_settings', 'app', { webhook_secret: odd })], registry);
    expect(hide(`bad ${odd}`)).toBe('bad ***');
  });

  test('and is as it was otherwise', () => {
    const message = 'kanarie "h.io" is no <b>URL</b> &amp; 100% \\n wrong…';
    expect(scrubbed(message)).toBe(message);
  });
});

test('what is too short to be a secret is not taken out of words', () => {
  const hide = scrubberFor([resource('app_settings', 'app', { webhook_secret: 'max' })], registry);
  expect(hide('max_length is 5000')).toBe('max_length is 5000');
});

test('a secret of many lines is found, and takes no time where it is not', () => {
  const long = '"\\ \n<&%+'.repeat(4000);
  const hide = scrubberFor([resource('app_settings', 'app', { webhook_secret: long })], registry);
  expect(hide(JSON.stringify(long))).toBe('"***"');
  const start = performance.now();
  expect(hide(long.slice(0, 1000))).toContain('<&%');
  expect(performance.now() - start).toBeLessThan(1000);
});
