import { partsOf, type Address } from '../model/address.ts';
import { grouped as groupedBy } from '../model/grouped.ts';
import type { ReportDiagnostic } from '../model/report.ts';
import { diagnosticLines } from './diagnostics.ts';
import { visibleId } from './escape.ts';
import type { Page } from './field-text.ts';
import { plain, type Line } from './line.ts';
import { placesText } from './places.ts';
import { moreText, most, packed } from './value-text.ts';
import { addressText, counted, nameText } from './words.ts';

/** What several diagnostics say of one object each. */
export interface Repeated {
  /** Said of each of them. */
  readonly said: Pick<ReportDiagnostic, 'code' | 'help' | 'message' | 'severity'>;
  readonly addresses: readonly string[];
  readonly sources: readonly ReportDiagnostic['source'][];
}

/** Fewer than this are told one by one. */
const fewest = 3;

/** Warnings and notes, with those that differ in nothing but their object told once; errors are left out. */
export function toldOnce(diagnostics: readonly ReportDiagnostic[]): {
  readonly single: readonly ReportDiagnostic[];
  readonly repeated: readonly Repeated[];
} {
  const mild = diagnostics.filter(({ severity }) => severity !== 'error');
  const groups = groupedBy(mild, (one) => (one.address === undefined ? one : sentenceOf(one, one.address)));
  const many = [...groups.values()].filter((group) => group.length >= fewest);
  const folded = new Set(many.flat());
  return {
    single: mild.filter((one) => !folded.has(one)),
    repeated: many.flatMap(repeatedOf),
  };
}

/** The words once, and below them the objects; those of a warning are all there. */
export function repeatedLines({ said, ...about }: Repeated, page: Page): readonly Line[] {
  const { lead, names } = objectsOf(about);
  const place = placesText(about.sources);
  const whole = page.verbose || said.severity !== 'note' || names.length <= most;
  const shown = whole ? names : [...names.slice(0, most), moreText(names.length - most)];
  return [
    ...diagnosticLines(said, ''),
    plain(`  ${lead}${place === '' ? '' : ` at ${place}`}:`),
    ...packed(shown, page.width - 4).map((line) => plain(`    ${line}`)),
  ];
}

/** The objects of repeated words: `12 channels: a, b`, or addresses where they are of several kinds. */
export function objectsOf({ addresses }: Pick<Repeated, 'addresses'>): {
  readonly lead: string;
  readonly names: readonly string[];
} {
  const parts = addresses.map((address) => partsOf(address as Address));
  const kinds = new Set(parts.map(({ kind }) => kind));
  const [kind = ''] = kinds;
  return kinds.size === 1
    ? { lead: counted(parts.length, visibleId(kind)), names: parts.map(({ key }) => nameText(key)) }
    : { lead: counted(parts.length, 'object'), names: addresses.map(addressText) };
}

function repeatedOf(group: readonly ReportDiagnostic[]): readonly Repeated[] {
  const [first] = group;
  if (first?.address === undefined) return [];
  const { severity, code, message, help, address } = first;
  return [
    {
      said: {
        severity,
        code,
        message: ofEach(message, address),
        ...(help === undefined ? {} : { help: ofEach(help, address) }),
      },
      addresses: [...new Set(group.flatMap((one) => one.address ?? []))],
      sources: group.map(({ source }) => source),
    },
  ];
}

function sentenceOf({ severity, code, message, help = '' }: ReportDiagnostic, address: string): string {
  return JSON.stringify([severity, code, ofEach(message, address), ofEach(help, address)]);
}

/** The text with `each` for the address; a longer one that begins alike stays. */
function ofEach(text: string, address: string): string {
  const [before = '', ...rest] = text.split(address);
  // In pieces: a text that grows is copied each time that its end is looked at.
  const pieces = [before];
  for (const part of rest) {
    const last = pieces.findLast((piece) => piece !== '')?.at(-1) ?? '';
    const whole = !/[\w/:.@-]/.test(last) && !/^[\w/@-]|^[:.]\w/.test(part);
    pieces.push(whole ? 'each' : address, part);
  }
  return pieces.join('');
}
