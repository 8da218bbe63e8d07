import type { Trial } from './stage.ts';

/** Counts trials by what disturbed them. */
export interface Tally {
  /** Notes a trial; `kinds` are the disturbances that hit it, one for each hit. */
  add(kinds: readonly string[], trial: Trial): void;
  /** The counts as a table for people; a trial with several kinds of disturbances counts under each. */
  table(): string;
}

interface Row {
  faults: number;
  trials: number;
  runs: number;
  converged: number;
  twice: number;
  lost: number;
  exposed: number;
}

/** Nothing counted yet. */
export function createTally(): Tally {
  const rows = new Map<string, Row>();
  return {
    add(kinds, trial) {
      for (const kind of new Set(kinds)) {
        const row = rows.get(kind) ?? {
          faults: 0,
          trials: 0,
          runs: 0,
          converged: 0,
          twice: 0,
          lost: 0,
          exposed: 0,
        };
        rows.set(kind, row);
        row.faults += kinds.filter((one) => one === kind).length;
        row.trials += 1;
        row.runs += trial.runs;
        row.converged += trial.done && trial.different.length === 0 ? 1 : 0;
        row.twice += trial.twice.length > 0 ? 1 : 0;
        row.lost += trial.lost.length > 0 ? 1 : 0;
        row.exposed += trial.exposed.length > 0 ? 1 : 0;
      }
    },
    table() {
      const heads = ['faults', 'trials', 'runs', 'converged', 'twice', 'lost', 'exposed'] as const;
      const lines = [...rows]
        .toSorted(([one], [two]) => one.localeCompare(two))
        .map(([kind, row]) =>
          [kind.padEnd(16), ...heads.map((head) => String(row[head]).padStart(10))].join(''),
        );
      return [['kind'.padEnd(16), ...heads.map((head) => head.padStart(10))].join(''), ...lines].join('\n');
    },
  };
}

/** What is wrong with a trial, in a few lines; undefined for a good one. */
export function wrongWith(what: string, trial: Trial): string | undefined {
  const { different, done, ends, exposed, lost, twice } = trial;
  const wrong = [
    ...(done ? [] : [`was not done after ${trial.runs} runs, which ended so: ${ends.join(' | ')}`]),
    ...(exposed.length > 0 ? [`was exposed: ${exposed.join(' | ')}`] : []),
    ...(lost.length > 0 ? [`lost ${lost.join(', ')}`] : []),
    ...(twice.length > 0 ? [`made twice: ${twice.join(', ')}`] : []),
    ...(different.length > 0 ? [`ended otherwise: ${different.slice(0, 8).join(' | ')}`] : []),
  ];
  return wrong.length === 0 ? undefined : `${what} ${wrong.join('\n  ')}`;
}
