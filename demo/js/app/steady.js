/** What a run costs when nothing is new any more: the first one also warms up caches and the compiler. */
import { typical } from '../lib/format.js';

const RUNS = 12;
const LEAST_RUNS = 3;
/** Milliseconds for all of them; a model that takes longer than a part of it is not run again. */
const BUDGET = 600;

/**
 * Repeats a run for as long as that is wanted.
 *
 * @param first result of the run that is repeated. @param isWanted () => false as soon as there is something else to do.
 * @returns what typicalRun() does, or undefined where it was not worth it.
 */
export async function steadyRun(session, source, first, isWanted) {
  if (first.total > BUDGET / LEAST_RUNS) return undefined;
  const results = [];
  const end = performance.now() + BUDGET;
  while (results.length < RUNS && performance.now() < end && isWanted()) {
    const result = await session.run(source);
    if (!result) return undefined;
    results.push(result);
  }
  if (results.length < LEAST_RUNS || !isWanted()) return undefined;
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
