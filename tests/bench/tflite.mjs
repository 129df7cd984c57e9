// `.tflite` models beside LiteRT.js, tfjs-tflite and MediaPipe in Chromium: `node tests/bench/tflite.mjs [NAME…]`, or as a
// section of npm run bench. Engines take turns, each in a process of its own; NAMEs choose models by a part of their name.
import { copyFileSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHARED, hasShared } from '../lib/shared.mjs';
import { compressedSizes } from './lib/compress.mjs';
import { THREADS, VARIANTS } from './lib/engines.mjs';
import { startLab } from './lib/lab.mjs';
import { loadNow, machine } from './lib/machine.mjs';
import { PLANS, measure, reasonOf } from './lib/measure.mjs';
import { discard } from './lib/models.mjs';
import { preparePeers } from './lib/peers.mjs';
import { requestedFiles } from './lib/sizes.mjs';
import { asText, kilobytes, megabytes, ms, ratio } from './lib/tables.mjs';

const QUICK = process.env.EW_BENCH_QUICK === '1';
/** Seconds of steady runs per model, all engines together. */
const SECONDS = QUICK ? 4 : 20;

const classifier = (file, side, type) => ({
  file,
  input: { shape: [1, side, side, 3], type, layout: 'NHWC' },
  task: 'classify',
});

/** {file, input, task}: what MediaPipe does with it. */
const MODELS = [
  classifier('coral_mobilenet_v1_1.0_224_quant_embedding_extractor', 224, 'u8'),
  classifier('support_mobilenet_v2_1.0_224_quant', 224, 'u8'),
  classifier('coral_tf2_mobilenet_v2_1.0_224_ptq', 224, 'u8'),
  classifier('mlperf_vww_96_int8', 96, 'i8'),
  classifier('support_mobilenet_v1_0.25_224_1_metadata_1', 224, 'f32'),
  { ...classifier('deeplabv3_257_mv_gpu', 257, 'f32'), task: 'segment' },
];

const NAMES = { litert: 'LiteRT.js', tfjs: 'tfjs-tflite', mediapipe: 'MediaPipe' };

function entriesFor({ input, task }, url, withPeers) {
  const ours = VARIANTS.map((variant) => {
    const threads = variant.endsWith('-threads') ? THREADS : 1;
    const options = { variant, threads, store: 'none' };
    return { key: variant, engine: 'ours', options, threads, url, input };
  });
  if (!withPeers) return ours;
  const peer = (engine, threads, extra) => ({
    ...{ key: `${engine}-${threads}t`, engine, threads, url, input },
    ...extra,
    options: { threads, ...extra?.options },
  });
  const same = { sameWeights: true };
  return [
    ...ours,
    ...['litert', 'tfjs'].flatMap((name) => [1, THREADS].map((n) => peer(name, n, same))),
    peer('mediapipe', 1, { options: { task } }),
  ];
}

const plain = (key) => (VARIANTS.includes(key) ? `this library, ${key}` : NAMES[key.split('-')[0]]);

function rowsOf({ file, results, empty, downloads }) {
  return Object.entries(results).map(([key, result]) => {
    const { threads, error, steady, first, streamed, peakBytes, difference } = result;
    const mine = results[threads > 1 ? 'relaxed-threads' : 'relaxed'];
    const head = [`${file} `.trim(), plain(key), threads];
    if (error || !steady) return [...head, '–', '–', '–', '–', '–', '–', error ?? 'no runs'];
    return [
      ...head,
      `${ms(steady.min)} (${ms(steady.median)})`,
      ratio(steady.min, mine?.steady?.min),
      ms(first),
      ms(streamed.ms),
      megabytes(peakBytes - empty),
      kilobytes(downloads[key]),
      difference === undefined ? '–' : difference.toExponential(1),
    ];
  });
}

/** Bytes, compressed by brotli, of the scripts and binaries that each engine's page asks for. */
async function downloadsOf(lab, entries, peers) {
  const found = {};
  for (const entry of entries) {
    try {
      found[entry.key] = (await compressedSizes(await requestedFiles(lab, entry, peers))).brotli;
    } catch (error) {
      console.error(`${entry.key}: ${reasonOf(error)}`);
    }
  }
  return found;
}

async function emptyPage(lab) {
  const bench = await lab.open('empty');
  await new Promise((done) => setTimeout(done, 1000));
  const { peak } = bench.memory();
  await bench.close();
  return peak;
}

const columns = [
  ...[
    'model',
    'engine',
    'threads',
    'run, ms: min (median)',
    'of ours',
    'first run, ms',
    'load, ms',
  ],
  ...['peak memory, MB', 'download, kB', 'difference'],
];

async function main() {
  const wanted = process.argv.slice(2);
  const models = MODELS.filter(
    ({ file }) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
  );
  const peers = await preparePeers(console.log);
  if (peers.reason) console.log(`Peers left out: ${peers.reason}.`);
  const folder = mkdtempSync(join(tmpdir(), 'ew-bench-'));
  const mounts = { '/models-unpacked/': folder };
  if (!peers.reason)
    Object.assign(mounts, { '/peers/': peers.bundles, '/peers/modules/': peers.modules });
  const lab = await startLab(mounts);
  const { processor, date, loadAtStart } = machine(lab.browserVersion);
  const rows = [];
  try {
    const empty = await emptyPage(lab);
    let downloads;
    for (const model of models) {
      const file = `${model.file}.tflite`;
      copyFileSync(join(SHARED, 'data/tflite', file), join(folder, file));
      const entries = entriesFor(model, `/models-unpacked/${file}`, !peers.reason);
      downloads ??= await downloadsOf(lab, entries, peers);
      const plan = { ...PLANS[QUICK ? 'quick' : 'full'], seconds: SECONDS };
      const results = await measure(lab, entries, plan, console.log);
      const name = `${model.file}, ${megabytes(statSync(join(folder, file)).size)} MB`;
      rows.push(...rowsOf({ file: name, results, empty, downloads }));
    }
  } finally {
    await lab.close();
    discard(folder);
  }
  const notes = [
    'Of ours: their time / that of our relaxed SIMD build with as many threads. Load: from the address of the file on this ' +
      'machine to readiness, engine included. Peak memory: resident memory of the process beyond that of an empty page. ' +
      'Download: scripts and binary, brotli 11; of tfjs-tflite without @tensorflow/tfjs-core and its client library. ' +
      'Difference: largest beside our relaxed build, of the range. MediaPipe starts from pixels and ends in classes or masks.',
    `${processor}; ${date}; load of the machine ${loadAtStart.toFixed(2)} at the start, ${loadNow().toFixed(2)} at the end ` +
      '(the measurements themselves are a load of 1 to 2).',
  ];
  const table = { title: '`.tflite` models beside the peers', columns, rows, notes };
  console.log(asText(table));
  const { EW_BENCH_REPORT: report } = process.env;
  if (report) writeFileSync(report, JSON.stringify(table));
}

if (hasShared) await main();
else console.log('SKIPPED: the benchmark of .tflite models needs ../shared');
