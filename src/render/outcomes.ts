import { partsOf, type Address } from '../model/address.ts';
import { grouped as groupedBy } from '../model/grouped.ts';
import type { PlanReport, ReportOutcome } from '../model/report.ts';
import { signedText } from './change-text.ts';
import { visible } from './escape.ts';
import type { Page } from './field-text.ts';
import { plain, type Line } from './line.ts';
import { moreText, most, packed } from './value-text.ts';
import { counted, grouped, objectText } from './words.ts';

/**
 * What became of an apply, for people: the counts, every failure with its message, every skip with its reason, what
 * was read back, and what to do.
 */
export function outcomeLines(report: PlanReport, page: Page): readonly Line[] {
  const outcomes = report.outcomes ?? [];
  const withStatus = (status: ReportOutcome['status']): readonly ReportOutcome[] =>
    outcomes.filter((outcome) => outcome.status === status);
  const changes = new Map(report.changes.map((change) => [change.address, change]));
  const named = (address = '/'): string => {
    const change = changes.get(address);
    if (change !== undefined) return signedText(change);
    const { kind, key } = partsOf(address as Address);
    return objectText(kind, key);
  };
  const failed = withStatus('failed');
  const skipped = withStatus('skipped');
  const counts = [
    `${grouped(withStatus('applied').length)} applied`,
    ...(failed.length === 0 ? [] : [`${grouped(failed.length)} failed`]),
    ...(skipped.length === 0 ? [] : [`${grouped(skipped.length)} skipped`]),
  ];
  const clean = failed.length + skipped.length === 0;
  return [
    { tone: clean ? 'head' : 'warn', text: counts.join(' · ') },
    ...failed.flatMap((outcome) => failureLines(outcome, report, named)),
    ...skippedLines(skipped, named, page),
    ...unseenLines(withStatus('applied'), changes, named, page),
    ...movedLines(report),
    ...(report.verified === undefined ? [] : [readBackLine(report, report.verified, clean)]),
    ...receiptLines(report),
    ...nextLines(clean, report),
  ];
}

type Named = (address: string | undefined) => string;

function failureLines(
  { address, because, done = [] }: ReportOutcome,
  report: PlanReport,
  named: Named,
): readonly Line[] {
  const told = report.diagnostics.find((one) => one.message === because && one.address === address);
  const code = told === undefined ? '' : ` [${visible(told.code)}]`;
  return [
    {
      tone: 'warn',
      text: `failed ${named(address)}${code}: ${visible(because ?? 'no reason is known')}`,
    },
    ...(told?.help === undefined ? [] : [plain(`  help: ${visible(told.help)}`)]),
    ...(done.length === 0 ? [] : [plain(`  already done for it: ${done.map(visible).join(', ')}`)]),
  ];
}

/** One failure often stops many objects for the same reason: it is told once. */
function skippedLines(skipped: readonly ReportOutcome[], named: Named, page: Page): readonly Line[] {
  return [...groupedBy(skipped, ({ because }) => because ?? 'no reason is known')].flatMap(
    ([because, group]) => {
      const shown = group.slice(0, page.verbose ? group.length : most).map(({ address }) => named(address));
      const rest = group.length - shown.length;
      const names = rest === 0 ? shown : [...shown, moreText(rest)];
      const oneLine = `skipped ${names.join(', ')}: ${visible(because)}`;
      if (group.length === 1) return [{ tone: 'change', text: oneLine }];
      return [
        { tone: 'change', text: `skipped ${grouped(group.length)}: ${visible(because)}` },
        ...packed(names, page.width - 2).map((line) => plain(`  ${line}`)),
      ];
    },
  );
}

/** Stream never tells these values, so nobody can say that they are there. */
function unseenLines(
  applied: readonly ReportOutcome[],
  changes: ReadonlyMap<string, PlanReport['changes'][number]>,
  named: Named,
  page: Page,
): readonly Line[] {
  const unseen = applied.flatMap(({ address }) => {
    const paths = changes.get(address)?.uncompared ?? [];
    return paths.length === 0 ? [] : [`${named(address)} (${paths.map(visible).join(', ')})`];
  });
  if (unseen.length === 0) return [];
  return [
    { tone: 'change', text: 'sent, cannot be verified:' },
    ...packed(unseen, page.width - 2).map((line) => plain(`  ${line}`)),
  ];
}

/** What others changed meanwhile. */
function movedLines({ diagnostics }: PlanReport): readonly Line[] {
  return diagnostics
    .filter(({ code }) => code === 'moved-meanwhile')
    .map(({ message }) => ({ tone: 'warn', text: `moved: ${visible(message)}` }));
}

/** The evidence: what was sent, what a second plan found, and where it is written down. */
function receiptLines({ receipt, verified }: PlanReport): readonly Line[] {
  if (receipt === undefined) return [];
  const { journal, reads, reproduction, writes } = receipt;
  const plan = verified === undefined ? [] : [`plan ${planWords[verified]}`];
  return [
    plain([counted(writes, 'write'), counted(reads, 'read'), ...plan].join(' · ')),
    ...(journal === undefined ? [] : [plain(`journal: ${visible(journal)}`)]),
    ...(reproduction === undefined
      ? []
      : [plain(`for a bug report, without names and secrets: ${visible(reproduction)}`)]),
  ];
}

const planWords = { converged: 'empty', differs: 'not empty', unknown: 'unknown' } as const;

/** What was not applied was not read back, so that even all that was read says little of the app as a whole. */
function readBackLine(
  { command }: PlanReport,
  verified: NonNullable<PlanReport['verified']>,
  clean: boolean,
): Line {
  if (!clean && verified !== 'differs') return partly;
  const { tone, text } = readBack[verified];
  const wish =
    command === 'rollback' ? 'what it was before, as far as it can go back' : 'what the manifests say';
  return { tone, text: text.replace('what the manifests say', wish) };
}

const partly: Line = {
  tone: 'change',
  text: 'read back: not everything was applied, so nobody judged the app as a whole',
};

const readBack = {
  converged: { tone: 'add', text: 'read back: the app is what the manifests say' },
  differs: { tone: 'warn', text: 'read back: the app is not yet what the manifests say' },
  unknown: {
    tone: 'change',
    text: 'read back: not possible, so nobody knows whether the app is what the manifests say',
  },
} as const satisfies Record<NonNullable<PlanReport['verified']>, Line>;

function nextLines(clean: boolean, { command, receipt, verified }: PlanReport): readonly Line[] {
  if (command === 'rollback') {
    if (!clean)
      return [plain('Next: settle what failed, then the same rollback; it goes on with what is left')];
    return verified === 'converged' || verified === undefined
      ? []
      : [plain('Next: the same rollback with --dry-run, to see what is different now')];
  }
  if (!clean) {
    const back = receipt?.journal === undefined ? '' : `, or streambed rollback ${visible(receipt.journal)}`;
    return [plain(`Next: settle what failed, then streambed apply; it goes on with what is left${back}`)];
  }
  if (verified === 'differs' || verified === 'unknown')
    return [plain('Next: streambed plan, to see what is different now')];
  return [];
}
