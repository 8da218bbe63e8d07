import { visible } from '../render/escape.ts';
import { canReportOf } from '../render/can-report.ts';
import { renderJson } from '../render/json.ts';
import { withoutUserinfo } from '../render/mask.ts';
import { reportOfProblems } from '../render/report.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';

/**
 * Answers words that are no command line: one line for people, and the one document for a program that asked for JSON
 * as far as its words can be understood.
 */
export function answerUsage(
  { message, hint }: { readonly message: string; readonly hint: string },
  words: readonly string[],
  io: Io,
  version: string,
): ExitCode {
  const said = withoutUserinfo(message);
  io.stderr.write(`error: ${visible(said)}; ${hint}\n`);
  if (asksForJson(words)) {
    const diagnostic = {
      severity: 'error',
      code: 'usage',
      message: said,
      help: `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`,
    } as const;
    if (words.find((word) => !word.startsWith('-')) === 'can') {
      const question = { user: '', permission: '' };
      const report = canReportOf({ question, version, emulator: false, diagnostics: [diagnostic] });
      io.stdout.write(renderJson(report));
      return exitCodes.usage;
    }
    io.stdout.write(
      renderJson(
        reportOfProblems({
          command: (['apply', 'drift', 'validate'] as const).find((name) => words.includes(name)) ?? 'plan',
          version,
          emulator: false,
          files: [],
          diagnostics: [diagnostic],
          outcome: 'error',
        }),
      ),
    );
  }
  return exitCodes.usage;
}

/** What follows `--` belongs to another program; of several formats the last one counts. */
function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  const own = end === -1 ? words : words.slice(0, end);
  const formats = own.flatMap((word, index) =>
    word === '--format' ? [own[index + 1]] : word.startsWith('--format=') ? [word.slice(9)] : [],
  );
  return formats.at(-1) === 'json';
}
