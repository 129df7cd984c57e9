// Inputs go to the worker in memory that is used again: they stay the caller's, and calls do not disturb each other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../lib/browser.mjs';

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

test('tensors and pixels of many calls, one by one and at once', async () => {
  const page = await browser.newPage();
  const found = await page.evaluate(async () => {
    const { ClassificationModule, ExecutorchModule } = await import('/dist/core.js');
    const modelSource = '/models/builtin/classifier_fp32.pte';
    const { labels } = await (await fetch('/models/builtin.json')).json();
    const names = (await (await fetch(`/models/${labels}`)).json()).labels;
    const raw = new ExecutorchModule();
    await raw.load(modelSource);
    const classifier = new ClassificationModule();
    await classifier.load({ modelSource, labels: names });
    const [{ sizes }] = raw.info.inputs;
    const count = sizes.reduce((a, b) => a * b, 1);
    const tensors = [1, 2, 3, 4].map((seed) =>
      Float32Array.from({ length: count }, (_, i) => ((i * seed * 7) % 251) / 251),
    );
    const pictures = tensors.map((_, seed) => ({
      data: Uint8Array.from({ length: 50 * 40 * 3 }, (_, i) => (i * (seed + 3)) % 256),
      width: 50,
      height: 40,
    }));
    const copies = [
      ...tensors.map((one) => one.slice()),
      ...pictures.map(({ data }) => data.slice()),
    ];
    const run = async (dataPtr) => {
      const [output] = await raw.forward([{ dataPtr, sizes, scalarType: 6 }]);
      return [...new Float32Array(output.dataPtr)];
    };
    const classify = async (picture) => JSON.stringify(await classifier.classify(picture));
    const alone = [];
    for (const one of tensors) alone.push(await run(one));
    for (const one of pictures) alone.push(await classify(one));
    const rounds = [];
    for (let i = 0; i < 3; i++) {
      rounds.push(await Promise.all([...tensors.map(run), ...pictures.map(classify)]));
    }
    const after = [...tensors, ...pictures.map(({ data }) => data)];
    return {
      same: rounds.map((round) => JSON.stringify(round) === JSON.stringify(alone)),
      different: new Set(alone.map((one) => JSON.stringify(one))).size,
      untouched: after.every((one, i) => one.every((value, k) => value === copies[i][k])),
    };
  });
  assert.deepEqual(found.same, [true, true, true]);
  assert.equal(found.different, 8);
  assert.equal(found.untouched, true);
});
