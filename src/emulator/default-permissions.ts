import { defaultAppGrants, defaultTypeGrants } from './default-grants.ts';

/** A permission as `GET /permissions` lists it. */
export interface Permission {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly action: string;
  readonly owner: boolean;
  readonly same_team: boolean;
  readonly custom: boolean;
  readonly level: 'app' | 'channel';
  readonly tags: readonly string[];
  readonly owner_resource: string;
  readonly condition: object | null;
}

const channelActions =
  'AddLinks AddOwnChannelMembership BanChannelMember CastVote CreateCall CreateChannel CreateDistinctChannelForOthers ' +
  'CreateMessage CreateAttachment CreateMention CreateReaction CreateReply CreateSystemMessage DeleteChannel ' +
  'DeleteReaction FlagMessage JoinCall MuteChannel NotifyChannel NotifyGroup NotifyHere NotifyRole PinMessage QueryVotes ReadChannel ' +
  'ReadChannelMembers ReadMessageFlags RecreateChannel RemoveOwnChannelMembership SendCustomEvent SendPoll ShareLocation ' +
  'SkipChannelCooldown SkipMessageModeration TruncateChannel UpdateChannel UpdateChannelCooldown UpdateChannelFrozen ' +
  'UpdateChannelMembers UpdateThread UploadAttachment UseFrozenChannel BanUser CreateRestrictedVisibilityMessage ' +
  'ReadRestrictedVisibilityMessage DeleteMessage RunMessageAction UnblockMessage UpdateMessage DeleteAttachment';

const appActions =
  'ReadDisabledChannel FlagUser MuteUser SearchUser UpdateUser UpdateUserRole UpdateUserTeams ReadFlagReports ' +
  'UpdateFlagReport ReadRoles ReadUserGroups';

/** Every action a custom permission may name. */
export const permissionActions: ReadonlySet<string> = new Set(`${channelActions} ${appActions}`.split(' '));

/** The built-in permissions by id: each action plain, for the owner, for any team, and both. */
export const builtInPermissions: ReadonlyMap<string, Permission> = new Map(
  [
    ...new Set([
      ...fromActions(channelActions),
      ...fromGrants('channel'),
      ...fromActions(appActions),
      ...fromGrants('app'),
    ]),
  ]
    .sort()
    .map((id) => [id, describe(id)]),
);

function fromActions(actions: string): readonly string[] {
  return actions.split(' ').flatMap((action) => {
    const id = action.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
    return [id, `${id}-owner`, `${id}-any-team`, `${id}-owner-any-team`];
  });
}

function fromGrants(level: 'app' | 'channel'): readonly string[] {
  const scopes =
    level === 'app'
      ? [defaultAppGrants]
      : ['messaging', 'livestream', 'gaming', 'commerce'].map(defaultTypeGrants);
  return scopes.flatMap((grants) => Object.values(grants).flat());
}

function describe(id: string): Permission {
  const base = id.replace(/-any-team$/, '').replace(/-owner$/, '');
  const words = base.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const owner = /-owner(-any-team)?$/.test(id);
  const anyTeam = id.endsWith('-any-team');
  const kinds = [...(owner ? ['owned'] : []), ...(anyTeam ? ['any team'] : [])];
  const name = words.join(' ') + (kinds.length === 0 ? '' : ` (${kinds.join(', ')})`);
  return {
    id,
    name,
    description: `Grants ${name}`,
    action: words.join(''),
    owner,
    same_team: !anyTeam,
    custom: false,
    level: channelActions.split(' ').includes(words.join('')) ? 'channel' : 'app',
    tags: [],
    owner_resource: owner ? (words.at(-1) ?? '').toLowerCase() : '',
    condition: null,
  };
}
