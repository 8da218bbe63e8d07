import type { Address, Path } from './address.ts';

/**
 * Every rule about what a change means for the people in an app, with its title. Codes are stable: policies and
 * acceptances name them, and each has a page with a manifest that breaks it and one that does not, under
 * examples/dangers/.
 */
export const dangerRules = {
  'rules-changed': 'the rules that this change would be judged by are changed by it',
  'auth-checks-off': 'every token is accepted, signed or not',
  'permission-checks-off': 'everybody may do everything',
  'everyone-admin': 'nearly everybody may do what admins may',
  'open-without-login': 'people who have not logged in gain a right',
  'rights-across-teams': 'a right reaches into other teams',
  'rights-gained': 'a role that end users hold gains a right',
  'rights-lost': 'a role that end users hold loses a right',
  'role-emptied': 'a role loses its last right',
  'type-without-grants': 'a new type starts with open grants',
  'lock-down-incomplete': 'a locked-down type leaves a role its rights',
  'role-raised': 'somebody becomes an admin or a moderator',
  'moderator-added': 'somebody becomes a moderator of a channel',
  'member-added': 'somebody can read the history of a channel',
  'team-joined': 'somebody can see another team',
  'multi-tenancy-off': 'teams no longer keep users apart',
  'permissions-v1': 'grants no longer decide',
  'permissions-migrated': 'policies of old are turned into grants, once and for all',
  'tokens-revoked': 'users are logged out',
  'user-locked-out': 'somebody can no longer connect',
  'guests-let-in': 'anybody may come as a guest',
  'search-opened': 'a role may search for users',
  'messages-expire': 'messages will be deleted',
  'handler-set': 'a URL begins to receive data of users',
  'handler-moved': 'another URL receives data of users',
  'handler-removed': 'a URL no longer receives what it did',
  'handler-elsewhere': 'a URL is a tunnel, a local one, or of another environment',
  'uploads-widened': 'more may be uploaded',
  'uploads-half-narrowed': 'what is forbidden as an image may still be uploaded as a file',
  'automod-off': 'messages are no longer moderated automatically',
  'moderation-off': 'moderation is switched off',
  'many-frozen': 'many channels become read-only',
  'type-reset': "a built-in type returns to Stream's defaults",
  loss: 'something of value goes',
  'leaves-management': 'a setting that protects the app is no longer managed',
  'reopens-restriction': 'what somebody closed in the live app is opened again',
} as const satisfies Readonly<Record<string, string>>;

/** The stable name of a rule. */
export type DangerCode = keyof typeof dangerRules;

/** What a change means, beyond its difference: one rule that one object trips. */
export interface Danger {
  readonly code: DangerCode;
  readonly address: Address;
  /** The value that trips it; the whole object for an empty path. */
  readonly path: Path;
  /** A sentence that names who gains or loses what; holds no value that is secret. */
  readonly message: string;
}

/** What a reader of a difference would get wrong without being told: who still holds a right in another way. */
export interface Remark {
  readonly address: Address;
  readonly path: Path;
  readonly code: string;
  readonly message: string;
}

/** `block` refuses an apply, `warn` asks for a look, `allow` only tells. */
export type DangerAction = 'allow' | 'block' | 'warn';

/** A count with a bound: at least so many when there may be more. */
export interface Bounded {
  readonly count: number;
  readonly more: boolean;
}

/** How many objects of the end users' world a change touches. */
export interface Reach {
  readonly channels?: Bounded;
  readonly members?: Bounded;
}

/** Which permissions each role holds, in normal form: a set of ids by role. */
export type Rights = Readonly<Record<string, Readonly<Record<string, true>>>>;
