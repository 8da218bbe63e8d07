import type { Answer } from '../../model/stream.ts';
import { customOf } from '../custom.ts';
import { changedSet, emptyMap, setForm, type SetForm } from '../sets.ts';
import { defined, instant, laidOver, mergedKeys, textAt, treeAt, type Tree } from '../values.ts';
import { ownFields, type User } from './fields.ts';

/** A user in normal form. */
export interface UserForm {
  readonly [field: string]: unknown;
  readonly teams?: SetForm;
  readonly teams_role?: Tree;
  readonly custom?: Tree;
}

/** The normal form of a user as Stream answers it; what happens to users at run time is left out. */
export function liveForm(raw: Answer): UserForm {
  return defined([
    ['role', textAt(raw, 'role')],
    ['name', textAt(raw, 'name')],
    ['image', textAt(raw, 'image')],
    ['teams', setForm(raw['teams'])],
    ['teams_role', defined(Object.entries(treeAt(raw['teams_role'])))],
    ['status', instant(raw['deactivated_at']) === undefined ? 'active' : 'deactivated'],
    ['custom', customOf(raw, ownFields)],
  ]);
}

/** The live user with the declared parts laid over; of nobody, exactly what is declared. */
export function desiredForm(declared: User, live: UserForm | undefined): UserForm {
  const form: Record<string, unknown> = Object.assign(emptyMap(), live);
  const exists = live !== undefined;
  for (const [field, value] of Object.entries(declared)) form[field] = laidOver(value, live?.[field], exists);
  if (declared.teams !== undefined) form['teams'] = changedSet(declared.teams, live?.teams);
  if (declared.teams_role !== undefined)
    form['teams_role'] = mergedKeys(declared.teams_role, live?.teams_role);
  if (declared.custom !== undefined) form['custom'] = mergedKeys(declared.custom, live?.custom);
  return defined(Object.entries(form));
}
