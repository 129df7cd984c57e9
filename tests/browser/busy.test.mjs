// delete() while the worker is busy: it ends in 3 s, and nobody waits for ever.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../lib/browser.mjs';

/** Milliseconds that delete() leaves to runs under way; docs say 3 s. The rest is for a loaded machine. */
const LIMIT = 3000;
const SLACK = 1500;
/** More runs than any machine does in that time. */
const RUNS = 20_000;

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

test('a worker with runs for minutes is ended within 3 s', async () => {
  const page = await browser.newPage();
  const found = await page.evaluate(async (runs) => {
    const ended = [];
    globalThis.Worker = class extends Worker {
      terminate() {
        ended.push(performance.now());
        super.terminate();
      }
    };
    const { ImageSegmentationModule, ErrorCode } = await import('/dist/core.js');
    const { labels } = await (await fetch('/models/builtin/segmenter_int8.json')).json();
    const module = new ImageSegmentationModule();
    await module.load({ modelSource: '/models/builtin/segmenter_int8.pte', labels });
    const picture = { data: new Uint8Array(128 * 128 * 3).fill(90), width: 128, height: 128 };
    const all = Array.from({ length: runs }, () => module.forward(picture));
    const settled = Promise.allSettled(all);
    await all[0];
    const start = performance.now();
    module.delete();
    const results = await settled;
    const settledAfter = performance.now() - start;
    const refused = results.filter(({ status }) => status === 'rejected');
    const codes = [...new Set(refused.map(({ reason }) => reason.code))];
    const isRefused = await module.forward(picture).catch(({ code }) => code);
    // The module is as new.
    await module.load({ modelSource: '/models/builtin/segmenter_int8.pte', labels });
    const again = await module.forward(picture);
    module.delete();
    return {
      ...{ done: runs - refused.length, refused: refused.length, codes, settledAfter },
      endedAfter: ended[0] - start,
      isRefused: isRefused === ErrorCode.ModuleNotLoaded,
      notLoaded: ErrorCode.ModuleNotLoaded,
      pixels: again.ARGMAX.length,
    };
  }, RUNS);
  console.log(
    `${found.done} runs done, ${found.refused} refused; worker ended after ${found.endedAfter.toFixed(0)} ms, ` +
      `all settled after ${found.settledAfter.toFixed(0)} ms`,
  );
  assert.ok(found.refused > 0, 'the worker was not busy');
  assert.deepEqual(found.codes, [found.notLoaded]);
  assert.ok(found.endedAfter <= LIMIT + SLACK, `${found.endedAfter}`);
  assert.ok(found.settledAfter <= LIMIT + SLACK, `${found.settledAfter}`);
  assert.ok(found.isRefused);
  assert.equal(found.pixels, 128 * 128);
});
