// What threads bring, on a quiet machine and beside two busy processes, in each engine:
//
//   node tests/bench/threads.mjs [chromium firefox webkit] [--rounds=8] [--model=TEXT] [--simd] [--dist=FOLDER]
//
// All settings are loaded in one page and run in turn, so that whatever else the machine does meets each of them. Prints
// the milliseconds of a run, medians over the rounds of the mean of a batch, and in brackets how many times one thread's
// that is. Needs a dist with all cores; with --simd, those without relaxed SIMD.
import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, hasShared } from '../lib/shared.mjs';
import { inEveryBrowser, printRow } from './lib/every-browser.mjs';
import { summary } from './lib/statistics.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '8' },
    model: { type: 'string', default: '' },
    simd: { type: 'boolean', default: false },
    dist: { type: 'string', default: `${ROOT}/dist` },
  },
});

const MODELS = {
  'photo model, int8': '/models/photo/efficientnet_lite0_int8.pte',
  'drawn classifier, fp32': '/models/builtin/classifier_fp32.pte',
  ...(hasShared && {
    'MobileNetV2, fp32': '/shared-unpacked/models/real/mobilenet_v2_imagenet1k_fp32.pte',
  }),
};
const SETTINGS = [1, 2, 4, 'auto'];
const BATCH_MS = 150;

/** Loads the model once for each setting; resolves to the threads that each has. Runs in the page. */
async function load({ source, settings, simd }) {
  const ew = await import('/dist/web-core.js');
  const bytes = await (await fetch(source)).blob();
  globalThis.loaded = [];
  for (const threads of settings) {
    const variant = simd ? (threads === 1 ? 'simd' : 'simd-threads') : 'auto';
    ew.configure({ threads, variant, store: 'none' });
    const module = new ew.ExecutorchModule();
    await module.load(bytes);
    const { info, threads: used } = module.loadReport;
    const [{ sizes }] = info.inputs;
    const dataPtr = new Float32Array(sizes.reduce((a, b) => a * b));
    const run = () => module.forward([{ dataPtr, sizes, scalarType: ew.ScalarType.FLOAT }]);
    for (let i = 0; i < 20; i++) await run();
    globalThis.loaded.push({ run, used });
  }
  return globalThis.loaded.map(({ used }) => used);
}

/** Mean milliseconds of a run of one setting. Runs in the page. */
async function batch({ index, milliseconds }) {
  const { run } = globalThis.loaded[index];
  const start = performance.now();
  let [count, elapsed] = [0, 0];
  while (elapsed < milliseconds) {
    await run();
    count++;
    elapsed = performance.now() - start;
  }
  return elapsed / count;
}

/** Medians per setting. */
async function measure(page, rounds) {
  const times = SETTINGS.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const index of SETTINGS.keys()) {
      times[index].push(await page.evaluate(batch, { index, milliseconds: BATCH_MS }));
    }
  }
  return times.map((list) => summary(list).median);
}

/** Starts processes that only take processors; returns what ends them. */
function busy(count) {
  const script = resolve(import.meta.dirname, 'lib/busy.mjs');
  const children = Array.from({ length: count }, () => fork(script));
  return () => children.forEach((child) => child.kill('SIGKILL'));
}

async function measureModel(page, source, title, engine) {
  const threads = await page.evaluate(load, { source, settings: SETTINGS, simd: values.simd });
  for (const hogs of [0, 2]) {
    const end = busy(hogs);
    const medians = await measure(page, Number(values.rounds));
    end();
    const cells = medians.map((ms) => `${ms.toFixed(1)} (${(ms / medians[0]).toFixed(2)})`);
    printRow(
      [engine, title, hogs ? 'two busy processes' : 'quiet'],
      [...cells, `auto: ${threads.at(-1)}`],
    );
  }
}

async function measureEngine(engine) {
  const { startBrowser } = await import('../lib/browser.mjs');
  const mounts = { '/dist/': resolve(values.dist) };
  const browser = await startBrowser({ isolated: true, mounts });
  const titles = Object.keys(MODELS).filter((title) => title.includes(values.model));
  for (const title of titles) {
    const page = await browser.newPage();
    await measureModel(page, MODELS[title], title, engine);
    await page.close();
  }
  await browser.close();
}

await inEveryBrowser(
  positionals,
  () => printRow(['engine', 'model', 'machine'], [...SETTINGS.map((count) => `${count}, ms`), '']),
  measureEngine,
);
