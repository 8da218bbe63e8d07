import type {
  ReportChange,
  ReportDanger,
  ReportDiagnostic,
  ReportLoss,
  ReportOutcome,
} from '../../model/report.ts';
import { goingWords, isItself } from '../change-text.ts';
import { quoted } from '../escape.ts';
import { reachText } from '../reach-text.ts';
import { counted, objectText, pathLabel } from '../words.ts';
import { fieldTable } from './field.ts';
import { badge, fateOf, fates, namesMarkup, placeMarkup, whoseBadge } from './labels.ts';
import { html, nothing, type Markup } from './markup.ts';
import { matrix } from './matrix.ts';
import { dangerItem, diagnosticItem } from './told.ts';

/** What else a report says about one object. */
export interface About {
  readonly dangers: readonly ReportDanger[];
  readonly losses: readonly ReportLoss[];
  /** Warnings and notes; errors have a place of their own. */
  readonly diagnostics: readonly ReportDiagnostic[];
  readonly outcome?: ReportOutcome;
}

/** One object: what becomes of it, why a reader should look, and every difference. */
export function card(change: ReportChange, number: number, kind: number, about: About): Markup {
  const fate = fateOf(change);
  const { sign, word } = fates[fate];
  const title = html`<h3>
    <span class="fate ${fate}">${sign} ${word}</span> <code>${objectText(change.kind, change.key)}</code>
  </h3>`;
  return html` <article
    class="card ${fate}"
    id="change-${number}"
    data-kind="${kind}"
    data-action="${fate}"
    data-harm="${harmOf(change, about).join(' ')}"
    data-origin="${originsIn(change).join(' ')}"
    data-address="${change.address}"
  >
    <header>${title}${badges(change, about)}${placeMarkup(change.source)}</header>
    ${toldItems(change, about)}${contentOf(change, number)}${restOf(change)}
  </article>`;
}

/** A whole object that comes or goes can be long: the script folds it, and nothing is hidden without the script. */
function contentOf(change: ReportChange, number: number): Markup {
  const content = html`${fieldTable(change)}${matrix(change, number)}`;
  const { action, fields } = change;
  if (action === 'update' || fields.length <= 12) return content;
  const what = action === 'delete' ? ' that go with it' : '';
  return html`<details open data-folds>
    <summary>${counted(fields.length, 'field')}${what}</summary>
    ${content}
  </details>`;
}

/** Why a card is one to look at. */
export function harmOf({ action, how }: ReportChange, about: About): readonly ('danger' | 'loss')[] {
  const lossy = about.losses.length > 0 || (action === 'delete' && how !== 'reset');
  return [...(about.dangers.length > 0 ? (['danger'] as const) : []), ...(lossy ? (['loss'] as const) : [])];
}

/** Every origin that something in a change has. */
export function originsIn({ origin, fields }: ReportChange): readonly string[] {
  const inside = fields.flatMap((field) => [
    field.origin,
    ...[...(field.added ?? []), ...(field.removed ?? [])].map((element) => element.origin),
  ]);
  return [...new Set([origin, ...inside].filter((one) => one !== undefined))];
}

function badges(change: ReportChange, { outcome }: About): Markup {
  const reach = reachText([change]);
  const outcomes = { applied: 'add', failed: 'remove', skipped: 'warn' } as const;
  return html`${outcome === undefined ? nothing : badge(outcomes[outcome.status], outcome.status)}${whoseBadge(change.origin)}${change.adopts === true ? badge('warn', 'adopts: the first touch of a live object') : nothing}${reach === '' ? nothing : badge('plain', reach)}`;
}

function toldItems(change: ReportChange, { dangers, losses, diagnostics, outcome }: About): Markup {
  const { because = '', how = 'delete', action } = change;
  const itself = losses.filter((loss) => isItself(loss, change));
  const others = losses.filter((loss) => !itself.includes(loss));
  const reason = because === '' ? nothing : html`; because: <bdi>${quoted(because)}</bdi>`;
  const items = [
    ...(outcome?.because === undefined
      ? []
      : [html`<li>${outcome.status}: <bdi>${outcome.because}</bdi></li>`]),
    ...(action === 'delete' ? [html`<li>${goingWords[how]}${marksOf(itself)}${reason}</li>`] : []),
    ...others.map(lossItem),
    ...dangers.map((danger) => dangerItem(danger)),
    ...diagnostics.map((diagnostic) => diagnosticItem(diagnostic)),
  ];
  return items.length === 0
    ? nothing
    : html`<ul class="told">
        ${items}
      </ul>`;
}

function lossItem(loss: ReportLoss): Markup {
  const { what, names } = loss;
  return html`<li>loses ${counted(names.length, what)}${marksOf([loss])}${namesMarkup(names)}</li>`;
}

function marksOf(losses: readonly ReportLoss[]): readonly Markup[] {
  return losses.map(({ approved }) =>
    approved ? badge('plain', 'approved') : badge('remove', 'not approved'),
  );
}

function restOf({ action, fields, uncompared, unchanged }: ReportChange): Markup {
  const paths = uncompared.map(
    (path, index) => html`${index === 0 ? '' : ', '}<code>${pathLabel(path.split('.'))}</code>`,
  );
  const verb = fields.length === 0 ? 'sent again' : 'sent';
  return html`${paths.length === 0 ? nothing : html`<p class="quiet">${verb}, cannot be compared: ${paths}</p>`}${action === 'update' && unchanged > 0 ? html`<p class="quiet">${unchanged} unchanged</p>` : nothing}`;
}
