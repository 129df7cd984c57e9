/** Measures a model in every build of the core that works here. */
import { VERSION, configure, getCapabilities } from '../../dist/web-core.js';
import { quantile } from '../lib/format.js';
import { pixelsOf } from './pixels.js';
import { profile } from './profile.js';
import { TASKS } from './tasks.js';

const WARM_UP = 3;
const SAMPLES = 30;
/** A sample is the mean of so many runs that together they last this many milliseconds: clocks of browsers are coarse. */
const SAMPLE_TIME = 4;
const MOST_RUNS_PER_SAMPLE = 40;
/** Milliseconds after which a configuration has been measured enough, however few runs there were. */
const BUDGET = 6000;
const LEAST_SAMPLES = 5;

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
 * @param onRow called with each finished row {variant, threads, load, first, warmUp, runs, samples, mean, min, median, p95,
 * deviation} in milliseconds: those of executorch-web benchmark.
 * @returns what is exported as JSON.
 */
export async function measure(task, entry, picture, onRow, signal) {
  const rows = [];
  const pixels = await pixelsOf(picture);
  for (const configuration of configurations()) {
    signal.throwIfAborted();
    const row = await measureOne(task, entry, pixels, configuration, signal);
    rows.push(row);
    onRow(row);
  }
  const { variant, threads } = rows.reduce((a, b) => (b.mean < a.mean ? b : a));
  const operators = await profile(task, entry, picture, { variant, threads });
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
    operators,
  };
}

async function measureOne(task, entry, picture, configuration, signal) {
  const { create, run } = TASKS[task];
  const module = create();
  try {
    configure(configuration);
    await module.load(await entry.open(undefined, signal), undefined, { signal });
    const meanOf = async (count) => {
      let sum = 0;
      for (let i = 0; i < count; i++) {
        signal.throwIfAborted();
        await run(module, picture, entry);
        sum += module.timings.run;
      }
      return sum / count;
    };
    const first = await meanOf(1);
    const warmUp = await meanOf(WARM_UP);
    const batch = batchSize(warmUp);
    const times = [];
    const end = performance.now() + BUDGET;
    while (times.length < SAMPLES) {
      times.push(await meanOf(batch));
      if (performance.now() > end && times.length >= LEAST_SAMPLES) break;
    }
    return {
      ...configuration,
      load: module.loadReport.loadTime,
      first,
      warmUp,
      runs: times.length * batch,
      samples: times.length,
      ...statistics(times),
    };
  } finally {
    module.delete();
  }
}

function statistics(times) {
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const squares = times.reduce((sum, time) => sum + (time - mean) ** 2, 0);
  return {
    mean,
    min: Math.min(...times),
    median: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    deviation: Math.sqrt(squares / times.length),
  };
}

function batchSize(milliseconds) {
  const wanted = Math.ceil(SAMPLE_TIME / Math.max(milliseconds, 0.01));
  return Math.min(wanted, MOST_RUNS_PER_SAMPLE);
}
