// The page's side of the benchmark: one engine, timed here, driven by lab.mjs through window.bench.
import { memoryBytes } from './memories.mjs';
import { inputFor } from './inputs.mjs';

let engine;
let model;
let output;

async function timed(work) {
  const start = performance.now();
  const value = await work();
  return { ms: performance.now() - start, value };
}

async function fetchBytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

window.bench = {
  /** Prepares an engine: its script is loaded, its binary not necessarily. */
  async open(name, options) {
    const { createEngine } = await import(`./${name}.mjs`);
    engine = await createEngine(options);
  },

  /** Loads a model from its address, as an app does. Returns {ms, report}. */
  async load(description) {
    const { ms, value } = await timed(() => engine.load(description.url));
    // Models that come without a description say themselves what they take.
    model = { ...description, input: description.input ?? value.input };
    return { ms, report: value };
  },

  /** Loads from bytes that are in the page already and frees the model again, `count` times. */
  async loadFromBytes(description, count) {
    const bytes = await fetchBytes(description.url);
    const all = [];
    for (let i = 0; i < count; i++) {
      const { ms, value } = await timed(() => engine.load(bytes));
      all.push({ ms, report: value });
      await engine.release();
    }
    return all;
  },

  /** Milliseconds of each of `count` runs, or of as many as fit into `limit` milliseconds, at least one. */
  async run(count, limit = Infinity) {
    const input = inputFor(model.input);
    const times = [];
    const start = performance.now();
    do {
      const { ms, value } = await timed(() => engine.run(input));
      output = value;
      times.push(ms);
    } while (times.length < count && performance.now() - start < limit);
    return times;
  },

  /** The last run's first output, every n-th element of it so that at most 4096 remain. */
  output() {
    const step = Math.ceil(output.length / 4096);
    return Array.from(output).filter((_, i) => i % step === 0);
  },

  async heapBytes() {
    return (await engine.heapBytes?.()) ?? memoryBytes();
  },
  profile: () => engine.profile(),
  release: () => engine.release(),
};
