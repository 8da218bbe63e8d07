import type { PlanReport } from '../../model/report.ts';
import { quoted } from '../escape.ts';
import { counted, grouped } from '../words.ts';
import { badge, type Cards, objectMarkup, section } from './labels.ts';
import { html, nothing, type Markup } from './markup.ts';

/** Which command and app a page is about, for its tab. */
export function titleText({ command, app }: PlanReport): string {
  return app === undefined ? `streambed ${command}` : `streambed ${command}: ${appText(app)}`;
}

/** The app, what it is not, the verdict and the counts. */
export function pageHeader(report: PlanReport): Markup {
  const { command, app, environment, emulator, stand_in: standIn } = report;
  const where =
    environment === undefined
      ? nothing
      : html`environment
          <code>${quoted(environment.name)}</code
          >${environment.production ? badge('remove', 'production') : nothing}`;
  const banners = [
    ...(emulator
      ? [html`<p class="banner">The app is a local emulator: this says nothing about a real app.</p>`]
      : []),
    ...(standIn === undefined
      ? []
      : [
          html`<p class="banner">
            Nothing real was read: the manifests of <code>${quoted(standIn)}</code> stand in for the live app.
          </p>`,
        ]),
  ];
  const { verdict, tone } = verdictOf(report);
  return html` <header class="top">
    <p class="quiet">streambed ${command}</p>
    <h1><bdi>${app === undefined ? 'no app was read' : appText(app)}</bdi></h1>
    <p class="where">${where}</p>
    ${banners}
    <p class="verdict ${tone}">${verdict}</p>
    <ul class="counts" aria-label="Counts">
      ${chipsOf(report)}
    </ul>
  </header>`;
}

function appText({ id, name = '' }: NonNullable<PlanReport['app']>): string {
  return id === undefined ? quoted(name) : `${quoted(name)} (${id})`;
}

function verdictOf(report: PlanReport): { readonly verdict: string; readonly tone: 'bad' | 'calm' } {
  const { outcome, command, changes, outcomes } = report;
  const calm = (verdict: string) => ({ verdict, tone: 'calm' as const });
  const bad = (verdict: string) => ({ verdict, tone: 'bad' as const });
  if (outcome === 'blocked') return bad('Blocked: an apply is refused');
  if (outcome === 'invalid') return bad('Invalid');
  if (outcomes !== undefined && outcomes.length > 0) {
    const applied = outcomes.filter(({ status }) => status === 'applied').length;
    return applied === outcomes.length
      ? calm(`Applied ${counted(applied, 'change')}`)
      : bad(`Applied ${grouped(applied)} of ${counted(outcomes.length, 'change')}`);
  }
  if (outcome === 'error') return bad('Stopped');
  if (outcome === 'no-changes') return calm(command === 'validate' ? 'Valid' : 'No changes');
  if (command === 'drift')
    return bad(changes.length === 1 ? '1 object differs' : `${grouped(changes.length)} objects differ`);
  return calm(counted(changes.length, 'change'));
}

function chipsOf({ summary, changes, losses, diagnostics, command }: PlanReport): readonly Markup[] {
  const resets = changes.filter(({ how }) => how === 'reset').length;
  const lost = new Map<string, number>();
  for (const { what, names } of losses) lost.set(what, (lost.get(what) ?? 0) + names.length);
  const lostText = [...lost.keys()].sort().map((what) => counted(lost.get(what) ?? 0, what));
  const severity = (one: string): number => diagnostics.filter((other) => other.severity === one).length;
  const chips: readonly (readonly [count: number, words: string, tone?: 'remove' | 'warn'])[] = [
    [summary.dangerous, 'dangerous', 'remove'],
    [summary.lose, lostText.length === 0 ? 'to lose' : `to lose (${lostText.join(', ')})`, 'remove'],
    [summary.delete - resets, 'to delete', 'remove'],
    [resets, 'to reset', 'remove'],
    [summary.update, 'to change'],
    [summary.create, 'to create'],
    [summary.unchanged, 'unchanged'],
    [summary.uncompared, 'not compared', 'warn'],
    [severity('error'), severity('error') === 1 ? 'error' : 'errors', 'remove'],
    [severity('warning'), severity('warning') === 1 ? 'warning' : 'warnings', 'warn'],
  ];
  const always = new Set(command === 'validate' ? [] : ['to change', 'to create', 'to lose', 'unchanged']);
  return chips
    .filter(([count, words]) => count > 0 || always.has(words))
    .map(
      ([count, words, tone]) =>
        html`<li class="${count > 0 ? (tone ?? '') : ''}"><b>${grouped(count)}</b> ${words}</li>`,
    );
}

/** What became of an apply: every failure and every skip with its reason, and what was read back. */
export function outcomeSection(report: PlanReport, cards: Cards): Markup {
  const { outcomes, verified } = report;
  if (outcomes === undefined) return nothing;
  const rest = outcomes.filter(({ status }) => status !== 'applied');
  const items = rest.map(({ address, status, because = 'no reason is known', done = [] }) => {
    const before = done.map((step, index) => html`${index === 0 ? '' : ', '}<bdi>${step}</bdi>`);
    const already =
      done.length === 0 ? nothing : html`<div class="help">already done for it: ${before}</div>`;
    return html`<li>
      ${badge(status === 'failed' ? 'remove' : 'warn', status)} ${objectMarkup(address, cards)}:
      <bdi>${because}</bdi>${already}
    </li>`;
  });
  return section('outcome', 'What became of it', [
    html`<p>
      ${grouped(outcomes.length - rest.length)} of ${grouped(outcomes.length)}
      applied.${verified === undefined ? '' : ` ${readBack[verified]}`}
    </p>`,
    ...(items.length === 0
      ? []
      : [
          html`<ul class="told">
            ${items}
          </ul>`,
        ]),
  ]);
}

const readBack = {
  converged: 'Read back: what was read is what the manifests say.',
  differs: 'Read back: the app is not yet what the manifests say.',
  unknown: 'Read back: not possible, so nobody knows whether the app is what the manifests say.',
} as const satisfies Record<NonNullable<PlanReport['verified']>, string>;
