/** Progress that callers can show: never falling, never flooding. */

/** Least milliseconds between two reports. */
const REPORT_MS = 50;

/** A gate that opens at most once in so many milliseconds, and whenever it is shown another value. */
export function atMostEvery(milliseconds: number): (value?: unknown) => boolean {
  let last = -Infinity;
  let lastValue: unknown;
  return (value) => {
    const now = performance.now();
    if (value === lastValue && now - last < milliseconds) return false;
    [last, lastValue] = [now, value];
    return true;
  };
}

/** Passes fractions on when they have grown, at most 20 times a second, and 1 always. */
export function steadyProgress<Rest extends unknown[]>(
  report: (fraction: number, ...rest: Rest) => void,
): (fraction: number, ...rest: Rest) => void {
  let best = 0;
  const mayReport = atMostEvery(REPORT_MS);
  return (fraction, ...rest) => {
    const value = Math.min(1, fraction);
    if (!(value > best) || !mayReport(value === 1)) return;
    best = value;
    report(value, ...rest);
  };
}

/** Joins the progress of `count` files into one, by bytes; a file of unknown size weighs as the mean of others. */
export function weightedProgress(
  count: number,
  callback: (fraction: number) => void,
): (index: number, fraction: number, size?: number) => void {
  const fractions = new Array<number>(count).fill(0);
  const sizes = new Array<number | undefined>(count);
  const report = steadyProgress(callback);
  return (index, fraction, size) => {
    fractions[index] = fraction;
    if (size !== undefined) sizes[index] = size;
    // Before every file has told its size (or is done) the weights would still change a lot.
    if (fractions.some((done, i) => done < 1 && sizes[i] === undefined)) return;
    const known = sizes.filter((one) => one !== undefined);
    const mean = known.reduce((sum, one) => sum + one, 0) / Math.max(1, known.length) || 1;
    const weights = fractions.map((_, i) => sizes[i] ?? mean);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    report(fractions.reduce((sum, done, i) => sum + done * (weights[i] ?? 0), 0) / total);
  };
}
