import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { PlanReport } from '../../model/report.ts';
import { renderDiagnostics } from '../../render/diagnostics.ts';
import { quoted, visible, visibleId } from '../../render/escape.ts';
import { markerOf, renderMarkdown } from '../../render/markdown.ts';
import { colorFor } from '../color.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import {
  GitHubFailure,
  mostTries,
  pullRequestComments,
  type GitHubComment,
  type PullRequestComments,
} from '../github/api.ts';
import { gitHubIn, serverIn } from '../github/environment.ts';
import type { CommentInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { Stop, usageStop } from '../stop.ts';

/** How patient it is with GitHub. */
export interface Patience {
  readonly timeoutMs: number;
  /** Rejects when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const usual: Patience = {
  timeoutMs: 30_000,
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

/**
 * Keeps one comment for each report up to date on a pull request. It sees only reports, which are masked, and trusts
 * neither them nor the comments that it finds: its own is known by its author and its first line together.
 */
export async function commentCommand(
  invocation: CommentInvocation,
  io: Io,
  patience: Patience = usual,
): Promise<ExitCode> {
  const { author, dryRun } = invocation;
  const pages = await pagesOf(invocation.reports, io);
  if (dryRun) {
    io.stdout.write(pages.map(({ body }) => body).join('\n'));
    return exitCodes.done;
  }
  warnOfKey(invocation, io);
  const options = await gitHubIn(io, invocation.pullRequest);
  const comments = pullRequestComments({ ...options, ...patience, signal: io.signal, now: io.now });
  const server = serverIn(io.env);
  for (const page of pages) {
    const { done, comment } = await keep(page, comments, author);
    const url = hasOrigin(comment.url, server) ? ` ${visibleId(comment.url)}` : '';
    io.stdout.write(`${done} ${visible(page.file)}${url}\n`);
    if (done === 'created' && !isBy(comment, author)) warnOfAuthor(comment.author, invocation, io);
  }
  return exitCodes.done;
}

/** What stands on the pull request for one report. */
interface Page {
  readonly file: string;
  readonly marker: string;
  readonly body: string;
}

type Kept = { readonly done: 'created' | 'unchanged' | 'updated'; readonly comment: GitHubComment };

/** Looks before every try, so that a comment whose sending nobody answered is not sent twice. */
async function keep(page: Page, comments: PullRequestComments, author: string): Promise<Kept> {
  for (let tried = 1; ; tried += 1) {
    const all = await comments.all();
    const ours = all.find((comment) => isBy(comment, author) && firstLine(comment.body) === page.marker);
    if (ours !== undefined && sameText(ours.body, page.body))
      return { done: tried === 1 ? 'unchanged' : 'created', comment: ours };
    if (ours !== undefined) return { done: 'updated', comment: await comments.update(ours.id, page.body) };
    try {
      return { done: 'created', comment: await comments.create(page.body) };
    } catch (error) {
      if (!(error instanceof GitHubFailure) || !error.mayRepeat || tried >= mostTries) throw error;
      await comments.pause(tried, error);
    }
  }
}

/** Logins are the same in capitals and in small letters. */
function isBy({ author }: GitHubComment, login: string): boolean {
  return author.toLowerCase() === login.toLowerCase();
}

function firstLine(body: string): string {
  return body.split(/\r?\n/, 1)[0] ?? '';
}

function sameText(one: string, other: string): boolean {
  const plain = (text: string): string => text.replaceAll('\r\n', '\n').trimEnd();
  return plain(one) === plain(other);
}

function hasOrigin(url: string, origin: string): boolean {
  return URL.canParse(url) && new URL(url).origin === origin;
}

/** All reports, before anything is sent: two for one comment would take it from each other. */
async function pagesOf(files: readonly string[], io: Io): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for (const file of files) {
    const page = pageOf(file, await reportIn(file, io));
    const other = pages.find(({ marker }) => marker === page.marker);
    if (other !== undefined) {
      throw usageStop(
        'same-comment',
        `${quoted(other.file)} and ${quoted(file)} are of the same app and environment, and so for one comment`,
        'Give one report for each environment.',
      );
    }
    pages.push(page);
  }
  return pages;
}

function pageOf(file: string, report: PlanReport): Page {
  try {
    return { file, marker: markerOf(report), body: renderMarkdown(report) };
  } catch {
    // It has the form of a report, and says what no plan can say.
    throw invalid(file, 'this is not a report of a plan: what it says cannot be shown');
  }
}

async function reportIn(file: string, io: Io): Promise<PlanReport> {
  const { readReport, mostReportBytes } = await import('../../index.ts');
  let text: string;
  if (file === '-') {
    text = await io.stdin.text(io.signal);
  } else {
    const path = resolve(io.cwd, file);
    const reason = async (): Promise<string | undefined> => {
      const found = await stat(path);
      if (found.isDirectory()) return 'it is a folder';
      return found.size > mostReportBytes
        ? `it is larger than ${mostReportBytes / 1024 / 1024} MiB`
        : undefined;
    };
    try {
      const unfit = await reason();
      if (unfit !== undefined) throw invalid(file, `this is not a report of a plan: ${unfit}`);
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (error instanceof Stop) throw error;
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      throw invalid(file, code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`);
    }
  }
  const { value, diagnostics } = await readReport(text);
  const [problem] = diagnostics;
  if (value === undefined) throw invalid(file, problem?.message ?? 'it is no report', problem?.help);
  return value;
}

function invalid(
  file: string,
  why: string,
  help = 'Give it what `streambed plan --format json` printed.',
): Stop {
  return new Stop(exitCodes.invalid, { code: 'invalid-report', message: `${quoted(file)}: ${why}`, help });
}

function warnOfKey(invocation: CommentInvocation, io: Io): void {
  if ((io.env['STREAM_API_SECRET'] ?? '') === '') return;
  warn(invocation, io, {
    severity: 'warning',
    code: 'key-beside-token',
    message: "STREAM_API_SECRET is set beside GITHUB_TOKEN, and a comment needs no key of Stream's",
    help: 'Comment in a job of its own, so that no job holds both.',
  });
}

function warnOfAuthor(author: string, invocation: CommentInvocation, io: Io): void {
  warn(invocation, io, {
    severity: 'warning',
    code: 'other-author',
    message: `the comment is by ${quoted(author)}, and looked for was one by ${quoted(invocation.author)}: the next run would not find it`,
    help: `Add --author ${visibleId(author)}.`,
  });
}

function warn({ color }: CommentInvocation, { stderr, env }: Io, diagnostic: Diagnostic): void {
  stderr.write(
    renderDiagnostics([diagnostic], { color: colorFor(stderr, env, color), width: stderr.columns }),
  );
}
