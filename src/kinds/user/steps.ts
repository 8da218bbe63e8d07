import type { Change, Create, FieldChange, Update } from '../../model/change.ts';
import type { Effect, Step } from '../../model/step.ts';
import { StreamFailure, type OperationName, type Stream } from '../../model/stream.ts';
import { batched } from '../batches.ts';
import { emptyMap, listOf, type SetForm } from '../sets.ts';
import { finished } from '../tasks.ts';
import { defined, treeAt, type Tree } from '../values.ts';
import type { User } from './fields.ts';
import { liveForm, type UserForm } from './form.ts';
import { queryUsers } from './read.ts';

type UserChange = Change<User, UserForm>;
type Written = Create<User, UserForm> | Update<User, UserForm>;

/** The most users that one call of Stream's takes. */
const BATCH = 100;

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
  const writes = [
    ...batched(creates, BATCH, creation),
    ...batched(patched, BATCH, (group) => patching(group, stepsOf(first, group))),
  ];
  return [
    ...first,
    ...writes,
    ...batched(deactivated, BATCH, (group) => lifecycle(group, 'DeactivateUsers', stepsOf(writes, group))),
    ...(['soft', 'hard'] as const).flatMap((how) =>
      batched(
        deletes.filter((change) => change.how === how),
        BATCH,
        (group) => deletion(group, how),
      ),
    ),
  ];
}

function stepsOf(steps: readonly Step[], group: readonly UserChange[]): readonly string[] {
  const addresses = new Set(group.map(({ address }) => address));
  return steps.filter(({ covers }) => covers.some((address) => addresses.has(address))).map(({ id }) => id);
}

function creation(group: readonly Create<User, UserForm>[]): Step {
  return {
    ...step('UpdateUsers', group, 'create'),
    requests: ['UpdateUsers'],
    // An upsert replaces the user, so it is not repeated: those who exist by then are patched instead.
    repeat: { doneWhen: async (stream) => (await queryUsers(stream, keysOf(group))).size === group.length },
    async send(stream) {
      const known = await queryUsers(stream, keysOf(group));
      const fresh = group.filter((change) => !known.has(change.key));
      if (fresh.length > 0) await upsert(stream, fresh);
      const appeared = group.filter((change) => known.has(change.key));
      if (appeared.length > 0)
        await patch(
          stream,
          appeared.map((change) => ({ id: change.key, ...wholePatch(change) })),
        );
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
    await patch(stream, [{ id: only.key, ...wholePatch(only) }]);
  }
}

function wholePatch(change: Written): { readonly set: Tree } {
  return { set: wire(change.desired) };
}

function patching(group: readonly Update<User, UserForm>[], after: readonly string[]): Step {
  return {
    ...step('UpdateUsersPartial', group, narrows(group) ? 'narrow' : 'update'),
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

function narrows(group: readonly Update<User, UserForm>[]): boolean {
  const leaves = (field: FieldChange) =>
    field.path[0] === 'teams' && field.op === 'elements' && field.added.length === 0;
  return group.every(({ fields }) => fields.every(leaves));
}

async function patch(stream: Stream, users: readonly Tree[]): Promise<void> {
  await stream.write('UpdateUsersPartial', { body: { users } });
}

/** The smallest patch: changed keys only; custom data lies flat among Stream's own fields. */
function patchOf(
  change: Update<User, UserForm>,
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
        return [...users.values()].every((raw) => liveForm(raw)['status'] === status);
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
