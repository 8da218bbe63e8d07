import { hasErrors } from '../../model/diagnostic.ts';
import { applyTo, requireSomebody } from '../applying.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { RollbackInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { readJournal } from '../journal-reader.ts';
import type { Prepared } from '../planning.ts';
import type { Known, Presenter } from '../presenter.ts';
import { projectFor } from '../project.ts';
import { withTarget } from '../target.ts';

/** Plans the way back from what a journal tells, asks, goes it, and reads again. */
export async function rollbackCommand(
  invocation: RollbackInvocation,
  io: Io,
  presenter: Presenter,
  known: Known,
): Promise<ExitCode> {
  const { app, dryRun, file, quota } = invocation;
  if (!dryRun) requireSomebody(invocation, io);
  const journal = await readJournal(file, io);
  const library = await import('../../index.ts');
  const { value: manifest, diagnostics } = library.rollbackOf(journal);
  known.files = [file];
  const project = await projectFor(io, {
    environment: invocation.environment ?? journal.head.environment,
    paths: [file],
  });
  if (hasErrors(project.diagnostics)) {
    known.sources = project.sources;
    presenter.problems('invalid', project.diagnostics);
    return exitCodes.invalid;
  }
  const { environment, guard, rules } = project;
  if (environment !== undefined) known.environment = environment;
  const prepared: Prepared = {
    paths: [file],
    manifest,
    guard: { ...guard, ...manifest.guard },
    expectations: [],
    reporting: environment === undefined ? {} : { environment },
    options: {
      app: [guard, app ?? {}],
      rules,
      dangers: project.dangers,
      diagnostics,
      context: true,
      ...(environment === undefined ? {} : { environment }),
      ...(quota === undefined ? {} : { quota }),
    },
  };
  return withTarget(invocation, io, prepared.guard, (target) =>
    applyTo(target, invocation, prepared, io, presenter, { rollsBack: file }),
  );
}
