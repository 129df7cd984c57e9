// node tests/bench/cycles.mjs [CYCLES]: what loading and deleting a model over and over leaves behind in the browser.
// Memory is the proportional share (PSS) of the browser's process and the page's, after a garbage collection.
import { readFileSync } from 'node:fs';
import { startBrowser } from '../lib/browser.mjs';
import { ROOT } from '../lib/shared.mjs';

/**
 * The browser's own process and the page's: the renderer that has worked most. Chromium keeps spare renderers of some
 * 40 MB, which come and go by themselves.
 */
async function processesOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  renderers.sort((one, other) => other.cpuTime - one.cpuTime);
  return [...processInfo.filter(({ type }) => type === 'browser'), renderers[0]].map(
    ({ id }) => id,
  );
}

function memoryOf(pids) {
  let kilobytes = 0;
  for (const pid of pids) {
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
    } catch {
      // Ended meanwhile.
    }
  }
  return kilobytes * 1024;
}

/**
 * Loads, runs and deletes `cycles` times; resolves to bytes after each.
 *
 * @param model path below /models/ or /shared/ with its labels; @param picture likewise
 */
export async function measureCycles(cycles, { model, picture }) {
  const browser = await startBrowser({ args: ['--js-flags=--expose-gc'] });
  try {
    const page = await browser.newPage();
    const bytes = [];
    for (let i = 0; i < cycles; i++) {
      await page.evaluate(
        async ({ model, picture }) => {
          const { ClassificationModule } = await import('/dist/web-core.js');
          const classifier = new ClassificationModule();
          await classifier.load(model);
          await classifier.forward(picture);
          classifier.delete();
        },
        { model, picture },
      );
      for (let n = 0; n < 100 && page.workers().length > 0; n++) await page.waitForTimeout(20);
      await page.evaluate(() => globalThis.gc());
      await page.waitForTimeout(50);
      bytes.push(memoryOf(await processesOf(browser.playwright)));
    }
    return { bytes };
  } finally {
    await browser.close();
  }
}

if (import.meta.filename === process.argv[1]) {
  const cycles = Number(process.argv[2] ?? 100);
  const index = JSON.parse(readFileSync(`${ROOT}/models/builtin.json`, 'utf8'));
  const { labels } = JSON.parse(readFileSync(`${ROOT}/models/${index.labels}`, 'utf8'));
  const real = process.argv[3];
  const model = real ? { modelSource: real } : { modelSource: `/models/${index.model}`, labels };
  const { bytes } = await measureCycles(cycles, { model, picture: `/models/${index.sample}` });
  const megabytes = (value) => (value / 1e6).toFixed(1);
  for (let i = 0; i < bytes.length; i += Math.max(1, Math.floor(cycles / 10))) {
    console.log(`cycle ${String(i + 1).padStart(4)}: ${megabytes(bytes[i])} MB`);
  }
  const last = bytes.at(-1);
  console.log(
    `first ${megabytes(bytes[0])} MB, last ${megabytes(last)} MB: ${((last / bytes[0] - 1) * 100).toFixed(1)} %`,
  );
}
