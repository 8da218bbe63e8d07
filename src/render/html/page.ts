import { grouped as groupedBy } from '../../model/grouped.ts';
import type { PlanReport } from '../../model/report.ts';
import { card, harmOf, originsIn, type About } from './card.ts';
import { controls } from './controls.ts';
import { outcomeSection, pageHeader, titleText } from './head.ts';
import { cardsOf } from './labels.ts';
import { html, nothing, verbatim, type Markup } from './markup.ts';
import { costSection, madeFromSection, uncomparedSection } from './rest.ts';
import { script, scriptHash } from './script.ts';
import { style, styleHash } from './style.ts';
import { cautionSection, diagnosticSection, leavingSection } from './told.ts';

/**
 * A report as one page that needs nothing else: it loads nothing, nothing foreign in it acts, equal reports give equal
 * bytes, and without its script everything is there.
 */
export function renderHtml(report: PlanReport): string {
  const cards = cardsOf(report);
  const policy = `default-src 'none'; style-src '${styleHash}'; script-src '${scriptHash}'; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${titleText(report)}</title>
        ${verbatim(`<style>${style}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">To the report</a>${pageHeader(report)}
        <main id="main">
          ${outcomeSection(report, cards)}${cautionSection(report, cards)}${leavingSection(report, cards)}${changeSection(report)}${diagnosticSection(report, cards)}${uncomparedSection(report, cards)}${costSection(report)}
        </main>
        <footer>${madeFromSection(report)}</footer>
        ${verbatim(`<script>${script}</script>`)}
      </body>
    </html> `;
  return page.markup;
}

function changeSection({ changes, dangers, losses, diagnostics, outcomes = [] }: PlanReport): Markup {
  if (changes.length === 0) return nothing;
  const kinds = new Map(
    [...new Set(changes.map(({ kind }) => kind))].map((kind, index) => [kind, index + 1]),
  );
  const byAddress = {
    dangers: groupedBy(dangers, ({ address }) => address),
    losses: groupedBy(losses, ({ address }) => address),
    diagnostics: groupedBy(
      diagnostics.filter(({ severity }) => severity !== 'error'),
      ({ address }) => address ?? '',
    ),
    outcomes: new Map(outcomes.map((outcome) => [outcome.address, outcome])),
  };
  const shown = changes.map((change, index) => {
    const outcome = byAddress.outcomes.get(change.address);
    const about: About = {
      dangers: byAddress.dangers.get(change.address) ?? [],
      losses: byAddress.losses.get(change.address) ?? [],
      diagnostics: byAddress.diagnostics.get(change.address) ?? [],
      ...(outcome === undefined ? {} : { outcome }),
    };
    const kind = kinds.get(change.kind) ?? 0;
    const traits = { change, kind, harm: harmOf(change, about), origins: originsIn(change) };
    return { traits, card: card(change, index + 1, kind, about) };
  });
  return html` <section id="changes" aria-labelledby="changes-title">
    <h2 id="changes-title">Changes (${changes.length})</h2>
    ${controls(
      shown.map(({ traits }) => traits),
      kinds,
    )}
    <p id="none" hidden>No change matches.</p>
    <div class="cards">${shown.map((one) => one.card)}</div>
  </section>`;
}
