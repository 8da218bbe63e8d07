import type { ReportChange, ReportField } from '../model/report.ts';
import { aboutLines, keyLines, restLines } from './change-text.ts';
import { dangerText, needsALook } from './danger-text.ts';
import type { Entry } from './entries.ts';
import { addedTexts, elementTexts, holdsSomething, side, sideText, sizeText } from './field-text.ts';
import { columns } from './line.ts';
import { originMark } from './origin-text.ts';
import { head, packed } from './value-text.ts';
import { grouped, pathLabel } from './words.ts';

/** Nothing that a reader could miss is shortened: who opens a diff wants to see it. */
const page = { width: 110, verbose: true };

/** Every difference of an entry as lines of a diff: the sign in the first column, before above after. */
export function diffLines(entry: Entry, applied?: string): readonly string[] {
  const change = entry.first;
  const seen = new Map<string, string>();
  const shown = change.action === 'delete' ? change.fields.filter(holdsSomething) : change.fields;
  const fields = shown.flatMap((field) => {
    const mark = originMark(change, field);
    return field.op === 'elements' ? setLines(field, change.action, seen, mark) : valueLines(field, mark);
  });
  return [
    ...aboutLines(entry, applied, '  ').map(({ text }) => text),
    ...fields,
    ...restLines(entry, page, '  ').map(({ text }) => text),
    ...keyLines(entry, page, '  ').map(({ text }) => text),
    ...entry.dangers.map((danger) => (needsALook(danger) ? '! ' : '  ') + dangerText(danger)),
  ];
}

function valueLines(field: ReportField, mark: string): readonly string[] {
  const label = pathLabel(field.path);
  return [
    ...(field.op === 'add' ? [] : [`- ${label}: ${sideText(side(field, 'before'))}${mark}`]),
    ...(field.op === 'remove' ? [] : [`+ ${label}: ${sideText(side(field, 'after'))}${mark}`]),
  ];
}

function setLines(
  field: ReportField,
  action: ReportChange['action'],
  seen: Map<string, string>,
  mark: string,
): readonly string[] {
  const label = pathLabel(field.path);
  const texts = elementTexts(field, action);
  const removed = packed(texts.removed, page.width - 4);
  const added = addedTexts(texts.added, label, page, seen);
  const sign = { create: '+', update: ' ', delete: '-' }[action];
  const only = action === 'create' ? added : removed;
  if (action !== 'update' && removed.length + added.length <= only.length && only.length < 2)
    return [`${sign} ${label}: ${only[0] ?? 'none'}${mark}`];
  return [
    `${sign} ${label}: ${sizeText(field, action)}${mark}`,
    ...removed.map((line) => `-   ${line}`),
    ...added.map((line) => `+   ${line}`),
  ];
}

/** What becomes of an object in a few words: `reactions true → false; grants.user −1`. */
export function shortText(change: ReportChange): string {
  if (change.action === 'delete') return goingWords[change.how ?? 'delete'];
  const texts = change.fields.map((field) => shortFieldText(field, change.action));
  if (texts.length === 0 && change.uncompared.length > 0) return 'values that cannot be compared';
  let shown = 0;
  for (let width = 0; shown < texts.length; shown += 1) {
    width += columns(texts[shown] ?? '') + 2;
    if (shown > 0 && width > 120) break;
  }
  const more = texts.length - shown;
  return [...texts.slice(0, shown), ...(more === 0 ? [] : [`${grouped(more)} more`])].join('; ');
}

const goingWords = {
  delete: 'deleted',
  hard: 'deleted for good',
  reset: 'reset',
  soft: 'deleted softly',
} as const satisfies Record<NonNullable<ReportChange['how']>, string>;

function shortFieldText(field: ReportField, action: ReportChange['action']): string {
  const label = clipped(pathLabel(field.path), 60);
  if (field.op === 'elements') {
    const { added = [], removed = [] } = field;
    const counts = [
      removed.length > 0 ? `−${removed.length}` : [],
      added.length > 0 ? `+${added.length}` : [],
    ];
    return [label, ...counts.flat()].join(' ') + (added.length + removed.length === 0 ? ' none' : '');
  }
  const before = field.op === 'add' ? undefined : side(field, 'before');
  const after = field.op === 'remove' ? undefined : side(field, 'after');
  if ([before, after].some((one) => one?.secret === true)) return `${label} ${secretWords[field.op]}`;
  const [old, now] = [before, after].map((one) => (one === undefined ? 'not set' : sideText(one)));
  const text = action === 'create' && before === undefined ? `${now}` : `${old} → ${now}`;
  return columns(text) <= 48 ? `${label} ${text}` : `${label} ${longWords[field.op]}`;
}

const secretWords = { add: 'set (sensitive)', remove: 'removed (sensitive)', set: 'changed (sensitive)' };
const longWords = { add: 'set', remove: 'removed', set: 'changed' };

/** A text that may be cut where something else tells the whole. */
export function clipped(text: string, width: number): string {
  return columns(text) <= width ? text : `${head(text, width - 1)}…`;
}
