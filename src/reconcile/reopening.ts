import { pathText } from '../model/address.ts';
import type { Create, Element, FieldChange, Update } from '../model/change.ts';
import type { Danger } from '../model/danger.ts';
import type { Kind } from '../model/kind.ts';
import type { ChangeOrigin, FieldOrigin, Origin } from '../model/origin.ts';

/**
 * The restrictions of the live app that an update would open although the branch did not ask for it. What is pending
 * was asked for by a merge, and the live app has closed nothing of it.
 */
export function reopeningsIn(
  { address, fields }: Update<unknown, unknown>,
  whose: ChangeOrigin,
  kind: Kind,
): readonly Danger[] {
  return fields.flatMap((field): readonly Danger[] => {
    const origin = whose.fields.get(pathText(field.path));
    const part = origin === undefined ? undefined : unaskedPart(field, origin);
    if (part === undefined) return [];
    const isDrift = origin?.origin === 'drift' || [...(origin?.elements?.values() ?? [])].includes('drift');
    if (kind.reopens?.(part, isDrift ? 'drift' : 'before') !== true) return [];
    return [
      {
        code: 'reopens-restriction',
        address,
        path: field.path,
        message: isDrift ? taken(part) : closed(part),
      },
    ];
  });
}

/** For an object that was applied once, so that somebody must have deleted it. */
export function madeAgain({ address }: Create<unknown, unknown>): Danger {
  const message = `somebody deleted ${address} in the live app, and it would be made again`;
  return { code: 'reopens-restriction', address, path: [], message };
}

/** What is left of a difference without what the branch and the merges before it ask for. */
function unaskedPart(field: FieldChange, { origin, elements }: FieldOrigin): FieldChange | undefined {
  if (field.op !== 'elements') return isUnasked(origin) ? field : undefined;
  const unasked = ({ name }: Element): boolean => isUnasked(elements?.get(name));
  const added = field.added.filter(unasked);
  const removed = field.removed.filter(unasked);
  if (added.length === 0 && removed.length === 0) return undefined;
  return { ...field, added, removed, after: field.before + added.length - removed.length };
}

function isUnasked(origin: Origin | 'mixed' | undefined): boolean {
  return origin === 'before' || origin === 'drift';
}

/** For what was applied once, so that the live app must have moved. */
function taken(field: FieldChange): string {
  const place = field.path.at(-1) ?? '';
  if (field.op !== 'elements')
    return `the live app has changed ${pathText(field.path)}, and this branch did not ask for it back`;
  return field.added.length > 0
    ? `the live app has taken ${names(field.added)} from ${place}, and this branch did not ask for it back`
    : `the live app has added ${names(field.removed)} to ${place}, and this branch did not ask to take it out`;
}

/** For what may have been closed by somebody, or never have been open. */
function closed(field: FieldChange): string {
  const place = field.path.at(-1) ?? '';
  if (field.op !== 'elements')
    return `${pathText(field.path)} is closed in the live app, and this branch did not ask to open it`;
  return field.added.length > 0
    ? `${place} does not have ${names(field.added)} in the live app, and this branch did not ask for it`
    : `${place} has ${names(field.removed)} in the live app, and this branch did not ask to take it out`;
}

function names(elements: readonly Element[]): string {
  const first = elements.slice(0, 5).map(({ name }) => name);
  const more = elements.length - first.length;
  return more === 0 ? first.join(', ') : `${first.join(', ')} and ${more} more`;
}
