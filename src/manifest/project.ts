import { hasErrors, type Diagnostic, type Result, type SourceSpan } from '../model/diagnostic.ts';
import type { Registry } from '../model/kind.ts';
import { nearest } from '../model/nearest.ts';
import { noRules, type Expectation, type LimitPolicy, type Policy, type Rules } from '../model/policy.ts';
import type { Project, ProjectEnvironment } from '../model/project.ts';
import type { Infer } from '../model/schema.ts';
import { patternOf } from './address-pattern.ts';
import { checked } from './checked.ts';
import { parseFast } from './fast.ts';
import { partNames } from './parts.ts';
import { append, inOrder, problem } from './problem.ts';
import { projectSchema } from './project-schema.ts';
import { mapHere } from './shapes.ts';
import type { Source } from './source.ts';
import {
  elementsOf,
  entryOf,
  placeOf,
  type Entry,
  type MapNode,
  type Node,
  type ScalarNode,
} from './tree.ts';
import { listed } from './wording.ts';
import { parseYaml } from './yaml.ts';

/**
 * What a project file says. All problems are found at once; with an error there is no project, because half of its
 * rules would allow what the other half forbids. Never throws for anything that a text can say.
 */
export function loadProject(source: Source, registry: Registry): Result<Project | undefined> {
  const diagnostics: Diagnostic[] = [];
  const root = rootOf(source, diagnostics);
  const project = root === undefined ? empty(source.file) : projectOf(root, registry, diagnostics);
  return {
    value: hasErrors(diagnostics) ? undefined : project,
    diagnostics: inOrder(diagnostics),
  };
}

type Written = NonNullable<Infer<ReturnType<typeof projectSchema>>>;
type WrittenPolicy = NonNullable<Written['policies']>[number];

function empty(file: string): Project {
  return {
    file,
    manifests: [],
    environments: [],
    rules: noRules,
    expectations: [],
  };
}

function rootOf(source: Source, diagnostics: Diagnostic[]): Node | undefined {
  const plain = parseFast(source);
  if (plain !== undefined) return plain;
  const parsed = parseYaml(source);
  append(diagnostics, parsed.diagnostics);
  const [root, second] = parsed.documents;
  if (second !== undefined) {
    diagnostics.push(
      problem(
        'several-documents',
        placeOf(second),
        'a project file is one document, and here a second one begins',
        'Put everything into the first, and remove the line `---`.',
      ),
    );
  }
  return root;
}

function projectOf(root: Node, registry: Registry, diagnostics: Diagnostic[]): Project | undefined {
  const help = 'Begin with one of `manifests`, `environments`, `policies`, `protect` or `expect`.';
  const map = mapHere(root, 'the project file', help, diagnostics);
  if (map === undefined) return undefined;
  const { value, diagnostics: found } = checked(map, undefined, {
    name: partNames.project,
    schema: projectSchema(registry),
    registry,
  });
  append(diagnostics, found);
  const environments = environmentEntries(map);
  const names = environments.map(({ key }) => key.text);
  for (const item of mapsIn(map, 'policies')) checkPolicy(item, names, registry, diagnostics);
  for (const item of mapsIn(map, 'expect')) checkExpectation(item, diagnostics);
  const protect = patternsIn(map, registry, diagnostics);
  const written = value as Written;
  for (const item of mapsIn(map, 'expect')) append(diagnostics, unknownPermissions(item, registry));
  if (hasErrors(diagnostics)) return undefined;
  append(diagnostics, sameApp(environments, written));
  if (hasErrors(diagnostics)) return undefined;

  const policyNodes = mapsIn(map, 'policies');
  const expectNodes = mapsIn(map, 'expect');
  return {
    file: map.source.file,
    manifests: written.manifests ?? [],
    environments: environments.map((entry) =>
      environmentOf(entry, written.environments?.[entry.key.text] ?? {}),
    ),
    rules: {
      policies: (written.policies ?? []).map((policy, index) =>
        policyOf(policy, placeOf(policyNodes[index]!)),
      ),
      protect,
    },
    expectations: (written.expect ?? []).map((one, index): Expectation => {
      const { role = '', channel_role: channelRole, channel_type: channelType, can = [], cannot = [] } = one;
      return {
        role,
        ...(channelRole === undefined ? {} : { channelRole }),
        ...(channelType === undefined ? {} : { channelType }),
        can,
        cannot,
        at: placeOf(expectNodes[index]!),
      };
    }),
  };
}

function environmentEntries(map: MapNode): readonly Entry[] {
  const node = entryOf(map, 'environments')?.value;
  return node?.type === 'map' ? node.entries : [];
}

/** One app in two environments would have the rules of whichever is named. */
function sameApp(environments: readonly Entry[], written: Written): readonly Diagnostic[] {
  const first = new Map<number, string>();
  return environments.flatMap(({ key }): readonly Diagnostic[] => {
    const id = written.environments?.[key.text]?.app?.id;
    const other = id === undefined ? undefined : first.get(id);
    if (id === undefined) return [];
    if (other === undefined) {
      first.set(id, key.text);
      return [];
    }
    const message = `\`${key.text}\` and \`${other}\` are the same app, ${id}`;
    return [problem('duplicate-object', placeOf(key), message, 'Give each environment an app of its own.')];
  });
}

/** A right that nobody can hold is never held, so a mistyped `cannot` would pass for good. */
function unknownPermissions(expectation: MapNode, registry: Registry): readonly Diagnostic[] {
  const known = registry.catalogues.find(({ name }) => name === 'permission')?.everywhere ?? new Set();
  return ['can', 'cannot'].flatMap((list) => {
    const node = entryOf(expectation, list)?.value;
    if (node?.type !== 'list') return [];
    return node.items.flatMap((item): readonly Diagnostic[] => {
      if (item.type !== 'scalar' || known.has(item.text)) return [];
      const near = nearest(item.text, known);
      const help =
        near === undefined ? 'If it is a permission of your own, ignore this.' : `Did you mean \`${near}\`?`;
      const message = `\`${item.text}\` is no permission that every app has`;
      return [problem('unconfirmed-permission', placeOf(item), message, help, 'warning')];
    });
  });
}

function environmentOf(
  { key, value }: Entry,
  written: NonNullable<Written['environments']>[string],
): ProjectEnvironment {
  const { app = {}, production = false, manifests, hosts = [] } = written;
  const guarded = value.type === 'map' ? entryOf(value, 'app') : undefined;
  return {
    name: key.text,
    app: { ...app, ...(guarded === undefined ? {} : { at: placeOf(guarded.key) }) },
    production,
    ...(manifests === undefined ? {} : { manifests }),
    hosts: hosts.map((host) => host.toLowerCase()),
    at: placeOf(key),
  };
}

function policyOf(written: WrittenPolicy, at: SourceSpan): Policy {
  const { danger, losses, changes, kind, environment, more_than: moreThan = '0', action = 'block' } = written;
  const scope = { ...(environment === undefined ? {} : { environment }), action, at };
  if (danger !== undefined) return { danger, ...(kind === undefined ? {} : { kind }), ...scope };
  const what = losses ?? changes;
  return {
    limit: losses === undefined ? 'changes' : 'losses',
    ...(what === undefined || what === 'any' ? {} : { what }),
    moreThan: thresholdOf(moreThan),
    ...scope,
  };
}

function thresholdOf(written: string): LimitPolicy['moreThan'] {
  return written.endsWith('%') ? { percent: Number(written.slice(0, -1)) } : { number: Number(written) };
}

/** What is a policy about: each of these is a policy of its own. */
const subjects = ['danger', 'losses', 'changes'] as const;

function checkPolicy(
  policy: MapNode,
  environments: readonly string[],
  registry: Registry,
  diagnostics: Diagnostic[],
): void {
  const bad = (at: Node, message: string, help: string): void => {
    diagnostics.push(problem('bad-policy', placeOf(at), message, help));
  };
  const about = policy.entries.filter(({ key }) => (subjects as readonly string[]).includes(key.text));
  const [subject, second] = about;
  const moreThan = entryOf(policy, 'more_than');
  const kind = entryOf(policy, 'kind');
  if (second !== undefined) {
    const both = about.map(({ key }) => key.text);
    bad(second.key, `this policy is about ${listed(both)}`, 'Give each a policy of its own.');
  } else if (subject === undefined) {
    bad(policy, 'this policy does not say what it is about', `Add ${listed(subjects, 'or')}.`);
  } else if (subject.key.text === 'danger') {
    if (moreThan !== undefined)
      bad(
        moreThan.key,
        'a danger is there or not: it has no number',
        'Remove `more_than`, or write `losses` or `changes` instead of `danger`.',
      );
  } else {
    const word = subject.value.type === 'scalar' ? subject.value.text : '';
    if (kind !== undefined)
      bad(kind.key, '`kind` is for dangers', `Write the kind as \`${subject.key.text}: ${textOf(kind)}\`.`);
    if (moreThan === undefined)
      bad(subject.key, 'this policy does not say how many are too many', 'Add `more_than`: 10, or 30%.');
    else if (textOf(moreThan).endsWith('%') && isNoKind(word, registry))
      bad(
        moreThan.value,
        `a share of every \`${word}\` cannot be told`,
        'Write a number instead of percent.',
      );
  }
  checkEnvironment(entryOf(policy, 'environment')?.value, environments, diagnostics);
}

function isNoKind(word: string, registry: Registry): boolean {
  return word !== 'any' && registry.kinds.every(({ name }) => name !== word);
}

function checkEnvironment(
  node: Node | undefined,
  environments: readonly string[],
  diagnostics: Diagnostic[],
): void {
  if (node?.type !== 'scalar' || node.broken === true || node.text === '') return;
  const names = [...new Set([...environments, 'production'])];
  if (names.includes(node.text)) return;
  const meant = nearest(node.text, names);
  diagnostics.push(
    problem(
      'unknown-environment',
      placeOf(node),
      `there is no environment \`${node.text}\` in this file`,
      meant === undefined ? `Environments are ${listed(names)}.` : `Did you mean \`${meant}\`?`,
    ),
  );
}

function checkExpectation(expectation: MapNode, diagnostics: Diagnostic[]): void {
  const bad = (at: Node, message: string, help: string): void => {
    diagnostics.push(problem('bad-expectation', placeOf(at), message, help));
  };
  const channelRole = entryOf(expectation, 'channel_role');
  const can = textsIn(expectation, 'can');
  const cannot = textsIn(expectation, 'cannot');
  if (entryOf(expectation, 'can') === undefined && entryOf(expectation, 'cannot') === undefined)
    bad(expectation, 'this line expects nothing', 'Add `can` or `cannot`, with permissions.');
  if (channelRole !== undefined && entryOf(expectation, 'channel_type') === undefined)
    bad(channelRole.key, 'a role in a channel needs the type of the channel', 'Add `channel_type`.');
  const allowed = new Set(can.map(({ text }) => text));
  for (const node of cannot) {
    if (allowed.has(node.text))
      bad(
        node,
        `\`${node.text}\` is expected and excluded at once`,
        'Remove it from `can` or from `cannot`.',
      );
  }
}

function patternsIn(map: MapNode, registry: Registry, diagnostics: Diagnostic[]): Rules['protect'] {
  return textsIn(map, 'protect').flatMap((node) => {
    const pattern = node.text === '' ? undefined : patternOf(node, registry, diagnostics);
    return pattern === undefined ? [] : [{ pattern, at: placeOf(node) }];
  });
}

function mapsIn(map: MapNode, key: string): readonly MapNode[] {
  const node = entryOf(map, key)?.value;
  return node?.type === 'list' ? node.items.filter((item) => item.type === 'map') : [];
}

function textsIn(map: MapNode, key: string): readonly ScalarNode[] {
  const node = entryOf(map, key)?.value;
  if (node?.type !== 'list') return [];
  return elementsOf(node).filter(
    (item): item is ScalarNode => item.type === 'scalar' && item.broken === undefined,
  );
}

function textOf({ value }: Entry): string {
  return value.type === 'scalar' ? value.text : '';
}
