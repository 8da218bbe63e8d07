import { createHmac, hkdfSync } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import {
  operations,
  type Answer,
  type FailureReason,
  type Input,
  type OperationName,
  type ReadStream,
  type Stream,
  type StreamFailure,
} from '../model/stream.ts';
import { usualQuota } from '../model/quota.ts';
import { createAdmission } from './admission.ts';
import { ConnectionUsageError, originOf, streamUrl } from './base-url.ts';
import { systemClock, type Clock } from './clock.ts';
import { abortedFailure, answerOrFailure, failureOfError, type FailureContext } from './failure.ts';
import { createLimits, type Budget, type Told } from './limits.ts';
import { readOnly, requireEffect } from './read-only.ts';
import { requestOf } from './request.ts';
import { countFailure, noFailures, pauseBeforeRepeat } from './retry.ts';
import { openTransport } from './transport.ts';

/** What happens on a connection, for logs and progress; it carries no path, no body and no credential. */
export type RequestEvent =
  | {
      readonly type: 'waiting';
      readonly operation: OperationName;
      readonly why: 'limit' | 'repeat';
      readonly milliseconds: number;
    }
  | {
      /** A request leaves; `answered` follows, also when no answer comes. */
      readonly type: 'sent';
      readonly operation: OperationName;
    }
  | {
      readonly type: 'answered';
      readonly operation: OperationName;
      /** Counted from 1. */
      readonly attempt: number;
      /** Since the request was asked for, or since its last attempt. */
      readonly waitedMs: number;
      readonly tookMs: number;
      /** Absent when no answer came. */
      readonly status?: number;
      readonly reason?: FailureReason;
    };

/** The credentials of one app, and what may be otherwise than usual. */
export interface ConnectOptions {
  readonly apiKey: string;
  readonly apiSecret: string;
  /** An origin; Stream's service unless given. */
  readonly baseUrl?: string;
  /** How long one answer may take; 30,000 unless given. */
  readonly timeoutMs?: number;
  /** Once aborted nothing more is sent and waits end; what is under way may finish. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Requests under way at once; 32 unless given. */
  readonly concurrency?: number;
  /** The share of Stream's limits that this connection uses, above 0 and at most 1; 0.8 unless given. */
  readonly quota?: number;
  readonly onRequest?: (event: RequestEvent) => void;
}

/** The way to one app: the same requests, limits and credentials behind a reader that cannot write and a stream that can. */
export interface Connection {
  readonly reader: ReadStream;
  readonly stream: Stream;
  /** Requests sent so far, repeated ones included. */
  requests(): number;
  /** Stands for a secret in what people see: the same for the same text and app, and nothing without the API secret. */
  fingerprint(text: string): string;
  /** Stands for a text in a saved plan, and seals it: nobody without the API secret can make or guess it. */
  sign(text: string): string;
  limits(): ReadonlyMap<OperationName, Budget>;
  close(): void;
}

/** Makes the one Stream client there is. Sends nothing yet; throws ConnectionUsageError for options that cannot work. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { signal, clock = systemClock, random = Math.random, timeoutMs = 30_000, onRequest } = options;
  const { concurrency = 32, quota = usualQuota } = options;
  if (!(quota > 0 && quota <= 1)) throw new ConnectionUsageError('the quota must be above 0 and at most 1');
  const { origin, loopback } = originOf(options.baseUrl ?? streamUrl);
  const { apiKey, apiSecret } = options;
  requireCredential('API key', apiKey);
  requireCredential('API secret', apiSecret);
  const transport = openTransport({ apiKey, apiSecret, origin, loopback, timeoutMs });

  // Every request that waits listens to the signal, and Node takes many listeners for a leak.
  if (signal !== undefined) setMaxListeners(0, signal);
  const context: FailureContext = { origin, timeoutMs, secrets: transport.secrets };
  const limits = createLimits(quota, random);
  const admission = createAdmission(limits, clock, concurrency, (operation, milliseconds) => {
    onRequest?.({ type: 'waiting', operation, why: 'limit', milliseconds });
  });
  let sent = 0;
  let lastOperation: OperationName = 'GetApp';

  async function request(
    operation: OperationName,
    input: Input,
    before?: () => Promise<void>,
  ): Promise<Answer> {
    const prepared = requestOf(operation, input);
    const { effect } = operations[operation];
    let failures = noFailures;
    for (let attempt = 1; ; attempt += 1) {
      const result = await send(operation, prepared, attempt, before);
      if ('answer' in result) return result.answer;
      failures = countFailure(failures, result.failure);
      const pause = pauseBeforeRepeat(result.failure, failures, effect, random);
      if (pause === undefined) throw result.failure;
      if (pause === 0) continue;
      onRequest?.({ type: 'waiting', operation, why: 'repeat', milliseconds: pause });
      await clock.sleep(pause, signal);
    }
  }

  async function send(
    operation: OperationName,
    prepared: ReturnType<typeof requestOf>,
    attempt: number,
    before: (() => Promise<void>) | undefined,
  ): Promise<Sent> {
    const asked = clock.now();
    if ((await admission.enter(operation, signal, before)) === 'aborted') throw abortedFailure(operation);
    let told: Told | undefined;
    try {
      if (signal?.aborted === true) throw abortedFailure(operation);
      sent += 1;
      lastOperation = operation;
      const started = clock.now();
      onRequest?.({ type: 'sent', operation });
      const result = await exchange(operation, prepared);
      const { headers, status } = result;
      // A broken answer says nothing of limits, not even that there are none.
      if (headers !== undefined && status !== undefined && status < 500)
        told = { headers, refused: status === 429 };
      if (operation === 'GetRateLimits' && 'answer' in result) limits.learn(result.answer, clock.now());
      onRequest?.({
        type: 'answered',
        operation,
        attempt,
        waitedMs: started - asked,
        tookMs: clock.now() - started,
        ...(status === undefined ? {} : { status }),
        ...('failure' in result ? { reason: result.failure.reason } : {}),
      });
      return result;
    } finally {
      limits.done(operation, clock.now(), told);
      admission.leave(operation);
    }
  }

  async function exchange(operation: OperationName, prepared: ReturnType<typeof requestOf>): Promise<Sent> {
    try {
      const received = await transport.send(prepared);
      const { headers, status } = received;
      return { ...answerOrFailure(operation, received, context), headers, status };
    } catch (error) {
      return { failure: failureOfError(operation, error, context) };
    }
  }

  const reader = readOnly(request);
  const stream: Stream = Object.freeze({
    read: reader.read,
    write: async (operation: OperationName, input: Input = {}, before?: () => Promise<void>) => {
      requireEffect(operation, 'write');
      return request(operation, input, before);
    },
    now: () => clock.now(),
    wait: async (milliseconds: number) => {
      await clock.sleep(milliseconds, signal);
      if (signal?.aborted === true) throw abortedFailure(lastOperation);
    },
  });
  return {
    reader,
    stream,
    requests: () => sent,
    fingerprint: (text) => fingerprintOf(apiSecret, text),
    sign: signerOf(apiSecret),
    limits: limits.known,
    close: transport.close,
  };
}

type Sent = ({ readonly answer: Answer } | { readonly failure: StreamFailure }) & {
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
};

/** The secret also signs tokens, so what is signed here begins as no token does. */
function fingerprintOf(secret: string, text: string): string {
  return createHmac('sha256', secret)
    .update('streambed fingerprint\0')
    .update(text)
    .digest('hex')
    .slice(0, 12);
}

/** A key of its own, so that nothing signed here means anything where the secret signs. */
function signerOf(secret: string): (text: string) => string {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'streambed saved plan', 32));
  return (text) => createHmac('sha256', key).update(text).digest('base64url');
}

/** A secret that was pasted with a line break fails at Stream as a wrong signature, which is hard to find out. */
function requireCredential(what: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw new ConnectionUsageError(`the ${what} is missing`);
  if (value !== value.trim()) throw new ConnectionUsageError(`the ${what} begins or ends with white space`);
}
