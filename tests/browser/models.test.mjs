// Reference models in a browser, through the worker, in each build that needs no isolation.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { table } from '../lib/goldens.mjs';
import { offers, onePage } from '../lib/one-page.mjs';
import { hasShared, manifest, realEntries } from '../lib/shared.mjs';

const TOLERANCE = 1e-4;

/** A network of each kind once: Node runs those of other versions of ExecuTorch, which differ in their files alone. */
const fullSize = () => manifest('full').filter(({ file }) => !/\.et\d+\.pte$/.test(file));

const page = onePage();

/** Rows of all entries; runs in the page. */
function runInPage(entries, variant) {
  return page().evaluate(
    async ({ entries, variant }) => {
      const api = await import('/dist/core.js');
      const { runEntry } = await import('/tests/lib/goldens.mjs');
      // The collection is read once: nothing is gained by storing it.
      api.configure({ variant, store: 'none' });
      const read = async (path) => {
        const response = await fetch(`/shared-unpacked/${path}`);
        if (!response.ok) throw new Error(`${path}: ${response.status}`);
        return new Uint8Array(await response.arrayBuffer());
      };
      const rows = [];
      for (const entry of entries) {
        const source = `/shared-unpacked/models/${entry.file}`;
        rows.push(await runEntry(api, entry, read, { source }));
      }
      return rows;
    },
    { entries, variant },
  );
}

/** A test in a build that runs here, or is skipped. */
const testWith = (variant, name, options, work) =>
  test(name, options, async (t) => {
    if (await offers(page(), variant)) await work();
    else t.skip(`no ${variant} build runs here`);
  });

function check(rows, tolerance = () => TOLERANCE) {
  console.log(table(rows));
  for (const row of rows) {
    assert.equal(row.error, undefined, `${row.file}: ${row.error?.message}`);
    assert.ok(row.relative <= tolerance(row), `${row.file}: ${row.relative}`);
  }
}

/** Quantised outputs may be a few quanta away: relaxed SIMD rounds differently. */
const quantised = (row) => (row.reference === 'PyTorch' ? TOLERANCE : 0.05);

for (const variant of ['simd', 'relaxed']) {
  describe(`models, ${variant}`, { skip: !hasShared && 'needs ../shared' }, () => {
    testWith(variant, 'tiny models equal their goldens', {}, async () => {
      check(await runInPage(manifest('tiny'), variant), quantised);
    });
    testWith(variant, 'models with pretrained weights equal their goldens', {}, async () => {
      check(await runInPage(realEntries(), variant), quantised);
    });
    testWith(variant, 'full-size models equal their goldens', { timeout: 300_000 }, async () => {
      for (const entry of fullSize()) check(await runInPage([entry], variant), quantised);
    });
  });
}
