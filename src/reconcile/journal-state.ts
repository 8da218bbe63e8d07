import type { Address } from '../model/address.ts';
import type {
  JournalEntry,
  JournalLines,
  JournalPlanned,
  JournalState,
  ObjectState,
} from '../model/journal.ts';

type Ending = Extract<JournalEntry, { readonly type: 'done' | 'failed' | 'skipped' }>;

/** What was done, what was not, and how open the app is now, from the journal alone. */
export function journalState({ head, lines }: JournalLines): JournalState {
  const entries = lines.map(({ entry }) => entry);
  const planned = entries.filter((entry) => entry.type === 'planned');
  const endings = entries.filter(isEnding);
  const sent = entries.filter((entry) => entry.type === 'sending');
  const end = entries.findLast((entry) => entry.type === 'end');
  const sentTo = new Map<Address, Set<string>>();
  for (const { covers, step } of sent)
    for (const address of covers) sentTo.set(address, (sentTo.get(address) ?? new Set()).add(step));

  const endingsBy = new Map<Address, Ending[]>();
  for (const ending of endings)
    for (const address of ending.covers) {
      const known = endingsBy.get(address);
      if (known === undefined) endingsBy.set(address, [ending]);
      else known.push(ending);
    }
  const stepsBy = new Map<Address, JournalPlanned[]>();
  for (const step of planned)
    for (const address of step.covers) {
      const known = stepsBy.get(address);
      if (known === undefined) stepsBy.set(address, [step]);
      else known.push(step);
    }

  const narrower: Address[] = [];
  const wider: Address[] = [];
  const objects = entries.flatMap((entry): readonly ObjectState[] => {
    if (entry.type !== 'object') return [];
    const { address, action } = entry;
    const steps = stepsBy.get(address) ?? [];
    const fates = steps.map((step) => {
      const ending = (endingsBy.get(address) ?? []).findLast((one) => one.step === step.step);
      return { step, ending, sent: sentTo.get(address)?.has(step.step) === true };
    });
    // What may have been done counts as done here: how open the app is must not be told too good.
    const acted = fates.filter(
      (fate) => fate.ending?.type === 'done' || (fate.sent && fate.ending?.type !== 'skipped'),
    );
    // What is reset may be more open afterwards than it was.
    const takes = ({ step }: (typeof acted)[number]): boolean =>
      step.effect === 'narrow' || (step.effect === 'delete' && entry.how !== 'reset');
    if (acted.length > 0) (acted.every(takes) ? narrower : wider).push(address);
    const done = fates.filter(({ ending }) => ending?.type === 'done').map(({ step }) => step.step);
    const open = fates.filter(({ ending }) => ending?.type !== 'done').map(({ step }) => step.step);
    // What failed says more than what was skipped for it.
    const told = fates.filter(({ ending }) => ending?.because !== undefined);
    const because = (told.find(({ ending }) => ending?.type === 'failed') ?? told.at(-1))?.ending?.because;
    const state = stateOf(fates, done.length);
    return [{ address, action, state, ...(because === undefined ? {} : { because }), done, open }];
  });
  return {
    head,
    ...(end?.type === 'end' ? { end } : {}),
    begun: entries.some(({ type }) => type === 'ready'),
    objects,
    narrower,
    wider,
  };
}

function stateOf(
  fates: readonly { readonly ending: Ending | undefined; readonly sent: boolean }[],
  done: number,
): ObjectState['state'] {
  const has = (type: Ending['type']): boolean => fates.some(({ ending }) => ending?.type === type);
  if (fates.length > 0 && done === fates.length) return 'done';
  if (has('failed')) return done > 0 ? 'partly' : 'failed';
  if (fates.some(({ ending, sent }) => sent && ending === undefined)) return 'unknown';
  if (done > 0) return 'partly';
  return has('skipped') ? 'skipped' : 'not-begun';
}

function isEnding(entry: JournalEntry): entry is Ending {
  return entry.type === 'done' || entry.type === 'failed' || entry.type === 'skipped';
}
