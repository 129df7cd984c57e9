// Sums over repeated measurements.

/** {min, median, count} of a list of numbers; null for an empty one. */
export function summary(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { min: sorted[0], median, count: sorted.length };
}

/** Calls `turn(item)` for every item in turn, again and again, until `done(rounds, seconds)`. */
export async function interleave(items, done, turn) {
  const start = performance.now();
  for (let rounds = 0; !done(rounds, (performance.now() - start) / 1000); rounds++) {
    for (const item of items) await turn(item);
  }
}
