import { builtInRoles } from './default-roles.ts';

/** Permission ids by role, as one scope (`.app` or a channel type) holds them. */
export type Grants = Readonly<Record<string, readonly string[]>>;

const everything = [
  'add-links',
  'ban-channel-member',
  'ban-user',
  'cast-vote',
  'create-attachment',
  'create-call',
  'create-channel',
  'create-mention',
  'create-message',
  'create-reaction',
  'create-reply',
  'create-restricted-visibility-message',
  'create-system-message',
  'delete-attachment',
  'delete-channel',
  'delete-message',
  'delete-reaction',
  'flag-message',
  'join-call',
  'mute-channel',
  'pin-message',
  'query-votes',
  'read-channel',
  'read-channel-members',
  'read-message-flags',
  'recreate-channel',
  'remove-own-channel-membership',
  'run-message-action',
  'send-custom-event',
  'send-poll',
  'share-location-any-team',
  'skip-channel-cooldown',
  'skip-message-moderation',
  'truncate-channel',
  'unblock-message',
  'update-channel',
  'update-channel-cooldown',
  'update-channel-frozen',
  'update-channel-members',
  'update-message',
  'update-thread',
  'upload-attachment',
];

const reading = ['query-votes', 'read-channel', 'read-channel-members', 'read-message-flags'];

const messagingMember = [
  'add-links',
  'cast-vote',
  'create-attachment',
  'create-call',
  'create-mention',
  'create-message',
  'create-reaction',
  'create-reply',
  'flag-message',
  'join-call',
  'mute-channel',
  'pin-message',
  'query-votes',
  'read-channel',
  'read-channel-members',
  'remove-own-channel-membership',
  'run-message-action',
  'send-custom-event',
  'send-poll',
  'share-location-any-team',
  'upload-attachment',
];

const messagingUser = [
  'add-links-owner',
  'cast-vote',
  'create-attachment-owner',
  'create-channel',
  'create-mention-owner',
  'create-message-owner',
  'create-reaction-owner',
  'create-reply-owner',
  'delete-attachment-owner',
  'delete-channel-owner',
  'delete-message-owner',
  'delete-reaction-owner',
  'flag-message-owner',
  'mute-channel-owner',
  'pin-message-owner',
  'query-votes',
  'read-channel-members-owner',
  'read-channel-owner',
  'recreate-channel-owner',
  'remove-own-channel-membership-owner',
  'run-message-action-owner',
  'send-custom-event-owner',
  'send-poll',
  'share-location-any-team',
  'truncate-channel-owner',
  'update-channel-members-owner',
  'update-channel-owner',
  'update-message-owner',
  'update-thread-owner',
  'upload-attachment-owner',
];

const messagingModerator = [
  ...minus(everything, ['delete-channel', 'recreate-channel', 'truncate-channel']),
  'delete-channel-owner',
  'recreate-channel-owner',
  'truncate-channel-owner',
];

const messagingChannelModerator = minus(everything, [
  'ban-user',
  'create-channel',
  'delete-channel',
  'recreate-channel',
  'truncate-channel',
]);

const messaging = scope({
  admin: everything,
  channel_member: messagingMember,
  channel_moderator: messagingChannelModerator,
  moderator: messagingModerator,
  global_moderator: anyTeam(messagingModerator),
  user: messagingUser,
});

const commerceModerator = minus(everything, ['delete-channel', 'recreate-channel', 'truncate-channel']);
const commerceUser = minus(messagingUser, [
  'create-channel',
  'delete-channel-owner',
  'recreate-channel-owner',
  'truncate-channel-owner',
  'update-channel-owner',
]);

const commerce = scope({
  admin: everything,
  channel_member: minus(messagingMember, ['create-call', 'pin-message']),
  channel_moderator: messagingChannelModerator,
  moderator: commerceModerator,
  global_moderator: anyTeam(commerceModerator),
  user: commerceUser,
  guest: [
    'add-links',
    'create-channel',
    'delete-attachment-owner',
    'delete-message-owner',
    'delete-reaction-owner',
    'flag-message-owner',
    'mute-channel-owner',
    'pin-message-owner',
    'read-channel-members-owner',
    'read-channel-owner',
    'share-location-any-team',
    'update-channel-members-owner',
    'update-message-owner',
    'update-thread-owner',
    'upload-attachment',
  ],
});

const gamingModerator = minus(everything, [
  'create-channel',
  'create-restricted-visibility-message',
  'delete-channel',
  'recreate-channel',
  'truncate-channel',
  'update-channel',
  'update-channel-members',
]);

const gaming = scope({
  admin: everything,
  channel_member: minus(messagingMember, ['pin-message']),
  channel_moderator: minus(messagingChannelModerator, [
    'create-restricted-visibility-message',
    'update-channel',
    'update-channel-members',
  ]),
  moderator: gamingModerator,
  global_moderator: anyTeam(gamingModerator),
  user: minus(commerceUser, ['pin-message-owner', 'update-channel-members-owner']),
});

const livestreamModerator = [
  ...minus(everything, [
    'create-restricted-visibility-message',
    'delete-channel',
    'recreate-channel',
    'remove-own-channel-membership',
    'share-location-any-team',
    'truncate-channel',
    'update-channel',
    'update-channel-members',
  ]),
  'join-call-any-team',
];

const livestream = scope({
  admin: [...minus(everything, ['share-location-any-team']), 'join-call-any-team'],
  anonymous: ['join-call', 'read-channel', 'read-channel-members'],
  channel_member: ['join-call-any-team'],
  channel_moderator: [
    'ban-channel-member',
    'cast-vote',
    'create-call',
    'create-system-message',
    'delete-attachment',
    'delete-message',
    'delete-reaction',
    'join-call-any-team',
    'pin-message',
    'query-votes',
    'read-message-flags',
    'send-poll',
    'skip-channel-cooldown',
    'skip-message-moderation',
    'unblock-message',
    'update-channel-cooldown',
    'update-channel-frozen',
    'update-message',
    'update-thread',
  ],
  moderator: livestreamModerator,
  global_admin: anyTeam(minus(everything, ['share-location-any-team'])),
  global_moderator: anyTeam(livestreamModerator),
  guest: ['flag-message', 'join-call', 'mute-channel', 'read-channel', 'read-channel-members'],
  user: [
    'add-links',
    'cast-vote',
    'create-attachment',
    'create-channel',
    'create-mention',
    'create-message',
    'create-reaction',
    'create-reply',
    'delete-attachment-owner',
    'delete-message-owner',
    'delete-reaction-owner',
    'flag-message',
    'join-call',
    'mute-channel',
    'pin-message-owner',
    'query-votes',
    'read-channel',
    'read-channel-members',
    'run-message-action',
    'send-custom-event',
    'send-poll',
    'update-message-owner',
    'update-thread-owner',
    'upload-attachment',
  ],
});

const appModerator = [
  'flag-user',
  'mute-user',
  'read-flag-reports',
  'search-user',
  'update-flag-report',
  'update-user-owner',
];

/** The grants a fresh app holds in its `.app` scope. */
export const defaultAppGrants: Grants = complete({
  admin: appModerator,
  moderator: appModerator,
  global_admin: anyTeam(appModerator),
  global_moderator: anyTeam(appModerator),
  guest: ['flag-user', 'mute-user', 'search-user', 'update-user-owner'],
  user: [
    'add-bookmark-owner',
    'close-poll-owner',
    'create-collections',
    'create-feed',
    'create-poll-any-team',
    'create-user-group',
    'delete-attachment-global-owner',
    'delete-bookmark-owner',
    'delete-collections-owner',
    'delete-poll-owner',
    'delete-user-group-owner',
    'flag-user',
    'mute-user',
    'query-polls-owner',
    'read-collections-owner',
    'read-roles',
    'read-user-groups',
    'search-user',
    'update-bookmark-owner',
    'update-collections-owner',
    'update-poll-owner',
    'update-user-group-owner',
    'update-user-owner',
    'upload-attachment-global-owner',
  ],
});

const byType: Readonly<Record<string, Grants>> = { messaging, team: messaging, livestream, gaming, commerce };

/** The grants a channel type starts with: a built-in type has its own, every other one those of `messaging`. */
export function defaultTypeGrants(type: string): Grants {
  return (Object.hasOwn(byType, type) ? byType[type] : undefined) ?? messaging;
}

function minus(from: readonly string[], removed: readonly string[]): readonly string[] {
  return from.filter((id) => !removed.includes(id));
}

function anyTeam(ids: readonly string[]): readonly string[] {
  return [...new Set(ids.map((id) => (id.endsWith('-any-team') ? id : `${id}-any-team`)))];
}

function scope(grants: Grants): Grants {
  return complete({ global_admin: anyTeam(everything), global_read_only: anyTeam(reading), ...grants });
}

function complete(grants: Grants): Grants {
  return Object.fromEntries(builtInRoles.map((role) => [role, [...(grants[role] ?? [])].sort()]));
}
