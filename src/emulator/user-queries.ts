import { atPath } from './dotted.ts';
import { fieldError, inputError } from './errors.ts';
import { type Field, compileFilter, compileSort, exactTexts } from './filters.ts';
import { type JsonObject, isObject } from './json.ts';
import type { Call, Route } from './router.ts';
import type { State, User } from './state.ts';
import { fullUserAnswer } from './user-answers.ts';
import { optionalFlag, optionalInteger, optionalObject } from './validate.ts';

/** Finding users. */
export const userQueryRoutes: readonly Route[] = [
  { method: 'GET', path: '/users', operation: 'QueryUsers', access: 'everyone', answer: query },
];

const usualLimit = 30;
const largestLimit = 100;
const largestOffset = 1000;

const fields: Readonly<Record<string, Field<User>>> = {
  id: { kind: 'string', get: (user) => user.id, searchable: true },
  role: { kind: 'string', get: (user) => user.role },
  teams: { kind: 'list', get: (user) => user.teams },
  name: { kind: 'string', get: (user) => user.name, searchable: true },
  username: { kind: 'string', get: (user) => user.custom['username'], searchable: true },
  email: { kind: 'string', get: (user) => user.custom['email'] },
  banned: { kind: 'boolean', get: () => false },
  created_at: { kind: 'time', get: (user) => user.created_at },
  updated_at: { kind: 'time', get: (user) => user.updated_at },
  last_active: { kind: 'time', get: (user) => user.last_active },
};

function fieldOf(name: string): Field<User> {
  return (
    (Object.hasOwn(fields, name) ? fields[name] : undefined) ?? {
      kind: 'custom',
      get: (user) => atPath(user.custom, name),
    }
  );
}

/** The decoded `payload` of a GET with a JSON query parameter. */
export function payloadOf(query: Readonly<Record<string, string>>): JsonObject {
  try {
    const payload: unknown = JSON.parse(query['payload'] ?? '{}');
    if (isObject(payload)) return payload;
  } catch {
    // Refused below, like any payload that is no object.
  }
  throw inputError('payload is not valid JSON');
}

function query(call: Call): object {
  const payload = payloadOf(call.query);
  const filter = optionalObject(payload, 'filter_conditions') ?? {};
  refuseSearch(filter);
  const limit = optionalInteger(payload, 'limit', { min: 0, max: largestLimit }) ?? usualLimit;
  const offset = optionalInteger(payload, 'offset', { min: 0, max: largestOffset }) ?? 0;
  const withDeactivated = optionalFlag(payload, 'include_deactivated_users') ?? false;
  const matches = compileFilter(filter, fieldOf);
  const order = compileSort(payload['sort'], sortField);
  const users = candidates(call.state, filter).filter(
    (user) =>
      user.deleted_at === undefined &&
      (withDeactivated || user.deactivated_at === undefined) &&
      matches(user),
  );
  // Reversed first, so that users made in one call come newest first too.
  const sorted = users.toReversed().sort(order ?? ((left, right) => right.created_at - left.created_at));
  return {
    users: sorted
      .slice(offset, offset + limit)
      .map((user) => fullUserAnswer(user, call.state.live.online(user.id))),
  };
}

function sortField(name: string): Field<User> {
  if (!Object.hasOwn(fields, name)) throw inputError(`sorting by "${name}" is not allowed`);
  return fieldOf(name);
}

function candidates(state: State, filter: JsonObject): User[] {
  const ids = exactTexts(filter, 'id');
  if (ids === undefined) return [...state.users.values()];
  return [...new Set(ids)].map((id) => state.users.get(id)).filter((user) => user !== undefined);
}

function refuseSearch(filter: JsonObject): void {
  if (filter['teams'] === '') throw fieldError('teams', 'must not be empty');
  for (const [name, condition] of Object.entries(filter)) {
    const searches = isObject(condition) && ('$q' in condition || '$autocomplete' in condition);
    if (searches && !Object.hasOwn(fields, name))
      throw inputError(`search is not enabled for field users.${name}`);
  }
}
