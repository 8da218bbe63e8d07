import type { Change } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Kind, Read } from '../model/kind.ts';
import type { Removal } from '../model/resource.ts';
import { diff } from './diff.ts';
import { grownSince, notOurs } from './undo.ts';

/** What a `removed:` line comes to: the deletion, or why there is none. */
export function removalOf(
  removal: Removal,
  kind: Kind,
  read: Read,
): { readonly value: Change | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const note = (code: string, message: string, help: string): Diagnostic => ({
    severity: 'note',
    code,
    message,
    help,
    at: removal.at,
    address: removal.address,
  });
  if (read.state !== 'present') {
    return {
      value: undefined,
      diagnostics: [note('already-removed', `${removal.address} is gone`, 'Delete this line.')],
    };
  }
  const { created_before: limit } = removal;
  const { createdAt } = read;
  const kept =
    removal.undoes === undefined
      ? undefined
      : (notOurs(removal, createdAt) ?? grownSince(removal, removal.undoes, read.live, kind));
  if (kept !== undefined) return { value: undefined, diagnostics: [kept] };
  if (isSpared(removal, createdAt)) {
    const age = createdAt === undefined ? 'at a time that Stream does not tell' : `at ${createdAt}`;
    const why = `${removal.address} was created ${age}, not before ${limit}, and stays`;
    return { value: undefined, diagnostics: [note('spared', why, 'Delete this line.')] };
  }
  const how = kind.deletion?.(removal) ?? 'delete';
  const diagnostics: Diagnostic[] = [];
  if (how === 'reset' && limit === undefined) {
    diagnostics.push({
      severity: 'error',
      code: 'reset-needs-a-date',
      message: `${removal.address} is built in: deleting it resets it to Stream's defaults, at every apply`,
      help: 'Add `created_before:` with the time of this change, so that it is reset once.',
      at: removal.at,
      address: removal.address,
    });
  }
  const { address, kind: name, key } = removal;
  const fields = diff(read.live as object, {}, kind.schema);
  return {
    value: {
      address,
      kind: name,
      key,
      action: 'delete',
      removal,
      live: read.live,
      raw: read.raw,
      ...(createdAt === undefined ? {} : { createdAt }),
      ...(read.inUse === undefined ? {} : { inUse: read.inUse }),
      fields,
      how,
      uncompared: [],
    },
    diagnostics,
  };
}

/** True for an object that is too young for its removal: a namesake that came later. */
export function isSpared({ created_before: limit }: Removal, createdAt: string | undefined): boolean {
  return limit !== undefined && (createdAt === undefined || Date.parse(createdAt) >= Date.parse(limit));
}
