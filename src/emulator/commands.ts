import { commandAnswer } from './channel-config.ts';
import { builtInCommands } from './default-commands.ts';
import { fieldError, inputError, notFound } from './errors.ts';
import type { Call, Route } from './router.ts';
import { optionalText, requiredText } from './validate.ts';

/** Custom slash commands, listed together with the built-in ones. */
export const commandRoutes: readonly Route[] = [
  { method: 'GET', path: '/commands', operation: 'ListCommands', access: 'server', answer: list },
  { method: 'POST', path: '/commands', operation: 'CreateCommand', access: 'server', answer: create },
  { method: 'GET', path: '/commands/:name', operation: 'GetCommand', access: 'server', answer: get },
  { method: 'PUT', path: '/commands/:name', operation: 'UpdateCommand', access: 'server', answer: update },
  { method: 'DELETE', path: '/commands/:name', operation: 'DeleteCommand', access: 'server', answer: remove },
];

const mostCustomCommands = 50;
const builtInNames: ReadonlySet<string> = new Set(builtInCommands.map((command) => command.name));
const reservedNames: ReadonlySet<string> = new Set([...builtInNames, 'all', 'fun_set', 'moderation_set']);

function list({ state }: Call): object {
  return { commands: state.commands.allSeen().map(commandAnswer) };
}

function get({ state, parameters }: Call): object {
  const command = state.commands.seen(parameters['name'] ?? '');
  if (command === undefined) throw missing(parameters['name']);
  return commandAnswer(command);
}

function create({ state, body, time }: Call): object {
  const name = requiredText(body, 'name', 255);
  if (/\s/.test(name)) throw fieldError('name', 'must not contain whitespace');
  if (reservedNames.has(name)) throw inputError(`command "${name}" is reserved`);
  if (state.commands.fresh(name) !== undefined) throw inputError(`command "${name}" already exists`);
  if (state.commands.allFresh().length - builtInNames.size >= mostCustomCommands) {
    throw inputError(`an app can have at most ${mostCustomCommands} custom commands`);
  }
  const command = {
    name,
    description: requiredText(body, 'description', 255),
    args: optionalText(body, 'args', 255) ?? '',
    set: optionalText(body, 'set', 255) ?? '',
    created_at: time,
    updated_at: time,
  };
  state.commands.set(name, command);
  return { command: commandAnswer(command) };
}

function update({ state, parameters, body, time }: Call): object {
  const name = parameters['name'] ?? '';
  const current = state.commands.fresh(name);
  if (current === undefined) throw missing(name);
  if (builtInNames.has(name)) throw inputError(`command "${name}" is built-in and cannot be changed`);
  const command = {
    ...current,
    description: optionalText(body, 'description', 255) ?? current.description,
    args: optionalText(body, 'args', 255) ?? current.args,
    set: optionalText(body, 'set', 255) ?? current.set,
    updated_at: time,
  };
  state.commands.set(name, command);
  return { command: commandAnswer(command) };
}

function remove({ state, parameters }: Call): object {
  const name = parameters['name'] ?? '';
  if (state.commands.fresh(name) === undefined) throw missing(name);
  if (builtInNames.has(name)) throw inputError(`command "${name}" is built-in and cannot be deleted`);
  const user = state.channelTypes.allSeen().find((type) => type.commands.includes(name));
  if (user !== undefined)
    throw inputError(`command "${name}" cannot be deleted, channel type ${user.name} uses it`);
  state.commands.delete(name);
  return { name };
}

function missing(name: string | undefined): Error {
  return notFound(`command "${name ?? ''}" does not exist`);
}
