import type { Diagnostic } from '../model/diagnostic.ts';
import type { Environment } from '../model/kind.ts';
import type { PlanReport } from '../model/report.ts';
import { renderDiagnostics } from '../render/diagnostics.ts';
import { renderGithub } from '../render/github.ts';
import { renderHtml } from '../render/html/page.ts';
import { renderJson } from '../render/json.ts';
import { renderMarkdown } from '../render/markdown.ts';
import { reportOfProblems } from '../render/report.ts';
import { renderTerminal } from '../render/terminal.ts';
import { codeFrame } from './code-frame.ts';
import { colorFor } from './color.ts';
import type {
  ApplyInvocation,
  DriftInvocation,
  PlanInvocation,
  RollbackInvocation,
  ValidateInvocation,
} from './invocation.ts';
import type { Io, Output } from './io.ts';
import { appendStepSummary } from './step-summary.ts';

type Reporting = ApplyInvocation | DriftInvocation | PlanInvocation | RollbackInvocation | ValidateInvocation;

/** Prints what a command found: the result to standard output, words about it to standard error. */
export interface Presenter {
  /** The whole answer of a run that got as far as a plan, with the diagnostics that its report holds. */
  result(report: PlanReport, diagnostics: readonly Diagnostic[]): void;
  /** A plan that is not the answer: shown to people, kept from programs, which get one document. */
  preview(report: PlanReport): void;
  /** The whole answer of a run that did not get as far. */
  problems(outcome: 'no-changes' | 'invalid' | 'error' | 'blocked', diagnostics: readonly Diagnostic[]): void;
  /** A sentence for people only. */
  say(text: string): void;
}

/** What is known by the time that something is printed; it grows while a command runs. */
export interface Known {
  files: readonly string[];
  /** The texts of manifests as they may be shown, by file name. */
  sources: { get(file: string): string | undefined };
  /** Once the project file has named it. */
  environment?: Environment;
}

/** Reports go to standard output in the format that was asked for; what is said along the way goes to standard error. */
export function createPresenter(invocation: Reporting, io: Io, version: string, known: Known): Presenter {
  const { command, format } = invocation;
  const emulator = command !== 'validate' && invocation.target === 'emulator';
  const detail = command === 'validate' ? 'normal' : invocation.detail;
  const color = (output: Output): boolean => colorFor(output, io.env, invocation.color);

  let previewed = false;
  const terminal = (report: PlanReport, output: Output): void => {
    const shown = { color: color(output), width: output.columns };
    output.write(renderTerminal(report, { ...shown, verbose: detail === 'all', quiet: detail === 'none' }));
  };
  const explain = (diagnostics: readonly Diagnostic[]): void => {
    const shown =
      detail === 'none' ? diagnostics.filter(({ severity }) => severity === 'error') : diagnostics;
    if (shown.length === 0) return;
    // The first line of every output says that no real app was meant.
    if (emulator) io.stderr.write('emulator\n');
    io.stderr.write(
      renderDiagnostics(shown, {
        color: color(io.stderr),
        width: io.stderr.columns,
        frame: (at) => codeFrame(known.sources.get(at.file), at),
      }),
    );
  };

  const document = (report: PlanReport): void => {
    switch (format) {
      case 'terminal':
        return;
      case 'json':
        return io.stdout.write(renderJson(report));
      case 'markdown':
        return io.stdout.write(renderMarkdown(report));
      case 'html':
        return io.stdout.write(renderHtml(report));
      case 'github':
        io.stdout.write(renderGithub(report));
        appendStepSummary(report, io);
    }
  };

  return {
    result: (report, diagnostics) => {
      if (format === 'terminal') {
        if (previewed) io.stdout.write('\n');
        return terminal(report, io.stdout);
      }
      // Annotations tell them already, in the same log.
      if (format !== 'github') explain(diagnostics.filter(({ severity }) => severity === 'error'));
      document(report);
    },
    preview: (report) => {
      previewed = true;
      terminal(report, format === 'terminal' ? io.stdout : io.stderr);
    },
    problems: (outcome, diagnostics) => {
      if (format !== 'github') explain(diagnostics);
      const { environment, files } = known;
      const named = environment === undefined ? {} : { environment };
      document(reportOfProblems({ command, version, emulator, files, diagnostics, outcome, ...named }));
    },
    say: (text) => {
      if (detail !== 'none') io.stderr.write(`${text}\n`);
    },
  };
}
