import { grouped as groupedBy } from '../model/grouped.ts';
import type { PlanReport, ReportLeaving } from '../model/report.ts';
import type { Page } from './field-text.ts';
import { plain, type Line } from './line.ts';
import { moreText, most, wrapped } from './value-text.ts';
import { addressText, pathLabel } from './words.ts';

/** What is no longer declared, object by object; what protects the app is always told. */
export function leavingLines({ leaving }: Pick<PlanReport, 'leaving'>, page: Page): readonly Line[] {
  const objects = [...groupedBy(leaving, ({ address }) => address)];
  const harmless = objects.filter(([, group]) => !group.some(({ guards }) => guards));
  const hidden = new Set(page.verbose ? [] : harmless.slice(most).map(([address]) => address));
  const lines = objects
    .filter(([address]) => !hidden.has(address))
    .flatMap(([address, group]) => wrapped(`  ${addressText(address)} `, labelsOf(group), page.width));
  if (lines.length === 0) return [];
  const more = hidden.size === 0 ? [] : [plain(`  ${moreText(hidden.size)}`)];
  return [plain('leaves management (live values stay):'), ...lines.map(plain), ...more];
}

function labelsOf(group: readonly ReportLeaving[]): readonly string[] {
  return group.map(({ path, guards }) => {
    const label = path.length === 0 ? '(the whole object)' : pathLabel(path);
    return guards ? `${label} (protects the app)` : label;
  });
}
