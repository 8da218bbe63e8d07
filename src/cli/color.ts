import type { Io, Output } from './io.ts';

/** Whether this output is printed in colour: the flag, NO_COLOR, FORCE_COLOR and the terminal decide, in this order. */
export function colorFor(output: Output, env: Io['env'], allowed: boolean): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: terminal } = env;
  if (!allowed || (no !== undefined && no !== '')) return false;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return output.isTTY && terminal !== 'dumb';
}
