import type { World } from '../../model/kind.ts';
import { isUnset, type SetChange, type Unset } from '../../model/schema.ts';
import { customOf } from '../custom.ts';
import { changedSet, emptyMap, setForm, type SetForm } from '../sets.ts';
import { defined, laidOver, mergedKeys, textAt, treeAt, type Tree } from '../values.ts';
import { memberFields, ownFields, type MemberEntry } from './fields.ts';
import { desiredOverrides, overridesForm, type TypeValues } from './overrides.ts';

/** A membership in normal form. */
export interface MemberForm {
  readonly channel_role?: string;
  readonly custom?: Tree;
}

/** A channel in normal form. Moderators are members with a role; of the overrides those that can be seen. */
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
 * The normal form of a channel as Stream answers it: with all its members when they were read, and with its overrides
 * when its type was, which is when the manifests say something about them.
 */
export function liveForm(
  channel: Tree,
  members: readonly Tree[] | undefined,
  typeConfig: Tree | undefined,
): ChannelForm {
  return defined([
    ['name', textAt(channel, 'name')],
    ['image', textAt(channel, 'image')],
    ['team', textAt(channel, 'team')],
    ['frozen', channel['frozen'] === true],
    ['disabled', channel['disabled'] === true],
    ['cooldown', typeof channel['cooldown'] === 'number' ? channel['cooldown'] : 0],
    ['filter_tags', setForm(channel['filter_tags'])],
    [
      'config_overrides',
      typeConfig === undefined ? undefined : overridesForm(treeAt(channel['config']), typeConfig),
    ],
    ['created_by', textAt(treeAt(channel['created_by']), 'id')],
    ['custom', customOf(channel, ownFields)],
    ['members', members === undefined ? undefined : membersForm(members)],
  ]);
}

/** The user that a membership is of. */
export function memberId(member: Tree): string | undefined {
  return textAt(member, 'user_id') ?? textAt(treeAt(member['user']), 'id');
}

function membersForm(members: readonly Tree[]): Readonly<Record<string, MemberForm>> {
  const form: Record<string, MemberForm> = emptyMap();
  for (const member of members) {
    const id = memberId(member);
    if (id === undefined) continue;
    form[id] = {
      channel_role: textAt(member, 'channel_role') ?? 'channel_member',
      custom: customOf(member, memberFields),
    };
  }
  return form;
}

/** The live channel with the declared parts laid over it; of none, exactly what is declared. */
export function desiredForm(
  declared: DeclaredChannel,
  live: ChannelForm | undefined,
  type: TypeValues,
  world: World,
): ChannelForm {
  const form: Record<string, unknown> = Object.assign(emptyMap(), live);
  const exists = live !== undefined;
  for (const field of ['name', 'image', 'team', 'frozen', 'disabled', 'cooldown'] as const) {
    const value = declared[field];
    if (value !== undefined) form[field] = laidOver(value, live?.[field], exists);
  }
  if (declared.filter_tags !== undefined)
    form['filter_tags'] = changedSet(declared.filter_tags, live?.filter_tags);
  if (declared.custom !== undefined) form['custom'] = mergedKeys(declared.custom, live?.custom);
  const overrides = declared.config_overrides;
  if (isUnset(overrides)) form['config_overrides'] = exists ? emptyMap() : undefined;
  else if (overrides !== undefined) {
    form['config_overrides'] = desiredOverrides(overrides, live?.config_overrides, type, world);
  }
  // Whoever made the channel stays: Stream fixes the owner at creation.
  if (!exists && declared.created_by !== undefined) form['created_by'] = declared.created_by;
  if (declared.members !== undefined || declared.moderators !== undefined) {
    form['members'] = desiredMembers(declared, live?.members);
  }
  return defined(Object.entries(form));
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
    members[id] = {
      ...desiredMember({ user_id: id }, members[id] ?? live?.[id]),
      channel_role: 'channel_moderator',
    };
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
  return {
    ...(role === undefined ? {} : { channel_role: role }),
    ...(custom === undefined ? {} : { custom }),
  };
}
