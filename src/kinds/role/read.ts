import type { Use } from '../../model/change.ts';
import type { ReadStream } from '../../model/stream.ts';
import { heldList, heldText } from '../answers.ts';
import type { Tree } from '../values.ts';

/** The most users that one query answers, and the most queries about one role. */
const PAGE = 100;
const PAGES = 10;

/** Every role of the app by name: one list, never paged. */
export async function listRoles(stream: ReadStream): Promise<ReadonlyMap<string, Tree>> {
  const roles = heldList(await stream.read('ListRoles'), 'ListRoles', 'roles');
  return new Map(roles.map((raw) => [heldText(raw, 'ListRoles', 'name'), raw]));
}

/** The users who hold a role; deactivated ones are asked for, since they keep it too. */
export async function holdersOf(stream: ReadStream, role: string): Promise<Use> {
  const ids: string[] = [];
  for (let page = 0; page < PAGES; page++) {
    const answer = await stream.read('QueryUsers', {
      query: {
        filter_conditions: { role },
        sort: [{ field: 'id', direction: 1 }],
        limit: PAGE,
        offset: page * PAGE,
        presence: false,
        include_deactivated_users: true,
      },
    });
    const users = heldList(answer, 'QueryUsers', 'users');
    ids.push(...users.map((user) => heldText(user, 'QueryUsers', 'id')));
    if (users.length < PAGE) return { ids, more: false };
  }
  return { ids, more: true };
}
