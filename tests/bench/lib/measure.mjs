// One model on all of its engines.
import { interleave, summary } from './statistics.mjs';

/** How much is measured at most, and at least: rounds of steady runs, and loads from local bytes. */
export const PLANS = {
  full: { minRounds: 4, maxRounds: 40, loads: 3 },
  quick: { minRounds: 2, maxRounds: 5, loads: 1 },
};

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Opens every entry in a page of its own, loads and runs it, then lets all take turns, so that whatever
 * disturbs the machine disturbs all of them; plan is {minRounds, maxRounds, loads, seconds}, the last for steady
 * runs. Returns results by entry key; an engine that fails has {error}.
 */
export async function measure(lab, entries, plan, say) {
  const results = {};
  const open = [];
  for (const entry of entries) {
    const result = (results[entry.key] = { engine: entry.engine, threads: entry.threads });
    await attempt(result, async () => {
      open.push({ entry, result, bench: await start(lab, entry, result) });
    });
  }
  compareOutputs(entries, results);
  const running = () => open.filter(({ result }) => !result.error);
  for (const { bench, result } of running())
    await attempt(result, () => bench.call('run', 20, 400));
  const isDone = (rounds, seconds) =>
    rounds >= plan.maxRounds || (rounds >= plan.minRounds && seconds > plan.seconds);
  await interleave(running(), isDone, ({ bench, result }) =>
    attempt(result, async () => result.times.push(...(await bench.call('run', 5, 40)))),
  );
  say(`  ${running()[0]?.result.times.length ?? 0} runs each`);
  for (const { entry, bench, result } of open) {
    if (!result.error) await attempt(result, () => finish(bench, entry, result, plan));
    await bench.close();
  }
  return results;
}

/** One line of an error, without what Playwright puts before it. */
export function reasonOf(error) {
  const [line] = String(error.message ?? error).split('\n');
  return line.replace(/^page\.evaluate: /, '');
}

async function attempt(result, work) {
  try {
    await work();
  } catch (error) {
    result.error ??= reasonOf(error);
  }
}

/** First load, from the address, and first runs, in a fresh process. */
async function start(lab, entry, result) {
  const bench = await lab.open(entry.engine, entry.options);
  const { url, input } = entry;
  try {
    const { ms, report } = await bench.call('load', { url, input });
    result.streamed = { ms, ...report };
    [result.first] = await bench.call('run', 1);
    await bench.call('run', 2);
  } catch (error) {
    await bench.close();
    throw error;
  }
  result.heapBytes = await bench.call('heapBytes');
  result.peakBytes = bench.memory()?.peak;
  result.output = await bench.call('output');
  result.times = [];
  return bench;
}

/** What remains after delete(), and loading from bytes in memory. */
async function finish(bench, { url, input, engine }, result, { loads }) {
  result.steady = summary(result.times);
  await bench.call('release');
  await pause(300);
  await bench.collectGarbage();
  await pause(300);
  result.afterBytes = bench.memory()?.now;
  // transformers.js takes addresses only.
  if (engine === 'transformers') return;
  const all = await bench.call('loadFromBytes', { url, input }, loads);
  result.local = summary(all.map(({ ms }) => ms));
}

/** Builds round differently; in quantised models that may be a step or two of the output. */
const OURS_TOLERANCE = 0.05;
/** fp32, other order of sums. */
const PEER_TOLERANCE = 1e-3;

/** Peers that run the same weights must come to the same result. */
function compareOutputs(entries, results) {
  const reference = results.relaxed?.output;
  for (const { key, engine, sameWeights } of entries) {
    const { output } = results[key];
    delete results[key].output;
    if (!reference || !output || key === 'relaxed' || !(engine === 'ours' || sameWeights)) continue;
    if (output.length !== reference.length) {
      results[key].error = `${output.length} output values, ours has ${reference.length}`;
      continue;
    }
    const range = Math.max(...reference) - Math.min(...reference) || 1;
    const difference = reference.reduce((most, v, i) => Math.max(most, Math.abs(v - output[i])), 0);
    results[key].difference = difference / range;
    if (!(difference / range <= (engine === 'ours' ? OURS_TOLERANCE : PEER_TOLERANCE))) {
      results[key].error = `its result differs by ${difference / range} of the range`;
    }
  }
}
