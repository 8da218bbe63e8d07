import { addressOf } from '../../model/address.ts';
import type { Change } from '../../model/change.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Kind, Loss, Read } from '../../model/kind.ts';
import type { Resource } from '../../model/resource.ts';
import { text } from '../../model/schema.ts';
import type { Answer } from '../../model/stream.ts';
import { userReach } from '../channel-reach.ts';
import { provenRoles } from '../proven-roles.ts';
import { textAt, treeAt } from '../values.ts';
import { reopensUser, touchesChannels, userDangers } from './dangers.ts';
import { userSchema, type User } from './fields.ts';
import { desiredForm, liveForm, type UserForm } from './form.ts';
import { queryUsers } from './read.ts';
import { userSteps } from './steps.ts';

/** Users: read and written 100 at a time; what they do at run time is theirs. */
export const user: Kind<User, UserForm> = {
  name: 'user',
  section: 'users',
  layout: 'named',
  names: text('Letters, digits, @, _ and -.', {
    pattern: '^[A-Za-z0-9@_-]+$',
    'x-streambed-inferred': { maxLength: 255 },
  }),
  schema: userSchema,
  samples: [
    { role: 'admin', name: 'Lena', teams: ['red', 'blue'], custom: { desk: 4, skills: ['chat', 'mail'] } },
    { status: 'deactivated', image: 'https://images.example.com/ben.png' },
    {},
  ],
  lossWords: ['conversation'],
  can: { create: true, update: true, delete: 'soft' },
  key: (name) => name,

  references({ declared }, live, world) {
    const roles = [
      ...(declared.role === undefined ? [] : [[['role'], declared.role] as const]),
      ...Object.entries(declared.teams_role ?? {}).map(
        ([team, role]) => [['teams_role', team], role] as const,
      ),
    ];
    const held = provenRoles([live?.['role'], ...Object.values(treeAt(live?.teams_role))], world);
    return roles
      .filter(([, role]) => !held.has(role))
      .map(([path, role]) => ({ address: addressOf('role', role), path }));
  },

  async read(stream, wanted) {
    const users = await queryUsers(
      stream,
      wanted.map(({ key }) => key),
    );
    return new Map(wanted.map(({ address, key }) => [address, readingOf(users.get(key))] as const));
  },

  async known(stream, keys) {
    return new Set((await queryUsers(stream, keys)).keys());
  },

  desired(resource, live) {
    const value = desiredForm(resource.declared, live);
    return { value, diagnostics: [...restorable(resource, live), ...unchangeable(resource, live, value)] };
  },

  deletion: (removal) => removal.mode,
  losses: conversationsLost,
  dangers: userDangers,
  reopens: reopensUser,
  reach: (stream, changes) => userReach(stream, changes.filter(touchesChannels)),

  steps: userSteps,
};

/**
 * Stream deletes a user for good only together with the messages that the user wrote and the one-to-one channels that
 * the user is in: those are other people's conversations too.
 */
function conversationsLost(change: Change<User, UserForm>): readonly Loss[] {
  if (change.action !== 'delete' || change.how !== 'hard') return [];
  return [{ what: 'conversation', names: [`one-to-one channels of ${change.key}`] }];
}

/** Soft-deleted users cannot be seen, so whoever is absent and wanted back may come with a past. */
function restorable(
  { address, declared, locate }: Resource<User>,
  live: UserForm | undefined,
): readonly Diagnostic[] {
  if (live !== undefined || declared.status !== 'active') return [];
  return [
    {
      severity: 'note',
      code: 'may-be-restored',
      message: `${address} is not there: if this user was deleted, it is restored with the role and teams it had`,
      help: 'Declare role and teams as well, or leave status out to have a new user only.',
      at: locate(['status']),
      address,
    },
  ];
}

/** Stream refuses to change deactivated users, and only `status: active` asks for them back. */
function unchangeable(
  { address, declared, lifecycle, locate }: Resource<User>,
  live: UserForm | undefined,
  desired: UserForm,
): readonly Diagnostic[] {
  if (live?.['status'] !== 'deactivated' || desired['status'] === 'active' || lifecycle.create_only)
    return [];
  const ignored = new Set(lifecycle.ignore_changes.map((path) => path.split('.')[0]));
  const field = Object.keys(declared).find(
    (name) =>
      !ignored.has(name) &&
      !ignored.has('all') &&
      JSON.stringify(live[name]) !== JSON.stringify(desired[name]),
  );
  if (field === undefined) return [];
  return [
    {
      severity: 'warning',
      code: 'deactivated-user',
      message: `${address} is deactivated, and Stream changes nothing about a deactivated user`,
      help: 'Write `status: active` to have the user back, or leave the field as it is.',
      at: locate([field]),
      address,
    },
  ];
}

function readingOf(raw: Answer | undefined): Read<UserForm> {
  if (raw === undefined) return { state: 'absent' };
  const createdAt = textAt(raw, 'created_at');
  return { state: 'present', live: liveForm(raw), raw, ...(createdAt === undefined ? {} : { createdAt }) };
}
