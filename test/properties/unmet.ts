import type { Declared, GeneratedManifest } from './arbitraries.ts';
import { channelsOf, own, type Snapshot } from './untouched.ts';

/**
 * What a manifest declares and a state does not have, read off the local Stream itself and not off our reading of it.
 * Plain values, custom keys, whole lists and the members are looked at.
 */
export function unmet(state: Snapshot, wanted: GeneratedManifest): readonly string[] {
  const found: string[] = [];
  const expectField = (where: string, declared: unknown, actual: unknown): void => {
    const met = isNone(declared) ? isNone(actual) : sameValue(declared, actual);
    if (!met) found.push(`${where}: ${JSON.stringify(actual)} instead of ${JSON.stringify(declared)}`);
  };
  const expectFields = (
    where: string,
    declared: Declared,
    actual: Declared,
    fields: readonly string[],
  ): void => {
    for (const field of fields) {
      if (Object.hasOwn(declared, field))
        expectField(`${where} ${field}`, declared[field], own(actual, field));
    }
  };
  const expectCustom = (where: string, declared: Declared, actual: Declared): void => {
    const custom = (declared['custom'] ?? {}) as Declared;
    for (const [key, value] of Object.entries(custom)) {
      if (isUnset(value) ? Object.hasOwn(actual, key) : !sameValue(value, own(actual, key))) {
        found.push(
          `${where} custom ${key}: ${JSON.stringify(own(actual, key))} instead of ${JSON.stringify(value)}`,
        );
      }
    }
  };

  expectFields('app', wanted.app?.settings ?? {}, state.app.settings, plainSettings);
  for (const role of wanted.roles ?? []) expectField(`role ${role}`, true, Object.hasOwn(state.roles, role));
  for (const [name, declared] of Object.entries(wanted.channel_types ?? {})) {
    const type = own(state.channelTypes, name);
    const fields = Object.keys(declared).filter(
      (field) => typeof declared[field] !== 'object' && !formatted.has(field),
    );
    expectFields(name, declared, type?.settings ?? {}, fields);
    for (const [role, list] of Object.entries((declared['grants'] ?? {}) as Declared)) {
      if (Array.isArray(list))
        expectField(`${name} grants ${role}`, new Set(list), new Set(own(type?.grants, role) as string[]));
    }
  }
  for (const [id, declared] of Object.entries(wanted.users ?? {})) {
    const user = own(state.users, id);
    expectFields(id, declared, user ?? {}, ['role', 'name', 'image']);
    expectCustom(id, declared, user?.custom ?? {});
    if (Array.isArray(declared['teams']))
      expectField(`${id} teams`, new Set(declared['teams']), new Set(user?.['teams'] as string[]));
    if (declared['status'] !== undefined) {
      expectField(
        `${id} status`,
        declared['status'],
        user?.['deactivated_at'] === undefined ? 'active' : 'deactivated',
      );
    }
  }
  for (const [cid, { declared, members }] of channelsOf(wanted, state)) {
    const channel = own(state.channels, cid);
    if (channel === undefined) {
      found.push(`${cid} is missing`);
      continue;
    }
    expectFields(cid, declared, channel, ['team', 'frozen', 'disabled', 'cooldown']);
    expectFields(cid, declared, channel.custom, ['name', 'image']);
    expectCustom(cid, declared, channel.custom);
    const overrides = (declared['config_overrides'] ?? {}) as Declared;
    if (isUnset(overrides)) expectField(`${cid} overrides`, 0, Object.keys(channel.config_overrides).length);
    const effective = { ...own(state.channelTypes, channel.type)?.settings, ...channel.config_overrides };
    const plain = Object.keys(overrides).filter(
      (key) => key !== '$unset' && typeof overrides[key] !== 'object',
    );
    expectFields(`${cid} overrides`, overrides, effective, plain);

    const present = new Set(Object.keys(channel.members));
    const moderators = declared['moderators'] as readonly string[] | undefined;
    for (const id of [...(members ?? []), ...(moderators ?? [])])
      expectField(`${cid} member ${id}`, true, present.has(id));
    if (members !== undefined && declared['members_mode'] !== 'additive') {
      expectField(`${cid} members`, new Set([...members, ...(moderators ?? [])]), present);
    }
    if (moderators !== undefined) {
      const holding = Object.values(channel.members).filter(
        (member) => member['channel_role'] === 'channel_moderator',
      );
      expectField(
        `${cid} moderators`,
        new Set(moderators),
        new Set(holding.map((member) => member['user_id'])),
      );
    }
  }
  return found;
}

/** Settings that are kept under their own name and as they were written. */
const plainSettings =
  `async_url_enrich_enabled before_message_send_hook_url cdn_expiration_seconds custom_action_handler_url
  disable_auth_checks guest_user_creation_disabled moderation_enabled moderation_webhook_url multi_tenant_enabled
  permission_version reminders_interval`.split(/\s+/);

/** Fields whose text Stream writes in another way, or opens. */
const formatted: ReadonlySet<string> = new Set(['commands', 'partition_ttl']);

function isUnset(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '$unset');
}

function isNone(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false || value === 0) return true;
  return isUnset(value) || (value instanceof Set && value.size === 0);
}

function sameValue(one: unknown, two: unknown): boolean {
  if (one instanceof Set && two instanceof Set)
    return one.size === two.size && [...one].every((item) => two.has(item));
  return JSON.stringify(inOrder(one)) === JSON.stringify(inOrder(two));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([key, below]) => [key, inOrder(below)] as const)
    .toSorted(([one], [two]) => (one < two ? -1 : 1));
}
