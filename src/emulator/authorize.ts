import { type CustomRule, type Modifiers, allows, heldPermissions } from './access.ts';
import { atPath } from './dotted.ts';
import { StreamError, inputError, notAllowed } from './errors.ts';
import { compileFilter } from './filters.ts';
import { type Json, type JsonObject, isObject } from './json.ts';
import type { Call, Caller } from './router.ts';
import type { Channel, State, User } from './state.ts';

/** What an action is about: a channel that exists, or the type and team of one that is to be made. */
export interface Subject {
  readonly type: string;
  readonly channel?: Channel;
  readonly team?: string | undefined;
  /** Whose object it is, when that is not the channel's creator. */
  readonly owner?: string | undefined;
}

/** Answers whether one caller may do things to one channel; works out his permissions only once. */
export type Judge = (action: string, owner?: string) => boolean;

/** True when the app lets everybody do everything. */
function unguarded(state: State): boolean {
  return state.app.settings['disable_permissions_checks'] === true;
}

/** A judge for one caller and one channel; a server may do everything. */
export function judgeOf(state: State, caller: Caller, subject: Subject): Judge {
  if (caller.kind === 'server' || unguarded(state)) return () => true;
  const { channel } = subject;
  const id = caller.kind === 'user' ? caller.id : undefined;
  const user = id === undefined ? undefined : state.users.get(id);
  const type = state.channelTypes.seen(subject.type) ?? state.channelTypes.fresh(subject.type);
  const team = channel === undefined ? subject.team : channel.team;
  const modifiers = channel?.config_overrides['grants'];
  const held = heldPermissions(
    type?.grants ?? {},
    rolesOf(state, caller, channel),
    isObject(modifiers) ? (modifiers as unknown as Modifiers) : {},
  );
  const customs = customRules(state, user, channel);
  const sameTeam = isSameTeam(state, user, team);
  return (action, owner = subject.owner ?? channel?.created_by_id ?? id) =>
    allows(held, { action, owns: id !== undefined && owner === id, sameTeam }, customs);
}

/** Refuses with 403/17 what the caller's grants do not allow. */
export function authorize(call: Call, action: string, subject: Subject): void {
  if (!judgeOf(call.state, call.caller, subject)(action)) throw refusal(call, action, subject.type);
}

/** The same for a channel that exists; `owner` is whose message or reaction it is about. */
export function authorizeIn(call: Call, action: string, channel: Channel, owner?: string): void {
  if (call.caller.kind === 'server') return;
  authorize(call, action, { type: channel.type, channel, owner });
}

/** Refuses to show a channel that the caller may not read, or that is switched off. */
export function authorizeReading(call: Call, channel: Channel): void {
  if (call.caller.kind === 'server') return;
  authorizeIn(call, 'ReadChannel', channel);
  refuseDisabled(call, channel);
}

/** Refuses to users everything in a channel that is switched off. */
export function refuseDisabled(call: Call, channel: Channel): void {
  if (!channel.disabled || mayInApp(call.state, call.caller, 'ReadDisabledChannel')) return;
  throw notAllowed(`channel ${channel.cid} is disabled`);
}

/** The refusal that names who may not do what, and where. */
export function refusal(call: Call, action: string, scope: string): StreamError {
  const id = call.caller.kind === 'user' ? call.caller.id : '';
  return notAllowed(
    `User '${id}' with role '${appRole(call.state, call.caller)}' is not allowed to perform action ${action} in scope '${scope}'`,
  );
}

/** Whether the caller's role in the app allows something that is about no channel. */
function mayInApp(state: State, caller: Caller, action: string): boolean {
  if (caller.kind === 'server' || unguarded(state)) return true;
  const held = heldPermissions(state.app.grants, [appRole(state, caller)]);
  return allows(held, { action, owns: false, sameTeam: true });
}

/** Whether a frozen channel is closed to this caller. */
export function isFrozenFor({ state, caller }: Call, channel: Channel): boolean {
  if (!channel.frozen || caller.kind === 'server') return false;
  return !judgeOf(state, caller, { type: channel.type, channel })('UseFrozenChannel');
}

function appRole(state: State, caller: Caller): string {
  if (caller.kind !== 'user') return 'anonymous';
  return state.users.get(caller.id)?.role ?? 'user';
}

function rolesOf(state: State, caller: Caller, channel: Channel | undefined): readonly string[] {
  const role = appRole(state, caller);
  if (caller.kind !== 'user' || channel === undefined) return [role];
  const inTeam =
    channel.team === undefined ? undefined : state.users.get(caller.id)?.teams_role?.[channel.team];
  const member = channel.members.get(caller.id);
  const roles = [typeof inTeam === 'string' ? inTeam : role];
  if (member !== undefined && member.status !== 'rejected') roles.push(member.channel_role);
  return roles;
}

function isSameTeam(state: State, user: User | undefined, team: string | undefined): boolean {
  if (state.app.settings['multi_tenant_enabled'] !== true) return true;
  const teams = user?.teams ?? [];
  return team === undefined || team === '' ? teams.length === 0 : teams.includes(team);
}

function customRules(
  state: State,
  user: User | undefined,
  channel: Channel | undefined,
): ReadonlyMap<string, CustomRule> {
  const rules = new Map<string, CustomRule>();
  for (const { id, action, owner, same_team, condition } of state.permissions.values()) {
    const holds = (): boolean => holdsFor(condition as JsonObject | null, user, channel);
    rules.set(id, { action, owner, same_team, holds });
  }
  return rules;
}

/** A condition compares fields of the user, `$subject.…`, and of the channel, `$object.…`; an unreadable one is false. */
function holdsFor(
  condition: JsonObject | null,
  user: User | undefined,
  channel: Channel | undefined,
): boolean {
  if (condition === null) return true;
  const fieldOf = (name: string) => ({ kind: 'custom' as const, get: () => valueOf(name, user, channel) });
  try {
    return compileFilter(renamed(condition), fieldOf)(undefined);
  } catch (error) {
    if (error instanceof StreamError) return false;
    throw error;
  }
}

/** Filters take a key with a dollar for an operator, so the two names of a condition lose theirs. */
function renamed(condition: JsonObject): JsonObject {
  const copy: Record<string, Json> = {};
  for (const [key, value] of Object.entries(condition)) {
    const name = key.replace(/^\$(subject|object)\./, '$1.');
    copy[name] = Array.isArray(value)
      ? value.map((part: Json) => (isObject(part) ? renamed(part) : part))
      : value;
  }
  return copy;
}

function valueOf(name: string, user: User | undefined, channel: Channel | undefined): Json | undefined {
  const [source, ...path] = name.split('.');
  if (source === 'subject' && user !== undefined) {
    const { custom, ...fields } = user;
    return atPath({ ...(fields as unknown as JsonObject), ...custom }, path.join('.'));
  }
  if (source === 'object' && channel !== undefined) {
    const { type, id, created_by_id, frozen, disabled } = channel;
    return atPath({ type, id, created_by_id, frozen, disabled, ...channel.custom }, path.join('.'));
  }
  throw inputError(`unrecognized field "${name}"`);
}
