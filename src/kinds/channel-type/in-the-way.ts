import type { Change, Delete, Use } from '../../model/change.ts';
import type { Obstacles } from '../../model/kind.ts';
import type { ReadStream } from '../../model/stream.ts';
import { held, heldText } from '../answers.ts';
import { channelPage } from '../channel-reach.ts';
import { countOf, isLeft, leftOf, namesOf } from '../in-use.ts';
import { textAt, treeAt } from '../values.ts';
import type { ChannelType } from './fields.ts';
import type { ChannelTypeForm } from './form.ts';

/** Rows that a query answers at most, and the most queries about one type. */
const PAGE = 30;
const PAGES = 10;

/** The channels of a type, as far as queries show them; disabled ones are asked for by themselves. */
export async function channelsOf(stream: ReadStream, type: string): Promise<Use> {
  const parts = await Promise.all([matching(stream, { type }), matching(stream, { type, disabled: true })]);
  return {
    ids: [...new Set(parts.flatMap(({ ids }) => ids))].toSorted(),
    more: parts.some(({ more }) => more),
  };
}

/** Stream deletes no type of which there are channels. */
export function typeObstacles(
  change: Delete<ChannelType, ChannelTypeForm>,
  changes: readonly Change[],
): Obstacles {
  const going = changes.filter((other) => other.action === 'delete' && cidOf(other) !== undefined);
  const left = leftOf(change, new Set(going.flatMap((other) => cidOf(other) ?? [])));
  const ours = new Set(change.inUse?.ids);
  return {
    clearedBy: going.filter((other) => ours.has(cidOf(other) ?? '')).map(({ address }) => address),
    refusals: isLeft(left) ? [stillThere(change.key, left)] : [],
  };
}

function stillThere(type: string, left: Use): Obstacles['refusals'][number] {
  const verb = left.ids.length === 1 && !left.more ? 'exists' : 'exist';
  return {
    code: 'in-use',
    message: `${countOf(left, 'channel')} of type ${type} ${verb}${namesOf(left)}`,
    help: 'Delete them first, each with a line of its own under `removed`, or keep the type.',
  };
}

/** The CID that a channel goes by, also one that is declared by its members. */
function cidOf(change: Change): string | undefined {
  return change.action === 'delete' ? textAt(treeAt(change.raw['channel']), 'cid') : undefined;
}

async function matching(stream: ReadStream, filter: Readonly<Record<string, unknown>>): Promise<Use> {
  const ids: string[] = [];
  for (let number = 0; number < PAGES; number++) {
    const rows = await channelPage(stream, filter, { limit: PAGE, offset: number * PAGE });
    ids.push(...rows.map((row) => heldText(held(row, 'QueryChannels', 'channel'), 'QueryChannels', 'cid')));
    if (rows.length < PAGE) return { ids, more: false };
  }
  return { ids, more: true };
}
