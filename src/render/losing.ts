import { partsOf, type Address } from '../model/address.ts';
import type { PlanReport, ReportChange, ReportLoss } from '../model/report.ts';
import { goingWords, isItself } from './change-text.ts';
import { counted } from './words.ts';

/** One thing of value that goes: an object, or what an object loses. */
export interface Losing {
  readonly address: string;
  readonly kind: string;
  readonly key: string;
  /** The line that asks for it. */
  readonly source?: ReportChange['source'];
  /** How the object goes, or what it loses. */
  readonly goes?: { readonly how: keyof typeof goingWords; readonly because: string };
  readonly loses?: { readonly what: string; readonly names: readonly string[] };
  readonly approved: boolean;
}

/** Everything that goes, the most harmful first: what Stream cannot restore, then what nobody approved. */
export function losingOf({ changes, losses }: PlanReport): readonly Losing[] {
  const byAddress = new Map(changes.map((change) => [change.address, change]));
  const itself = new Map<string, ReportLoss>();
  const others: Losing[] = [];
  for (const loss of losses) {
    const change = byAddress.get(loss.address);
    if (change !== undefined && isItself(loss, change)) itself.set(loss.address, loss);
    else others.push(lossOf(loss, change));
  }
  const going = changes
    .filter(({ action }) => action === 'delete')
    .map((change) => goingOf(change, itself.get(change.address)?.approved ?? true));
  return [...going, ...others].toSorted((one, other) => rankOf(one) - rankOf(other));
}

/** How many things of value one of these stands for. */
export function weightOf({ loses }: Losing): number {
  return loses?.names.length ?? 1;
}

/** What goes, in words of our own around a name that each format writes in its own way. */
export function losingText({ goes, loses, approved }: Losing, name: (text: string) => string): string {
  const text =
    loses === undefined
      ? goingWords[goes?.how ?? 'delete']
      : `loses ${counted(loses.names.length, name(loses.what))}`;
  return approved ? text : `${text} (not approved)`;
}

function goingOf(change: ReportChange, approved: boolean): Losing {
  const { address, kind, key, source, how = 'delete', because = '' } = change;
  const place = source === undefined ? {} : { source };
  return { address, kind, key, ...place, goes: { how, because }, approved };
}

function lossOf({ address, what, names, approved }: ReportLoss, change: ReportChange | undefined): Losing {
  const { kind, key } = change ?? partsOf(address as Address);
  const field = change?.fields.find(({ removed = [] }) => removed.some(({ name }) => name === names[0]));
  const source = field?.source ?? change?.source;
  const place = source === undefined ? {} : { source };
  return { address, kind, key, ...place, loses: { what, names }, approved };
}

/** Lower is more harmful; approval decides between equals. Dangers have 0 and 5. */
export function rankOf({ goes, approved }: Losing): number {
  return (goes === undefined ? 6 : ranks[goes.how]) + (approved ? 1 : 0);
}

const ranks = { hard: 1, delete: 3, reset: 8, soft: 10 } as const satisfies Record<
  keyof typeof goingWords,
  number
>;
