import type { Diagnostic } from '../model/diagnostic.ts';
import type { Registry } from '../model/kind.ts';
import type { JsonSchema } from '../model/schema.ts';
import { decode } from './decode.ts';
import { explain } from './problems.ts';
import type { Node, ScalarNode } from './tree.ts';
import { validate } from './validator.ts';

/** What to hold a part of a manifest against: a schema, and the name under which the validator has it. */
export interface Expected {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly registry: Registry;
  /** True for defaults: what they lack, the objects give. */
  readonly partial?: boolean;
}

/** The plain value of a part of a manifest, and everything that is wrong with it; `name` is the key that names it. */
export function checked(
  node: Node,
  name: ScalarNode | undefined,
  expected: Expected,
): { readonly value: unknown; readonly diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics, failed } = decode(node, expected.schema);
  const issues = validate(expected.name, value, expected.registry);
  if (issues.length === 0) return { value, diagnostics };
  const relevant =
    expected.partial === true
      ? issues.filter(
          (issue) => issue.path.length > 0 || !['minProperties', 'required'].includes(issue.keyword),
        )
      : issues;
  return {
    value,
    diagnostics: [...diagnostics, ...explain(relevant, { node, name, schema: expected.schema, failed })],
  };
}
