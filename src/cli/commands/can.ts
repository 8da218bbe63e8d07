import type { Diagnostic } from '../../model/diagnostic.ts';
import type { MayVerdict, Standing } from '../../model/standing.ts';
import { canReportOf } from '../../render/can-report.ts';
import { renderCan } from '../../render/can-text.ts';
import { renderDiagnostics } from '../../render/diagnostics.ts';
import { renderJson } from '../../render/json.ts';
import { abandonable } from '../abandonable.ts';
import { colorFor } from '../color.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { CanInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { withTarget } from '../target.ts';
import { packageVersion } from '../version.ts';

const codes: Readonly<Record<MayVerdict, ExitCode>> = {
  yes: exitCodes.done,
  'only-own': exitCodes.no,
  no: exitCodes.no,
  unknown: exitCodes.failed,
};

/** Tells whether a user may do something in the live app, and by which grant; sends no write. */
export async function canCommand(invocation: CanInvocation, io: Io): Promise<ExitCode> {
  const { app = {}, cid, permission, user } = invocation;
  return withTarget(invocation, io, {}, async ({ connection }) => {
    const { can } = await import('../../index.ts');
    const question = { user, permission, app, ...(cid === undefined ? {} : { cid }) };
    const { value, diagnostics } = await abandonable(can(question, connection), io.signal);
    presentCan(invocation, io, diagnostics, value);
    if (value !== undefined) return codes[value.verdict];
    return diagnostics.some(({ code }) => code === 'wrong-app') ? exitCodes.blocked : exitCodes.failed;
  });
}

/** Prints the answer, or why there is none; a program gets its one document either way. */
export function presentCan(
  invocation: CanInvocation,
  io: Io,
  diagnostics: readonly Diagnostic[],
  standing?: Standing,
): void {
  const { cid, format, permission, target, user } = invocation;
  const emulator = target === 'emulator';
  const question = { user, permission, ...(cid === undefined ? {} : { cid }) };
  const report = canReportOf({ question, version: packageVersion(), emulator, standing, diagnostics });
  if (diagnostics.length > 0) {
    const color = colorFor(io.stderr, io.env, invocation.color);
    if (emulator) io.stderr.write('emulator\n');
    io.stderr.write(renderDiagnostics(diagnostics, { color, width: io.stderr.columns }));
  }
  if (format === 'json') io.stdout.write(renderJson(report));
  else if (standing !== undefined) {
    io.stdout.write(renderCan(report, { color: colorFor(io.stdout, io.env, invocation.color) }));
  }
}
