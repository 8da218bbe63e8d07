import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { beforeAll, describe, expect, test } from 'vitest';
import { startEmulator, type Emulator } from '../../src/emulator/index.ts';
import { registry } from '../../src/kinds/registry.ts';
import type { JsonSchema } from '../../src/model/schema.ts';
import { anySecret, expectHidden, longSecret, shortSecret } from '../support/canaries.ts';
import { manifestWith, placesOf, takesText, type Place } from '../support/places.ts';
import { run, temporaryFolder, type Ran } from './io.ts';

/** A secret is put wherever one can be, and everything that a plan or a validation prints is searched for it. */

const textPlaces = registry.kinds
  .flatMap(placesOf)
  .filter((place) => takesText(place, place.secret.length > 0 ? 60 : 45));

type Manifest = ReturnType<typeof manifestWith>;

/** A value for a place, and the secrets that are in it. */
interface Canary {
  readonly place: Place;
  readonly value: string;
  readonly secrets: readonly string[];
}

function anyCanary(place: Place): fc.Arbitrary<Canary> {
  if (place.secret.length > 0)
    return fc.oneof(anySecret, longSecret).map((secret) => ({ place, value: secret, secrets: [secret] }));
  const { maxLength, pattern } = place.schema;
  const part = maxLength === undefined ? anySecret : shortSecret;
  const prose = fc.constantFrom(false, maxLength === undefined && pattern === undefined);
  return fc.tuple(part, part, prose).map(([user, password, inProse]) => {
    const url = `https://${encodeURIComponent(user)}:${encodeURIComponent(password)}@h.io`;
    const value = inProse ? `see ${url} or ask` : url;
    return { place, value, secrets: [user, password, `${user}:${password}`] };
  });
}

/** A folder with a manifest, and everything that was printed about it. */
function deskAt(cwd: string, { apiKey, apiSecret, url }: Pick<Emulator, 'apiKey' | 'apiSecret' | 'url'>) {
  const printed: Record<string, string> = {};
  const env = { STREAM_API_KEY: apiKey, STREAM_API_SECRET: apiSecret, STREAM_BASE_URL: url };
  return {
    manifest: (manifest: Manifest) => writeFileSync(join(cwd, 'chat.yaml'), stringify(manifest)),
    async streambed(words: string): Promise<Ran> {
      const ran = await run(words.split(' '), { cwd, env });
      const count = Object.keys(printed).length;
      printed[`${count} ${words}`] = ran.stdout + ran.stderr;
      return ran;
    },
    texts: (): Readonly<Record<string, string>> => printed,
  };
}

function sensitiveIn(schema: unknown): readonly JsonSchema[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = (schema as JsonSchema)['x-streambed-sensitive'] === true ? [schema as JsonSchema] : [];
  return [...own, ...Object.values(schema).flatMap(sensitiveIn)];
}

/** The places whose canary a plan accepts when nothing else is wrong: no name that must exist. */
let free: readonly Place[];

beforeAll(async () => {
  const stream = await startEmulator({ rateLimits: 'none' });
  const cwd = mkdtempSync(join(tmpdir(), 'streambed-'));
  const { manifest, streambed, texts } = deskAt(cwd, stream);
  try {
    const canaries = fc.sample(fc.tuple(...textPlaces.map(anyCanary)), { numRuns: 1, seed: 1 })[0] ?? [];
    const accepted: Place[] = [];
    for (const { place, value } of canaries) {
      manifest(manifestWith(place, value));
      const { code } = await streambed('plan --debug -v chat.yaml');
      if (code === 0) accepted.push(place);
    }
    free = accepted;
    expectHidden(texts(), secretsOf(canaries));
  } finally {
    await stream.close();
    rmSync(cwd, { recursive: true });
  }
}, 60_000);

function secretsOf(canaries: readonly Canary[]): readonly string[] {
  return canaries.flatMap(({ secrets }) => secrets);
}

test('every value that a schema calls sensitive gets a canary, and so do all that take a URL', () => {
  for (const kind of registry.kinds) {
    for (const schema of sensitiveIn(kind.schema)) {
      const reached = free.some(({ secret }) => secret.includes(schema));
      expect(reached, `a sensitive value of ${kind.name}: ${schema.description}`).toBe(true);
    }
  }
  const names = free.map(({ kind, path }) => `${kind.name}.${path.join('.')}`);
  for (const name of ['app_settings.moderation_webhook_url', 'user.image', 'channel.custom.anything'])
    expect(names).toContain(name);
  const urls = textPlaces.filter(({ schema }) => schema.pattern?.includes('https?') === true);
  expect(urls.length).toBeGreaterThan(2);
  for (const place of urls) expect(free).toContain(place);
});

describe('no canary comes out of', () => {
  test('a validation of manifests that hold one in the wrong place', async () => {
    const [canaries = []] = fc.sample(fc.tuple(...textPlaces.map(anyCanary)), 1);
    const { manifest, streambed, texts } = deskAt(temporaryFolder(), { apiKey: '', apiSecret: '', url: '' });
    for (const { place, value } of canaries) {
      const above = place.path.slice(1).map((_, index) => place.path.slice(0, index + 1));
      const wrong = [
        ...above.map((path) => manifestWith({ ...place, path }, value)),
        ...[[value], { anything: value }, ...(place.secret.length > 0 ? [{ [value]: 1 }] : [])].map((some) =>
          manifestWith(place, some),
        ),
      ];
      for (const one of wrong) {
        manifest(one);
        await streambed('validate --format json chat.yaml');
      }
    }
    expectHidden(texts(), secretsOf(canaries));
  });
});
