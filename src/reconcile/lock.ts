import { StreamFailure, type Answer, type Stream } from '../model/stream.ts';

/**
 * Two applies to one app must not mix, and Stream has no transactions. What it has is creation: of two requests that
 * create a block list of the same name one is refused. So an apply holds the app by a block list that no channel type
 * uses, and deletes it when it is done. The list says who holds it, and every few seconds a new number, so that others
 * can tell a holder at work from one that was killed. A holder whose number did not get through stops by itself, well
 * before others may take it for gone.
 *
 * A list whose holder is gone is taken away, and only by whoever creates a second list that stands for the right to do
 * so. That right may be left behind in turn, and is then taken over the same way.
 */
export const lockName = 'streambed-lock';

/** How often the holder shows that it is there, how often others look, and how long they look in vain. */
const BEAT_MS = 10_000;
const LOOK_MS = 5_000;
const LEASE_MS = 30_000;
/** How long a holder may go on after it last showed that it is there: what it sent then has time to arrive. */
const SURE_MS = LEASE_MS - BEAT_MS;
/** Stream's nodes may disagree about a list for seconds, so what is to be relied on is looked at this often. */
const AGREEING = 6;
const POLL_MS = 1000;
/** How often a request is sent when nobody knows what became of it. */
const TRIES = 4;

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
  /** Once aborted nobody looks on any longer, and nothing is taken over. */
  readonly signal?: AbortSignal;
  /** Told once, when somebody else holds the app and may be gone. */
  onWait?(holder: Holder, seconds: number): void;
}

/** Takes the app, or tells who has it. Rejects with StreamFailure when Stream does not let anybody take it. */
export async function takeLock(stream: Stream, options: LockOptions): Promise<Taken> {
  const found = await take(stream, lockName, options);
  return found.state === 'held' ? { state: 'held', lock: held(stream, options.holder, found.since) } : found;
}

/** Takes away what a run that is gone left behind; leaves alone what is held. Returns whether the app is held. */
export async function clearLock(stream: Stream, options: LockOptions): Promise<boolean> {
  if ((await look(stream, lockName)) === undefined) return false;
  const taken = await takeLock(stream, options);
  if (taken.state === 'busy') return true;
  await taken.lock.release();
  return false;
}

/** A list is ours since a moment at which it was not there yet. */
type Try =
  | { readonly state: 'held'; readonly since: number }
  | { readonly state: 'busy'; readonly holder: Holder | undefined };

async function take(stream: Stream, name: string, options: LockOptions): Promise<Try> {
  const claimed = await claim(stream, name, options.holder);
  if (claimed.state === 'held' || claimed.there?.holder === undefined) return claimed;
  switch (await watched(stream, name, claimed.there, options)) {
    case 'at work':
      return claimed;
    case 'released':
      return claim(stream, name, options.holder);
    case 'gone':
      return takeOver(stream, name, claimed.there.holder, options);
  }
}

/** Creates the list, or tells whose it is. */
async function claim(
  stream: Stream,
  name: string,
  holder: Holder,
): Promise<Try & { readonly there?: Seen | undefined }> {
  const since = stream.now();
  let mayBeOurs = false;
  for (let tries = 1; tries <= 10; tries++) {
    const created = await create(stream, name, holder, since + SURE_MS);
    if (created === 'done') return { state: 'held', since };
    mayBeOurs ||= created === 'there, maybe ours';
    const there = await (mayBeOurs ? agreed : look)(stream, name);
    if (there?.holder?.token === holder.token) return { state: 'held', since };
    if (there !== undefined) return { state: 'busy', holder: there.holder, there };
    // It was deleted just now, or a node does not know it yet.
    await stream.wait(POLL_MS);
  }
  return { state: 'busy', holder: undefined };
}

async function takeOver(stream: Stream, name: string, gone: Holder, options: LockOptions): Promise<Try> {
  const { holder } = options;
  const right = `${name}-next`;
  const quietly: LockOptions = { holder, isGone: (one) => options.isGone(one) };
  const mine = await take(stream, right, quietly);
  if (mine.state === 'busy') return mine;
  const until = mine.since + SURE_MS;
  const still = await agreed(stream, name);
  const isFree = still === undefined || still.holder?.token === gone.token;
  // Whoever waited too long may be taken for gone as well.
  const isSure = stream.now() < until;
  if (isFree && isSure && still !== undefined) await remove(stream, name, gone.token, until);
  const taken: Try =
    isFree && isSure ? await claim(stream, name, holder) : { state: 'busy', holder: still?.holder };
  await letGo(stream, right, holder.token, until);
  return taken;
}

/** What becomes of a list that stands in the way: what cannot be known is looked at for as long as a lease lasts. */
async function watched(
  stream: Stream,
  name: string,
  { holder, beat }: Seen,
  options: LockOptions,
): Promise<'at work' | 'gone' | 'released'> {
  const isStopped = (): boolean => options.signal?.aborted === true;
  if (holder === undefined || isStopped()) return 'at work';
  if (options.isGone(holder)) return 'gone';
  options.onWait?.(holder, LEASE_MS / 1000);
  for (let waited = 0; waited < LEASE_MS; waited += LOOK_MS) {
    await stream.wait(LOOK_MS);
    if (isStopped()) return 'at work';
    const now = await look(stream, name);
    if (now === undefined) return 'released';
    if (now.holder?.token !== holder.token || now.beat !== beat) return 'at work';
  }
  return 'gone';
}

function held(stream: Stream, holder: Holder, since: number): Lock {
  /** Whoever looks since then sees that we are there. */
  let shown = since;
  let reason: string | undefined;
  let released = false;
  let beating: Promise<void> = Promise.resolve();

  const lost = (): string | undefined => {
    if (stream.now() - shown > SURE_MS) reason ??= 'nobody knows whether another apply took the app over';
    return reason;
  };
  const isOurs = (seen: Seen | undefined): boolean => seen?.holder?.token === holder.token;
  const beat = async (number: number): Promise<void> => {
    if (!isOurs(await look(stream, lockName)) && !isOurs(await agreed(stream, lockName))) {
      reason ??= 'another apply took the app over';
      return;
    }
    const now = stream.now();
    if (released || lost() !== undefined) return;
    await stream.write('UpdateBlockList', {
      path: { name: lockName },
      body: { words: words(holder, number) },
    });
    shown = now;
  };
  const beats = async (): Promise<void> => {
    for (let number = 1; ; number++) {
      await stream.wait(Math.max(POLL_MS, shown + BEAT_MS - stream.now()));
      if (released || lost() !== undefined) return;
      // One that does not get through is followed by the next, until the time is up.
      beating = beat(number).catch(() => undefined);
      await beating;
    }
  };
  void beats().catch(() => {
    // The run was stopped, and with it what has to be guarded.
  });
  return {
    lost,
    release: async () => {
      released = true;
      // A number that arrives after the list is gone would be written into the next one's.
      await beating;
      if (lost() === undefined) await letGo(stream, lockName, holder.token, shown + SURE_MS);
    },
  };
}

/** Creates the list; where there is one of that name, it may be ours, since answers get lost. */
async function create(
  stream: Stream,
  name: string,
  holder: Holder,
  until: number,
): Promise<'done' | 'there' | 'there, maybe ours'> {
  for (let tries = 1; ; tries++) {
    try {
      await stream.write('CreateBlockList', { body: { name, words: words(holder, 0) } });
      return 'done';
    } catch (error) {
      if (!(error instanceof StreamFailure)) throw error;
      if (error.reason === 'refused' && /exist/i.test(error.message))
        return tries === 1 ? 'there' : 'there, maybe ours';
      if (tries >= TRIES || !isOpen(error) || stream.now() >= until) throw error;
      await stream.wait(POLL_MS);
    }
  }
}

/** Deletes the list of this token, for as long as nobody else can have one of that name. */
async function remove(stream: Stream, name: string, token: string, until: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await stream.write('DeleteBlockList', { path: { name } });
      return;
    } catch (error) {
      if (!(error instanceof StreamFailure)) throw error;
      if (error.reason === 'missing') return;
      if (tries >= TRIES || !isOpen(error)) throw error;
      // It may have been done, and what is there now may be somebody else's.
      if ((await agreed(stream, name))?.holder?.token !== token) return;
      if (stream.now() >= until) throw error;
    }
  }
}

/** The same for a list of ours; what cannot be deleted now is taken over by the next apply. */
async function letGo(stream: Stream, name: string, token: string, until: number): Promise<void> {
  try {
    if (stream.now() < until) await remove(stream, name, token, until);
  } catch (error) {
    if (!(error instanceof StreamFailure)) throw error;
  }
}

/** True when nobody knows whether it was done, or when it was not even sent. */
function isOpen({ reason }: StreamFailure): boolean {
  return reason === 'unclear' || reason === 'unsent';
}

interface Seen {
  readonly holder: Holder | undefined;
  readonly beat: string;
}

/** What the list says once several looks in a row say the same. */
async function agreed(stream: Stream, name: string): Promise<Seen | undefined> {
  let last = await look(stream, name);
  for (let agreeing = 1; agreeing < AGREEING;) {
    await stream.wait(POLL_MS);
    const now = await look(stream, name);
    agreeing = now?.holder?.token === last?.holder?.token ? agreeing + 1 : 1;
    last = now;
  }
  return last;
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
