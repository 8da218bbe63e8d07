import { describe, expect, it } from 'vitest';
import { elsewhereDangers, handlerDangers } from '../../src/kinds/handler-urls.ts';
import type { Environment, World } from '../../src/model/kind.ts';

function worldIn(environment?: Environment): World {
  return {
    app: { id: 1, name: 'Acme Chat' },
    answer: () => undefined,
    read: () => undefined,
    declared: () => undefined,
    ...(environment === undefined ? {} : { environment }),
  };
}

const at = {
  address: 'app_settings/app',
  path: ['moderation_webhook_url'],
  name: 'moderation_webhook_url',
} as const;
const production: Environment = { name: 'live', production: true, foreignHosts: [] };

function isElsewhere(after: string, environment?: Environment): boolean {
  return elsewhereDangers({ ...at, after }, worldIn(environment)).length > 0;
}

function saidOf(before: string | undefined, after: string | undefined): readonly string[] {
  return handlerDangers({ ...at, before, after }, worldIn()).map(
    ({ code, message }) => `${code}: ${message}`,
  );
}

describe('a URL that receives data', () => {
  it('is set, moved and removed, and only its host is told', () => {
    expect(saidOf(undefined, 'https://a.example/x?key=hush')).toEqual([
      'handler-set: moderation_webhook_url goes to a.example from now on',
    ]);
    expect(saidOf('https://old:hush@a.example/x', 'https://new:hush@b.example:8443/x?key=hush#hush')).toEqual(
      ['handler-moved: moderation_webhook_url goes to b.example instead of a.example'],
    );
    expect(saidOf('https://a.example/hush', '')).toEqual([
      'handler-removed: moderation_webhook_url no longer goes to a.example',
    ]);
  });

  it('on the same host with another path is moved too', () => {
    expect(saidOf('https://a.example/one', 'https://a.example/two')).toEqual([
      'handler-moved: moderation_webhook_url goes to another address on a.example',
    ]);
  });

  it('that is the same, or was nothing and is nothing, is no danger', () => {
    expect(saidOf('https://a.example/', 'https://a.example/')).toEqual([]);
    expect(saidOf(undefined, '')).toEqual([]);
  });

  it('that cannot be read is not told and counts as no other place', () => {
    expect(saidOf(undefined, 'https://[hush')).toEqual([
      'handler-set: moderation_webhook_url goes to a URL that cannot be read from now on',
    ]);
    expect(isElsewhere('https://[hush')).toBe(false);
  });
});

describe('elsewhere', () => {
  it.each([
    'http://localhost:3000/hook',
    'http://LOCALHOST./hook',
    'http://api.localhost/hook',
    'http://backend:8080/hook',
    'http://printer.local/',
    'http://host.docker.internal/',
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://0.0.0.0/',
    'http://10.1.2.3/',
    'http://100.64.0.1/',
    'http://169.254.169.254/latest',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.178.20/',
    'http://[::1]/',
    'http://[::]/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://user:pass@localhost/',
    'https://f3a1.ngrok.io/x',
    'https://F3A1.NGROK-FREE.APP/x',
    'https://blue-fox.trycloudflare.com',
    'https://x.loca.lt',
    'https://x-8080.euw.devtunnels.ms',
    'https://me-1234.app.github.dev',
    'https://{type}.ngrok.app/run',
  ])('is %s', (url) => {
    expect(isElsewhere(url)).toBe(true);
  });

  it.each([
    'https://api.market.example/stream',
    'https://notngrok.io/x',
    'https://ngrok.io.market.example/x',
    'https://localhost.market.example/',
    'https://api.market.example/localhost?next=http://localhost/',
    'https://localhost@api.market.example/',
    'http://8.8.8.8/',
    'http://11.0.0.1/',
    'http://100.128.0.1/',
    'http://172.32.0.1/',
    'http://192.169.0.1/',
    'http://[2001:db8::1]/',
    'http://[::ffff:8.8.8.8]/',
    'https://staging.market.example/x',
  ])('is not %s', (url) => {
    expect(isElsewhere(url)).toBe(false);
  });

  it('is a host of another environment, or one under it, however it is written', () => {
    const test: Environment = {
      name: 'test',
      production: false,
      foreignHosts: ['API.market.example', '*.desk.example', '', 'not a host'],
    };
    expect(isElsewhere('https://api.market.example/x', test)).toBe(true);
    expect(isElsewhere('https://eu.api.market.example/x', test)).toBe(true);
    expect(isElsewhere('https://hooks.desk.example/x', test)).toBe(true);
    expect(isElsewhere('https://xapi.market.example/x', test)).toBe(false);
    expect(isElsewhere('https://market.example/x', test)).toBe(false);
  });

  it('is a name that says so, in production only', () => {
    const urls = [
      'https://staging.market.example/x',
      'https://api-dev.market.example/x',
      'https://api.market-qa2.example/x',
      'https://hooks_uat.market.example/x',
    ];
    for (const url of urls) {
      expect(isElsewhere(url, production), url).toBe(true);
      expect(isElsewhere(url, { ...production, production: false }), url).toBe(false);
    }
  });

  it.each([
    'https://api.market.dev/x', // a top-level domain
    'https://api.market.qa/x',
    'https://devices.market.example/x',
    'https://contest.market.example/x',
    'https://api.market.example/staging',
  ])('is not %s in production', (url) => {
    expect(isElsewhere(url, production)).toBe(false);
  });

  it('says what is wrong', () => {
    const said = (after: string, environment?: Environment) =>
      elsewhereDangers({ ...at, after }, worldIn(environment)).map(({ message }) => message);
    expect(said('https://x.ngrok.io/hush')).toEqual([
      'moderation_webhook_url goes to x.ngrok.io, which is a tunnel',
    ]);
    expect(said('http://10.0.0.1/hush')).toEqual([
      'moderation_webhook_url goes to 10.0.0.1, which only your own network knows',
    ]);
    expect(said('https://staging.a.example/hush', production)).toEqual([
      'moderation_webhook_url goes to staging.a.example, which says staging, and live is production',
    ]);
  });
});
