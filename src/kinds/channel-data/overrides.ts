import { addressOf } from '../../model/address.ts';
import type { World } from '../../model/kind.ts';
import type { Lifecycle, Resource } from '../../model/resource.ts';
import { isUnset } from '../../model/schema.ts';
import { commandsForm, desiredCommands, type DeclaredCommands } from '../commands.ts';
import { liveGrants, type GrantsForm } from '../grants.ts';
import { emptyMap, listOf, setForm, type SetForm } from '../sets.ts';
import { defined, isZero, mergedKeys, treeAt, type Tree } from '../values.ts';
import { overrideKeys } from './fields.ts';

/**
 * What a channel has otherwise than its type. Stream never tells overrides, only what is in effect: one that says what
 * the type says cannot be seen. The normal form holds those that can. A declared override that cannot be seen counts
 * as being there, unless these manifests change the type's value: then it is sent, since it would show right after.
 */

/** What a channel's type gives it, in normal form: now, and once the manifests are applied. */
export interface TypeValues {
  readonly now: Tree;
  readonly later: Tree;
}

/** The overrides that can be seen; grants are told only where they are overridden. */
export function overridesForm(config: Tree, typeConfig: Tree): Tree {
  const type = inEffect(typeConfig);
  return defined(
    Object.entries(inEffect(config)).filter(([key, value]) => key === 'grants' || !same(value, type[key])),
  );
}

/** What the type of a channel gives it, from the list of types that reading overrides asked for. */
export function typeValues(type: string, world: World): TypeValues {
  const raw = treeAt(treeAt(world.answer('ListChannelTypes')?.['channel_types'])[type]);
  const { grants: _, ...now } = inEffect(raw);
  const address = addressOf('channel_type', type);
  const resource = world.declared(address);
  if (resource === undefined || world.read(address)?.state !== 'present') return { now, later: now };
  const later = Object.entries(treeAt(resource.declared))
    .filter(([key]) => isOverride(key) && key !== 'grants' && !isIgnored(resource.lifecycle, key))
    .map(([key, value]) => [key, isUnset(value) ? '' : wanted(key, value, now[key], world)] as const);
  return { now, later: { ...now, ...defined(later) } };
}

/** The visible overrides with the declared ones laid over them; of a new channel, exactly what is declared. */
export function desiredOverrides(
  declared: Tree,
  live: Tree | undefined,
  type: TypeValues,
  world: World,
): Tree {
  const form: Record<string, unknown> = Object.assign(emptyMap(), live);
  for (const [key, value] of Object.entries(allWanted(declared, live, type, world))) {
    const steady = same(type.now[key], type.later[key]);
    if (live !== undefined && live[key] === undefined && steady && same(value, type.now[key])) continue;
    form[key] = value;
  }
  return defined(Object.entries(form).filter(([key, value]) => key !== 'grants' || !isZero(value)));
}

/** What to send: all of them, since Stream replaces the whole; declared ones too that cannot be seen. */
export function overridesToSend(
  resource: Resource<{ readonly config_overrides?: unknown }>,
  desired: Tree,
  live: Tree | undefined,
  type: TypeValues,
  world: World,
): Tree {
  const { config_overrides: declared } = resource.declared;
  if (isUnset(declared)) return {};
  const managed = Object.entries(treeAt(declared)).filter(
    ([key]) => !isIgnored(resource.lifecycle, `config_overrides.${key}`),
  );
  return wireOverrides({ ...allWanted(defined(managed), live, type, world), ...desired });
}

/** What to send to a channel that was there already: nothing when all that is wanted is in effect. */
export function overridesLacking(wanted: Tree, config: Tree, type: TypeValues): Tree | undefined {
  const effective = inEffect(config);
  if (Object.entries(wanted).every(([key, value]) => same(value, effective[key]))) return undefined;
  // Of a type that was just made nothing is known, so nothing can be told apart from it.
  const known = Object.keys(type.now).length > 0;
  const visible = Object.entries(effective).filter(
    ([key, value]) => known && (key === 'grants' || !same(value, type.now[key])),
  );
  return wireOverrides({ ...defined(visible), ...wanted });
}

/** The wire form: sets as lists. */
export function wireOverrides(overrides: Tree): Tree {
  return defined(
    Object.entries(overrides).map(([key, value]) => {
      if (key === 'commands') return [key, listOf(treeAt(value))];
      if (key !== 'grants') return [key, value];
      if (isZero(value)) return [key, undefined];
      return [key, defined(Object.entries(treeAt(value)).map(([role, set]) => [role, listOf(treeAt(set))]))];
    }),
  );
}

/** A block list that is not there is the empty name, so that an override can take the type's away. */
function inEffect(config: Tree): Tree {
  return defined(
    overrideKeys.map((key) => {
      const value = config[key] ?? undefined;
      if (key === 'grants') return [key, value === undefined ? undefined : liveGrants(value)];
      if (key === 'commands') return [key, value === undefined ? undefined : commandsForm(value)];
      return [key, key === 'blocklist' ? (value ?? '') : value];
    }),
  );
}

function allWanted(declared: Tree, live: Tree | undefined, type: TypeValues, world: World): Tree {
  return defined(
    Object.entries(declared).map(([key, value]) => [
      key,
      wanted(key, value, live?.[key] ?? type.now[key], world),
    ]),
  );
}

/** The value that a declaration gives a field that has this value now. */
function wanted(key: string, declared: unknown, now: unknown, world: World): unknown {
  switch (key) {
    case 'commands':
      return desiredCommands(declared as DeclaredCommands, now as SetForm | undefined, world);
    case 'grants':
      return modifiers(treeAt(declared), now as GrantsForm | undefined);
    case 'chat_preferences':
      return mergedKeys(treeAt(declared), treeAt(now));
    default:
      return declared;
  }
}

/** The modifiers of a role are one list; roles that are not named keep theirs. */
function modifiers(declared: Tree, live: GrantsForm | undefined): GrantsForm {
  const grants: Record<string, SetForm> = Object.assign(emptyMap<SetForm>(), live);
  for (const [role, list] of Object.entries(declared)) {
    if (isZero(list)) delete grants[role];
    else grants[role] = setForm(list);
  }
  return grants;
}

function isOverride(key: string): boolean {
  return (overrideKeys as readonly string[]).includes(key);
}

function isIgnored(lifecycle: Lifecycle, path: string): boolean {
  return (
    lifecycle.create_only ||
    lifecycle.ignore_changes.some((ignored) => ignored === 'all' || `${path}.`.startsWith(`${ignored}.`))
  );
}

function same(one: unknown, two: unknown): boolean {
  return (isZero(one) && isZero(two)) || JSON.stringify(inOrder(one)) === JSON.stringify(inOrder(two));
}

/** The value with the keys of its objects in one order, since the order of keys means nothing. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .map(([key, below]) => [key, inOrder(below)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
