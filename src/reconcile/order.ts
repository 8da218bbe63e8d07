import { grouped } from '../model/grouped.ts';
import type { Effect, Step, StepId } from '../model/step.ts';

/**
 * When each kind of write happens. Order follows direction, not kind: what others need, then what takes access away,
 * then what is exchanged or new, then what widens, and losses last. One phase ends before the next begins; inside a
 * phase whatever does not wait for something else goes side by side.
 *
 * 1 switches that other objects need · 2 everything that takes access away · 3 roles, permissions, commands, block
 * lists, push providers · 4 users who get another role, before either role is given more · 5 new types, with their
 * grants in the create call · 6 everything that widens, other app settings · 7 users · 8 channels, members, messages ·
 * 9 event hooks · from 10 losses, in reverse: channels before the users in them, both before the types of channels, and
 * all of them before the roles that they hold
 */
export const phases: Readonly<Record<string, Readonly<Partial<Record<Effect, number>>>>> = {
  app_settings: { prepare: 1, narrow: 2, widen: 6 },
  role: { create: 3, delete: 13 },
  channel_type: { narrow: 2, create: 5, widen: 6, delete: 12 },
  user: { narrow: 2, exchange: 4, create: 7, update: 7, delete: 11 },
  channel: { narrow: 2, create: 8, update: 8, delete: 10 },
  distinct_channel: { narrow: 2, create: 8, update: 8, delete: 10 },
};

/**
 * The steps by phase, in order. A step that comes after another is never in an earlier phase than that one. Steps that
 * wait for each other in a circle would never be sent, so they are a bug, and named.
 */
export function inPhases(steps: readonly Step[]): readonly (readonly Step[])[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const known = new Map<StepId, number>();
  const phaseOf = (step: Step, waiting: readonly Step[] = []): number => {
    const found = known.get(step.id);
    if (found !== undefined) return found;
    const start = waiting.indexOf(step);
    if (start !== -1) throw new Error(`these steps wait for each other: ${circle(waiting.slice(start))}`);
    const own = phases[step.kind]?.[step.effect];
    if (own === undefined) throw new Error(`no phase for ${step.effect} of ${step.kind}`);
    const earlier = step.after
      .flatMap((id) => byId.get(id) ?? [])
      .map((before) => phaseOf(before, [...waiting, step]));
    const phase = Math.max(own, ...earlier);
    known.set(step.id, phase);
    return phase;
  };
  const groups = grouped(steps, (step) => phaseOf(step));
  return [...groups.keys()].toSorted((one, two) => one - two).map((phase) => groups.get(phase) ?? []);
}

/** Each step with what it writes to, since not every id says so, and the first one again at the end. */
function circle(steps: readonly Step[]): string {
  return [...steps, ...steps.slice(0, 1)]
    .map(({ id, covers }) => (covers.some((one) => id.includes(one)) ? id : `${id} of ${covers.join(', ')}`))
    .join(' → ');
}
