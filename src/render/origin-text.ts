import type { PlanReport, ReportChange, ReportField } from '../model/report.ts';
import { visibleId } from './escape.ts';
import { head } from './value-text.ts';

type Origin = NonNullable<ReportChange['origin']>;
type Compared = Pick<PlanReport, 'changes' | 'compared_with'>;

/** What tells whose the changes are: `compared with origin/main (3f2a1c9); last applied 77ab012`. */
export function comparedText({ changes, compared_with: compared }: Compared, name = visibleId): string {
  const { base, commit, applied } = compared ?? {};
  const at = commit === undefined ? '' : ` (${shortCommit(commit, name)})`;
  const marked = changes.some(({ origin = 'branch' }) => origin !== 'branch');
  const parts = [
    ...(base === undefined ? [] : [`compared with ${name(base)}${at}`]),
    ...(applied === undefined ? [] : [`last applied ${shortCommit(applied, name)}`]),
    ...(base === undefined || !marked ? [] : ["unmarked changes are this branch's"]),
  ];
  return parts.join('; ');
}

/** Whose a change is, in words; empty for what this branch asks for, and where nobody knows. */
export function originText({ origin = 'branch' }: Pick<ReportChange, 'origin'>, applied?: string): string {
  const since = applied === undefined ? '' : ` since ${shortCommit(applied, visibleId)}`;
  return {
    branch: '',
    before: 'differs already: this branch does not ask for it',
    pending: 'pending: merged, never applied',
    drift: `drift: the live app moved${since}`,
    mixed: 'several origins: marked line by line',
  }[origin];
}

/** The same in a word or two, for tables: what this branch asks for has none. */
export function originWord({ origin = 'branch' }: Pick<ReportChange, 'origin'>): string {
  return origin === 'mixed' ? 'several origins' : marks[origin];
}

/** What to write behind a difference whose object has several origins: ` (drift)`. */
export function originMark(
  whose: { readonly origin?: Origin },
  { origin = 'branch' }: { readonly origin?: Origin },
): string {
  if (whose.origin !== 'mixed' || origin === 'mixed' || marks[origin] === '') return '';
  return ` (${marks[origin]})`;
}

/** The same for an element, of a set whose elements differ in this. */
export function elementMark(field: ReportField, { origin = 'branch' }: { readonly origin?: Origin }): string {
  return originMark(field, { origin });
}

const marks = {
  branch: '',
  before: 'differs already',
  pending: 'pending',
  drift: 'drift',
} as const satisfies Record<Exclude<Origin, 'mixed'>, string>;

/** As git shortens it. */
function shortCommit(commit: string, name: (text: string) => string): string {
  return name(head(commit, 7));
}
