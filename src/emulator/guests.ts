import { createHmac, randomUUID } from 'node:crypto';
import { notAllowed } from './errors.ts';
import { putUser } from './indexes.ts';
import { type JsonObject, without } from './json.ts';
import type { Call, Route } from './router.ts';
import { userAnswer } from './user-answers.ts';
import { checkUniqueName, checkUserId, upsertedUser } from './user-data.ts';
import { fieldError } from './errors.ts';
import { optionalObject } from './validate.ts';

/** Making guests: users with a token that nobody had to ask a server for. */
export function guestRoutes(apiSecret: string): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/guest',
      operation: 'CreateGuest',
      access: 'everyone',
      answer: (call) => create(call, apiSecret),
    },
  ];
}

/** What a guest must not decide about himself. */
const decided = new Set(['id', 'role', 'teams', 'teams_role', 'revoke_tokens_issued_before']);

function create(call: Call, apiSecret: string): object {
  const { state, time } = call;
  if (state.app.settings['guest_user_creation_disabled'] === true) {
    throw notAllowed('guest user creation is disabled for this application');
  }
  const sent = optionalObject(call.body, 'user');
  if (sent === undefined) throw fieldError('user', 'is a required field');
  const id = `guest-${randomUUID()}-${checkUserId(sent['id'])}`;
  const user = upsertedUser(state, { ...without(sent, decided), id, role: 'guest' }, time);
  checkUniqueName(state, user);
  putUser(state, user);
  return { user: userAnswer(user), access_token: userToken(id, apiSecret) };
}

function userToken(user_id: string, apiSecret: string): string {
  const part = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ user_id })}`;
  return `${signed}.${createHmac('sha256', apiSecret).update(signed).digest('base64url')}`;
}
