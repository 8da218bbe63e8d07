import { isUnset, type SetChange, type Unset } from '../../model/schema.ts';
import { customOf } from '../custom.ts';
import { liveGrants, type GrantsForm } from '../grants.ts';
import { changedSet, emptyMap, setForm, type SetForm } from '../sets.ts';
import { defined, laidOver, mergedKeys, textAt, treeAt, type Tree } from '../values.ts';
import { memberFields, overrideKeys, ownFields, type MemberEntry } from './fields.ts';

/** A membership in normal form. */
export interface MemberForm {
  readonly channel_role?: string;
  readonly custom?: Tree;
}

/** A channel in normal form. Moderators are members with a role; overrides are what is in effect. */
export interface ChannelForm {
  readonly [field: string]: unknown;
  readonly config_overrides?: Tree;
  readonly created_by?: string;
  readonly custom?: Tree;
  readonly filter_tags?: SetForm;
  readonly members?: Readonly<Record<string, MemberForm>>;
}

/** What a manifest declares of any channel. */
export interface DeclaredChannel {
  readonly name?: string | Unset;
  readonly image?: string | Unset;
  readonly custom?: Readonly<Record<string, unknown>>;
  readonly team?: string | Unset;
  readonly frozen?: boolean;
  readonly disabled?: boolean;
  readonly cooldown?: number;
  readonly filter_tags?: readonly string[] | SetChange;
  readonly config_overrides?: Tree | Unset;
  readonly created_by?: string;
  readonly members?: readonly (string | MemberEntry)[];
  readonly members_mode?: 'additive' | 'exact';
  readonly moderators?: readonly string[];
}

/**
 * The normal form of a channel as Stream answers it: with all its members when they were read, and with what is in
 * effect of its overrides when the manifests say something about them.
 */
export function liveForm(channel: Tree, members: readonly Tree[] | undefined, overrides: boolean): ChannelForm {
  return defined([
    ['name', textAt(channel, 'name')],
    ['image', textAt(channel, 'image')],
    ['team', textAt(channel, 'team')],
    ['frozen', channel['frozen'] === true],
    ['disabled', channel['disabled'] === true],
    ['cooldown', typeof channel['cooldown'] === 'number' ? channel['cooldown'] : 0],
    ['filter_tags', setForm(channel['filter_tags'])],
    ['config_overrides', overrides ? overridesInEffect(treeAt(channel['config'])) : undefined],
    ['created_by', textAt(treeAt(channel['created_by']), 'id')],
    ['custom', customOf(channel, ownFields)],
    ['members', members === undefined ? undefined : membersForm(members)],
  ]);
}

/** Stream does not tell overrides, only what is in effect; grants are there only when they are overridden. */
export function overridesInEffect(config: Tree): Tree {
  return defined(
    overrideKeys.map((key) => {
      const value = config[key];
      if (key === 'grants') return [key, config['grants'] === undefined ? undefined : liveGrants(config['grants'])];
      if (key === 'commands') return [key, value === undefined ? undefined : commandSet(value)];
      return [key, value === '' || value === null ? undefined : value];
    }),
  );
}

/** What a channel without overrides has from its type; grants show only when they are overridden. */
export function inherited(typeConfig: Tree): Tree {
  const { grants: _, ...rest } = overridesInEffect(typeConfig);
  return rest;
}

function commandSet(commands: unknown): SetForm {
  if (!Array.isArray(commands)) return setForm([]);
  return setForm(commands.map((command: unknown) => (typeof command === 'string' ? command : treeAt(command)['name'])));
}

function membersForm(members: readonly Tree[]): Readonly<Record<string, MemberForm>> {
  const form: Record<string, MemberForm> = emptyMap();
  for (const member of members) {
    const id = textAt(member, 'user_id') ?? textAt(treeAt(member['user']), 'id');
    if (id === undefined) continue;
    form[id] = {
      channel_role: textAt(member, 'channel_role') ?? 'channel_member',
      custom: customOf(member, memberFields),
    };
  }
  return form;
}

/** The live channel with the declared parts laid over it; of none, exactly what is declared. */
export function desiredForm(declared: DeclaredChannel, live: ChannelForm | undefined, typeConfig: Tree): ChannelForm {
  const form: Record<string, unknown> = Object.assign(emptyMap(), live);
  const exists = live !== undefined;
  for (const field of ['name', 'image', 'team', 'frozen', 'disabled', 'cooldown'] as const) {
    const value = declared[field];
    if (value !== undefined) form[field] = laidOver(value, live?.[field], exists);
  }
  if (declared.filter_tags !== undefined) form['filter_tags'] = changedSet(declared.filter_tags, live?.filter_tags);
  if (declared.custom !== undefined) form['custom'] = mergedKeys(declared.custom, live?.custom);
  const overrides = declared.config_overrides;
  if (isUnset(overrides)) form['config_overrides'] = exists ? inherited(typeConfig) : undefined;
  else if (overrides !== undefined) form['config_overrides'] = desiredOverrides(overrides, live?.config_overrides);
  // Whoever made the channel stays: Stream fixes the owner at creation.
  if (!exists && declared.created_by !== undefined) form['created_by'] = declared.created_by;
  if (declared.members !== undefined || declared.moderators !== undefined) {
    form['members'] = desiredMembers(declared, live?.members);
  }
  return defined(Object.entries(form));
}

function desiredOverrides(declared: Tree, live: Tree | undefined): Tree {
  const form: Record<string, unknown> = Object.assign(emptyMap(), live);
  for (const [key, value] of Object.entries(declared)) {
    if (key === 'commands') form[key] = setForm(value);
    else if (key === 'grants') form[key] = overrideGrants(treeAt(value), live?.['grants'] as GrantsForm | undefined);
    else if (key === 'chat_preferences') form[key] = mergedKeys(treeAt(value), treeAt(live?.[key]));
    else form[key] = laidOver(value, live?.[key], live !== undefined);
  }
  return defined(Object.entries(form));
}

/** The modifiers of a role are one list; roles that are not named keep theirs. */
function overrideGrants(declared: Tree, live: GrantsForm | undefined): GrantsForm | undefined {
  const grants: Record<string, SetForm> = Object.assign(emptyMap<SetForm>(), live);
  for (const [role, modifiers] of Object.entries(declared)) {
    const set = setForm(modifiers);
    if (Object.keys(set).length === 0) delete grants[role];
    else grants[role] = set;
  }
  return Object.keys(grants).length === 0 ? undefined : grants;
}

function desiredMembers(
  declared: DeclaredChannel,
  live: Readonly<Record<string, MemberForm>> | undefined,
): Readonly<Record<string, MemberForm>> {
  const members: Record<string, MemberForm> = emptyMap();
  const exact = declared.members !== undefined && declared.members_mode !== 'additive';
  if (!exact) Object.assign(members, live);
  for (const item of declared.members ?? []) {
    const entry: MemberEntry = typeof item === 'string' ? { user_id: item } : item;
    members[entry.user_id] = desiredMember(entry, live?.[entry.user_id]);
  }
  if (declared.moderators === undefined) return members;
  const moderators = new Set(declared.moderators);
  for (const id of moderators) {
    members[id] = { ...desiredMember({ user_id: id }, members[id] ?? live?.[id]), channel_role: 'channel_moderator' };
  }
  for (const [id, form] of Object.entries(members)) {
    if (moderators.has(id) || form.channel_role !== 'channel_moderator') continue;
    members[id] = { ...form, channel_role: 'channel_member' };
  }
  return members;
}

function desiredMember(entry: MemberEntry, live: MemberForm | undefined): MemberForm {
  const role = entry.channel_role ?? live?.channel_role;
  const custom = entry.custom === undefined ? live?.custom : mergedKeys(entry.custom, live?.custom);
  return { ...(role === undefined ? {} : { channel_role: role }), ...(custom === undefined ? {} : { custom }) };
}

/** What is sent as `config_overrides`: always the whole object, since Stream replaces it. */
export function wireOverrides(overrides: Tree): Tree {
  return defined(
    Object.entries(overrides).map(([key, value]) => {
      if (key === 'commands') return [key, Object.keys(treeAt(value)).toSorted()];
      if (key !== 'grants') return [key, value];
      return [
        key,
        defined(Object.entries(treeAt(value)).map(([role, set]) => [role, Object.keys(treeAt(set)).toSorted()])),
      ];
    }),
  );
}
