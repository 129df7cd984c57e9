// A model with a data file (.ptd) in the browser, through the worker: addresses, and bytes that stay with the page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { onePage } from '../lib/one-page.mjs';

const page = onePage();
const values = readFileSync(new URL('../fixtures/ptd/values.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map(Number);

/** Outputs of the model whose files are `how`: 'addresses' or 'bytes'. */
function runInPage(how) {
  return page().evaluate(
    async ({ how, input }) => {
      const api = await import('/dist/core.js');
      const folder = '/tests/fixtures/ptd/';
      const sourceOf = async (name) =>
        how === 'addresses' ? folder + name : (await fetch(folder + name)).arrayBuffer();
      const module = new api.ExecutorchModule();
      const progress = [];
      await module.load(
        { modelSource: await sourceOf('xnnpack.pte'), dataSource: await sourceOf('xnnpack.ptd') },
        (fraction) => progress.push(fraction),
      );
      const [output] = await module.forward([
        { dataPtr: Float32Array.from(input), sizes: [2, 4], scalarType: api.ScalarType.FLOAT },
      ]);
      module.delete();
      return { output: [...new Float32Array(output.dataPtr)], progress };
    },
    { how, input: values.slice(0, 8) },
  );
}

for (const how of ['addresses', 'bytes']) {
  test(`a model and its data file, as ${how}`, async () => {
    const { output, progress } = await runInPage(how);
    const gaps = output.map((value, i) => Math.abs(value - values[8 + i]));
    assert.equal(output.length, 6);
    assert.ok(Math.max(...gaps) < 1e-6, `differs by ${Math.max(...gaps)}`);
    assert.equal(progress.at(-1), 1);
    assert.ok(progress.every((value, i) => i === 0 || value > progress[i - 1]));
  });
}
