import type { PlanReport } from '../model/report.ts';
import type { CanReport } from './can-report.ts';

/** What JSON allows in a string and a terminal, an HTML page or a CI log would misread. */
const unsafe =
  /[\u007f-\u009f\u2028\u2029<]|[\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}]|(?<=#)#(?=[A-Za-z]*\[)/gu;

/** The report as one JSON document; parsed, it is the report, and as text it is safe wherever it is printed. */
export function renderJson(report: CanReport | PlanReport): string {
  const text = JSON.stringify(report, null, 2).replace(unsafe, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
  return `${text}\n`;
}
