import type { Judge } from './authorize.ts';
import type { JsonObject } from './json.ts';

/** What a capability depends on: permissions, switches of the channel's config, and slow mode. */
export interface Standing {
  readonly may: Judge;
  readonly config: JsonObject;
  readonly slow: boolean;
  /** Whose capabilities these are; an empty text stands for a visitor. */
  readonly userId: string;
}

const granted =
  (action: string) =>
  ({ may }: Standing): boolean =>
    may(action);
const switchedOn =
  (feature: string, action?: string) =>
  ({ may, config }: Standing): boolean =>
    config[feature] === true && (action === undefined || may(action));

/** An owner nobody is, so that only permissions for everybody's messages count. */
const somebodyElse = '';

/** Every capability a client may be told of, in the order in which answers list them. */
const rules: Readonly<Record<string, (standing: Standing) => boolean>> = {
  'ban-channel-members': granted('BanChannelMember'),
  'cast-poll-vote': granted('CastVote'),
  'connect-events': switchedOn('connect_events'),
  'create-attachment': granted('CreateAttachment'),
  'create-mention': granted('CreateMention'),
  'delete-any-message': ({ may }) => may('DeleteMessage', somebodyElse),
  'delete-channel': granted('DeleteChannel'),
  'delete-own-message': ({ may, userId }) => may('DeleteMessage', userId),
  'delivery-events': switchedOn('delivery_events'),
  'flag-message': granted('FlagMessage'),
  'freeze-channel': granted('UpdateChannelFrozen'),
  'join-channel': granted('AddOwnChannelMembership'),
  'leave-channel': granted('RemoveOwnChannelMembership'),
  'mute-channel': granted('MuteChannel'),
  'notify-channel': granted('NotifyChannel'),
  'notify-group': granted('NotifyGroup'),
  'notify-here': granted('NotifyHere'),
  'notify-role': granted('NotifyRole'),
  'pin-message': granted('PinMessage'),
  'query-poll-votes': granted('QueryVotes'),
  'quote-message': switchedOn('quotes', 'CreateMessage'),
  'read-events': switchedOn('read_events'),
  'search-messages': switchedOn('search'),
  'send-custom-events': switchedOn('custom_events', 'SendCustomEvent'),
  'send-links': granted('AddLinks'),
  'send-message': granted('CreateMessage'),
  'send-poll': switchedOn('polls', 'SendPoll'),
  'send-reaction': switchedOn('reactions', 'CreateReaction'),
  'send-reply': switchedOn('replies', 'CreateReply'),
  'send-restricted-visibility-message': granted('CreateRestrictedVisibilityMessage'),
  'send-typing-events': switchedOn('typing_events', 'CreateMessage'),
  'set-channel-cooldown': granted('UpdateChannelCooldown'),
  'share-location': switchedOn('shared_locations', 'ShareLocation'),
  'skip-slow-mode': granted('SkipChannelCooldown'),
  'slow-mode': ({ may, slow }) => slow && !may('SkipChannelCooldown'),
  'typing-events': switchedOn('typing_events'),
  'update-any-message': ({ may }) => may('UpdateMessage', somebodyElse),
  'update-channel': granted('UpdateChannel'),
  'update-channel-members': granted('UpdateChannelMembers'),
  'update-own-message': ({ may, userId }) => may('UpdateMessage', userId),
  'update-thread': granted('UpdateThread'),
  'upload-file': switchedOn('uploads', 'UploadAttachment'),
};

/** What somebody can do in a channel, as clients are told. */
export function ownCapabilities(standing: Standing): readonly string[] {
  return Object.entries(rules)
    .filter(([, holds]) => holds(standing))
    .map(([name]) => name);
}
