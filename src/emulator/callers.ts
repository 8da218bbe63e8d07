import { inputError } from './errors.ts';
import { isObject } from './json.ts';
import type { Call } from './router.ts';

/** The user a request speaks for: the token's, or the one a server names. */
export function callingUser(call: Call): string | undefined {
  if (call.caller.kind === 'user') return call.caller.id;
  const user = call.body['user'];
  const named = isObject(user) ? user['id'] : undefined;
  const id = call.body['user_id'] ?? named ?? call.query['user_id'];
  // A visitor's SDK names the user id it made up for him.
  if (call.caller.kind === 'anonymous') return undefined;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** The user a request speaks for; throws 400/4 when a server names none. */
export function requiredUser(call: Call): string {
  const user = callingUser(call);
  if (user === undefined)
    throw inputError('either user or user_id must be provided when using server side auth.');
  return user;
}

/** The user a request speaks for, who must exist, for what only an existing user can do. */
export function existingUser(call: Call): string {
  const user = requiredUser(call);
  const found = call.state.users.get(user);
  if (found === undefined || found.deleted_at !== undefined)
    throw inputError(`the user ${user} does not exist`);
  return user;
}
