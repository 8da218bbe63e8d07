import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testApp, type TestApp } from '../support/world.ts';
import { openness, widerThanBoth } from './openness.ts';

/** Every case is told by its objects alone: what they were, what they become, and a moment in between. */
let fresh: Snapshot;
let app: TestApp;
beforeAll(async () => {
  app = await testApp();
  fresh = app.emulator.snapshot() as Snapshot;
});
afterAll(() => app.close());

interface Snapshot {
  readonly app: { readonly settings: object; readonly grants: object };
  readonly channelTypes: Readonly<Record<string, { readonly settings: object; readonly grants: object }>>;
}

/** A fresh app with these app settings. */
const settings = (more: object) => ({
  ...fresh,
  app: { ...fresh.app, settings: { ...fresh.app.settings, ...more } },
});

/** A fresh app with these permissions for guests in the channel type `team`. */
const guests = (...guest: string[]) => type({ grants: { guest } });

/** A fresh app whose channel type `team` is otherwise. */
const type = (more: object) => ({
  ...fresh,
  channelTypes: { ...fresh.channelTypes, team: { ...fresh.channelTypes['team'], ...more } },
});

/** A fresh app with one channel of the type `team`. */
const channel = (more: object, settings: object = {}) => ({
  ...type({ settings, grants: { user: ['read-channel'] } }),
  channels: {
    'team:one': {
      cid: 'team:one',
      type: 'team',
      frozen: false,
      disabled: false,
      config_overrides: {},
      members: {},
      ...more,
    },
  },
});

/** A fresh app with one user. */
const user = (more: object) => ({
  ...fresh,
  users: { eva: { id: 'eva', role: 'user', teams: ['a'], ...more } },
});

/** A fresh app where this is what the roles `vip` and `user` may in `team`, and the one user has this role. */
const holding = (vip: readonly string[], role: string) => ({
  ...type({ grants: { vip, user: ['read-channel'] } }),
  users: user({ role }).users,
});

const member = (role: string) => channel({ members: { eva: { channel_role: role } } });
const uploads = (more: object) => settings({ image_upload_config: more });
const overrides = (...user: string[]) => channel({ config_overrides: { grants: { user } } });
const on = (...features: string[]) =>
  type({ settings: Object.fromEntries(features.map((name) => [name, true])) });

type Case = readonly [
  what: string,
  object: string,
  states: () => readonly [before: object, now: object, after: object],
];

describe('a moment is wider open than both ends', () => {
  it.each<Case>([
    [
      'with the rights of both',
      'type team: grants of guest',
      () => [guests('a'), guests('a', 'b'), guests('b')],
    ],
    ['with rights of neither', 'type team: grants of guest', () => [guests(), guests('a'), guests()]],
    [
      'with the features of both',
      'type team: features',
      () => [on('uploads'), on('uploads', 'polls'), on('polls')],
    ],
    [
      'when messages stop waiting',
      'type team: features',
      () => [on('mark_messages_pending'), on(), on('mark_messages_pending')],
    ],
    [
      'while a switch is off that is on at both',
      'app guest_user_creation_disabled',
      () => [
        settings({ guest_user_creation_disabled: true }),
        settings({ guest_user_creation_disabled: false }),
        settings({ guest_user_creation_disabled: true }),
      ],
    ],
    [
      'while a role may search that may not at either',
      'app user_search_disallowed_roles',
      () => [
        settings({ user_search_disallowed_roles: ['guest', 'user'] }),
        settings({ user_search_disallowed_roles: [] }),
        settings({ user_search_disallowed_roles: ['guest'] }),
      ],
    ],
    [
      'while an emptied list allows all files',
      'app image_upload_config',
      () => [
        uploads({ allowed_file_extensions: ['.png'] }),
        uploads({ allowed_file_extensions: [] }),
        uploads({ allowed_file_extensions: ['.gif'] }),
      ],
    ],
    [
      'while nothing limits the size',
      'app image_upload_config',
      () => [uploads({ size_limit: 5 }), uploads({ size_limit: 0 }), uploads({ size_limit: 9 })],
    ],
    [
      'with the extensions of before and the size of after',
      'app image_upload_config',
      () => [
        uploads({ allowed_file_extensions: ['.png', '.gif'], size_limit: 5 }),
        uploads({ allowed_file_extensions: ['.png', '.gif'], size_limit: 9 }),
        uploads({ allowed_file_extensions: ['.png'], size_limit: 9 }),
      ],
    ],
    [
      'when a frozen channel thaws',
      'channel team:one',
      () => [
        channel({ frozen: true }),
        channel({ frozen: false, disabled: false }),
        channel({ frozen: true }),
      ],
    ],
    [
      'when a type opens before its channel closes',
      'channel team:one: features',
      () => [
        channel({}, { uploads: false }),
        channel({}, { uploads: true }),
        channel({ config_overrides: { uploads: false } }, { uploads: true }),
      ],
    ],
    [
      'when a right is given back before another is taken',
      'channel team:one: rights of user',
      () => [overrides('!read-channel', 'ban-user'), overrides('ban-user'), overrides()],
    ],
    [
      'when a member moderates in passing',
      'channel team:one: member eva',
      () => [member('channel_member'), member('channel_moderator'), member('channel_member')],
    ],
    [
      'when a user has the new role and still the old teams',
      'user eva',
      () => [user({}), user({ role: 'admin' }), user({ role: 'admin', teams: [] })],
    ],
    [
      'when a user gets a role that is not narrowed yet',
      'user eva, rights in type team',
      () => [holding(['a', 'b'], 'user'), holding(['a', 'b'], 'vip'), holding(['a'], 'vip')],
    ],
    [
      'when a role gets more that a user is to give up',
      'user eva, rights in type team',
      () => [holding(['a'], 'vip'), holding(['a', 'b'], 'vip'), holding(['a', 'b'], 'user')],
    ],
    [
      'when a locked-out user may connect',
      'user eva, connecting',
      () => [user({ deactivated_at: 1 }), user({}), user({ deactivated_at: 1 })],
    ],
    [
      'when a locked-out user is gone, so that anybody may take the id',
      'user eva, connecting',
      () => [user({ deactivated_at: 1 }), fresh, user({ deactivated_at: 2 })],
    ],
  ])('%s', (_what, object, states) => {
    const [before, now, after] = states().map(openness);
    const names = widerThanBoth(now!, before!, after!).map((line) => line.slice(0, line.indexOf(': {')));
    expect(names).toEqual([object]);
  });
});

describe('a moment is no wider than one end', () => {
  it.each<Case>([
    ['at either end', '', () => [guests('a'), guests('a'), guests('b')]],
    ['with what both ends have', '', () => [guests('a', 'b'), guests('b'), guests('b', 'c')]],
    [
      'while nobody has anything',
      '',
      () => [member('channel_moderator'), channel({}), member('channel_member')],
    ],
    [
      'while a list allows some of all but some',
      '',
      () => [
        uploads({ blocked_file_extensions: ['.exe'] }),
        uploads({ allowed_file_extensions: ['.png'] }),
        uploads({ allowed_file_extensions: ['.gif'] }),
      ],
    ],
    ['when whoever was nobody becomes a user', '', () => [fresh, user({}), user({ deactivated_at: 1 })]],
  ])('%s', (_what, _object, states) => {
    const [before, now, after] = states().map(openness);
    expect(widerThanBoth(now!, before!, after!)).toEqual([]);
  });
});
