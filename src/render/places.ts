import { grouped as groupedBy } from '../model/grouped.ts';
import type { ReportChange } from '../model/report.ts';
import { visible } from './escape.ts';
import { counted } from './words.ts';

/** How many files are named before the rest is counted. */
const most = 2;

/** Where several objects are asked for: `cases.yaml:40…339`, file by file; empty when nobody knows. */
export function placesText(sources: readonly ReportChange['source'][]): string {
  const files = groupedBy(
    sources.flatMap((source) => source ?? []),
    ({ file }) => file,
  );
  const places = [...files].slice(0, most).map(([file, group]) => {
    const lines = group.map(({ line }) => line).toSorted((one, other) => one - other);
    const [from = 0, to = from] = [lines[0], lines.at(-1)];
    return `${visible(file)}:${from}${to === from ? '' : `…${to}`}`;
  });
  const rest = files.size - places.length;
  return [...places, ...(rest === 0 ? [] : [counted(rest, 'more file')])].join(', ');
}
