/** Nanoseconds in each unit, as Go counts. */
const units: Readonly<Record<string, number>> = {
  h: 3.6e12,
  m: 6e10,
  s: 1e9,
  ms: 1e6,
  us: 1e3,
  µs: 1e3,
  ns: 1,
};
const unit = 'h|ms|m|us|µs|ns|s';

/** How long a duration in Go's text is, in nanoseconds; undefined for other text. */
export function nanosecondsOf(text: string): number | undefined {
  if (!new RegExp(`^([0-9]+(\\.[0-9]+)?(${unit}))+$`).test(text)) return undefined;
  let all = 0;
  for (const [, amount, name] of text.matchAll(new RegExp(`([0-9]+(?:\\.[0-9]+)?)(${unit})`, 'g'))) {
    all += Math.round(Number(amount) * (units[name ?? ''] ?? 0));
  }
  return all;
}

/** A duration in the text that Go, and so Stream, prints: `24h` becomes `24h0m0s`. Other text stays as it is. */
export function goDuration(text: string): string {
  const all = nanosecondsOf(text);
  if (all === undefined) return text;
  if (all === 0) return '0s';
  if (all < 1e3) return `${all}ns`;
  if (all < 1e6) return `${all / 1e3}µs`;
  if (all < 1e9) return `${all / 1e6}ms`;
  const hours = Math.floor(all / 3.6e12);
  const minutes = Math.floor((all % 3.6e12) / 6e10);
  const seconds = `${(all % 6e10) / 1e9}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
