import type { ReportChange, ReportLoss } from '../model/report.ts';
import { dangerLine } from './danger-text.ts';
import { diagnosticLines } from './diagnostics.ts';
import { changesOf, isHarmful, type Entry } from './entries.ts';
import { visible, visibleId } from './escape.ts';
import { fieldLines, type Page } from './field-text.ts';
import { columns, padded, plain, type Line } from './line.ts';
import { originText } from './origin-text.ts';
import { placesText } from './places.ts';
import { reachText } from './reach-text.ts';
import { flowText, moreText, most, packed, wrapped } from './value-text.ts';
import { counted, grouped, nameText, objectText, pathLabel } from './words.ts';

const indent = '      ';

/** One entry of a plan: what becomes of it, which lines ask for it, what it loses and means, and every difference. */
export function changeLines(entry: Entry, page: Page, applied?: string): readonly Line[] {
  const { first, losses, dangers, diagnostics } = entry;
  return [
    headLine(entry, page),
    ...(first.action === 'delete' ? [goingLine(first)] : []),
    ...aboutLines(entry, applied, indent),
    ...losses.flatMap((loss) => lossLines(loss, entry, page)),
    ...fieldLines(first, page),
    ...restLines(entry, page),
    ...keyLines(entry, page),
    ...dangers.map((danger) => dangerLine(danger, indent)),
    ...diagnostics.flatMap(({ address: _, ...diagnostic }) => diagnosticLines(diagnostic, indent)),
  ];
}

/** The object itself, in a plan and in what is told afterwards: `~ channel_type support`. */
export function signedText(change: Pick<ReportChange, 'action' | 'kind' | 'key'>): string {
  return `${signs[change.action]} ${objectText(change.kind, change.key)}`;
}

/** The objects of an entry: the only one by its name, several by their number: `300 channels`. */
export function objectsText({ first, others }: Pick<Entry, 'first' | 'others'>): string {
  if (others.length === 0) return objectText(first.kind, first.key);
  return counted(others.length + 1, visibleId(first.kind));
}

/** What stands before an object: whether it comes, changes or goes. */
export const signs = { create: '+', update: '~', delete: '-' } as const satisfies Record<
  ReportChange['action'],
  string
>;

/** Where places begin, so that a long name in one plan does not move all lines of the next. */
const placeColumn = 66;

function headLine(entry: Entry, page: Page): Line {
  const { first } = entry;
  const harmful = isHarmful(entry);
  const adopts = first.adopts === true ? `  ${adoptsText}` : '';
  const text = `${harmful ? '! ' : ''}${signs[first.action]} ${objectsText(entry)}${adopts}`;
  const tone = harmful ? 'warn' : 'head';
  const place = placesText(changesOf(entry).map(({ source }) => source));
  if (place === '') return { tone, text };
  const column = Math.max(0, Math.min(placeColumn, page.width - columns(place)));
  const gap = columns(text) + 2 > column ? `${text}  ` : padded(text, column);
  return { tone, text: gap + place };
}

/** The first touch of an object. */
const adoptsText = 'adopts: exists already, first declared here';

function goingLine({ how, because }: ReportChange): Line {
  const reason = because === undefined || because === '' ? '' : `; because: ${visible(because)}`;
  return { tone: 'remove', text: `${indent}${goingWords[how ?? 'delete']}${reason}` };
}

/** How an object goes, in words of our own. */
export const goingWords = {
  delete: 'will be deleted',
  hard: 'will be deleted for good: Stream cannot restore it',
  reset: "returns to Stream's defaults (built-in types cannot be deleted)",
  soft: 'will be deleted softly: Stream keeps what it can restore',
} as const satisfies Record<NonNullable<ReportChange['how']>, string>;

/** Whose an entry is, unless this branch asks for it, and how far it reaches. */
export function aboutLines(entry: Entry, applied: string | undefined, margin: string): readonly Line[] {
  const origin = originText(entry.first, applied);
  const reach = reachText(changesOf(entry));
  return [
    ...(origin === '' ? [] : [{ tone: 'change', text: margin + origin } as const]),
    ...(reach === '' ? [] : [plain(margin + reach)]),
  ];
}

/** True for the loss that is the deletion of the object itself. */
export function isItself({ what, names }: ReportLoss, { action, kind, key }: ReportChange): boolean {
  return action === 'delete' && what === kind && names.every((name) => name === key);
}

/** Names that the differences below spell out are only counted here. */
function lossLines(loss: ReportLoss, { first, others }: Entry, page: Page): readonly Line[] {
  const { what, names, approved } = loss;
  const note = approved ? '' : ' (not approved)';
  if (isItself(loss, first)) return approved ? [] : [{ tone: 'remove', text: `${indent}not approved` }];
  const below = new Set(first.fields.flatMap((field) => (field.removed ?? []).map(({ name }) => name)));
  const loses = others.length === 0 ? 'loses' : 'each loses';
  const text = `${indent}${loses} ${counted(names.length, visible(what))}${note}`;
  if (names.every((name) => below.has(name))) return [{ tone: 'remove', text }];
  const lines = packed(names.map(nameText), page.width - indent.length - 4);
  return [
    { tone: 'remove', text: `${text}:` },
    ...lines.map((line): Line => ({ tone: 'remove', text: `${indent}  − ${line}` })),
  ];
}

/** What an entry's differences do not show: values that are sent unseen, and how much stays. */
export function restLines(entry: Entry, page: Page, margin = indent): readonly Line[] {
  const { first } = entry;
  const lines: Line[] = [];
  if (first.uncompared.length > 0) {
    const verb = first.fields.length === 0 ? 'sent again' : 'sent';
    const paths = first.uncompared.map((path) => pathLabel(path.split('.')));
    lines.push(...wrapped(`${margin}${verb}, cannot be compared: `, paths, page.width).map(plain));
  }
  const stays = changesOf(entry)
    .map(({ unchanged }) => unchanged)
    .toSorted((one, other) => one - other);
  const [least, greatest] = [stays[0] ?? 0, stays.at(-1) ?? 0];
  if (first.action === 'update' && greatest > 0) {
    const count = least === greatest ? grouped(least) : `${grouped(least)} to ${grouped(greatest)}`;
    lines.push({ tone: 'quiet', text: `${margin}${count} unchanged` });
  }
  if (page.complete !== true || entry.others.length > 0) return lines;
  const { stays: kept = [], defaults = [] } = first;
  const told = kept.flatMap(({ path, value }) =>
    wrapped(`${margin}  = ${pathLabel(path)}  `, partsOf(value), page.width),
  );
  const own = defaults.map(({ path, value }) => `${pathLabel(path)} ${flowText(value)}`);
  const lead = own.length === 0 ? [] : [`${margin}Stream's defaults, for what is not declared:`];
  return [...lines, ...[...told, ...lead, ...wrapped(`${margin}  `, own, page.width)].map(quiet)];
}

function partsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [flowText(value)];
  return value.length === 0 ? ['none'] : value.map(flowText);
}

function quiet(text: string): Line {
  return { tone: 'quiet', text };
}

/** Which objects change alike: all of them wherever something goes or is dangerous, else the first dozen. */
export function keyLines(entry: Entry, page: Page, margin = indent): readonly Line[] {
  if (entry.others.length === 0) return [];
  const keys = changesOf(entry).map(({ key }) => nameText(key));
  const whole = page.verbose || isHarmful(entry) || entry.first.fields.some(takesAway);
  const shown = whole ? keys : keys.slice(0, most);
  const names = shown.length === keys.length ? keys : [...shown, moreText(keys.length - shown.length)];
  return wrapped(`${margin}each of `, names, page.width).map(plain);
}

function takesAway({ op, removed = [] }: ReportChange['fields'][number]): boolean {
  return op === 'remove' || removed.length > 0;
}
