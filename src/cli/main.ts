import { StreamFailure } from '../model/stream.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { renderDiagnostics } from '../render/diagnostics.ts';
import { applyCommand } from './commands/apply.ts';
import { canCommand, presentCan } from './commands/can.ts';
import { commentCommand } from './commands/comment.ts';
import { driftCommand } from './commands/drift.ts';
import { emulatorCommand } from './commands/emulator.ts';
import { planCommand } from './commands/plan.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { schemaCommand } from './commands/schema.ts';
import { statusCommand } from './commands/status.ts';
import { validateCommand } from './commands/validate.ts';
import { colorFor } from './color.ts';
import { exitCodes } from './exit-codes.ts';
import type { Invocation } from './invocation.ts';
import type { Io } from './io.ts';
import { createPresenter, type Known } from './presenter.ts';
import { parseArguments } from './program.ts';
import { Stop } from './stop.ts';
import { diagnosticOf } from './stream-failure.ts';
import { answerUsage } from './usage.ts';
import { packageVersion } from './version.ts';

/** The whole program as a function: takes what a process takes, and resolves with its exit code. Never rejects. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const version = packageVersion();
  const parsed = parseArguments(argv.slice(2), version, io.stdout.columns);
  switch (parsed.type) {
    case 'help':
      io.stdout.write(parsed.text);
      return exitCodes.done;
    case 'usage':
      return answerUsage(parsed, argv.slice(2), io, version);
    case 'invocation':
      return runCommand(parsed.invocation, io, version);
  }
}

async function runCommand(invocation: Invocation, io: Io, version: string): Promise<number> {
  const { command } = invocation;
  if (command === 'schema' || command === 'emulator' || command === 'comment' || command === 'status') {
    try {
      switch (command) {
        case 'schema':
          return await schemaCommand(invocation, io);
        case 'emulator':
          return await emulatorCommand(invocation, io);
        case 'comment':
          return await commentCommand(invocation, io);
        case 'status':
          return await statusCommand(invocation, io);
      }
    } catch (error) {
      const { diagnostic, exitCode } = endOf(error, invocation, io);
      const color = colorFor(io.stderr, io.env, invocation.color);
      io.stderr.write(renderDiagnostics([diagnostic], { color, width: io.stderr.columns }));
      return exitCode;
    }
  }
  if (invocation.command === 'can') {
    try {
      return await canCommand(invocation, io);
    } catch (error) {
      const { diagnostic, exitCode } = endOf(error, invocation, io);
      presentCan(invocation, io, [diagnostic]);
      return exitCode;
    }
  }
  const known: Known = { files: invocation.paths, sources: new Map() };
  const presenter = createPresenter(invocation, io, version, known);
  try {
    switch (invocation.command) {
      case 'validate':
        return await validateCommand(invocation, io, presenter, known);
      case 'plan':
        return await planCommand(invocation, io, presenter, known);
      case 'drift':
        return await driftCommand(invocation, io, presenter, known);
      case 'apply':
        return await applyCommand(invocation, io, presenter, known);
      case 'rollback':
        return await rollbackCommand(invocation, io, presenter, known);
    }
  } catch (error) {
    const { diagnostic, exitCode } = endOf(error, invocation, io);
    presenter.problems('error', [diagnostic]);
    return exitCode;
  }
}

interface End {
  readonly diagnostic: Diagnostic;
  readonly exitCode: number;
}

/** The one place where exceptions end. */
function endOf(error: unknown, { debug }: Invocation, io: Io): End {
  if (io.signal.aborted) {
    return {
      diagnostic: {
        severity: 'error',
        code: 'interrupted',
        message: 'interrupted',
        help: 'Run the same command again to go on.',
      },
      exitCode: exitCodes.interrupted,
    };
  }
  if (error instanceof Stop) return error;
  if (error instanceof StreamFailure) return { diagnostic: diagnosticOf(error), exitCode: exitCodes.failed };
  // By its name: the library that throws it is loaded only when a command needs it.
  if (error instanceof Error && error.name === 'ConnectionUsageError') {
    const help = 'Check STREAM_API_KEY, STREAM_API_SECRET and STREAM_BASE_URL.';
    return {
      diagnostic: { severity: 'error', code: 'connection', message: error.message, help },
      exitCode: exitCodes.usage,
    };
  }
  if (debug && error instanceof Error) io.stderr.write(`${error.stack ?? ''}\n`);
  const message = `this is a bug in Streambed: ${error instanceof Error ? error.message : String(error)}`;
  const help = debug
    ? 'Please report it with the lines above.'
    : 'Please report it; --debug shows where it happened.';
  return { diagnostic: { severity: 'error', code: 'bug', message, help }, exitCode: exitCodes.failed };
}
