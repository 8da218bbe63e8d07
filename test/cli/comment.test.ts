import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commentCommand } from '../../src/cli/commands/comment.ts';
import type { CommentInvocation } from '../../src/cli/invocation.ts';
import { Stop } from '../../src/cli/stop.ts';
import { mostReportBytes, readReport } from '../../src/index.ts';
import { planReportSchema, type PlanReport } from '../../src/model/report.ts';
import type { JsonSchema } from '../../src/model/schema.ts';
import { markerOf, renderMarkdown } from '../../src/render/markdown.ts';
import { canaryToken, gitHubStandIn, sendJson, type GitHubStandIn } from '../support/github.ts';
import { anyText } from '../render/hostile.ts';
import { elements, planOf, report, resource, set, update } from '../render/fixtures.ts';
import { ioFor, run, temporaryFolder, type Ran } from './io.ts';

const me = 'github-actions[bot]';
const first = report(
  planOf([update(resource('channel_type', 'support', {}), [set('reactions', true, false)])]),
);
const second = report(
  planOf([update(resource('channel_type', 'support', {}), [set('reactions', false, true)])]),
);
const other = report(planOf([], { app: { id: 42, name: 'Acme Staging' } }));

/** Runs the command for pull request 7, with these reports as files. */
async function comment(
  gitHub: GitHubStandIn,
  reports: readonly unknown[],
  options: { readonly words?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  const cwd = temporaryFolder();
  const files = reports.map((one, index) => {
    const file = `plan-${index}.json`;
    writeFileSync(join(cwd, file), typeof one === 'string' ? one : JSON.stringify(one));
    return file;
  });
  const words = ['comment', '--github', ...(options.words ?? ['--pull-request', '7']), ...files];
  const ran = await run(words, { cwd, env: { ...gitHub.env, ...options.env } });
  expect(ran.stdout + ran.stderr).not.toContain(canaryToken);
  return ran;
}

/** The same with little patience; what is waited for is written down. */
async function hurried(gitHub: GitHubStandIn, one: PlanReport, timeoutMs = 5000) {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'plan.json'), JSON.stringify(one));
  const { io, stdout } = ioFor({ cwd, env: gitHub.env });
  const invocation: CommentInvocation = {
    command: 'comment',
    debug: false,
    color: false,
    reports: ['plan.json'],
    pullRequest: 7,
    author: me,
    dryRun: false,
  };
  const waits: number[] = [];
  const sleep = (milliseconds: number): Promise<void> => Promise.resolve(void waits.push(milliseconds));
  const problem = await commentCommand(invocation, io, { timeoutMs, sleep }).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof Stop) return error.diagnostic;
      throw error;
    },
  );
  expect(stdout() + JSON.stringify(problem ?? '')).not.toContain(canaryToken);
  return { stdout: stdout(), problem, waits };
}

const writesTo = (gitHub: GitHubStandIn): readonly string[] =>
  gitHub.requests.filter((request) => !request.startsWith('GET '));

describe('a comment on a pull request', () => {
  test('is created, then left alone while the plan is the same, then updated in place', async () => {
    const gitHub = await gitHubStandIn();
    const url = 'https://github.com/acme/chat/pull/7#issuecomment-1000';
    const created = { code: 0, stdout: `created plan-0.json ${url}\n`, stderr: '' };
    expect(await comment(gitHub, [first])).toEqual(created);
    expect(gitHub.comments).toEqual([{ id: 1000, author: me, body: renderMarkdown(first) }]);

    expect((await comment(gitHub, [first])).stdout).toBe(`unchanged plan-0.json ${url}\n`);
    expect(writesTo(gitHub)).toHaveLength(1);

    expect((await comment(gitHub, [second])).stdout).toBe(`updated plan-0.json ${url}\n`);
    expect(gitHub.comments).toEqual([{ id: 1000, author: me, body: renderMarkdown(second) }]);
  });

  test('is one for each report, and each is found again', async () => {
    const gitHub = await gitHubStandIn();
    await comment(gitHub, [first, other]);
    expect(gitHub.comments.map(({ body }) => body.split('\n')[0])).toEqual([
      markerOf(first),
      markerOf(other),
    ]);
    const { stdout } = await comment(gitHub, [other, second]);
    expect(stdout).toMatch(/^unchanged plan-0\.json .*-1001\nupdated plan-1\.json .*-1000\n$/);
    expect(gitHub.comments).toHaveLength(2);
  });

  test('is one for each environment of the same app', async () => {
    const gitHub = await gitHubStandIn();
    const of = (name: string): PlanReport => ({ ...first, environment: { name, production: false } });
    expect((await comment(gitHub, [of('staging'), of('review')])).stdout).toMatch(
      /^created .*\ncreated .*\n$/,
    );
    expect((await comment(gitHub, [of('review'), of('staging')])).stdout).toMatch(
      /^unchanged .*\nunchanged .*\n$/,
    );
  });

  test('is not fought over by two reports of the same app', async () => {
    const gitHub = await gitHubStandIn();
    const { code, stderr } = await comment(gitHub, [first, second]);
    expect(code).toBe(64);
    expect(stderr).toContain('"plan-0.json" and "plan-1.json" are of the same app and environment');
    expect(gitHub.requests).toEqual([]);
  });

  test.each([true, false])('is found on a later page (with Link headers: %s)', async (links) => {
    const gitHub = await gitHubStandIn({ links });
    for (let id = 1; id <= 200; id += 1) gitHub.comments.push({ id, author: 'noa', body: `Comment ${id}` });
    gitHub.comments.push({ id: 201, author: me, body: renderMarkdown(first) });
    expect((await comment(gitHub, [second])).stdout).toContain('updated ');
    expect(gitHub.requests.map((request) => request.replace(/\?.*page=/, ' '))).toEqual([
      'GET /repos/acme/chat/issues/7/comments 1',
      'GET /repos/acme/chat/issues/7/comments 2',
      'GET /repos/acme/chat/issues/7/comments 3',
      'PATCH /repos/acme/chat/issues/comments/201',
    ]);
  });

  test('of somebody else is never touched, whatever it begins with', async () => {
    const gitHub = await gitHubStandIn();
    const theirs = { id: 1, author: 'github-actions', body: renderMarkdown(first) };
    const quoting = { id: 2, author: me, body: `> quoted\n${markerOf(first)}` };
    gitHub.comments.push({ ...theirs }, { ...quoting });
    expect((await comment(gitHub, [second])).stdout).toContain('created ');
    expect(gitHub.comments.slice(0, 2)).toEqual([theirs, quoting]);
    expect(gitHub.comments).toHaveLength(3);
  });

  test('that was doubled is updated once, and the later ones stay as they are', async () => {
    const gitHub = await gitHubStandIn();
    const old = renderMarkdown(first);
    gitHub.comments.push({ id: 1, author: me, body: old }, { id: 2, author: me, body: old });
    await comment(gitHub, [second]);
    expect(gitHub.comments.map(({ body }) => body)).toEqual([renderMarkdown(second), old]);
  });

  test('is by whom --author says, and a wrong author is told', async () => {
    const gitHub = await gitHubStandIn({ author: 'acme-bot' });
    const words = ['--pull-request', '7', '--author', 'Acme-Bot'];
    expect((await comment(gitHub, [first], { words })).stderr).toBe('');
    expect((await comment(gitHub, [first], { words })).stdout).toContain('unchanged ');
    const { stderr } = await comment(gitHub, [first]);
    expect(stderr).toContain('warning[other-author]');
    expect(stderr).toContain('Add --author acme-bot.');
  });

  test('is never longer than GitHub takes', async () => {
    const many = Array.from({ length: 900 }, (_, index) =>
      update(resource('channel_type', `type-${index}`, {}), [
        elements('grants.user', 300, [`add-links-${index}-${'x'.repeat(200)}`, 'ban-user'], ['read-channel']),
      ]),
    );
    const gitHub = await gitHubStandIn();
    expect(await comment(gitHub, [report(planOf(many))])).toMatchObject({ code: 0, stderr: '' });
    expect(gitHub.comments[0]?.body).toContain('Shortened to fit');
  });
});

describe('the pull request', () => {
  test.each([
    [{ pull_request: { number: 7 } }],
    [{ number: 7 }],
    [{ workflow_run: { pull_requests: [{ number: 7 }] } }],
    [
      {
        repository: { id: 1 },
        workflow_run: {
          pull_requests: [
            { number: 9, base: { repo: { id: 2 } } },
            { number: 7, base: { repo: { id: 1 } } },
          ],
        },
      },
    ],
  ])('is the one of the event %j', async (event) => {
    const gitHub = await gitHubStandIn();
    const path = join(temporaryFolder(), 'event.json');
    writeFileSync(path, JSON.stringify(event));
    const ran = await comment(gitHub, [first], { words: [], env: { GITHUB_EVENT_PATH: path } });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
  });

  test.each([[{ ref: 'main' }], [{ number: '7' }], [{ workflow_run: { pull_requests: [] } }], [[]]])(
    'is asked for when the event is %j',
    async (event) => {
      const gitHub = await gitHubStandIn();
      const path = join(temporaryFolder(), 'event.json');
      writeFileSync(path, JSON.stringify(event));
      const ran = await comment(gitHub, [first], { words: [], env: { GITHUB_EVENT_PATH: path } });
      expect(ran.code).toBe(64);
      expect(ran.stderr).toContain('add --pull-request N');
    },
  );
});

describe('what cannot work is told before anything is sent', () => {
  test.each([
    ['GITHUB_TOKEN', '', 'GITHUB_TOKEN is not set'],
    ['GITHUB_TOKEN', `${canaryToken}\n`, 'GITHUB_TOKEN holds white space'],
    ['GITHUB_REPOSITORY', '', 'GITHUB_REPOSITORY is not set'],
    ['GITHUB_REPOSITORY', 'acme/../evil', 'GITHUB_REPOSITORY is "acme/../evil"'],
    ['GITHUB_REPOSITORY', 'acme/..', 'GITHUB_REPOSITORY is "acme/.."'],
    ['GITHUB_API_URL', 'http://api.example.com', 'GITHUB_API_URL is not an https address'],
    ['GITHUB_API_URL', 'https://user:pass@api.example.com', 'GITHUB_API_URL is not an https address'],
  ])('%s=%j', async (name, value, words) => {
    const gitHub = await gitHubStandIn();
    const ran = await comment(gitHub, [first], { env: { [name]: value } });
    expect(ran.code).toBe(64);
    expect(ran.stderr).toContain(words);
    expect(ran.stderr).not.toContain('pass');
    expect(gitHub.requests).toEqual([]);
  });

  test('a dry run prints the comment, and needs neither token nor pull request', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'plan.json'), JSON.stringify(first));
    const ran = await run(['comment', '--github', '--dry-run', 'plan.json'], { cwd });
    expect(ran).toEqual({ code: 0, stdout: renderMarkdown(first), stderr: '' });
    const piped = ['comment', '--github', '--dry-run', '-'];
    expect((await run(piped, { stdin: JSON.stringify(first) })).stdout).toBe(renderMarkdown(first));
  });

  test('the key of the app beside the token is warned of', async () => {
    const gitHub = await gitHubStandIn();
    const { code, stderr } = await comment(gitHub, [first], { env: { STREAM_API_SECRET: 'canary-secret' } });
    expect(code).toBe(0);
    expect(stderr).toContain('warning[key-beside-token]');
    expect(stderr).not.toContain('canary-secret');
  });
});

describe('when GitHub refuses', () => {
  test.each([
    [401, 'Bad credentials', 'GitHub does not know this token: Bad credentials'],
    [403, 'Resource not accessible by integration', 'permissions: pull-requests: write'],
    [404, 'Not Found', 'pull request 7 of acme/chat does not exist'],
    [422, 'Validation Failed', 'HTTP 422: Validation Failed'],
    [410, 'Gone', 'HTTP 410: Gone'],
  ])('HTTP %i says what to do', async (status, message, words) => {
    const gitHub = await gitHubStandIn();
    gitHub.trouble((_request, response) => {
      sendJson(response, status, { message, secret: 'body-canary' });
      return true;
    });
    const ran = await comment(gitHub, [first]);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(words);
    expect(ran.stderr).not.toContain('body-canary');
    expect(gitHub.requests).toHaveLength(1);
  });

  test('only its message is told: cut, escaped, and without the token', async () => {
    const gitHub = await gitHubStandIn();
    gitHub.trouble((_request, response) => {
      sendJson(response, 422, { message: `\u001b[2J${canaryToken}\n::error::${'x'.repeat(5000)}` });
      return true;
    });
    const { stderr } = await comment(gitHub, [first]);
    expect(stderr).toContain('\\u{1b}[2J***\\n');
    expect(stderr).not.toContain('\u001b');
    expect(stderr).not.toMatch(/^::|x{300}/m);
  });

  test('a body that it finds too long is refused in words', async () => {
    const gitHub = await gitHubStandIn();
    gitHub.trouble(({ method }, response) => {
      if (method !== 'POST') return false;
      sendJson(response, 422, { message: 'Body is too long (maximum is 65536 characters)' });
      return true;
    });
    const { code, stderr } = await comment(gitHub, [first]);
    expect(code).toBe(1);
    expect(stderr).toContain('Body is too long');
  });

  test.each(['GET', 'PATCH'])(
    'a %s that fails is asked again, each time after a longer pause',
    async (method) => {
      const gitHub = await gitHubStandIn();
      gitHub.comments.push({ id: 1, author: me, body: renderMarkdown(first) });
      let failures = 0;
      gitHub.trouble((request, response) => {
        if (request.method !== method || failures >= 3) return false;
        failures += 1;
        response.writeHead(502).end('<html>');
        return true;
      });
      const { problem, stdout, waits } = await hurried(gitHub, second);
      expect(problem).toBeUndefined();
      expect(stdout).toContain('updated ');
      expect(waits).toEqual([1000, 2000, 4000]);
    },
  );

  test('it gives up after four tries', async () => {
    const gitHub = await gitHubStandIn();
    gitHub.trouble((_request, response) => {
      response.writeHead(503).end();
      return true;
    });
    const { problem } = await hurried(gitHub, first);
    expect(problem?.message).toBe('GitHub failed with HTTP 503');
    expect(gitHub.requests).toHaveLength(4);
  });

  test('a limit is waited for as long as GitHub says, and not for an hour', async () => {
    const gitHub = await gitHubStandIn();
    const limited = (headers: Readonly<Record<string, string>>, status: number): void => {
      let count = 0;
      gitHub.trouble((_request, response) => {
        if (count++ > 0) return false;
        sendJson(response, status, { message: 'You have exceeded a secondary rate limit.' }, headers);
        return true;
      });
    };
    limited({ 'retry-after': '7' }, 403);
    expect(await hurried(gitHub, first)).toMatchObject({ problem: undefined, waits: [7000] });
    limited({}, 429);
    expect(await hurried(gitHub, first)).toMatchObject({ problem: undefined, waits: [1000] });
    limited({ 'retry-after': '3600' }, 429);
    const { problem, waits } = await hurried(gitHub, first);
    expect(problem?.message).toContain('no more requests for 60 minutes');
    expect(waits).toEqual([]);
  });
});

describe('a comment whose sending got no clear answer', () => {
  test.each(['reset', 'timeout', '502'])('is looked for before it is sent again: %s', async (kind) => {
    for (const arrived of [true, false]) {
      const gitHub = await gitHubStandIn();
      let failures = 0;
      gitHub.trouble(({ method }, response, perform) => {
        if (method !== 'POST' || failures > 0) return false;
        failures += 1;
        if (arrived) perform();
        if (kind === 'reset') response.destroy();
        if (kind === '502') response.writeHead(502).end();
        return true;
      });
      const { problem, stdout } = await hurried(gitHub, first, kind === 'timeout' ? 200 : 5000);
      expect(problem).toBeUndefined();
      expect(stdout).toContain('created ');
      expect(gitHub.comments).toHaveLength(1);
      expect(writesTo(gitHub)).toHaveLength(arrived ? 1 : 2);
    }
  });

  test('is told as such when GitHub never answers', async () => {
    const gitHub = await gitHubStandIn();
    gitHub.trouble(() => true);
    const { problem } = await hurried(gitHub, first, 50);
    expect(problem?.message).toBe('GitHub did not answer within 0.05 s');
  });
});

describe('the token goes nowhere else', () => {
  test('a redirect is not followed', async () => {
    const elsewhere = await gitHubStandIn();
    const gitHub = await gitHubStandIn();
    gitHub.trouble(({ path }, response) => {
      response.writeHead(307, { location: `${elsewhere.url}${path}` }).end();
      return true;
    });
    const { code, stderr } = await comment(gitHub, [first]);
    expect(code).toBe(1);
    expect(stderr).toContain('GitHub redirects to another address');
    expect(gitHub.requests).toHaveLength(1);
    expect(elsewhere.requests).toEqual([]);
  });

  test('a next page elsewhere is not asked for', async () => {
    const elsewhere = await gitHubStandIn();
    const gitHub = await gitHubStandIn();
    gitHub.trouble((_request, response) => {
      sendJson(response, 200, [], { link: `<${elsewhere.url}/more>; rel="next"` });
      return true;
    });
    const { code, stderr } = await comment(gitHub, [first]);
    expect(code).toBe(1);
    expect(stderr).toContain('at another address');
    expect(elsewhere.requests).toEqual([]);
  });

  test('an address that is not the server of the comments is not printed', async () => {
    const gitHub = await gitHubStandIn();
    gitHub.trouble(({ method }, response) => {
      if (method !== 'POST') return false;
      const html = 'https://evil.example.com/\u202etxt';
      sendJson(response, 201, { id: 1, body: '', html_url: html, user: { login: me } });
      return true;
    });
    expect((await comment(gitHub, [first])).stdout).toBe('created plan-0.json\n');
  });
});

describe('a report that nobody wrote', () => {
  const text = JSON.stringify(first);
  test.each([
    ['text', 'hello', 'it is not JSON'],
    ['a cut report', text.slice(0, -20), 'it is not JSON'],
    ['a list', '[]', 'it is not an object'],
    ['nothing of a report', '{}', 'it does not say its format_version'],
    ['a later format', JSON.stringify({ ...first, format_version: '2.0' }), 'version 2.0'],
    ['a wrong type', JSON.stringify({ ...first, changes: [{ address: 1 }] }), 'changes.0'],
    ['a wrong word', JSON.stringify({ ...first, outcome: 'great' }), 'outcome is not'],
    [
      'a deep nest',
      `{"format_version":"1.0","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      'nests deeper',
    ],
  ])('is refused: %s', async (_what, one, words) => {
    const gitHub = await gitHubStandIn();
    const { code, stderr } = await comment(gitHub, [other, one]);
    expect(code).toBe(3);
    expect(stderr).toContain('error[invalid-report]: "plan-1.json": ');
    expect(stderr).toContain(words);
    expect(gitHub.requests).toEqual([]);
  });

  test('is refused unread when it is larger than any report', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'large.json'), '');
    truncateSync(join(cwd, 'large.json'), mostReportBytes + 1);
    const { code, stderr } = await run(['comment', '--github', '--dry-run', 'large.json'], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain('it is larger than 64 MiB');
    const { value, diagnostics } = await readReport(' '.repeat(mostReportBytes + 1));
    expect(value).toBeUndefined();
    expect(diagnostics[0]?.message).toContain('it is larger than 64 MiB');
  });

  test('is refused when the file is not there', async () => {
    const { code, stderr } = await run(['comment', '--github', '--dry-run', 'none.json']);
    expect(code).toBe(3);
    expect(stderr).toContain('there is no such file');
  });

  test('keeps what this version knows, and nothing that a later one or an attacker added', async () => {
    const later = text
      .replace('"format_version":"1.', '"format_version":"1.9')
      .replace(/^\{/, '{"__proto__":{"app":{"id":1}},"constructor":{"prototype":1},"brand_new":[1],');
    const { value, diagnostics } = await readReport(later);
    expect(diagnostics).toEqual([]);
    expect(value).toEqual({ ...(JSON.parse(text) as object), format_version: value?.format_version });
    expect(Object.keys(value ?? {})).not.toContain('__proto__');
    expect(({} as { app?: unknown }).app).toBeUndefined();
  });

  test('is shown harmlessly or refused, whatever the schema lets it say', async () => {
    const property = fc.asyncProperty(anythingOf(planReportSchema), async (made) => {
      const { value } = await readReport(JSON.stringify({ ...(made as object), format_version: '1.0' }));
      if (value === undefined) throw new Error('the arbitrary does not follow the schema');
      const { io, stdout } = ioFor({ stdin: JSON.stringify(value) });
      const invocation: CommentInvocation = {
        command: 'comment',
        debug: false,
        color: false,
        reports: ['-'],
        pullRequest: 7,
        author: me,
        dryRun: true,
      };
      await commentCommand(invocation, io).catch((error: unknown) => {
        if (!(error instanceof Stop)) throw error;
      });
      expect(Buffer.byteLength(stdout())).toBeLessThanOrEqual(65_536);
      expect(stdout()).not.toContain('\u001b');
      expect(stdout()).not.toContain('\u202e');
    });
    await fc.assert(property, { numRuns: 60 });
  });
});

/** Whatever this schema accepts, with hostile texts in every place. */
function anythingOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { enum: words, items, properties, required = [], type } = schema;
  if (words !== undefined) return fc.constantFrom(...words);
  if (type === 'array' && items !== undefined) return fc.array(anythingOf(items), { maxLength: 3 });
  if (type === 'object' && properties !== undefined) {
    const fields = Object.entries(properties).map(([name, below]) => [name, anythingOf(below)] as const);
    return fc.record(Object.fromEntries(fields), { requiredKeys: required as never[] });
  }
  if (type === 'string') return anyText;
  if (type === 'integer') return fc.integer();
  if (type === 'boolean') return fc.boolean();
  return fc.jsonValue();
}
