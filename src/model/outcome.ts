import type { Change } from './change.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { StepId } from './step.ts';

/** What became of one change. */
export type Outcome =
  | { readonly status: 'applied'; readonly change: Change }
  | {
      readonly status: 'failed';
      readonly change: Change;
      readonly diagnostic: Diagnostic;
      /** Steps of this change that Stream had done before. */
      readonly done: readonly StepId[];
    }
  | { readonly status: 'skipped'; readonly change: Change; readonly because: string };

/** What an apply tells while it works; it carries no text, so that every front end words it itself. */
export type ApplyEvent =
  | { readonly type: 'started'; readonly steps: number }
  | { readonly type: 'sent'; readonly step: StepId; readonly done: number; readonly steps: number }
  | {
      readonly type: 'failed';
      readonly step: StepId;
      readonly message: string;
      readonly done: number;
      readonly steps: number;
    }
  | {
      readonly type: 'skipped';
      readonly step: StepId;
      readonly because: string;
      readonly done: number;
      readonly steps: number;
    }
  | { readonly type: 'waiting'; readonly why: 'limit' | 'propagation'; readonly seconds: number }
  | { readonly type: 'verifying' };
