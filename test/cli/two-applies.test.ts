import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { streambed } from '../support/command.ts';
import { testApp } from '../support/world.ts';

const before = `
channel_types: { support: { reactions: true, grants: { guest: [], user: [read-channel, create-message] } } }
users: { lena: { name: Lena }, ben: { name: Ben } }
channels: { support: { case: { name: Case, created_by: lena, members: [lena, ben] } } }
`;
const one = `
channel_types: { support: { reactions: false, grants: { user: { add: [pin-message], remove: [create-message] } } } }
users: { lena: { name: One, custom: { desk: 4 } }, max: { name: One } }
channels: { support: { case: { name: One, cooldown: 10 } } }
`;
const two = `
channel_types: { support: { quotes: false, grants: { user: { add: [create-reaction] } } } }
users: { lena: { name: Two, custom: { floor: 1 } }, eva: { name: Two } }
channels: { support: { case: { name: Two, cooldown: 20 } } }
`;

function comparable({ snapshot }: Emulator): string {
  return JSON.stringify(snapshot(), (key, value: unknown) => (/_at$|^tasks$/.test(key) ? undefined : value));
}

/** What the app is after these, one after the other. */
async function after(...manifests: readonly string[]): Promise<string> {
  const app = await testApp();
  try {
    for (const manifest of [before, ...manifests])
      expect(await app.apply(manifest)).toMatchObject({ verified: 'converged' });
    return comparable(app.emulator);
  } finally {
    await app.close();
  }
}

it(
  'two processes that apply to one app do so one after the other, or one of them exits with 5',
  { timeout: 240_000 },
  async () => {
    const both = [await after(one, two), await after(two, one)];
    const alone = [await after(one), await after(two)];
    const folder = await mkdtemp(join(tmpdir(), 'streambed-two-'));
    await writeFile(join(folder, 'one.yaml'), one);
    await writeFile(join(folder, 'two.yaml'), two);
    const round = async (latencyMs: number): Promise<void> => {
      const app = await testApp({ latencyMs });
      try {
        await app.apply(before);
        const place = { folder, app: app.emulator };
        const ended = await Promise.all(
          ['one.yaml', 'two.yaml'].map((file) => streambed(['apply', file, '--yes'], place).ended),
        );
        const codes = ended.map(({ code }) => code);
        const told = ended.map(({ out, err }) => out + err).join('\n');
        expect([...new Set(codes)].toSorted(), told).toEqual(codes.includes(5) ? [0, 5] : [0]);
        const refused = codes.indexOf(5);
        const allowed = refused === -1 ? both : alone.filter((_, index) => index !== refused);
        expect(allowed).toContain(comparable(app.emulator));
      } finally {
        await app.close();
      }
    };
    try {
      await Promise.all([0, 10, 20, 40, 60, 80].map(round));
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
