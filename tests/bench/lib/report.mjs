// From measured results to tables.
import { VARIANTS } from './engines.mjs';
import { kilobytes, megabytes, ms, ratio } from './tables.mjs';

const NAMES = {
  onnxruntime: 'onnxruntime-web',
  litert: 'LiteRT.js',
  transformers: 'transformers.js',
  mediapipe: 'MediaPipe',
};

/** 'onnxruntime-web, 2 threads'. */
function title(key) {
  if (VARIANTS.includes(key)) return key;
  const [, engine, threads] = /^(\w+)-(\d+)t$/.exec(key);
  return threads === '1' ? NAMES[engine] : `${NAMES[engine]}, ${threads} threads`;
}

const steady = (result) =>
  result?.steady ? `${ms(result.steady.min)} (${ms(result.steady.median)})` : '–';

const peersOf = ({ results }) =>
  Object.keys(results).filter((key) => !VARIANTS.includes(key) && !results[key].error);

/** The build of ours that a peer's figure is set against: the best with the same number of threads. */
const rival = ({ results }, key) => results[/-1t$/.test(key) ? 'relaxed' : 'relaxed-threads'];

/** All tables of a report; the parts that were not measured are left out. */
export function tables({
  speed = [],
  operators = [],
  mainThread = [],
  sizes = [],
  empty,
  scripts = [],
}) {
  const all = [];
  const rivals = speed.filter((model) => peersOf(model).length > 0);
  if (speed.length > 0) all.push(runTable(speed), loadTable(speed), memoryTable(speed, empty));
  if (rivals.length > 0) all.splice(1, 0, rivalTable(rivals, empty));
  if (mainThread.length > 0) all.push(mainThreadTable(mainThread));
  if (operators.length > 0) all.push(operatorTable(operators));
  if (sizes.length > 0) all.push(sizeTable(sizes));
  const failures = failureTable(speed);
  if (failures.rows.length > 0) all.push(failures);
  return [...all, ...scripts];
}

function runTable(speed) {
  return {
    title: 'Steady run: ms, minimum (median)',
    columns: ['model', 'MB', ...VARIANTS],
    rows: speed.map(({ name, bytes, results }) => [
      name,
      megabytes(bytes),
      ...VARIANTS.map((variant) => steady(results[variant])),
    ]),
    notes: [
      'From the call of `forward()` in the page to its result, so messages to the worker are included.',
    ],
  };
}

function rivalTable(speed, empty) {
  const rows = speed.flatMap((model) =>
    peersOf(model).map((key) => {
      const [mine, theirs] = [rival(model, key), model.results[key]];
      const mainFigures = [
        [mine?.steady?.min, theirs.steady?.min, ms],
        [mine?.first, theirs.first, ms],
        [mine?.streamed?.ms, theirs.streamed?.ms, ms],
        [above(mine?.peakBytes, empty?.peak), above(theirs.peakBytes, empty?.peak), megabytes],
      ];
      const cells = mainFigures.map(([a, b, show]) => `${show(a)} / ${show(b)} = ${ratio(b, a)}`);
      const same =
        theirs.difference === undefined ? 'other weights' : theirs.difference.toExponential(1);
      return [model.name, title(key), ...cells, same];
    }),
  );
  return {
    title: 'Beside the peers: ours / theirs = how many times as much they need',
    columns: [
      'model',
      'peer',
      'run, ms',
      'first run, ms',
      'load, ms',
      'peak memory, MB',
      'difference',
    ],
    rows,
    notes: [
      'Ours is the relaxed SIMD build with the same number of threads. Load is from the address of the file on this machine, ' +
        'engine included. Difference: largest between the results, relative to their range; where there is no common format ' +
        'it is the same network with other weights.',
    ],
  };
}

function above(bytes, base) {
  return bytes === undefined || base === undefined ? undefined : bytes - base;
}

/** [model, key, result] of everything that could be measured. */
function measured(speed) {
  return speed.flatMap((model) =>
    Object.entries(model.results)
      .filter(([, { error }]) => !error)
      .map(([key, result]) => [model, key, result]),
  );
}

function loadTable(speed) {
  const rows = measured(speed).map(([{ name, bytes }, key, { local, streamed, first, steady }]) => [
    name,
    title(key),
    ms(local?.min),
    local && VARIANTS.includes(key) ? (local.min / (bytes / 1e6)).toFixed(2) : '–',
    ms(streamed.ms),
    ms(streamed.finishTime),
    ms(first),
    ratio(first, steady.min),
  ]);
  return {
    title: 'Loading and the first run',
    columns: [
      'model',
      'engine',
      'from memory, ms',
      'ms per MB',
      'from address, ms',
      'after the last byte, ms',
      'first run, ms',
      'of steady',
    ],
    rows,
    notes: [
      'From memory: bytes that the page holds already (minimum). From address: a server on this machine, in a fresh process, ' +
        'with the start of the worker and the compilation of the engine; nothing is stored.',
    ],
  };
}

function memoryTable(speed, empty) {
  const rows = measured(speed).map(([{ name, bytes }, key, result]) => {
    const { heapBytes, afterBytes, difference } = result;
    const peak = above(result.peakBytes, empty?.peak);
    const isSameFile = VARIANTS.includes(key) || difference !== undefined;
    return [
      name,
      title(key),
      megabytes(bytes),
      megabytes(heapBytes),
      megabytes(peak),
      isSameFile ? ratio(peak, bytes) : '–',
      megabytes(above(afterBytes, empty?.now)),
    ];
  });
  return {
    title: 'Memory, MB',
    columns: ['model', 'engine', 'file', 'wasm heap', 'process peak', 'of file', 'after delete()'],
    rows,
    notes: [
      `Process: resident memory of the renderer after loading from an address and three runs, less that of an empty page ` +
        `(peak ${megabytes(empty?.peak)}, then ${megabytes(empty?.now)}).`,
    ],
  };
}

function mainThreadTable(list) {
  return {
    title: 'Main thread while loading (ours: into the store) and running three times: ms',
    columns: ['model', 'engine', 'longest task', 'longest by processor', 'blocked beyond 50 ms'],
    rows: list.map(({ name, key, error, longest, longestCpu, over50 }) =>
      error
        ? [name, title(key), 'failed', error, '–']
        : [name, title(key), ms(longest), ms(longestCpu), ms(over50)],
    ),
  };
}

function operatorTable(list) {
  return {
    title: 'Where a run spends its time (relaxed SIMD, one thread)',
    columns: ['model', 'run, ms', 'operators, ms', 'five largest'],
    rows: list.map(({ name, error, wallMs, totalMs, operators }) =>
      error
        ? [name, '–', '–', error]
        : [
            name,
            ms(wallMs),
            ms(totalMs),
            operators
              .slice(0, 5)
              .map((op) => `${op.name} ×${op.count} ${ms(op.ms)}`)
              .join(', '),
          ],
    ),
  };
}

function sizeTable(sizes) {
  return {
    title: 'Sizes: kB',
    columns: ['what', 'kind', 'raw', 'gzip -9', 'brotli 11'],
    rows: sizes.map(({ name, kind, raw, gzip, brotli }) => [
      name,
      kind,
      kilobytes(raw),
      kilobytes(gzip),
      kilobytes(brotli),
    ]),
    notes: [
      'Scripts are those that a page asked for while it loaded a model, the worker included; peers are bundled and minified.',
    ],
  };
}

function failureTable(speed) {
  const rows = speed.flatMap(({ name, results, error }) => [
    ...(error ? [[name, 'all', error]] : []),
    ...Object.entries(results ?? {})
      .filter(([, result]) => result.error)
      .map(([key, result]) => [name, title(key), result.error]),
  ]);
  return { title: 'Failed', columns: ['model', 'engine', 'reason'], rows };
}
