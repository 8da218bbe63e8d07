import { partsOf, type Address } from '../../model/address.ts';
import type { PlanReport, ReportChange } from '../../model/report.ts';
import { counted, nameText, objectText, pathLabel } from '../words.ts';
import { html, nothing, type Markup } from './markup.ts';

/** Whose a difference is, as a report says it. */
export type Whose = NonNullable<ReportChange['origin']>;

/** Whose a difference is, in words. */
export const whoseWords = {
  branch: 'asked for by this branch',
  before: 'differs already',
  pending: 'pending: merged, never applied',
  drift: 'drift: the live app moved',
  mixed: 'mixed origins',
} as const satisfies Record<Whose, string>;

/** What becomes of an object: a reset is no deletion to whoever reads it. */
export type Fate = 'create' | 'delete' | 'reset' | 'update';

/** The sign and the word of each. */
export const fates = {
  delete: { sign: '−', word: 'delete' },
  reset: { sign: '↺', word: 'reset' },
  update: { sign: '~', word: 'change' },
  create: { sign: '+', word: 'create' },
} as const satisfies Record<Fate, { readonly sign: string; readonly word: string }>;

/** What becomes of an object. */
export function fateOf({ action, how }: Pick<ReportChange, 'action' | 'how'>): Fate {
  return action === 'delete' && how === 'reset' ? 'reset' : action;
}

/** The number of each object's card: ids are numbers, since no text may become one. */
export type Cards = ReadonlyMap<string, number>;

/** Numbers the cards of a report from 1. */
export function cardsOf({ changes }: PlanReport): Cards {
  const cards = new Map<string, number>();
  for (const [index, { address }] of changes.entries())
    if (!cards.has(address)) cards.set(address, index + 1);
  return cards;
}

/** An object by its address, with a way to its card when it has one. */
export function objectMarkup(address: string, cards: Cards): Markup {
  const { kind, key } = partsOf(address as Address);
  const name = html`<code>${objectText(kind, key)}</code>`;
  const card = cards.get(address);
  return card === undefined ? name : html`<a href="#change-${card}">${name}</a>`;
}

/** A value inside an object, or nothing for the whole one. */
export function pathMarkup(path: readonly string[]): Markup {
  return path.length === 0 ? nothing : html` <code>${pathLabel(path)}</code>`;
}

/** The line of a manifest. */
export function placeMarkup(source: ReportChange['source']): Markup {
  if (source === undefined) return nothing;
  return html` <bdi class="place">${source.file}:${source.line}</bdi>`;
}

/** A short mark in words; its tone is only a colour. */
export function badge(tone: 'add' | 'plain' | 'remove' | 'warn', words: string): Markup {
  return html` <span class="badge ${tone}">${words}</span>`;
}

/** Whose a difference is, where that is known. */
export function whoseBadge(whose: Whose | undefined): Markup {
  if (whose === undefined) return nothing;
  return badge(whose === 'drift' || whose === 'pending' ? 'warn' : 'plain', whoseWords[whose]);
}

/** More elements than a reader sees at a glance. */
export const manyElements = 60;

/** A box of its own for what is long: all of it is there, and a keyboard can scroll it. */
export function scrolling(label: string, content: Markup): Markup {
  return html`<div class="long" role="group" aria-label="${label}" tabindex="0">${content}</div>`;
}

/** Names after a colon, all of them. */
export function namesMarkup(names: readonly string[]): Markup {
  if (names.length === 0) return nothing;
  const list = html`${names.map((name, index) => html`${index === 0 ? '' : ', '}<code>${nameText(name)}</code>`)}`;
  return names.length > manyElements
    ? html`: ${scrolling(counted(names.length, 'name'), list)}`
    : html`: ${list}`;
}

/** A section with a heading, or nothing when it would be empty. */
export function section(id: string, title: string, content: readonly Markup[]): Markup {
  if (content.length === 0) return nothing;
  return html` <section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${content}
  </section>`;
}
