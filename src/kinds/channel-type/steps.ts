import type { Change, Create, Update } from '../../model/change.ts';
import type { Effect, Step } from '../../model/step.ts';
import { StreamFailure, type Answer, type Stream } from '../../model/stream.ts';
import { held } from '../answers.ts';
import { grantsToSend, type GrantsForm } from '../grants.ts';
import { listOf, type SetForm } from '../sets.ts';
import { defined, same, type Tree } from '../values.ts';
import { updateOnly, type ChannelType } from './fields.ts';
import { liveForm, type ChannelTypeForm } from './form.ts';

type TypeChange = Change<ChannelType, ChannelTypeForm>;

/** Features that take away when they are on; every other takes away when it is off. */
const closing: ReadonlySet<string> = new Set(['mark_messages_pending']);

/** The writes for these changes: what narrows apart from what widens, and grants within the create. */
export function channelTypeSteps(changes: readonly TypeChange[]): readonly Step[] {
  return changes.flatMap((change) => {
    switch (change.action) {
      case 'create':
        return creation(change);
      case 'update':
        return updates(change);
      case 'delete':
        return [deletion(change)];
      case 'keep':
        return [];
    }
  });
}

function creation(change: Create<ChannelType, ChannelTypeForm>): readonly Step[] {
  const name = change.key;
  const all = bodyOf(change.desired);
  const first = defined(Object.entries(all).filter(([field]) => !laterField(field, all[field])));
  const later = defined(Object.entries(all).filter(([field]) => laterField(field, all[field])));
  let unanswered = false;
  const create: Step = {
    id: `CreateChannelType ${change.address}`,
    kind: change.kind,
    effect: 'create',
    requests: ['CreateChannelType'],
    covers: [change.address],
    after: [],
    repeat: { doneWhen: (stream) => exists(stream, name) },
    async send(stream) {
      try {
        await stream.write('CreateChannelType', { body: { name, ...first } });
      } catch (error) {
        const exists = error instanceof StreamFailure && /already exists/.test(error.message);
        unanswered ||= error instanceof StreamFailure && error.reason === 'unclear';
        // A create whose answer was lost may be done and not yet visible: then Stream knows the name at the next try.
        if (!exists || (!unanswered && !(await isAsSent(stream, name, change.desired, first)))) throw error;
      }
    },
    // One list serves all new types that are waited for together.
    settled: (stream) => isListed(stream, name),
  };
  if (Object.keys(later).length === 0) return [create];
  return [create, put(change, 'create', later, [create.id])];
}

/** How long a type that an earlier run made may stay unseen. */
const PATIENCE_MS = 30_000;
const POLL_MS = 500;

/** True for a type that holds all that would have been sent: an earlier run of ours made it, and nobody saw it yet. */
async function isAsSent(
  stream: Stream,
  name: string,
  desired: ChannelTypeForm,
  sent: Tree,
): Promise<boolean> {
  for (let waited = 0; waited <= PATIENCE_MS; waited += POLL_MS) {
    const raw = await read(stream, name);
    if (raw !== undefined) {
      const live = liveForm(raw);
      return Object.keys(sent).every((field) =>
        field === 'grants' ? holdsGrants(live.grants, desired.grants) : same(live[field], desired[field]),
      );
    }
    await stream.wait(POLL_MS);
  }
  return false;
}

function holdsGrants(live: GrantsForm | undefined, wanted: GrantsForm | undefined): boolean {
  return Object.entries(wanted ?? {}).every(([role, set]) => same(live?.[role] ?? {}, set));
}

/** Stream's create takes no `shadow_block` for automod and no partition under 10 messages either. */
function laterField(field: string, value: unknown): boolean {
  if (field === 'automod_behavior') return value === 'shadow_block';
  if (field === 'partition_size') return typeof value === 'number' && value < 10;
  return updateOnly.has(field);
}

async function exists(stream: Stream, name: string): Promise<boolean> {
  return (await read(stream, name)) !== undefined;
}

async function read(stream: Stream, name: string): Promise<Answer | undefined> {
  try {
    return await stream.read('GetChannelType', { path: { name } });
  } catch (error) {
    if (error instanceof StreamFailure && error.reason === 'missing') return undefined;
    throw error;
  }
}

async function isListed(stream: Stream, name: string): Promise<boolean> {
  const answer = await stream.read('ListChannelTypes');
  return Object.hasOwn(held(answer, 'ListChannelTypes', 'channel_types'), name);
}

/**
 * An update that both takes away and gives is sent in two parts, so that what narrows need not wait for what must be
 * made first.
 */
function updates(change: Update<ChannelType, ChannelTypeForm>): readonly Step[] {
  const desired = bodyOf(change.desired);
  const touched = new Set(change.fields.map((field) => field.path[0] ?? ''));
  touched.delete('grants');
  const narrowing = new Set([...touched].filter((field) => desired[field] === closing.has(field)));
  const { kept, whole } = grantsToSend(change.fields, change.live.grants, change.desired.grants);

  const narrow = defined([
    ...[...narrowing].map((field) => [field, desired[field]] as const),
    ['grants', kept],
  ]);
  const rest = defined([
    ...[...touched]
      .filter((field) => !narrowing.has(field))
      .map((field) => [field, sent(field, desired)] as const),
    ['grants', whole],
  ]);
  const parts: Step[] = [];
  if (Object.keys(narrow).length > 0) parts.push(put(change, 'narrow', narrow, []));
  if (Object.keys(rest).length > 0)
    parts.push(
      put(
        change,
        'widen',
        rest,
        parts.map((step) => step.id),
      ),
    );
  return parts;
}

/** Stream clears a text with `""` and the thresholds and the partition's life with null. */
function sent(field: string, desired: Tree): unknown {
  if (desired[field] !== undefined) return desired[field];
  return field === 'automod_thresholds' || field === 'partition_ttl' ? null : '';
}

function put(change: TypeChange, effect: Effect, body: Tree, after: readonly string[]): Step {
  return {
    id: `UpdateChannelType ${change.address} ${effect}`,
    kind: change.kind,
    effect,
    requests: ['UpdateChannelType'],
    covers: [change.address],
    after,
    // The same PUT twice leaves the same type.
    repeat: 'safe',
    send: async (stream) =>
      void (await stream.write('UpdateChannelType', { path: { name: change.key }, body })),
  };
}

function deletion(change: TypeChange): Step {
  const name = change.key;
  return {
    id: `DeleteChannelType ${change.address}`,
    kind: change.kind,
    effect: 'delete',
    requests: ['DeleteChannelType'],
    covers: [change.address],
    after: [],
    repeat: { doneWhen: async (stream) => !(await exists(stream, name)) },
    async send(stream) {
      try {
        await stream.write('DeleteChannelType', { path: { name } });
      } catch (error) {
        // One that is gone is what was wanted.
        if (error instanceof StreamFailure && error.reason === 'missing') return;
        throw isInUse(error) ? unseenChannels(name, error) : error;
      }
    },
  };
}

function isInUse(error: unknown): error is StreamFailure {
  return (
    error instanceof StreamFailure &&
    error.reason === 'refused' &&
    /channels of that type exist/.test(error.message)
  );
}

/** The plan has seen that nothing is left, so whoever reads Stream's refusal has to be told where to look. */
function unseenChannels(name: string, { operation, message, code, status }: StreamFailure): StreamFailure {
  const where = `channels of type ${name} are left that queries do not show, such as hidden or softly deleted ones`;
  const help = `delete each by its id: \`- {channel: ${name}:ID, mode: hard, because: …}\` under \`removed\``;
  return new StreamFailure('refused', operation, `${message}: ${where}; ${help}`, { code, status });
}

/** The wire form: sets as lists, commands by name, block lists as objects. */
function bodyOf(form: ChannelTypeForm): Tree {
  return defined(
    Object.entries(form).map(([field, value]) => {
      switch (field) {
        case 'allowed_flag_reasons':
        case 'commands':
          return [field, listOf(value as SetForm)];
        case 'grants':
          return [
            field,
            defined(Object.entries(value as GrantsForm).map(([role, set]) => [role, listOf(set)])),
          ];
        case 'blocklists':
          return [
            field,
            Object.entries(form.blocklists ?? {}).map(([blocklist, { behavior }]) => ({
              blocklist,
              behavior,
            })),
          ];
        default:
          return [field, value];
      }
    }),
  );
}
