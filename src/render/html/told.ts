import type { PlanReport, ReportDanger, ReportDiagnostic } from '../../model/report.ts';
import { spokenDangers } from '../danger-text.ts';
import { quoted } from '../escape.ts';
import { losingOf, losingText, type Losing } from '../losing.ts';
import { badge, namesMarkup, objectMarkup, pathMarkup, placeMarkup, section, type Cards } from './labels.ts';
import { html, nothing, type Markup } from './markup.ts';

/** What nobody may overlook, above everything else: errors, dangers, and all that goes. */
export function cautionSection(report: PlanReport, cards: Cards): Markup {
  const errors = report.diagnostics.filter(({ severity }) => severity === 'error');
  return section('caution', 'Caution', [
    ...list(
      'Errors',
      errors.map((error) => diagnosticItem(error, cards)),
    ),
    ...list(
      'Dangers',
      spokenDangers(report).map((danger) => dangerItem(danger, cards)),
    ),
    ...list(
      'Losses',
      losingOf(report).map((losing) => losingItem(losing, cards)),
    ),
  ]);
}

/** What the manifests no longer declare: it stays as it is, and nobody watches it. */
export function leavingSection({ leaving }: PlanReport, cards: Cards): Markup {
  const items = leaving.map(
    ({ address, path, guards }) =>
      html`<li>
        ${objectMarkup(address, cards)}${pathMarkup(path)}${guards ? badge('remove', 'protects the app') : nothing}${path.length === 0 ? ' (the whole object)' : ''}
      </li>`,
  );
  if (items.length === 0) return nothing;
  return section('leaving', 'Leaves management', [
    html`<p>No longer declared: the live value stays as it is, and later plans do not look at it.</p>`,
    html`<ul class="told">
      ${items}
    </ul>`,
  ]);
}

/** Warnings and notes about no object that changes. */
export function diagnosticSection({ diagnostics }: PlanReport, cards: Cards): Markup {
  const elsewhere = diagnostics.filter(
    ({ severity, address = '' }) => severity !== 'error' && !cards.has(address),
  );
  if (elsewhere.length === 0) return nothing;
  return section('diagnostics', 'Warnings and notes', [
    html`<ul class="told">
      ${elsewhere.map((one) => diagnosticItem(one, cards))}
    </ul>`,
  ]);
}

/** One problem; with its object where the page does not say it already. */
export function diagnosticItem(
  { severity, code, message, help, address, source }: ReportDiagnostic,
  cards?: Cards,
): Markup {
  const tone = { error: 'remove', warning: 'warn', note: 'plain' } as const;
  const object =
    cards === undefined || address === undefined ? nothing : html` ${objectMarkup(address, cards)}`;
  const advice = help === undefined ? nothing : html`<div class="help">help: <bdi>${help}</bdi></div>`;
  return html`<li>
    ${badge(tone[severity], severity)} <code>${code}</code>${object}:
    <bdi>${message}</bdi>${placeMarkup(source)}${advice}
  </li>`;
}

/** What the policies say of a danger, unless somebody accepted it. */
function dangerBadge({ action, accepted }: ReportDanger): Markup {
  if (accepted !== undefined) return badge('plain', 'accepted');
  return {
    block: badge('remove', 'blocked'),
    warn: badge('warn', 'danger'),
    allow: badge('plain', 'allowed'),
  }[action];
}

/** One danger; with its object where the page does not say it already. */
export function dangerItem(danger: ReportDanger, cards?: Cards): Markup {
  const { code, address, path, message, accepted, source } = danger;
  const object = cards === undefined ? nothing : html` ${objectMarkup(address, cards)}`;
  const reason =
    accepted === undefined
      ? nothing
      : html`<div class="help">accepted, because: <bdi>${quoted(accepted)}</bdi></div>`;
  return html`<li>
    ${dangerBadge(danger)} <code>${code}</code>${object}${pathMarkup(path)}:
    <bdi>${message}</bdi>${placeMarkup(source)}${reason}
  </li>`;
}

function losingItem(losing: Losing, cards: Cards): Markup {
  const { address, goes, loses, source, approved } = losing;
  const reason =
    goes === undefined || goes.because === '' ? nothing : html`; because: <bdi>${quoted(goes.because)}</bdi>`;
  const mark = badge(approved ? 'plain' : 'remove', approved ? 'approved' : 'not approved');
  const words = losingText({ ...losing, approved: true }, (text) => text);
  return html`<li>
    ${mark} ${objectMarkup(address, cards)}
    ${words}${namesMarkup(loses?.names ?? [])}${reason}${placeMarkup(source)}
  </li>`;
}

function list(title: string, items: readonly Markup[]): readonly Markup[] {
  return items.length === 0
    ? []
    : [
        html` <h3>${title} (${items.length})</h3>
          <ul class="told">
            ${items}
          </ul>`,
      ];
}
