import type { Address } from '../model/address.ts';
import { placeText, type Diagnostic, type Result } from '../model/diagnostic.ts';
import type { Registry } from '../model/kind.ts';
import type { Manifest, Removal, Resource } from '../model/resource.ts';
import { acceptancesOf } from './accepted.ts';
import { compose, sameObject } from './compose.ts';
import { parseFast } from './fast.ts';
import { about, append, byCodeUnits, inOrder, problem } from './problem.ts';
import { removalsOf } from './removed.ts';
import { resourceOf, type Whole } from './resource.ts';
import type { Source } from './source.ts';
import type { Node, ScalarNode } from './tree.ts';
import { parseYaml } from './yaml.ts';

/**
 * Composes manifests into what they ask for. All problems are found at once; an object with an error is left out of
 * the value, and so is a document that is not YAML. The order of the sources makes no difference. Never throws for
 * anything that a text can say. References between objects are not followed here.
 */
export function loadManifest(sources: readonly Source[], registry: Registry): Result<Manifest> {
  const ordered = sources.toSorted((a, b) => byCodeUnits(a.file, b.file));
  const diagnostics: Diagnostic[] = [];
  const documents = ordered.flatMap((source): readonly Node[] => {
    const plain = parseFast(source);
    if (plain !== undefined) return [plain];
    const parsed = parseYaml(source);
    append(diagnostics, parsed.diagnostics);
    return parsed.documents;
  });
  const { app, declarations, defaults, removed, accepted } = compose(documents, registry, diagnostics);

  const resources = new Map<Address, { readonly resource: Resource; readonly name: ScalarNode }>();
  const add = (whole: Whole): void => {
    const resource = resourceOf(whole, registry, diagnostics);
    if (resource === undefined) return;
    const first = resources.get(resource.address);
    if (first === undefined) resources.set(resource.address, { resource, name: whole.name });
    else append(diagnostics, about(resource.address, [sameObject(whole.name, first.name)]));
  };
  if (app?.name !== undefined && app.body !== undefined) {
    const { kind, name, body, lifecycle } = app;
    add({ kind, name, body, ...(lifecycle === undefined ? {} : { lifecycle }) });
  }
  for (const { kind, parent, name, body } of declarations) {
    const whole = { kind, name, body: defaults.fill(kind, parent, name, body) };
    add(parent === undefined ? whole : { ...whole, parent });
  }
  const removals = removalsOf(removed, registry, diagnostics);
  for (const removal of removals) {
    const declared = resources.get(removal.address);
    if (declared !== undefined) diagnostics.push(contradiction(removal, declared.resource));
  }
  return {
    value: {
      guard: app?.guard ?? {},
      resources: [...resources.values()]
        .map((one) => one.resource)
        .sort((a, b) => byCodeUnits(a.address, b.address)),
      removals,
      accepted: acceptancesOf(accepted, registry, diagnostics),
      files: ordered.map((source) => source.file),
    },
    diagnostics: inOrder(diagnostics),
  };
}

function contradiction(removal: Removal, resource: Resource): Diagnostic {
  const where = placeText(resource.locate([], 'name'));
  return {
    ...problem(
      'declared-and-removed',
      removal.at,
      `${removal.address} is to be removed, and is declared at ${where}`,
      'Remove the declaration to delete the object, or this line to keep it.',
    ),
    address: removal.address,
  };
}
