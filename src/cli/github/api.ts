import { Stop } from '../stop.ts';
import { exitCodes } from '../exit-codes.ts';

/** One comment on a pull request, as far as anybody here needs to know it. */
export interface GitHubComment {
  readonly id: number;
  /** The login of whoever wrote it. */
  readonly author: string;
  readonly body: string;
  /** Where people see it, unchecked. */
  readonly url: string;
}

/** The comments of one pull request. Rejects with GitHubFailure, and with what the signal says when it aborts. */
export interface PullRequestComments {
  /** All of them, the oldest first; asked again when GitHub does not answer. */
  all(): Promise<readonly GitHubComment[]>;
  /** Sent once: after a failure that `mayRepeat`, look first whether it is there. */
  create(body: string): Promise<GitHubComment>;
  /** Asked again when GitHub does not answer, since it does the same twice. */
  update(id: number, body: string): Promise<GitHubComment>;
  /** Waits before the next try of what failed. */
  pause(tried: number, failure: GitHubFailure): Promise<void>;
}

/** Which pull request is meant, and how GitHub is reached. */
export interface GitHubOptions {
  /** Where the API is: an origin, and on an own server a path. */
  readonly api: URL;
  readonly token: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly pullRequest: number;
  readonly signal: AbortSignal;
  /** How long one answer may take. */
  readonly timeoutMs: number;
  /** Rejects when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
}

/** GitHub said no, or nothing: told in our own words and GitHub's own `message`, never with a token or a body. */
export class GitHubFailure extends Stop {
  /** True when nobody knows what became of the request, or GitHub asked to wait. */
  readonly mayRepeat: boolean;
  /** How long GitHub asked to wait. */
  readonly waitMs: number | undefined;

  constructor(
    message: string,
    help: string,
    {
      mayRepeat = false,
      waitMs,
    }: { readonly mayRepeat?: boolean; readonly waitMs?: number | undefined } = {},
  ) {
    super(exitCodes.failed, { code: 'github-refused', message, help });
    this.mayRepeat = mayRepeat;
    this.waitMs = waitMs;
  }
}

/** How often anything is sent before giving up. */
export const mostTries = 4;

/** A pull request has no more comments than this by far; a list that goes on is not one. */
const mostPages = 200;
const pageSize = 100;
/** Nobody waits longer than this for a limit to end. */
const longestWaitMs = 60_000;

/** The way to the comments of one pull request, and to nothing else: no redirect leads away from it. */
export function pullRequestComments(options: GitHubOptions): PullRequestComments {
  const { api, repository, pullRequest, signal, sleep } = options;
  const base = `${api.origin}${api.pathname.replace(/\/+$/, '')}/repos/${repository}/issues`;
  const list = `${base}/${pullRequest}/comments`;

  const pause = async (tried: number, { waitMs }: GitHubFailure): Promise<void> =>
    sleep(waitMs ?? 1000 * 2 ** (tried - 1), signal);

  async function repeated(method: 'GET' | 'PATCH', url: string, body?: string): Promise<Answered> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await exchange(options, method, url, body);
      } catch (error) {
        if (!(error instanceof GitHubFailure) || !error.mayRepeat || tried >= mostTries) throw error;
        await pause(tried, error);
      }
    }
  }

  return {
    async all() {
      const comments: GitHubComment[] = [];
      let url: string | undefined = `${list}?per_page=${pageSize}&page=1`;
      for (let page = 1; url !== undefined; page += 1) {
        if (page > mostPages) throw unreadable('the list of comments does not end');
        const answered = await repeated('GET', url);
        if (!Array.isArray(answered.body)) throw unreadable('it answered no list of comments');
        const found = answered.body.map(commentIn);
        comments.push(...found);
        url = nextPage(answered.link, api, () =>
          found.length < pageSize ? undefined : `${list}?per_page=${pageSize}&page=${page + 1}`,
        );
      }
      return comments;
    },
    async create(body) {
      const { body: made } = await exchange(options, 'POST', list, JSON.stringify({ body }));
      return commentIn(made);
    },
    async update(id, body) {
      const answered = await repeated('PATCH', `${base}/comments/${id}`, JSON.stringify({ body }));
      return commentIn(answered.body);
    },
    pause,
  };
}

interface Answered {
  readonly body: unknown;
  readonly link: string | null;
}

async function exchange(
  options: GitHubOptions,
  method: 'GET' | 'PATCH' | 'POST',
  url: string,
  body: string | undefined,
): Promise<Answered> {
  const { token, signal, timeoutMs } = options;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'user-agent': 'streambed',
        'x-github-api-version': '2022-11-28',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      // A token follows nobody elsewhere.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    text = await response.text();
  } catch (error) {
    signal.throwIfAborted();
    throw unanswered(error, timeoutMs);
  }
  const parsed = parse(text);
  if (!response.ok) throw refusal(response, messageIn(parsed, token), options);
  if (parsed === undefined) throw unclear('GitHub answered something that is not JSON');
  return { body: parsed, link: response.headers.get('link') };
}

/** Only what is known of an error is told: its text may hold the headers of the request. */
function unanswered(error: unknown, timeoutMs: number): GitHubFailure {
  if (error instanceof Error && error.name === 'TimeoutError')
    return unclear(`GitHub did not answer within ${timeoutMs / 1000} s`);
  const cause =
    error instanceof Error ? (error.cause as { code?: unknown; message?: unknown } | undefined) : {};
  if (cause?.message === 'unexpected redirect') {
    return new GitHubFailure(
      'GitHub redirects to another address, where no token is sent',
      'Check GITHUB_REPOSITORY and GITHUB_API_URL: the repository may have a new name.',
    );
  }
  const code = typeof cause?.code === 'string' && /^[A-Z_]{1,40}$/.test(cause.code) ? ` (${cause.code})` : '';
  return unclear(`GitHub cannot be reached${code}`);
}

function unclear(message: string): GitHubFailure {
  return new GitHubFailure(message, 'Run it again: it finds its comment.', { mayRepeat: true });
}

function unreadable(why: string): GitHubFailure {
  return new GitHubFailure(
    `GitHub's answer cannot be read: ${why}`,
    'Check that GITHUB_API_URL is the address of a GitHub API.',
  );
}

/** What a status means here, and what to do about it. */
function refusal(
  { status, headers }: Response,
  said: string,
  { repository, pullRequest, now }: GitHubOptions,
): GitHubFailure {
  const where = `pull request ${pullRequest} of ${repository}`;
  if (status === 429 || (status === 403 && isLimit(headers, said))) {
    const waitMs = askedWait(headers, now());
    const mayRepeat = (waitMs ?? 0) <= longestWaitMs;
    const help = 'Run it again later.';
    const until = mayRepeat ? '' : ` for ${Math.ceil((waitMs ?? 0) / 60_000)} minutes`;
    return new GitHubFailure(`GitHub takes no more requests${until}${said}`, help, { mayRepeat, waitMs });
  }
  if (status >= 500)
    return new GitHubFailure(`GitHub failed with HTTP ${status}${said}`, 'Run it again.', {
      mayRepeat: true,
    });
  switch (status) {
    case 401:
      return new GitHubFailure(
        `GitHub does not know this token${said}`,
        'Set GITHUB_TOKEN to the token of the job: ${{ github.token }}.',
      );
    case 403:
      return new GitHubFailure(
        `the token may not comment on ${where}${said}`,
        'Give the job `permissions: pull-requests: write`; runs for pull requests from forks never have it.',
      );
    case 404:
      return new GitHubFailure(
        `${where} does not exist, or the token may not see it${said}`,
        'Check --pull-request and GITHUB_REPOSITORY, and give the job `permissions: pull-requests: write`.',
      );
    default:
      return new GitHubFailure(
        `GitHub refused the comment on ${where} with HTTP ${status}${said}`,
        status === 422 ? 'The pull request may be locked.' : 'Check what GitHub says.',
      );
  }
}

function isLimit(headers: Headers, said: string): boolean {
  return (
    headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0' || /\brate limit\b/i.test(said)
  );
}

function askedWait(headers: Headers, now: number): number | undefined {
  const seconds = headers.get('retry-after');
  if (seconds !== null && /^\d{1,6}$/.test(seconds)) return Number(seconds) * 1000;
  const reset = headers.get('x-ratelimit-reset');
  if (headers.get('x-ratelimit-remaining') !== '0' || reset === null || !/^\d{1,12}$/.test(reset))
    return undefined;
  return Math.max(0, Number(reset) * 1000 - now);
}

/** GitHub's own sentence, cut, and without the token whatever it says. */
function messageIn(parsed: unknown, token: string): string {
  const message = (parsed as { readonly message?: unknown } | null | undefined)?.message;
  if (typeof message !== 'string' || message === '') return '';
  return `: ${[...message.slice(0, 1000).replaceAll(token, '***')].slice(0, 200).join('')}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function commentIn(value: unknown): GitHubComment {
  const { id, body, user, html_url: url } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const login = (user as { readonly login?: unknown } | null | undefined)?.login;
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1)
    throw unreadable('a comment in it has no id');
  const textOf = (part: unknown): string => (typeof part === 'string' ? part : '');
  // Whoever deleted the account wrote comments that belong to nobody.
  return { id, author: textOf(login), body: textOf(body), url: textOf(url) };
}

/** Where the list goes on: what the Link header says, if it says anything, and only if that is the same API. */
function nextPage(link: string | null, api: URL, otherwise: () => string | undefined): string | undefined {
  if (link === null) return otherwise();
  const next = link
    .split(',')
    .flatMap((part) => /^\s*<([^<>]+)>\s*;(?:.*;)?\s*rel="?next"?\s*(?:;|$)/i.exec(part)?.[1] ?? [])[0];
  if (next === undefined) return undefined;
  if (!URL.canParse(next) || new URL(next).origin !== api.origin)
    throw unreadable('its next page is at another address, where no token is sent');
  return next;
}
