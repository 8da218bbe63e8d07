import { addressOf, type Address } from '../model/address.ts';
import type { Rights } from '../model/danger.ts';
import type { Diagnostic, SourceSpan } from '../model/diagnostic.ts';
import type { RightsBasis } from '../model/kind.ts';
import { covers } from '../model/permission-id.ts';
import type { Expectation } from '../model/policy.ts';

/** What is known of the rights in one scope; `absent`: there is no such scope. */
export type ScopeRights = 'absent' | ((role: string) => Rights[string] | undefined);

/** What one object gives in its scope, beyond what the scope grants. */
export interface Given {
  readonly address: Address;
  readonly rights: Rights;
}

/** What decides about rights besides the grants of a scope. */
export interface Surroundings {
  /** `grants` unless told. */
  readonly basis?: RightsBasis | undefined;
  readonly givenIn?: (scope: Address) => readonly Given[];
  /** The permissions whose ids say what they allow; all of them unless given. */
  readonly builtIn?: ReadonlySet<string> | undefined;
}

/**
 * Holds expectations against the rights of their scopes: `can` needs the permission or one that covers it, `cannot`
 * that no role holds either, and that no object gives it. Where nothing is known nothing is claimed, and a note says
 * how many could not be tested.
 */
export function checkExpectations(
  expectations: readonly Expectation[],
  rightsFor: (scope: Address) => ScopeRights | undefined,
  { basis = 'grants', givenIn = () => [], builtIn }: Surroundings = {},
): readonly Diagnostic[] {
  if (basis === 'policies') return policiesNote(expectations);
  const failed: Diagnostic[] = [];
  const untested: SourceSpan[] = [];
  const unproven: Unproven[] = [];
  for (const expectation of expectations) {
    const { at } = expectation;
    const scope = scopeOf(expectation);
    const rights = rightsFor(scope);
    if (rights === 'absent') {
      failed.push(
        failure(
          expectation,
          `there is no channel type ${expectation.channelType ?? ''}`,
          'Declare it, or change the expectation.',
        ),
      );
      continue;
    }
    if (basis === 'nothing') {
      failed.push(...expectation.cannot.map((permission) => unchecked(expectation, permission)));
      continue;
    }
    const roles = rolesOf(expectation).map((role) => ({ role, held: rights?.(role) }));
    const known = roles.every(({ held }) => held !== undefined);
    for (const permission of expectation.can) {
      if (grantOf(permission, roles) !== undefined) continue;
      if (known) failed.push(lacking(expectation, permission, roles));
      else untested.push(at);
    }
    const given = givenIn(scope).map(({ address, rights: more }) => ({
      address,
      roles: rolesOf(expectation).map((role) => ({ role, held: ownRights(more, role) })),
    }));
    const custom = customIn([...roles, ...given.flatMap((one) => one.roles)], builtIn);
    for (const permission of expectation.cannot) {
      const grant = grantOf(permission, roles);
      const givers = given.flatMap(({ address, roles: those }) => {
        const gift = grantOf(permission, those);
        return gift === undefined ? [] : [giving(expectation, permission, gift, address)];
      });
      failed.push(...(grant === undefined ? [] : [holding(expectation, permission, grant)]), ...givers);
      if (grant !== undefined || givers.length > 0) continue;
      if (!known) untested.push(at);
      else if (custom !== undefined) unproven.push({ at, custom });
    }
  }
  return [...failed, ...untestedNote(expectations, untested), ...unprovenNote(expectations, unproven)];
}

/** The scope of what is about the whole app. */
export const appScope = addressOf('app_settings', 'app');

/** Where an expectation holds. */
export function scopeOf({ channelType }: Expectation): Address {
  return channelType === undefined ? appScope : addressOf('channel_type', channelType);
}

function rolesOf({ role, channelRole }: Expectation): readonly string[] {
  return channelRole === undefined ? [role] : [role, channelRole];
}

interface RoleRights {
  readonly role: string;
  readonly held: Rights[string] | undefined;
}

interface Grant {
  readonly role: string;
  readonly permission: string;
}

/** The grant by which one of these roles may do it: of the permission itself rather than of a wider one. */
function grantOf(wanted: string, roles: readonly RoleRights[]): Grant | undefined {
  const grants = roles.flatMap(({ role, held = {} }) =>
    Object.keys(held)
      .filter((permission) => covers(permission, wanted))
      .map((permission) => ({ role, permission })),
  );
  return grants.find(({ permission }) => permission === wanted) ?? grants[0];
}

function holding(expectation: Expectation, permission: string, grant: Grant): Diagnostic {
  return failure(
    expectation,
    `${whoIn(expectation)} can ${permission} ${whereIn(expectation)}, through ${grant.permission} of ${grant.role}`,
    `Take ${grant.permission} from ${grant.role}, or change the expectation.`,
  );
}

function giving(expectation: Expectation, permission: string, gift: Grant, address: Address): Diagnostic {
  return {
    ...failure(
      expectation,
      `${whoIn(expectation)} can ${permission} in ${address}, which gives ${gift.permission} to ${gift.role}`,
      `Take ${gift.permission} from ${gift.role} there, or change the expectation.`,
    ),
    address,
  };
}

function unchecked(expectation: Expectation, permission: string): Diagnostic {
  return failure(
    expectation,
    `${whoIn(expectation)} can ${permission} ${whereIn(expectation)}: the app checks no permissions, so everybody may do everything`,
    'Set disable_permissions_checks to false, or change the expectation.',
  );
}

function lacking(expectation: Expectation, permission: string, roles: readonly RoleRights[]): Diagnostic {
  const holders = roles.map(({ role }) => role);
  return failure(
    expectation,
    `${whoIn(expectation)} cannot ${permission} ${whereIn(expectation)}`,
    `Grant ${permission} to ${holders.join(' or ')}, or change the expectation.`,
  );
}

function whoIn({ role, channelRole }: Expectation): string {
  return channelRole === undefined ? role : `${role} with ${channelRole}`;
}

function whereIn({ channelType }: Expectation): string {
  return channelType === undefined ? 'in the app' : `in channels of type ${channelType}`;
}

function failure(expectation: Expectation, message: string, help: string): Diagnostic {
  const { at } = expectation;
  return { severity: 'error', code: 'expectation-failed', message, help, at, address: scopeOf(expectation) };
}

function untestedNote(
  expectations: readonly Expectation[],
  untested: readonly SourceSpan[],
): readonly Diagnostic[] {
  const [at] = untested;
  if (at === undefined) return [];
  return [
    {
      severity: 'note',
      code: 'expectation-unknown',
      message: `${untested.length} of ${rightsOf(expectations)} expected rights could not be tested: it is not known here what the roles hold`,
      help: 'Declare the whole lists of these roles; a plan reads the live app as well.',
      at,
    },
  ];
}

interface Unproven {
  readonly at: SourceSpan;
  /** A permission that may allow it. */
  readonly custom: string;
}

function unprovenNote(
  expectations: readonly Expectation[],
  unproven: readonly Unproven[],
): readonly Diagnostic[] {
  const [first] = unproven;
  if (first === undefined) return [];
  return [
    {
      severity: 'note',
      code: 'expectation-unknown',
      message: `${unproven.length} of ${rightsOf(expectations)} expected rights could not be proven: the roles hold permissions that are the app's own, such as ${first.custom}`,
      help: 'Their ids do not say what they allow: look at their actions.',
      at: first.at,
    },
  ];
}

function policiesNote(expectations: readonly Expectation[]): readonly Diagnostic[] {
  const [first] = expectations;
  if (first === undefined) return [];
  const { length } = expectations;
  return [
    {
      severity: 'warning',
      code: 'expectation-unknown',
      message: `${length} ${length === 1 ? 'expectation' : 'expectations'} could not be tested: the app is on permissions v1, where policies of old decide, and no grants`,
      help: 'Move the app to permissions v2, or expect nothing of its roles.',
      at: first.at,
    },
  ];
}

function rightsOf(expectations: readonly Expectation[]): number {
  return expectations.reduce((sum, { can, cannot }) => sum + can.length + cannot.length, 0);
}

/** A permission among these that the app may have defined itself: its id does not say what it allows. */
function customIn(
  roles: readonly RoleRights[],
  builtIn: ReadonlySet<string> | undefined,
): string | undefined {
  if (builtIn === undefined) return undefined;
  return roles.flatMap(({ held = {} }) => Object.keys(held)).find((permission) => !builtIn.has(permission));
}

/** What a role holds of its own: roles may be called like properties of objects. */
export function ownRights(rights: Rights, role: string): Rights[string] | undefined {
  return Object.hasOwn(rights, role) ? rights[role] : undefined;
}
