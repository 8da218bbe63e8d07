import type { Change } from '../../model/change.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Loss } from '../../model/kind.ts';
import type { Resource } from '../../model/resource.ts';
import type { ChannelForm, DeclaredChannel } from './form.ts';

/** Stream wants an owner for a new channel and fixes it there: missing is an error, different is a note. */
export function fixedAtCreation(
  resource: Resource<DeclaredChannel>,
  live: ChannelForm | undefined,
): readonly Diagnostic[] {
  const { declared, address } = resource;
  if (live === undefined) {
    if (declared.created_by !== undefined) return [];
    return [
      {
        severity: 'error',
        code: 'missing-owner',
        message: `${address} does not exist yet, and a new channel needs created_by`,
        help: 'Add `created_by: USER`, here or under defaults.',
        at: resource.locate([], 'name'),
        address,
      },
    ];
  }
  if (declared.created_by === undefined || declared.created_by === live.created_by) return [];
  return [
    {
      severity: 'note',
      code: 'fixed-at-creation',
      message: `${address} was created by ${live.created_by ?? 'a user who is gone'}, not ${declared.created_by}; Stream does not change it`,
      help: 'Write the live value, or leave created_by out.',
      at: resource.locate(['created_by']),
      address,
    },
  ];
}

/** The members who leave: they lose the history of the channel. */
export function membersLost(change: Change<DeclaredChannel, ChannelForm>): readonly Loss[] {
  if (change.action !== 'update') return [];
  const names = change.fields.flatMap((field) =>
    field.op === 'elements' && field.path[0] === 'members' ? field.removed.map(({ name }) => name) : [],
  );
  return names.length === 0 ? [] : [{ what: 'member', names }];
}
