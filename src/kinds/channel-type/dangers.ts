import {
  valueAfter,
  valueBefore,
  type Change,
  type Create,
  type FieldChange,
  type Update,
} from '../../model/change.ts';
import type { Danger, DangerCode, Remark } from '../../model/danger.ts';
import type { Resource } from '../../model/resource.ts';
import { nanosecondsOf } from '../durations.ts';
import type { GrantsForm } from '../grants.ts';
import {
  endUserRoles,
  grantsDangers,
  heldBy,
  isEndUserRole,
  permissions,
  roleChanges,
  type GrantsChange,
} from '../grants-dangers.ts';
import { grantsRemarks } from '../grants-remarks.ts';
import { textAt } from '../values.ts';
import type { ChannelType } from './fields.ts';
import type { ChannelTypeForm } from './form.ts';

type TypeChange = Change<ChannelType, ChannelTypeForm>;
type TypeUpdate = Update<ChannelType, ChannelTypeForm>;

/** What changes of channel types mean for the people in their channels; `messaging` gives a new type its grants. */
export function channelTypeDangers(changes: readonly TypeChange[], messaging: GrantsForm): readonly Danger[] {
  return changes.flatMap((change) => {
    switch (change.action) {
      case 'create':
        return created(change, messaging);
      case 'update':
        return updated(change);
      case 'delete':
      case 'keep':
        return [];
    }
  });
}

/** Who keeps in another way what a role of a channel type loses, and who starts with what a new type does not list. */
export function channelTypeRemarks(changes: readonly TypeChange[], messaging: GrantsForm): readonly Remark[] {
  return changes.flatMap((change) => {
    switch (change.action) {
      case 'create':
        return startsAsMessaging(change, messaging);
      case 'update':
        return grantsRemarks(grantsOf(change));
      case 'delete':
      case 'keep':
        return [];
    }
  });
}

/** Features that let users do more when they are on. */
const opening: ReadonlySet<string> = new Set([
  'custom_events',
  'mutes',
  'polls',
  'quotes',
  'reactions',
  'replies',
  'search',
  'shared_locations',
  'typing_events',
  'uploads',
  'url_enrichment',
  'user_message_reminders',
]);

/** What looks at messages, and what it does to them: the weaker ones first. */
const automods: readonly unknown[] = ['disabled', 'simple', 'AI'];
const behaviors: readonly unknown[] = ['flag', 'shadow_block', 'block'];

/** True when this difference opens what the live type has closed. */
export function reopensType(field: FieldChange): boolean {
  const [name = ''] = field.path;
  const [before, after] = [valueBefore(field), valueAfter(field)];
  if (opening.has(name)) return after === true;
  switch (name) {
    case 'grants':
      return field.op === 'add' || (field.op === 'elements' && field.added.length > 0);
    case 'commands':
      return field.op === 'elements' && field.added.length > 0;
    case 'automod':
      return isWeaker(automods, before, after);
    case 'automod_behavior':
    case 'blocklist_behavior':
      return isWeaker(behaviors, before, after);
    case 'blocklist':
      return field.op !== 'add';
    case 'blocklists':
      return field.op === 'elements' ? field.removed.length > 0 : isWeaker(behaviors, before, after);
    case 'mark_messages_pending':
      return before === true && after !== true;
    case 'max_message_length':
      return field.op === 'set' && Number(after) > Number(before);
    default:
      return false;
  }
}

function isWeaker(order: readonly unknown[], before: unknown, after: unknown): boolean {
  return order.indexOf(after) < order.indexOf(before);
}

/** What counts although nobody had the rights that a new type gives: the others are new to everybody. */
const countsWhenNew: ReadonlySet<DangerCode> = new Set([
  'everyone-admin',
  'open-without-login',
  'rights-across-teams',
]);

function created(change: Create<ChannelType, ChannelTypeForm>, messaging: GrantsForm): readonly Danger[] {
  const { address, key, resource } = change;
  const declared = resource.declared.grants ?? {};
  if (Object.keys(declared).length === 0) {
    const open = withRights(endUserRoles, messaging).map((role) => startsWith(role, messaging));
    const why =
      open.length === 0 ? 'it starts with those of messaging' : `${open.join(', ')}, as in messaging`;
    const message = `${key} declares no grants: ${why}`;
    return [{ code: 'type-without-grants', address, path: [], message }];
  }
  const where = whereOf(key);
  const after = startingGrants(change, messaging);
  const wider = grantsDangers({ address, where, before: messaging, after });
  return [...wider.filter(({ code }) => countsWhenNew.has(code)), ...halfClosed(change, messaging)];
}

function startingGrants(
  { desired }: Create<ChannelType, ChannelTypeForm>,
  messaging: GrantsForm,
): GrantsForm {
  return { ...messaging, ...desired.grants };
}

function halfClosed(change: Create<ChannelType, ChannelTypeForm>, messaging: GrantsForm): readonly Danger[] {
  const after = startingGrants(change, messaging);
  const declared = Object.keys(change.resource.declared.grants ?? {});
  const emptied = declared.filter((role) => isEndUserRole(role) && isEmpty(after, role));
  const says = (role: string): string => `${startsWith(role, messaging)}, as in messaging`;
  return lockedDown(change, emptied, unlisted(change, messaging), says);
}

/** What no danger tells already: a type without any grants, and one that is closed to some, have theirs. */
function startsAsMessaging(
  change: Create<ChannelType, ChannelTypeForm>,
  messaging: GrantsForm,
): readonly Remark[] {
  const roles = unlisted(change, messaging);
  const [first] = roles;
  if (first === undefined || Object.keys(change.resource.declared.grants ?? {}).length === 0) return [];
  if (halfClosed(change, messaging).length > 0) return [];
  const counts = roles.map((role) => heldBy(messaging, role).length);
  const message =
    roles.length === 1
      ? `${first} starts with the grants of messaging (${permissions(counts[0] ?? 0)}), since this type does not list it`
      : `${roles.join(', ')} start with the grants of messaging (${counts.join(', ')} permissions), since this type does not list them`;
  return [{ address: change.address, path: ['grants'], code: 'starts-as-messaging', message }];
}

/** The roles of end users that hold something, and that a declaration does not name. */
function unlisted(
  { resource }: { readonly resource: Resource<ChannelType> },
  grants: GrantsForm,
): readonly string[] {
  const declared = resource.declared.grants ?? {};
  return withRights(endUserRoles, grants).filter((role) => !Object.hasOwn(declared, role));
}

function updated(change: TypeUpdate): readonly Danger[] {
  const grants = grantsOf(change);
  const emptied = roleChanges(grants)
    .filter(({ role, after }) => isEndUserRole(role) && after.length === 0)
    .map(({ role }) => role);
  const keeps = (role: string): string => `${role} keeps ${permissions(heldBy(grants.after, role).length)}`;
  return [
    ...grantsDangers(grants),
    ...lockedDown(change, emptied, unlisted(change, grants.after), keeps),
    ...automodOff(change),
    ...messagesExpire(change),
  ];
}

/**
 * Whoever closes a type to everybody who is logged in, or to its members, means all of them, and an undeclared role
 * stays as it is. Closing it to guests alone is usual.
 */
function lockedDown(
  { address, key }: TypeChange,
  emptied: readonly string[],
  left: readonly string[],
  says: (role: string) => string,
): readonly Danger[] {
  const [first] = emptied;
  if (first === undefined || left.length === 0) return [];
  if (!emptied.includes('user') && !emptied.includes('channel_member')) return [];
  const message = `${key} is closed to ${emptied.join(', ')}, and ${left.map(says).join(', ')}`;
  return [{ code: 'lock-down-incomplete', address, path: ['grants', first], message }];
}

function automodOff({ address, key, live, desired }: TypeUpdate): readonly Danger[] {
  const danger = (field: string, message: string): Danger => ({
    code: 'automod-off',
    address,
    path: [field],
    message: `${message} ${whereOf(key)}`,
  });
  const dangers: Danger[] = [];
  const [before, after] = [automodOf(live), automodOf(desired)];
  const [did, does] = [behaviorAt(live, 'automod_behavior'), behaviorAt(desired, 'automod_behavior')];
  if (isWeaker(automods, before, after)) {
    const instead = after === 'disabled' ? '' : `, only ${after} automod does,`;
    dangers.push(danger('automod', `${before} automod no longer looks at messages${instead}`));
  }
  if (before !== 'disabled' && after !== 'disabled' && isWeaker(behaviors, did, does))
    dangers.push(
      danger('automod_behavior', `what automod finds is ${doneTo(does)}, no longer ${doneTo(did)},`),
    );
  return [...dangers, ...listsGone(live, desired, danger), ...listsWeaker(live, desired, danger)];
}

/** One list may be swapped for another; of several, each that goes is told. */
function listsGone(
  live: ChannelTypeForm,
  desired: ChannelTypeForm,
  danger: (field: string, message: string) => Danger,
): readonly Danger[] {
  const [before, after] = [checkedBy(live), checkedBy(desired)];
  if (before.size === 1 && after.size > 0) return [];
  const single = textAt(live, 'blocklist');
  const gone = [...before.keys()].filter((list) => !after.has(list)).toSorted();
  const [alone, others] = [gone.filter((list) => list === single), gone.filter((list) => list !== single)];
  return [
    ...(alone.length === 0 ? [] : [['blocklist', alone] as const]),
    ...(others.length === 0 ? [] : [['blocklists', others] as const]),
  ].map(([field, lists]) => danger(field, `messages are no longer checked against ${lists.join(', ')}`));
}

function listsWeaker(
  live: ChannelTypeForm,
  desired: ChannelTypeForm,
  danger: (field: string, message: string) => Danger,
): readonly Danger[] {
  const after = checkedBy(desired);
  return [...checkedBy(live)].flatMap(([list, did]) => {
    const does = after.get(list);
    if (does === undefined || !isWeaker(behaviors, did, does)) return [];
    const field = textAt(desired, 'blocklist') === list ? 'blocklist_behavior' : 'blocklists';
    return [danger(field, `what is in ${list} is ${doneTo(does)}, no longer ${doneTo(did)},`)];
  });
}

/** The lists that messages are checked against, and what is done to those that are in one. */
function checkedBy(form: ChannelTypeForm): ReadonlyMap<string, unknown> {
  const lists = new Map<string, unknown>(
    Object.entries(form.blocklists ?? {}).map(([list, { behavior }]) => [list, behavior]),
  );
  const single = textAt(form, 'blocklist');
  if (single === undefined) return lists;
  const behavior = behaviorAt(form, 'blocklist_behavior');
  return isWeaker(behaviors, lists.get(single), behavior) ? lists : lists.set(single, behavior);
}

function automodOf(form: ChannelTypeForm): string {
  return textAt(form, 'automod') ?? 'disabled';
}

function behaviorAt(form: ChannelTypeForm, field: string): string {
  return textAt(form, field) ?? 'flag';
}

function doneTo(behavior: unknown): string {
  switch (behavior) {
    case 'block':
      return 'blocked';
    case 'shadow_block':
      return 'shadow-blocked';
    default:
      return 'flagged';
  }
}

function messagesExpire({ address, key, live, desired }: TypeUpdate): readonly Danger[] {
  const danger = (field: string, message: string): Danger => ({
    code: 'messages-expire',
    address,
    path: [field],
    message: `messages ${whereOf(key)} ${message}`,
  });
  const dangers: Danger[] = [];
  const kept = (form: ChannelTypeForm): number => Number(textAt(form, 'message_retention') ?? NaN);
  // `infinite` is no number, and neither is nothing.
  if (kept(desired) < (Number.isNaN(kept(live)) ? Infinity : kept(live)))
    dangers.push(danger('message_retention', `are kept for "${kept(desired)}" as Stream counts it`));
  const ttl = textAt(desired, 'partition_ttl');
  // Nothing and no time at all both stand for "never".
  const lives = (form: ChannelTypeForm): number =>
    nanosecondsOf(textAt(form, 'partition_ttl') ?? '') || Infinity;
  if (ttl !== undefined && lives(desired) < lives(live))
    dangers.push(danger('partition_ttl', `are deleted after ${ttl}`));
  return dangers;
}

function grantsOf({ address, key, live, desired }: TypeUpdate): GrantsChange {
  return { address, where: whereOf(key), before: live.grants ?? {}, after: desired.grants ?? {} };
}

function whereOf(key: string): string {
  return `in channels of type ${key}`;
}

function withRights(roles: readonly string[], grants: GrantsForm): readonly string[] {
  return roles.filter((role) => !isEmpty(grants, role));
}

function isEmpty(grants: GrantsForm, role: string): boolean {
  return heldBy(grants, role).length === 0;
}

function startsWith(role: string, grants: GrantsForm): string {
  return `${role} starts with ${permissions(heldBy(grants, role).length)}`;
}
