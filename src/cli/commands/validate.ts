import { hasErrors } from '../../model/diagnostic.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { ValidateInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { loadManifests } from '../manifests.ts';
import type { Known, Presenter } from '../presenter.ts';
import { projectFor } from '../project.ts';

/** Checks manifests, and what the project expects of them, without any app. */
export async function validateCommand(
  { paths: named, format, environment }: ValidateInvocation,
  io: Io,
  presenter: Presenter,
  known: Known,
): Promise<ExitCode> {
  const project = await projectFor(io, { environment, paths: named, needsEnvironment: false });
  known.sources = project.sources;
  if (project.environment !== undefined) known.environment = project.environment;
  const loaded = hasErrors(project.diagnostics) ? undefined : await loadManifests(project.paths, io, known);
  const diagnostics = [...project.diagnostics, ...(loaded?.diagnostics ?? [])];
  if (loaded === undefined || hasErrors(diagnostics)) {
    presenter.problems('invalid', diagnostics);
    return exitCodes.invalid;
  }
  const { manifest } = loaded;
  const { checkExpectationsOffline, checkReferences } = await import('../../index.ts');
  const failed = checkExpectationsOffline(manifest, project.expectations);
  const told = [...diagnostics, ...checkReferences(manifest), ...failed];
  if (hasErrors(failed)) {
    presenter.problems('blocked', told);
    return exitCodes.blocked;
  }
  presenter.problems('no-changes', told);
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
