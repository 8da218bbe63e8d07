import { hiderOf } from '../model/hidden.ts';
import { StreamFailure, type Answer, type FailureReason, type OperationName } from '../model/stream.ts';
import { NoAnswer, type Received } from './transport.ts';

/** What failures of one connection may say: where it talks to, and what must never be repeated. */
export interface FailureContext {
  readonly origin: string;
  readonly timeoutMs: number;
  readonly secrets: readonly string[];
}

/** The answer that Stream gave, or why what came is no answer to go by. */
export function answerOrFailure(
  operation: OperationName,
  received: Received,
  context: FailureContext,
): { readonly answer: Answer } | { readonly failure: StreamFailure } {
  const body = objectIn(received.text);
  if (received.status >= 200 && received.status < 300 && body !== undefined && !received.proxied)
    return { answer: body };
  return { failure: failureOfAnswer(operation, received, body, context) };
}

/** The failure of a request that got no answer; what is not NoAnswer is a mistake of ours and thrown on. */
export function failureOfError(
  operation: OperationName,
  error: unknown,
  context: FailureContext,
): StreamFailure {
  if (!(error instanceof NoAnswer)) throw error;
  const { code = 'no reason given', syscall } = error;
  if (neverSent(code, syscall)) {
    return new StreamFailure('unsent', operation, `cannot reach ${context.origin}: ${networkWords(code)}`);
  }
  if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') {
    return new StreamFailure(
      'unclear',
      operation,
      `${context.origin} did not answer within ${context.timeoutMs / 1000} s`,
    );
  }
  return new StreamFailure(
    'unclear',
    operation,
    `the connection to ${context.origin} broke before the answer was complete (${code})`,
  );
}

/** The failure of a run that was stopped. */
export function abortedFailure(operation: OperationName): StreamFailure {
  return new StreamFailure('aborted', operation, 'the run was stopped');
}

function failureOfAnswer(
  operation: OperationName,
  { status, headers, text, proxied }: Received,
  body: Answer | undefined,
  { origin, secrets }: FailureContext,
): StreamFailure {
  const code = typeof body?.code === 'number' && Number.isSafeInteger(body.code) ? body.code : undefined;
  const said = typeof body?.message === 'string' ? presentable(body.message, secrets) : undefined;
  const failure = (reason: FailureReason, message: string): StreamFailure =>
    new StreamFailure(reason, operation, message, { code, status });

  if (proxied && status !== 407) {
    return failure('unsent', `cannot reach ${origin}: the proxy refused to connect to it (HTTP ${status})`);
  }
  if (status === 429) return failure('limited', said ?? 'too many requests (HTTP 429)');
  // Only a proxy says so, and it passes nothing on.
  if (status === 407) {
    return failure('unsent', `cannot reach ${origin}: a proxy on the way wants credentials (HTTP 407)`);
  }
  if (status >= 300 && status < 400) {
    const target = presentable(redirectTarget(headers.location, origin), secrets);
    return failure(
      'unclear',
      `${origin} answered with a redirect to ${target} (HTTP ${status}), which is not followed`,
    );
  }
  if (status >= 200 && status < 300) {
    return failure(
      'unclear',
      `${origin} answered HTTP ${status} with ${looksOf(text)}, not with what Stream answers`,
    );
  }
  if (code === undefined) {
    const message = `${origin} answered HTTP ${status} with ${looksOf(text)}, not with what Stream answers`;
    return failure(status === 401 ? 'unauthorized' : 'unclear', message);
  }
  const message = said ?? `Stream's error ${code} (HTTP ${status})`;
  if (status === 404 && code === 16) return failure('missing', message);
  if (status === 401) return failure('unauthorized', message);
  // 408: Stream itself gave up waiting, and does not say how far it came.
  if (status < 400 || status >= 500 || status === 408) return failure('unclear', message);
  return failure('refused', message);
}

function objectIn(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Answer)
      : undefined;
  } catch {
    return undefined;
  }
}

function looksOf(text: string): string {
  const start = text.trimStart();
  if (start === '') return 'nothing';
  if (start.startsWith('<')) return 'a web page';
  if (start.startsWith('{')) return objectIn(text) === undefined ? 'incomplete JSON' : 'unknown JSON';
  return 'something else';
}

/** Where a redirect leads, without the path and the query, which repeat those of the request. */
function redirectTarget(location: string | undefined, origin: string): string {
  return location !== undefined && URL.canParse(location, origin)
    ? new URL(location, origin).origin
    : 'nowhere';
}

/** Text from the network on one line, of bearable length, and without what the request carried. */
function presentable(text: string, secrets: readonly string[]): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
  const shown = hiderOf(secrets, '(hidden)')(line);
  // No word is cut in two: half a password could not be recognized as one.
  return shown.length > 1000 ? `${shown.slice(0, 1000).replace(/\S+$/, '')}…` : shown;
}

function neverSent(code: string, syscall: string | undefined): boolean {
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true;
  return (
    ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EPROTO'].includes(code) ||
    /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/.test(code)
  );
}

function networkWords(code: string): string {
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connection refused',
    ENOTFOUND: 'no such host (ENOTFOUND)',
    EAI_AGAIN: 'the host name cannot be looked up right now (EAI_AGAIN)',
    ETIMEDOUT: 'no connection in time (ETIMEDOUT)',
    EHOSTUNREACH: 'no route to the host (EHOSTUNREACH)',
    ENETUNREACH: 'no route to the network (ENETUNREACH)',
    CERT_HAS_EXPIRED: 'its certificate has expired (CERT_HAS_EXPIRED)',
    EPROTO: 'it does not speak TLS as expected (EPROTO)',
  };
  return (
    words[code] ??
    (/CERT|SIGNATURE|SELF_SIGNED/.test(code) ? `its certificate cannot be trusted (${code})` : code)
  );
}
