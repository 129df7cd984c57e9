// npm run bench -- --check: the figures that this project holds itself to, beside their goals, in one run.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { say } from '../../../scripts/lib/run.mjs';
import { ROOT } from '../../lib/shared.mjs';
import { entriesFor } from './engines.mjs';
import { startLab } from './lab.mjs';
import { loadNow, machine } from './machine.mjs';
import { PLANS, measure, reasonOf } from './measure.mjs';
import { discard, listModels, unpack } from './models.mjs';
import { mobilenetV2 } from './onnx.mjs';
import { asText, ms } from './tables.mjs';

const CLIP = 'clip_vit_b32_image_fp32';
const EFFICIENTNET = 'efficientnet_v2_s_fp32';
const EFFICIENTNET_INT8 = 'efficientnet_v2_s_int8';
const RESNET = 'resnet50_fp32';
const MOBILENET = 'mobilenet_v2_imagenet1k_fp32';
const MOBILENET_INT8 = 'mobilenet_v2_imagenet1k_int8';

/** Loads from the store after the first; the quickest counts. */
const WARM_LOADS = 3;

/** Ours ÷ a peer's, with one thread and with two. */
function besidePeer(model, peer, most) {
  return [1, 2].map((threads) => ({
    row: `${model} ÷ ${peer}, ${threads} thread${threads > 1 ? 's' : ''}`,
    models: [model],
    beside: { model, peer, threads },
    most,
    parts: ([found]) => [
      found[threads > 1 ? 'relaxed-threads' : 'relaxed']?.steady,
      found[`${peer}-${threads}t`]?.steady,
    ],
  }));
}

/** 8-bit ÷ our own f32. */
function besideFloats(variant, most) {
  return {
    row: `${EFFICIENTNET_INT8} ÷ own fp32, ${variant}`,
    models: [EFFICIENTNET_INT8, EFFICIENTNET],
    most,
    parts: ([int8, float]) => [int8[variant]?.steady, float[variant]?.steady],
  };
}

/** Milliseconds per megabyte from bytes in the page to readiness. */
function perMegabyte(model, most) {
  return {
    row: `${model}: load from memory, ms per MB`,
    models: [model],
    most,
    parts: ([{ relaxed, bytes }]) => [relaxed?.local, { min: bytes / 1e6 }],
  };
}

/** Milliseconds from load() to readiness with the file in the store. */
function fromStore(model, most) {
  return {
    row: `${model}: start from the store, ms`,
    models: [model],
    warm: true,
    most,
    parts: ([{ warm }]) => [warm, { min: 1 }],
  };
}

/**
 * {row, models, beside, warm, most, parts}: parts() gives two figures {min, median} of the models' results, and the first
 * divided by the second may be at most `most`.
 */
export const GOALS = [
  ...besidePeer(CLIP, 'onnxruntime', 0.66),
  ...besidePeer(EFFICIENTNET, 'onnxruntime', 0.43),
  ...besidePeer(RESNET, 'onnxruntime', 0.42),
  ...besidePeer('deeplabv3_resnet50_fp32', 'onnxruntime', 0.38),
  ...besidePeer(MOBILENET, 'onnxruntime', 0.48),
  ...besidePeer(MOBILENET_INT8, 'litert', 0.95),
  besideFloats('relaxed', 0.33),
  besideFloats('simd', 0.52),
  perMegabyte(CLIP, 0.6),
  perMegabyte(EFFICIENTNET, 0.8),
  fromStore(RESNET, 250),
  fromStore(CLIP, 700),
];

/** Which of its instructions make 8-bit products cheap; the figures of 8-bit models depend on it. */
export function dotProducts() {
  const flags = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  return /\b(avx_vnni|asimddp|i8mm)\b/.exec(flags)?.[1];
}

/** The builds and peers that the rows name. */
function entriesOf(model, urls) {
  const wanted = ['simd', 'relaxed', 'relaxed-threads'];
  return entriesFor(model, urls).filter(
    ({ key, engine }) => wanted.includes(key) || engine === 'onnxruntime' || engine === 'litert',
  );
}

async function loadsFromStore(lab, { url, input }) {
  const bench = await lab.open('ours', { variant: 'relaxed', store: 'indexeddb' });
  try {
    const times = [];
    for (let i = 0; i <= WARM_LOADS; i++) {
      const { ms: time } = await bench.call('load', { url, input });
      if (i > 0) times.push(time);
      await bench.call('release');
    }
    times.sort((a, b) => a - b);
    return { min: times[0], median: times[times.length >> 1] };
  } finally {
    await bench.close();
  }
}

async function measureModel(lab, model, folder, { plan, isWarm, peers }) {
  const put = async (path) => path && `/models-unpacked/${(await unpack(path, folder)).file}`;
  const { bytes } = await unpack(model.path, folder);
  const urls = {
    pte: await put(model.path),
    onnx: await put(model.onnx),
    tflite: await put(model.tflite),
  };
  const isMade = model.name === MOBILENET && peers !== undefined;
  if (isMade) {
    writeFileSync(join(folder, 'mobilenet_v2.onnx'), mobilenetV2());
    urls.onnx = '/models-unpacked/mobilenet_v2.onnx';
  }
  const entries = entriesOf(model, urls).map((entry) =>
    isMade ? { ...entry, sameWeights: false } : entry,
  );
  const found = await measure(lab, entries, plan, say);
  for (const [key, { error }] of Object.entries(found)) if (error) say(`  ${key}: ${error}`);
  const warm = isWarm
    ? await loadsFromStore(lab, entries[0]).catch((error) => say(`  store: ${reasonOf(error)}`))
    : undefined;
  return { ...found, bytes, warm };
}

const spread = ({ min, median }) => (median === undefined ? 0 : median / min - 1);

/** {row, figure, most, ok, cells, beside}. */
function judge({ row, models, beside, most, parts }, found) {
  const [a, b] = parts(models.map((name) => found[name] ?? {}));
  const figure = a && b ? a.min / b.min : undefined;
  const ok = figure !== undefined && figure <= most;
  const isRatio = figure !== undefined && b.median !== undefined;
  const digits = most < 10 ? 2 : 0;
  const cells = [
    row,
    figure?.toFixed(digits) ?? '–',
    `≤ ${most.toFixed(digits)}`,
    figure === undefined ? 'missing' : ok ? 'met' : 'missed',
    isRatio ? `${ms(a.min)} / ${ms(b.min)}` : '',
    figure === undefined ? '–' : `${(100 * Math.max(spread(a), spread(b))).toFixed(0)} %`,
  ];
  const times = isRatio ? [a.min, b.min] : [];
  return {
    row,
    figure,
    most,
    ok,
    cells,
    beside: isRatio && beside && { ...beside, figure, times },
  };
}

/**
 * Measures what the rows need that contain one of `rows` (all, when there are none).
 *
 * @returns {table, judged, machine, loadAtEnd}; nothing is hidden: what cannot be measured is a row without a figure.
 */
export async function check({ rows, quick }, peers) {
  const goals = GOALS.filter(
    ({ row }) => rows.length === 0 || rows.some((part) => row.includes(part)),
  );
  const names = [...new Set(goals.flatMap(({ models }) => models))];
  const folder = mkdtempSync(join(tmpdir(), 'ew-bench-'));
  const mounts = { '/models-unpacked/': folder };
  if (peers) Object.assign(mounts, { '/peers/': peers.bundles, '/peers/modules/': peers.modules });
  const lab = await startLab(mounts);
  const facts = machine(lab.browserVersion);
  const found = {};
  try {
    for (const name of names) {
      const model = listModels().find((one) => one.name === name);
      if (!model) continue;
      say(name);
      const isWarm = goals.some(({ warm, models }) => warm && models.includes(name));
      const plan = { ...PLANS[quick ? 'quick' : 'full'], seconds: quick ? 4 : 16 };
      found[name] = await measureModel(lab, model, folder, { plan, isWarm, peers });
      discard(folder);
    }
  } finally {
    await lab.close();
    discard(folder);
  }
  const judged = goals.map((goal) => judge(goal, found));
  return { judged, table: tableOf(judged, facts, peers), facts, found };
}

function tableOf(judged, facts, peers) {
  const dot = dotProducts();
  const versions = Object.entries(peers?.versions ?? {}).map(
    ([name, version]) => `${name} ${version}`,
  );
  return {
    title: 'Goals',
    columns: ['what', 'figure', 'goal', 'verdict', 'ms', 'noise'],
    rows: judged.map(({ cells }) => cells),
    beside: judged.map(({ beside }) => beside).filter(Boolean),
    notes: [
      `${facts.processor}, ${facts.processors} processors, 8-bit dot products: ${dot ? `yes (${dot})` : 'no'}; Chromium ` +
        `${facts.browser}; ${facts.date}; load ${facts.loadAtStart.toFixed(2)} at the start, ${loadNow().toFixed(2)} at the end. ` +
        `Peers: ${versions.join(', ') || 'none'}. Figures are of minima.`,
      'Noise is how far the median lies above.',
    ],
  };
}

/** Runs the check, prints and keeps it; the exit code tells whether all goals are met. */
export async function runCheck(options, peers) {
  const { judged, table, found } = await check(options, peers);
  const reports = join(ROOT, 'build/reports');
  mkdirSync(reports, { recursive: true });
  writeFileSync(
    join(reports, 'check.json'),
    `${JSON.stringify({ table, judged, found }, null, 1)}\n`,
  );
  process.stdout.write(`\n${asText(table)}`);
  if (judged.some(({ ok }) => !ok)) process.exitCode = 1;
  return table;
}
