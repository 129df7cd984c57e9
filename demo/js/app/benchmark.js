/** Measures a model in every build of the core that works here. */
import { VERSION, configure, getCapabilities } from '../../dist/web-core.js';
import { quantile } from '../lib/format.js';
import { TASKS } from './tasks.js';

const WARM_UP = 3;
const RUNS = 30;
/** Milliseconds after which a configuration has been measured enough, however few runs there were. */
const BUDGET = 6000;
const LEAST_RUNS = 5;

/** [{variant, threads}] that can run here. */
export function configurations({ relaxedSimd, threads, hardwareConcurrency } = getCapabilities()) {
  const builds = relaxedSimd ? ['simd', 'relaxed'] : ['simd'];
  const single = builds.map((variant) => ({ variant, threads: 1 }));
  const counts = [2, 4].filter((count) => threads && count <= hardwareConcurrency);
  const several = counts.flatMap((count) =>
    builds.map((variant) => ({ variant: `${variant}-threads`, threads: count })),
  );
  return [...single, ...several];
}

/**
 * @param onRow called with each finished row {variant, threads, load, runs, median, p10, p90} in milliseconds.
 * @returns what is exported as JSON.
 */
export async function measure(task, entry, picture, onRow, signal) {
  const rows = [];
  for (const configuration of configurations()) {
    signal.throwIfAborted();
    const row = await measureOne(task, entry, picture, configuration, signal);
    rows.push(row);
    onRow(row);
  }
  return {
    library: 'executorch-web',
    version: VERSION,
    date: new Date().toISOString(),
    userAgent: navigator.userAgent,
    capabilities: getCapabilities(),
    task,
    model: { id: entry.id, title: entry.title, precision: entry.precision, bytes: entry.bytes },
    unit: 'ms',
    rows,
  };
}

async function measureOne(task, entry, picture, configuration, signal) {
  const { create, run } = TASKS[task];
  const module = create();
  try {
    configure(configuration);
    await module.load(await entry.open(undefined, signal), undefined, { signal });
    const times = [];
    const end = performance.now() + BUDGET;
    for (let i = 0; i < WARM_UP + RUNS; i++) {
      signal.throwIfAborted();
      await run(module, picture, entry);
      if (i >= WARM_UP) times.push(module.timings.run);
      if (performance.now() > end && times.length >= LEAST_RUNS) break;
    }
    return {
      ...configuration,
      load: module.loadReport.loadTime,
      runs: times.length,
      median: quantile(times, 0.5),
      p10: quantile(times, 0.1),
      p90: quantile(times, 0.9),
    };
  } finally {
    module.delete();
  }
}
