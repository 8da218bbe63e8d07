/** The candidate that was most likely meant, or undefined when none is close enough to be worth a guess. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = plainForm(word);
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (candidate === word) continue;
    const form = plainForm(candidate);
    const allowed = Math.min(Math.max(2, Math.floor(word.length / 3)), form.length - 1);
    // Counting letters is cheap and rules out most candidates.
    if (Math.abs(form.length - wanted.length) > allowed) continue;
    const distance = form === wanted ? 0 : editDistance(wanted, form);
    if (distance > allowed || distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best ?? longerForm(wanted, candidates);
}

/** `user` for `user_id`: the one name that begins with the whole word, or ends with it. */
function longerForm(wanted: string, candidates: Iterable<string>): string | undefined {
  if (wanted.length < 3) return undefined;
  const longer = [...candidates].filter(
    (candidate) => candidate.startsWith(`${wanted}_`) || candidate.endsWith(`_${wanted}`),
  );
  return longer.length === 1 ? longer[0] : undefined;
}

/** camelCase, kebab-case and snake_case spell the same name. */
function plainForm(word: string): string {
  const short = word.slice(0, 100);
  return short
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[-\s]/g, '_')
    .toLowerCase();
}

/** Damerau and Levenshtein's: letters that are missing, too many, wrong, or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, beforeLast[j - 2]! + 1);
      }
      row.push(value);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
