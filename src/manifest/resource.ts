import { addressOf } from '../model/address.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { Kind, Registry } from '../model/kind.ts';
import type { Resource } from '../model/resource.ts';
import { checked } from './checked.ts';
import { lifecycleOf, plainLifecycle } from './lifecycle.ts';
import { locate } from './locate.ts';
import { partNames } from './parts.ts';
import { about, append, problem } from './problem.ts';
import { placeOf, type Entry, type MapNode, type ScalarNode } from './tree.ts';
import { validate } from './validator.ts';

/** What a resource is made from: its fields with the defaults in them. */
export interface Whole {
  readonly kind: Kind;
  readonly parent?: string;
  readonly name: ScalarNode;
  readonly body: MapNode;
  /** The `lifecycle` line, when it does not stand in the body. */
  readonly lifecycle?: Entry;
}

/** The resource that a declaration asks for; undefined when anything about it is wrong. */
export function resourceOf(
  whole: Whole,
  registry: Registry,
  diagnostics: Diagnostic[],
): Resource | undefined {
  const { kind, parent, name } = whole;
  const inside = whole.body.entries.find((entry) => entry.key.text === 'lifecycle');
  const body: MapNode =
    inside === undefined
      ? whole.body
      : { ...whole.body, entries: whole.body.entries.filter((entry) => entry !== inside) };
  const { value: declared, diagnostics: problems } = checked(body, name, {
    name: kind.name,
    schema: kind.schema,
    registry,
  });
  const lifecycleEntry = whole.lifecycle ?? inside;
  const lifecycle =
    lifecycleEntry === undefined
      ? { value: plainLifecycle, diagnostics: [] }
      : lifecycleOf(lifecycleEntry, kind, registry);

  const found = [...nameProblems(kind, name, registry), ...problems, ...lifecycle.diagnostics];
  if (hasErrors(found)) {
    // The key may depend on what is wrong; the name under which it is declared finds the object as well.
    const written = kind.layout === 'typed' ? `${parent ?? ''}:${name.text}` : name.text;
    append(diagnostics, about(addressOf(kind.name, written), found));
    return undefined;
  }
  const key = kind.key(name.text, declared, parent);
  const address = addressOf(kind.name, key);
  const resource: Resource = {
    address,
    kind: kind.name,
    key,
    declared,
    lifecycle: lifecycle.value,
    locate: (path, part) => locate(name, whole.body, path, part),
  };
  const own = kind.check?.(resource) ?? [];
  if (found.length > 0 || own.length > 0) append(diagnostics, about(address, [...found, ...own]));
  return hasErrors(own) ? undefined : resource;
}

function nameProblems(kind: Kind, name: ScalarNode, registry: Registry): readonly Diagnostic[] {
  if (kind.layout === 'one') return [];
  const [issue] = validate(partNames.nameOf(kind.name), name.text, registry);
  if (issue === undefined) return [];
  const rule = kind.names?.description ?? 'Choose another name.';
  const message = `"${name.text}" cannot name a ${kind.name.replaceAll('_', ' ')}`;
  return [problem('bad-key', placeOf(name), message, rule, issue.severity)];
}
