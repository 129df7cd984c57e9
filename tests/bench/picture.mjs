// A 12-megapixel JPEG on its way to the model, stage by stage, beside the browser's own decoding and reading, in the
// same page of Chromium: node tests/bench/picture.mjs [runs]. Needs a complete dist (npm run build).
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { startBrowser } from '../lib/browser.mjs';

const [WIDTH, HEIGHT] = [4032, 3024];
const runs = Number(process.argv[2] ?? 7);

/** Soft shapes with the noise of a sensor: about as many bits per pixel as a phone's photo. */
async function photo() {
  const noise = (sigma) => ({ type: 'gaussian', mean: 128, sigma });
  const create = (width, height, sigma) => ({
    create: { width, height, channels: 3, background: 'grey', noise: noise(sigma) },
  });
  const shapes = await sharp(create(63, 47, 70))
    .png()
    .toBuffer();
  const grain = await sharp(create(WIDTH, HEIGHT, 16))
    .png({ compressionLevel: 1 })
    .toBuffer();
  return sharp(shapes)
    .resize(WIDTH, HEIGHT, { fit: 'fill', kernel: 'cubic' })
    .composite([{ input: grain, blend: 'soft-light' }])
    .jpeg({ quality: 90, chromaSubsampling: '4:2:0' })
    .toBuffer();
}

/** Runs in the page: {ours, browser}, each a list of {stage: milliseconds}. */
async function measure({ runs, labels }) {
  const ew = await import('/dist/web-core.js');
  const blob = await (await fetch('/bench/photo.jpg')).blob();
  const module = new ew.ClassificationModule();
  await module.load({ modelSource: '/models/builtin/classifier_fp32.pte', labels });
  const ours = [];
  const browser = [];
  let frame = performance.now();
  let gap = 0;
  const watch = () => {
    const now = performance.now();
    gap = Math.max(gap, now - frame);
    frame = now;
    setTimeout(watch, 0);
  };
  watch();
  const pause = (time) => new Promise((done) => setTimeout(done, time));
  const stage = async (row, name, work) => {
    const start = performance.now();
    const value = await work();
    row[name] = performance.now() - start;
    return value;
  };
  const options = {
    imageOrientation: 'from-image',
    premultiplyAlpha: 'none',
    colorSpaceConversion: 'none',
  };
  for (let i = 0; i < runs; i++) {
    const row = {};
    await pause(200);
    gap = 0;
    await stage(row, 'total', () => module.forward(blob));
    await pause(50);
    const { decode, prepare, run, task } = module.timings;
    ours.push({
      decode,
      'resize and normalise': prepare,
      model: run,
      task,
      ...row,
      'main thread blocked': gap,
    });

    const theirs = {};
    await pause(200);
    gap = 0;
    const start = performance.now();
    const bitmap = await stage(theirs, 'createImageBitmap', () => createImageBitmap(blob, options));
    const canvas = Object.assign(document.createElement('canvas'), {
      width: bitmap.width,
      height: bitmap.height,
    });
    const context = canvas.getContext('2d', { willReadFrequently: true });
    await stage(theirs, 'drawImage', () => context.drawImage(bitmap, 0, 0));
    await stage(theirs, 'getImageData', () =>
      context.getImageData(0, 0, bitmap.width, bitmap.height),
    );
    theirs.total = performance.now() - start;
    bitmap.close();
    await pause(50);
    browser.push({ ...theirs, 'main thread blocked': gap });
  }
  const heapBytes = await module.memoryUse();
  return { ours, browser, heapBytes };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function print(title, rows) {
  process.stdout.write(`\n${title}, median of ${rows.length} (least)\n`);
  for (const stage of Object.keys(rows[0])) {
    const values = rows.map((row) => row[stage]);
    const text = `${median(values).toFixed(1).padStart(8)} ms  (${Math.min(...values).toFixed(1)})`;
    process.stdout.write(`  ${stage.padEnd(22)} ${text}\n`);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'ew-picture-'));
let started;
try {
  const jpeg = await photo();
  writeFileSync(join(folder, 'photo.jpg'), jpeg);
  started = await startBrowser({ mounts: { '/bench/': folder } });
  const page = await started.newPage();
  const labels = Array.from({ length: 12 }, (_, i) => `class ${i}`);
  const { ours, browser, heapBytes } = await page.evaluate(measure, { runs, labels });
  const size = `${WIDTH} x ${HEIGHT}, ${(jpeg.length / 1e6).toFixed(1)} MB`;
  process.stdout.write(`JPEG of ${size}, Chromium ${started.playwright.version()}\n`);
  print('executorch-web, in its worker', ours);
  print('browser, on the main thread', browser);
  process.stdout.write(`\nwasm heap afterwards: ${(heapBytes / 1e6).toFixed(1)} MB\n`);
} finally {
  await started?.close();
  rmSync(folder, { recursive: true, force: true });
}
