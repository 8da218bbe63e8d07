import type { Clock, Replicated } from './replicated.ts';
import type { Grants } from './default-grants.ts';
import type { Permission } from './default-permissions.ts';
import type { Json, JsonObject } from './json.ts';
import type { Live } from './live.ts';
import type { Micros } from './time.ts';

/** Everything one app holds; fields carry the names of the API. */
export interface State {
  readonly app: App;
  readonly channelTypes: Replicated<ChannelType>;
  readonly roles: Replicated<Role>;
  readonly commands: Replicated<Command>;
  /** Custom permissions; the built-in ones never change. */
  readonly permissions: Map<string, Permission>;
  /** Keyed by team and name, see `blocklistKey`. */
  readonly blocklists: Map<string, Blocklist>;
  readonly users: Map<string, User>;
  /** Keyed by CID, soft-deleted ones included. */
  readonly channels: Map<string, Channel>;
  readonly messages: Map<string, Message>;
  /** Push devices by user. */
  readonly devices: Map<string, readonly Device[]>;
  readonly tasks: Map<string, Task>;
  /** Derived from `channels`, never stored. */
  readonly index: Index;
  /** Who is connected and what they watch; never stored and no part of a snapshot. */
  readonly live: Live;
  readonly clock: Clock;
}

/** Which CIDs belong to a type, an id or a member, so that look-ups need no scan. */
export interface Index {
  readonly byType: Map<string, Set<string>>;
  readonly byId: Map<string, Set<string>>;
  readonly byMember: Map<string, Set<string>>;
  readonly usersByName: Map<string, Set<string>>;
}

/** The singleton behind `GET /app`; `settings` holds what was written, under the names it was written with. */
export interface App {
  id: number;
  name: string;
  settings: Record<string, Json>;
  grants: Grants;
}

/** A channel type; `settings` holds the plain fields under their own names. */
export interface ChannelType {
  readonly name: string;
  readonly settings: JsonObject;
  readonly commands: readonly string[];
  readonly grants: Grants;
  readonly created_at: Micros;
  readonly updated_at: Micros;
}

/** A role; its scopes are computed from the grants. */
export interface Role {
  readonly name: string;
  readonly custom: boolean;
  readonly created_at: Micros;
  readonly updated_at: Micros;
}

/** A slash command; the built-in ones have no timestamps, as on the real service. */
export interface Command {
  readonly name: string;
  readonly description: string;
  readonly args: string;
  readonly set: string;
  readonly created_at?: Micros;
  readonly updated_at?: Micros;
}

/** A blocklist; the built-in one has no timestamps. */
export interface Blocklist {
  readonly id?: string;
  readonly name: string;
  readonly team?: string;
  readonly type: string;
  readonly words: readonly string[];
  readonly is_leet_check_enabled: boolean;
  readonly is_plural_check_enabled: boolean;
  readonly is_confusable_folding_enabled: boolean;
  readonly is_substring_matching_enabled: boolean;
  readonly created_at?: Micros;
  readonly updated_at?: Micros;
}

/** A user; `custom` is flattened into the answer, as v1 does. */
export interface User {
  readonly id: string;
  readonly role: string;
  readonly teams: readonly string[];
  readonly teams_role?: JsonObject;
  readonly name?: string;
  readonly image?: string;
  readonly language: string;
  readonly invisible: boolean;
  readonly privacy_settings?: JsonObject;
  readonly custom: JsonObject;
  readonly created_at: Micros;
  readonly updated_at: Micros;
  readonly last_active?: Micros;
  readonly deactivated_at?: Micros;
  readonly deleted_at?: Micros;
  readonly revoke_tokens_issued_before?: Json;
}

/** A channel; `members` keeps the order of joining. */
export interface Channel {
  readonly cid: string;
  readonly type: string;
  readonly id: string;
  /** Present on channels made from a member list: the users who may ever belong to it. */
  readonly distinct?: readonly string[];
  custom: JsonObject;
  created_by_id: string;
  team?: string;
  frozen: boolean;
  disabled: boolean;
  auto_translation_enabled?: boolean;
  auto_translation_language?: string;
  cooldown: number;
  filter_tags: readonly string[];
  config_overrides: JsonObject;
  readonly created_at: Micros;
  updated_at: Micros;
  deleted_at?: Micros;
  last_message_at?: Micros;
  truncated_at?: Micros;
  truncated_by_id?: string;
  readonly members: Map<string, Member>;
  /** Users for whom the channel is hidden. */
  readonly hidden_for: Set<string>;
  /** Message ids, oldest first. */
  readonly messages: Set<string>;
  /** How far members said they have read. */
  readonly reads: Map<string, Read>;
}

/** How far a member said to have read; whoever writes has read as far as his message without saying so. */
export interface Read {
  readonly last_read: Micros;
  readonly last_read_message_id?: string;
}

/** A user's membership of one channel; `custom` is flattened into the answer. */
export interface Member {
  readonly user_id: string;
  readonly channel_role: string;
  readonly status: 'member' | 'pending' | 'rejected';
  readonly invited: boolean;
  readonly invite_accepted_at?: Micros;
  readonly invite_rejected_at?: Micros;
  readonly notifications_muted: boolean;
  readonly pinned_at?: Micros;
  readonly archived_at?: Micros;
  readonly custom: JsonObject;
  readonly created_at: Micros;
  readonly updated_at: Micros;
}

/** A message; `custom` is flattened into the answer. */
export interface Message {
  readonly id: string;
  readonly cid: string;
  readonly user_id: string;
  readonly text: string;
  readonly type: string;
  readonly attachments: readonly Json[];
  readonly mentioned_users: readonly string[];
  readonly silent: boolean;
  readonly parent_id?: string;
  readonly show_in_channel?: true;
  /** Ids of the replies, oldest first; absent: none. */
  readonly replies?: readonly string[];
  /** Absent: none. */
  readonly reactions?: readonly Reaction[];
  readonly pinned: boolean;
  readonly pinned_at?: Micros;
  readonly pinned_by_id?: string;
  readonly pin_expires?: Micros;
  readonly custom: JsonObject;
  readonly created_at: Micros;
  readonly updated_at: Micros;
  readonly deleted_at?: Micros;
}

/** One user's reaction of one type; `custom` is flattened into the answer. */
export interface Reaction {
  readonly type: string;
  readonly user_id: string;
  readonly score: number;
  readonly custom: JsonObject;
  readonly created_at: Micros;
  readonly updated_at: Micros;
}

/** A phone or browser that wants push notifications. */
export interface Device {
  readonly id: string;
  readonly push_provider: string;
  readonly push_provider_name?: string;
  readonly created_at: Micros;
}

/** An asynchronous job, whose effect is immediate here while its report is not: it finishes at `finished_at`. */
export interface Task {
  readonly task_id: string;
  readonly created_at: Micros;
  readonly finished_at: Micros;
  readonly result: JsonObject;
  /** A batch update says `completed` at once and tells the truth inside its result. */
  readonly batch: boolean;
}
