import { appendFileSync, statSync } from 'node:fs';
import type { PlanReport } from '../model/report.ts';
import { visible } from '../render/escape.ts';
import { renderMarkdown } from '../render/markdown.ts';
import type { Io } from './io.ts';

/** What GitHub takes as the summary of one step. */
const largest = 1024 * 1024;

/** Adds a report to the summary of a GitHub step; that there is none, or no room in it, is not a failure. */
export function appendStepSummary(report: PlanReport, { env, stderr }: Pick<Io, 'env' | 'stderr'>): void {
  const path = env['GITHUB_STEP_SUMMARY'];
  if (path === undefined || path === '') return;
  try {
    const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const gap = before === 0 ? '' : '\n\n';
    const text = renderMarkdown(report, { limit: largest - before - gap.length });
    if (text === '') stderr.write('warning: the step summary is full; the plan is not in it\n');
    else appendFileSync(path, gap + text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    stderr.write(`warning: the step summary cannot be written: ${visible(reason)}\n`);
  }
}
