import type { Path } from '../../model/address.ts';
import type { Change, Create, FieldChange, Update } from '../../model/change.ts';
import type { Effect, Step } from '../../model/step.ts';
import { StreamFailure, type Answer, type OperationName, type Stream } from '../../model/stream.ts';
import { adopted } from '../appeared.ts';
import { batched } from '../batches.ts';
import { emptyMap, listOf } from '../sets.ts';
import { finished } from '../tasks.ts';
import { defined, treeAt, type Tree } from '../values.ts';
import type { User } from './fields.ts';
import { desiredForm, liveForm, type UserForm } from './form.ts';
import { queryUsers } from './read.ts';

type UserChange = Change<User, UserForm>;
type Written = Create<User, UserForm> | Update<User, UserForm>;

/** The most users that one call of Stream's takes. */
const BATCH = 100;

/** How long a restored user may stay unseen. */
const PATIENCE_MS = 30_000;
const POLL_MS = 500;

/**
 * New users are upserted, known ones patched: an upsert replaces the whole user. Right before users are made they are
 * asked for again, and whoever appeared in between is patched as well.
 */
export function userSteps(changes: readonly UserChange[]): readonly Step[] {
  const creates = changes.filter((change) => change.action === 'create');
  const updates = changes.filter((change) => change.action === 'update');
  const reactivated = updates.filter((change) => statusTo(change) === 'active');
  const patched = updates.filter((change) => patchOf(change) !== undefined);
  const deactivated = [...creates, ...updates].filter((change) => statusTo(change) === 'deactivated');
  const deletes = changes.filter((change) => change.action === 'delete');
  // Stream refuses to write to a deactivated user, so users come back first and go last.
  const first = batched(reactivated, BATCH, (group) => lifecycle(group, 'ReactivateUsers'));
  // What takes access away goes first, and is not held up by what others in its batch wait for.
  const writes = [
    ...batched(creates, BATCH, creation),
    ...(['narrow', 'exchange', 'update'] as const).flatMap((effect) =>
      batched(
        patched.filter((change) => effectOf(change) === effect),
        BATCH,
        (group) => patching(group, effect, stepsOf(first, group)),
      ),
    ),
  ];
  const written = new Set(writes.flatMap(({ covers }) => covers));
  return [
    ...first,
    ...writes,
    ...parted(deactivated, ({ address }) => !written.has(address)).flatMap((part) =>
      batched(part, BATCH, (group) => lifecycle(group, 'DeactivateUsers', stepsOf(writes, group))),
    ),
    ...(['soft', 'hard'] as const).flatMap((how) =>
      batched(
        deletes.filter((change) => change.how === how),
        BATCH,
        (group) => deletion(group, how),
      ),
    ),
  ];
}

/** Those for which it holds, and the others. */
function parted<T>(items: readonly T[], holds: (item: T) => boolean): readonly (readonly T[])[] {
  return [items.filter(holds), items.filter((item) => !holds(item))];
}

function stepsOf(steps: readonly Step[], group: readonly UserChange[]): readonly string[] {
  const addresses = new Set(group.map(({ address }) => address));
  return steps.filter(({ covers }) => covers.some((address) => addresses.has(address))).map(({ id }) => id);
}

function creation(group: readonly Create<User, UserForm>[]): Step {
  return {
    ...step('UpdateUsers', group, 'create'),
    requests: ['UpdateUsers'],
    // An upsert replaces the user, so it is not repeated: those who exist by then are patched where they differ.
    repeat: 'safe',
    async send(stream) {
      const known = await queryUsers(stream, keysOf(group));
      const fresh = group.filter((change) => !known.has(change.key));
      if (fresh.length > 0) await upsert(stream, fresh);
      await patchFound(stream, group, known);
    },
  };
}

async function upsert(stream: Stream, group: readonly Create<User, UserForm>[]): Promise<void> {
  const body = {
    users: Object.fromEntries(
      group.map((change) => [change.key, { id: change.key, ...wire(change.desired) }]),
    ),
  };
  try {
    await stream.write('UpdateUsers', { body });
  } catch (error) {
    const [only] = group;
    const restorable = group.length === 1 && only?.desired['status'] === 'active';
    if (!restorable || !(error instanceof StreamFailure) || !/was deleted/.test(error.message)) throw error;
    // `status: active` is the wish to have a deleted user back.
    await stream.write('RestoreUsers', { body: { user_ids: [only.key] } });
    await patchFound(stream, group, await restored(stream, only.key));
  }
}

/** A restored user as soon as it can be seen: what it was decides what has to change. */
async function restored(stream: Stream, id: string): Promise<ReadonlyMap<string, Answer>> {
  for (let waited = 0; waited <= PATIENCE_MS; waited += POLL_MS) {
    if (waited > 0) await stream.wait(POLL_MS);
    const found = await queryUsers(stream, [id]);
    if (found.size > 0) return found;
  }
  throw new StreamFailure('unclear', 'RestoreUsers', `${id} was restored and cannot be seen yet`);
}

/** Users who are there after all keep what is not declared: only differences are sent. */
async function patchFound(
  stream: Stream,
  group: readonly Create<User, UserForm>[],
  found: ReadonlyMap<string, Answer>,
): Promise<void> {
  const patches = group.flatMap(({ key, resource }) => {
    const raw = found.get(key);
    if (raw === undefined) return [];
    const live = liveForm(raw);
    const change = patchOf(adopted(live, desiredForm(resource.declared, live), resource.lifecycle));
    return change === undefined ? [] : [{ id: key, ...change }];
  });
  if (patches.length > 0) await patch(stream, patches);
}

function patching(group: readonly Update<User, UserForm>[], effect: Effect, after: readonly string[]): Step {
  return {
    ...step('UpdateUsersPartial', group, effect),
    requests: ['UpdateUsersPartial'],
    after,
    repeat: 'safe',
    send: (stream) =>
      patch(
        stream,
        group.map((change) => ({ id: change.key, ...patchOf(change) })),
      ),
  };
}

/** What says nothing of what a user may do. */
const neutral: ReadonlySet<string> = new Set(['custom', 'image', 'invisible', 'language', 'name']);

/**
 * Leaving a team takes away and gives nothing. Another role takes away and gives: it waits until it has lost what it is
 * to lose, and comes before the old one is given more.
 */
function effectOf({ fields }: Update<User, UserForm>): 'exchange' | 'narrow' | 'update' {
  const rest = fields.filter(({ path }) => !neutral.has(path[0] ?? ''));
  const has = (name: string): boolean => rest.some(({ path }) => path[0] === name);
  if (rest.length > 0 && rest.every(closes)) return 'narrow';
  return has('role') || has('teams_role') ? 'exchange' : 'update';
}

function closes(field: FieldChange): boolean {
  const [first] = field.path;
  if (first === 'teams') return field.op === 'elements' && field.added.length === 0;
  return first === 'status' && field.op === 'set' && field.after === 'deactivated';
}

async function patch(stream: Stream, users: readonly Tree[]): Promise<void> {
  await stream.write('UpdateUsersPartial', { body: { users } });
}

/** The smallest patch: changed keys only; custom data lies flat among Stream's own fields. */
function patchOf(
  change: Pick<Update<User, UserForm>, 'desired'> & { readonly fields: readonly { readonly path: Path }[] },
): { readonly set?: Tree; readonly unset?: readonly string[] } | undefined {
  const set: Record<string, unknown> = emptyMap();
  const unset: string[] = [];
  for (const { path } of change.fields) {
    const [field = '', key = ''] = path;
    if (field === 'status') continue;
    if (field === 'teams') set['teams'] = listOf(change.desired.teams);
    else if (field === 'teams_role') set['teams_role'] = treeAt(change.desired.teams_role);
    else {
      const name = field === 'custom' ? key : field;
      const value = field === 'custom' ? change.desired.custom?.[key] : change.desired[field];
      if (value === undefined) unset.push(name);
      else set[name] = value;
    }
  }
  if (Object.keys(set).length === 0 && unset.length === 0) return undefined;
  return { ...(Object.keys(set).length > 0 ? { set } : {}), ...(unset.length > 0 ? { unset } : {}) };
}

function wire(form: UserForm): Tree {
  const { custom, status: _, teams, ...rest } = form;
  return defined([
    ...Object.entries(custom ?? {}),
    ...Object.entries(rest),
    ['teams', teams === undefined ? undefined : listOf(teams)],
  ]);
}

function statusTo(change: Written): unknown {
  if (change.action === 'create') return change.desired['status'];
  return change.fields.some(({ path }) => path[0] === 'status') ? change.desired['status'] : undefined;
}

function lifecycle(
  group: readonly Written[],
  operation: 'DeactivateUsers' | 'ReactivateUsers',
  after: readonly string[] = [],
): Step {
  const status = operation === 'DeactivateUsers' ? 'deactivated' : 'active';
  return {
    ...step(operation, group, operation === 'DeactivateUsers' ? 'narrow' : 'update'),
    requests: [operation],
    after,
    repeat: {
      doneWhen: async (stream) => {
        const users = await queryUsers(stream, keysOf(group));
        return (
          users.size === group.length &&
          [...users.values()].every((raw) => liveForm(raw)['status'] === status)
        );
      },
    },
    async send(stream) {
      await finished(stream, operation, await stream.write(operation, { body: { user_ids: keysOf(group) } }));
    },
  };
}

function deletion(group: readonly UserChange[], how: 'hard' | 'soft'): Step {
  return {
    ...step('DeleteUsers', group, 'delete'),
    id: `DeleteUsers ${how} ${group[0]?.address ?? ''}`,
    requests: ['DeleteUsers'],
    // Deleting whoever is gone succeeds.
    repeat: 'safe',
    async send(stream) {
      // Stream deletes a user for good only together with what the user wrote.
      const rest = how === 'hard' ? { messages: 'hard', conversations: 'hard' } : {};
      const body = { user_ids: keysOf(group), user: how, ...rest };
      await finished(stream, 'DeleteUsers', await stream.write('DeleteUsers', { body }));
    },
  };
}

function step(operation: OperationName, group: readonly UserChange[], effect: Effect) {
  return {
    id: `${operation} ${group[0]?.address ?? ''}${group.length > 1 ? ` and ${group.length - 1} more` : ''}`,
    kind: 'user',
    effect,
    covers: group.map(({ address }) => address),
    after: [] as readonly string[],
  } as const;
}

function keysOf(group: readonly UserChange[]): readonly string[] {
  return group.map(({ key }) => key);
}
