import type { JsonSchema } from '../model/schema.ts';
import { coreValue } from './core-schema.ts';
import { mayHoldPassword } from './secret.ts';
import { typesOf, type TypeName } from './schema-walk.ts';
import { isUnsetNode, type Node } from './tree.ts';

/** Words for what a schema wants: `true or false`, `a list or a map`. */
export function expectation(schema: JsonSchema): string {
  const onlyUnset = Object.keys(schema.properties ?? {}).join() === '$unset';
  const types = (typesOf(schema) ?? []).filter((type) => !(type === 'object' && onlyUnset));
  return types.length === 0 ? 'another value' : types.map((type) => typeWords[type]).join(' or ');
}

/** Words for what was written: `the text "yes"`, `a list`. Nothing is repeated of what is secret. */
export function described(node: Node, secret = false): string {
  if (isUnsetNode(node)) return '!unset';
  if (node.type === 'list') return 'a list';
  if (node.type === 'map') return 'a map';
  if (secret || mayHoldPassword(node.text)) return 'what is written';
  const core = node.plain ? coreValue(node.text) : undefined;
  const shown = node.text.length > 60 ? `${node.text.slice(0, 60)}…` : node.text;
  if (core?.type === 'boolean') return shown;
  if (core?.type === 'number' || core?.type === 'bad-number') return `the number ${shown}`;
  return `the text ${JSON.stringify(shown)}`;
}

/** Names in a sentence: `` `a`, `b` and `c` ``. */
export function listed(names: readonly string[], last: 'and' | 'or' = 'and'): string {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} ${last} ${quoted.at(-1)}`;
}

const typeWords: Readonly<Record<TypeName, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  object: 'a map',
  string: 'a text',
};
