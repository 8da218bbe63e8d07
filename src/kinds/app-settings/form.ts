import type { Diagnostic, Result } from '../../model/diagnostic.ts';
import type { Resource } from '../../model/resource.ts';
import { isUnset } from '../../model/schema.ts';
import type { Answer } from '../../model/stream.ts';
import { desiredGrants, liveGrants } from '../grants.ts';
import { changedSet, emptyMap, isSetChange, listOf, setForm, type SetForm } from '../sets.ts';
import { defined, instant, isZero, laidOver, mergedKeys, treeAt, type Tree } from '../values.ts';
import { readableSchemas, uploadConfigs, uploadSets, writeOnlySchemas, type AppSettings } from './fields.ts';

/** The app's settings in normal form: what Stream can tell of them, under the names they are written with. */
export type AppSettingsForm = Tree;

const plainSets = [
  'allowed_flag_reasons',
  'image_moderation_labels',
  'user_search_disallowed_roles',
] as const;
const trees = ['activity_metrics_config', 'datadog_info', 'moderation_dashboard_preferences'] as const;

/** The normal form of `app` in the answer of GET /app. */
export function liveForm(app: Answer): AppSettingsForm {
  const push = treeAt(app['push_notifications']);
  return defined([
    ...Object.keys(readableSchemas).map((field) => [field, orNothing(app[field])] as const),
    ...plainSets.map((field) => [field, setForm(app[field])] as const),
    ...trees.map((field) => [field, orNothing(app[field])] as const),
    ...uploadConfigs.map((field) => [field, uploadForm(treeAt(app[field]))] as const),
    ['enforce_unique_usernames', app['enforce_unique_usernames'] || 'no'],
    ['grants', liveGrants(app['grants'])],
    [
      'push_config',
      defined([
        ['version', push['version']],
        ['offline_only', push['offline_only']],
      ]),
    ],
    ['revoke_tokens_issued_before', instant(app['revoke_tokens_issued_before'])],
  ]);
}

/** Stream shows an unset text as `""` or leaves it out; false and 0 are values. */
function orNothing(value: unknown): unknown {
  return value === '' || value === null ? undefined : value;
}

function uploadForm(raw: Tree): Tree {
  return defined([
    ...uploadSets.map((field) => [field, uploadSet(field, setForm(raw[field]))] as const),
    ['size_limit', raw['size_limit'] ?? 0],
  ]);
}

/** An empty list of what is allowed allows everything, and is written as that. */
function uploadSet(field: (typeof uploadSets)[number], set: SetForm): SetForm | 'all' {
  return field.startsWith('allowed_') && isZero(set) ? 'all' : set;
}

/** The live settings with the declared ones laid over them; write-only ones have no place in it. */
export function desiredForm(resource: Resource<AppSettings>, live: AppSettingsForm): Result<AppSettingsForm> {
  const { declared } = resource;
  const diagnostics: Diagnostic[] = [];
  const form: Record<string, unknown> = Object.assign(emptyMap(), live);
  for (const [field, value] of Object.entries(declared)) {
    if (Object.hasOwn(writeOnlySchemas, field)) continue;
    form[field] = laidOver(value, live[field], true);
  }
  for (const field of plainSets) {
    const change = declared[field];
    if (change !== undefined) form[field] = changedSet(change, live[field] as SetForm | undefined);
  }
  for (const field of trees) {
    const value = declared[field];
    if (value === undefined) continue;
    const below = treeAt(live[field]);
    const kept = Object.entries(value).filter(([key, one]) => below[key] !== undefined || !isZero(one));
    form[field] = mergedKeys(defined(kept), below);
    if (live[field] === undefined && kept.length === 0) delete form[field];
  }
  if (declared.push_config !== undefined) {
    form['push_config'] = mergedKeys(declared.push_config, treeAt(live['push_config']));
  }
  const revoked = declared.revoke_tokens_issued_before;
  if (typeof revoked === 'string') form['revoke_tokens_issued_before'] = instant(revoked);
  if (declared.grants !== undefined) {
    form['grants'] = desiredGrants(declared.grants, live['grants'] as ReturnType<typeof liveGrants>);
  }
  for (const field of uploadConfigs) {
    const config = declared[field];
    if (config === undefined) continue;
    const { value, diagnostics: more } = desiredUpload(resource, field, treeAt(live[field]));
    form[field] = value;
    diagnostics.push(...more);
  }
  return { value: defined(Object.entries(form)), diagnostics };
}

function desiredUpload(
  resource: Resource<AppSettings>,
  config: (typeof uploadConfigs)[number],
  live: Tree,
): Result<Tree> {
  const declared = resource.declared[config] ?? {};
  const diagnostics: Diagnostic[] = [];
  const form: Record<string, unknown> = Object.assign(emptyMap(), live);
  if (declared.size_limit !== undefined) form['size_limit'] = declared.size_limit;
  for (const field of uploadSets) {
    const change = declared[field];
    if (change === undefined) continue;
    const below = live[field] as SetForm | 'all' | undefined;
    const set = changedSet(change === 'all' ? [] : change, below === 'all' ? undefined : below);
    const after = uploadSet(field, set);
    const problem = isSetChange(change) ? flipped(below, after) : undefined;
    if (problem !== undefined) {
      diagnostics.push({
        severity: 'error',
        code: 'set-would-flip',
        message: `${config}.${field}: ${problem}`,
        help: 'Write the whole list, or `all`.',
        at: resource.locate([config, field]),
        address: resource.address,
      });
      continue;
    }
    form[field] = after;
  }
  for (const what of ['file_extensions', 'mime_types']) {
    if (form[`allowed_${what}`] === 'all' || isZero(form[`blocked_${what}`])) continue;
    diagnostics.push({
      severity: 'error',
      code: 'allowed-and-blocked',
      message: `${config} would both allow and block ${what.replace('_', ' ')}, which Stream refuses`,
      help: `Write \`allowed_${what}: all\` or \`blocked_${what}: []\` beside it.`,
      at: resource.locate([config]),
      address: resource.address,
    });
  }
  return { value: form, diagnostics };
}

/** An allow-list that becomes empty allows everything, and one that stops being empty forbids nearly everything. */
function flipped(live: SetForm | 'all' | undefined, after: SetForm | 'all'): string | undefined {
  if ((live === 'all') === (after === 'all')) return undefined;
  return after === 'all'
    ? 'removing the last element would allow everything'
    : 'everything is allowed now, so adding would forbid all the rest';
}

/** The wire value of a field of the normal form; null clears, except where Stream wants an empty value. */
export function wireValue(field: string, value: unknown): unknown {
  if (field === 'grants') {
    return Object.fromEntries(
      Object.entries(treeAt(value)).map(([role, set]) => [role, listOf(treeAt(set))]),
    );
  }
  if ((plainSets as readonly string[]).includes(field)) return listOf(treeAt(value));
  if ((uploadConfigs as readonly string[]).includes(field)) {
    return Object.fromEntries(
      // Nothing is written where everything is meant.
      Object.entries(treeAt(value)).map(([key, part]) => [
        key,
        key === 'size_limit' ? part : listOf(treeAt(part)),
      ]),
    );
  }
  if (value === undefined) return field === 'revoke_tokens_issued_before' ? null : '';
  return isUnset(value) ? '' : value;
}
