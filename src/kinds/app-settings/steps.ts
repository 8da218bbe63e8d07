import type { Change, Update } from '../../model/change.ts';
import type { Effect, Step, StepId } from '../../model/step.ts';
import { isUnset } from '../../model/schema.ts';
import { grantsToSend, type GrantsForm } from '../grants.ts';
import { treeAt, type Tree } from '../values.ts';
import { uploadConfigs, uploadSets, writeOnlySchemas, type AppSettings } from './fields.ts';
import { wireValue, type AppSettingsForm } from './form.ts';

/** Switches that open the app when they are on; turning one off narrows. */
const opening: ReadonlySet<string> = new Set(['disable_auth_checks', 'disable_permissions_checks']);

/** Switches that close the app when they are on. */
const closing: ReadonlySet<string> = new Set([
  'guest_user_creation_disabled',
  'image_moderation_enabled',
  'moderation_enabled',
]);

/** One PATCH for each effect: what others need, what takes access away, and the rest with the write-only values. */
export function appSettingsSteps(changes: readonly Change<AppSettings, AppSettingsForm>[]): readonly Step[] {
  return changes.flatMap((change) => (change.action === 'update' ? patches(change) : []));
}

function patches(change: Update<AppSettings, AppSettingsForm>): readonly Step[] {
  const bodies: Record<'narrow' | 'prepare' | 'widen', Record<string, unknown>> = {
    prepare: {},
    narrow: {},
    widen: {},
  };
  for (const field of new Set(change.fields.map(({ path }) => path[0] ?? ''))) {
    if (field === 'grants') continue;
    if (field === 'user_search_disallowed_roles') {
      Object.assign(bodies.narrow, toDisallow(change).first);
      Object.assign(bodies.widen, toDisallow(change).last);
      continue;
    }
    bodies[effectOf(field, change)][field] = wireValue(field, change.desired[field]);
  }
  const { kept, whole } = grantsToSend(
    change.fields,
    change.live['grants'] as GrantsForm,
    change.desired['grants'] as GrantsForm,
  );
  if (kept !== undefined) bodies.narrow['grants'] = kept;
  if (whole !== undefined) bodies.widen['grants'] = whole;
  // Stream cannot tell what these are now, so they go along with the last write to the settings.
  const last = (['widen', 'narrow', 'prepare'] as const).find(
    (effect) => Object.keys(bodies[effect]).length > 0,
  );
  const { declared, lifecycle } = change.resource;
  for (const [field, value] of Object.entries(declared)) {
    if (!Object.hasOwn(writeOnlySchemas, field) || lifecycle.ignore_changes.includes(field)) continue;
    bodies[last ?? 'widen'][field] = isUnset(value) ? null : value;
  }
  const steps: Step[] = [];
  for (const effect of ['prepare', 'narrow', 'widen'] as const) {
    if (Object.keys(bodies[effect]).length > 0)
      steps.push(
        patch(
          change,
          effect,
          bodies[effect],
          steps.map(({ id }) => id),
        ),
      );
  }
  return steps;
}

function effectOf(
  field: string,
  change: Update<AppSettings, AppSettingsForm>,
): 'narrow' | 'prepare' | 'widen' {
  if (prepares(field, change.live[field], change.desired[field])) return 'prepare';
  if (isUploadConfig(field) && narrowsUploads(treeAt(change.live[field]), treeAt(change.desired[field])))
    return 'narrow';
  // Tokens of before this time stop working.
  if (field === 'revoke_tokens_issued_before')
    return change.desired[field] === undefined ? 'widen' : 'narrow';
  const on = change.desired[field] === true;
  return (opening.has(field) && !on) || (closing.has(field) && on) ? 'narrow' : 'widen';
}

/** Switches that other objects need before they can be written: switched on, or to a later version. */
function prepares(field: string, live: unknown, desired: unknown): boolean {
  if (field === 'multi_tenant_enabled') return desired === true;
  if (field === 'permission_version') return isLater(desired, live);
  return field === 'push_config' && isLater(treeAt(desired)['version'], treeAt(live)['version']);
}

/** Versions are `v1`, `v2` and `v3`; none is before all of them. */
function isLater(one: unknown, two: unknown): boolean {
  return String(one ?? '') > String(two ?? '');
}

/** The roles that may not search: who joins the list comes first, who leaves it last; it holds 10 at most. */
function toDisallow({ live, desired }: Update<AppSettings, AppSettingsForm>): {
  readonly first?: Tree;
  readonly last?: Tree;
} {
  const field = 'user_search_disallowed_roles';
  const [before, after] = [treeAt(live[field]), treeAt(desired[field])];
  const body = (roles: Tree) => ({ [field]: wireValue(field, roles) });
  const both = { ...before, ...after };
  const [all, kept, wanted] = [both, before, after].map((roles) => Object.keys(roles).length);
  if (all === kept) return { last: body(after) };
  if (all === wanted || (all ?? 0) > 10) return { first: body(after) };
  return { first: body(both), last: body(after) };
}

function isUploadConfig(field: string): boolean {
  return (uploadConfigs as readonly string[]).includes(field);
}

/** Fewer allowed, more blocked, or smaller: then the whole config goes first, since Stream takes it as a whole. */
function narrowsUploads(live: Tree, desired: Tree): boolean {
  const fewer = uploadSets.some((field) => {
    const [before, after] = [live[field], desired[field]];
    if (!field.startsWith('allowed_')) return hasMore(treeAt(after), treeAt(before));
    return after !== 'all' && (before === 'all' || hasMore(treeAt(before), treeAt(after)));
  });
  // 0 is Stream's own limit, the largest there is.
  const limitOf = (config: Tree) => Number(config['size_limit'] ?? 0) || Infinity;
  return fewer || limitOf(desired) < limitOf(live);
}

function hasMore(one: Tree, two: Tree): boolean {
  return Object.keys(one).some((key) => !Object.hasOwn(two, key));
}

function patch(
  change: Update<AppSettings, AppSettingsForm>,
  effect: Effect,
  body: Readonly<Record<string, unknown>>,
  after: readonly StepId[],
): Step {
  return {
    id: `UpdateApp ${effect}`,
    kind: change.kind,
    effect,
    requests: ['UpdateApp'],
    covers: [change.address],
    after,
    // The same PATCH twice leaves the same settings.
    repeat: 'safe',
    send: async (stream) => void (await stream.write('UpdateApp', { body })),
  };
}
