import type { ReportChange } from '../../model/report.ts';
import { grouped, nameText } from '../words.ts';
import { html, nothing, type Markup } from './markup.ts';

type Role = NonNullable<ReportChange['rights']>[number];
type State = 'gained' | 'kept' | 'lost';

/** Which role may do what: permissions down, roles across, those that change first. */
export function matrix({ rights = [] }: ReportChange, number: number): Markup {
  const roles = rights.map((role) => ({ role: role.role, states: statesOf(role) }));
  const permissions = [...new Set(roles.flatMap(({ states }) => [...states.keys()]))].sort();
  if (permissions.length === 0) return nothing;
  const changes = (permission: string): boolean =>
    roles.some(({ states }) => (states.get(permission) ?? 'kept') !== 'kept');
  const row = (permission: string): Markup =>
    html` <tr>
      <th scope="row">${brokenName(permission)}</th>
      ${roles.map(({ states }) => cells[states.get(permission) ?? 'none'])}
    </tr>`;
  const changed = permissions.filter(changes);
  const kept = permissions.filter((permission) => !changes(permission));
  const count = (state: State): string => grouped(rights.reduce((sum, role) => sum + role[state].length, 0));
  const toggle =
    changed.length === 0 || kept.length === 0
      ? nothing
      : html` <button type="button" hidden aria-pressed="false" data-rows="rights-${number}">
          Changed rows only
        </button>`;
  return html` <p class="legend" id="rights-${number}-title">
      Permissions by role: <span class="gained">+ ${count('gained')} gained</span>,
      <span class="lost">− ${count('lost')} lost</span>, • ${count('kept')} kept.${toggle}
    </p>
    <div class="matrix" role="region" aria-labelledby="rights-${number}-title" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">Permission</th>
            ${rights.map(({ role }) => html`<th scope="col">${brokenName(role)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${changed.map(row)}
        </tbody>
        <tbody id="rights-${number}">
          ${kept.map(row)}
        </tbody>
      </table>
    </div>`;
}

function statesOf(role: Role): ReadonlyMap<string, State> {
  return new Map(
    (['kept', 'gained', 'lost'] as const).flatMap((state) => role[state].map((id) => [id, state] as const)),
  );
}

/** A sign for eyes, a word for ears; the colour only repeats them. */
const cells = {
  kept: html`<td class="kept"><span aria-hidden="true">•</span><span class="aside">kept</span></td>`,
  gained: html`<td class="gained"><span aria-hidden="true">+</span><span class="aside">gained</span></td>`,
  lost: html`<td class="lost"><span aria-hidden="true">−</span><span class="aside">lost</span></td>`,
  none: html`<td></td>`,
} as const satisfies Record<State | 'none', Markup>;

/** A name that may break after each underscore, so that columns stay narrow. */
function brokenName(name: string): Markup {
  const parts = nameText(name).split('_');
  return html`<code
    >${parts.map((part, index) => (index === 0 ? html`${part}` : html`_<wbr />${part}`))}</code
  >`;
}
