/** How many of its threads help a model. */

/** Runs before the first that counts: the browser compiles the core's hot functions again meanwhile. */
const WARM_RUNS = 4;
/** Runs with each number of threads. The shortest counts: other programs only make runs longer. */
const ROUNDS = 4;
/** Threads go when the model is quicker without them by more than this: beside other programs few runs tell little. */
const TOLERANCE = 1.1;

/**
 * Tries fewer threads in a model's first runs, in turns, and keeps those that make none longer. Small models are
 * quicker alone: waking a thread takes as long as some of their operators. It costs little, because no run takes longer
 * than one without threads, and lasts as long as the model is loaded.
 */
export class ThreadTrial {
  private readonly candidates: number[] = [];
  private readonly shortest: number[];
  private runs = 0;

  /** `limit` sets how many threads the next runs use. */
  constructor(
    threads = 1,
    private readonly limit: (count: number) => void = () => undefined,
    private readonly now: () => number = () => performance.now(),
  ) {
    for (let count = threads; count >= 1; count = Math.floor(count / 2)) {
      this.candidates.push(count);
    }
    this.shortest = this.candidates.map(() => Infinity);
    this.limit(threads);
  }

  /** Does one run. */
  time<T>(run: () => T): T {
    const trial = this.runs - WARM_RUNS;
    if (trial >= ROUNDS * this.candidates.length) return run();
    const index = trial < 0 ? 0 : trial % this.candidates.length;
    this.limit(this.candidates[index]!);
    const start = this.now();
    const result = run();
    this.note(index, this.now() - start);
    return result;
  }

  private note(index: number, elapsed: number): void {
    const { candidates, shortest } = this;
    if (this.runs >= WARM_RUNS) shortest[index] = Math.min(shortest[index]!, elapsed);
    this.runs++;
    if (this.runs - WARM_RUNS < ROUNDS * candidates.length) return;
    const longest = Math.min(...shortest) * TOLERANCE;
    this.limit(candidates[shortest.findIndex((time) => time <= longest)]!);
  }
}
