import type { Catalogue } from '../model/kind.ts';
import type { Input, ReadOperation, ReadStream } from '../model/stream.ts';
import { heldList } from './answers.ts';
import { textAt } from './values.ts';

/** Things that manifests refer to and that this version cannot declare yet: each is one list in the live app. */
export const catalogues: readonly Catalogue[] = [
  {
    name: 'permission',
    everywhere: permissionIds(),
    known: listed('ListPermissions', 'permissions', ['id']),
  },
  {
    name: 'command',
    everywhere: new Set(['all', 'ban', 'fun_set', 'giphy', 'moderation_set', 'mute', 'unban', 'unmute']),
    known: listed('ListCommands', 'commands', ['name', 'set'], ['all']),
  },
  {
    name: 'blocklist',
    everywhere: new Set(['profanity_en_2020_v1']),
    known: listed('ListBlockLists', 'blocklists', ['name'], [], { query: { limit: 200 } }),
  },
];

/** The names in one list: what these fields of its entries say, and some more. */
function listed(
  operation: ReadOperation,
  list: string,
  fields: readonly string[],
  more: readonly string[] = [],
  input?: Input,
) {
  return async (stream: ReadStream): Promise<ReadonlySet<string>> => {
    const entries = heldList(await stream.read(operation, input), operation, list);
    return new Set([
      ...more,
      ...entries.flatMap((entry) => fields.flatMap((field) => textAt(entry, field) ?? [])),
    ]);
  };
}

/** The ids that Stream's actions give: in kebab case, plain, for what a user owns, and across teams. */
function permissionIds(): ReadonlySet<string> {
  const actions =
    `add-links add-own-channel-membership ban-channel-member ban-user cast-vote create-attachment create-call
    create-channel create-distinct-channel-for-others create-mention create-message create-reaction create-reply
    create-restricted-visibility-message create-system-message delete-attachment delete-channel delete-message
    delete-reaction flag-message flag-user join-call mute-channel mute-user notify-channel notify-group notify-here
    notify-role pin-message query-votes read-channel read-channel-members read-disabled-channel read-flag-reports
    read-message-flags read-restricted-visibility-message read-roles recreate-channel remove-own-channel-membership
    run-message-action search-user send-custom-event send-poll share-location skip-channel-cooldown
    skip-message-moderation truncate-channel unblock-message update-channel update-channel-cooldown
    update-channel-frozen update-channel-members update-flag-report update-message update-thread update-user
    update-user-role update-user-teams upload-attachment use-frozen-channel`.split(/\s+/);
  return new Set(
    ['', '-owner', '-any-team', '-owner-any-team'].flatMap((suffix) => actions.map((id) => id + suffix)),
  );
}
