import { partsOf } from '../model/address.ts';
import type { JournalState, ObjectState } from '../model/journal.ts';
import { quoted, visible } from './escape.ts';
import { plain, printed, type Line } from './line.ts';
import { packed } from './value-text.ts';
import { counted, grouped, objectText } from './words.ts';

/** Objects that are named one by one, so that a screen is enough. */
const MOST = 12;

/** What a journal tells, on one screen: how the run ended, what became of each object, how open the app is now, what next. */
export function renderStatus(
  state: JournalState,
  file: string,
  { color, width }: { readonly color: boolean; readonly width: number },
): string {
  const { head } = state;
  const id = head.app.id === undefined ? '' : ` (${head.app.id})`;
  const parts = [
    'streambed status',
    ...(head.environment === undefined ? [] : [visible(head.environment)]),
    ...(head.emulator ? ['emulator'] : []),
    `app ${quoted(head.app.name)}${id}`,
    visible(head.time),
  ];
  const lines: readonly Line[] = [
    { tone: 'head', text: parts.join(' · ') },
    ...(head.rolls_back === undefined ? [] : [plain(`takes back ${visible(head.rolls_back)}`)]),
    plain(''),
    endLine(state),
    ...groups(state.objects, width),
    plain(''),
    ...opennessLines(state, width),
    plain(''),
    plain(`Next: ${nextText(state, file)}`),
  ];
  return printed(lines, color);
}

const ends = {
  converged: { tone: 'add', text: 'finished: the app was what was asked for' },
  differs: { tone: 'warn', text: 'finished: everything was sent, and a second plan was not empty' },
  unverified: { tone: 'warn', text: 'finished: everything was sent, and the app could not be read again' },
  partly: { tone: 'warn', text: 'finished in part' },
  interrupted: { tone: 'warn', text: 'interrupted: what was under way was finished' },
  'nothing-written': { tone: 'change', text: 'finished: nothing was written' },
} as const satisfies Readonly<Record<NonNullable<JournalState['end']>['result'], Line>>;

function endLine({ begun, end }: JournalState): Line {
  if (end !== undefined) {
    const { tone, text } = ends[end.result];
    return { tone, text: `${text} · ${counted(end.writes, 'write')} · ${counted(end.reads, 'read')}` };
  }
  return begun
    ? { tone: 'warn', text: 'cut off: the run ended without its last line' }
    : { tone: 'change', text: 'cut off before the first write: nothing was sent' };
}

const words = {
  done: 'done',
  partly: 'done in part',
  unknown: 'sent, and nobody knows what became of it',
  failed: 'failed',
  skipped: 'skipped',
  'not-begun': 'not begun',
} as const satisfies Readonly<Record<ObjectState['state'], string>>;

const signs = { create: '+', update: '~', delete: '-' } as const;

function groups(objects: readonly ObjectState[], width: number): readonly Line[] {
  return (Object.keys(words) as (keyof typeof words)[]).flatMap((state): readonly Line[] => {
    const group = objects.filter((object) => object.state === state);
    if (group.length === 0) return [];
    const head = `${grouped(group.length)} of ${counted(objects.length, 'object')} ${words[state]}`;
    const shown = group.slice(0, MOST);
    const rest = group.length - shown.length;
    const more = rest === 0 ? [] : [moreText(rest)];
    const isPlain = group.every(({ because, done }) => because === undefined && done.length === 0);
    if (state === 'done' || isPlain)
      return [
        plain(head),
        ...packed([...shown.map(nameOf), ...more], width - 2).map((line) => plain(`  ${line}`)),
      ];
    return [
      { tone: 'warn', text: head },
      ...[...shown.map(detailOf), ...more].map((line) => plain(`  ${line}`)),
    ];
  });
}

function nameOf({ action, address }: ObjectState): string {
  const { kind, key } = partsOf(address);
  return `${signs[action]} ${objectText(kind, key)}`;
}

function detailOf(object: ObjectState): string {
  const { address, because, done, open } = object;
  const short = (steps: readonly string[]): string =>
    steps.map((step) => visible(step.replace(` ${address}`, ''))).join(', ');
  const what = done.length === 0 ? '' : `: ${short(done)} done, ${short(open)} not`;
  return `${nameOf(object)}${what}${because === undefined ? '' : `: ${visible(because)}`}`;
}

/** Who reads this at night wants to know one thing first: whether anybody can do more than before. */
function opennessLines({ narrower, objects, wider }: JournalState, width: number): readonly Line[] {
  if (narrower.length === 0 && wider.length === 0)
    return [plain('The app is neither narrower nor wider than before.')];
  // A request that failed may have been done all the same.
  const certain = new Set(objects.filter(({ done }) => done.length > 0).map(({ address }) => address));
  const named = (addresses: readonly (typeof narrower)[number][]): readonly Line[] => {
    const shown = addresses.slice(0, MOST).map((address) => {
      const { kind, key } = partsOf(address);
      return `${objectText(kind, key)}${certain.has(address) ? '' : ' (perhaps)'}`;
    });
    const rest = addresses.length - shown.length;
    return packed([...shown, ...(rest === 0 ? [] : [moreText(rest)])], width - 2).map((line) =>
      plain(`  ${line}`),
    );
  };
  return [
    ...(narrower.length === 0 ? [] : [plain('Narrower than before:'), ...named(narrower)]),
    ...(wider.length === 0 ? [] : [plain('New, wider, or changed otherwise:'), ...named(wider)]),
  ];
}

function nextText({ begun, end, head, objects }: JournalState, file: string): string {
  const rollback = (journal: string): string =>
    `streambed rollback ${head.emulator ? '--target emulator ' : ''}${typed(journal)}`;
  const same =
    head.rolls_back === undefined
      ? 'streambed apply, with the same files and options as before'
      : `${rollback(head.rolls_back)}, with the same options as before`;
  const untouched = !begun || objects.every(({ state }) => state === 'not-begun' || state === 'skipped');
  if (untouched) return `${same}: nothing was written`;
  const back = `${rollback(file)}, ${head.rolls_back === undefined ? 'to go back' : 'to undo this rollback'}`;
  if (end?.result === 'converged') return `nothing to do; ${back}`;
  if (end?.result === 'differs' || end?.result === 'unverified') {
    const look = head.rolls_back === undefined ? 'streambed plan' : `${rollback(head.rolls_back)} --dry-run`;
    return `${look}, to see what is different now; or ${back}`;
  }
  return `${same}, to finish; or ${back}`;
}

function moreText(count: number): string {
  return `(${grouped(count)} more: --format json)`;
}

/** A path as a shell takes it. */
function typed(path: string): string {
  const text = visible(path);
  return /^[\w/.:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
