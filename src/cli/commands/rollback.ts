import { hasErrors } from '../../model/diagnostic.ts';
import type { JournalHead } from '../../model/journal.ts';
import { quoted } from '../../render/escape.ts';
import { applyTo, requireSomebody } from '../applying.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { RollbackInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { readJournal } from '../journal-reader.ts';
import type { Prepared } from '../planning.ts';
import type { Known, Presenter } from '../presenter.ts';
import { projectFor, type ProjectChoice } from '../project.ts';
import { Stop } from '../stop.ts';
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
  requireSameTarget(journal.head, invocation);
  const library = await import('../../index.ts');
  const { value: manifest, diagnostics } = library.rollbackOf(journal);
  known.files = [file];
  const project = await projectOf(journal.head, invocation, io);
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

/** A local stand-in has the name and the id of the app that it stands for, and nothing else of it. */
function requireSameTarget({ emulator }: JournalHead, { target }: RollbackInvocation): void {
  if (emulator === (target === 'emulator')) return;
  throw new Stop(exitCodes.blocked, {
    code: 'wrong-app',
    message: emulator
      ? 'this is the journal of an apply to the emulator, and not to the real app'
      : 'this is the journal of an apply to the real app, and not to the emulator',
    help: `Nothing was read or changed. ${emulator ? 'Add' : 'Leave out'} --target emulator.`,
  });
}

/** The rules of the environment that was applied hold for the way back as well. */
async function projectOf(
  head: JournalHead,
  { environment, file }: RollbackInvocation,
  io: Io,
): Promise<ProjectChoice> {
  try {
    return await projectFor(io, { environment: environment ?? head.environment, paths: [file] });
  } catch (error) {
    const { environment: applied } = head;
    if (environment !== undefined || applied === undefined || !(error instanceof Stop)) throw error;
    throw new Stop(exitCodes.usage, {
      code: 'no-environment',
      message: `this apply was to environment ${quoted(applied)}, whose rules are not in a streambed.yaml of this folder`,
      help: 'Change to the folder that holds it, and name the journal from there.',
    });
  }
}
