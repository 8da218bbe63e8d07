import type { ReportChange, ReportField } from '../model/report.ts';
import { columns, padded, plain, type Line, type Tone } from './line.ts';
import { elementMark, originMark } from './origin-text.ts';
import {
  elementText,
  flowText,
  moreText,
  most,
  packed,
  secretText,
  valueLines,
  type Room,
} from './value-text.ts';
import { grouped, pathLabel } from './words.ts';

/** How wide a page is, and whether anything may be left out of it. */
export interface Page {
  readonly width: number;
  readonly verbose: boolean;
  /** Also what no difference shows: the fields that stay, and Stream's defaults. */
  readonly complete?: boolean;
}

const indent = '      ';
const deeper = '        ';

/** The differences inside one object, one under the other; lists that were there before are only referred to. */
export function fieldLines(change: ReportChange, page: Page): readonly Line[] {
  const labels = change.fields
    .map((field) => columns(pathLabel(field.path)))
    .filter((length) => length <= 28);
  const column = labels.reduce((most, one) => Math.max(most, one), 12) + 3;
  const seen = new Map<string, string>();
  const shown =
    change.action === 'delete' && !page.verbose ? change.fields.filter(holdsSomething) : change.fields;
  return shown.flatMap((field) => {
    const mark = originMark(change, field);
    return field.op === 'elements'
      ? setLines(field, change.action, column, page, seen, mark)
      : valueChangeLines(field, change.action, column, page, mark);
  });
}

/** With a whole object go its switches that are off and its empty lists; only `-v` and JSON tell those. */
export function holdsSomething(field: ReportField): boolean {
  if (field.op === 'elements') return (field.removed ?? []).length > 0;
  return field.op !== 'remove' || (field.before !== false && field.before !== 0);
}

function valueChangeLines(
  field: ReportField,
  action: ReportChange['action'],
  column: number,
  page: Page,
  mark: string,
): readonly Line[] {
  const label = labelled(field.path, column);
  const before = field.op === 'add' ? undefined : side(field, 'before');
  const after = field.op === 'remove' ? undefined : side(field, 'after');
  const both = action === 'update' || (before !== undefined && after !== undefined);
  const inline = both
    ? `${before === undefined ? 'not set' : sideText(before)} → ${after === undefined ? 'not set' : sideText(after)}`
    : [before, after].map((one) => (one === undefined ? '' : sideText(one))).join('');
  const goes = after === undefined;
  const sign = goes && !both ? '− ' : '';
  const whole = `${indent}${sign}${label}${inline}${mark}`;
  const tone: Tone = goes ? 'remove' : 'plain';
  if (columns(whole) <= page.width) return [{ tone, text: whole }];
  const lines = (one: Side | undefined, sign: string, paint: Tone, room: Room): readonly Line[] => {
    if (one === undefined) return [];
    const texts = one.secret ? [one.text] : valueLines(one.value, room);
    const last = texts.length - 1;
    return texts.map((text, index) => ({
      tone: paint,
      text: `${deeper}${sign} ${text}${index === last ? one.note : ''}`,
    }));
  };
  const width = page.width - deeper.length - 2;
  return [
    plain(`${indent}${label}${mark.trimStart()}`),
    ...lines(before, '−', 'remove', { width, whole: true }),
    ...lines(after, '+', 'add', { width, whole: page.verbose }),
  ];
}

/** One side of a difference; a secret has a text instead of a value. */
type Side = { readonly note: string } & (
  | { readonly secret: true; readonly text: string }
  | { readonly secret: false; readonly value: unknown }
);

/** One side of a difference on one line, whole. */
export function sideText(one: Side): string {
  return (one.secret ? one.text : flowText(one.value)) + one.note;
}

/** What a field was or will be. */
export function side(field: ReportField, name: 'before' | 'after'): Side {
  const fingerprint = field[`${name}_fingerprint`];
  if (!Object.hasOwn(field, name)) return { secret: true, text: secretText(fingerprint), note: '' };
  const note = fingerprint === undefined ? '' : ` ${secretText(fingerprint)}`;
  return { secret: false, value: field[name], note };
}

function setLines(
  field: ReportField,
  action: ReportChange['action'],
  column: number,
  page: Page,
  seen: Map<string, string>,
  mark: string,
): readonly Line[] {
  const { added, removed } = elementTexts(field, action);
  const name = pathLabel(field.path);
  const label = labelled(field.path, column);
  const additions = addedTexts(added, name, page, seen);
  const only = additions.length === 1 && removed.length === 0 ? additions[0] : undefined;
  if (action !== 'update' && added.length + removed.length === 0)
    return [plain(`${indent}${label}none${mark}`)];
  if (action === 'create' && only !== undefined) {
    const text = `${indent}${label}+ ${only}${mark}`;
    if (columns(text) <= page.width) return [plain(text)];
  }
  if (action === 'delete') {
    const text = `${indent}− ${label}${removed.join(', ')}${mark}`;
    if (columns(text) <= page.width) return [{ tone: 'remove', text }];
    // Who leaves is always spelled out; the long lists of a map, such as every role's grants, go by their sizes.
    if (removed.length > most && field.path.length > 1 && !page.verbose) {
      return [{ tone: 'remove', text: `${indent}− ${label}${grouped(removed.length)} (names: -v)${mark}` }];
    }
  }
  const width = page.width - deeper.length - 2;
  return [
    plain(`${indent}${label}${sizeText(field, action)}${mark}`),
    ...packed(removed, width).map((text): Line => ({ tone: 'remove', text: `${deeper}− ${text}` })),
    ...additions.flatMap((text): readonly Line[] => [{ tone: 'add', text: `${deeper}+ ${text}` }]),
  ];
}

/** The elements of a difference as words, those of other origins marked where there are several. */
export function elementTexts(
  field: ReportField,
  action: ReportChange['action'],
): {
  readonly added: readonly string[];
  readonly removed: readonly string[];
} {
  const textOf = (element: NonNullable<ReportField['added']>[number]): string =>
    elementText(element) + elementMark(field, element, action);
  return { added: (field.added ?? []).map(textOf), removed: (field.removed ?? []).map(textOf) };
}

/** The elements that come, packed; after the first dozen only their number, unless everything is asked for. */
export function addedTexts(
  added: readonly string[],
  name: string,
  page: Page,
  seen: Map<string, string>,
): readonly string[] {
  if (added.length === 0) return [];
  const content = added.join('\n');
  const same = added.length > 3 ? seen.get(content) : undefined;
  if (same !== undefined) return [`the same ${grouped(added.length)} as ${same}`];
  seen.set(content, name);
  const shown = added.slice(0, page.verbose ? added.length : most);
  const rest = added.length - shown.length;
  return packed(rest === 0 ? shown : [...shown, moreText(rest)], page.width - deeper.length - 2);
}

/** The path, and space up to the column of the values: at least two, also after a long one. */
function labelled(path: readonly string[], column: number): string {
  return padded(`${pathLabel(path)}  `, column);
}

/** How many elements a set has before and after. */
export function sizeText(field: ReportField, action: ReportChange['action']): string {
  const before = grouped(field.before_size ?? 0);
  const after = grouped(field.after_size ?? 0);
  if (action === 'create') return after;
  if (action === 'delete') return `${before} → none`;
  return `${before} → ${after}${field.after_size === 0 ? ', none left' : ''}`;
}
