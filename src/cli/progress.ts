import type { ApplyEvent } from '../model/outcome.ts';
import { visible } from '../render/escape.ts';
import { withoutUserinfo } from '../render/mask.ts';
import type { Io } from './io.ts';

/** Shows how far an apply is. */
export interface Progress {
  show(event: ApplyEvent): void;
  /** Leaves nothing half drawn behind. */
  end(): void;
}

/**
 * One line that is drawn over and over on a terminal, and one line an event everywhere else. `scrubbed` takes secrets
 * out of what Stream says.
 */
export function createProgress(io: Io, scrubbed: (text: string) => string = withoutUserinfo): Progress {
  return io.stderr.isTTY ? bar(io, scrubbed) : lines(io, scrubbed);
}

type Scrub = (text: string) => string;

const redrawMs = 100;
const barWidth = 24;
const clear = '\r\u001b[2K';

/** What to say while Stream wants no more requests. */
export function limitText(seconds: number): string {
  return `waiting ${Math.ceil(seconds)} s for Stream's rate limit`;
}

function bar({ stderr, now }: Io, scrubbed: Scrub): Progress {
  let drawn = Number.NEGATIVE_INFINITY;
  let state = { done: 0, steps: 0, text: '' };
  const draw = (atOnce: boolean): void => {
    if (!atOnce && now() - drawn < redrawMs) return;
    drawn = now();
    const full = state.steps === 0 ? 0 : Math.round((barWidth * state.done) / state.steps);
    const line = `[${'#'.repeat(full)}${'-'.repeat(barWidth - full)}] ${state.done}/${state.steps}  ${state.text}`;
    stderr.write(clear + line.slice(0, Math.max(20, stderr.columns - 1)));
  };
  return {
    show: (event) => {
      state = {
        done: 'done' in event ? event.done : state.done,
        steps: 'steps' in event ? event.steps : state.steps,
        text: textOf(event, scrubbed),
      };
      if (event.type === 'failed') stderr.write(`${clear}${textOf(event, scrubbed)}\n`);
      draw((event.type !== 'sent' && event.type !== 'skipped') || event.done === event.steps);
    },
    end: () => stderr.write(clear),
  };
}

function lines({ stderr }: Io, scrubbed: Scrub): Progress {
  return {
    show: (event) => {
      const count = 'done' in event ? `${event.done}/${event.steps} ` : '';
      stderr.write(`${count}${textOf(event, scrubbed)}\n`);
    },
    end: () => undefined,
  };
}

function textOf(event: ApplyEvent, scrubbed: Scrub): string {
  switch (event.type) {
    case 'started':
      return event.steps === 1 ? 'applying 1 step' : `applying ${event.steps} steps`;
    case 'sent':
      return visible(scrubbed(event.step));
    case 'failed':
      return `failed: ${visible(scrubbed(event.step))}: ${visible(scrubbed(event.message))}`;
    case 'skipped':
      return `skipped: ${visible(scrubbed(event.step))}: ${visible(scrubbed(event.because))}`;
    case 'waiting':
      return event.why === 'limit'
        ? limitText(event.seconds)
        : `waiting ${Math.ceil(event.seconds)} s until every node of Stream's knows`;
    case 'verifying':
      return 'reading the app again';
  }
}
