import { placeText, type Diagnostic } from '../model/diagnostic.ts';
import type { JsonSchema, Unset } from '../model/schema.ts';
import { coreValue } from './core-schema.ts';
import { holdsSecret, mayHoldPassword } from './secret.ts';
import { problem } from './problem.ts';
import {
  elementsOf,
  isUnsetNode,
  placeOf,
  type ListNode,
  type MapNode,
  type Node,
  type ScalarNode,
} from './tree.ts';
import { itemSchema, memberSchema, typesOf, type TypeName } from './schema-walk.ts';

/** A plain value, what was wrong with it, and the parts that have no value because of it: null stands for them. */
export interface Decoded {
  readonly value: unknown;
  readonly diagnostics: readonly Diagnostic[];
  readonly failed: ReadonlySet<Node>;
}

/**
 * The plain value of a part of a manifest. The schema decides what a scalar is: where text is possible it is what was
 * written; where a number or a flag is wanted, and in free data, YAML 1.2's core schema reads it. Maps have no
 * prototype. Whether the value fits the schema is for the validator to say.
 */
export function decode(node: Node, schema: JsonSchema | undefined): Decoded {
  const diagnostics: Diagnostic[] = [];
  const failed = new Set<Node>();
  return { value: visit(node, schema, { name: '', secret: false }), diagnostics, failed };

  function visit(part: Node, expected: JsonSchema | undefined, outer: Context): unknown {
    const context = expected?.['x-streambed-sensitive'] === true ? { ...outer, secret: true } : outer;
    switch (part.type) {
      case 'scalar':
        return scalar(part, expected, context);
      case 'list':
        return list(part, expected, context);
      case 'map':
        return map(part, expected, context);
    }
  }

  function scalar(part: ScalarNode, expected: JsonSchema | undefined, { name, secret }: Context): unknown {
    if (part.broken) return fail(part);
    const types = typesOf(expected, 'scalar');
    if (types?.includes('string') && !part.plain) return part.text;
    const core = part.plain ? coreValue(part.text) : text;
    if (core.type === 'null') return fail(part, noValue(part, name, secret || holdsSecret(expected)));
    if (types?.includes('string') || (types === undefined && core.type === 'text')) {
      if (cutOff(part) && !expected?.enum?.includes(part.text))
        diagnostics.push(cutOffProblem(part, secret || holdsSecret(expected)));
      return part.text;
    }
    if (core.type === 'boolean' || core.type === 'number') return core.value;
    if (core.type === 'bad-number' && wantsNumber(types))
      return fail(part, badNumber(part, types === undefined, secret || holdsSecret(expected)));
    return part.text;
  }

  function list(part: ListNode, expected: JsonSchema | undefined, context: Context): unknown {
    const types = typesOf(expected, 'list');
    if (types !== undefined && !types.includes('array')) return [];
    const inner = itemSchema(expected);
    const isSet = expected?.['x-streambed-set'] === true;
    const items = isSet
      ? elementsOf(part, (again, first) => diagnostics.push(repeated(again, first, context)))
      : part.items;
    return items.map((item) => visit(item, inner, context));
  }

  function map(part: MapNode, expected: JsonSchema | undefined, context: Context): unknown {
    const value = Object.create(null) as Record<string, unknown>;
    const types = typesOf(expected, 'map');
    if (isUnsetNode(part)) {
      const clearable = types === undefined || expected?.properties?.['$unset'] !== undefined;
      return clearable ? unset : fail(part, notClearable(part, context.name));
    }
    if (types !== undefined && !types.includes('object')) return value;
    for (const { key, value: child } of part.entries) {
      const inner = memberSchema(expected, key.text);
      // What is under an unknown field is not worth a second complaint.
      if (inner !== false) value[key.text] = visit(child, inner, { ...context, name: key.text });
      else value[key.text] = null;
    }
    return value;
  }

  function fail(part: Node, diagnostic?: Diagnostic): null {
    if (diagnostic !== undefined) diagnostics.push(diagnostic);
    failed.add(part);
    return null;
  }
}

/** What is known about a part from what is around it. */
interface Context {
  /** The key that names it, or the list that it is in. */
  readonly name: string;
  /** True where messages must not repeat what was written. */
  readonly secret: boolean;
}

/**
 * True when a comment seems to have swallowed the end of an unquoted text: exactly one space before its `#`, and
 * something other than a space after it, as in `Room #5`. `Lena # comment` and `Lena  #comment` are comments.
 */
export function cutOff(scalar: ScalarNode): boolean {
  if (!scalar.plain) return false;
  const { text: all } = scalar.source;
  if (all.charCodeAt(scalar.end) !== 0x20 || all.charCodeAt(scalar.end + 1) !== 0x23) return false;
  return !/^(?:\s|#|$)/.test(all.slice(scalar.end + 2, scalar.end + 3)) && all[scalar.start] !== '*';
}

/** The problem of a key without a value, or with `null`. */
export function noValue(part: ScalarNode, name: string, secret = false): Diagnostic {
  const what = name === '' ? 'this' : `\`${name}\``;
  if (part.text === '' && cutOffAtOnce(part)) return cutOffProblem(part, secret);
  return problem(
    'no-value',
    placeOf(part),
    part.text === '' ? `${what} has no value` : `${what} is ${part.text}, which is no value`,
    part.text === ''
      ? 'Leave the line out to keep what is live, write !unset to clear it, or give it a value.'
      : `Leave the line out to keep what is live, write !unset to clear it, or quote it if it is a text: '${part.text}'.`,
  );
}

/** The problem of `!unset` where nothing can be cleared. */
export function notClearable(part: Node, name: string): Diagnostic {
  return problem(
    'wrong-type',
    placeOf(part),
    `\`${name}\` cannot be cleared with !unset`,
    'Leave the line out to keep what is live, or write the value that you want.',
  );
}

const text = { type: 'text' } as const;

/** With a prototype, unlike other maps: ajv compares it with the one in a schema, and nobody else's keys are in it. */
const unset: Unset = Object.freeze({ $unset: true });

/** The same as `cutOff` where the comment begins at once, as in `name: #5`. */
function cutOffAtOnce({ source, end }: ScalarNode): boolean {
  const hash = source.text[end] === '#' ? end : end + 1;
  return /^[:-] #[^\s#]/.test(source.text.slice(Math.max(0, hash - 2), hash + 2));
}

/** The problem of a text that a comment cuts off. */
export function cutOffProblem(part: ScalarNode, secret = false): Diagnostic {
  const all = part.source.text;
  const lineEnd = all.indexOf('\n', part.end);
  const whole = all.slice(part.start, lineEnd === -1 ? all.length : lineEnd).trim();
  if (secret || mayHoldPassword(whole)) {
    return problem(
      'cut-off-by-comment',
      placeOf(part),
      'YAML reads the end of this text as a comment',
      'Put the text in quotes.',
    );
  }
  return problem(
    'cut-off-by-comment',
    placeOf(part),
    `YAML reads what follows ${part.text === '' ? 'here' : `\`${part.text}\``} as a comment`,
    `Quote the text: '${whole.replaceAll("'", "''")}'. If it is a comment, put a space after the #.`,
  );
}

function wantsNumber(types: readonly TypeName[] | undefined): boolean {
  return types === undefined || types.includes('integer') || types.includes('number');
}

function badNumber(part: ScalarNode, textIsPossible: boolean, secret: boolean): Diagnostic {
  return problem(
    'bad-number',
    placeOf(part),
    `${secret ? 'this' : part.text} is a number that cannot be kept exactly`,
    textIsPossible
      ? `Quote it to keep it as text${secret ? '' : `: '${part.text}'`}.`
      : 'Write a number with fewer digits.',
  );
}

function repeated(again: Node, first: Node, { name, secret }: Context): Diagnostic {
  const word =
    secret || (again.type === 'scalar' && mayHoldPassword(again.text))
      ? 'this'
      : again.type === 'scalar'
        ? `\`${again.text}\``
        : '';
  return problem(
    'duplicate',
    placeOf(again),
    `${word} is in \`${name}\` twice; the first is at ${placeText(placeOf(first))}`,
    'Remove one of the two: order and repetition mean nothing here.',
    'warning',
  );
}
