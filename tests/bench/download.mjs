// Downloads and stored models in Chromium: `node tests/bench/download.mjs`, or as a section of npm run bench.
// Throughput beside a bare fetch that discards the body, in the same run; memory and main thread meanwhile; the
// time from load() to readiness from the store, split into reading, verifying and packing.
import { writeFileSync } from 'node:fs';
import { startBrowser } from '../lib/browser.mjs';
import { startHub } from '../lib/hub.mjs';
import { hasShared, readShared } from '../lib/shared.mjs';
import { longestTasks, processOf } from './lib/trace.mjs';

const QUICK = process.env.EW_BENCH_QUICK === '1';
const MODELS = QUICK ? ['resnet50_fp32'] : ['resnet50_fp32', 'clip_vit_b32_image_fp32'];
const RUNS = QUICK ? 2 : 5;
const STORES = ['indexeddb', 'opfs'];
const SAMPLE_MS = 25;
const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'];

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const mega = (bytes) => (bytes / 1e6).toFixed(1);

/** Milliseconds of a fetch whose body is thrown away piece by piece. */
function bareFetch(page, url) {
  return page.evaluate(async (url) => {
    const start = performance.now();
    const reader = (await fetch(url, { cache: 'no-store' })).body.getReader();
    while (!(await reader.read()).done);
    return performance.now() - start;
  }, url);
}

function download(page, url, store) {
  return page.evaluate(
    async ({ url, store }) => {
      const api = await import('/dist/core.js');
      api.configure({ store });
      await api.ResourceFetcher.deleteResources(url);
      const start = performance.now();
      await api.ResourceFetcher.fetch(undefined, url);
      return performance.now() - start;
    },
    { url, store },
  );
}

function load(page, url, store) {
  return page.evaluate(
    async ({ url, store }) => {
      const api = await import('/dist/core.js');
      api.configure({ store });
      const module = new api.ExecutorchModule();
      const start = performance.now();
      await module.load(url);
      const total = performance.now() - start;
      const { resource, loadTime } = module.loadReport;
      module.delete();
      return { total, loadTime, ...resource };
    },
    { url, store },
  );
}

/**
 * Watches the JavaScript heaps of the page's workers: {peak, stop}; bytes with array buffers outside the heap.
 * With isLive garbage is collected before each look.
 */
async function watchHeaps(context, page, isLive) {
  const session = await context.newCDPSession(page);
  const targets = new Set();
  let [peak, id] = [0, 0];
  session.on('Target.attachedToTarget', ({ sessionId }) => targets.add(sessionId));
  session.on('Target.detachedFromTarget', ({ sessionId }) => targets.delete(sessionId));
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { usedSize = 0, backingStorageSize = 0 } = JSON.parse(message).result ?? {};
    peak = Math.max(peak, usedSize + backingStorageSize);
  });
  const attach = { autoAttach: true, waitForDebuggerOnStart: false, flatten: false };
  await session.send('Target.setAutoAttach', attach);
  const timer = setInterval(() => {
    const methods = [...(isLive ? ['HeapProfiler.collectGarbage'] : []), 'Runtime.getHeapUsage'];
    for (const method of methods) {
      const message = JSON.stringify({ id: ++id, method });
      for (const sessionId of targets) {
        session.send('Target.sendMessageToTarget', { message, sessionId }).catch(() => undefined);
      }
    }
  }, SAMPLE_MS);
  return {
    peak: () => peak,
    async stop() {
      clearInterval(timer);
      await session.detach();
    },
  };
}

async function traced(browser, page, work) {
  await browser.startTracing(page, { categories: CATEGORIES });
  try {
    await work();
  } finally {
    const trace = JSON.parse((await browser.stopTracing()).toString());
    traced.result = longestTasks(trace, processOf(trace, page.url()));
  }
  return traced.result;
}

async function measure(browser, hub, name) {
  const bytes = readShared(`models/full/${name}.pte`);
  const { url } = hub.put(`/o/r/resolve/main/${name}.pte`, bytes);
  const rows = [];
  for (const store of STORES) {
    const page = await browser.newPage();
    const bare = [];
    const ours = [];
    // By turns, so that both see the same machine.
    for (let run = 0; run < (QUICK ? 1 : 3); run++) {
      bare.push(await bareFetch(page, url));
      ours.push(await download(page, url, store));
    }
    const peaks = [];
    for (const isLive of [true, false]) {
      const heaps = await watchHeaps(browser.context, page, isLive);
      await download(page, url, store);
      await heaps.stop();
      peaks.push(mega(heaps.peak()));
    }
    const tasks = await traced(browser.playwright, page, () => download(page, url, store));
    hub.forget();
    const warm = [];
    for (let run = 0; run < RUNS; run++) warm.push(await load(page, url, store));
    const part = (of) => median(warm.map(of)).toFixed(0);
    rows.push([
      `${name} (${mega(bytes.length)} MB), ${store}`,
      (bytes.length / 1e3 / median(bare)).toFixed(0),
      (bytes.length / 1e3 / median(ours)).toFixed(0),
      ...peaks,
      tasks.longest.toFixed(1),
      part(({ total }) => total),
      part(({ readTime }) => readTime),
      part(({ verifyTime }) => verifyTime),
      part(({ loadTime, waitTime }) => loadTime - waitTime),
      part(({ waitTime }) => waitTime),
      hub.requests.length,
    ]);
    console.log(rows.at(-1).join('  '));
    await page.close();
  }
  return rows;
}

const columns = [
  'model, store',
  'bare fetch MB/s',
  'download MB/s',
  'worker heap peak MB, live',
  'with garbage',
  'longest page task ms',
  'warm load ms',
  'read ms',
  'verify ms',
  'compile + pack ms',
  'waited for bytes ms',
  'requests',
];
const notes = [
  'Heap peak: JavaScript heap and array buffers of the downloading worker, its hash included.',
  'Read and verify run beside packing; what of them was not hidden is the time waited for bytes.',
];

if (!hasShared) {
  console.log('SKIPPED: the benchmark of downloads needs ../shared');
} else {
  const hub = await startHub();
  const browser = await startBrowser();
  console.log(columns.join('  '));
  const rows = [];
  for (const name of MODELS) rows.push(...(await measure(browser, hub, name)));
  await browser.close();
  await hub.close();
  const { EW_BENCH_REPORT: report } = process.env;
  if (report) {
    writeFileSync(report, JSON.stringify({ title: 'Downloads and storage', columns, rows, notes }));
  }
}
