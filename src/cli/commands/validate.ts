import { hasErrors } from '../../model/diagnostic.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { ValidateInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { loadManifests } from '../manifests.ts';
import type { Known, Presenter } from '../presenter.ts';

/** Checks manifests without any app. */
export async function validateCommand(
  { paths, format }: ValidateInvocation,
  io: Io,
  presenter: Presenter,
  known: Known,
): Promise<ExitCode> {
  const { manifest, diagnostics } = await loadManifests(paths, io, known);
  const invalid = hasErrors(diagnostics);
  const { checkReferences } = await import('../../index.ts');
  const open = invalid ? [] : checkReferences(manifest);
  presenter.problems(invalid ? 'invalid' : 'no-changes', [...diagnostics, ...open]);
  if (invalid) return exitCodes.invalid;
  const { files, resources, removals } = manifest;
  if (format === 'terminal') {
    const parts = [
      counted(resources.length, 'object'),
      removals.length === 0 ? [] : counted(removals.length, 'removal'),
    ].flat();
    io.stdout.write(`valid: ${parts.join(' and ')} in ${counted(files.length, 'file')}\n`);
  }
  return exitCodes.done;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
