import { chatGuesses } from './chat-guesses.ts';
import type { Guess } from './guess.ts';

export type { Guess } from './guess.ts';

const types = ['CreateChannelType', 'UpdateChannelType'];
const creation = ['GetOrCreateChannel', 'GetOrCreateDistinctChannel'];

/** Every guess; a behaviour that is not listed is documented, recorded or tested by Stream. */
export const guesses: readonly Guess[] = [
  { says: 'An upload config is replaced as a whole: keys left out become empty.', where: ['UpdateApp'] },
  { says: 'A null for a list or map of the app clears it, like an empty one.', where: ['UpdateApp'] },
  { says: 'A null for a number of the app brings its default back.', where: ['UpdateApp'] },
  {
    says: 'The flag explicit_event_hooks_deletion is ignored: hooks are always replaced as a whole.',
    where: ['UpdateApp'],
  },
  {
    says: 'Hook addresses are not resolved: private and reserved names are refused, all others taken for public.',
    where: ['UpdateApp'],
  },
  {
    says: 'Secrets of hooks are never read back, and a known hook may be written without them.',
    where: ['GetApp', 'UpdateApp'],
  },
  { says: 'A non-empty legacy hook key is refused while the app has event hooks.', where: ['UpdateApp'] },
  { says: 'Push templates are stored without being compiled.', where: ['UpdateApp'] },
  { says: 'A fresh app has push version v2.', where: ['GetApp'] },
  { says: 'A user token reads five public fields of the app.', where: ['GetApp'] },
  {
    says: 'The texts of the seven legacy policies and of the two geofences are samples.',
    where: ['GetApp', 'GetChannelType'],
  },
  {
    says: 'Unknown permission ids in grants of a type or the app are refused with 400/4.',
    where: [...types, 'UpdateApp'],
  },
  {
    says: 'A type created with some grants keeps the defaults of messaging for the other roles.',
    where: ['CreateChannelType'],
  },
  {
    says: 'Default grants for a new type are those of a fresh messaging type, not of the changed one.',
    where: ['CreateChannelType'],
  },
  {
    says: 'A null means "not sent" for every field of a type but grants, thresholds, blocklist and partition lifetime.',
    where: types,
  },
  {
    says: 'An empty blocklist name takes the blocklist off the type, and an unknown one is refused.',
    where: types,
  },
  { says: 'Chat preferences of a type are replaced as a whole.', where: ['UpdateChannelType'] },
  { says: 'The set moderation_set does not contain flag; imgur and unflag do not exist.', where: types },
  { says: 'A set of custom commands can be named like a built-in one.', where: types },
  {
    says: 'A command that came into a type through all or a set counts as referenced.',
    where: ['DeleteCommand'],
  },
  { says: 'Soft-deleted channels do not keep their type from being deleted.', where: ['DeleteChannelType'] },
  {
    says: 'A write works on the fresh object of its kind even while reads do not show it yet.',
    where: [...types, 'DeleteRole', 'UpdateCommand'],
  },
  {
    says: 'Only types, roles and commands propagate late; everything else is visible at once.',
    where: ['GetPermission', 'GetBlockList', 'QueryUsers'],
  },
  {
    says: 'A custom role keeps an empty list in a scope until the role itself is deleted.',
    where: ['GetChannelType', 'DeleteRole'],
  },
  {
    says: 'A role that still holds grants is refused with 400/4 and a text that names the scopes.',
    where: ['DeleteRole'],
  },
  {
    says: 'The list of built-in permissions is every known action in four variants; names and descriptions are made up.',
    where: ['ListPermissions'],
  },
  { says: 'A custom permission that is granted somewhere cannot be deleted.', where: ['DeletePermission'] },
  {
    says: 'Changing or deleting a built-in permission or command gives 400/4.',
    where: ['UpdatePermission', 'DeletePermission', 'UpdateCommand', 'DeleteCommand'],
  },
  { says: 'The names of sets and the word all cannot name a command.', where: ['CreateCommand'] },
  { says: 'Upper-case words are stored as they are.', where: ['CreateBlockList', 'UpdateBlockList'] },
  { says: 'A list without a team is shown to every team.', where: ['ListBlockLists'] },
  { says: 'User ids hold letters, digits, @, _, -, ! and dots, up to 255.', where: ['UpdateUsers'] },
  { says: 'An upsert without role, teams or language keeps them.', where: ['UpdateUsers'] },
  {
    says: 'An upsert that carries a computed field, such as created_at, is refused with 400/4.',
    where: ['UpdateUsers'],
  },
  {
    says: 'Built-in channel roles cannot be given to users, nor built-in user roles to members, with 400/4.',
    where: ['UpdateUsers', 'UpdateChannel'],
  },
  { says: 'A partial update of an unknown user gives 404/16.', where: ['UpdateUsersPartial'] },
  {
    says: 'A null in a partial update is stored as null for custom fields and removes name and image.',
    where: ['UpdateUsersPartial'],
  },
  { says: 'Deactivating a deactivated user gives 400/4.', where: ['DeactivateUser', 'DeactivateUsers'] },
  { says: 'A conversation is a channel of two members.', where: ['DeleteUser', 'DeleteUsers'] },
  { says: 'A soft-deleted user stays a member of his channels.', where: ['DeleteUsers', 'QueryMembers'] },
  { says: 'A bulk deletion that names no mode for users is a soft one.', where: ['DeleteUsers'] },
  {
    says: 'Reserved fields in channel data are all the computed ones, besides those tested.',
    where: [...creation, 'UpdateChannel'],
  },
  {
    says: 'Reserved fields in a partial update give 403/17 to a server too.',
    where: ['UpdateChannelPartial', 'UpdateMemberPartial'],
  },
  { says: 'Members in the data of an existing channel are ignored.', where: creation },
  { says: 'A creator who exists already is not changed by created_by.', where: creation },
  {
    says: 'Frozen, disabled, team, tags and overrides stay when a full update omits them, and the creator never changes.',
    where: ['UpdateChannel'],
  },
  {
    says: 'Overrides replace each other as a whole; null empties them; keys that cannot be overridden are dropped.',
    where: ['UpdateChannelPartial', 'GetOrCreateChannel'],
  },
  {
    says: 'Roles in overridden grants must exist; permission ids there are not checked.',
    where: ['UpdateChannelPartial'],
  },
  {
    says: 'Adding a member again with another role or other custom data changes nothing.',
    where: ['UpdateChannel'],
  },
  {
    says: 'The 2020 text for an unknown added member is still in use, for moderators and invites too.',
    where: ['UpdateChannel'],
  },
  { says: 'A revived channel has only what the reviving call gives.', where: creation },
  { says: 'A single hard deletion works on a soft-deleted channel.', where: ['DeleteChannel'] },
  {
    says: 'Members and messages are answered whatever the state flag says.',
    where: [...creation, 'QueryChannels'],
  },
  {
    says: 'Disabled channels appear only when the filter asks for them, also for a server that names CIDs.',
    where: ['QueryChannels'],
  },
  { says: 'Channels may be sorted by custom fields.', where: ['QueryChannels'] },
  {
    says: 'Without a sort, channels come by last message or creation, newest first.',
    where: ['QueryChannels'],
  },
  {
    says: 'Work of a task is done at once; only its report waits for the propagation time.',
    where: ['GetTask'],
  },
  {
    says: 'A limit counts refused requests no further, and its minute starts with the minute of the clock.',
    where: ['GetRateLimits'],
  },
  { says: 'A request body may have five mebibytes.', where: ['UpdateUsers'] },
  {
    says: 'Texts of refusals that no source quotes are made up in the wording of the quoted ones.',
    where: ['UpdateApp', 'UpdateUsers', 'UpdateChannel'],
  },
  ...chatGuesses,
];
