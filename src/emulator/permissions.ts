import { type Permission, builtInPermissions, permissionActions } from './default-permissions.ts';
import { fieldError, inputError, notFound } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { Call, Route } from './router.ts';
import type { State } from './state.ts';
import { optionalFlag, optionalObject, optionalText, requiredText } from './validate.ts';

/** Custom permissions, and the reading of the built-in ones. */
export const permissionRoutes: readonly Route[] = [
  { method: 'GET', path: '/permissions', operation: 'ListPermissions', access: 'server', answer: list },
  { method: 'POST', path: '/permissions', operation: 'CreatePermission', access: 'server', answer: create },
  { method: 'GET', path: '/permissions/:id', operation: 'GetPermission', access: 'server', answer: get },
  {
    method: 'PUT',
    path: '/permissions/:id',
    operation: 'UpdatePermission',
    access: 'server',
    answer: update,
  },
  {
    method: 'DELETE',
    path: '/permissions/:id',
    operation: 'DeletePermission',
    access: 'server',
    answer: remove,
  },
];

const builtInNames: ReadonlySet<string> = new Set([...builtInPermissions.values()].map((one) => one.name));

function list({ state }: Call): object {
  return { permissions: [...builtInPermissions.values(), ...state.permissions.values()] };
}

function get({ state, parameters }: Call): object {
  const id = parameters['id'] ?? '';
  const permission = state.permissions.get(id) ?? builtInPermissions.get(id);
  if (permission === undefined) throw notFound(`custom permission "${id}" not found`);
  return { permission };
}

function create({ state, body }: Call): object {
  const id = requiredText(body, 'id', 255);
  if (builtInPermissions.has(id) || state.permissions.has(id))
    throw inputError(`permission "${id}" already exists`);
  state.permissions.set(id, written(state, id, body));
  return {};
}

function update({ state, parameters, body }: Call): object {
  const id = parameters['id'] ?? '';
  if (builtInPermissions.has(id)) throw inputError(`permission "${id}" is built-in and cannot be changed`);
  if (!state.permissions.has(id)) throw notFound(`custom permission "${id}" not found`);
  state.permissions.set(id, written(state, id, body));
  return {};
}

function remove({ state, parameters }: Call): object {
  const id = parameters['id'] ?? '';
  if (builtInPermissions.has(id)) throw inputError(`permission "${id}" is built-in and cannot be deleted`);
  if (!state.permissions.has(id)) throw notFound(`custom permission "${id}" not found`);
  const scope = scopeGranting(state, id);
  if (scope !== undefined)
    throw inputError(`permission "${id}" cannot be deleted, it is granted in ${scope}`);
  state.permissions.delete(id);
  return {};
}

function scopeGranting(state: State, id: string): string | undefined {
  if (Object.values(state.app.grants).some((ids) => ids.includes(id))) return '.app';
  return state.channelTypes
    .allFresh()
    .find((type) => Object.values(type.grants).some((ids) => ids.includes(id)))?.name;
}

function written(state: State, id: string, body: JsonObject): Permission {
  const name = requiredText(body, 'name', 100);
  const nameTaken =
    builtInNames.has(name) ||
    [...state.permissions.values()].some((one) => one.name === name && one.id !== id);
  if (nameTaken) throw inputError(`permission "${name}" already exists`);
  const action = requiredText(body, 'action');
  if (!permissionActions.has(action)) throw inputError(`${action} is not a valid resource`);
  const condition = optionalObject(body, 'condition');
  if (condition === undefined) throw fieldError('condition', 'is a required field');
  return {
    id,
    name,
    description: optionalText(body, 'description', 2048) ?? '',
    action,
    owner: optionalFlag(body, 'owner') ?? false,
    same_team: optionalFlag(body, 'same_team') ?? false,
    custom: true,
    level: builtInPermissions.get(kebab(action))?.level ?? 'channel',
    tags: [],
    owner_resource: '',
    condition,
  };
}

function kebab(action: string): string {
  return action.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
}
