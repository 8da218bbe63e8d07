import { StreamFailure, type Answer, type OperationName } from '../model/stream.ts';
import { textAt, treeAt, type Tree } from './values.ts';

/** The object that an answer must hold. An answer without it says nothing, least of all that nothing is there. */
export function held(answer: Answer, operation: OperationName, key: string): Tree {
  const value = answer[key];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Tree;
  throw new StreamFailure('unclear', operation, `the answer to ${operation} holds no ${key}`);
}

/** The list of objects that an answer must hold. */
export function heldList(answer: Answer, operation: OperationName, key: string): readonly Tree[] {
  const value = answer[key];
  if (Array.isArray(value)) return value.map(treeAt);
  throw new StreamFailure('unclear', operation, `the answer to ${operation} holds no list of ${key}`);
}

/** The text that an object in an answer must hold, such as its id. */
export function heldText(tree: Tree, operation: OperationName, key: string): string {
  const value = textAt(tree, key);
  if (value !== undefined) return value;
  throw new StreamFailure('unclear', operation, `the answer to ${operation} holds an object without ${key}`);
}
