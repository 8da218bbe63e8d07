import type { Grants } from './default-grants.ts';

/** What somebody wants to do, and how he stands to the object he wants to do it to. */
export interface Attempt {
  /** The action by its name, `UpdateMessage`. */
  readonly action: string;
  /** True when the object belongs to him: his channel, his message, his reaction. */
  readonly owns: boolean;
  /** True when the object is in one of his teams, or the app has no teams. */
  readonly sameTeam: boolean;
}

/** A permission that is not built in: what it allows, and when. */
export interface CustomRule {
  readonly action: string;
  readonly owner: boolean;
  readonly same_team: boolean;
  /** Whether its condition holds for this attempt. */
  readonly holds: () => boolean;
}

/** Changes to the grants of a type that one channel makes: `!id` takes a permission away, `id` gives it. */
export type Modifiers = Readonly<Record<string, readonly string[]>>;

/** The permissions that several roles give together in one scope, after the modifiers of a channel. */
export function heldPermissions(
  grants: Grants,
  roles: readonly string[],
  modifiers: Modifiers = {},
): ReadonlySet<string> {
  const all = new Set<string>();
  for (const role of roles) {
    // Another role's permission survives the modifier of this one, so each role is worked out alone.
    const own = new Set(Object.hasOwn(grants, role) ? grants[role] : []);
    for (const change of Object.hasOwn(modifiers, role) ? (modifiers[role] ?? []) : []) {
      if (change.startsWith('!')) own.delete(change.slice(1));
      else own.add(change);
    }
    for (const id of own) all.add(id);
  }
  return all;
}

/** Whether the held permissions allow the attempt; `customs` explains the ids that are not built in. */
export function allows(
  held: ReadonlySet<string>,
  attempt: Attempt,
  customs: ReadonlyMap<string, CustomRule> = new Map(),
): boolean {
  const { action, owns, sameTeam } = attempt;
  const id = permissionId(action);
  if (held.has(`${id}-any-team`) || (owns && held.has(`${id}-owner-any-team`))) return true;
  if (sameTeam && (held.has(id) || (owns && held.has(`${id}-owner`)))) return true;
  for (const [name, rule] of customs) {
    if (!held.has(name) || rule.action !== action) continue;
    if ((rule.owner && !owns) || (rule.same_team && !sameTeam)) continue;
    if (rule.holds()) return true;
  }
  return false;
}

/** The id of the permission for an action, `UpdateMessage` → `update-message`. */
export function permissionId(action: string): string {
  return action.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
}
