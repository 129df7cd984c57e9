// Results per second on a camera of 30 frames per second, in Chromium: node tests/bench/video.mjs [seconds].
//
// The camera is Chromium's fake device (640 x 480). Latency is from when a frame was there to its result in the page;
// the longest task is that of the page's own thread while results come. Needs a dist with the simd core.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBrowser } from '../lib/browser.mjs';
import { ROOT } from '../lib/shared.mjs';

const quick = process.env.EW_BENCH_QUICK === '1';
const seconds = Number(process.argv[2] ?? (quick ? 4 : 20));
const QUANT = '/shared/data/tflite/support_mobilenet_v2_1.0_224_quant.tflite';

const MODELS = [
  { title: 'MobileNetV2 u8 (.tflite)', source: QUANT, size: 1001 },
  { title: 'photo model, int8', source: '/models/photo/efficientnet_lite0_int8.pte', size: 1000 },
  { title: 'drawn classifier, fp32', source: '/models/builtin/classifier_fp32.pte', size: 12 },
  {
    title: 'selfie segmenter (.tflite)',
    source: '/shared/data/tflite/mediapipe_selfie_segmentation.tflite',
    task: 'segmentation',
    size: 2,
  },
];
const SOURCES = ['camera', 'element'];

/** Runs in the page. */
async function measure({ source, size, task, from, seconds }) {
  const ew = await import('/dist/web-core.js');
  const isMap = task === 'segmentation';
  const module = isMap ? new ew.ImageSegmentationModule() : new ew.ClassificationModule();
  const bytes = await (await fetch(source)).blob();
  const stated = await module.load({ modelSource: bytes }).then(
    () => true,
    () => false,
  );
  if (!stated) {
    const labels = Array.from({ length: size }, (_, i) => `class ${i}`);
    await module.load({ modelSource: bytes, labels });
  }
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { width: 640, height: 480, frameRate: 30 },
  });
  const [track] = stream.getVideoTracks();
  const video = document.createElement('video');
  document.body.append(video);
  Object.assign(video, { muted: true, srcObject: stream });
  await video.play();
  const frames = [];
  const run = (time) =>
    module.runOnVideo(
      from === 'camera' ? track : video,
      (_, frame) => void frames.push({ ...frame, at: performance.now() }),
      { signal: AbortSignal.timeout(time), ...(isMap ? {} : { topk: 5 }) },
    );
  await run(2000);
  frames.length = 0;
  let longest = 0;
  const observer = new globalThis.PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  });
  observer.observe({ type: 'longtask' });
  let [gap, last, watching] = [0, performance.now(), true];
  const channel = new globalThis.MessageChannel();
  channel.port1.onmessage = () => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
    if (watching) setTimeout(() => channel.port2.postMessage(0), 1);
  };
  channel.port2.postMessage(0);
  const totals = await run(seconds * 1000);
  watching = false;
  observer.disconnect();
  module.delete();
  track.stop();
  return { frames, totals, longest, gap, settings: track.getSettings().frameRate };
}

const sorted = (list) => [...list].sort((a, b) => a - b);
const quantile = (list, share) => sorted(list)[Math.floor((list.length - 1) * share)] ?? NaN;
const ms = (number) => number.toFixed(1);

const browser = await startBrowser({
  args: [
    '--use-fake-device-for-media-stream=fps=30',
    '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required',
  ],
});
const rows = [];
const columns = [
  ...['model', 'frames from', 'results/s', 'dropped', 'latency median', 'p95'],
  ...['read', 'run', 'longest task', 'longest gap'],
];
console.log(columns.join(' | '));
for (const model of MODELS) {
  if (model.source.startsWith('/shared') && !existsSync(join(ROOT, '..', model.source))) {
    console.log(`${model.title}: left out, ../shared is not there`);
    continue;
  }
  for (const from of SOURCES) {
    const page = await browser.newPage();
    const { frames, totals, longest, gap } = await page.evaluate(measure, {
      ...model,
      from,
      seconds,
    });
    const latency = frames.map((one) => one.latency);
    const median = (pick) => ms(quantile(frames.map(pick), 0.5));
    const row = [
      model.title,
      from === 'camera' ? 'track' : '<video>',
      ms(totals.results / totals.seconds),
      `${ms((100 * totals.dropped) / (totals.results + totals.dropped))} %`,
      `${median((one) => one.latency)} ms`,
      `${ms(quantile(latency, 0.95))} ms`,
      `${median(({ timings }) => timings.decode)} ms`,
      `${median(({ timings }) => timings.run)} ms`,
      longest > 0 ? `${ms(longest)} ms` : 'none of 50 ms',
      `${ms(gap)} ms`,
    ];
    rows.push(row);
    console.log(row.join(' | '));
    if (page.problems.length > 0) console.log(page.problems.join('\n'));
    await page.close();
  }
}
await browser.close();

if (process.env.EW_BENCH_REPORT) {
  const notes = [
    `Chromium's fake camera, 640 x 480, 30 frames per second, ${seconds} s each after 2 s. Latency: from when a frame was there to its result in the page.`,
  ];
  const report = { title: 'A camera of 30 frames per second', columns, rows, notes };
  writeFileSync(process.env.EW_BENCH_REPORT, JSON.stringify(report));
}
