import type { Rights } from '../model/danger.ts';
import { permissionParts, type PermissionId } from '../model/permission-id.ts';
import type { Decision, Grant, MayVerdict } from '../model/standing.ts';

/** Changes to the grants of a type that one channel makes, by role: `!id` takes a permission away, `id` gives it. */
export type Modifiers = Readonly<Record<string, readonly string[]>>;

/** A permission that an app defined itself: what it allows, in the terms of an id. */
export interface CustomPermission extends PermissionId {
  /** Its condition is Stream's to judge. */
  readonly conditional: boolean;
}

/** Everything that a decision depends on. */
export interface Circumstances {
  /** Where the rights are granted. */
  readonly scope: 'app' | 'type';
  readonly rights: Rights;
  readonly roles: readonly string[];
  /** Undefined where each thing has an owner of its own: some messages are theirs, and others are not. */
  readonly owns: boolean | undefined;
  /** The thing is in one of their teams, or the app has no teams. */
  readonly sameTeam: boolean;
  readonly modifiers?: Modifiers;
  readonly customs?: ReadonlyMap<string, CustomPermission>;
  /** The app lets everybody do everything. */
  readonly checksOff?: boolean;
}

/**
 * Whether somebody may use a permission, and by which grants. `x-owner` asks about what is theirs, `x-any-team` about
 * other teams, and the plain id about everybody's things where they are. Pure.
 */
export function decide(permission: string, circumstances: Circumstances): Decision {
  const { customs = new Map<string, CustomPermission>() } = circumstances;
  const asked = customs.get(permission);
  const { action, owner, anyTeam } = asked ?? permissionParts(permission);
  const sameTeam = circumstances.sameTeam && (asked !== undefined || !anyTeam);
  const owns = circumstances.owns ?? (owner || undefined);
  const holdings = [...new Set(circumstances.roles)].map((role) => holdingOf(role, circumstances));
  const held = holdings.flatMap(({ grants }) =>
    grants.flatMap((grant) => {
      const reach = customs.get(grant.permission) ?? permissionParts(grant.permission);
      return reach.action === action ? [{ grant, reach, conditional: isConditional(reach) }] : [];
    }),
  );
  const taken = holdings.flatMap((holding) =>
    holding.taken.filter(
      (one) => (customs.get(one.permission) ?? permissionParts(one.permission)).action === action,
    ),
  );
  if (circumstances.checksOff === true) return { verdict: 'yes', because: [], useless: [], taken };

  const opening = (own: boolean) =>
    held.filter(({ reach }) => (own || !reach.owner) && (sameTeam || reach.anyTeam));
  const always = opening(owns ?? false);
  const withOwn = opening(owns ?? true);
  const sure = (some: typeof held) => some.filter(({ conditional }) => !conditional);
  const [verdict, because]: readonly [MayVerdict, typeof held] =
    sure(always).length > 0
      ? ['yes', sure(always)]
      : always.length > 0 || (withOwn.length > 0 && sure(withOwn).length === 0)
        ? ['unknown', withOwn]
        : withOwn.length > 0
          ? ['only-own', sure(withOwn)]
          : ['no', []];
  return {
    verdict,
    because: because.map(({ grant }) => grant),
    useless: held
      .filter((one) => !withOwn.includes(one))
      .map(({ grant, reach }) => ({
        ...grant,
        why: reach.owner && owns === false ? ('not-own' as const) : ('other-team' as const),
      })),
    taken,
  };
}

function isConditional(reach: CustomPermission | PermissionId): boolean {
  return 'conditional' in reach && reach.conditional;
}

/** What one role holds here. Another role's permission survives the modifier of this one. */
function holdingOf(
  role: string,
  { scope, rights, modifiers = {} }: Circumstances,
): { readonly grants: readonly Grant[]; readonly taken: Decision['taken'] } {
  const given = new Map<string, Grant['from']>();
  const taken = new Set<string>();
  for (const permission of Object.keys(ownEntry(rights, role) ?? {})) given.set(permission, scope);
  for (const change of ownEntry(modifiers, role) ?? []) {
    if (change.startsWith('!')) {
      const permission = change.slice(1);
      if (given.delete(permission)) taken.add(permission);
      continue;
    }
    // What the channel takes and gives back is the type's again.
    if (!given.has(change)) given.set(change, taken.delete(change) ? scope : 'channel');
  }
  return {
    grants: [...given].map(([permission, from]) => ({ role, permission, from })),
    taken: [...taken].map((permission) => ({ role, permission })),
  };
}

/** Roles may be called like properties of objects. */
function ownEntry<V>(map: Readonly<Record<string, V>>, key: string): V | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
