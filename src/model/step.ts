import type { Address } from './address.ts';
import type { OperationName, Stream } from './stream.ts';

/** Names one step within a run: `UpdateChannelType channel_type/support`. */
export type StepId = string;

/** What a step does to the app, from which its phase follows; an exchange takes rights and gives others for them. */
export type Effect = 'create' | 'delete' | 'exchange' | 'narrow' | 'prepare' | 'update' | 'widen';

/** One write, or a few that belong together, as Stream's API performs it. */
export interface Step {
  readonly id: StepId;
  readonly kind: string;
  readonly effect: Effect;
  /** The requests that it makes when nothing goes wrong, for the cost and the limits. */
  readonly requests: readonly OperationName[];
  /** The objects that are not done before this step is. */
  readonly covers: readonly Address[];
  /** Steps of the same kind that come first. */
  readonly after: readonly StepId[];
  /** Whether it may be sent again when nobody knows if it was done: always, or only when this says that it was not. */
  readonly repeat: 'safe' | { doneWhen(stream: Stream): Promise<boolean> };
  send(stream: Stream): Promise<void>;
  /** True once every node of Stream's shows what was written, so that what depends on it may go on. */
  settled?(stream: Stream): Promise<boolean>;
  /** Smaller steps that do the same: to find the item that made Stream refuse a batch, or to leave out a blocked one. */
  split?(): readonly Step[];
}
