import type { Caller } from './router.ts';
import type { Reply } from './replies.ts';

/** What reads were answered, so that a node can be played that lags behind. */
export interface LastReads {
  /** The answer that the same question of the same caller got last. */
  answerTo(question: string, caller: Caller): Reply | undefined;
  remember(question: string, caller: Caller, reply: Reply): void;
}

/** An emulator may serve for days: beyond this, what was asked longest ago is forgotten. */
const most = 1000;

/** Remembers nothing yet. */
export function createLastReads(): LastReads {
  const answers = new Map<string, Reply>();
  return {
    answerTo: (question, caller) => answers.get(keyOf(question, caller)),
    remember(question, caller, reply) {
      const key = keyOf(question, caller);
      // Inserted anew, so that the first one is the oldest.
      answers.delete(key);
      answers.set(key, reply);
      const [oldest] = answers.keys();
      if (answers.size > most && oldest !== undefined) answers.delete(oldest);
    },
  };
}

function keyOf(question: string, caller: Caller): string {
  return `${caller.kind === 'user' ? caller.id : `(${caller.kind})`} ${question}`;
}
