import { readFile } from 'node:fs/promises';
import { quoted } from '../../render/escape.ts';
import type { GitHubOptions } from './api.ts';
import type { Io } from '../io.ts';
import { usageStop } from '../stop.ts';

/** What a job of GitHub Actions knows of itself: whose comments to keep, and with which token. */
export async function gitHubIn(
  { env }: Pick<Io, 'env'>,
  pullRequest: number | undefined,
): Promise<Pick<GitHubOptions, 'api' | 'pullRequest' | 'repository' | 'token'>> {
  return {
    token: tokenIn(env),
    repository: repositoryIn(env),
    api: apiIn(env),
    pullRequest: pullRequest ?? (await pullRequestIn(env)),
  };
}

/** Where people see what the API writes. */
export function serverIn(env: Io['env']): string {
  const url = env['GITHUB_SERVER_URL'] ?? '';
  return URL.canParse(url) ? new URL(url).origin : 'https://github.com';
}

function tokenIn(env: Io['env']): string {
  const token = env['GITHUB_TOKEN'] ?? '';
  const help = 'Set it in the step: `env: { GITHUB_TOKEN: ${{ github.token }} }`.';
  if (token === '') throw usageStop('missing-token', 'GITHUB_TOKEN is not set', help);
  // What cannot stand in a header would fail with a message that tells it.
  if (!/^[\x21-\x7e]{1,4096}$/.test(token))
    throw usageStop('bad-token', 'GITHUB_TOKEN holds white space, or what no token holds', help);
  return token;
}

function repositoryIn(env: Io['env']): string {
  const repository = env['GITHUB_REPOSITORY'] ?? '';
  const [, name] = /^[A-Za-z0-9][\w-]{0,99}\/([\w.-]{1,100})$/.exec(repository) ?? [];
  if (name !== undefined && name !== '.' && name !== '..') return repository;
  throw usageStop(
    'bad-repository',
    repository === '' ? 'GITHUB_REPOSITORY is not set' : `GITHUB_REPOSITORY is ${quoted(repository)}`,
    'Set it to owner/name.',
  );
}

/** A token is sent over TLS, or to this machine. */
function apiIn(env: Io['env']): URL {
  const text = env['GITHUB_API_URL'] ?? '';
  const url = text === '' ? 'https://api.github.com' : text;
  if (URL.canParse(url)) {
    const { protocol, hostname, username, password, search, hash } = new URL(url);
    const local = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
    const plain = username === '' && password === '' && search === '' && hash === '';
    if (plain && (protocol === 'https:' || (protocol === 'http:' && local))) return new URL(url);
  }
  throw usageStop(
    'bad-address',
    'GITHUB_API_URL is not an https address, or holds more than one',
    'Set it to the address of the API, such as https://github.example.com/api/v3.',
  );
}

/** The number in the event that started the job; a run for a pull request from a fork is told none. */
async function pullRequestIn(env: Io['env']): Promise<number> {
  const path = env['GITHUB_EVENT_PATH'] ?? '';
  const event = path === '' ? undefined : await readFile(path, 'utf8').then(parse, () => undefined);
  const number = [
    at(event, 'pull_request', 'number'),
    at(event, 'number'),
    at(ownPullRequest(event), 'number'),
  ].find((one) => one !== undefined);
  if (typeof number === 'number' && Number.isSafeInteger(number) && number > 0) return number;
  throw usageStop(
    'no-pull-request',
    'nothing says which pull request to comment on',
    'Run it for a pull request, or add --pull-request N.',
  );
}

/** Of the pull requests of a workflow run, those into another repository are no business of this one. */
function ownPullRequest(event: unknown): unknown {
  const all = at(event, 'workflow_run', 'pull_requests');
  if (!Array.isArray(all)) return undefined;
  const here = at(event, 'repository', 'id');
  return (all as readonly unknown[]).find((one) => {
    const base = at(one, 'base', 'repo', 'id');
    return here === undefined || base === undefined || base === here;
  });
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let here: unknown = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Readonly<Record<string, unknown>>)[step];
  }
  return here;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
