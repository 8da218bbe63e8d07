import { builtInChannelRoles } from './default-roles.ts';
import { fieldError, inputError } from './errors.ts';
import { scopesOf } from './grants.ts';
import type { Call, Route } from './router.ts';
import type { Role, State } from './state.ts';
import { timeText } from './time.ts';
import { requiredText } from './validate.ts';

/** Creating, listing, searching and deleting roles; a role has nothing to update. */
export const roleRoutes: readonly Route[] = [
  { method: 'POST', path: '/roles', operation: 'CreateRole', access: 'server', answer: create },
  { method: 'GET', path: '/roles', operation: 'ListRoles', access: 'server', answer: list },
  { method: 'GET', path: '/roles/search', operation: 'SearchRoles', access: 'server', answer: search },
  { method: 'DELETE', path: '/roles/:name', operation: 'DeleteRole', access: 'server', answer: remove },
];

const mostCustomRoles = 25;

function create({ state, body, time }: Call): object {
  const name = requiredText(body, 'name', 64);
  if (state.roles.fresh(name) !== undefined) throw inputError(`role "${name}" already exists`);
  if (state.roles.allFresh().filter((role) => role.custom).length >= mostCustomRoles) {
    throw inputError(`an app can have at most ${mostCustomRoles} custom roles`);
  }
  const role = { name, custom: true, created_at: time, updated_at: time };
  state.roles.set(name, role);
  return { role: answerOf(state, role) };
}

function list({ state }: Call): object {
  return { roles: state.roles.allSeen().map((role) => answerOf(state, role)) };
}

function search({ state, query }: Call): object {
  const wanted = query['query'] ?? '';
  if (wanted === '') throw fieldError('query', 'is a required field');
  if (wanted.length > 255) throw fieldError('query', 'must be a maximum of 255 characters in length');
  const limit = Number(query['limit'] ?? 25);
  if (!Number.isInteger(limit) || limit > 25) throw fieldError('limit', 'must be 25 or less');
  const after = query['name_gt'] ?? '';
  const withGlobal = query['include_global_roles'] === 'true';
  const roles = state.roles
    .allSeen()
    .filter((role) => role.name.includes(wanted) && role.name > after)
    .filter((role) => withGlobal || !role.name.startsWith('global_'))
    .filter((role) => isOfKind(role, query['role_type']))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  return { roles: roles.slice(0, limit).map((role) => answerOf(state, role)) };
}

function isOfKind(role: Role, kind: string | undefined): boolean {
  if (kind === undefined || role.custom) return true;
  return builtInChannelRoles.has(role.name) === (kind === 'channel');
}

function remove({ state, parameters }: Call): object {
  const name = parameters['name'] ?? '';
  const role = state.roles.fresh(name);
  if (role === undefined) throw inputError(`role "${name}" does not exist`);
  if (!role.custom) throw inputError(`role "${name}" is a built-in role and cannot be deleted`);
  for (const user of state.users.values()) {
    if (user.role === name && user.deleted_at === undefined) {
      throw inputError(
        `role "${name}" cannot be deleted, at least one user is using this role (ie. "${user.id}")`,
      );
    }
  }
  const scopes = scopesOf(state, name);
  if (scopes.length > 0) {
    throw inputError(`role "${name}" cannot be deleted, it still has grants in ${scopes.join(', ')}`);
  }
  state.roles.delete(name);
  forgetGrants(state, name);
  return {};
}

/** The emptied lists a custom role leaves behind go with it. */
function forgetGrants(state: State, name: string): void {
  const { [name]: _app, ...rest } = state.app.grants;
  state.app.grants = rest;
  for (const type of state.channelTypes.allFresh()) {
    if (!Object.hasOwn(type.grants, name)) continue;
    const { [name]: _type, ...grants } = type.grants;
    state.channelTypes.set(type.name, { ...type, grants });
  }
}

function answerOf(state: State, role: Role): object {
  return {
    name: role.name,
    custom: role.custom,
    scopes: scopesOf(state, role.name),
    created_at: timeText(role.created_at),
    updated_at: timeText(role.updated_at),
  };
}
