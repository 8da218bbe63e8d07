import type { World } from '../../model/kind.ts';
import { isUnset } from '../../model/schema.ts';
import type { Answer } from '../../model/stream.ts';
import { commandsForm, desiredCommands } from '../commands.ts';
import { goDuration } from '../durations.ts';
import { desiredGrants, liveGrants, type GrantsForm } from '../grants.ts';
import { changedSet, emptyMap, setForm, type SetForm } from '../sets.ts';
import { defined, laidOver, textAt, treeAt, type Tree } from '../values.ts';
import { features, type ChannelType } from './fields.ts';

/** A channel type in normal form: scalars as they are, sets as sets, grants by role; the rest is not there. */
export interface ChannelTypeForm {
  readonly [field: string]: unknown;
  readonly allowed_flag_reasons?: SetForm;
  readonly automod_thresholds?: Tree;
  readonly blocklists?: Readonly<Record<string, { readonly behavior: unknown }>>;
  readonly chat_preferences?: Tree;
  readonly commands?: SetForm;
  readonly grants?: GrantsForm;
}

const texts = [
  'automod',
  'automod_behavior',
  'blocklist',
  'blocklist_behavior',
  'message_retention',
  'push_level',
] as const;
const numbers = ['max_message_length', 'partition_size'] as const;

/** The normal form of what Stream answers; legacy policies, times and the name are no configuration. */
export function liveForm(raw: Answer): ChannelTypeForm {
  const ttl = textAt(raw, 'partition_ttl');
  return defined([
    ...features.map((feature) => [feature, raw[feature] ?? undefined] as const),
    ...texts.map((field) => [field, textAt(raw, field)] as const),
    ...numbers.map((field) => [field, raw[field] ?? undefined] as const),
    ['partition_ttl', ttl === undefined ? undefined : goDuration(ttl)],
    ['allowed_flag_reasons', setForm(raw['allowed_flag_reasons'])],
    ['automod_thresholds', treeOrNothing(raw['automod_thresholds'])],
    ['blocklists', blocklistsForm(raw['blocklists'])],
    ['chat_preferences', treeOrNothing(raw['chat_preferences'])],
    ['commands', commandsForm(raw['commands'])],
    ['grants', liveGrants(raw['grants'])],
  ]);
}

function treeOrNothing(value: unknown): Tree | undefined {
  const entries = Object.entries(treeAt(value));
  return entries.length === 0 ? undefined : defined(entries);
}

function blocklistsForm(value: unknown): ChannelTypeForm['blocklists'] {
  const lists: Record<string, { readonly behavior: unknown }> = emptyMap();
  if (!Array.isArray(value)) return lists;
  for (const entry of value) {
    const { blocklist, behavior } = treeAt(entry);
    if (typeof blocklist === 'string') lists[blocklist] = { behavior };
  }
  return lists;
}

/** What the declaration makes of the live type; of nothing, exactly what is declared, on top of messaging's grants. */
export function desiredForm(
  declared: ChannelType,
  live: ChannelTypeForm | undefined,
  messaging: GrantsForm,
  world: World,
): ChannelTypeForm {
  const form: Record<string, unknown> = Object.assign(emptyMap(), live);
  const exists = live !== undefined;
  for (const [field, value] of Object.entries(declared)) {
    form[field] = laidOver(value, live?.[field], exists);
  }
  const ttl = declared.partition_ttl;
  if (typeof ttl === 'string') form['partition_ttl'] = goDuration(ttl);
  const reasons = declared.allowed_flag_reasons;
  if (reasons !== undefined) form['allowed_flag_reasons'] = changedSet(reasons, live?.allowed_flag_reasons);
  for (const field of ['automod_thresholds', 'chat_preferences'] as const) {
    const value = declared[field];
    if (value !== undefined && !isUnset(value)) form[field] = mergedTrees(value, live?.[field]);
  }
  if (declared.blocklists !== undefined) form['blocklists'] = blocklistsForm(declared.blocklists);
  if (declared.commands !== undefined)
    form['commands'] = desiredCommands(declared.commands, live?.commands, world);
  if (declared.grants !== undefined) form['grants'] = desiredGrants(declared.grants, live?.grants, messaging);
  return defined(Object.entries(form));
}

/** Keys and the keys below them; what is not declared stays, and a zero that Stream leaves out is there. */
function mergedTrees(declared: Tree, live: Tree | undefined): Tree {
  const merged = Object.entries(declared).map(([key, value]) => {
    const below = live?.[key];
    if (typeof value === 'object') return [key, mergedTrees(treeAt(value), treeAt(below))] as const;
    return [key, laidOver(value, below, live !== undefined)] as const;
  });
  return { ...live, ...defined(merged) };
}
