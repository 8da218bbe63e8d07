import type { AppIdentity } from '../model/plan.ts';
import { quoted } from '../render/escape.ts';
import type { Git } from './git/repository.ts';
import { whyNoGit } from './git/repository.ts';
import type { Io } from './io.ts';
import type { Presenter } from './presenter.ts';
import { appliedRef } from './revisions.ts';
import { usageStop } from './stop.ts';

/**
 * What `--record` does once everything is applied: the commit that holds the manifests is noted in git, so that later
 * plans tell what was never applied from what somebody changed. Ends the command, before anything is sent, when there
 * is no such commit.
 */
export async function recorder(
  git: Git | undefined,
  paths: readonly string[],
  { cwd, env }: Io,
): Promise<(app: AppIdentity, presenter: Presenter) => Promise<void>> {
  const commit = await git?.headCommit();
  if (git === undefined || commit === undefined) {
    const { why, help } = git === undefined ? await whyNoGit(cwd, env) : emptyRepository;
    throw usageStop('no-repository', `--record: ${why}`, help);
  }
  const changed = await git.changedSince(paths);
  if (changed.length > 0) {
    const [first = '', ...more] = changed;
    const [others, verb] = more.length === 0 ? ['', 'is'] : [` and ${more.length} more`, 'are'];
    throw usageStop(
      'not-committed',
      `--record: ${quoted(first)}${others} ${verb} not what HEAD holds`,
      'Commit the manifests first: what is recorded is a commit.',
    );
  }
  return async ({ id }, presenter) => {
    const name = id === undefined ? undefined : appliedRef(id);
    const done = name !== undefined && (await git.writeRef(name, commit));
    presenter.say(
      done
        ? `recorded ${commit.slice(0, 12)} as ${name}`
        : 'warning: what was applied could not be recorded in git; the app itself is as it should be',
    );
  };
}

const emptyRepository = { why: 'this repository has no commit yet', help: 'Commit the manifests first.' };
