import { renderStatus } from '../../render/status.ts';
import { colorFor } from '../color.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { StatusInvocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { readJournal } from '../journal-reader.ts';

/** Tells what a journal says about its run. Asks no app, so that it works when nothing else does. */
export async function statusCommand({ color, file, format }: StatusInvocation, io: Io): Promise<ExitCode> {
  const journal = await readJournal(file, io);
  const { journalState } = await import('../../index.ts');
  const state = journalState(journal);
  if (format === 'json') io.stdout.write(`${JSON.stringify(state, null, 2)}\n`);
  else {
    const shown = { color: color && colorFor(io.stdout, io.env, color), width: io.stdout.columns };
    io.stdout.write(renderStatus(state, file, shown));
  }
  return exitCodes.done;
}
