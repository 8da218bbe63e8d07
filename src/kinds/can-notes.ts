import type { Decision, StandingNote } from '../model/standing.ts';
import { textAt, treeAt, type Tree } from './values.ts';

/** What decides besides grants: the app, the user, and the channel that it is about. */
export interface Surroundings {
  readonly app: Tree;
  readonly user: Tree;
  /** The action that is asked for: `create-reaction`. */
  readonly action: string;
  /** Absent for what is about the whole app, and for a channel that is to be made. */
  readonly channel?: Tree;
  readonly member?: Tree | undefined;
  /** The type of the channel, as it is listed. */
  readonly type?: Tree;
  /** Answers the same question about another permission, in the channel or in the app. */
  readonly may: (permission: string, where: 'app' | 'channel') => Decision['verdict'];
}

/** The switch of a type or channel without which an action does nothing. */
const switches: Readonly<Record<string, { readonly feature: string; readonly plural: string }>> = {
  'cast-vote': { feature: 'polls', plural: 'polls' },
  'create-reaction': { feature: 'reactions', plural: 'reactions' },
  'create-reply': { feature: 'replies', plural: 'replies' },
  'query-votes': { feature: 'polls', plural: 'polls' },
  'send-custom-event': { feature: 'custom_events', plural: 'custom events' },
  'send-poll': { feature: 'polls', plural: 'polls' },
  'share-location': { feature: 'shared_locations', plural: 'shared locations' },
  'upload-attachment': { feature: 'uploads', plural: 'uploads' },
};

/** What comes with a message, and needs the right to write one. */
const withMessage: ReadonlySet<string> = new Set([
  'add-links',
  'create-attachment',
  'create-mention',
  'create-reply',
]);

/** What a frozen channel refuses. */
const frozenOut: ReadonlySet<string> = new Set([
  ...withMessage,
  'create-message',
  'create-reaction',
  'create-system-message',
  'delete-reaction',
  'pin-message',
  'send-poll',
  'update-message',
]);

/** Everything that a reader of the grants alone would get wrong. */
export function notesOn(around: Surroundings): readonly StandingNote[] {
  return [...appNotes(around), ...userNotes(around), ...channelNotes(around)];
}

function appNotes({ app, channel, action }: Surroundings): readonly StandingNote[] {
  if (app['disable_permissions_checks'] === true) {
    return [fact('checks-off', 'the app checks no permissions: everybody may do everything')];
  }
  if (app['permission_version'] === 'v1') {
    return [
      fact('permissions-v1', 'the app is on permissions v1: its policies of old decide, and no grants'),
    ];
  }
  if (channel === undefined && app['multi_tenant_enabled'] === true && !action.startsWith('create-')) {
    return [fact('own-teams', 'the app has teams: without -any-team, only towards their own teams')];
  }
  return [];
}

function userNotes({ user, member, action }: Surroundings): readonly StandingNote[] {
  const notes: StandingNote[] = [];
  if (textAt(user, 'deactivated_at') !== undefined) {
    notes.push(stop('deactivated', 'the user is deactivated, and cannot connect'));
  }
  if (user['banned'] === true) notes.push(banned('app', action));
  if (member?.['banned'] === true) notes.push(banned('channel', action));
  if (user['shadow_banned'] === true || member?.['shadow_banned'] === true) {
    notes.push(fact('shadow-banned', 'the user is shadow banned: nobody else sees what they write'));
  }
  if (member !== undefined && textAt(member, 'status') === 'pending') {
    notes.push(fact('invited', 'the user is invited, and has not accepted yet'));
  }
  return notes;
}

/** Who is banned may still read. */
function banned(where: 'app' | 'channel', action: string): StandingNote {
  const message = `the user is banned in the ${where}`;
  return frozenOut.has(action) ? stop('banned', message) : fact('banned', message);
}

function channelNotes({ action, channel, type, may }: Surroundings): readonly StandingNote[] {
  if (channel === undefined) return [];
  const notes: StandingNote[] = [];
  if (channel['disabled'] === true && may('read-disabled-channel', 'app') !== 'yes') {
    notes.push(stop('disabled', 'the channel is disabled, and they hold no read-disabled-channel'));
  }
  if (channel['frozen'] === true && frozenOut.has(action) && may('use-frozen-channel', 'channel') !== 'yes') {
    notes.push(stop('frozen', 'the channel is frozen, and they hold no use-frozen-channel'));
  }
  const needed = switches[action];
  const config = treeAt(channel['config']);
  if (needed !== undefined && (config[needed.feature] ?? type?.[needed.feature]) !== true) {
    const everywhere = type?.[needed.feature] !== true;
    const where = everywhere ? `in channels of type ${textAt(channel, 'type') ?? ''}` : 'in this channel';
    notes.push(stop('feature-off', `${needed.plural} are off ${where}`));
  }
  if (withMessage.has(action) && may('create-message', 'channel') !== 'yes') {
    notes.push(stop('no-message', 'it comes with a message, and they hold no create-message'));
  }
  return notes;
}

function fact(code: string, message: string): StandingNote {
  return { code, message, stops: false };
}

function stop(code: string, message: string): StandingNote {
  return { code, message, stops: true };
}
