import { execFile } from 'node:child_process';
import { devNull } from 'node:os';

/** What git answered: its output, or why there is none. */
export type GitAnswer =
  | { readonly ok: true; readonly output: Buffer }
  | { readonly ok: false; readonly missing: boolean; readonly message: string };

/** Runs git in one folder. */
export type GitRun = (words: readonly string[], input?: string) => Promise<GitAnswer>;

/**
 * Git as a reader of revisions and nothing more: no shell, no network, no prompt, no pager, and no program that the
 * repository's own configuration names. Variables that redirect git, such as GIT_DIR, mean what they mean to git.
 */
export function gitIn(cwd: string, env: Readonly<Record<string, string | undefined>>): GitRun {
  return (words, input) =>
    new Promise((resolve) => {
      const child = execFile(
        'git',
        [...always, ...words],
        { cwd, env: { ...env, ...quiet }, encoding: 'buffer', maxBuffer: largest, windowsHide: true },
        (error, output, complaint) => {
          if (error === null) resolve({ ok: true, output });
          else
            resolve({
              ok: false,
              missing: error.code === 'ENOENT',
              message: complaint.toString('utf8').trim(),
            });
        },
      );
      // A git that ends before it has read everything says so by its exit code.
      child.stdin?.on('error', () => {});
      child.stdin?.end(input ?? '');
    });
}

/** Bytes of one answer; one that is larger is a failure, never cut off. */
const largest = 256 * 1024 * 1024;

const always = [
  '--no-pager',
  '--no-replace-objects',
  '--no-optional-locks',
  ...[
    `core.hooksPath=${devNull}`,
    'core.fsmonitor=false',
    'core.sshCommand=false',
    'core.askPass=',
    'core.alternateRefsCommand=',
    'credential.helper=',
    'diff.external=',
    'gc.auto=0',
    'maintenance.auto=false',
    'protocol.allow=never',
  ].flatMap((setting) => ['-c', setting]),
];

const quiet = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  // What a partial clone does not hold is missing; older versions, which do not know this, find no protocol allowed.
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: '',
};
