import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** The token of these tests: nothing that is printed may hold it. */
export const canaryToken = 'ghs_canary0token0of0the0tests';

/** A comment as the stand-in keeps it. */
export interface KeptComment {
  readonly id: number;
  readonly author: string;
  body: string;
}

/** Called before the stand-in answers; true when it answered the request itself. */
export type Trouble = (
  request: { readonly method: string; readonly path: string; readonly count: number },
  response: ServerResponse,
  /** Does what was asked for, without an answer. */
  perform: () => void,
) => boolean;

/** The comments of pull request 7 of acme/chat, behind the part of GitHub's API that is asked for them. */
export interface GitHubStandIn {
  readonly url: string;
  readonly comments: KeptComment[];
  /** Method and path with its query, in order of arrival. */
  readonly requests: readonly string[];
  /** What goes wrong from now on. */
  trouble(happens: Trouble | undefined): void;
  /** What a job of GitHub Actions sets. */
  readonly env: Readonly<Record<string, string>>;
}

/** GitHub's own limit, in characters. */
const longest = 65_536;
const me = 'github-actions[bot]';

/** Serves comments on loopback, page by page and with Link headers, to whoever has the token. */
export async function gitHubStandIn(
  options: { readonly links?: boolean; readonly author?: string } = {},
): Promise<GitHubStandIn> {
  const { links = true, author = me } = options;
  const comments: KeptComment[] = [];
  const requests: string[] = [];
  let happens: Trouble | undefined;
  let url = '';

  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', url: path = '' } = request;
      requests.push(`${method} ${path}`);
      const perform = (): void => void performed(method, path, body);
      if (happens?.({ method, path, count: requests.length }, response, perform) === true) return;
      answer(request, response, method, path, body);
    });
  });

  function answer(
    request: IncomingMessage,
    response: ServerResponse,
    method: string,
    path: string,
    body: string,
  ): void {
    if (request.headers.authorization !== `Bearer ${canaryToken}`) {
      sendJson(response, 401, { message: 'Bad credentials' });
      return;
    }
    const list = /^\/repos\/acme\/chat\/issues\/7\/comments\?per_page=(\d+)&page=(\d+)$/.exec(path);
    if (method === 'GET' && list !== null) {
      const [size, page] = [Number(list[1]), Number(list[2])];
      const last = Math.max(1, Math.ceil(comments.length / size));
      const next = `${url}/repos/acme/chat/issues/7/comments?per_page=${size}&page=${page + 1}`;
      const shown = comments.slice((page - 1) * size, page * size).map(answerOf);
      sendJson(
        response,
        200,
        shown,
        links && page < last ? { link: `<${url}/x?page=1>; rel="prev", <${next}>; rel="next"` } : {},
      );
      return;
    }
    const comment = performed(method, path, body);
    if (comment === 'too long') {
      const message = 'Validation Failed: body is too long (maximum is 65536 characters)';
      sendJson(response, 422, { message });
    } else if (comment === undefined) sendJson(response, 404, { message: 'Not Found' });
    else sendJson(response, method === 'POST' ? 201 : 200, answerOf(comment));
  }

  function performed(method: string, path: string, text: string): KeptComment | 'too long' | undefined {
    const { body } = JSON.parse(text) as { readonly body: string };
    if (body.length > longest) return 'too long';
    if (method === 'POST' && path === '/repos/acme/chat/issues/7/comments') {
      const made = { id: 1000 + comments.length, author, body };
      comments.push(made);
      return made;
    }
    const id = /^\/repos\/acme\/chat\/issues\/comments\/(\d+)$/.exec(path)?.[1];
    const found = method === 'PATCH' ? comments.find((one) => String(one.id) === id) : undefined;
    if (found !== undefined) found.body = body;
    return found;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    comments,
    requests,
    trouble: (next) => {
      happens = next;
    },
    env: { GITHUB_TOKEN: canaryToken, GITHUB_REPOSITORY: 'acme/chat', GITHUB_API_URL: url },
  };
}

/** Answers as GitHub's API does. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function answerOf({ id, author, body }: KeptComment): object {
  const html = `https://github.com/acme/chat/pull/7#issuecomment-${id}`;
  return { id, body, html_url: html, user: { login: author } };
}
