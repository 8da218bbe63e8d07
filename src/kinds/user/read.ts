import type { Answer, ReadStream } from '../../model/stream.ts';
import { heldList, heldText } from '../answers.ts';
import { inGroups } from '../batches.ts';

/** The most users that one query answers. */
const PAGE = 100;
/** Characters of ids in one query: it travels in the URL, of which servers take about 8,000. */
const TEXT = 4_000;

/**
 * These users as Stream has them, by id, 100 a request; deactivated ones are asked for, since Stream hides them.
 * Soft-deleted users cannot be seen.
 */
export async function queryUsers(
  stream: ReadStream,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Answer>> {
  const pages = await Promise.all(
    inGroups([...new Set(ids)], PAGE, TEXT).map((group) =>
      stream.read('QueryUsers', {
        query: {
          filter_conditions: { id: { $in: group } },
          sort: [],
          limit: PAGE,
          presence: false,
          include_deactivated_users: true,
        },
      }),
    ),
  );
  const users = new Map<string, Answer>();
  for (const page of pages) {
    for (const row of heldList(page, 'QueryUsers', 'users'))
      users.set(heldText(row, 'QueryUsers', 'id'), row);
  }
  return users;
}
