import type { Diagnostic } from '../../model/diagnostic.ts';
import { addressOf, type Path } from '../../model/address.ts';
import type { Reference, World } from '../../model/kind.ts';
import type { Resource } from '../../model/resource.ts';
import { isUnset } from '../../model/schema.ts';
import { commandReferences } from '../commands.ts';
import { grantReferences } from '../grants.ts';
import { provenRoles } from '../proven-roles.ts';
import type { SetForm } from '../sets.ts';
import { treeAt, type Tree } from '../values.ts';
import type { MemberEntry } from './fields.ts';
import type { ChannelForm, DeclaredChannel } from './form.ts';
import { typeValues } from './overrides.ts';

/** Rules between the fields of a channel that a schema cannot say. */
export function checkChannel(resource: Resource<DeclaredChannel>): readonly Diagnostic[] {
  const { declared } = resource;
  const problem = (path: Path, message: string, help: string): Diagnostic => ({
    severity: 'error',
    code: 'conflicting-members',
    message,
    help,
    at: resource.locate(path),
    address: resource.address,
  });
  const moderators = new Set(declared.moderators);
  const seen = new Map<string, string | MemberEntry>();
  const diagnostics: Diagnostic[] = [];
  for (const [index, item] of (declared.members ?? []).entries()) {
    const entry: MemberEntry = typeof item === 'string' ? { user_id: item } : item;
    const path = ['members', String(index)];
    const first = seen.get(entry.user_id);
    if (first !== undefined && !(typeof first === 'string' && typeof item === 'string')) {
      diagnostics.push(
        problem(path, `member "${entry.user_id}" is listed twice`, 'Keep one of the two entries.'),
      );
    }
    seen.set(entry.user_id, item);
    const role = entry.channel_role;
    if (declared.moderators === undefined || role === undefined) continue;
    if (moderators.has(entry.user_id) !== (role === 'channel_moderator')) {
      diagnostics.push(
        problem(
          path,
          `"${entry.user_id}" is ${role} under members, but ${moderators.has(entry.user_id) ? '' : 'not '}under moderators`,
          'Say it in one place: list moderators under moderators, without a channel_role.',
        ),
      );
    }
  }
  if (declared.members_mode !== undefined && declared.members === undefined) {
    diagnostics.push(
      problem(
        ['members_mode'],
        'members_mode says how to read members, and there are none',
        'Add members, or leave it out.',
      ),
    );
  }
  return diagnostics;
}

/** What a channel needs: its type, owner and members, and what its overrides name. */
export function channelReferences(
  type: string,
  declared: DeclaredChannel,
  live: ChannelForm | undefined,
  world: World,
): readonly Reference[] {
  const references: Reference[] = [];
  const overrides = declared.config_overrides;
  // A channel that exists proves its type; what an override means depends on the type's own values.
  if (live === undefined || overrides !== undefined) {
    references.push({ address: addressOf('channel_type', type), path: [] });
  }
  if (live === undefined && declared.created_by !== undefined) {
    references.push({ address: addressOf('user', declared.created_by), path: ['created_by'] });
  }
  for (const [index, item] of (declared.members ?? []).entries()) {
    const entry: MemberEntry = typeof item === 'string' ? { user_id: item } : item;
    const held = live?.members?.[entry.user_id];
    if (held === undefined)
      references.push({ address: addressOf('user', entry.user_id), path: ['members', String(index)] });
    if (entry.channel_role === undefined) continue;
    if (provenRoles([held?.channel_role], world).has(entry.channel_role)) continue;
    references.push({
      address: addressOf('role', entry.channel_role),
      path: ['members', String(index), 'channel_role'],
    });
  }
  for (const [index, id] of (declared.moderators ?? []).entries()) {
    if (live?.members?.[id] !== undefined) continue;
    references.push({ address: addressOf('user', id), path: ['moderators', String(index)] });
  }
  if (overrides !== undefined && !isUnset(overrides))
    references.push(...overrideReferences(overrides, live, typeValues(type, world).now, world));
  return references;
}

function overrideReferences(
  overrides: object,
  live: ChannelForm | undefined,
  type: Tree,
  world: World,
): readonly Reference[] {
  const { blocklist, commands, grants } = treeAt(overrides);
  const effective: Tree = { ...type, ...live?.config_overrides };
  const references: Reference[] = [];
  if (typeof blocklist === 'string' && blocklist !== '' && effective['blocklist'] !== blocklist) {
    references.push({ address: addressOf('blocklist', blocklist), path: ['config_overrides', 'blocklist'] });
  }
  if (Array.isArray(commands)) {
    references.push(
      ...commandReferences(commands, effective['commands'] as SetForm | undefined, [
        'config_overrides',
        'commands',
      ]),
    );
  }
  const plain = Object.fromEntries(
    Object.entries(treeAt(grants)).map(([role, modifiers]) => [
      role,
      (Array.isArray(modifiers) ? modifiers : []).map((modifier) => String(modifier).replace(/^!/, '')),
    ]),
  );
  const liveGrants = treeAt(effective['grants']);
  const permissions = Object.values(liveGrants).flatMap((set) =>
    Object.keys(treeAt(set)).map((id) => id.replace(/^!/, '')),
  );
  return [
    ...references,
    ...grantReferences(plain, provenRoles(Object.keys(liveGrants), world), new Set(permissions), [
      'config_overrides',
      'grants',
    ]),
  ];
}
