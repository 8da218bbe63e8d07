import { placeText, type Diagnostic } from '../model/diagnostic.ts';
import { coreValue } from './core-schema.ts';
import { cutOffProblem, noValue, notClearable, cutOff } from './decode.ts';
import { problem } from './problem.ts';
import { isUnsetNode, placeOf, type MapNode, type Node, type ScalarNode } from './tree.ts';
import { described } from './wording.ts';

/**
 * The map that must be here, or undefined and a problem; `what` names the key, `help` says what to write. What stands
 * here instead is not repeated where the map may hold secrets.
 */
export function mapHere(
  node: Node,
  what: string,
  help: string,
  diagnostics: Diagnostic[],
  secret = false,
): MapNode | undefined {
  if (node.type === 'map' && !isUnsetNode(node)) return node;
  if (node.type === 'scalar' && node.broken) return undefined;
  diagnostics.push(
    isEmptyHere(node)
      ? { ...noValue(node, what, secret), help }
      : isUnsetNode(node)
        ? notClearable(node, what)
        : problem(
            'wrong-type',
            placeOf(node),
            `\`${what}\` must be a map, not ${described(node, secret)}`,
            help,
          ),
  );
  return undefined;
}

/** The name that must be here, or undefined and a problem. */
export function nameHere(
  node: Node,
  what: string,
  help: string,
  diagnostics: Diagnostic[],
): ScalarNode | undefined {
  if (node.type !== 'scalar') {
    diagnostics.push(
      problem('wrong-type', placeOf(node), `${what} must be a name, not ${described(node)}`, help),
    );
    return undefined;
  }
  if (node.broken) return undefined;
  if (isEmptyHere(node)) {
    diagnostics.push(noValue(node, ''));
    return undefined;
  }
  if (cutOff(node)) diagnostics.push(cutOffProblem(node));
  return node;
}

/** True for a value that is not there, or is `null`. */
export function isEmptyHere(node: Node): node is ScalarNode {
  return (
    node.type === 'scalar' && node.plain && node.broken === undefined && coreValue(node.text).type === 'null'
  );
}

/** The problem of something that is given a second time. */
export function givenTwice(what: string, again: ScalarNode, first: ScalarNode): Diagnostic {
  return problem(
    'duplicate',
    placeOf(again),
    `${what} is given twice; the first is at ${placeText(placeOf(first))}`,
    'Keep one of the two.',
  );
}
