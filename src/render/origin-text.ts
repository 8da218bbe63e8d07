import type { PlanReport, ReportChange, ReportField } from '../model/report.ts';
import { visibleId } from './escape.ts';
import { head } from './value-text.ts';

type Origin = NonNullable<ReportChange['origin']>;
type Compared = Pick<PlanReport, 'changes' | 'compared_with'>;
type Changed = Pick<ReportChange, 'action' | 'how' | 'origin'>;

/** What tells whose the changes are: `compared with origin/main (3f2a1c9); last applied 77ab012`. */
export function comparedText({ changes, compared_with: compared }: Compared, name = visibleId): string {
  const { base, commit, applied } = compared ?? {};
  const revision = commit === undefined ? '' : shortCommit(commit, name);
  const named = base === undefined || base === commit ? revision : name(base);
  const at = revision === '' || revision === named ? '' : ` (${revision})`;
  const marked = changes.some(({ origin = 'branch' }) => origin !== 'branch');
  const parts = [
    ...(base === undefined ? [] : [`compared with ${named}${at}`]),
    ...(applied === undefined ? [] : [`last applied ${shortCommit(applied, name)}`]),
    ...(base === undefined || !marked ? [] : ["unmarked changes are this branch's"]),
  ];
  return parts.join('; ');
}

/** Whose a change is, in words; empty for what this branch asks for, and where nobody knows. */
export function originText(change: Changed, applied?: string): string {
  const { origin = 'branch' } = change;
  const { already, asks, moved } = wordsFor(change);
  const since = applied === undefined ? '' : ` since ${shortCommit(applied, visibleId)}`;
  return {
    branch: '',
    before: `${already}: this branch does not ${asks} it`,
    pending: 'pending: merged, never applied',
    drift: `drift: ${moved}${since}`,
    mixed: 'several origins: marked line by line',
  }[origin];
}

/** The same in a word or two, for tables: what this branch asks for has none. */
export function originWord(change: Changed): string {
  const { origin = 'branch' } = change;
  return origin === 'mixed' ? 'several origins' : markOf(origin, change);
}

/** What to write behind a difference whose object has several origins: ` (drift)`. */
export function originMark(change: Changed, { origin = 'branch' }: { readonly origin?: Origin }): string {
  const mark = change.origin !== 'mixed' || origin === 'mixed' ? '' : markOf(origin, change);
  return mark === '' ? '' : ` (${mark})`;
}

/** The same for an element, of a set whose elements differ in this. */
export function elementMark(
  field: ReportField,
  element: { readonly origin?: Origin },
  action: ReportChange['action'],
): string {
  const { origin = 'branch' } = field;
  return originMark({ action, origin }, element);
}

function markOf(origin: Exclude<Origin, 'mixed'>, change: Changed): string {
  return { branch: '', before: wordsFor(change).already, pending: 'pending', drift: 'drift' }[origin];
}

/** A reset takes no object away. */
function wordsFor({ action, how }: Changed): Readonly<Record<'already' | 'asks' | 'moved', string>> {
  return words[how === 'reset' ? 'update' : action];
}

const words = {
  create: { already: 'missing already', asks: 'add', moved: 'somebody deleted it' },
  update: { already: 'differs already', asks: 'ask for', moved: 'the live app moved' },
  delete: { already: 'there already', asks: 'remove', moved: 'somebody made it again' },
} as const;

/** As git shortens it. */
function shortCommit(commit: string, name: (text: string) => string): string {
  return name(head(commit, 7));
}
