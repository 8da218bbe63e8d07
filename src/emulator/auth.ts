import { createHmac, timingSafeEqual } from 'node:crypto';
import { unauthenticated } from './errors.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Caller } from './router.ts';

/** What authentication needs from the request and the app. */
export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly givenKey: string | undefined;
  readonly authType: string | undefined;
  readonly token: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** With the app's `disable_auth_checks` the real service takes wrong signatures and development tokens. */
  readonly unchecked: boolean;
}

/** Who sent the request; throws 401 with the code that the SDKs of Stream tell apart. */
export function authenticate(given: Credentials): Caller {
  if (given.givenKey === undefined || !sameText(given.givenKey, given.apiKey)) {
    throw unauthenticated(2, 'api_key not valid');
  }
  if (given.authType === 'anonymous') return { kind: 'anonymous' };
  if (given.authType !== 'jwt') throw unauthenticated(5, 'stream-auth-type must be one of [jwt anonymous]');
  if (given.token === undefined || given.token === '')
    throw unauthenticated(5, 'authorization header is missing');
  const claims = verified(given.token, given);
  if (claims['server']) return { kind: 'server' };
  const user = claims['user_id'];
  if (typeof user !== 'string' || user === '') throw unauthenticated(5, 'token has no user_id');
  return { kind: 'user', id: user };
}

function verified(token: string, given: Credentials): JsonObject {
  const [head = '', claims = '', signed = '', ...more] = token.split('.');
  const header = decoded(head);
  const payload = decoded(claims);
  if (header === undefined || payload === undefined || more.length > 0) {
    throw unauthenticated(5, 'token is not a valid JWT');
  }
  if (!given.unchecked) {
    if (signed === 'devtoken') {
      throw unauthenticated(5, 'development tokens are not allowed for this application');
    }
    if (header['alg'] !== 'HS256') throw unauthenticated(5, 'token must be signed with HS256');
    if (!sameText(signed, signature(`${head}.${claims}`, given.apiSecret))) {
      throw unauthenticated(43, 'token signature is invalid');
    }
  }
  checkTimes(payload, given.now / 1000);
  return payload;
}

/** A clock skew of a few seconds is forgiven for `iat`, as hosts disagree by that much. */
const allowedSkewSeconds = 5;

function checkTimes(claims: JsonObject, now: number): void {
  const { exp, nbf, iat } = claims;
  if (typeof exp === 'number' && exp <= now) throw unauthenticated(40, 'token is expired');
  if (typeof nbf === 'number' && nbf > now + allowedSkewSeconds)
    throw unauthenticated(41, 'token is not valid yet');
  if (typeof iat === 'number' && iat > now + allowedSkewSeconds)
    throw unauthenticated(42, 'token used before issued at');
}

function decoded(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function signature(signed: string, secret: string): string {
  return createHmac('sha256', secret).update(signed).digest('base64url');
}

/** Compares in a time that does not tell how much of the text was right. */
function sameText(left: string, right: string): boolean {
  const [one, other] = [left, right].map((value) => createHmac('sha256', 'length').update(value).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
