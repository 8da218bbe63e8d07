import type { Change, Update } from '../../model/change.ts';
import type { Effect, Step, StepId } from '../../model/step.ts';
import { isUnset } from '../../model/schema.ts';
import { grantsToSend, type GrantsForm } from '../grants.ts';
import { writeOnlySchemas, type AppSettings } from './fields.ts';
import { wireValue, type AppSettingsForm } from './form.ts';

/** Switches that other objects need before they can be written. */
const preparing: ReadonlySet<string> = new Set(['multi_tenant_enabled', 'permission_version', 'push_config']);

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
    bodies[effectOf(field, change)][field] = wireValue(field, change.desired[field]);
  }
  const { kept, whole } = grantsToSend(
    change.fields,
    change.live['grants'] as GrantsForm,
    change.desired['grants'] as GrantsForm,
  );
  if (kept !== undefined) bodies.narrow['grants'] = kept;
  if (whole !== undefined) bodies.widen['grants'] = whole;
  // Stream cannot tell what these are now, so they go along with every write to the settings.
  const { declared, lifecycle } = change.resource;
  for (const [field, value] of Object.entries(declared)) {
    if (!Object.hasOwn(writeOnlySchemas, field) || lifecycle.ignore_changes.includes(field)) continue;
    bodies.widen[field] = isUnset(value) ? null : value;
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
  if (preparing.has(field)) return 'prepare';
  // Tokens of before this time stop working.
  if (field === 'revoke_tokens_issued_before')
    return change.desired[field] === undefined ? 'widen' : 'narrow';
  const on = change.desired[field] === true;
  return (opening.has(field) && !on) || (closing.has(field) && on) ? 'narrow' : 'widen';
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
