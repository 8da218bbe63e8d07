import type { Diagnostic, SourceSpan } from '../model/diagnostic.ts';
import type { JsonSchema } from '../model/schema.ts';
import type { ManifestCode } from './codes.ts';
import { holdsSecret, mayHoldPassword } from './secret.ts';
import { nearest } from '../model/nearest.ts';
import { problem } from './problem.ts';
import type { RawIssue } from './raw-issue.ts';
import { itemSchema, memberSchema } from './schema-walk.ts';
import { elementsOf, entryOf, placeOf, type ListNode, type Node, type ScalarNode } from './tree.ts';
import { described, expectation, listed } from './wording.ts';

/** What was validated: its parts, its schema, and the key that names it when it has one. */
export interface Validated {
  readonly node: Node;
  readonly schema: JsonSchema;
  readonly name: ScalarNode | undefined;
  /** Parts that already have a problem of their own. */
  readonly failed: ReadonlySet<Node>;
}

/**
 * Issues as problems at the right place: the name for a field that is unknown or lacks another, the value for a wrong
 * value. Where a value has the wrong type nothing else is said about it.
 */
export function explain(issues: readonly RawIssue[], validated: Validated): readonly Diagnostic[] {
  const mistyped = new Set(
    issues.filter((issue) => issue.keyword === 'type').map((issue) => issue.path.join('\n')),
  );
  const diagnostics: Diagnostic[] = [];
  // Opening a set takes time in its size, and every issue in it asks again.
  const sets = new Map<ListNode, readonly Node[]>();
  for (const issue of issues) {
    if (issue.keyword !== 'type' && mistyped.has(issue.path.join('\n'))) continue;
    const place = walk(validated, issue.path, sets);
    if (place === undefined || validated.failed.has(place.node)) continue;
    const found = diagnosticFor(issue, place);
    if (found !== undefined) diagnostics.push(found);
  }
  return diagnostics;
}

interface Place {
  readonly node: Node;
  readonly schema: JsonSchema;
  readonly name: ScalarNode | undefined;
  /** As people write it: `grants.user`; empty for the whole object. */
  readonly label: string;
  /** True where messages must not repeat what was written. */
  readonly secret: boolean;
}

interface Wording {
  readonly code: ManifestCode;
  readonly message: string;
  readonly help: string;
}

/** Follows a path of the decoded value through the tree and the schema at once. */
function walk(
  validated: Validated,
  path: readonly string[],
  sets: Map<ListNode, readonly Node[]>,
): Place | undefined {
  let { node, name } = validated;
  let schema: JsonSchema | undefined = validated.schema;
  let label = '';
  let secret = validated.schema['x-streambed-sensitive'] === true;
  for (const step of path) {
    if (node.type === 'map') {
      const entry = entryOf(node, step);
      if (entry === undefined) return undefined;
      node = entry.value;
      name = entry.key;
      schema = memberSchema(schema, step) || undefined;
      label = label === '' ? step : `${label}.${step}`;
    } else if (node.type === 'list') {
      let items = node.items;
      if (schema?.['x-streambed-set'] === true) {
        items = sets.get(node) ?? elementsOf(node);
        sets.set(node, items);
      }
      const item: Node | undefined = items[Number(step)];
      if (item === undefined) return undefined;
      node = item;
      name = undefined;
      schema = itemSchema(schema);
    } else return undefined;
    secret ||= schema?.['x-streambed-sensitive'] === true;
  }
  return { node, name, schema: schema ?? {}, label, secret: secret || holdsSecret(schema) };
}

function diagnosticFor(issue: RawIssue, place: Place): Diagnostic | undefined {
  if (issue.keyword === 'additionalProperties') return unknownField(issue, place);
  if (issue.propertyName !== undefined) return badKey(issue, place, issue.propertyName);
  if (issue.keyword === 'required') return missingField(issue, place);
  const wording = valueWording(issue, place);
  return report(issue, placeOf(place.node), wording);
}

/** A value that can be cleared allows one map only; any other map is a value of the wrong type. */
function wantsUnset(schema: JsonSchema): boolean {
  return (
    Object.keys(schema.properties ?? {}).join() === '$unset' && schema.required?.includes('$unset') === true
  );
}

function unknownField(issue: RawIssue, place: Place): Diagnostic | undefined {
  const field = String(issue.params['additionalProperty']);
  const { schema, node } = place;
  // The missing `$unset` is told instead.
  if (wantsUnset(schema)) return undefined;
  const fields = Object.keys(schema.properties ?? {}).filter((name) => name !== '$unset');
  const meant = nearest(field, fields);
  const key = node.type === 'map' ? entryOf(node, field)?.key : undefined;
  return report(issue, placeOf(key ?? node), {
    code: 'unknown-field',
    message: `there is no field \`${field}\`${inside(place)}`,
    help:
      meant !== undefined
        ? `Did you mean \`${meant}\`?`
        : fields.includes('custom')
          ? `Data of your own goes under \`custom\`; fields here are ${listed(fields)}.`
          : fields.length > 12
            ? `Fields here are ${listed(fields.slice(0, 12))} and ${fields.length - 12} more.`
            : fields.length > 0
              ? `Fields here are ${listed(fields)}.`
              : 'Remove the line.',
  });
}

function badKey(issue: RawIssue, place: Place, name: string): Diagnostic {
  const key = place.node.type === 'map' ? entryOf(place.node, name)?.key : undefined;
  return report(issue, placeOf(key ?? place.node), {
    code: 'bad-key',
    message: `\`${name}\` cannot be a key${inside(place)}`,
    help: place.schema.propertyNames?.description ?? 'Choose another key.',
  });
}

function missingField(issue: RawIssue, place: Place): Diagnostic | undefined {
  const field = String(issue.params['missingProperty']);
  if (place.node.type === 'map' && entryOf(place.node, field) !== undefined) return undefined;
  if (field === '$unset') {
    return report(issue, placeOf(place.node), typeWording(place));
  }
  const inner = memberSchema(place.schema, field);
  const says = inner ? inner.description : undefined;
  return report(issue, placeOf(place.name ?? place.node), {
    code: 'missing-field',
    message: `the field \`${field}\` is missing${inside(place)}`,
    help: says === undefined ? `Add \`${field}\`.` : `Add \`${field}\`: ${lowerFirst(says)}`,
  });
}

function valueWording(issue: RawIssue, place: Place): Wording {
  const { node, schema, secret } = place;
  const said = described(node, secret);
  const what = subject(place);
  const limit = issue.params['limit'];
  const written = node.type === 'scalar' && !secret ? node.text : '';
  const remedy = { help: schema.description === undefined ? 'Change the value.' : schema.description };
  switch (issue.keyword) {
    case 'type':
      return typeWording(place);
    case 'enum': {
      const words = (schema.enum ?? []).filter((word) => typeof word !== 'object').map(String);
      const meant = nearest(written, words);
      const many = words.length > 12;
      const choice = many ? `Choose one of ${listed(words, 'or')}.` : 'Choose one of these words.';
      return {
        code: 'not-one-of',
        message: `${what} must be ${many ? `one of ${words.length} words` : listed(words, 'or')}, not ${said}`,
        help: meant === undefined ? choice : `Did you mean \`${meant}\`?`,
      };
    }
    case 'const':
      return {
        code: 'not-one-of',
        message: `${what} must be ${JSON.stringify(schema.const)}, not ${said}`,
        ...remedy,
      };
    case 'minimum':
      return {
        code: 'out-of-range',
        message: `${what} must be ${String(limit)} or more, not ${secret ? said : written}`,
        ...remedy,
      };
    case 'maximum':
      return {
        code: 'out-of-range',
        message: `${what} must be ${String(limit)} or less, not ${secret ? said : written}`,
        ...remedy,
      };
    case 'minItems':
      return { code: 'out-of-range', message: `${what} needs at least ${counted(limit, 'item')}`, ...remedy };
    case 'maxItems':
      return {
        code: 'out-of-range',
        message: `${what} may have at most ${counted(limit, 'item')}`,
        ...remedy,
      };
    case 'minProperties':
      return {
        code: 'missing-field',
        message: `${what} needs at least ${counted(limit, 'field')}`,
        help: `Write at least ${listed(Object.keys(schema.properties ?? {}), 'or')}, or leave it out.`,
      };
    case 'minLength':
      return limit === 1
        ? {
            code: 'too-long',
            message: `${what} must not be empty`,
            help: 'Write a text, or leave the line out.',
          }
        : {
            code: 'too-long',
            message: `${what} must have at least ${counted(limit, 'character')}`,
            help: 'Write a longer text.',
          };
    case 'maxLength':
      return {
        code: 'too-long',
        message: `${what} may have at most ${counted(limit, 'character')}, not ${[...(node.type === 'scalar' ? node.text : '')].length}`,
        help: 'Write a shorter text.',
      };
    case 'pattern':
      return {
        code: 'bad-format',
        message: `${what} does not have the form that it must have: ${said}`,
        help:
          schema.examples?.[0] === undefined
            ? (schema.description ?? `It must match ${String(issue.params['pattern'])}.`)
            : `Write it like \`${String(schema.examples[0])}\`.`,
      };
    default:
      return {
        code: 'wrong-type',
        message: `${what} does not fit: ${said} is not what belongs here`,
        ...remedy,
      };
  }
}

function typeWording(place: Place): Wording {
  const { node, schema, secret } = place;
  const flagWord =
    node.type === 'scalar' && node.plain ? /^(?:y|yes|n|no|on|off)$/i.exec(node.text)?.[0] : undefined;
  const expected = expectation(schema);
  const wantsFlag = [schema.type].flat().includes('boolean');
  const message = `${subject(place)} must be ${expected}, not ${described(node, secret)}`;
  const code = 'wrong-type';
  if (wantsFlag && flagWord !== undefined) {
    return {
      code,
      message,
      help: `Write ${/^(?:y|yes|on)$/i.test(flagWord) ? 'true' : 'false'}: here, as in YAML 1.2, only true and false are flags.`,
    };
  }
  if (node.type === 'scalar' && !node.plain && /true or false|number/.test(expected)) {
    return { code, message, help: 'Take the quotes away.' };
  }
  if (node.type === 'scalar' && expected.startsWith('a list')) {
    return {
      code,
      message,
      help: secret || mayHoldPassword(node.text) ? 'Write a list.' : `Write a list: [${node.text}].`,
    };
  }
  return { code, message, help: schema.description ?? 'Change the value, or remove the line.' };
}

function subject(place: Place): string {
  if (place.label === '') return 'this';
  return place.name === undefined ? `an item of \`${place.label}\`` : `\`${place.label}\``;
}

function inside(place: Place): string {
  return place.label === '' ? '' : ` in ${subject(place)}`;
}

function report(issue: RawIssue, at: SourceSpan, wording: Wording): Diagnostic {
  return problem(wording.code, at, wording.message, wording.help, issue.severity);
}

function counted(count: unknown, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
