import type { PlanReport, ReportDanger } from '../model/report.ts';
import { placeText } from './diagnostics.ts';
import { visible } from './escape.ts';
import type { Line } from './line.ts';

type Judged = Pick<ReportDanger, 'accepted' | 'action'>;

/** True for a danger that no policy allows and nobody accepted. */
export function needsALook({ accepted, action }: Judged): boolean {
  return action !== 'allow' && accepted === undefined;
}

/** True for a danger that refuses an apply. */
export function blocks({ accepted, action }: Judged): boolean {
  return action === 'block' && accepted === undefined;
}

/** What comes first of dangers: changed rules, then what refuses an apply; what needs no look is last. */
export function urgencyOf(danger: ReportDanger): number {
  if (!needsALook(danger)) return 3;
  if (danger.code === 'rules-changed') return 0;
  return blocks(danger) ? 1 : 2;
}

/** True for one to be counted as dangerous: losses are counted as losses, unless they are refused. */
export function isCounted(danger: ReportDanger): boolean {
  return needsALook(danger) && (blocks(danger) || !isLoss(danger));
}

/** The dangers that say more than the losses of their objects do; one that blocks is always among them. */
export function spokenDangers({ changes, dangers }: PlanReport): readonly ReportDanger[] {
  const changed = new Set<string>(changes.map(({ address }) => address));
  return dangers.filter((danger) => blocks(danger) || !isLoss(danger) || !changed.has(danger.address));
}

/** The dangers of objects that do not change: nothing below the verdict would show them. */
export function dangersElsewhere(report: PlanReport): readonly ReportDanger[] {
  const changed = new Set<string>(report.changes.map(({ address }) => address));
  return report.dangers.filter(({ address }) => !changed.has(address));
}

/** A danger on one line: what became of it, its rule and its place, who gains or loses what, and why it is accepted. */
export function dangerText({ code, message, source, ...judged }: ReportDanger): string {
  const { accepted = '' } = judged;
  const place = source === undefined ? '' : ` ${placeText({ source })}`;
  const because = accepted === '' ? '' : `; because: ${visible(accepted)}`;
  return `${dangerWord(judged)} ${visible(code)}${place}: ${visible(message)}${because}`;
}

/** What became of a danger, in a word or two. */
export function dangerWord(judged: Judged): 'accepted' | 'allowed' | 'danger (blocked)' | 'danger' {
  if (judged.accepted !== undefined) return 'accepted';
  if (judged.action === 'allow') return 'allowed';
  return blocks(judged) ? 'danger (blocked)' : 'danger';
}

/** The same as a line; what needs no look is quiet. */
export function dangerLine(danger: ReportDanger, lead: string): Line {
  return { tone: needsALook(danger) ? 'warn' : 'quiet', text: lead + dangerText(danger) };
}

function isLoss({ code }: ReportDanger): boolean {
  return code === 'loss' || code === 'type-reset';
}
