import { authorizeIn, judgeOf, refuseDisabled, refusal } from './authorize.ts';
import { notAllowed } from './errors.ts';
import type { Call } from './router.ts';
import type { Channel } from './state.ts';

/** Which parts of a channel a request changes, as far as they need permissions of their own. */
export interface ChannelChange {
  /** Any of the plain fields. */
  readonly fields: boolean;
  readonly frozen: boolean;
  readonly cooldown: boolean;
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
  readonly invited?: readonly string[];
  /** Users whose role in the channel changes. */
  readonly promoted?: readonly string[];
}

/** Refuses what the caller may not change; a server may change everything. */
export function authorizeUpdate(call: Call, channel: Channel, change: ChannelChange): void {
  if (call.caller.kind === 'server') return;
  refuseDisabled(call, channel);
  if (change.fields) authorizeIn(call, 'UpdateChannel', channel);
  if (change.frozen) authorizeIn(call, 'UpdateChannelFrozen', channel);
  if (change.cooldown) authorizeIn(call, 'UpdateChannelCooldown', channel);
  if ((change.promoted ?? []).length > 0)
    throw notAllowed('this channel role can only be updated server side');
  if ((change.invited ?? []).length > 0) authorizeIn(call, 'UpdateChannelMembers', channel);
  authorizeMembers(call, channel, change.added ?? [], 'AddOwnChannelMembership');
  authorizeMembers(call, channel, change.removed ?? [], 'RemoveOwnChannelMembership');
}

/** Coming and going oneself may be allowed to those who may not change other members. */
function authorizeMembers(call: Call, channel: Channel, ids: readonly string[], own: string): void {
  if (ids.length === 0) return;
  const may = judgeOf(call.state, call.caller, { type: channel.type, channel });
  if (may('UpdateChannelMembers')) return;
  const self =
    call.caller.kind === 'user' && ids.every((id) => call.caller.kind === 'user' && id === call.caller.id);
  if (self && may(own)) return;
  throw refusal(call, self ? own : 'UpdateChannelMembers', channel.type);
}
