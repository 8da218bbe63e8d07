import type { DangerCode } from '../model/danger.ts';
import { hasErrors, placeText, type Diagnostic } from '../model/diagnostic.ts';
import type { Registry } from '../model/kind.ts';
import type { Acceptance } from '../model/policy.ts';
import { patternOf } from './address-pattern.ts';
import { checked } from './checked.ts';
import { acceptanceSchema, partNames } from './parts.ts';
import { append, problem } from './problem.ts';
import { mapHere } from './shapes.ts';
import { entryOf, placeOf, type MapNode, type Node } from './tree.ts';

/** The dangers that `accepted:` accepts; each line names one rule and the objects that it is accepted for. */
export function acceptancesOf(
  items: readonly Node[],
  registry: Registry,
  diagnostics: Diagnostic[],
): readonly Acceptance[] {
  const acceptances = new Map<string, Acceptance>();
  for (const item of items) {
    const map = mapHere(item, 'accepted', acceptanceHelp, diagnostics);
    if (map === undefined) continue;
    const acceptance = acceptanceOf(map, registry, diagnostics);
    if (acceptance === undefined) continue;
    const { danger, on } = acceptance;
    const id = `${danger}\n${on}`;
    const first = acceptances.get(id);
    if (first === undefined) acceptances.set(id, acceptance);
    else diagnostics.push(acceptedTwice(acceptance, first));
  }
  return [...acceptances.values()];
}

/** What a line of `accepted:` looks like. */
export const acceptanceHelp = 'Write `- {danger: CODE, on: KIND/KEY, because: the reason}` lines.';

function acceptanceOf(map: MapNode, registry: Registry, diagnostics: Diagnostic[]): Acceptance | undefined {
  const code = entryOf(map, 'danger')?.value;
  if (code?.type === 'scalar' && code.text === 'rules-changed') {
    diagnostics.push(
      problem(
        'bad-acceptance',
        placeOf(code),
        '`rules-changed` cannot be accepted',
        'Remove this line: whoever reviews the project file accepts what changes in it.',
      ),
    );
    return undefined;
  }
  const { value, diagnostics: problems } = checked(map, undefined, {
    name: partNames.acceptance,
    schema: acceptanceSchema,
    registry,
  });
  const found = [...problems];
  const place = entryOf(map, 'on')?.value;
  const on =
    place?.type === 'scalar' && place.text !== '' && !problems.some(({ code: one }) => one === 'no-value')
      ? patternOf(place, registry, found)
      : undefined;
  const { danger, because } = value as { readonly danger?: DangerCode; readonly because?: string };
  if (typeof because === 'string' && because !== '' && because.trim() === '') {
    const at = placeOf(entryOf(map, 'because')!.value);
    found.push(problem('too-long', at, '`because` must not be empty', 'Write the reason.'));
  }
  append(diagnostics, found);
  if (hasErrors(found) || on === undefined || danger === undefined || because === undefined) return undefined;
  return { danger, on, because, at: placeOf(map) };
}

function acceptedTwice({ danger, on, at }: Acceptance, first: Acceptance): Diagnostic {
  return problem(
    'duplicate',
    at,
    `\`${danger}\` on ${on} is accepted twice; the first is at ${placeText(first.at)}`,
    'Keep one of the two lines.',
  );
}
