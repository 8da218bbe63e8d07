import type { Diagnostic } from '../model/diagnostic.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';

/** Ends a command early with something to tell; everything else that is thrown is a bug of ours. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly exitCode: ExitCode;
  readonly diagnostic: Diagnostic;

  constructor(exitCode: ExitCode, diagnostic: Omit<Diagnostic, 'severity'>) {
    super(diagnostic.message);
    this.exitCode = exitCode;
    this.diagnostic = { severity: 'error', ...diagnostic };
  }
}

/** The command was called in a way that cannot work: nothing was sent. */
export function usageStop(code: string, message: string, help: string): Stop {
  return new Stop(exitCodes.usage, { code, message, help });
}
