import type { Diagnostic, Result } from '../model/diagnostic.ts';
import type { Kind, Registry } from '../model/kind.ts';
import type { Lifecycle } from '../model/resource.ts';
import { checked } from './checked.ts';
import { nearest } from '../model/nearest.ts';
import { lifecycleSchema, partNames } from './parts.ts';
import { problem } from './problem.ts';
import { elementsOf, entryOf, placeOf, type Entry, type Node, type ScalarNode } from './tree.ts';
import { listed } from './wording.ts';

/** How far the tool goes with an object that says nothing about it. */
export const plainLifecycle: Lifecycle = { ignore_changes: [], prevent_destroy: false, create_only: false };

/** The `lifecycle` of an object of this kind; the paths that it ignores must begin with a field of the kind. */
export function lifecycleOf(entry: Entry, kind: Kind, registry: Registry): Result<Lifecycle> {
  const { value, diagnostics } = checked(entry.value, entry.key, {
    name: partNames.lifecycle,
    schema: lifecycleSchema,
    registry,
  });
  const given = (value ?? {}) as Partial<Omit<Lifecycle, 'ignore_changes'>> & {
    ignore_changes?: readonly string[] | string;
  };
  const { ignore_changes: ignored = [], prevent_destroy = false, create_only = false } = given;
  const paths = entry.value.type === 'map' ? entryOf(entry.value, 'ignore_changes') : undefined;
  return {
    value: {
      ignore_changes: typeof ignored === 'string' ? [ignored] : ignored,
      prevent_destroy,
      create_only,
    },
    diagnostics: [...diagnostics, ...(paths === undefined ? [] : pathProblems(paths.value, kind))],
  };
}

function pathProblems(node: Node, kind: Kind): readonly Diagnostic[] {
  const items = node.type === 'list' ? elementsOf(node) : [node];
  const paths = items.filter((item) => item.type === 'scalar');
  return paths.flatMap((path) => pathProblem(path, kind, node.type === 'list' && items.length > 1) ?? []);
}

function pathProblem(path: ScalarNode, kind: Kind, inCompany: boolean): Diagnostic | undefined {
  if (path.text === 'all' && !inCompany) return undefined;
  const fields = Object.keys(kind.schema.properties ?? {}).filter((field) => field !== '$unset');
  const [field = ''] = path.text.split('.');
  if (path.text === 'all') {
    return problem(
      'bad-lifecycle',
      placeOf(path),
      '`all` stands for every path, and there are others beside it',
      'Write `ignore_changes: all`, or name only the paths.',
    );
  }
  if (fields.includes(field)) {
    if (!path.text.split('.').includes('')) return undefined;
    const message = `\`${path.text}\` is not a path`;
    return problem('bad-lifecycle', placeOf(path), message, 'Write a path such as `custom.status`.');
  }
  const meant = nearest(field, fields);
  return problem(
    'bad-lifecycle',
    placeOf(path),
    `\`${path.text}\` does not begin with a field of \`${kind.name}\``,
    meant === undefined
      ? `Begin with one of ${listed(fields)}, or write \`all\`.`
      : `Did you mean \`${[meant, ...path.text.split('.').slice(1)].join('.')}\`?`,
  );
}
