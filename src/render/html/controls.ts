import type { ReportChange } from '../../model/report.ts';
import { visibleId } from '../escape.ts';
import { grouped } from '../words.ts';
import { fateOf, fates, whoseWords, type Fate, type Whose } from './labels.ts';
import { html, nothing, type Markup } from './markup.ts';

/** What can be filtered by, of one card. */
export interface Traits {
  readonly change: ReportChange;
  readonly kind: number;
  readonly harm: readonly ('danger' | 'loss')[];
  readonly origins: readonly string[];
}

/** The search and the filters; hidden until the script, which they need, shows them. */
export function controls(traits: readonly Traits[], kinds: ReadonlyMap<string, number>): Markup {
  if (traits.length < 2) return nothing;
  const count = (test: (one: Traits) => boolean): number => traits.filter(test).length;
  const groups = [
    group(
      'kind',
      'Kind',
      [...kinds].map(([name, number]) => ({
        value: String(number),
        words: visibleId(name),
        count: count(({ kind }) => kind === number),
      })),
    ),
    group(
      'action',
      'Action',
      (Object.keys(fates) as Fate[]).map((fate) => ({
        value: fate,
        words: fates[fate].word,
        count: count(({ change }) => fateOf(change) === fate),
      })),
    ),
    group(
      'harm',
      'Only',
      (['danger', 'loss'] as const).map((one) => ({
        value: one,
        words: { danger: 'dangers', loss: 'losses' }[one],
        count: count(({ harm }) => harm.includes(one)),
      })),
      1,
    ),
    group(
      'origin',
      'Origin',
      (Object.keys(whoseWords) as Whose[]).map((one) => ({
        value: one,
        words: whoseWords[one],
        count: count(({ origins }) => origins.includes(one)),
      })),
    ),
  ];
  return html` <div id="controls" role="search" aria-label="Filter the changes" hidden>
    <p>
      <label for="search">Search</label>
      <input
        id="search"
        type="search"
        autocomplete="off"
        spellcheck="false"
        aria-keyshortcuts="/"
        placeholder="address, field or value ( / )"
      />
      <button type="button" id="clear" disabled>Show all</button> <span id="count" role="status"></span>
    </p>
    <div class="filters">${groups}</div>
  </div>`;
}

interface Choice {
  readonly value: string;
  readonly words: string;
  readonly count: number;
}

/** A choice that all cards share, or none, is none. */
function group(name: string, title: string, choices: readonly Choice[], least = 2): Markup {
  const offered = choices.filter(({ count }) => count > 0);
  if (offered.length < least) return nothing;
  const buttons = offered.map(
    ({ value, words, count }) =>
      html` <button type="button" aria-pressed="false" data-group="${name}" data-value="${value}">
        ${words} <small>${grouped(count)}</small>
      </button>`,
  );
  return html`<div role="group" aria-label="${title}"><span class="quiet">${title}</span>${buttons}</div>`;
}
