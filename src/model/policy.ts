import type { DangerAction, DangerCode } from './danger.ts';
import type { SourceSpan } from './diagnostic.ts';

/** Where a rule holds; what is left out holds everywhere. */
interface Scope {
  /** An environment's name, or `production` for all that are marked so. */
  readonly environment?: string;
  readonly at: SourceSpan;
}

/** What is to be done about a danger; of several that match, the last one decides. */
export interface DangerPolicy extends Scope {
  /** A rule's code, or `*` for all of them. */
  readonly danger: DangerCode | '*';
  /** Only dangers of objects of this kind: `channel_type`. */
  readonly kind?: string;
  readonly action: DangerAction;
}

/** How much may go or change in one apply; every threshold that is passed counts. */
export interface LimitPolicy extends Scope {
  /** `losses`: things of value that go. `changes`: objects that are changed or deleted; new ones take nothing away. */
  readonly limit: 'changes' | 'losses';
  /** Only losses of this word, or changes of objects of this kind: `member`, `channel`. */
  readonly what?: string;
  /** A number, or a share of the declared objects of that kind in percent. */
  readonly moreThan: { readonly number: number } | { readonly percent: number };
  readonly action: DangerAction;
}

/** One rule of a project: about a danger that is there or not, or about a number that is too large. */
export type Policy = DangerPolicy | LimitPolicy;

/** Accepts a danger in a manifest, with the reason: `accepted: [{danger: …, on: …, because: …}]`. */
export interface Acceptance {
  readonly danger: DangerCode;
  /** An address, in which `*` stands for any characters: `channel/support:*`. */
  readonly on: string;
  readonly because: string;
  readonly at: SourceSpan;
}

/** What a project allows: read from the base revision in CI, so that a change cannot allow itself. */
export interface Rules {
  readonly policies: readonly Policy[];
  /** Addresses, `*` for any characters, that are never deleted, reset or emptied. */
  readonly protect: readonly { readonly pattern: string; readonly at: SourceSpan }[];
}

/** Where no project says anything: every danger has its usual action, and nothing is protected. */
export const noRules: Rules = { policies: [], protect: [] };

/** A test on permissions: what a role may and may not do in channels of a type, or in the app. */
export interface Expectation {
  readonly role: string;
  /** The role in the channel; nobody who is no member holds one. */
  readonly channelRole?: string;
  /** Absent for the `.app` scope. */
  readonly channelType?: string;
  readonly can: readonly string[];
  readonly cannot: readonly string[];
  readonly at: SourceSpan;
}

/** True when an address is meant by a pattern in which `*` stands for any characters. */
export function matches(pattern: string, address: string): boolean {
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  if (!address.startsWith(first)) return false;
  let from = first.length;
  for (const [index, part] of rest.entries()) {
    const last = index === rest.length - 1;
    const found = last ? address.length - part.length : address.indexOf(part, from);
    if (found < from || !address.startsWith(part, found)) return false;
    from = found + part.length;
  }
  return rest.length > 0 || address.length === first.length;
}
