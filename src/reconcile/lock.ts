import { StreamFailure, type Answer, type Stream } from '../model/stream.ts';

/**
 * Two applies to one app must not mix, and Stream has no transactions. What it has is creation: of two requests that
 * create a block list of the same name one is refused. So an apply holds the app by a block list that no channel type
 * uses, and deletes it when it is done. The list says who holds it, and every few seconds a new number, so that others
 * can tell a holder at work from one that was killed.
 *
 * A list whose holder is gone is taken away, and only by whoever creates the list that stands for the right to do so:
 * its name ends in the token of the holder that is gone. That right may be left behind in turn, and is then taken over
 * the same way.
 */
export const lockName = 'streambed-lock';

/** How often the holder shows that it is there, how often others look, and how long they look in vain. */
const BEAT_MS = 10_000;
const LOOK_MS = 5_000;
const LEASE_MS = 30_000;

/** Who holds an app. Every text is at most 30 characters of lower case, since Stream wants words so. */
export interface Holder {
  /** Random: tells this run from any other. */
  readonly token: string;
  /** Where it runs, in words. */
  readonly host: string;
  /** Where it runs, as nothing else is called. */
  readonly machine: string;
  readonly process: number;
  /** RFC 3339. */
  readonly since: string;
}

/** A held app. */
export interface Lock {
  /** Why nothing more may be sent, once somebody else may hold the app. */
  lost(): string | undefined;
  /** Lets others in; what cannot be deleted now is taken over by the next apply. */
  release(): Promise<void>;
}

/** What became of the wish to hold an app. */
export type Taken =
  | { readonly state: 'held'; readonly lock: Lock }
  | { readonly state: 'busy'; readonly holder: Holder | undefined };

/** What taking a lock depends on besides the app. */
export interface LockOptions {
  readonly holder: Holder;
  /** True when this process is known to be gone; what cannot be known is looked at for half a minute. */
  isGone(holder: Holder): boolean;
  /** Told once, when somebody else holds the app and may be gone. */
  onWait?(holder: Holder, seconds: number): void;
}

/** Takes the app, or tells who has it. Rejects with StreamFailure when Stream does not let anybody take it. */
export async function takeLock(stream: Stream, options: LockOptions): Promise<Taken> {
  const found = await take(stream, lockName, options);
  return found.state === 'held' ? { state: 'held', lock: held(stream, options.holder) } : found;
}

/** Takes away what a run that is gone left behind; leaves alone what is held. Returns whether the app is held. */
export async function clearLock(stream: Stream, options: LockOptions): Promise<boolean> {
  if ((await look(stream, lockName)) === undefined) return false;
  const taken = await takeLock(stream, options);
  if (taken.state === 'busy') return true;
  await taken.lock.release();
  return false;
}

type Try = { readonly state: 'held' } | { readonly state: 'busy'; readonly holder: Holder | undefined };

async function take(stream: Stream, name: string, options: LockOptions): Promise<Try> {
  if (await create(stream, name, options.holder)) return { state: 'held' };
  const there = await seen(stream, name);
  if (there === undefined) return { state: 'busy', holder: undefined };
  // Our own creation may have been done although its answer was lost.
  if (there.holder?.token === options.holder.token) return { state: 'held' };
  if (there.holder === undefined || !(await isAbandoned(stream, name, there, options)))
    return { state: 'busy', holder: there.holder };
  return takeOver(stream, name, there.holder, options);
}

async function takeOver(stream: Stream, name: string, gone: Holder, options: LockOptions): Promise<Try> {
  const right = `${lockName}-after-${gone.token}`;
  const mine = await take(stream, right, options);
  if (mine.state === 'busy') return mine;
  const still = await look(stream, name);
  if (still?.holder?.token === gone.token) await remove(stream, name);
  const taken = still === undefined || still.holder?.token === gone.token;
  const created = taken && (await create(stream, name, options.holder));
  await remove(stream, right);
  return created ? { state: 'held' } : { state: 'busy', holder: still?.holder };
}

/** True when the holder is known to be gone, or shows nothing new for as long as a lease lasts. */
async function isAbandoned(
  stream: Stream,
  name: string,
  first: Seen,
  options: LockOptions,
): Promise<boolean> {
  if (first.holder === undefined) return false;
  if (options.isGone(first.holder)) return true;
  options.onWait?.(first.holder, LEASE_MS / 1000);
  for (let waited = 0; waited < LEASE_MS; waited += LOOK_MS) {
    await stream.wait(LOOK_MS);
    const now = await look(stream, name);
    if (now?.holder?.token !== first.holder.token || now.beat !== first.beat) return false;
  }
  return true;
}

function held(stream: Stream, holder: Holder): Lock {
  let lost: string | undefined;
  let released = false;
  let missed = 0;
  const beat = async (number: number): Promise<void> => {
    await stream.wait(BEAT_MS);
    if (released || lost !== undefined) return;
    try {
      const now = await look(stream, lockName);
      if (now?.holder?.token !== holder.token) {
        lost = 'another apply took the app over';
        return;
      }
      await stream.write('UpdateBlockList', {
        path: { name: lockName },
        body: { words: words(holder, number) },
      });
      missed = 0;
    } catch {
      missed += 1;
      // Others wait for a lease; before it ends, whoever cannot be sure stops.
      if ((missed + 1) * BEAT_MS >= LEASE_MS) lost = 'nobody knows whether another apply took the app over';
    }
    await beat(number + 1);
  };
  void beat(1).catch(() => {
    // The run was stopped, and with it what has to be guarded.
  });
  return {
    lost: () => lost,
    release: async () => {
      released = true;
      if (lost !== undefined) return;
      try {
        await remove(stream, lockName);
      } catch (error) {
        if (!(error instanceof StreamFailure)) throw error;
      }
    },
  };
}

/** Creates the list; false when there is one of that name. */
async function create(stream: Stream, name: string, holder: Holder): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      await stream.write('CreateBlockList', { body: { name, words: words(holder, 0) } });
      return true;
    } catch (error) {
      if (!(error instanceof StreamFailure)) throw error;
      if (error.reason === 'refused' && /exist/i.test(error.message)) return false;
      if (tries >= 4 || !(error.reason === 'unclear' || error.reason === 'unsent')) throw error;
      await stream.wait(500 * tries);
    }
  }
}

async function remove(stream: Stream, name: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await stream.write('DeleteBlockList', { path: { name } });
      return;
    } catch (error) {
      if (!(error instanceof StreamFailure)) throw error;
      if (error.reason === 'missing') return;
      if (tries >= 4 || !(error.reason === 'unclear' || error.reason === 'unsent')) throw error;
      await stream.wait(500 * tries);
    }
  }
}

interface Seen {
  readonly holder: Holder | undefined;
  readonly beat: string;
}

/** The list that was just refused to us: it exists, and a node that does not know it yet is asked again. */
async function seen(stream: Stream, name: string): Promise<Seen | undefined> {
  for (let tries = 1; tries <= 10; tries++) {
    const found = await look(stream, name);
    if (found !== undefined) return found;
    await stream.wait(500);
  }
  return undefined;
}

async function look(stream: Stream, name: string): Promise<Seen | undefined> {
  try {
    const answer = await stream.read('GetBlockList', { path: { name } });
    return seenIn((answer['blocklist'] ?? {}) as Answer);
  } catch (error) {
    if (error instanceof StreamFailure && error.reason === 'missing') return undefined;
    throw error;
  }
}

function words({ token, host, machine, process, since }: Holder, beat: number): readonly string[] {
  return [
    `token:${token}`,
    `host:${host}`,
    `machine:${machine}`,
    `process:${process}`,
    `since:${since.toLowerCase()}`,
    `beat:${beat}`,
  ];
}

function seenIn({ words: told }: Answer): Seen {
  const said = new Map(
    (Array.isArray(told) ? told : [])
      .filter((word): word is string => typeof word === 'string')
      .map((word) => [word.slice(0, word.indexOf(':')), word.slice(word.indexOf(':') + 1)]),
  );
  const text = (name: string): string => said.get(name) ?? '';
  const beat = text('beat');
  // Whoever made such a list by hand knows why.
  if (text('token') === '') return { holder: undefined, beat };
  const holder = {
    token: text('token'),
    host: text('host'),
    machine: text('machine'),
    process: Number(text('process')),
    since: text('since').toUpperCase(),
  };
  return { holder, beat };
}
