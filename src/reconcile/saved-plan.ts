import { pathText, valueAt, type Address, type Path } from '../model/address.ts';
import type { Change, FieldChange } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { grouped } from '../model/grouped.ts';
import type { Kind, Registry } from '../model/kind.ts';
import type { Plan } from '../model/plan.ts';
import type { SavedChange, SavedField, SavedPlan } from '../model/saved-plan.ts';
import { isWrittenOneByOne, unitOf } from './units.ts';

/**
 * Saved plans are assertions, never instructions. An apply of one plans again from the manifests and goes on only when
 * the new plan has the same changes from the same live values; nothing of the file is ever sent. What is asserted: that
 * each object still exists or is still absent, the live value under each difference, whole units where Stream takes only
 * those, and what the values will be. What the plan does not touch may have moved.
 */

/** Stands for a text, keyed with the API secret. */
export type Sign = (text: string) => string;

/** What a saved plan says besides its changes. */
export type SavedPlanContext = Pick<
  SavedPlan,
  'base' | 'emulator' | 'environment' | 'manifests' | 'reopen' | 'report' | 'send_write_only' | 'tool_version'
>;

/** A plan as a file that can be reviewed and held against a later plan; sealed, and without any secret. */
export function savedPlanOf(
  plan: Plan,
  registry: Registry,
  sign: Sign,
  context: SavedPlanContext,
): SavedPlan {
  const { id, name } = plan.app;
  const losses: Record<string, number> = {};
  for (const { what, names, approved } of plan.losses) {
    if (!approved) losses[what] = (losses[what] ?? 0) + names.length;
  }
  const open = {
    format: 'streambed-plan',
    format_version: '1.0',
    ...context,
    app: id === undefined ? { name } : { id, name },
    changes: savedChanges(plan, registry, sign),
    losses,
  };
  return { ...open, seal: sealOf(open, sign) };
}

/** True when whoever wrote the file had the secret of this app, and nothing in it was edited since. */
export function isSealed({ seal, ...open }: SavedPlan, sign: Sign): boolean {
  return seal === sealOf(open, sign);
}

/** Everything in which a new plan is not the one that was saved; each is a reason to stop. */
export function differencesFrom(
  saved: SavedPlan,
  plan: Plan,
  registry: Registry,
  sign: Sign,
): readonly Diagnostic[] {
  const now = new Map(savedChanges(plan, registry, sign).map((change) => [change.address, change]));
  const before = new Map(saved.changes.map((change) => [change.address, change]));
  const changes = new Map(plan.changes.map((change) => [change.address, change]));
  const gone = saved.changes
    .filter(({ address }) => !now.has(address))
    .map(({ address, action }) =>
      stale(address, `${address} was to be ${actionWords(action)}, and nothing of that is left to do`),
    );
  const others = [...now.values()].flatMap((change): readonly Diagnostic[] => {
    const { address } = change;
    const old = before.get(address);
    const reasons =
      old === undefined
        ? [`${address} would be ${actionWords(change.action)}, which the saved plan does not say`]
        : reasonsBetween(old, change);
    return reasons.map((message) => stale(address, message, changes.get(address as Address)));
  });
  return [...gone, ...others];
}

function reasonsBetween(old: SavedChange, now: SavedChange): readonly string[] {
  const { address } = now;
  if (old.action !== now.action || old.how !== now.how)
    return [`${address} would be ${actionWords(now.action)}, not ${actionWords(old.action)}`];
  const reasons: string[] = [];
  if (old.live !== now.live)
    reasons.push(`${address} in the live app is not the object that was planned for`);
  const fields = new Map(old.fields.map((field) => [keyOf(field.path), field]));
  for (const field of now.fields) {
    const reason = fieldReason(fields.get(keyOf(field.path)), field);
    fields.delete(keyOf(field.path));
    if (reason !== undefined) reasons.push(`${address}: ${pathText(field.path)} ${reason}`);
  }
  for (const { path } of fields.values()) reasons.push(`${address}: ${pathText(path)} no longer differs`);
  if (reasons.length > 0) return reasons;
  const units = Object.keys({ ...old.units, ...now.units }).filter(
    (unit) => old.units[unit] !== now.units[unit],
  );
  reasons.push(...units.map((unit) => `${address}: something beside the change moved within ${unit}`));
  if (old.sends !== now.sends) reasons.push(`${address}: a value that cannot be compared is another one`);
  return reasons;
}

function fieldReason(old: SavedField | undefined, now: SavedField): string | undefined {
  if (old === undefined) return 'differs, which the saved plan does not say';
  if (old.before !== now.before) return 'has moved in the live app';
  if (old.op !== now.op || old.after !== now.after) return 'would become another value than was planned';
  return undefined;
}

function stale(address: string, message: string, change?: Change): Diagnostic {
  const at = change?.action === 'delete' ? change.removal.at : change?.resource?.locate([], 'name');
  return {
    severity: 'error',
    code: 'stale-plan',
    message,
    help: 'Nothing was written. Plan again, and have the new plan reviewed.',
    ...(at === undefined ? {} : { at }),
    address: address as Address,
  };
}

function actionWords(action: string): string {
  return { create: 'created', update: 'changed', delete: 'deleted' }[action] ?? action;
}

function savedChanges(plan: Plan, registry: Registry, sign: Sign): readonly SavedChange[] {
  const kinds = new Map(registry.kinds.map((kind) => [kind.name, kind]));
  return plan.changes.flatMap((change): readonly SavedChange[] => {
    const kind = kinds.get(change.kind);
    return change.action === 'keep' || kind === undefined ? [] : [savedChange(change, kind, sign)];
  });
}

function savedChange(
  change: Exclude<Change, { readonly action: 'keep' }>,
  kind: Kind,
  sign: Sign,
): SavedChange {
  const { address, action } = change;
  const signed = (what: string, value: unknown): string => sign(`${what}\0${address}\0${canonical(value)}`);
  return {
    address,
    action,
    ...(change.action === 'delete' ? { how: change.how } : {}),
    live: change.action === 'create' ? 'absent' : signed('live', identityOf(change)),
    fields: (change.action === 'delete' ? [] : change.fields).map((field) => ({
      path: [...field.path],
      op: field.op,
      before: signed(`before ${keyOf(field.path)}`, beforeOf(field)),
      after: signed(`after ${keyOf(field.path)}`, afterOf(field)),
    })),
    units: change.action === 'update' ? unitsOf(change.live, change.fields, kind, signed) : {},
    sends: signed('sends', sentUnseen(change)),
  };
}

/** What makes it this object: its birth, and for what is taken away without one, or reset, all of it. */
function identityOf(change: Extract<Change, { readonly action: 'delete' | 'update' }>): unknown {
  const born = change.createdAt;
  if (change.action === 'update') return born ?? null;
  return born === undefined || change.how === 'reset' ? [born ?? null, change.live] : born;
}

function beforeOf(field: FieldChange): unknown {
  if (field.op === 'elements') return field.removed;
  return field.op === 'add' ? null : [field.before];
}

function afterOf(field: FieldChange): unknown {
  if (field.op === 'elements') return [field.added, field.removed];
  return field.op === 'remove' ? null : [field.after];
}

/** The whole live value of each unit that is sent; of what is written one by one, only what the differences name. */
function unitsOf(
  live: unknown,
  fields: readonly FieldChange[],
  kind: Kind,
  signed: (what: string, value: unknown) => string,
): Readonly<Record<string, string>> {
  const whole = fields.filter((field) => !isWrittenOneByOne(field, kind));
  const units = grouped(whole, (field) => keyOf(unitOf(field, kind)));
  return Object.fromEntries(
    [...units.values()].flatMap(([first]) => {
      if (first === undefined) return [];
      const unit = unitOf(first, kind);
      return [[pathText(unit), signed(`unit ${keyOf(unit)}`, valueAt(live, unit) ?? null)] as const];
    }),
  );
}

function sentUnseen(change: Change): unknown {
  if (change.action === 'delete') return null;
  const { declared } = change.resource ?? { declared: {} };
  return change.uncompared.map((path) => [path, valueAt(declared, path) ?? null]);
}

function sealOf(open: Readonly<Record<string, unknown>>, sign: Sign): string {
  return sign(`seal\0${canonical(open)}`);
}

/** Part of what is signed: another spelling would make every saved plan stale. */
function keyOf(path: Path): string {
  return JSON.stringify(path);
}

/** JSON with its keys in code-unit order, so that equal values have equal texts. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([one], [two]) => (one < two ? -1 : one > two ? 1 : 0));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(',')}}`;
}
