import type { ApplyResult, Holder } from '../index.ts';
import { nearest } from '../model/nearest.ts';
import type { Journal, JournalEnd } from '../model/journal.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { SavedPlan } from '../model/saved-plan.ts';
import { StreamFailure } from '../model/stream.ts';
import { quoted, visible } from '../render/escape.ts';
import { scrubberFor } from '../render/scrub.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { isGone, thisHolder } from './holder.ts';
import type { ApplyInvocation, RollbackInvocation } from './invocation.ts';
import type { Io } from './io.ts';
import { createJournal, type JournalFile } from './journal-file.ts';
import { planFor, type Prepared } from './planning.ts';
import type { Presenter } from './presenter.ts';
import { createProgress } from './progress.ts';
import { writeReproduction } from './reproduction-file.ts';
import { Stop, usageStop } from './stop.ts';
import { strayWriteOnly } from './stray-write-only.ts';
import type { Target } from './target.ts';
import { packageVersion } from './version.ts';
import { planExitCode } from './commands/plan.ts';

type Writing = ApplyInvocation | RollbackInvocation;

/** What is applied besides what was asked for. */
export interface Applying {
  /** The plan that was reviewed: the new one must be the same, and nobody is asked again. */
  readonly reviewed?: SavedPlan;
  /** The journal whose run is taken back. */
  readonly rollsBack?: string;
}

/** Plans, shows, asks, writes and reads again: what apply and rollback have in common. */
export async function applyTo(
  target: Target,
  asked: Writing,
  prepared: Prepared,
  io: Io,
  presenter: Presenter,
  { reviewed, rollsBack }: Applying = {},
): Promise<ExitCode> {
  const { connection, emulator } = target;
  const { allowDestroy } = asked;
  const library = await import('../index.ts');
  requireLossWords(allowDestroy, library.lossWords);
  const planned = await planFor(prepared, target, io, presenter);
  const made = asked.command === 'rollback' ? advised(planned) : planned;

  const refusals = library.blockedBy(made, allowDestroy);
  const verdict = library.verdictOf(made, refusals);
  const stray = strayWriteOnly(made, refusals, library.verdictOf, presenter);
  if (stray !== undefined) return stray;
  const { fingerprint } = connection;
  const options = {
    command: asked.command,
    emulator,
    version: packageVersion(),
    fingerprint,
    allowDestroy,
    ...prepared.reporting,
  } as const;
  const shown = library.report(made, options);
  const isDry = asked.command === 'rollback' && asked.dryRun;
  if ((verdict !== 'changes' && verdict !== 'no-changes') || isDry) {
    presenter.result(shown, [...made.diagnostics, ...refusals]);
    return planExitCode(verdict, false);
  }
  const stale = reviewed === undefined ? [] : library.differencesFrom(reviewed, made, connection);
  if (stale.length > 0) {
    presenter.problems('blocked', stale);
    return exitCodes.stale;
  }
  if (verdict === 'no-changes') {
    if (asked.lock) await clearLeftovers(target, io, presenter);
    presenter.result(shown, made.diagnostics);
    await prepared.record?.(made.app, presenter);
    return exitCodes.done;
  }
  presenter.preview(shown);
  if (reviewed === undefined && !asked.yes && !(await confirmed(io))) return declined(asked, io, presenter);

  let journal: JournalFile | undefined;
  const open = async (): Promise<Journal> => {
    const { environment } = prepared.reporting;
    const entries = library.journalEntries(made, connection, {
      time: new Date(io.now()).toISOString(),
      tool_version: packageVersion(),
      emulator,
      manifests: prepared.paths,
      ...(environment === undefined ? {} : { environment: environment.name }),
      ...(rollsBack === undefined ? {} : { rolls_back: rollsBack }),
    });
    journal = await createJournal(asked.journal, entries, io);
    presenter.say(`journal: ${visible(journal.path)}`);
    return journal;
  };
  const result = await carryOut(made, target, asked, io, presenter, open);
  const { moved, outcomes, receipt, refusal, remaining, verified } = result;
  await ended(journal, result, io, presenter);
  if (refusal !== undefined) {
    presenter.problems('blocked', [refusal]);
    return exitCodes.stale;
  }
  const reproduction =
    remaining === undefined || journal === undefined
      ? undefined
      : await writeReproduction(
          journal.path,
          library.reproductionOf(remaining, outcomes, packageVersion()),
          io,
          presenter,
        );
  const told = {
    ...receipt,
    ...(journal === undefined ? {} : { journal: journal.path }),
    ...(reproduction === undefined ? {} : { reproduction }),
  };
  const report = library.report(made, { ...options, outcomes, verified, receipt: told, found: moved });
  presenter.result(report, made.diagnostics);
  if (remaining !== undefined) {
    const other = asked.command === 'rollback' ? 'what it was before' : 'what the manifests say';
    presenter.say(`The app, as it was read again, and ${other}:`);
    presenter.preview(library.report(remaining, options));
  }
  const code = result.interrupted ? exitCodes.interrupted : applyExitCode(result);
  if (code === exitCodes.done) await prepared.record?.(made.app, presenter);
  return code;
}

/** A way back is in no manifest, so nothing can be accepted there. */
function advised(plan: Plan): Plan {
  const help =
    'A rollback cannot accept it: let streambed.yaml allow it, or ask for the earlier values in a manifest that accepts it, and apply that.';
  return {
    ...plan,
    diagnostics: plan.diagnostics.map((one) => (one.code === 'policy-blocked' ? { ...one, help } : one)),
  };
}

/** Without a terminal nobody can be asked, so the answer has to come with the question. */
export function requireSomebody({ yes }: Pick<Writing, 'yes'>, io: Io): void {
  if (yes || io.stdin.isTTY) return;
  throw usageStop(
    'no-terminal',
    'nobody can be asked, since standard input is not a terminal',
    'Review the plan, then add --yes.',
  );
}

function requireLossWords(allowDestroy: ReadonlyMap<string, number>, words: readonly string[]): void {
  for (const word of allowDestroy.keys()) {
    if (words.includes(word)) continue;
    const meant = nearest(word, words);
    const help = meant === undefined ? `Use one of ${words.join(', ')}.` : `Did you mean ${meant}?`;
    throw usageStop('unknown-loss', `nothing called ${quoted(word)} can be lost`, help);
  }
}

/** What became of an apply, for the process; a second plan that could not be made proves nothing. */
export function applyExitCode({
  outcomes,
  verified,
  wrote,
}: {
  readonly outcomes: readonly Outcome[];
  readonly verified: 'converged' | 'differs' | 'unknown';
  readonly wrote: boolean;
}): ExitCode {
  if (outcomes.some((one) => one.status === 'failed' && one.diagnostic.code === 'moved-since-plan'))
    return exitCodes.stale;
  if (outcomes.some(({ status }) => status !== 'applied')) return wrote ? exitCodes.partly : exitCodes.failed;
  return verified === 'converged' ? exitCodes.done : exitCodes.notConverged;
}

/** A run that was killed after its last write has left the app held, and nothing more to do for the next one. */
async function clearLeftovers(target: Target, io: Io, presenter: Presenter): Promise<void> {
  const { clearLock } = await import('../index.ts');
  const { stream, close } = await target.apart();
  try {
    const options = { holder: thisHolder(io), isGone, onWait: sayHeld(presenter) };
    if (await clearLock(stream, options)) presenter.say('Another apply to this app is under way.');
  } catch (error) {
    // Nothing was to be done, so nothing depends on it.
    if (!(error instanceof StreamFailure)) throw error;
    presenter.say(`Nobody knows whether an earlier apply still holds the app: ${visible(error.message)}`);
  } finally {
    close();
  }
}

function sayHeld(presenter: Presenter): (holder: Holder, seconds: number) => void {
  return ({ host, process, since }, seconds) =>
    presenter.say(
      `Another apply has held this app since ${visible(since)} (${visible(host)}, process ${process}): watching for ${seconds} s whether it is still there.`,
    );
}

async function carryOut(
  made: Plan,
  { connection, apart, tellWaits }: Target,
  { allowDestroy, lock }: Writing,
  io: Io,
  presenter: Presenter,
  journal: () => Promise<Journal>,
): Promise<ApplyResult> {
  const { apply, registry } = await import('../index.ts');
  const progress = createProgress(io, scrubberFor(made.manifest.resources, registry));
  tellWaits((seconds) => progress.show({ type: 'waiting', why: 'limit', seconds }));
  const stopping = (): void =>
    presenter.say(
      'Waiting for the answers that are under way, and sending nothing more; again stops at once.',
    );
  io.signal.addEventListener('abort', stopping);
  const second = lock ? await apart() : undefined;
  try {
    return await apply(made, connection, {
      allowDestroy,
      journal,
      signal: io.signal,
      onEvent: progress.show,
      ...(second === undefined
        ? {}
        : { lock: { stream: second.stream, holder: thisHolder(io), isGone, onWait: sayHeld(presenter) } }),
    });
  } catch (error) {
    throw notHeld(error) ?? error;
  } finally {
    second?.close();
    io.signal.removeEventListener('abort', stopping);
    progress.end();
  }
}

/** An app that cannot have one more block list cannot be held that way. */
function notHeld(error: unknown): Stop | undefined {
  if (!(error instanceof StreamFailure) || !error.operation.endsWith('BlockList')) return undefined;
  return new Stop(exitCodes.failed, {
    code: 'lock',
    message: `the app could not be held against other applies: ${error.message}`,
    help: 'Nothing was written. Settle that, or add --no-lock when no other apply can be under way.',
  });
}

/** The last line of the journal; that it cannot be written is told, and changes nothing of what was done. */
async function ended(
  journal: JournalFile | undefined,
  result: ApplyResult,
  { now }: Io,
  presenter: Presenter,
): Promise<void> {
  if (journal === undefined) return;
  try {
    const time = new Date(now()).toISOString();
    try {
      await journal.append({ type: 'end', time, result: endOf(result), ...result.receipt });
    } finally {
      await journal.close();
    }
  } catch (error) {
    presenter.say(
      `The end of the journal could not be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function endOf({ interrupted, outcomes, verified, wrote }: ApplyResult): JournalEnd['result'] {
  if (interrupted) return 'interrupted';
  if (!wrote) return 'nothing-written';
  if (outcomes.some(({ status }) => status !== 'applied')) return 'partly';
  return verified === 'unknown' ? 'unverified' : verified;
}

function declined({ format }: Writing, io: Io, presenter: Presenter): ExitCode {
  io.signal.throwIfAborted();
  const message = 'nothing was changed, since the answer was not yes';
  if (format !== 'terminal') throw new Stop(exitCodes.failed, { code: 'declined', message });
  presenter.say(message);
  return exitCodes.failed;
}

async function confirmed(io: Io): Promise<boolean> {
  io.stderr.write('\nApply these changes? Only `yes` is accepted: ');
  return (await io.stdin.line(io.signal)) === 'yes';
}
