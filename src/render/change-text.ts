import type { ReportChange, ReportDiagnostic, ReportLoss } from '../model/report.ts';
import { diagnosticLines } from './diagnostics.ts';
import { visible } from './escape.ts';
import { fieldLines, type Page } from './field-text.ts';
import { columns, padded, plain, type Line } from './line.ts';
import { packed, wrapped } from './value-text.ts';
import { counted, nameText, objectText, pathLabel } from './words.ts';

/** What else a report says about one object. */
export interface About {
  readonly losses: readonly ReportLoss[];
  /** Warnings and notes; errors have a place of their own. */
  readonly diagnostics: readonly ReportDiagnostic[];
}

const indent = '      ';

/** One object of a plan: what becomes of it, which line asks for it, what it loses, and every difference. */
export function changeLines(change: ReportChange, about: About, page: Page): readonly Line[] {
  const lossy = change.action === 'delete' || about.losses.length > 0;
  return [
    headLine(change, lossy, page),
    ...(change.action === 'delete' ? [goingLine(change)] : []),
    ...about.losses.flatMap((loss) => lossLines(loss, change, page)),
    ...fieldLines(change, page),
    ...restLines(change, page),
    ...about.diagnostics.flatMap(({ address: _, ...diagnostic }) => diagnosticLines(diagnostic, indent)),
  ];
}

/** The object itself, in a plan and in what is told afterwards: `~ channel_type support`. */
export function signedText(change: Pick<ReportChange, 'action' | 'kind' | 'key'>): string {
  return `${signs[change.action]} ${objectText(change.kind, change.key)}`;
}

const signs = { create: '+', update: '~', delete: '-' } as const satisfies Record<
  ReportChange['action'],
  string
>;

/** Where places begin, so that a long name in one plan does not move all lines of the next. */
const placeColumn = 66;

function headLine(change: ReportChange, lossy: boolean, page: Page): Line {
  const text = `${lossy ? '! ' : ''}${signedText(change)}`;
  const { source } = change;
  const tone = lossy ? 'warn' : 'head';
  if (source === undefined) return { tone, text };
  const place = `${visible(source.file)}:${source.line}`;
  const column = Math.max(0, Math.min(placeColumn, page.width - columns(place)));
  const gap = columns(text) + 2 > column ? `${text}  ` : padded(text, column);
  return { tone, text: gap + place };
}

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

/** True for the loss that is the deletion of the object itself. */
export function isItself({ what, names }: ReportLoss, { action, kind, key }: ReportChange): boolean {
  return action === 'delete' && what === kind && names.every((name) => name === key);
}

/** Names that the differences below spell out are only counted here. */
function lossLines(loss: ReportLoss, change: ReportChange, page: Page): readonly Line[] {
  const { what, names, approved } = loss;
  const note = approved ? '' : ' (not approved)';
  if (isItself(loss, change)) return approved ? [] : [{ tone: 'remove', text: `${indent}not approved` }];
  const below = new Set(change.fields.flatMap((field) => (field.removed ?? []).map(({ name }) => name)));
  const text = `${indent}loses ${counted(names.length, visible(what))}${note}`;
  if (names.every((name) => below.has(name))) return [{ tone: 'remove', text }];
  const lines = packed(names.map(nameText), page.width - indent.length - 4);
  return [
    { tone: 'remove', text: `${text}:` },
    ...lines.map((line): Line => ({ tone: 'remove', text: `${indent}  − ${line}` })),
  ];
}

/** What an object's differences do not show: values that are sent unseen, and how much stays. */
export function restLines(change: ReportChange, page: Page, margin = indent): readonly Line[] {
  const lines: Line[] = [];
  if (change.uncompared.length > 0) {
    const verb = change.fields.length === 0 ? 'sent again' : 'sent';
    const paths = change.uncompared.map((path) => pathLabel(path.split('.')));
    lines.push(...wrapped(`${margin}${verb}, cannot be compared: `, paths, page.width).map(plain));
  }
  if (change.action === 'update' && change.unchanged > 0) {
    lines.push({ tone: 'quiet', text: `${margin}${change.unchanged} unchanged` });
  }
  return lines;
}
