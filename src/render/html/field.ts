import type { ReportChange, ReportField } from '../../model/report.ts';
import { side } from '../field-text.ts';
import { elementText, valueLines } from '../value-text.ts';
import { counted, grouped, pathLabel } from '../words.ts';
import { manyElements, placeMarkup, scrolling, whoseBadge, whoseWords } from './labels.ts';
import { html, lines, nothing, type Markup } from './markup.ts';

/** The differences inside one object: before and after side by side, or the only one of both that there is. */
export function fieldTable(change: ReportChange): Markup {
  if (change.fields.length === 0) return nothing;
  const sides = {
    create: html`<th scope="col">After</th>`,
    update: html`<th scope="col">Before</th>
      <th scope="col">After</th>`,
    delete: html`<th scope="col">Before</th>`,
  }[change.action];
  return html` <table class="fields ${change.action}">
    <thead>
      <tr>
        <th scope="col">Field</th>
        ${sides}
      </tr>
    </thead>
    <tbody>
      ${change.fields.map((field) => fieldRow(field, change))}
    </tbody>
  </table>`;
}

function fieldRow(field: ReportField, change: ReportChange): Markup {
  const whose = field.origin === change.origin ? undefined : field.origin;
  const before =
    change.action === 'create' && field.op !== 'remove' && field.op !== 'set'
      ? nothing
      : cell(field, 'before');
  const after =
    change.action === 'delete' && field.op !== 'add' && field.op !== 'set' ? nothing : cell(field, 'after');
  return html` <tr>
    <th scope="row"><code>${pathLabel(field.path)}</code>${whoseBadge(whose)}${lineMarkup(field, change)}</th>
    ${before}${after}
  </tr>`;
}

/** The line alone where the file is that of the object. */
function lineMarkup({ source }: ReportField, change: ReportChange): Markup {
  if (source === undefined || source.file !== change.source?.file) return placeMarkup(source);
  return source.line === change.source.line ? nothing : html` <span class="place">line ${source.line}</span>`;
}

function cell(field: ReportField, name: 'after' | 'before'): Markup {
  return html`<td class="${name}">
    ${field.op === 'elements' ? setSide(field, name) : valueSide(field, name)}
  </td>`;
}

function valueSide(field: ReportField, name: 'after' | 'before'): Markup {
  if (field.op === (name === 'before' ? 'add' : 'remove')) return html`<span class="quiet">not set</span>`;
  const one = side(field, name);
  const texts = one.secret ? [one.text] : valueLines(one.value, { width: 60, whole: true });
  const size = texts.reduce((sum, text) => sum + text.length, 0);
  const value = html`<code>${lines(texts.map((text) => html`${text}`))}${one.note}</code>`;
  const long = texts.length > 12 || size > 600;
  return long ? scrolling(`value of ${counted(size, 'character')}`, value) : value;
}

/** How large the set is on this side, and what only this side has. */
function setSide(field: ReportField, name: 'after' | 'before'): Markup {
  const total = (name === 'before' ? field.before_size : field.after_size) ?? 0;
  const elements = (name === 'before' ? field.removed : field.added) ?? [];
  const sign = name === 'before' ? '−' : '+';
  const items = elements.map((element) => {
    const whose =
      element.origin === undefined || element.origin === field.origin
        ? nothing
        : html` <small>${whoseWords[element.origin]}</small>`;
    return html`<li>${sign} <code>${elementText(element)}</code>${whose}</li>`;
  });
  const kept = total === 0 ? 'none' : `${grouped(total)} in all`;
  const list = html`<ul class="chips ${name === 'before' ? 'remove' : 'add'}">
    ${items}
  </ul>`;
  if (items.length === 0) return html`<span class="quiet">${kept}</span>`;
  return html`<span class="quiet">${kept}</span
    >${items.length > manyElements ? scrolling(counted(items.length, 'element'), list) : list}`;
}
