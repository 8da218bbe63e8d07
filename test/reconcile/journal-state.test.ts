import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import type {
  JournalEntry,
  JournalHead,
  JournalLines,
  JournalObject,
  JournalState,
} from '../../src/model/journal.ts';
import type { Effect } from '../../src/model/step.ts';
import { journalState } from '../../src/reconcile/journal-state.ts';

const head: JournalHead = {
  type: 'apply',
  format: 'streambed-journal',
  format_version: '1.0',
  tool_version: '0',
  time: '2026-11-21T14:00:05Z',
  app: { id: 7, name: 'Acme' },
  emulator: true,
  manifests: [],
};
const time = head.time;

const object = (address: Address, more: Partial<JournalObject> = {}): JournalEntry => ({
  type: 'object',
  address,
  kind: 'k',
  key: address.slice(2),
  action: 'update',
  before: {},
  fields: [],
  withheld: [],
  ...more,
});
const planned = (step: string, effect: Effect, ...covers: readonly Address[]): JournalEntry => ({
  type: 'planned',
  step,
  effect,
  covers,
});
const ready: JournalEntry = { type: 'ready' };
const sending = (step: string, ...covers: readonly Address[]): JournalEntry => ({
  type: 'sending',
  time,
  step,
  covers,
});
const became = (
  type: 'done' | 'failed' | 'skipped',
  step: string,
  covers: readonly Address[],
  because?: string,
): JournalEntry => ({ type, time, step, covers, ...(because === undefined ? {} : { because }) });

function stateOf(...entries: readonly JournalEntry[]): JournalState {
  const all = [head, ...entries];
  const lines: JournalLines = {
    file: 'run.jsonl',
    head,
    lines: all.map((entry, index) => ({ line: index + 1, entry })),
  };
  return journalState(lines);
}

const a = 'k/a';
const b = 'k/b';
const begun = [
  object(a),
  object(b),
  planned('close', 'narrow', a),
  planned('open', 'widen', a, b),
  ready,
] as const;

describe('what a journal tells', () => {
  it('is that nothing was begun, as long as nothing was sent', () => {
    expect(stateOf(...begun)).toMatchObject({
      begun: true,
      objects: [
        { address: a, state: 'not-begun', done: [], open: ['close', 'open'] },
        { address: b, state: 'not-begun', done: [], open: ['open'] },
      ],
      narrower: [],
      wider: [],
    });
    expect(stateOf(object(a))).toMatchObject({ begun: false, narrower: [], wider: [] });
  });

  it('never takes a missing answer for a good one', () => {
    const state = stateOf(...begun, sending('close', a));
    expect(state.objects[0]).toMatchObject({ state: 'unknown', done: [], open: ['close', 'open'] });
    expect(state).toMatchObject({ narrower: [a], wider: [] });
    const wide = stateOf(...begun, sending('close', a), became('done', 'close', [a]), sending('open', a, b));
    expect(wide).toMatchObject({ narrower: [], wider: [a, b] });
    expect(wide.objects.map(({ state: one }) => one)).toEqual(['unknown', 'unknown']);
  });

  it('is narrower after what takes away, until it is given again', () => {
    const closed = [sending('close', a), became('done', 'close', [a])];
    expect(stateOf(...begun, ...closed)).toMatchObject({
      objects: [{ state: 'partly', done: ['close'], open: ['open'] }, { state: 'not-begun' }],
      narrower: [a],
      wider: [],
    });
    const skipped = [...closed, became('skipped', 'open', [a, b], 'the run was interrupted')];
    expect(stateOf(...begun, ...skipped)).toMatchObject({
      objects: [
        { state: 'partly', because: 'the run was interrupted' },
        { state: 'skipped', because: 'the run was interrupted' },
      ],
      narrower: [a],
      wider: [],
    });
  });

  it('tells the parts of a step that was split apart', () => {
    const state = stateOf(
      ...begun,
      sending('open', a, b),
      sending('open', a),
      became('done', 'open', [a]),
      sending('open', b),
      became('failed', 'open', [b], 'no'),
    );
    expect(state.objects).toMatchObject([
      { address: a, state: 'partly', done: ['open'], open: ['close'] },
      { address: b, state: 'failed', because: 'no', done: [], open: ['open'] },
    ]);
    expect(state.wider).toEqual([a, b]);
  });

  it('gives the reason of what failed before that of what was skipped for it', () => {
    const state = stateOf(
      ...begun,
      sending('close', a),
      became('failed', 'close', [a], 'Stream said no'),
      became('skipped', 'open', [a, b], 'k/a failed'),
    );
    expect(state.objects).toMatchObject([
      { state: 'failed', because: 'Stream said no' },
      { state: 'skipped', because: 'k/a failed' },
    ]);
  });

  it('calls a deletion narrower, and a reset not', () => {
    const gone = (how: 'reset' | 'soft'): readonly JournalEntry[] => [
      object(a, { action: 'delete', how }),
      planned('delete', 'delete', a),
      ready,
      sending('delete', a),
      became('done', 'delete', [a]),
    ];
    expect(stateOf(...gone('soft'))).toMatchObject({ narrower: [a], wider: [] });
    expect(stateOf(...gone('reset'))).toMatchObject({ narrower: [], wider: [a] });
  });

  it('after every line: an object of which anything was sent is narrower or wider, and no other is', () => {
    const run = [
      ...begun,
      sending('close', a),
      became('done', 'close', [a]),
      sending('open', a, b),
      sending('open', a),
      became('done', 'open', [a]),
      sending('open', b),
      became('failed', 'open', [b], 'no'),
    ];
    for (let length = 0; length <= run.length; length++) {
      const entries = run.slice(0, length);
      const state = stateOf(...entries);
      const sent = entries.flatMap((entry) => (entry.type === 'sending' ? entry.covers : []));
      expect([...state.narrower, ...state.wider].toSorted()).toEqual([...new Set(sent)].toSorted());
      for (const one of state.objects) {
        const isUntouched = one.state === 'not-begun' || one.state === 'skipped';
        expect([one.address, isUntouched]).toEqual([one.address, !sent.includes(one.address)]);
      }
    }
  });
});
