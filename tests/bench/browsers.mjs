// Loads and runs in each engine: node tests/bench/browsers.mjs [chromium firefox webkit] [--model=TEXT] [--threads=1] [--variant=simd]
//
// Milliseconds: `load` is from the address on this machine with an empty store, engine included; `first` the first run;
// `steady` the median of ten batches after the first twenty runs; `warm load` and `warm first` the same in a new page, from
// the store. Models of the collection; without it the photo model.
import { parseArgs } from 'node:util';
import { hasShared } from '../lib/shared.mjs';
import { inEveryBrowser, printRow } from './lib/every-browser.mjs';
import { summary } from './lib/statistics.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: '' },
    threads: { type: 'string', default: '1' },
    variant: { type: 'string', default: 'auto' },
  },
});

const SHARED_MODELS = {
  'MobileNetV2, fp32': 'real/mobilenet_v2_imagenet1k_fp32.pte',
  'MobileNetV2, int8': 'real/mobilenet_v2_imagenet1k_int8.pte',
  'DeepLabV3 MobileNet, fp32': 'real/deeplabv3_mobilenet_v2_pascal_fp32.pte',
  'CLIP image, int8': 'full/clip_vit_b32_image_int8.pte',
  'CLIP image, fp32': 'full/clip_vit_b32_image_fp32.pte',
};
const MODELS = hasShared
  ? Object.fromEntries(
      Object.entries(SHARED_MODELS).map(([title, path]) => [
        title,
        `/shared-unpacked/models/${path}`,
      ]),
    )
  : { 'photo model, int8': '/models/photo/efficientnet_lite0_int8.pte' };
const BATCHES = 10;
const BATCH_MS = 200;

/** Runs in the page; {load, first, steady, variant} in milliseconds. */
async function measure({ source, threads, variant: wanted, batches, batchMs }) {
  const ew = await import('/dist/web-core.js');
  const clock = async (work) => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  ew.configure({ threads, variant: wanted });
  const module = new ew.ExecutorchModule();
  const load = await clock(() => module.load(source));
  const { info, variant, resource } = module.loadReport;
  const [{ sizes }] = info.inputs;
  const dataPtr = new Float32Array(sizes.reduce((a, b) => a * b));
  const run = () => module.forward([{ dataPtr, sizes, scalarType: ew.ScalarType.FLOAT }]);
  const first = await clock(run);
  const few = first > 500 ? 3 : 20;
  for (let i = 0; i < few; i++) await run();
  const steady = [];
  for (let batch = 0; batch < batches; batch++) {
    let [count, elapsed] = [0, 0];
    while (elapsed < batchMs) {
      elapsed += await clock(run);
      count++;
    }
    steady.push(elapsed / count);
  }
  module.delete();
  return { load, first, steady, variant, requests: resource.requests };
}

const ms = (number) => (number < 100 ? number.toFixed(1) : number.toFixed(0));

async function measureEngine(engine) {
  const { startBrowser } = await import('../lib/browser.mjs');
  const browser = await startBrowser({ isolated: values.threads !== '1' });
  const { variant } = values;
  const options = { threads: Number(values.threads), variant, batches: BATCHES, batchMs: BATCH_MS };
  for (const [title, source] of Object.entries(MODELS)) {
    if (!title.includes(values.model)) continue;
    const inNewPage = async (count) => {
      const page = await browser.newPage();
      const found = await page.evaluate(measure, { ...options, source, batches: count });
      await page.close();
      return found;
    };
    const cold = await inNewPage(BATCHES);
    const warm = await inNewPage(0);
    if (warm.requests > 0) throw new Error(`${title}: the second page asked the server`);
    const times = [cold.load, cold.first, summary(cold.steady).median, warm.load, warm.first];
    printRow([`${engine} ${browser.version}`.slice(0, 22), title, cold.variant], times.map(ms));
  }
  await browser.close();
}

await inEveryBrowser(
  positionals,
  () =>
    printRow(['engine', 'model', 'build'], ['load', 'first', 'steady', 'warm load', 'warm first']),
  measureEngine,
);
