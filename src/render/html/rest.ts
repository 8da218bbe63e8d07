import type { PlanReport } from '../../model/report.ts';
import { grouped, pathLabel } from '../words.ts';
import { objectMarkup, section, type Cards } from './labels.ts';
import { html, nothing, type Markup } from './markup.ts';

/** What an apply costs, operation by operation. */
export function costSection({ cost }: PlanReport): Markup {
  if (cost === undefined || cost.operations.length === 0) return nothing;
  const time =
    cost.seconds < 120 ? `${grouped(cost.seconds)} s` : `${grouped(Math.ceil(cost.seconds / 60))} min`;
  const whose = cost.limits === 'app' ? "this app's own limits" : "Stream's default limits";
  const rows = cost.operations.map(
    ({ operation, requests, per_minute: limit }) =>
      html`<tr>
        <th scope="row"><code>${operation}</code></th>
        <td>${grouped(requests)}</td>
        <td>${grouped(limit)}</td>
      </tr>`,
  );
  return section('cost', 'Cost', [
    html`<p>
      ${grouped(cost.writes)} ${cost.writes === 1 ? 'write' : 'writes'}, about ${time} under ${whose}.
    </p>`,
    html`<div class="box" role="region" aria-labelledby="cost-title" tabindex="0">
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">Operation</th>
            <th scope="col">Requests</th>
            <th scope="col">Allowed in a minute</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`,
  ]);
}

/** Declared values that nobody can compare, on objects that are not touched too. */
export function uncomparedSection({ uncompared }: PlanReport, cards: Cards): Markup {
  const items = uncompared.map(({ address, paths }) => {
    const labels = paths.map(
      (path, index) => html`${index === 0 ? ': ' : ', '}<code>${pathLabel(path.split('.'))}</code>`,
    );
    return html`<li>${objectMarkup(address, cards)}${labels}</li>`;
  });
  if (items.length === 0) return nothing;
  return section('uncompared', 'Not compared', [
    html`<p>Stream never tells these values, so nobody knows whether they differ.</p>`,
    html`<ul class="told">
      ${items}
    </ul>`,
  ]);
}

/** What the report was made from. */
export function madeFromSection(report: PlanReport): Markup {
  const { compared_with: compared, emulator, stand_in: standIn, app, files, tool } = report;
  const live =
    standIn === undefined
      ? app === undefined
        ? html`nothing`
        : html`the ${emulator ? "local emulator's" : 'live'} app`
      : html`the manifests of <code>${standIn}</code>, in place of the live app`;
  const rows: readonly (readonly [string, Markup])[] = [
    ['Compared with', live],
    ...(compared?.base === undefined ? [] : [row('Base revision', compared.base)]),
    ...(compared?.commit === undefined ? [] : [row('Its commit', compared.commit)]),
    ...(compared?.applied === undefined ? [] : [row('Last applied commit', compared.applied)]),
    ...(compared === undefined
      ? [['Whose a change is', html`not known: there was no revision to compare with`] as const]
      : []),
    [
      'Files',
      html`<ul class="plain">
        ${files.map((file) => html`<li><code>${file}</code></li>`)}
      </ul>`,
    ],
    ['Made by', html`<code>${tool.name} ${tool.version}</code>`],
  ];
  return section('made-from', 'Made from', [
    html`<dl>
      ${rows.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>`,
  ]);
}

function row(name: string, value: string): readonly [string, Markup] {
  return [name, html`<code>${value}</code>`];
}
