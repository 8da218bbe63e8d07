import type { Address } from './address.ts';
import type { Change } from './change.ts';
import type { Danger, DangerAction, Reach } from './danger.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Loss, World } from './kind.ts';
import type { Origins } from './origin.ts';
import type { Manifest } from './resource.ts';
import type { Step } from './step.ts';
import type { OperationName } from './stream.ts';

/** The app that a plan is about, as GET /app names it. */
export interface AppIdentity {
  readonly id: number | undefined;
  readonly name: string;
}

/** A loss, with the change that causes it. */
export interface PlannedLoss extends Loss {
  readonly change: Change;
  /** True when a merged `removed:` line names it: that line is the approval. */
  readonly approved: boolean;
}

/** A danger of a plan, and what is to be done about it. */
export interface PlannedDanger extends Danger {
  readonly action: DangerAction;
  /** The change that it is about; absent for what the live app does not notice. */
  readonly change?: Change;
  /** Why it is accepted, in the words of whoever accepted it; an accepted danger does not block. */
  readonly accepted?: string;
}

/** How much an apply takes. */
export interface Estimate {
  /** Under the app's limits and the share of them that the run uses; 0 when there is nothing to send. */
  readonly seconds: number;
}

/** What would change, and how it would be sent. May hold secrets: it is never rendered, only its report is. */
export interface Plan {
  readonly app: AppIdentity;
  readonly manifest: Manifest;
  readonly world: World;
  /** Sorted: losses, then the rest, by kind and key. */
  readonly changes: readonly Change[];
  readonly steps: readonly Step[];
  /** What each object needs to exist before it: an object of these that fails takes it along. */
  readonly needs: ReadonlyMap<Address, readonly Address[]>;
  readonly losses: readonly PlannedLoss[];
  /** What the changes mean, in the order of `dangerRules`, then of the changes. */
  readonly dangers: readonly PlannedDanger[];
  /** How much of the end users' world each change touches, where that was asked for and is known. */
  readonly reach: ReadonlyMap<Address, Reach>;
  /** The app's own limits per minute, where it tells them. */
  readonly limits: ReadonlyMap<OperationName, number>;
  readonly estimate: Estimate;
  /** Whose changes these are, when there is a revision to compare with. */
  readonly origins?: Origins;
  readonly diagnostics: readonly Diagnostic[];
  /** Requests that reading cost. */
  readonly reads: number;
}
