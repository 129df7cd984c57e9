// Running models against stored outputs; the same code in Node and in a page. Nothing here reads files:
// `read(path)` gives the bytes of a path below ../shared, compressed files unpacked.

/** The reference collection's input patterns: u8 by position, read as [rest, height, width]. */
const PATTERNS = {
  A: (x, y, c) => (x * 7 + y * 13 + c * 29 + ((x * y) >> 3)) & 255,
  B: (x, y, c) => ((x ^ y) * 5 + c * 71 + (y >> 2) * 3) & 255,
};

const FLOAT = 6;
const LONG = 4;

/** A TensorPtr for one input of the manifest: f32 in 0..1, integers as they are (mod `mod`). */
export function patternTensor({ shape, dtype, pattern, mod = 256 }) {
  const [height, width] = [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
  const count = shape.reduce((product, size) => product * size, 1);
  const data = dtype === 'i64' ? new BigInt64Array(count) : new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const x = i % width;
    const y = Math.floor(i / width) % height;
    const u8 = PATTERNS[pattern](x, y, Math.floor(i / (width * height)));
    data[i] = dtype === 'i64' ? BigInt(u8 % mod) : Math.fround(u8 / 255);
  }
  return { dataPtr: data, sizes: [...shape], scalarType: dtype === 'i64' ? LONG : FLOAT };
}

/**
 * One step of a quantised output: what its values are multiples of. Outputs that are computed from quantised
 * values but not quantised themselves have none: a 255th of their range, as 8 bits would give.
 */
function quantumOf(values) {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  let step = Infinity;
  for (let i = 1; i < distinct.length; i++) step = Math.min(step, distinct[i] - distinct[i - 1]);
  const isStep = distinct.every(
    (value) => Math.abs(value / step - Math.round(value / step)) < 0.05,
  );
  return isStep ? step : (distinct.at(-1) - distinct[0]) / 255;
}

/** Largest difference, also in units of the expected range; the share of equal elements; equal argmax. */
export function compare(actual, expected) {
  if (actual.length !== expected.length) {
    throw new Error(`${actual.length} elements, ${expected.length} expected`);
  }
  let [least, most, difference, sum, equal] = [Infinity, -Infinity, 0, 0, 0];
  let [bestActual, bestExpected] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const delta = Math.abs(actual[i] - expected[i]);
    // NaN must not pass for small.
    if (!(delta <= difference)) difference = Number.isNaN(delta) ? Infinity : delta;
    sum += delta;
    if (delta === 0) equal++;
    if (expected[i] < least) least = expected[i];
    if (expected[i] > most) most = expected[i];
    if (actual[i] > actual[bestActual]) bestActual = i;
    if (expected[i] > expected[bestExpected]) bestExpected = i;
  }
  const range = most - least || Math.abs(most) || 1;
  return {
    difference,
    relative: difference / range,
    meanDifference: sum / expected.length,
    mean: sum / expected.length / range,
    equalShare: equal / expected.length,
    sameArgmax: bestActual === bestExpected,
  };
}

export function floats(bytes) {
  // A copy: Node's small buffers lie in a shared pool, at any offset.
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/**
 * Loads one manifest entry and runs all of its patterns. Returns a row
 * {file, reference, relative, mean, sameArgmax, loadTime, runTime, heapBytes} or {file, error: {code, message}};
 * beside native XNNPACK also {quanta, meanQuanta, equalShare}: differences in steps of the output.
 */
export async function runEntry(api, entry, read, { source } = {}) {
  const module = new api.ExecutorchModule();
  const row = { file: entry.file, reference: 'PyTorch', relative: 0, mean: 0, sameArgmax: true };
  try {
    const bytes = source ?? (await read(`models/${entry.file}`));
    await module.load(bytes);
    row.loadTime = module.loadReport.loadTime;
    row.finishTime = module.loadReport.finishTime;
    for (let i = 0; i < entry.inputs.length; i++) {
      const inputs = entry.inputs[i].map(patternTensor);
      const start = performance.now();
      const outputs = await module.forward(inputs);
      row.runTime = performance.now() - start;
      await compareRun(entry, i, outputs, read, row);
    }
    row.heapBytes = await module.memoryUse();
  } catch (error) {
    row.error = { code: error.code, message: String(error.message ?? error) };
  } finally {
    module.delete();
  }
  return row;
}

/** Outputs of one run of an entry: those of its pattern and its number among the runs of that pattern. */
async function compareRun(entry, i, outputs, read, row) {
  const { pattern } = entry.inputs[i][0];
  const before = entry.inputs.slice(0, i).filter(([input]) => input.pattern === pattern).length;
  const expected = entry.outputs.filter((out) => out.pattern === pattern && out.run === before);
  if (expected.length !== outputs.length) {
    throw new Error(`${outputs.length} outputs, ${expected.length} expected`);
  }
  for (const [k, out] of expected.entries()) {
    // Quantised models: what native XNNPACK gives is the measure.
    const file = out.native_file ?? out.file_br ?? out.file;
    if (out.native_file) row.reference = 'native XNNPACK';
    const golden = floats(await read(`models/${file}`));
    const found = compare(new Float32Array(outputs[k].dataPtr), golden);
    if (out.native_file) {
      const quantum = quantumOf(golden);
      row.quanta = Math.max(row.quanta ?? 0, found.difference / quantum);
      row.meanQuanta = Math.max(row.meanQuanta ?? 0, found.meanDifference / quantum);
    }
    row.outputs = (row.outputs ?? 0) + 1;
    row.argmaxEqual = (row.argmaxEqual ?? 0) + found.sameArgmax;
    row.relative = Math.max(row.relative, found.relative);
    row.mean = Math.max(row.mean, found.mean);
    row.equalShare = Math.min(row.equalShare ?? 1, found.equalShare);
    row.sameArgmax &&= found.sameArgmax;
  }
}

/** Rows as a text table. */
export function table(rows) {
  const cells = rows.map((row) => {
    if (row.error) return [row.file, `refused ${row.error.code}`, row.error.message.slice(0, 110)];
    const load = `load ${row.loadTime.toFixed(0)} ms (${row.finishTime.toFixed(1)} ms after the last byte)`;
    const times = `${load}, run ${row.runTime.toFixed(1)} ms`;
    const heap = `${((row.heapBytes ?? 0) / 2 ** 20).toFixed(1)} MiB`;
    const equal =
      row.reference === 'PyTorch'
        ? ''
        : `, quanta: largest ${row.quanta.toFixed(2)}, mean ${row.meanQuanta.toFixed(3)}; ` +
          `${(row.equalShare * 100).toFixed(1)} % equal, argmax ${row.argmaxEqual}/${row.outputs}`;
    const result = `${row.relative.toExponential(1)} of ${row.reference}${equal}`;
    return [row.file, result, `${times}, heap ${heap}`];
  });
  const widths = [0, 1].map((i) => Math.max(...cells.map((line) => line[i].length)));
  return cells
    .map((line) => `${line[0].padEnd(widths[0])}  ${line[1].padEnd(widths[1])}  ${line[2]}`)
    .join('\n');
}
