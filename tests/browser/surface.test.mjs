// Everything that is public refuses wrong arguments with the library's errors, in pages: a part of the calls that
// tests/js/surface.test.ts makes in Node, through the page's build and its workers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hiddenNames } from '../fuzz/hidden-names.mjs';
import { startBrowser } from '../lib/browser.mjs';
import { ENGINE } from '../lib/engines.mjs';
import { ROOT } from '../lib/shared.mjs';

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

function labelsOf(name) {
  return JSON.parse(readFileSync(join(ROOT, `models/builtin/${name}_int8.json`), 'utf8')).labels;
}

/** Runs in the page. */
async function fuzz({ hidden, labels, share, seed }) {
  const [root, fetcher, { fuzzSurface, noSettings, sampleOf }] = await Promise.all([
    import('/dist/core.js'),
    import('/dist/web-resource-fetcher.js'),
    import('/tests/fuzz/surface.mjs'),
  ]);
  const stray = [];
  let current = '';
  const note = (error) => stray.push(`${current}: leaves ${String(error?.stack ?? error)}`);
  globalThis.addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    note(event.reason);
  });
  globalThis.addEventListener('error', (event) => {
    event.preventDefault();
    note(event.error ?? event.message);
  });
  for (const name of ['warn', 'error']) console[name] = () => undefined;
  const reset = () =>
    root.configure({
      ...noSettings(),
      variant: 'simd',
      store: 'none',
      download: { attempts: 1 },
    });
  reset();
  const model = (name) => ({
    modelSource: `/models/builtin/${name}_int8.pte`,
    ...(labels[name] && { labels: labels[name] }),
  });
  const result = await fuzzSurface({
    entries: { root, fetcher },
    sample: sampleOf({
      classifier: model('classifier'),
      segmenter: model('segmenter'),
      embedder: model('embedder'),
      texts: {
        modelSource: '/models/text/text_encoder_fp32.pte',
        tokenizerSource: '/models/text/tokenizer.json',
      },
      picture: () => ({ data: new Uint8Array(64 * 64 * 3).fill(90), width: 64, height: 64 }),
    }),
    hidden: new Set(hidden),
    seed,
    share,
    begin: (text) => {
      current = text;
    },
    reset,
  });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return { ...result, findings: [...result.findings, ...stray] };
}

/** Firefox takes minutes for what Chromium does in ten seconds. */
const skip =
  ENGINE !== 'chromium' && !process.env.EW_SHARE && 'thousands of calls: EW_SHARE=0.1 makes them';

test('wrong arguments for the exports of the page build', { timeout: 600_000, skip }, async () => {
  const page = await browser.newPage();
  const labels = Object.fromEntries(
    ['classifier', 'segmenter', 'embedder'].map((name) => [name, labelsOf(name)]),
  );
  const seed = Number(process.env.EW_SEED ?? 1);
  const share = Number(process.env.EW_SHARE ?? 0.1);
  const result = await page.evaluate(fuzz, { hidden: [...hiddenNames()], labels, share, seed });
  console.log(`${result.calls} calls of ${result.targets} functions, ${result.refused} refused`);
  assert.deepEqual(result.findings.slice(0, 20), []);
  assert.ok(result.calls >= 2000, `${result.calls} calls`);
});
