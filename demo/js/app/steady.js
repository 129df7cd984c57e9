/** What a run costs when nothing is new any more: the first one also warms up caches and the compiler. */
import { typical } from '../lib/format.js';

const RUNS = 12;
const LEAST_RUNS = 3;
/** Milliseconds for all of them; a model that takes longer than a part of it is run once more only. */
const BUDGET = 600;
/** A first run that took longer is not repeated: the next picture would have to wait for it. */
const LONGEST = 5000;

/**
 * Repeats a run for as long as that is wanted.
 *
 * @param first result of the run that is repeated. @param isWanted () => false as soon as there is something else to do.
 * @returns what typicalRun() does, or undefined where it was not worth it.
 */
export async function steadyRun(session, source, first, isWanted) {
  if (first.total > LONGEST) return undefined;
  const results = [];
  const end = performance.now() + BUDGET;
  while (results.length < RUNS && isWanted()) {
    const result = await session.run(source);
    if (!result) return undefined;
    results.push(result);
    // How long the model takes is known now: the first run may have been a hundred times longer.
    const isSlow = results.length === 1 && result.total > BUDGET / LEAST_RUNS;
    if (isSlow || (performance.now() > end && results.length >= LEAST_RUNS)) break;
  }
  if (results.length === 0 || !isWanted()) return undefined;
  return typicalRun(results, first);
}

/** Results of several runs as one: {timings, total, runs, first}, typical times in milliseconds. */
export function typicalRun(results, first = results[0]) {
  const over = (pick) => typical(results.map(pick));
  const stages = Object.keys(first.timings);
  const timings = Object.fromEntries(
    stages.map((name) => [name, over((one) => one.timings[name])]),
  );
  return { timings, total: over(({ total }) => total), runs: results.length, first: first.total };
}
