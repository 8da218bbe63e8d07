/** Microseconds since 1970: the precision of Stream's stored timestamps. */
export type Micros = number;

/** RFC 3339 text with at most six fractional digits and trailing zeros trimmed, as the real v1 API writes it. */
export function timeText(time: Micros): string {
  const seconds = Math.floor(time / 1_000_000);
  const fraction = String(time - seconds * 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return fraction === '' ? `${whole}Z` : `${whole}.${fraction}Z`;
}

/** The instant an RFC 3339 text names, or undefined when it names none; digits below a microsecond are dropped. */
export function parseTime(text: string): Micros | undefined {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (parts === null) return undefined;
  const seconds = Date.parse(`${parts[1]}${parts[3]}`);
  if (Number.isNaN(seconds)) return undefined;
  return seconds * 1000 + Number((parts[2] ?? '').padEnd(6, '0').slice(0, 6));
}

const unitSeconds: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** The canonical spelling of a duration, `24h` → `24h0m0s`, as the real service stores it; undefined when unreadable. */
export function durationText(text: string): string | undefined {
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return text === '0' ? '0s' : undefined;
  let total = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (unitSeconds[unit ?? ''] ?? 0);
  }
  if (total > 0 && total < 1) return `${Number((total * 1000).toFixed(6))}ms`;
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total - hours * 3600) / 60);
  const seconds = Number((total - hours * 3600 - minutes * 60).toFixed(9));
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}
