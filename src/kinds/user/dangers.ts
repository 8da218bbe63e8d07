import { valueAfter, valueBefore, type Change, type FieldChange } from '../../model/change.ts';
import type { Danger } from '../../model/danger.ts';
import type { User } from './fields.ts';
import type { UserForm } from './form.ts';

type UserChange = Change<User, UserForm>;

/** Roles with rights over others, the weaker ones first; every other role comes before them. */
const raising: readonly unknown[] = ['moderator', 'global_moderator', 'admin', 'global_admin'];
const admins: ReadonlySet<unknown> = new Set(['admin', 'global_admin']);

/** Fewer users prove nothing about an app. */
const ENOUGH = 4;

/** What changes of users mean: who rises, sees another team or is shut out, and whether nearly all become admins. */
export function userDangers(changes: readonly UserChange[]): readonly Danger[] {
  return [
    ...everyoneAdmin(changes),
    ...changes.flatMap(raised),
    ...changes.flatMap(joined),
    ...changes.flatMap(lockedOut),
  ];
}

/** True when somebody who could not connect can again, has the rights of staff again, or sees a team again. */
export function reopensUser(field: FieldChange): boolean {
  switch (field.path[0]) {
    case 'status':
      return field.op === 'set' && field.after === 'active';
    case 'role':
    case 'teams_role':
      return rises(field);
    case 'teams':
      return field.op === 'elements' && field.added.length > 0;
    default:
      return false;
  }
}

function rises(field: FieldChange): boolean {
  return raising.indexOf(valueAfter(field)) > raising.indexOf(valueBefore(field));
}

/** True when how much a user may do changes everywhere: channels count for these changes. */
export function touchesChannels(change: UserChange): boolean {
  if (change.action === 'delete') return true;
  if (change.action !== 'update') return false;
  return change.fields.some((field) => field.path[0] === 'role' || deactivates(field));
}

function everyoneAdmin(changes: readonly UserChange[]): readonly Danger[] {
  const written = changes.filter(({ action }) => action === 'create' || action === 'update');
  const becoming = written.filter(becomesAdmin);
  const [first] = becoming;
  if (first === undefined || written.length < ENOUGH || becoming.length * 2 <= written.length) return [];
  const message = `${becoming.length} of the ${written.length} users that are created or changed become admins`;
  return [{ code: 'everyone-admin', address: first.address, path: ['role'], message }];
}

function becomesAdmin(change: UserChange): boolean {
  if (change.action === 'delete' || change.action === 'keep') return false;
  return change.fields.some(
    (field) => field.path[0] === 'role' && admins.has(valueAfter(field)) && !admins.has(valueBefore(field)),
  );
}

function raised(change: UserChange): readonly Danger[] {
  if (change.action === 'delete' || change.action === 'keep') return [];
  const { address, action, fields, key } = change;
  return fields.flatMap((field): readonly Danger[] => {
    const [name, team] = field.path;
    if (name !== 'role' && name !== 'teams_role') return [];
    const [before, after] = [valueBefore(field), valueAfter(field)];
    if (!rises(field)) return [];
    const where = team === undefined ? '' : ` in team ${team}`;
    const since =
      action === 'create' ? ', a new user' : before === undefined ? '' : `, ${String(before)} now`;
    const message = `${key} becomes ${String(after)}${where}${since}`;
    return [{ code: 'role-raised', address, path: field.path, message }];
  });
}

function joined(change: UserChange): readonly Danger[] {
  if (change.action !== 'update') return [];
  const { address, fields, key } = change;
  return fields.flatMap((field): readonly Danger[] => {
    if (field.path[0] !== 'teams' || field.op !== 'elements' || field.added.length === 0) return [];
    const teams = field.added.map(({ name }) => name).join(', ');
    const message = `${key} joins team${field.added.length === 1 ? '' : 's'} ${teams}`;
    return [{ code: 'team-joined', address, path: field.path, message }];
  });
}

function lockedOut(change: UserChange): readonly Danger[] {
  if (change.action !== 'update' || !change.fields.some(deactivates)) return [];
  const { address, key } = change;
  const message = `${key} is deactivated and can no longer connect`;
  return [{ code: 'user-locked-out', address, path: ['status'], message }];
}

function deactivates(field: FieldChange): boolean {
  return field.path[0] === 'status' && valueAfter(field) === 'deactivated';
}
