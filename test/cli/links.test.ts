import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, temporaryFolder } from './io.ts';

/** In CI whoever opens a pull request writes the manifests, and must not read the machine through them. */
const secret = 'users: { lena: { nmae: from-the-runner } }\n';

/** A repository beside a file that is nobody's business. */
function repository(): { readonly cwd: string; readonly outside: string } {
  const root = temporaryFolder();
  const outside = join(root, 'outside.yaml');
  writeFileSync(outside, secret);
  const cwd = join(root, 'repository', 'stream');
  mkdirSync(join(cwd, 'chat'), { recursive: true });
  mkdirSync(join(root, 'repository', '.git'));
  writeFileSync(join(root, 'repository', 'shared.yaml'), 'users: { ben: {} }\n');
  return { cwd, outside };
}

describe('a link that leads out of the repository', () => {
  test.each(['streambed.yaml', 'chat/people.yaml'])('is not followed in CI: %s', async (link) => {
    const { cwd, outside } = repository();
    symlinkSync(outside, join(cwd, link));
    const words = ['validate', ...(link === 'streambed.yaml' ? [] : ['chat'])];
    for (const CI of ['true', '1', 'True', 'yes']) {
      const { code, stdout, stderr } = await run(words, { cwd, env: { CI } });
      expect(code).toBe(3);
      expect(stderr).toContain(`${link} cannot be read: it is a link that leads out of the repository`);
      expect(stdout + stderr).not.toContain('from-the-runner');
    }
  });

  test('is followed where the one who runs it may read it anyway, and so is one that stays inside', async () => {
    const { cwd, outside } = repository();
    symlinkSync(outside, join(cwd, 'chat', 'people.yaml'));
    expect((await run(['validate', 'chat'], { cwd, env: { CI: 'false' } })).stderr).toContain('nmae');
    const { cwd: other } = repository();
    symlinkSync(join(other, '..', 'shared.yaml'), join(other, 'chat', 'people.yaml'));
    expect(await run(['validate', 'chat'], { cwd: other, env: { CI: 'true' } })).toMatchObject({ code: 0 });
  });
});

test.each(['chat/people.yaml', 'streambed.yaml'])(
  'a device is not read, since it may never end: %s',
  async (link) => {
    const { cwd } = repository();
    symlinkSync('/dev/zero', join(cwd, link));
    const { code, stderr } = await run(['validate', 'chat'], { cwd });
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('it is a device') });
  },
);
