import { addressOf } from '../../model/address.ts';
import type { FieldChange } from '../../model/change.ts';
import type { World } from '../../model/kind.ts';
import type { Lifecycle, Resource } from '../../model/resource.ts';
import { isUnset } from '../../model/schema.ts';
import { commandsForm, desiredCommands, type DeclaredCommands } from '../commands.ts';
import { liveGrants, type GrantsForm } from '../grants.ts';
import { changedSet, emptyMap, listOf, setForm, type SetForm } from '../sets.ts';
import { defined, isZero, mergedKeys, same, treeAt, type Tree } from '../values.ts';
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
    Object.entries(inEffect(config)).filter(([key, value]) => key === 'grants' || !alike(value, type[key])),
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
    const steady = alike(type.now[key], type.later[key]);
    if (live !== undefined && live[key] === undefined && steady && alike(value, type.now[key])) continue;
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
  // Taking all away leaves those that are ignored, as far as they can be seen.
  return { ...allWanted(managedOf(resource), live, type, world), ...desired };
}

function managedOf({
  declared: { config_overrides },
  lifecycle,
}: Resource<{ readonly config_overrides?: unknown }>): Tree {
  if (isUnset(config_overrides)) return {};
  const managed = Object.entries(treeAt(config_overrides)).filter(
    ([key]) => !isIgnored(lifecycle, `config_overrides.${key}`),
  );
  return defined(managed);
}

/**
 * What takes rights or features away among these differences of overrides, on top of what is live: all of it as it is
 * to be sent first. Nothing when no difference takes anything away.
 */
export function overridesNarrowed(
  fields: readonly FieldChange[],
  all: Tree,
  live: Tree | undefined,
): Tree | undefined {
  const form: Record<string, unknown> = Object.assign(emptyMap(), all);
  const changes = fields.filter(({ path }) => path[0] === 'config_overrides');
  let narrows = false;
  for (const key of new Set(changes.map(({ path }) => path[1] ?? ''))) {
    const closed = changes.filter(({ path }) => path[1] === key).filter(takesAway);
    narrows ||= closed.length > 0;
    if (key === 'grants') form[key] = withoutRights(treeAt(live?.[key]) as GrantsForm, closed);
    else if (closed.length === 0) form[key] = live?.[key];
  }
  return narrows ? defined(Object.entries(form)) : undefined;
}

/** A feature that is off afterwards, a right that is taken or no longer given. */
function takesAway(field: FieldChange): boolean {
  switch (field.op) {
    case 'elements':
      return (
        field.path[1] === 'grants' &&
        (field.added.some(({ name }) => takes(name)) || field.removed.some(({ name }) => !takes(name)))
      );
    case 'remove':
      // It was visible, so the type says the opposite.
      return field.before === true;
    case 'add':
    case 'set':
      return field.after === false;
  }
}

/** True for a modifier that takes a right from a role instead of giving it one: `!delete-message`. */
export function takes(modifier: string): boolean {
  return modifier.startsWith('!');
}

/** The live modifiers of every role, with what these differences take away. */
function withoutRights(live: GrantsForm, changes: readonly FieldChange[]): GrantsForm {
  const grants: Record<string, SetForm> = Object.assign(emptyMap<SetForm>(), live);
  for (const change of changes) {
    if (change.op !== 'elements') continue;
    const role = change.path[2] ?? '';
    const names = (elements: readonly { readonly name: string }[], taking: boolean) =>
      elements.map(({ name }) => name).filter((name) => takes(name) === taking);
    const add = names(change.added, true);
    const remove = names(change.removed, false);
    grants[role] = changedSet({ add, remove }, grants[role]);
    if (isZero(grants[role])) delete grants[role];
  }
  return grants;
}

/** What to send to a channel that was there already: nothing when all that is wanted is in effect. */
export function overridesLacking(
  resource: Resource<{ readonly config_overrides?: unknown }>,
  config: Tree,
  type: TypeValues,
  world: World,
): Tree | undefined {
  const effective = inEffect(config);
  // Of a type that was just made nothing is known, so only grants can be told apart from it.
  const known = Object.keys(type.now).length > 0;
  const visible = defined(
    Object.entries(effective).filter(
      ([key, value]) => key === 'grants' || (known && !alike(value, type.now[key])),
    ),
  );
  if (isUnset(resource.declared.config_overrides)) {
    const kept = Object.entries(visible).filter(([key]) =>
      isIgnored(resource.lifecycle, `config_overrides.${key}`),
    );
    return kept.length === Object.keys(visible).length ? undefined : wireOverrides(defined(kept));
  }
  const wanted = allWanted(managedOf(resource), visible, type, world);
  if (Object.entries(wanted).every(([key, value]) => alike(value, effective[key]))) return undefined;
  return wireOverrides({ ...visible, ...wanted });
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

function alike(one: unknown, two: unknown): boolean {
  return (isZero(one) && isZero(two)) || same(one, two);
}
