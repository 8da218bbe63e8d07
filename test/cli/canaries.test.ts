import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startEmulator, type Emulator } from '../../src/emulator/index.ts';
import { registry } from '../../src/kinds/registry.ts';
import type { JsonSchema } from '../../src/model/schema.ts';
import { anySecret, expectHidden, formsOf, longSecret, shortSecret } from '../support/canaries.ts';
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
function deskAt(
  cwd: string,
  { apiKey, apiSecret, url }: Pick<Emulator, 'apiKey' | 'apiSecret' | 'url'>,
  more: Readonly<Record<string, string>> = {},
) {
  const printed: Record<string, string> = {};
  const env = { STREAM_API_KEY: apiKey, STREAM_API_SECRET: apiSecret, STREAM_BASE_URL: url, ...more };
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

  test('any command, whatever Stream answers', { timeout: 60_000 }, async () => {
    const [[one, other] = [[], []]] = fc.sample(
      fc.tuple(fc.tuple(...free.map(anyCanary)), fc.tuple(...free.map(anyCanary))),
      1,
    );
    const apiSecret = 'geheim"<&>+/%41=ende';
    const stream = await startEmulator({ rateLimits: 'none', apiSecret, app: { id: 7, name: 'Acme' } });
    onTestFinished(() => stream.close());
    const cwd = realpathSync(temporaryFolder());
    const summary = join(cwd, 'summary.md');
    const { manifest, streambed, texts } = deskAt(cwd, stream, { GITHUB_STEP_SUMMARY: summary });
    const token = tokenOf(apiSecret);
    const secrets = [apiSecret, token, token.split('.')[2] ?? '', ...secretsOf([...one, ...other])];

    manifest(together(one));
    git(cwd, 'init', '--quiet');
    git(cwd, 'add', '--all');
    git(cwd, 'commit', '--quiet', '--message', 'before');
    expect((await streambed('apply --yes --debug --format json chat.yaml')).code).toBe(0);
    const bodies = new Set(stringsIn(stream.requests));
    const sent = new Set(one.filter(({ value }) => bodies.has(value)).map(({ place }) => place));
    manifest(together(other));
    const codes: number[] = [];
    for (const format of ['terminal', 'json', 'markdown', 'github', 'html']) {
      await streambed(`validate --format ${format} chat.yaml`);
      codes.push((await streambed(`plan --debug -v --out plan.json --format ${format} chat.yaml`)).code);
      codes.push((await streambed(`plan --base HEAD --format ${format} chat.yaml`)).code);
    }
    expect(codes).toEqual(codes.map(() => 0));
    expect(readFileSync(summary, 'utf8')).not.toBe('');
    expect((await streambed('drift -v chat.yaml')).code).toBe(2);
    await streambed('can sample-owner create-message messaging:sample-one --format json --debug');

    const reached = other.filter(({ place }) => sent.has(place));
    const { values, inside } = heldIn(together(other), reached);
    // Base64 of a text that only holds a secret is no form of the secret.
    const told = [
      ...[apiSecret, token, ...inside].flatMap(formsOf),
      ...values.flatMap((value) => formsOf(value).slice(0, -2)),
    ];
    const echo = told.slice(0, 400).map((form) => `"${form}"`);
    // Each message is shorter than what is shown of one, and the last one is longer.
    for (const message of [...groups(echo), echo.join(' ')]) {
      stream.addFault({ operation: 'UpdateApp', kind: 'status', status: 400, code: 4, message });
      expect([1, 6]).toContain((await streambed('apply --yes --debug chat.yaml')).code);
      stream.clearFaults();
    }
    // A read carries nothing of the manifests, so only the credentials can come back.
    const own = [apiSecret, token].flatMap(formsOf).join(' ');
    stream.addFault({ operation: 'GetApp', kind: 'status', status: 401, code: 5, message: own });
    expect((await streambed('plan --debug chat.yaml')).code).toBe(1);
    stream.clearFaults();
    stream.addFault({ operation: 'UpdateApp', kind: 'reset-after', times: 1 });
    await streambed('apply --yes --debug -v chat.yaml');
    stream.clearFaults();
    const journals = readdirSync(join(cwd, '.streambed/applies')).map((name) => `.streambed/applies/${name}`);
    const kept = journals.filter((name) => name.endsWith('.jsonl'));
    expect(kept.length).toBeGreaterThan(5);
    for (const journal of kept) {
      expect((await streambed(`status ${journal}`)).code).toBe(0);
      await streambed(`status --format json ${journal}`);
    }
    for (const journal of [kept.at(0), kept.at(-1)]) {
      for (const format of ['terminal', 'json', 'markdown', 'github', 'html'])
        expect([0, 4]).toContain(
          (await streambed(`rollback --dry-run -v --format ${format} ${journal}`)).code,
        );
    }
    stream.addFault({
      operation: 'UpdateApp',
      kind: 'status',
      status: 400,
      code: 4,
      message: echo.join(' '),
    });
    await streambed(`rollback --yes --debug ${kept.at(-1)}`);
    stream.clearFaults();
    manifest(together(one));
    expect((await streambed('apply --debug plan.json')).code).toBe(5);
    expect((await streambed('plan --out plan.json chat.yaml')).code).toBe(0);
    expect((await streambed('apply --debug -v plan.json')).code).toBe(0);
    expect((await streambed('apply plan.json')).code).toBe(5);
    expectHidden({ ...texts(), ...filesIn(cwd) }, secrets);
  });
});

/** One manifest with a canary for every place that leaves the others as they are. */
function together(canaries: readonly Canary[]): Manifest {
  const made = registry.kinds.map((kind) =>
    canaries
      .filter(({ place }) => place.kind === kind && !place.path.includes('0'))
      .reduce<Manifest | undefined>((all, { place, value }) => manifestWith(place, value, all), undefined),
  );
  const users = Object.assign({}, ...made.map((one) => one?.['users'])) as unknown;
  return { ...Object.assign({}, ...made), users } as Manifest;
}

/** The values that no other place took over, and the secrets in them: one of a set stands in it only once. */
function heldIn(
  made: Manifest,
  canaries: readonly Canary[],
): { readonly values: readonly string[]; readonly inside: readonly string[] } {
  const strings = new Set(stringsIn(made));
  const held = canaries.filter(({ value }) => strings.has(value));
  expect(held.length).toBeGreaterThan(3);
  return {
    values: held.map(({ value }) => value),
    inside: held.flatMap(({ secrets }) => secrets.at(-1) ?? []),
  };
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** What a server's requests carry. */
function tokenOf(apiSecret: string): string {
  const signed = [{ alg: 'HS256', typ: 'JWT' }, { server: true }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createHmac('sha256', apiSecret).update(signed).digest('base64url')}`;
}

function git(cwd: string, ...words: readonly string[]): void {
  const who = ['-c', 'user.name=Lena', '-c', 'user.email=lena@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...who, ...words], { cwd, stdio: 'pipe' });
}

/** As many to a text as are shown of one. */
function groups(parts: readonly string[]): readonly string[] {
  const texts: string[] = [];
  for (const part of parts) {
    const last = texts.at(-1);
    if (last === undefined || last.length + part.length > 900) texts.push(part);
    else texts[texts.length - 1] = `${last} ${part}`;
  }
  return texts.slice(0, 60);
}

/** What commands wrote, journals and reproductions included: the manifest itself and git's files left out. */
function filesIn(cwd: string): Readonly<Record<string, string>> {
  const files = ['', '.streambed/applies'].flatMap((folder) =>
    readdirSync(join(cwd, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => join(folder, name)),
  );
  const names = files.filter((name) => name !== 'chat.yaml');
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(cwd, name), 'utf8')]));
}
