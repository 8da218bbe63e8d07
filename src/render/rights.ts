import type { Change } from '../model/change.ts';
import type { Rights } from '../model/danger.ts';
import type { Kind } from '../model/kind.ts';
import type { ReportChange } from '../model/report.ts';

/** Who may do what before and after, by role and permission in code units; undefined when no grant changes. */
export function rightsOf(change: Change, kind: Kind): ReportChange['rights'] {
  if (kind.rights === undefined || change.action === 'keep') return undefined;
  if (!change.fields.some(({ path }) => path[0] === 'grants')) return undefined;
  const before: Rights = change.action === 'create' ? {} : kind.rights(change.live);
  const after: Rights = change.action === 'delete' ? {} : kind.rights(change.desired);
  const roles = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const rows = roles.map((role) => {
    const [had, has] = [before, after].map((rights) => new Set(Object.keys(rights[role] ?? {}).sort()));
    return {
      role,
      kept: [...(had ?? [])].filter((id) => has?.has(id) === true),
      gained: [...(has ?? [])].filter((id) => had?.has(id) !== true),
      lost: [...(had ?? [])].filter((id) => has?.has(id) !== true),
    };
  });
  return rows.filter(({ kept, gained, lost }) => kept.length + gained.length + lost.length > 0);
}
