import { comparable, objectsIn, type Objects } from './comparable.ts';
import { openness, widerThanBoth, type Openness } from './openness.ts';

/** What an undisturbed run did, which every disturbed one is held against. */
export interface Reference {
  readonly before: Openness;
  readonly after: Openness;
  readonly lines: readonly string[];
  /** Objects that the run left as they were, to the byte. */
  readonly untouched: readonly string[];
  /** How often each object came to be. */
  readonly births: ReadonlyMap<string, number>;
  readonly gone: ReadonlySet<string>;
}

/** What a run did that it should not have done; all of them are empty for a good one. */
export interface Findings {
  /** Lines of the last state that are not as after an undisturbed run, and objects that should not have been touched. */
  readonly different: readonly string[];
  /** Objects that were wider open at a moment than before and after. */
  readonly exposed: readonly string[];
  /** Objects that were gone at a moment, and that nobody wanted gone. */
  readonly lost: readonly string[];
  /** Objects that came to be more often than in an undisturbed run. */
  readonly twice: readonly string[];
}

/** What there is to know of an undisturbed run; it throws when that run itself was wider open than both its ends. */
export function referenceOf(snapshots: readonly unknown[]): Reference {
  const [first, last] = [snapshots[0], snapshots.at(-1)];
  const [before, after] = [objectsIn(first), objectsIn(last)];
  const reference: Reference = {
    before: openness(first),
    after: openness(last),
    lines: comparable(last),
    untouched: [...before].flatMap(([name, object]) => (same(object, after.get(name)) ? [name] : [])),
    ...livesIn(snapshots),
  };
  const { exposed } = judged(snapshots, reference);
  if (exposed.length > 0) throw new Error(`exposed although nothing went wrong:\n${exposed.join('\n')}`);
  return reference;
}

/** Holds every moment of a run against an undisturbed one. */
export function judged(snapshots: readonly unknown[], reference: Reference): Findings {
  const [first, last] = [snapshots[0], snapshots.at(-1)];
  const [before, after] = [objectsIn(first), objectsIn(last)];
  const { births, gone } = livesIn(snapshots);
  const exposed = snapshots.flatMap((snapshot) =>
    widerThanBoth(openness(snapshot), reference.before, reference.after),
  );
  return {
    different: [
      ...unlike(comparable(last), reference.lines),
      ...reference.untouched
        .filter((name) => !same(before.get(name), after.get(name)))
        .map((name) => `${name} was touched`),
    ],
    exposed: [...new Set(exposed)],
    lost: [...gone].filter((name) => !reference.gone.has(name)),
    twice: [...births].flatMap(([name, times]) => (times > (reference.births.get(name) ?? 0) ? [name] : [])),
  };
}

/** How often each object came to be, and which were gone at some moment. */
function livesIn(snapshots: readonly unknown[]): Pick<Reference, 'births' | 'gone'> {
  const births = new Map<string, number>();
  const gone = new Set<string>();
  let before: Objects | undefined;
  for (const snapshot of snapshots) {
    const now = new Map([...objectsIn(snapshot)].filter(([name]) => !isLock(name)));
    if (before === undefined) {
      before = now;
      continue;
    }
    for (const name of now.keys()) if (!before.has(name)) births.set(name, (births.get(name) ?? 0) + 1);
    for (const name of before.keys()) if (!now.has(name)) gone.add(name);
    before = now;
  }
  return { births, gone };
}

/** Runs hold a lock in the app while they write, and take it away at the end: nobody's object in between. */
function isLock(name: string): boolean {
  return name.startsWith('blocklists/') && name.includes('"streambed-lock');
}

function unlike(lines: readonly string[], wanted: readonly string[]): readonly string[] {
  const [have, want] = [new Set(lines), new Set(wanted)];
  return [
    ...lines.filter((line) => !want.has(line)).map((line) => `+ ${line}`),
    ...wanted.filter((line) => !have.has(line)).map((line) => `- ${line}`),
  ];
}

function same(one: unknown, two: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(two);
}
