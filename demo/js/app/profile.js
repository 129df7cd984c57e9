/** Time per operator: the model is loaded once more with profiling on, and run a few times. */
import { configure } from '../../dist/web-core.js';
import { pixelsOf } from './pixels.js';
import { TASKS } from './tasks.js';

/** Runs that count: some at least, then until this many milliseconds have passed. */
const LEAST_RUNS = 3;
const MOST_RUNS = 200;
const BUDGET = 800;

/**
 * {operators: [{name, microseconds}], runs}, the mean of many runs: the browser's clock is coarse, and an operator of a
 * small model ends between two of its ticks.
 *
 * @param configuration argument of configure(): build of the core and threads.
 */
export async function profile(task, entry, source, configuration) {
  const { create, run } = TASKS[task];
  const module = create();
  try {
    configure(configuration);
    await module.load(await entry.open(), undefined, { profile: true });
    const pixels = await pixelsOf(source);
    await run(module, pixels, entry);
    const operators = (await module.profile()).map(({ name }) => ({ name, microseconds: 0 }));
    const end = performance.now() + BUDGET;
    let runs = 0;
    while (runs < LEAST_RUNS || (runs < MOST_RUNS && performance.now() < end)) {
      await run(module, pixels, entry);
      const times = await module.profile();
      times.forEach(({ microseconds }, i) => (operators[i].microseconds += microseconds));
      runs++;
    }
    for (const operator of operators) operator.microseconds /= runs;
    return { operators, runs };
  } finally {
    module.delete();
  }
}
