import type { Address } from './address.ts';
import type { AppIdentity } from './plan.ts';

/**
 * `only-own`: with what is theirs, and not with what is somebody else's. `unknown`: it hangs on a condition, or on
 * policies that are no grants.
 */
export type MayVerdict = 'no' | 'only-own' | 'unknown' | 'yes';

/** One grant: a role that holds a permission, and where it was given; a channel's own overrides are `channel`. */
export interface Grant {
  readonly role: string;
  readonly permission: string;
  readonly from: 'app' | 'channel' | 'type';
}

/** Whether roles may use a permission, and by which grants. */
export interface Decision {
  readonly verdict: MayVerdict;
  /** The grants that decide; empty for `no`, and where nothing is checked. */
  readonly because: readonly Grant[];
  /** Held, and of no use here: for what is one's own, or within one's own teams. */
  readonly useless: readonly (Grant & { readonly why: 'not-own' | 'other-team' })[];
  /** What the type gives and this channel takes away. */
  readonly taken: readonly { readonly role: string; readonly permission: string }[];
}

/** Something besides grants that decides about it. */
export interface StandingNote {
  /** Stable: `frozen`. */
  readonly code: string;
  readonly message: string;
  /** True when the right is of no use while this is so. */
  readonly stops: boolean;
}

/** What one user may do: the whole answer to one question. */
export interface Standing extends Decision {
  readonly app: AppIdentity;
  readonly user: string;
  readonly permission: string;
  /** Absent for a permission of the whole app. */
  readonly cid?: string;
  /** What holds the grants that were looked at. */
  readonly scope: Address;
  readonly roles: readonly { readonly role: string; readonly of: 'app' | 'channel' | 'team' }[];
  /** Every role that may, with the members of the channel who hold it, as far as they were read. */
  readonly who: readonly {
    readonly role: string;
    readonly onlyOwn: boolean;
    readonly members: readonly string[];
  }[];
  readonly notes: readonly StandingNote[];
}
